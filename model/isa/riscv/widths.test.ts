// A mode with XLEN = 32 on a hart of 64 bits does what the same mode of a hart of 32 bits does: random code on both, in lock step.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encode, set, wordOf, type Instruction } from '../../ir/instruction.ts'
import { get, type Register } from '../../ir/state.ts'
import { extract } from '../../ir/term.ts'
import type { Isa } from '../../machine/isa.ts'
import { SpecificationMachine, type Stepped } from '../../machine/specification-machine.ts'
import { riscvHart } from './isa.ts'
import { formats } from './notation.ts'
import { OP } from './rv-i.ts'
import { ofRV32 } from './widths.ts'
import { base, code, machineOf, put, said, type Given } from './running.fixture.ts'

const half = 1n << 32n
/** Main memory, and both ends of what 32 bits reach. */
const regions = [{ base, size: 0x4000n }, { base: 0n, size: 0x1000n }, { base: half - 0x1000n, size: 0x1000n }]
const extensions = ['Zicbom', 'Zicboz', 'Zawrs', 'Zkr', 'Zicfiss'] as const
const { isa: rv32 } = riscvHart('riscv32', { regions, extensions })
const { isa: rv64, reset } = riscvHart('riscv64', { regions, extensions, UXL: 'writable' })

const bits = (n: number): fc.Arbitrary<bigint> => fc.bigInt({ min: 0n, max: (1n << BigInt(n)) - 1n })
/** Among others the numbers of CSRs, of which only the low eight bits are a field. */
const field = fc.oneof(
  { weight: 4, arbitrary: bits(32) }, { weight: 2, arbitrary: fc.integer({ min: 8, max: 15 }).map(BigInt) }, { weight: 3, arbitrary: fc.constant(0n) }, { weight: 2, arbitrary: fc.constantFrom(1n, 2n, 3n, 0x11n, 0x15n, 0x80n, 0x82n, 0x9fn) })
/** Also words that are instructions of RV64 only, and words that are none. */
const word = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(fc.constantFrom(...rv32.instructions), fc.infiniteStream(field)) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...rv32.instructions.filter(({ name }) => / (unprivileged|counter)$/.test(name))), fc.infiniteStream(field)) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...riscvHart('riscv64').isa.instructions), fc.infiniteStream(field)) },
).map(([i, stream]) => wordOf(i.encoding, (_, width) => BigInt.asUintN(width, stream.next().value as bigint)))
const pointer = fc.oneof(bits(13).map((n) => base + n), bits(13).map((n) => base + n), bits(3).map((n) => half - n - 1n), bits(10))
const content = fc.oneof(pointer, pointer, pointer, bits(32), bits(5), fc.constantFrom(base, base - 1n, half - 1n))
const start = fc.record({
  code: fc.array(fc.oneof(word, bits(32)), { minLength: 16, maxLength: 16 }),
  x: fc.array(fc.tuple(content, fc.option(bits(32))), { minLength: 31, maxLength: 31 }),
  f: fc.array(fc.oneof(bits(64), bits(32).map((n) => ((half - 1n) << 32n) | n)), { minLength: 32, maxLength: 32 }),
  memory: fc.infiniteStream(bits(8)), fields: fc.infiniteStream(fc.oneof(fc.constant(0n), fc.constant(half - 1n), fc.constant(half - 1n), bits(32))), off: fc.nat(15),
  at: fc.constantFrom(base, base, base + 0xff0n, half - 0x20n), above: fc.option(bits(32)),
})
type Start = typeof start extends fc.Arbitrary<infer S> ? S : never

const signed = (value: bigint, from = 32): bigint => BigInt.asUintN(64, BigInt.asIntN(from, value))
/** What both harts have by the same name, and what the one of 64 bits holds where the other holds this. */
const registers = rv32.components.flatMap((c) => (c.kind === 'register' ? [c.name] : []))
const held = (name: string, content: bigint, trapped: boolean): bigint => {
  if (name === 'mepc[xlen-1:1]' || name === 'sepc[xlen-1:1]') return BigInt.asUintN(63, BigInt.asIntN(31, content))
  if (name === 'mcause' || name === 'scause') return ((content >> 31n) << 63n) | (content & 0x7fff_ffffn)
  return name === 'pc' && !trapped ? signed(content) : content
}
const loose = ['fflags', 'frm', 'mcounteren', 'scounteren', 'medeleg[9:0]', 'medeleg[13:12]', 'mcycle', 'minstret', 'mtime', 'seed.entropy', 'menvcfg.CBIE', 'senvcfg.CBIE', 'menvcfg.CBCFE', 'senvcfg.CBCFE', 'menvcfg.CBZE', 'senvcfg.CBZE',
  'mseccfg.USEED', 'menvcfg.SSE', 'senvcfg.SSE', 'ssp', 'mstatus.TW']

interface Pair { readonly narrow: SpecificationMachine, readonly wide: SpecificationMachine }
const machines = new Map<Isa, SpecificationMachine>()
const machineFor = (isa: Isa): SpecificationMachine => {
  const machine = machines.get(isa) ?? new SpecificationMachine(isa)
  machines.set(isa, machine)
  machine.clear()
  return machine
}
const both = ({ narrow, wide }: Pair, does: (m: SpecificationMachine) => void): void => { does(narrow); does(wide) }
const pairOf = (s: Start, isa: Isa): Pair => {
  const pair = { narrow: machineFor(rv32), wide: machineFor(isa) }
  for (const [name, n] of Object.entries(reset.registers)) pair.wide.setRegister(name, n)
  pair.wide.setRegister('mstatus.UXL', 1n)
  const contents = loose.map((name) => [name, s.fields.next().value as bigint] as const)
  const bytes = Array.from({ length: 0x100 }, () => s.memory.next().value as bigint)
  both(pair, (m) => {
    for (const [name, n] of contents) m.setRegister(name, n)
    m.setRegister('mstatus.FS', s.off === 0 ? 0n : 3n)
    m.setRegister('mtvec.BASE', base >> 2n)
    m.setRegister('stvec.BASE', (base + 0x1000n) >> 2n)
    s.f.forEach((v, n) => m.bank('f').set(BigInt(n), v))
    m.bank('pmpcfg').set(0n, 0x1fn)
    m.bank('pmpaddr').set(0n, -1n)
    for (const at of [base, base + 0xf00n, half - 0x1000n, half - 0x100n, 0n]) bytes.forEach((v, k) => put(m, at + BigInt(k), v, 1))
    s.code.forEach((w, k) => { for (const at of [base, base + 0xff0n, half - 0x20n]) put(m, (at + BigInt(4 * k)) % half, w, 4) })
  })
  s.x.forEach(([low, above], n) => {
    pair.narrow.bank('x').set(BigInt(n + 1), low)
    pair.wide.bank('x').set(BigInt(n + 1), above === null ? signed(low) : (above << 32n) | low)
  })
  goTo(pair, s.at, s.above)
  return pair
}
/** U-mode at that address, with anything above its 32 bits. */
const goTo = (pair: Pair, at: bigint, above: bigint | null): void => {
  both(pair, (m) => { m.setRegister('priv', 0n); m.setRegister('pc', at) })
  pair.wide.setRegister('pc', above === null ? signed(at) : (above << 32n) | at)
}

const told = (s: Stepped): string => (s.kind === 'completed' ? s.instruction.name : s.kind === 'trapped' ? `${s.cause}, ${s.value.toString(16)}` : s.kind)
const snapshot = (m: SpecificationMachine): readonly bigint[] => [...registers.map((name) => m.register(name)), ...Array.from({ length: 32 }, (_, n) => m.bank('x').get(BigInt(n)))]
const places = [...registers, ...Array.from({ length: 32 }, (_, n) => `x${n}`)]

const completed = new Set<string>(), causes = new Set<string>()
/** What differs after one of the steps; a trap is followed by a return to where the code began. */
const follow = (pair: Pair, s: Start, steps: number): string[] => {
  let after = [snapshot(pair.narrow), snapshot(pair.wide)] as const
  for (let n = 0; n < steps; n++) {
    const before = after
    const [expected, got] = [pair.narrow.step(), pair.wide.step()]
    const name = told(expected) + (expected.kind === 'completed' ? ofRV32 : '')
    if (told(got) !== name) return [`${told(got)}, not ${name}`]
    after = [snapshot(pair.narrow), snapshot(pair.wide)]
    const trapped = expected.kind === 'trapped'
    if (trapped) causes.add(expected.cause)
    else completed.add(name)
    const wrong = places.filter((place, k) => {
      const [was, wasWide, is, isWide] = [before[0][k]!, before[1][k]!, after[0][k]!, after[1][k]!]
      return isWide !== (place.startsWith('x') ? signed(is) : held(place, is, trapped)) && (is !== was || isWide !== wasWide)
    })
    const floats = Array.from({ length: 32 }, (_, k) => BigInt(k)).filter((k) => pair.narrow.bank('f').get(k) !== pair.wide.bank('f').get(k)).map((k) => `f${k}`)
    if (wrong.length + floats.length > 0) return [name, ...wrong, ...floats]
    if (trapped || expected.kind === 'halted') goTo(pair, (s.at + BigInt(4 * n)) % half, s.above)
    both(pair, (m) => { m.setRegister('waiting', 0n) })
  }
  const memory = pair.wide.bank('memory')
  return [...pair.narrow.bank('memory').blocks()].flatMap(([at, cells]) => [...cells].flatMap((v, k) => (memory.get(at + BigInt(k)) === BigInt(v) ? [] : [`memory ${(at + BigInt(k)).toString(16)}`])))
}
const differs = (isa: Isa) => fc.property(start, (s) => { expect(follow(pairOf(s, isa), s, 24)).toEqual([]) })

const narrow = rv64.instructions.filter((i) => i.name.endsWith(ofRV32))
/** What no instruction of U-mode gets through. */
const privileged = /^(CSRR\w+ (machine|supervisor|hypervisor|unprivileged 400|unprivileged custom)|CSRRWI? counter|MRET|SRET|SFENCE|WFI|ECALL|EBREAK|C\.EBREAK)/

const replaced = (name: string, by: (i: Instruction) => Instruction | undefined) => (isa: Isa): Isa =>
  ({ ...isa, instructions: isa.instructions.flatMap((i) => (i.name === name ? by(i) ?? [] : [i])) })
/** Does what the instruction of the same name does where XLEN is 64. */
const unaware = (name: string) => replaced(name + ofRV32, (i) => ({ ...i, body: rv64.instructions.find((j) => j.name === name)!.body }))
const mepc = rv64.components.find((c) => c.name === 'mepc[xlen-1:1]') as Register
const faults: Readonly<Record<string, (isa: Isa) => Isa>> = {
  'ADD adds 64 bits': unaware('ADD'), 'BNE compares 64 bits': unaware('BNE'), 'JALR jumps to an address of 64 bits': unaware('JALR'), 'JAL links by 64 bits': unaware('JAL'),
  'DIVU divides 64 bits': unaware('DIVU'), 'counters are read whole': unaware('CSRRS counter'), 'C.JAL is not decoded': replaced(`C.JAL${ofRV32}`, () => undefined),
  'ADDIW is decoded': (isa) => ({ ...isa, instructions: [...isa.instructions, { ...isa.instructions.find((i) => i.name === 'ADDIW')!, name: `ADDIW${ofRV32}`, encoding: encode({ 'XLEN = 32': 1, ...formats.I }, { 'XLEN = 32': 1, funct3: 0, opcode: OP.opImm32 }) }] }),
  'mepc gets what is above the pc': (isa) => ({ ...isa, trap: (cause, value) => isa.trap(cause, value).map((w) => (w.kind === 'set' && w.place === mepc ? set(mepc, extract(get(isa.counter), 63, 1), w.when) : w)) }),
}

describe('U-mode with UXLEN = 32', () => {
  it('has the instructions of RV32', () => {
    expect(narrow.map(({ name }) => name.slice(0, -ofRV32.length)).sort()).toEqual(rv32.instructions.map(({ name }) => name).sort())
  })
  it('does what U-mode of RV32 does, by the low halves of registers, with results that are sign-extended', () => {
    fc.assert(differs(rv64), { numRuns: 300, seed: 1974, endOnFailure: true })
    expect(narrow.map(({ name }) => name).filter((name) => !completed.has(name) && !privileged.test(name))).toEqual([])
    expect([...causes].sort()).toEqual(['breakpoint', 'environment call from U-mode', 'illegal instruction', 'instruction access fault', 'load access fault', 'software check', 'store/AMO access fault'])
  })
  it.each(Object.entries(faults))('is told apart with a fault: %s', (_, fault) => {
    expect(fc.check(differs(fault(rv64)), { numRuns: 300, seed: 1974, endOnFailure: true }).failed).toBe(true)
  })
})

describe('UXL', () => {
  const choices = { UXL: 'writable' } as const, high = 0xffff_ffff_8000_0000n
  const machine = (given: Given, UXL = 1n): SpecificationMachine => machineOf({ ...given, choices, registers: { 'mstatus.UXL': UXL, ...given.registers } })
  const inU = { priv: 0n }, [lw, ld, slli32, csrw, csrr, mret, cycleh] = [0x0005a503, 0x0005b503, 0x02051513, 0x30051073, 0x30002573, 0x30200073, 0xc8002573]
  it('keeps 32 and 64 only, and sstatus shows it', () => {
    const kept = [0n, 1n, 2n, 3n].map((UXL) => { const m = machine({ words: [csrw], x: { 10: UXL << 32n } }, 2n); m.step(); return m.register('mstatus.UXL') })
    expect(kept).toEqual([2n, 1n, 2n, 2n])
    const m = machine({ words: [0x10051073, 0x10002573, csrr], x: { 10: 1n << 32n }, registers: { priv: 1n } }, 2n)
    m.run(2)
    const shown = m.bank('x').get(10n)
    m.setRegister('priv', 3n)
    m.step()
    expect([shown, m.bank('x').get(10n)]).toEqual([1n << 32n, 0x9_0000_0000n])
  })
  it('decides from the next instruction of U-mode on, and in no other mode', () => {
    const m = machine({ words: [csrw, mret], x: { 10: 1n << 32n }, registers: { 'mepc[xlen-1:1]': (code + 8n) >> 1n } }, 2n)
    put(m, code + 8n, BigInt(slli32), 4)
    expect([said(m.step()), said(m.step()), m.register('pc'), said(m.step())]).toEqual(['CSRRW machine', 'MRET', high + 0x8008n, 'illegal instruction, 2051513'])
    expect([0n, 1n, 3n].map((priv) => said(machine({ words: [slli32], registers: { priv } }).step()))).toEqual(['illegal instruction, 2051513', 'SLLI', 'SLLI'])
    expect([1n, 2n].map((UXL) => said(machine({ words: [cycleh], registers: { ...inU, mcounteren: 1n, scounteren: 1n } }, UXL).step()))).toEqual(['CSRRS counter of RV32', 'illegal instruction, c8002573'])
  })
  const table = base + 0x1000n, entry = (page: bigint, flags: bigint): bigint => ((page >> 12n) << 10n) | flags
  /** Sv39: the gigabyte from 0x80000000 up is where it is, for U-mode, but for a page that is not there. */
  const paged: Given = {
    registers: { ...inU, 'satp.MODE': 8n, 'satp.PPN': table >> 12n, 'medeleg[13:12]': 3n },
    memory: [[table + 16n, entry(table + 0x1000n, 1n)], [table + 0x1000n, entry(base, 0xdfn)], [base + 0x100n, 0x1234n]],
  }
  it('makes addresses modulo 2^32, which Sv39 translates', () => {
    const m = machine({ ...paged, words: [lw], x: { 11: high + 0x100n } })
    expect([said(m.step()), m.bank('x').get(10n)]).toEqual(['LW of RV32', 0x1234n])
    const n = machine({ ...paged, words: [lw], x: { 11: high + 0x20_0000n } })
    expect([said(n.step()), n.register('stval'), n.register('sepc[xlen-1:1]')]).toEqual(['load page fault, 80200000', 0x8020_0000n, (high + 0x8000n) >> 1n])
    expect(said(machine({ ...paged, words: [lw], x: { 11: high + 0x100n } }, 2n).step())).toBe('load page fault, ffffffff80000100')
  })
  it('counts for loads and stores of M-mode where MPRV lends them the privilege of U-mode', () => {
    const lent = (MPP: bigint, UXL: bigint): string => said(machine({ words: [ld], x: { 11: high + 0x100n }, registers: { 'mstatus.MPRV': 1n, 'mstatus.MPP': MPP } }, UXL).step())
    expect([lent(0n, 1n), lent(1n, 1n), lent(3n, 1n), lent(0n, 2n)]).toEqual(['LD', 'load access fault, ffffffff80000100', 'load access fault, ffffffff80000100', 'load access fault, ffffffff80000100'])
    const wraps = machine({ words: [ld], x: { 11: half - 4n }, registers: { 'mstatus.MPRV': 1n } })
    expect(said(wraps.step())).toBe('load access fault, fffffffc')
  })
})
