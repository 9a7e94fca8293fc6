// A mode with XLEN = 32 on a hart of 64 bits does what the same mode of a hart of 32 bits does: random code on both, in lock step.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encode, set, wordOf, type Instruction } from '../../ir/instruction.ts'
import { get, type Register } from '../../ir/state.ts'
import { and, constant, extract, signExtend, type Term } from '../../ir/term.ts'
import type { Isa } from '../../machine/isa.ts'
import { SpecificationMachine, type Stepped } from '../../machine/specification-machine.ts'
import { riscvHart } from './isa.ts'
import type { Scheme } from './parameters.ts'
import { formats } from './notation.ts'
import { OP } from './rv-i.ts'
import { ofRV32 } from './widths.ts'
import { base, code, machineOf, put, said, type Given } from './running.fixture.ts'

const half = 1n << 32n
/** Main memory, and both ends of what 32 bits reach. */
const regions = [{ base, size: 0x4000n }, { base: 0n, size: 0x1000n }, { base: half - 0x1000n, size: 0x1000n }]
const extensions = ['Zicbom', 'Zicboz', 'Zawrs', 'Zkr', 'Zicfiss'] as const
/** Harts that are compared while U-mode has 32 bits, or S-mode as well. */
const harts = (lowest: 'U' | 'S', more: Given['choices'] = {}) => {
  const same = lowest === 'U' ? { regions, extensions } : { regions, extensions: [...extensions, 'Sstc'] as const, accessedDirty: 'hardware', ...more } as const
  const wide = riscvHart('riscv64', { ...same, UXL: 'writable', SXL: lowest === 'S' ? 'writable' : 'copy of MXL' })
  return { lowest, rv32: riscvHart('riscv32', same).isa, rv64: wide.isa, reset: { ...wide.reset.registers, 'mstatus.UXL': 1n, ...(lowest === 'S' ? { 'mstatus.SXL': 1n } : {}) } }
}
type Harts = ReturnType<typeof harts>
const inUserMode = harts('U'), inSupervisorMode = harts('S'), { rv32, rv64 } = inUserMode
const otherwise = harts('S', {
  accessedDirty: 'page fault', MBE: 'writable', SBE: 'writable', UBE: 'writable', reservationPlace: 'physical and virtual address', spuriousFailure: 'where unconstrained', reservedEncodings: 'no effect', atomicityGranule: 0,
  misalignedPieces: 4, pieceOrder: 'upper first', asidBits: 5, supervisorCauseBits: 6, bareFields: '0', supervisorVectoredAlignment: 64, translationCache: ['leaf entries', 'pointers'], instructionCache: 'last block', fetchBlock: 16,
  events: (['instructions', 'exceptions', 'loads', 'taken branches', 'system instructions', 'integer arithmetic'] as const).map((counts, n) => ({ selector: BigInt(n + 1), counts })), performanceCounters: 0xf8n,
  regions: [...regions, { base: base + 0x1800n, size: 0x800n, without: ['loads', 'stores'], errors: true }], interruptPriority: [16, 11, 3, 7, 9, 1, 5], busErrors: 16, busErrorValue: 'all ones',
})

const bits = (n: number): fc.Arbitrary<bigint> => fc.bigInt({ min: 0n, max: (1n << BigInt(n)) - 1n })
/** Among others the numbers of CSRs, of which only the low eight bits are a field. */
const field = fc.oneof(
  { weight: 4, arbitrary: bits(32) }, { weight: 2, arbitrary: fc.integer({ min: 8, max: 15 }).map(BigInt) }, { weight: 3, arbitrary: fc.constant(0n) }, { weight: 2, arbitrary: fc.constantFrom(1n, 2n, 3n, 0x11n, 0x15n, 0x80n, 0x82n, 0x9fn) })
/** Also words that are instructions of RV64 only, and words that are none. */
const word = (lowest: 'U' | 'S'): fc.Arbitrary<bigint> => fc.oneof(
  { weight: 12, arbitrary: fc.tuple(fc.constantFrom(...rv32.instructions), fc.infiniteStream(field)) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...rv32.instructions.filter(({ name }) => / (unprivileged|counter)$/.test(name))), fc.infiniteStream(field)) },
  { weight: lowest === 'S' ? 3 : 0, arbitrary: fc.tuple(fc.constantFrom(...rv32.instructions.filter(({ name }) => / supervisor$|^(SRET|SFENCE.VMA|WFI)$/.test(name))), fc.infiniteStream(fc.constantFrom(0n, 4n, 5n, 6n, 0xan, 0x40n, 0x41n, 0x42n, 0x43n, 0x44n, 0x4dn, 0x5dn, 0x80n))) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...riscvHart('riscv64').isa.instructions), fc.infiniteStream(field)) },
).map(([i, stream]) => wordOf(i.encoding, (_, width) => BigInt.asUintN(width, stream.next().value as bigint)))
const pointer = fc.oneof(bits(13).map((n) => base + n), bits(13).map((n) => base + n), bits(3).map((n) => half - n - 1n), bits(10))
const content = fc.oneof(pointer, pointer, pointer, bits(32), bits(5), fc.constantFrom(base, base - 1n, half - 1n))
const start = (lowest: 'U' | 'S') => fc.record({
  code: fc.array(fc.oneof({ weight: 9, arbitrary: word(lowest) }, { weight: 1, arbitrary: bits(32) }), { minLength: 16, maxLength: 16 }),
  x: fc.array(fc.tuple(content, fc.option(bits(32))), { minLength: 31, maxLength: 31 }),
  f: fc.array(fc.oneof(bits(64), bits(32).map((n) => ((half - 1n) << 32n) | n)), { minLength: 32, maxLength: 32 }),
  memory: fc.infiniteStream(bits(8)), fields: fc.infiniteStream(fc.oneof(fc.constant(0n), fc.constant(half - 1n), fc.constant(half - 1n), bits(32))), off: fc.nat(15),
  at: fc.constantFrom(base, base, base + 0xff0n, half - 0x20n), above: fc.option(bits(32)), paged: fc.boolean(), interrupts: fc.nat(3), flags: fc.infiniteStream(fc.constantFrom(0xcfn, 0xdfn, 0x1fn, 0x0fn, 0xcfn, 0xd7n, 0x1n)),
})
type Start = ReturnType<typeof start> extends fc.Arbitrary<infer S> ? S : never

const signed = (value: bigint, from = 32): bigint => BigInt.asUintN(64, BigInt.asIntN(from, value))
/** What both harts have by the same name, and what the one of 64 bits holds where the other holds this. */
const registersOf = (isa: Isa): string[] => isa.components.flatMap((c) => (c.kind === 'register' ? [c.name] : []))
const held = ({ lowest }: Harts, name: string, content: bigint, left: boolean): bigint => {
  if (name === 'mepc[xlen-1:1]' || (name === 'sepc[xlen-1:1]' && lowest === 'U')) return BigInt.asUintN(63, BigInt.asIntN(31, content))
  if (name === 'mcause' || (name === 'scause' && lowest === 'U')) return ((content >> 31n) << 63n) | (content & 0x7fff_ffffn)
  return name === 'pc' && !left ? signed(content) : content
}
const loose = ['fflags', 'frm', 'mcounteren', 'scounteren', 'medeleg[9:0]', 'medeleg[13:12]', 'mcycle', 'minstret', 'mtime', 'seed.entropy', 'menvcfg.CBIE', 'senvcfg.CBIE', 'menvcfg.CBCFE', 'senvcfg.CBCFE', 'menvcfg.CBZE', 'senvcfg.CBZE',
  'mseccfg.USEED', 'menvcfg.SSE', 'senvcfg.SSE', 'ssp', 'mstatus.TW']
const ofSupervisor = ['medeleg[15]', 'mstatus.SUM', 'mstatus.MXR', 'mstatus.TSR', 'mstatus.SPP', 'mstatus.SPIE', 'mstatus.SIE', 'mideleg.SSI', 'mideleg.STI', 'mideleg.SEI', 'sscratch', 'sepc[xlen-1:1]', 'scause', 'stval', 'mseccfg.SSEED', 'menvcfg.STCE', 'stimecmp', 'satp.ASID']
const interrupting = ['mie.SSIE', 'mie.STIE', 'mie.SEIE', 'mip.SSIP', 'mip.STIP', 'mip.SEIP', 'stvec.MODE']
/** Counters of events, where the harts count any. */
const counters = [3n, 4n, 5n, 6n, 7n]
const root = base + 0x2000n, table = base + 0x3000n

interface Pair { readonly narrow: SpecificationMachine, readonly wide: SpecificationMachine }
const machines = new Map<Isa, SpecificationMachine>()
const machineFor = (isa: Isa): SpecificationMachine => {
  const machine = machines.get(isa) ?? new SpecificationMachine(isa)
  machines.set(isa, machine)
  machine.clear()
  return machine
}
const both = ({ narrow, wide }: Pair, does: (m: SpecificationMachine) => void): void => { does(narrow); does(wide) }
const pairOf = (h: Harts, s: Start, isa: Isa): Pair => {
  const pair = { narrow: machineFor(h.rv32), wide: machineFor(isa) }
  for (const [name, n] of Object.entries(h.reset)) pair.wide.setRegister(name, n)
  const width = (name: string): number => h.rv32.components.find((c) => c.name === name)!.width
  const contents = [...loose, ...(h.lowest === 'S' ? ofSupervisor : []), ...(s.interrupts === 0 && h.lowest === 'S' ? interrupting : [])]
    .map((name) => [name, BigInt.asUintN(width(name), s.fields.next().value as bigint)] as const)
  const entry = (page: bigint): bigint => ((page >> 12n) << 10n) | (s.flags.next().value as bigint)
  /** Sv32: the first page is elsewhere, what else there is where it is. */
  const entries = h.lowest === 'U' ? [] : [[root, ((table >> 12n) << 10n) | 1n], [table, entry(base)], [root + 0x800n, entry(base)], [root + 0xffcn, entry(0xffc0_0000n)]] as const
  const bytes = Array.from({ length: 0x100 }, () => s.memory.next().value as bigint)
  both(pair, (m) => {
    for (const [name, n] of contents) m.setRegister(name, n)
    m.setRegister('mstatus.FS', s.off === 0 ? 0n : 3n)
    m.setRegister('mtvec.BASE', base >> 2n)
    m.setRegister('stvec.BASE', (base + 0x1000n) >> 2n)
    s.f.forEach((v, n) => m.bank('f').set(BigInt(n), v))
    for (const [at, content] of entries) put(m, at, content, 4)
    if (entries.length > 0 && s.paged) { m.setRegister('satp.MODE', 1n); m.setRegister('satp.PPN', root >> 12n) }
    for (const n of counters) m.bank('mhpmevent').set(n, n - 2n + (bytes[0]! & 1n))
    m.bank('pmpcfg').set(0n, 0x1fn)
    m.bank('pmpaddr').set(0n, -1n)
    for (const at of [base, base + 0xf00n, half - 0x1000n, half - 0x100n, 0n]) bytes.forEach((v, k) => put(m, at + BigInt(k), v, 1))
    s.code.forEach((w, k) => { for (const at of [base, base + 0xff0n, half - 0x20n]) put(m, (at + BigInt(4 * k)) % half, w, 4) })
  })
  s.x.forEach(([low, above], n) => {
    pair.narrow.bank('x').set(BigInt(n + 1), low)
    pair.wide.bank('x').set(BigInt(n + 1), above === null ? signed(low) : (above << 32n) | low)
  })
  goTo(h, pair, s.at, s)
  return pair
}
/** The mode at that address, with anything above its 32 bits. */
const goTo = ({ lowest }: Harts, pair: Pair, at: bigint, { above, off }: Pick<Start, 'above' | 'off'>): void => {
  both(pair, (m) => { m.setRegister('priv', lowest === 'S' && off % 4 !== 0 ? 1n : 0n); m.setRegister('pc', at) })
  pair.wide.setRegister('pc', above === null ? signed(at) : (above << 32n) | at)
}

const told = (s: Stepped): string => (s.kind === 'completed' ? s.instruction.name : s.kind === 'trapped' ? `${s.cause}, ${s.value.toString(16)}` : s.kind)
const snapshot = (registers: readonly string[], m: SpecificationMachine): readonly bigint[] => [...registers.map((name) => m.register(name)), ...Array.from({ length: 32 }, (_, n) => m.bank('x').get(BigInt(n)))]
interface Seen { readonly completed: Set<string>, readonly causes: Set<string> }
const nothingSeen = (): Seen => ({ completed: new Set(), causes: new Set() })
/** What differs after one of the steps; a trap that leaves the modes of 32 bits is followed by a return to where the code began. */
const follow = (h: Harts, pair: Pair, s: Start, steps: number, { completed, causes }: Seen): string[] => {
  const registers = registersOf(h.rv32), places = [...registers, ...Array.from({ length: 32 }, (_, n) => `x${n}`)]
  let after = [snapshot(registers, pair.narrow), snapshot(registers, pair.wide)] as const
  for (let n = 0; n < steps; n++) {
    const before = after
    const [expected, got] = [pair.narrow.step(), pair.wide.step()]
    const name = told(expected) + (expected.kind === 'completed' ? ofRV32 : '')
    if (told(got) !== name) return [`${told(got)}, not ${name}`]
    after = [snapshot(registers, pair.narrow), snapshot(registers, pair.wide)]
    const left = pair.narrow.register('priv') > (h.lowest === 'S' ? 1n : 0n)
    if (expected.kind === 'trapped') causes.add(expected.cause)
    else completed.add(name)
    const wrong = places.filter((place, k) => {
      const [was, wasWide, is, isWide] = [before[0][k]!, before[1][k]!, after[0][k]!, after[1][k]!]
      return isWide !== (place.startsWith('x') ? signed(is) : held(h, place, is, left)) && (is !== was || isWide !== wasWide)
    })
    const floats = Array.from({ length: 32 }, (_, k) => BigInt(k)).filter((k) => pair.narrow.bank('f').get(k) !== pair.wide.bank('f').get(k)).map((k) => `f${k}`)
    const counted = counters.filter((k) => pair.narrow.bank('mhpmcounter').get(k) !== pair.wide.bank('mhpmcounter').get(k)).map((k) => `mhpmcounter${k}`)
    if (wrong.length + floats.length + counted.length > 0) return [name, ...wrong, ...floats, ...counted]
    if (left || expected.kind === 'halted') goTo(h, pair, (s.at + BigInt(4 * n)) % half, s)
    both(pair, (m) => { m.setRegister('waiting', 0n) })
  }
  const memory = pair.wide.bank('memory')
  return [...pair.narrow.bank('memory').blocks()].flatMap(([at, cells]) => [...cells].flatMap((v, k) => (memory.get(at + BigInt(k)) === BigInt(v) ? [] : [`memory ${(at + BigInt(k)).toString(16)}`])))
}
const differs = (h: Harts, isa: Isa, seen = nothingSeen()) => fc.property(start(h.lowest), (s) => { expect(follow(h, pairOf(h, s, isa), s, 24, seen)).toEqual([]) })

const narrow = rv64.instructions.filter((i) => i.name.endsWith(ofRV32))
/** What no instruction of U-mode gets through. */
const privileged = /^(CSRR\w+ (machine|supervisor|hypervisor|unprivileged 400|unprivileged custom)|CSRRWI? counter|MRET|SRET|SFENCE|WFI|ECALL|EBREAK|C\.EBREAK)/

const replaced = (name: string, by: (i: Instruction) => Instruction | undefined) => (isa: Isa): Isa =>
  ({ ...isa, instructions: isa.instructions.flatMap((i) => (i.name === name ? by(i) ?? [] : [i])) })
/** Does what the instruction of the same name does where XLEN is 64. */
const unaware = (name: string) => (isa: Isa): Isa => replaced(name + ofRV32, (i) => ({ ...i, body: isa.instructions.find((j) => j.name === name)!.body }))(isa)
const register = (name: string): Register => inSupervisorMode.rv64.components.find((c) => c.name === name) as Register
/** A trap that writes something else to a register. */
const trapping = (name: string, as: (isa: Isa, value: Term) => Term) => (isa: Isa): Isa =>
  ({ ...isa, trap: (cause, value) => isa.trap(cause, value).map((w) => (w.kind === 'set' && w.place.kind === 'register' && w.place.name === name ? set(register(name), as(isa, w.value), w.when) : w)) })
const faults: Readonly<Record<string, (isa: Isa) => Isa>> = {
  'ADD adds 64 bits': unaware('ADD'), 'BNE compares 64 bits': unaware('BNE'), 'JALR jumps to an address of 64 bits': unaware('JALR'), 'JAL links by 64 bits': unaware('JAL'),
  'DIVU divides 64 bits': unaware('DIVU'), 'counters are read whole': unaware('CSRRS counter'), 'C.JAL is not decoded': replaced(`C.JAL${ofRV32}`, () => undefined),
  'ADDIW is decoded': (isa) => ({ ...isa, instructions: [...isa.instructions, { ...isa.instructions.find((i) => i.name === 'ADDIW')!, name: `ADDIW${ofRV32}`, encoding: encode({ 'XLEN = 32': 1, ...formats.I }, { 'XLEN = 32': 1, funct3: 0, opcode: OP.opImm32 }) }] }),
  'mepc gets what is above the pc': trapping('mepc[xlen-1:1]', (isa) => extract(get(isa.counter), 63, 1)),
}
const supervisorFaults: Readonly<Record<string, (isa: Isa) => Isa>> = {
  'sepc is sign-extended': trapping('sepc[xlen-1:1]', (_, value) => signExtend<number>(extract(value, 30, 0), 63)),
  'the code of scause has no bit of interrupts': trapping('scause', (_, value) => and<number>(value, constant<number>(64, 0x7fff_ffffn))),
  'CSRRS reads CSRs of S-mode zero-extended': unaware('CSRRS supervisor'), 'SLTU compares 64 bits': unaware('SLTU'),
}

describe('U-mode with UXLEN = 32', () => {
  it('has the instructions of RV32', () => {
    expect(narrow.map(({ name }) => name.slice(0, -ofRV32.length)).sort()).toEqual(rv32.instructions.map(({ name }) => name).sort())
  })
  it('does what U-mode of RV32 does, by the low halves of registers, with results that are sign-extended', () => {
    const seen = nothingSeen()
    fc.assert(differs(inUserMode, rv64, seen), { numRuns: 300, seed: 1974, endOnFailure: true })
    expect(narrow.map(({ name }) => name).filter((name) => !seen.completed.has(name) && !privileged.test(name))).toEqual([])
    expect([...seen.causes].sort()).toEqual(['breakpoint', 'environment call from U-mode', 'illegal instruction', 'instruction access fault', 'load access fault', 'software check', 'store/AMO access fault'])
  })
  it.each(Object.entries(faults))('is told apart with a fault: %s', (_, fault) => {
    expect(fc.check(differs(inUserMode, fault(rv64)), { numRuns: 300, seed: 1974, endOnFailure: true }).failed).toBe(true)
  })
})

describe('S-mode with SXLEN = 32', () => {
  const names = inSupervisorMode.rv64.instructions.map(({ name }) => name).filter((name) => name.endsWith(ofRV32))
  it('does what S-mode and U-mode of RV32 do, with Sv32 and the CSRs of RV32', () => {
    const seen = nothingSeen()
    fc.assert(differs(inSupervisorMode, inSupervisorMode.rv64, seen), { numRuns: 240, seed: 1974, endOnFailure: true })
    expect(names.filter((name) => !seen.completed.has(name) && / supervisor |^(SRET|SFENCE.VMA|WFI) /.test(name))).toEqual([])
    expect(seen.completed.size).toBeGreaterThan(150)
    expect([...seen.causes].sort()).toEqual(expect.arrayContaining(['illegal instruction', 'instruction page fault', 'load page fault', 'store/AMO page fault', 'load access fault', 'supervisor software interrupt']))
  })
  it('does so where other choices are made', () => {
    fc.assert(differs(otherwise, otherwise.rv64), { numRuns: 80, seed: 1974, endOnFailure: true })
    const uncounted = replaced(`ADDI${ofRV32}`, (i) => ({ ...i, body: i.body.filter((b) => b.kind !== 'set' || b.place.kind !== 'cell' || b.place.bank.name !== 'mhpmcounter') }))(otherwise.rv64)
    expect(fc.check(differs(otherwise, uncounted), { numRuns: 300, seed: 1974, endOnFailure: true }).failed).toBe(true)
  })
  it.each(Object.entries(supervisorFaults))('is told apart with a fault: %s', (_, fault) => {
    expect(fc.check(differs(inSupervisorMode, fault(inSupervisorMode.rv64)), { numRuns: 300, seed: 1974, endOnFailure: true }).failed).toBe(true)
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

describe('SXL', () => {
  const choices = { SXL: 'writable', UXL: 'writable' } as const, all = (1n << 64n) - 1n
  /** What CSRs read in M-mode, or in the mode where a register says another. */
  const reading = (m: SpecificationMachine, numbers: readonly number[]): bigint[] => numbers.map((n) => {
    put(m, m.register('pc') & (half - 1n), BigInt(((n << 20) | 0x2573) >>> 0), 4)
    m.step()
    return m.bank('x').get(10n)
  })
  /** Writes in M-mode, from registers, to CSRs. */
  const after = (writes: readonly (readonly [number, bigint])[], given: Given = {}): SpecificationMachine => {
    const m = machineOf({ ...given, choices, registers: { 'mstatus.SXL': 2n, 'mstatus.UXL': 2n, ...given.registers } })
    for (const [n, content] of writes) {
      put(m, m.register('pc'), BigInt(((n << 20) | 0x51073) >>> 0), 4)
      m.bank('x').set(10n, content)
      m.step()
    }
    return m
  }
  const to = (SXL: bigint, UXL: bigint): readonly [number, bigint] => [0x300, (SXL << 34n) | (UXL << 32n)]
  const [mstatus, sstatus, stvec, sscratch, sepc, scause, stval, satp] = [0x300, 0x100, 0x105, 0x140, 0x141, 0x142, 0x143, 0x180]
  it('keeps 32 and 64 only, and UXLEN is never greater than SXLEN', () => {
    const kept = (...writes: (readonly [number, bigint])[]): bigint => reading(after(writes), [mstatus])[0]! >> 32n
    expect([kept(to(1n, 2n)), kept(to(1n, 1n)), kept(to(2n, 1n)), kept(to(3n, 1n)), kept(to(0n, 2n)), kept(to(1n, 1n), to(3n, 2n)), kept(to(1n, 1n), to(2n, 2n)), kept(to(1n, 1n), to(2n, 0n))])
      .toEqual([0x5n, 0x5n, 0x9n, 0x9n, 0xan, 0x5n, 0xan, 0x9n])
    const copy = machineOf({ words: [0x30051073, 0x30002573], x: { 10: 1n << 34n }, choices: { SXL: 'writable', UXL: 'copy of SXL' }, registers: { 'mstatus.SXL': 2n } })
    copy.run(2)
    expect(copy.bank('x').get(10n)).toBe(0x5n << 32n)
  })
  const written = [[stvec, 0xffff_fff1_8000_0001n], [sscratch, all], [sepc, all], [scause, (1n << 63n) | 0x8000_0005n], [stval, all], [satp, (8n << 60n) | (0x1234n << 44n) | 0xfff_8ec8_1234n]] as const
  const numbers = [stvec, sscratch, sepc, scause, stval, satp]
  it('narrows the CSRs of S-mode to their low bits, and widens them with zeros', () => {
    expect(reading(after([...written, to(1n, 1n)]), numbers)).toEqual([0x8000_0001n, 0xffff_ffffn, 0xffff_fffen, 0x8000_0005n, 0xffff_ffffn, 0x8ec8_1234n])
    expect(reading(after([...written, to(1n, 1n), to(2n, 2n)]), numbers)).toEqual([0x8000_0001n, 0xffff_ffffn, 0xffff_fffen, 0x8000_0005n, 0xffff_ffffn, 0x8ec8_1234n])
    const satpAfter = (...widths: (readonly [number, bigint])[]): bigint[] => { const m = after([...written, ...widths]); return ['satp.MODE', 'satp.ASID', 'satp.PPN'].map((name) => m.register(name)) }
    expect([satpAfter(to(1n, 1n)), satpAfter(to(1n, 1n), to(2n, 2n))]).toEqual([[1n, 0x3bn, 0x8_1234n], [0n, 0n, 0x8ec8_1234n]])
  })
  it('makes them registers of 32 bits for M-mode too', () => {
    expect(reading(after([to(1n, 1n), ...written]), numbers)).toEqual([0x8000_0001n, 0xffff_ffffn, 0xffff_fffen, 0x8000_0005n, 0xffff_ffffn, 0x8ec8_1234n])
    expect([to(1n, 1n), to(2n, 1n)].map((width) => reading(after([width, [mstatus, width[1] | 0x6000n]]), [sstatus])[0])).toEqual([0x8000_6000n, 0x8000_0001_0000_6000n])
  })
  it('makes S-mode take traps by 32 bits', () => {
    const narrow = { 'mstatus.SXL': 1n, 'mstatus.UXL': 1n, priv: 0n, 'medeleg[9:0]': 0x100n, 'stvec.BASE': 0x3fff_fffen, 'stvec.MODE': 1n }
    const called = machineOf({ choices, words: [0x73], registers: narrow })
    called.step()
    expect(['pc', 'sepc[xlen-1:1]', 'scause'].map((name) => called.register(name))).toEqual([0xffff_ffff_ffff_fff8n, 0x4000_4000n, 8n])
    const interrupted = machineOf({ choices, words: [0x13], registers: { ...narrow, 'mideleg.STI': 1n, 'mie.STIE': 1n, 'mip.STIP': 1n } })
    interrupted.step()
    expect(['pc', 'scause', 'priv'].map((name) => interrupted.register(name))).toEqual([0xcn, 0x8000_0005n, 1n])
  })
  it('may be narrow from reset on, and has SUM where either width has a scheme', () => {
    const at = (resetState: Readonly<Record<string, bigint>>) => riscvHart('riscv64', { ...choices, resetState }).reset.registers
    expect(at({ 'mstatus.SXL': 1n, 'mstatus.UXL': 1n })).toMatchObject({ 'mstatus.SXL': 1n, 'mstatus.UXL': 1n })
    for (const wrong of [{ 'mstatus.SXL': 1n }, { 'mstatus.UXL': 0n }, { 'mstatus.SXL': 3n }]) expect(() => at(wrong as Readonly<Record<string, bigint>>)).toThrow(/resetState .* 1 or 2/)
    const SUM = (schemes: readonly Scheme[]): bigint[] => [1n, 2n].map((SXL) => {
      const m = machineOf({ choices: { ...choices, schemes }, words: [0x30051073, 0x30002573], x: { 10: (SXL << 34n) | (1n << 32n) | (1n << 18n) }, registers: { 'mstatus.SXL': 2n, 'mstatus.UXL': 2n } })
      m.run(2)
      return m.bank('x').get(10n) >> 18n & 1n
    })
    expect([SUM(['Sv32']), SUM(['Sv39']), SUM([])]).toEqual([[1n, 1n], [1n, 1n], [0n, 0n]])
  })
  it('hides interrupts from 32 up from S-mode, which takes them all the same', () => {
    const registers = { 'mstatus.SXL': 1n, 'mstatus.UXL': 1n, 'mie[40]': 1n, 'mip[40]': 1n, 'mideleg[40]': 1n, 'stvec.BASE': base >> 2n }
    const platform = { ...choices, interruptPriority: [40, 11, 3, 7, 9, 1, 5], delegableInterrupts: (1n << 40n) | 0x222n } as const
    const sie = (SXL: bigint): bigint => { const m = machineOf({ choices: platform, words: [0x10402573], registers: { ...registers, 'mstatus.SXL': SXL } }); m.step(); return m.bank('x').get(10n) }
    expect([sie(1n), sie(2n)]).toEqual([0n, 1n << 40n])
    const taken = machineOf({ choices: platform, registers: { ...registers, priv: 0n } })
    taken.step()
    expect(taken.register('scause')).toBe(0x8000_0028n)
  })
  it('lends M-mode Sv32 by MPRV', () => {
    const root = base + 0x1000n, ld = 0x0005b503
    const m = machineOf({
      choices, words: [ld], x: { 11: (7n << 32n) | 0xc000_0108n }, registers: { 'mstatus.SXL': 1n, 'mstatus.UXL': 1n, 'mstatus.MPRV': 1n, 'mstatus.MPP': 1n, 'satp.MODE': 1n, 'satp.PPN': root >> 12n },
      memory: [[root + 0xc00n, ((base >> 12n) << 10n) | 0xcfn], [base + 0x108n, 0x1122_3344_5566_7788n]],
    })
    expect([said(m.step()), m.bank('x').get(10n)]).toEqual(['LD', 0x1122_3344_5566_7788n])
  })
})
