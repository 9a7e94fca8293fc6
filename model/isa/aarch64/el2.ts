// EL2 without VHE, for a hypervisor that is itself deprivileged: its registers, its exception return, and what traps to the real EL2.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { bank, cell, get, register, type Bank, type Component, type Register } from '../../ir/state.ts'
import { add, and, concat, constant, eq, extract, ite, not, or, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { beyond, define, doublewordOf, X, writeX } from './notation.ts'
import { asWord, declareState, faults, systemField, wordOfFields, type State, type SystemField, type SystemName } from './state.ts'

const trapBits = {
  'HCR_EL2.TWI': 13, 'HCR_EL2.TWE': 14, 'HCR_EL2.TTLB': 25, 'HCR_EL2.TVM': 26, 'HCR_EL2.HCD': 29, 'HCR_EL2.TRVM': 30, 'HCR_EL2.NV': 42, 'HCR_EL2.NV1': 43, 'HCR_EL2.AT': 44,
} as const
export type TrapBit = keyof typeof trapBits
/** The other fields of EL2's registers that exist, with their lowest bits and widths, and the bits that are 1 and are no field. */
const fieldsOfEL2 = {
  SCTLR_EL2: { M: [0, 1], A: [1, 1], C: [2, 1], SA: [3, 1], I: [12, 1], WXN: [19, 1], EE: [25, 1] },
  HCR_EL2: { VM: [0, 1], '<11:1>': [1, 11], DC: [12, 1], '<18:15>': [15, 4], '<24:20>': [20, 5], TGE: [27, 1], TDZ: [28, 1], RW: [31, 1], '<33:32>': [32, 2] },
  CPTR_EL2: { TFP: [10, 1], TCPAC: [31, 1] },
  VBAR_EL2: { '<63:11>': [11, 53] },
} as const
export type Controls = keyof typeof fieldsOfEL2
const ones: Readonly<Partial<Record<Controls, bigint>>> = { SCTLR_EL2: 0x30c50830n, CPTR_EL2: 0x33ffn }
export const reservedOnesOfEL2 = (name: Controls): bigint => ones[name] ?? 0n

/** What EL2 adds to the state; `at` tells it from EL1. */
export interface EL2 {
  readonly at: Register<1>
  /** What AT finds of a page besides its address: attributes, or why it fails; PAR_EL1.<63:1>, of which it has <63:48> and <11:1> where it succeeds. */
  readonly walk: Bank<36, 63>
  readonly TTBR0_EL2: Register<36>
  /** Stands for the tables of stage 2, in force at EL1. */
  readonly VTTBR_EL2: Register<36>
  readonly controls: Readonly<Record<Controls, readonly SystemField[]>>
  readonly traps: Readonly<Record<TrapBit, Register<1>>>
  readonly ELR_EL2: Register<64>
  readonly SPSR_EL2: Register<32>
  readonly ESR_EL2: Register<32>
  readonly TPIDR_EL2: Register<64>
  /** Of EL1 as seen from EL2; the stack pointer of the level itself is SP_ELx, and SP where it is selected. */
  readonly SP_EL1: Register<64>
  /** HCR_EL2.NV and NV1 exist (ARMv8.3). */
  readonly nested: boolean
}

export const declareNested = (nested: boolean): State & { readonly el2: EL2 } => ({
  ...declareState(),
  SP_EL1: register('SP_ELx', 64, 'general'),
  el2: {
    nested,
    walk: bank('walk', 36, 63, 'mapping'), at: register('at EL2', 1, 'mode'), TTBR0_EL2: register('TTBR0_EL2', 36, 'mapping'), VTTBR_EL2: register('VTTBR_EL2', 36, 'mapping'),
    controls: Object.fromEntries(Object.entries(fieldsOfEL2).map(([name, fields]) => [name, Object.entries(fields).map(([f, [low, width]]) =>
      ({ register: register<number>(f.startsWith('<') ? name + f : `${name}.${f}`, width, 'control'), low }))])) as unknown as EL2['controls'],
    traps: Object.fromEntries(Object.keys(trapBits).map((n) => [n, register(n, 1, 'control')])) as Record<TrapBit, Register<1>>,
    ELR_EL2: register('ELR_EL2', 64, 'control'), SPSR_EL2: register('SPSR_EL2', 32, 'control'),
    ESR_EL2: register('ESR_EL2', 32, 'control'), TPIDR_EL2: register('TPIDR_EL2', 64, 'control'), SP_EL1: register('SP_EL1', 64, 'control'),
  },
})

/** One field by its name: `SCTLR_EL2.EE`. */
export const fieldOfEL2 = (e: EL2, name: string): Register => {
  const found = e.controls[name.split(/[.<]/)[0] as Controls].find((f) => f.register.name === name)
  if (!found) throw new RangeError(`no register of EL2 has a field ${name}`)
  return found.register
}
export const isSetAtEL2 = (e: EL2, name: string): Bool => get(fieldOfEL2(e, name)) as Bool

const present = (e: EL2, bit: TrapBit): boolean => e.nested || !/NV|AT/.test(bit)
/** The fields of one of EL2's registers, with the bits by which it traps. */
export const fieldsOfControl = (e: EL2, name: Controls): readonly SystemField[] =>
  [...e.controls[name], ...(name === 'HCR_EL2' ? (Object.keys(trapBits) as TrapBit[]).filter((b) => present(e, b)).map((b) => ({ register: e.traps[b], low: trapBits[b] })) : [])]
export const componentsOfEL2 = (e: EL2): readonly Component[] => [
  e.at, e.walk, e.TTBR0_EL2, e.VTTBR_EL2, ...Object.values(e.controls).flatMap((fields) => fields.map((f) => f.register)), ...(Object.keys(trapBits) as TrapBit[]).filter((b) => present(e, b)).map((b) => e.traps[b]),
  e.ELR_EL2, e.SPSR_EL2, e.ESR_EL2, e.TPIDR_EL2, e.SP_EL1,
]

/** Traps to EL2 at EL1 where the bit is 1. */
export const trappedBy = (e: EL2, bit: TrapBit): Statement => trapIf(and(not(get(e.at)), get(e.traps[bit])), 'trap to EL2')

const fields = { a: 10, L: 1, op0: 2, op1: 3, CRn: 4, CRm: 4, op2: 3, Rt: 5 }
type Encoded = readonly [op1: number, CRn: number, CRm: number, op2: number]

/** A system register as MRS and MSR: what is checked before a read and before a write. */
const access = (s: State, name: string, [op1, CRn, CRm, op2]: Encoded, read: Term<64>, write: (v: Term<64>) => readonly Statement[], guards: (L: 0 | 1) => readonly Statement[]): Instruction[] => {
  const instruction = define('System register access'), fixed = { a: 0x354, op0: 3, op1, CRn, CRm, op2 }
  return [
    instruction(`MRS ${name}`, fields, { ...fixed, L: 1 }, (o) => [...guards(1), writeX(s, o['Rt']!, read)]),
    instruction(`MSR ${name}`, fields, { ...fixed, L: 0 }, (o) => [...guards(0), ...write(X(s, o['Rt']!))]),
  ]
}

/** Registers of EL2: UNDEFINED at EL1, or trapped from it by HCR_EL2.NV. */
export const registersOfEL2 = (s: State, e: EL2): Instruction[] => {
  const guards = (): Statement[] => [...(e.nested ? [trappedBy(e, 'HCR_EL2.NV')] : []), trapIf(not(get(e.at)), 'undefined')]
  const whole = (r: Register, at: Encoded): Instruction[] =>
    access(s, r.name, at, zeroExtend(get(r), 64), (v) => [set<number>(r, extract<number>(v, r.width - 1, 0))], guards)
  const bits = (name: string, at: Encoded, parts: readonly SystemField[], reserved = 0n): Instruction[] =>
    access(s, name, at, wordOfFields(parts, reserved), (v) => parts.map(({ register: r, low }) => set<number>(r, extract<number>(v, low + r.width - 1, low))), guards)
  const controls = (name: Controls, at: Encoded): Instruction[] => bits(name, at, fieldsOfControl(e, name), reservedOnesOfEL2(name))
  return [
    ...controls('SCTLR_EL2', [4, 1, 0, 0]),
    ...controls('HCR_EL2', [4, 1, 1, 0]),
    ...controls('CPTR_EL2', [4, 1, 1, 2]),
    ...bits('TTBR0_EL2', [4, 2, 0, 0], [{ register: e.TTBR0_EL2, low: 12 }]), ...bits('VTTBR_EL2', [4, 2, 1, 0], [{ register: e.VTTBR_EL2, low: 12 }]),
    ...whole(e.SPSR_EL2, [4, 4, 0, 0]), ...whole(e.ELR_EL2, [4, 4, 0, 1]), ...whole(e.SP_EL1, [4, 4, 1, 0]), ...whole(e.ESR_EL2, [4, 5, 2, 0]),
    ...controls('VBAR_EL2', [4, 12, 0, 0]), ...whole(e.TPIDR_EL2, [4, 13, 0, 2]),
  ]
}

/** Registers of EL1, which EL2 and EL1 both access: the virtual hypervisor's guest's at the one, the real level's own at the other. */
export const registersOfEL1 = (s: State, e: EL2): Instruction[] => {
  const of = (name: SystemName, at: Encoded, guards: (L: 0 | 1) => readonly Statement[]): Instruction[] =>
    access(s, name, at, asWord(s, name), (v) => s.system[name].map((f) => set<number>(f.register, extract<number>(v, f.low + f.register.width - 1, f.low))), guards)
  const memory = (name: SystemName, at: Encoded): Instruction[] => of(name, at, (L) => [trappedBy(e, L === 1 ? 'HCR_EL2.TRVM' : 'HCR_EL2.TVM')])
  const exception = (name: SystemName, at: Encoded): Instruction[] => of(name, at, () => (e.nested ? [trapIf(and(and(not(get(e.at)), get(e.traps['HCR_EL2.NV'])), get(e.traps['HCR_EL2.NV1'])), 'trap to EL2')] : []))
  return [
    ...memory('SCTLR_EL1', [0, 1, 0, 0]), ...memory('TTBR0_EL1', [0, 2, 0, 0]), ...memory('TTBR1_EL1', [0, 2, 0, 1]), ...memory('TCR_EL1', [0, 2, 0, 2]),
    ...memory('ESR_EL1', [0, 5, 2, 0]), ...memory('FAR_EL1', [0, 6, 0, 0]), ...memory('MAIR_EL1', [0, 10, 2, 0]), ...memory('CONTEXTIDR_EL1', [0, 13, 0, 1]),
    ...of('CPACR_EL1', [0, 1, 0, 2], () => [trapIf(and(not(get(e.at)), isSetAtEL2(e, 'CPTR_EL2.TCPAC')), 'trap to EL2')]),
    ...exception('VBAR_EL1', [0, 12, 0, 0]), ...exception('SPSR_EL1', [0, 4, 0, 0]), ...exception('ELR_EL1', [0, 4, 0, 1]),
    ...of('PAR_EL1', [0, 7, 4, 0], () => []), ...of('TPIDR_EL1', [0, 13, 0, 4], () => []), ...of('CNTKCTL_EL1', [0, 14, 1, 0], () => []),
  ]
}

/** PAR_EL1.<63:1> of an address that no tables translate: bit 11, and FST of a translation fault at level 0; what is IMPLEMENTATION DEFINED there is 0. */
const outOfRange = (1n << 10n) | 4n

/** CurrentEL, ERET, HVC, AT and TLBI as EL2 and EL1 have them. */
export const instructionsOfEL2 = (s: State, e: EL2): Instruction[] => {
  const special = define('System register access'), exception = define('exception generation'), system = define('System instructions')
  const hidden = e.nested ? or(get(e.at), get(e.traps['HCR_EL2.NV'])) : get(e.at)
  const sys = (name: string, [op1, CRn, CRm, op2]: Encoded, does: readonly Statement[], fixed: Readonly<Record<string, number>> = {}): Instruction =>
    system(name, fields, { a: 0x354, L: 0, op0: 1, op1, CRn, CRm, op2, ...fixed }, () => does)
  const onlyEL2 = [...(e.nested ? [trappedBy(e, 'HCR_EL2.NV')] : []), trapIf(not(get(e.at)), 'undefined')]
  const stage1 = get(systemField(s, 'TTBR0_EL1.BADDR'))
  /** The page of a translation by the tables of EL1, for reading there. */
  const translate = (name: string, [op1, CRn, CRm, op2]: Encoded, guards: readonly Statement[], tables: Term): Instruction =>
    system(name, fields, { a: 0x354, L: 0, op0: 1, op1, CRn, CRm, op2 }, (o) => {
      const address = X(s, o['Rt']!), fails = or(beyond(address), faults(s, doublewordOf(address), 'read', constant(1, 0)))
      const page = extract<36>(address, 47, 12), found = get(cell(e.walk, page)), told = ite<63>(beyond(address), constant(63, outOfRange), found)
      return [...guards, set<number>(systemField(s, 'PAR_EL1'), ite<64>(fails, concat<64>(told, constant(1, 1)), concat<64>(extract(found, 62, 47), add(page, tables as Term<36>), extract(found, 10, 0), constant(1, 0))))]
    })
  return [
    special('MRS CurrentEL', fields, { a: 0x354, L: 1, op0: 3, op1: 0, CRn: 4, CRm: 2, op2: 2 }, (o) =>
      [writeX(s, o['Rt']!, concat<64>(constant(60, 0), hidden, not(hidden), constant(2, 0)))]),
    exception('ERET', { word: 32 }, { word: 0xd69f03e0 }, () => [...(e.nested ? [trappedBy(e, 'HCR_EL2.NV')] : []), ...exceptionReturn(s, e)]),
    translate('AT S1E1R', [0, 7, 8, 0], e.nested ? [trappedBy(e, 'HCR_EL2.AT')] : [], stage1),
    translate('AT S12E1R', [4, 7, 8, 4], onlyEL2, add<number>(stage1, get(e.VTTBR_EL2))),
    sys('TLBI ALLE2', [4, 8, 7, 0], onlyEL2, { Rt: 31 }), sys('TLBI ALLE1', [4, 8, 7, 4], onlyEL2, { Rt: 31 }), sys('TLBI VMALLS12E1', [4, 8, 7, 6], onlyEL2, { Rt: 31 }),
    sys('TLBI VMALLE1', [0, 8, 7, 0], [trappedBy(e, 'HCR_EL2.TTLB')], { Rt: 31 }),
  ]
}

/** By SPSR_EL2 and ELR_EL2 at EL2, by those of EL1 at EL1; a return to EL0, which ends what is modelled, is told by EL. */
const exceptionReturn = (s: State, e: EL2): Statement[] => {
  const own = (low: number, name: string): Term<1> => ite<1>(get(e.at), extract<1>(get(e.SPSR_EL2), low, low), get(systemField(s, `SPSR_EL1.${name}`)) as Term<1>)
  const M = ite<5>(get(e.at), extract<5>(get(e.SPSR_EL2), 4, 0), get(systemField(s, 'SPSR_EL1.M')) as Term<5>), m = (n: number): Term<1> => extract<1>(M, n, n)
  const level = extract<2>(M, 3, 2)
  const illegal: Bool = or(or(m(1), eq(level, constant(2, 3))), or(and(eq(level, constant(2, 0)), m(0)), and(eq(level, constant(2, 2)), not(get(e.at)))))
  const legal = not(illegal)
  /** From EL2 to a lower level, whose SP_ELx is SP_EL1. */
  const leaves = and(get(e.at), not(m(3))), to = m(0), from = get(s.SPSel)
  const back = ite<64>(get(e.at), get(e.ELR_EL2), get(systemField(s, 'ELR_EL1')) as Term<64>)
  return [
    trapIf(m(4), 'AArch32 state'),
    ...([['N', 31], ['Z', 30], ['C', 29], ['V', 28]] as const).map(([f, low]) => set(s.flags[f], own(low, f))),
    ...([['D', 9], ['A', 8], ['I', 7], ['F', 6]] as const).map(([f, low]) => set(s.masks[f], own(low, f))),
    set(s.IL, or(illegal, own(20, 'IL'))),
    set(e.at, m(3), legal), set(s.EL, or(m(3), m(2)), legal), set(s.SPSel, m(0), legal),
    set(s.SP, ite<64>(to, ite<64>(leaves, get(e.SP_EL1), ite<64>(from, get(s.SP), get(s.SP_EL1))), ite<64>(from, get(s.SP_EL0), get(s.SP))), legal),
    set(s.SP_EL0, get(s.SP), and(legal, and(to, not(from)))), set(s.SP_EL1, ite<64>(leaves, get(e.SP_EL1), get(s.SP)), and(legal, and(not(to), or(from, leaves)))),
    set(s.PC, extract<62>(back, 63, 2)), set(s.exclusive, 0), set(s.event, 1),
  ]
}
