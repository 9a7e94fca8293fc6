// The RISC-V hart compiled to WebAssembly and the stepped specification agree: random code under random tables, PMP and modes.
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { wordOf, set, type Statement } from '../ir/instruction.ts'
import { constant, xor } from '../ir/term.ts'
import type { Register } from '../ir/state.ts'
import { riscvHart } from '../isa/riscv/isa.ts'
import type { Isa } from './isa.ts'
import { SpecificationMachine } from './specification-machine.ts'
import { compileWasm, type Devices, type WasmMachine, type WasmProgram } from './wasm-machine.ts'

const base = 0x8000_0000n, pages = 32, size = pages * 4096
const choices = { regions: [{ base, size: BigInt(size) }, { base: 0x1000_0000n, size: 4096n }], accessedDirty: 'hardware', cycles: 3 } as const
const { isa } = riscvHart('riscv64', choices)
const program = compileWasm(isa, { ram: { base, size } })
/** A hart that does in many pieces what it can, some of it in spite of faults, and keeps what memory may no longer have; with more interrupts, which are not taken at once, counters that count, memory that answers with errors, and extensions that can be turned off. */
const pieces = {
  ...choices, fetchBlock: 16, misalignedPieces: 4, failingStore: 'writes earlier pieces', updatesBeforeFaults: 'A and D', reservationPlace: 'physical and virtual address', spuriousFailure: 'where unconstrained', reservationLife: 16,
  translationCache: ['leaf entries', 'invalid entries', 'pointers'], instructionCache: 'last block',
  reservedEncodings: 'no effect', becomesDirty: 'where changed', writableExtensions: ['A', 'C', 'D', 'F', 'M'], jointExtensions: ['A', 'M'], stateOfEnabled: 'all ones', dynamicReservedRounding: 'round to nearest, ties to even', bareFields: 'write ignored', pmpPermissions: ['R', 'RX', 'RW', 'RWX'], interruptPriority: [40, 11, 3, 7, 16, 9, 1, 5], delegableInterrupts: (1n << 40n) | 0x222n, platformPending: 'writable',
  interruptDelay: 2, nmiVector: base + 4096n, nmiCode: 3, heldAddressBits: 40,
  events: (['instructions', 'cycles', 'exceptions', 'interrupts', 'loads', 'taken branches', 'system instructions'] as const).map((counts, n) => ({ selector: BigInt(n + 1), mask: 7n, counts })), performanceCounters: 0xf8n, performanceCounterBits: 40,
  regions: [...choices.regions, { base: base + 20n * 4096n, size: 4n * 4096n, without: ['misaligned accesses', 'RsrvEventual'], granule: 4 }, { base: base + 24n * 4096n, size: 7n * 4096n, without: ['loads', 'stores'], errors: true }], busErrors: 16, busErrorValue: 'all ones',
} as const
const { isa: inPieces } = riscvHart('riscv64', pieces)
const programInPieces = compileWasm(inPieces, { ram: { base, size } })
const [codePage, root, middle, last] = [0, 16, 17, 18]

const bits = (n: number): fc.Arbitrary<bigint> => fc.bigInt({ min: 0n, max: (1n << BigInt(n)) - 1n })
const common = ['ADDI', 'ADD', 'LD', 'SD', 'LW', 'SW', 'LBU', 'SH', 'BNE', 'JAL', 'AMOADD.D', 'LR.W', 'SC.W', 'C.LD', 'C.SDSP', 'MRET', 'SRET', 'SFENCE.VMA', 'MULH', 'DIV', 'SLLW']
const instruction = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...isa.instructions.filter((i) => common.includes(i.name))) },
  { weight: 4, arbitrary: fc.constantFrom(...isa.instructions.filter((i) => !i.name.startsWith('CSRR'))) },
  { weight: 1, arbitrary: fc.constantFrom(...isa.instructions.filter((i) => i.name.startsWith('CSRR'))) })
/** Mostly registers 8 to 15 and small immediates. */
const word = fc.tuple(instruction, fc.infiniteStream(fc.oneof(bits(32), fc.integer({ min: 8, max: 15 }).map(BigInt), fc.constant(0n)))).map(([i, stream]) =>
  Number(wordOf(i.encoding, (_, width) => BigInt.asUintN(width, stream.next().value as bigint))))
/** V R W X U G A D: one bit in a few is 0. */
const flags = fc.tuple(fc.oneof(fc.constant(0n), bits(8)), fc.boolean()).map(([off, user]) => (user ? 0xdfn : 0xcfn) & ~(off & (off >> 3n)))
const pointer = fc.oneof(
  fc.tuple(fc.nat(pages), fc.oneof(fc.nat(511).map((n) => 8 * n), fc.nat(4095), fc.constantFrom(4088, 4092, 4095))).map(([page, offset]) => BigInt(page * 4096 + offset)),
  fc.integer({ min: 0, max: 511 }).map((n) => BigInt(root * 4096 + 8 * n)), fc.nat(31).map((n) => BigInt(last * 4096 + 8 * n)))
const x = fc.oneof(pointer, pointer.map((p) => base + p), pointer.map((p) => base + p), bits(64), bits(4))
const pmp = fc.oneof(
  fc.constant([[0x1fn, -1n]] as const),
  fc.tuple(fc.constantFrom(0x18n, 0x19n, 0x1bn, 0x98n), fc.nat(pages - 1), fc.constantFrom(0x1ffn, 0x3n, 0x0n)).map(([config, page, range]) =>
    [[config, ((base + BigInt(page * 4096)) >> 2n) | range], [0x1fn, -1n]] as const),
  fc.tuple(fc.nat(size), fc.constantFrom(0x8n, 0x9n, 0xfn)).map(([top, config]) => [[0n, base >> 2n], [config, (base + BigInt(top)) >> 2n], [0x1fn, -1n]] as const))
const start = fc.record({
  code: fc.array(word, { minLength: 24, maxLength: 24 }), x: fc.array(x, { minLength: 32, maxLength: 32 }), f: fc.array(bits(64), { minLength: 32, maxLength: 32 }),
  leaves: fc.array(fc.tuple(fc.nat(pages - 1), flags), { minLength: pages, maxLength: pages }), giga: flags, pmp,
  priv: fc.constantFrom(0n, 1n, 3n), paged: fc.boolean(), virtual: fc.boolean(), fields: fc.infiniteStream(fc.oneof(fc.constant(0n), bits(32))),
})
type Start = typeof start extends fc.Arbitrary<infer S> ? S : never

const loose = ['mstatus.SIE', 'mstatus.MIE', 'mstatus.MPRV', 'mstatus.MPP', 'mstatus.SUM', 'mstatus.MXR', 'mstatus.TVM', 'mstatus.TSR', 'medeleg[9:0]', 'medeleg[13:12]', 'mideleg.SSI',
  'mie.SSIE', 'mie.MTIE', 'mip.SSIP', 'mip.MTIP', 'mcounteren', 'scounteren', 'mcountinhibit.CY', 'mcountinhibit[31:2]']
const registersOf = ({ components }: Isa): string[] => components.flatMap((c) => (c.kind === 'register' ? [c.name] : []))
const banks = isa.components.flatMap((c) => (c.kind === 'bank' && c.name !== 'memory' ? [c] : []))

interface Pair { readonly compiled: WasmMachine, readonly stepped: SpecificationMachine }
const machine = program.start()
const machines = new Map<Isa, SpecificationMachine>()
const pairOf = (s: Start, other: Isa = isa, one: WasmMachine = machine): Pair => {
  const stepped = machines.get(other) ?? new SpecificationMachine(other)
  machines.set(other, stepped)
  stepped.clear()
  one.ram.fill(0)
  one.state.fill(0)
  const put = (at: number, content: bigint, bytes: number): void => {
    for (let k = 0; k < bytes; k++) one.ram[at + k] = Number((content >> BigInt(8 * k)) & 0xffn)
    stepped.bank('memory').write(base + BigInt(at), one.ram.subarray(at, at + bytes))
  }
  const register = (name: string, content: bigint): void => { one.setRegister(name, content); stepped.setRegister(name, content) }
  const cell = (bank: string, n: number, content: bigint): void => { one.setCell(bank, n, content); stepped.bank(bank).set(BigInt(n), content) }
  s.code.forEach((w, n) => put(codePage * 4096 + 4080 + 4 * n, BigInt(w), 4))
  const entry = (page: number, how: bigint): bigint => ((base >> 12n) + BigInt(page)) << 10n | how
  put(root * 4096, entry(middle, 1n), 8)
  put(root * 4096 + 16, (base >> 12n) << 10n | s.giga, 8)
  put(middle * 4096, entry(last, 1n), 8)
  s.leaves.forEach(([page, how], n) => put(last * 4096 + 8 * n, entry(n < 4 ? n : page, how), 8))
  s.x.forEach((v, n) => { if (n > 0) cell('x', n, v) })
  s.f.forEach((v, n) => cell('f', n, v))
  s.pmp.forEach(([config, address], n) => { cell('pmpcfg', n, config); cell('pmpaddr', n, address) })
  const next = (): bigint => s.fields.next().value as bigint, seldom = (): boolean => (next() & 7n) === 1n
  for (const name of loose) register(name, next())
  for (const name of registersOf(other).filter((n) => /^(misa\.|NMI$|mie\[|mip\[|mideleg\[|interrupt)/.test(n))) register(name, name === 'NMI' ? BigInt(seldom()) : name.startsWith('misa.') ? BigInt(!seldom()) : next())
  if (one !== machine) for (let n = 3; n < 8; n++) cell('mhpmevent', n, next() & 7n)
  register('mstatus.FS', 3n)
  for (const name of ['mtvec.BASE', 'stvec.BASE']) register(name, (base + 4096n) >> 2n)
  if (s.paged) { register('satp.MODE', 8n); register('satp.PPN', (base >> 12n) + BigInt(root)) }
  register('priv', s.priv)
  register('pc', (s.paged && s.virtual && s.priv !== 3n ? 0n : base) + 4080n)
  return { compiled: one, stepped }
}
const difference = ({ compiled, stepped }: Pair): string[] => [
  ...registersOf(compiled.isa).flatMap((n) => (compiled.register(n) === stepped.register(n) ? [] : [`${n}: ${compiled.register(n)}, not ${stepped.register(n)}`])),
  ...banks.flatMap(({ name, cells }) => Array.from({ length: cells }, (_, n) => n).flatMap((n) =>
    (compiled.cell(name, n) === stepped.bank(name).get(BigInt(n)) ? [] : [`${name} ${n}: ${compiled.cell(name, n)}, not ${stepped.bank(name).get(BigInt(n))}`]))),
]
const memoryDifference = ({ compiled, stepped }: Pair): number[] => {
  const found: number[] = []
  for (const [at, cells] of stepped.bank('memory').blocks()) cells.forEach((v: number | bigint, k: number) => { if (compiled.ram[Number(at - base) + k] !== Number(v)) found.push(Number(at - base) + k) })
  return found
}
const seen = new Map<string, number>()
const follow = (pair: Pair, steps: number, goesOn: () => boolean = () => true): string[] => {
  for (let n = 0; n < steps && goesOn(); n++) {
    const stop = pair.compiled.run(1, true), stepped = pair.stepped.step()
    const kind = stepped.kind === 'completed' ? stepped.instruction.name : stepped.kind === 'trapped' ? stepped.cause : 'halted'
    seen.set(kind, (seen.get(kind) ?? 0) + 1)
    if (stop !== { completed: 0, trapped: 1, halted: 2 }[stepped.kind]) return [`${kind}: stopped with ${stop}`]
    const here = difference(pair)
    if (here.length) return [kind, ...here]
    if (stop === 2) break
  }
  return memoryDifference(pair).map((at) => `memory ${at.toString(16)}`)
}

test('they agree in all state after every step', () => {
  fc.assert(fc.property(start, (s) => { expect(follow(pairOf(s), 24)).toEqual([]) }), { numRuns: 200 })
  expect(seen.size).toBeGreaterThan(70)
  for (const kind of ['load page fault', 'store/AMO page fault', 'instruction page fault', 'load access fault', 'illegal instruction', 'ADD', 'C.LD', 'C.SDSP', 'MRET']) expect(seen.get(kind)).toBeGreaterThan(0)
})

test('they agree where there are more pieces, faults that leave traces, and more state', () => {
  const one = programInPieces.start()
  seen.clear()
  fc.assert(fc.property(start, (s) => { expect(follow(pairOf(s, inPieces, one), 24)).toEqual([]) }), { numRuns: 100 })
  // Planted: a count of stores for one of loads.
  const altered = riscvHart('riscv64', { ...pieces, events: pieces.events.map((e) => (e.counts === 'loads' ? { ...e, counts: 'stores' as const } : e)) }).isa
  expect(fc.check(fc.property(start, (s) => follow(pairOf(s, altered, one), 24).length === 0), { numRuns: 2000, endOnFailure: true }).failed).toBe(true)
  expect(['non-maskable interrupt', 'platform interrupt 16', 'platform interrupt 40', 'instruction address misaligned', 'reserved encoding of 32 bits'].filter((kind) => seen.has(kind))).not.toEqual([])
})

describe('what is kept is what memory has, as long as nothing that it came from changes', () => {
  /** Whether RAM is what it was, or tables but for A and D, satp and PMP. */
  const unchanged = ({ compiled }: Pair, what: 'code' | 'tables') => {
    const tables = (): Uint8Array => compiled.ram.slice(root * 4096, (last + 1) * 4096).map((byte, k) => (k % 8 === 0 ? byte & 0x3f : byte))
    const now = (): Uint8Array => (what === 'code' ? compiled.ram.slice() : tables())
    const control = (): string => `${['satp.MODE', 'satp.ASID', 'satp.PPN'].map((name) => compiled.register(name)).join()} ${['pmpcfg', 'pmpaddr'].flatMap((bank) => Array.from({ length: 16 }, (_, n) => compiled.cell(bank, n))).join()}`
    const before = now(), controlled = control()
    return () => Buffer.compare(now(), before) === 0 && control() === controlled
  }
  /** Steps of a hart that keeps nothing beside another's. */
  const differs = (other: Isa, what: 'code' | 'tables') => (s: Start): boolean => {
    const pair = pairOf(s, other)
    return follow(pair, 24, unchanged(pair, what)).length > 0
  }
  it.each([['tables', { translationCache: ['leaf entries', 'invalid entries', 'pointers'] }, 'fetch translation entry'], ['code', { instructionCache: 'last block' }, 'code content']] as const)('of %s', (what, keeping, place) => {
    const kept = riscvHart('riscv64', { ...choices, ...keeping }).isa
    expect(fc.check(fc.property(start, (s) => !differs(kept, what)(s)), { numRuns: 80 })).toMatchObject({ failed: false })
    // Planted: one bit of it is another one.
    const wrong = (b: Statement): Statement => (b.kind === 'set' && b.place.kind === 'register' && b.place.name === place ? { ...b, value: xor<number>(b.value, constant<number>(b.value.width, 1 << 20)) } : b)
    const { sequencing } = kept, fetch = sequencing!.fetch!
    const altered: Isa = { ...kept, sequencing: { ...sequencing!, fetch: { ...fetch, also: fetch.also.map(wrong) } } }
    expect(fc.check(fc.property(start, (s) => !differs(altered, what)(s)), { numRuns: 150 }).failed).toBe(true)
  })
})

test('a specification with another meaning is told apart', () => {
  const mtval = isa.components.find((c) => c.name === 'mtval') as Register
  const altered: Isa = { ...isa, trap: (cause, value) => [...isa.trap(cause, value).filter((w) => !(w.kind === 'set' && w.place === mtval)), set(mtval, constant<number>(64, 5))] }
  const failed = fc.check(fc.property(start, (s) => follow(pairOf(s, altered), 24).length === 0), { numRuns: 100 })
  expect(failed.failed).toBe(true)
})

/** Words at the reset address of a hart in M-mode that may do everything. */
const running = (words: readonly number[], devices?: Devices, compiled = program): WasmMachine => {
  const m = compiled.start(devices)
  words.forEach((w, n) => new DataView(m.ram.buffer, m.ram.byteOffset).setUint32(4 * n, w, true))
  m.setRegister('pc', base)
  m.setRegister('priv', 3n)
  m.written()
  return m
}

test('what is done in spite of a fault is done where the hart is such a one', () => {
  const after = (compiled: WasmProgram): readonly bigint[] => {
    const m = running([0x00a5b023], undefined, compiled), ram = new DataView(m.ram.buffer, m.ram.byteOffset), entry = root * 4096
    const set = { 'mstatus.MPRV': 1n, 'mstatus.MPP': 1n, 'satp.MODE': 8n, 'satp.PPN': (base >> 12n) + BigInt(root) }
    for (const [name, value] of Object.entries(set)) m.setRegister(name, value)
    m.setCell('pmpcfg', 0, 0x1fn)
    m.setCell('pmpaddr', 0, (1n << 54n) - 1n)
    // The first GiB is all of RAM and beyond, where a store of eight bytes begins with RAM's last three.
    ram.setBigUint64(entry, ((base >> 12n) << 10n) | 0x07n, true)
    m.setCell('x', 10, 0x0102_0304_0506_0708n)
    m.setCell('x', 11, BigInt(size - 3))
    m.written()
    return [BigInt(m.run(1, true)), BigInt(m.last.cause), ram.getBigUint64(size - 8, true), ram.getBigUint64(entry, true) & 0xffn]
  }
  const fault = BigInt(isa.causes['store/AMO access fault']!)
  expect([after(program), after(programInPieces)]).toEqual([[1n, fault, 0n, 0x07n], [1n, fault, 0x06_0708n << 40n, 0xc7n]])
})

test('what memory answers with an error is not done, and reported, where the hart is such a one', () => {
  // ld x10, 0(x11); sd x12, 0(x11)
  const after = (compiled: WasmProgram): readonly unknown[] => {
    const m = running([0x0005b503, 0x00c5b023], undefined, compiled), at = 24 * 4096, ram = new DataView(m.ram.buffer, m.ram.byteOffset)
    m.setCell('x', 11, base + BigInt(at))
    m.setCell('x', 12, 7n)
    ram.setBigUint64(at, 5n, true)
    m.written()
    return [m.run(2, true), m.cell('x', 10), ram.getBigUint64(at, true), compiled === programInPieces && m.register('mip[16]')]
  }
  expect([after(program), after(programInPieces)]).toEqual([[0, 5n, 7n, false], [0, (1n << 64n) - 1n, 5n, 1n]])
})

test('storage outside RAM is devices, and an aligned access is one access', () => {
  const log: string[] = []
  const devices: Devices = {
    read: (address, bytes) => { log.push(`read ${address.toString(16)} ${bytes}`); return 0xffff_ffff_8000_0081n },
    write: (address, bytes, value) => { log.push(`write ${address.toString(16)} ${bytes} ${value.toString(16)}`) },
  }
  // lui x11, 0x10000; lbu x12, 5(x11); lw x13, 8(x11); sd x13, 16(x11); lh x14, 1(x11); ld x15, 0(x0)
  const m = running([0x100005b7, 0x0055c603, 0x0085a683, 0x00d5b823, 0x00159703, 0x00003783], devices)
  expect([m.run(6, true), m.last]).toEqual([1, { steps: 6, cause: isa.causes['load access fault'] }])
  expect([12, 13, 14].map((n) => m.cell('x', n))).toEqual([0x81n, 0xffff_ffff_8000_0081n, 0x81n | (0xffff_ffff_ffff_ff81n << 8n) & 0xff00n | (-1n << 16n) & ((1n << 64n) - 1n)].map((v) => BigInt.asUintN(64, v)))
  expect(log.slice(0, 3)).toEqual(['read 10000005 1', 'read 10000008 4', 'write 10000010 8 ffffffff80000081'])
})

test('a hart that waits is halted until an interrupt is pending, which is then taken', () => {
  const m = running([0x10500073, 0x00150513, 0x00150513])
  m.setRegister('mie.MTIE', 1n)
  m.setRegister('mstatus.MIE', 1n)
  m.setRegister('mtvec.BASE', (base + 8n) >> 2n)
  expect([m.run(5, false), m.last.steps, m.register('pc')]).toEqual([2, 1, base + 4n])
  expect([m.run(5, false), m.last.steps]).toEqual([2, 0])
  m.setRegister('mip.MTIP', 1n)
  expect([m.run(2, false), m.last, m.register('mcause'), m.cell('x', 10)]).toEqual([0, { steps: 2, cause: isa.causes['machine timer interrupt'] }, (1n << 63n) | 7n, 1n])
})
