// MRS and MSR (register): system registers under their encodings, what EL0 may access, and what reading or writing one does.
import { open, set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { field, get } from '../../ir/state.ts'
import { add, and, concat, constant, eq, extract, False, ite, not, or, signExtend, sub, True, ule, type Bool, type Term } from '../../ir/term.ts'
import { define, floatingPointAllowed, in64, trappedAtEL0Unless, undefinedAtEL0, writeX, X } from './notation.ts'
import { asWord, atEL0, isSet, systemField, type State, type SystemName } from './state.ts'

/** op0, op1, CRn, CRm, op2. */
type Encoded = readonly [number, number, number, number, number]

interface SystemRegister {
  readonly name: string
  readonly at: Encoded
  readonly read?: Term<64>
  readonly write?: (value: Term<64>) => readonly Statement[]
  /** Where EL0 may read it; what is not allowed is trapped to EL1. Without it, reading is UNDEFINED at EL0. */
  readonly el0Reads?: Bool
  readonly el0Writes?: Bool
  /** Checked at both levels, before all else. */
  readonly guard?: Statement
}

const writeFields = (s: State, name: SystemName, value: Term<64>, below = 64): Statement[] =>
  s.system[name].filter((f) => f.low < below).map((f) => set<number>(f.register, extract<number>(value, f.low + f.register.width - 1, f.low)))

const readWrite = (s: State, name: SystemName, at: Encoded): SystemRegister => ({ name, at, read: asWord(s, name), write: (v) => writeFields(s, name, v) })
const readOnly = (s: State, name: SystemName, at: Encoded): SystemRegister => ({ name, at, read: asWord(s, name) })

/** Registers of EL1, and identification: UNDEFINED at EL0. */
const ofEL1 = (s: State): readonly SystemRegister[] => {
  const rw = (name: SystemName, ...at: Encoded): SystemRegister => readWrite(s, name, at)
  const ro = (name: SystemName, ...at: Encoded): SystemRegister => readOnly(s, name, at)
  return [
    ro('MIDR_EL1', 3, 0, 0, 0, 0), ro('MPIDR_EL1', 3, 0, 0, 0, 5), ro('REVIDR_EL1', 3, 0, 0, 0, 6), ro('ID_PFR0_EL1', 3, 0, 0, 1, 0),
    ro('ID_AA64PFR0_EL1', 3, 0, 0, 4, 0), ro('ID_AA64DFR0_EL1', 3, 0, 0, 5, 0), ro('ID_AA64ISAR0_EL1', 3, 0, 0, 6, 0), ro('ID_AA64MMFR0_EL1', 3, 0, 0, 7, 0),
    ro('CCSIDR_EL1', 3, 1, 0, 0, 0), ro('CLIDR_EL1', 3, 1, 0, 0, 1), ro('AIDR_EL1', 3, 1, 0, 0, 7), rw('CSSELR_EL1', 3, 2, 0, 0, 0),
    rw('SCTLR_EL1', 3, 0, 1, 0, 0), rw('ACTLR_EL1', 3, 0, 1, 0, 1), rw('CPACR_EL1', 3, 0, 1, 0, 2),
    rw('TTBR0_EL1', 3, 0, 2, 0, 0), rw('TTBR1_EL1', 3, 0, 2, 0, 1), rw('TCR_EL1', 3, 0, 2, 0, 2),
    rw('SPSR_EL1', 3, 0, 4, 0, 0), rw('ELR_EL1', 3, 0, 4, 0, 1),
    {
      name: 'SP_EL0', at: [3, 0, 4, 1, 0], read: get(s.SP_EL0), write: (v) => [set(s.SP_EL0, v)],
      guard: trapIf(and(get(s.EL), not(get(s.SPSel))), 'undefined'),
    },
    rw('AFSR0_EL1', 3, 0, 5, 1, 0), rw('ESR_EL1', 3, 0, 5, 2, 0), rw('FAR_EL1', 3, 0, 6, 0, 0), rw('PAR_EL1', 3, 0, 7, 4, 0),
    rw('MAIR_EL1', 3, 0, 10, 2, 0), rw('AMAIR_EL1', 3, 0, 10, 3, 0), rw('VBAR_EL1', 3, 0, 12, 0, 0), ro('ISR_EL1', 3, 0, 12, 1, 0),
    rw('CONTEXTIDR_EL1', 3, 0, 13, 0, 1), rw('TPIDR_EL1', 3, 0, 13, 0, 4), rw('CNTKCTL_EL1', 3, 0, 14, 1, 0),
    rw('MDSCR_EL1', 2, 0, 0, 2, 2), rw('DBGBVR0_EL1', 2, 0, 0, 0, 4), rw('DBGBCR0_EL1', 2, 0, 0, 0, 5),
    { name: 'OSLAR_EL1', at: [2, 0, 1, 0, 4], write: (v) => [set<number>(systemField(s, 'OS Lock'), extract<number>(v, 0, 0))] },
  ]
}

/** PSTATE as special-purpose registers, and the user's own registers. */
const specialPurpose = (s: State): readonly SystemRegister[] => {
  const { N, Z, C, V } = s.flags, { D, A, I, F } = s.masks
  const masked = isSet(s, 'SCTLR_EL1.UMA')
  const part = <W extends number>(value: Term, low: number): Term<W> => extract<W>(value, low, low)
  return [
    {
      name: 'NZCV', at: [3, 3, 4, 2, 0], el0Reads: True, el0Writes: True,
      read: concat<64>(constant(32, 0), get(N), get(Z), get(C), get(V), constant(28, 0)),
      write: (v) => [set(N, part<1>(v, 31)), set(Z, part<1>(v, 30)), set(C, part<1>(v, 29)), set(V, part<1>(v, 28))],
    },
    {
      name: 'DAIF', at: [3, 3, 4, 2, 1], el0Reads: masked, el0Writes: masked,
      read: concat<64>(constant(54, 0), get(D), get(A), get(I), get(F), constant(6, 0)),
      write: (v) => [set(D, part<1>(v, 9)), set(A, part<1>(v, 8)), set(I, part<1>(v, 7)), set(F, part<1>(v, 6))],
    },
    { name: 'CurrentEL', at: [3, 0, 4, 2, 2], read: concat<64>(constant(61, 0), get(s.EL), constant(2, 0)) },
    {
      name: 'SPSel', at: [3, 0, 4, 2, 0], read: in64(get(s.SPSel)),
      write: (v) => selectStack(s, part<1>(v, 0)),
    },
    ...(['FPCR', 'FPSR'] as const).map((name, op2): SystemRegister =>
      ({ ...readWrite(s, name, [3, 3, 4, 4, op2]), el0Reads: True, el0Writes: True, guard: floatingPointAllowed(s) })),
    { ...readWrite(s, 'TPIDR_EL0', [3, 3, 13, 0, 2]), el0Reads: True, el0Writes: True },
    { ...readWrite(s, 'TPIDRRO_EL0', [3, 3, 13, 0, 3]), el0Reads: True },
    { ...readOnly(s, 'CTR_EL0', [3, 3, 0, 0, 1]), el0Reads: isSet(s, 'SCTLR_EL1.UCT') },
    {
      name: 'DCZID_EL0', at: [3, 3, 0, 0, 7], el0Reads: True,
      read: concat<64>(constant(59, 0), and(atEL0(s), not(isSet(s, 'SCTLR_EL1.DZE'))), constant(4, 4)),
    },
  ]
}

/** SPSel := to at EL1: the selected stack pointer goes to its register, and the other one becomes SP. */
export const selectStack = (s: State, to: Term<1>): Statement[] => {
  const from = get(s.SPSel), other = not(or(and(from, to), not(or(from, to))))
  return [
    set(s.SPSel, to), set(s.SP_EL1, get(s.SP), and(other, from)), set(s.SP_EL0, get(s.SP), and(other, not(from))),
    set(s.SP, ite<64>(to, get(s.SP_EL1), get(s.SP_EL0)), other),
  ]
}

/** The generic timer; without EL2 the virtual count is the physical one. */
const timers = (s: State): readonly SystemRegister[] => {
  const k = (name: string): Bool => isSet(s, `CNTKCTL_EL1.${name}`), count = get(systemField(s, 'CNTPCT_EL0')) as Term<64>
  const timer = (which: 'P' | 'V', CRm: number, allowed: Bool): SystemRegister[] => {
    const compare = systemField(s, `CNT${which}_CVAL_EL0`), enabled = isSet(s, `CNT${which}_CTL_EL0.ENABLE`)
    const at = (op2: number): Encoded => [3, 3, 14, CRm, op2], allowedAtEL0 = { el0Reads: allowed, el0Writes: allowed }
    const status = ite<1>(enabled, ule<number>(get(compare), count), open('ISTATUS', 1))
    return [
      {
        name: `CNT${which}_TVAL_EL0`, at: at(0), ...allowedAtEL0,
        read: in64(ite<32>(enabled, extract<32>(sub<number>(get(compare), count), 31, 0), open('TimerValue', 32))),
        write: (v) => [set<number>(compare, add(count, signExtend(extract<32>(v, 31, 0), 64)))],
      },
      {
        ...readWrite(s, `CNT${which}_CTL_EL0`, at(1)), ...allowedAtEL0,
        read: concat<64>(constant(61, 0), status, isSet(s, `CNT${which}_CTL_EL0.IMASK`), enabled),
      },
      { ...readWrite(s, `CNT${which}_CVAL_EL0`, at(2)), ...allowedAtEL0 },
    ]
  }
  return [
    { ...readWrite(s, 'CNTFRQ_EL0', [3, 3, 14, 0, 0]), el0Reads: or(k('EL0PCTEN'), k('EL0VCTEN')) },
    { ...readOnly(s, 'CNTPCT_EL0', [3, 3, 14, 0, 1]), el0Reads: k('EL0PCTEN') },
    { name: 'CNTVCT_EL0', at: [3, 3, 14, 0, 2], read: count, el0Reads: k('EL0VCTEN') },
    ...timer('P', 2, k('EL0PTEN')), ...timer('V', 3, k('EL0VTEN')),
  ]
}

/** The performance monitors with their accesses by EL0, and the debug communication channel. */
const monitors = (s: State): readonly SystemRegister[] => {
  const u = (name: 'EN' | 'SW' | 'CR' | 'ER'): Bool => isSet(s, `PMUSERENR_EL0.${name}`)
  const both = (b: Bool): Pick<SystemRegister, 'el0Reads' | 'el0Writes'> => ({ el0Reads: b, el0Writes: b })
  const bits = (of: SystemName, set1: boolean) => (v: Term<64>): Statement[] => {
    const to = systemField(s, of), written = extract<number>(v, to.width - 1, 0)
    return [set<number>(to, set1 ? or(get(to), written) : and(get(to), not(written)))]
  }
  const setting = (name: string, of: SystemName, at: Encoded, set1: boolean): SystemRegister => ({ name, at, read: asWord(s, of), write: bits(of, set1) })
  const eventCounter = systemField(s, 'PMXEVCNTR_EL0'), type = get(systemField(s, 'PMXEVTYPER_EL0'))
  /** The event counter is enabled and counts SW_INCR, event 0, at this level (P and U). */
  const countsSoftware = and(
    and(and(isSet(s, 'PMCR_EL0.E'), extract<1>(get(systemField(s, 'PMCNTENSET_EL0')), 0, 0)), eq(extract(type, 15, 0), constant(16, 0))),
    not(ite<1>(get(s.EL), extract<1>(type, 31, 31), extract<1>(type, 30, 30))),
  )
  const channel = { ...both(not(isSet(s, 'MDSCR_EL1.TDCC'))) }
  return [
    { ...readWrite(s, 'PMCR_EL0', [3, 3, 9, 12, 0]), write: (v) => controls(s, v), ...both(u('EN')) },
    { ...setting('PMCNTENSET_EL0', 'PMCNTENSET_EL0', [3, 3, 9, 12, 1], true), ...both(u('EN')) },
    { ...setting('PMCNTENCLR_EL0', 'PMCNTENSET_EL0', [3, 3, 9, 12, 2], false), ...both(u('EN')) },
    { ...setting('PMOVSCLR_EL0', 'PMOVSSET_EL0', [3, 3, 9, 12, 3], false), ...both(u('EN')) },
    { ...setting('PMOVSSET_EL0', 'PMOVSSET_EL0', [3, 3, 9, 14, 3], true), ...both(u('EN')) },
    {
      name: 'PMSWINC_EL0', at: [3, 3, 9, 12, 4], el0Writes: or(u('EN'), u('SW')),
      write: (v) => [
        set<number>(eventCounter, add(get(eventCounter), constant<number>(32, 1)), and(extract<1>(v, 0, 0), countsSoftware)),
        set(field<1>(systemField(s, 'PMOVSSET_EL0'), 0, 0), 1, and(and(extract<1>(v, 0, 0), countsSoftware), eq(get(eventCounter), constant<number>(32, 0xffffffff)))),
      ],
    },
    { ...readWrite(s, 'PMSELR_EL0', [3, 3, 9, 12, 5]), ...both(or(u('EN'), u('ER'))) },
    { ...readOnly(s, 'PMCEID0_EL0', [3, 3, 9, 12, 6]), el0Reads: u('EN') },
    { ...readWrite(s, 'PMCCNTR_EL0', [3, 3, 9, 13, 0]), el0Reads: or(u('EN'), u('CR')), el0Writes: u('EN') },
    { ...readWrite(s, 'PMXEVTYPER_EL0', [3, 3, 9, 13, 1]), ...both(u('EN')) },
    { ...readWrite(s, 'PMXEVCNTR_EL0', [3, 3, 9, 13, 2]), el0Reads: or(u('EN'), u('ER')), el0Writes: u('EN') },
    { ...readWrite(s, 'PMUSERENR_EL0', [3, 3, 9, 14, 0]), el0Reads: True },
    { ...readWrite(s, 'PMCCFILTR_EL0', [3, 3, 14, 15, 7]), ...both(u('EN')) },
    setting('PMINTENSET_EL1', 'PMINTENSET_EL1', [3, 0, 9, 14, 1], true),
    setting('PMINTENCLR_EL1', 'PMINTENSET_EL1', [3, 0, 9, 14, 2], false),
    { ...readOnly(s, 'MDCCSR_EL0', [2, 3, 0, 1, 0]), el0Reads: channel.el0Reads! },
    // Written it is DTRRX and DTRTX, read DTRTX and DTRRX.
    { ...readWrite(s, 'DBGDTR_EL0', [2, 3, 0, 4, 0]), read: concat<64>(extract(asWord(s, 'DBGDTR_EL0'), 31, 0), extract(asWord(s, 'DBGDTR_EL0'), 63, 32)), ...channel },
  ]
}

/** PMCR_EL0.P and C reset the counters; bits 31 to 11 are read only. */
const controls = (s: State, v: Term<64>): Statement[] => [
  ...writeFields(s, 'PMCR_EL0', v, 11),
  set<number>(systemField(s, 'PMXEVCNTR_EL0'), constant<number>(32, 0), extract<1>(v, 1, 1)),
  set<number>(systemField(s, 'PMCCNTR_EL0'), constant<number>(64, 0), extract<1>(v, 2, 2)),
]

export const systemRegisters = (s: State): Instruction[] => {
  const instruction = define('System register access')
  const fields = { a: 10, L: 1, op0: 2, op1: 3, CRn: 4, CRm: 4, op2: 3, Rt: 5 }
  return [
    ...[...ofEL1(s), ...specialPurpose(s), ...timers(s), ...monitors(s)].flatMap((r) => {
      const [op0, op1, CRn, CRm, op2] = r.at, fixed = { a: 0x354, op0, op1, CRn, CRm, op2 }
      const access = (allowed: Bool | undefined): Statement[] =>
        [allowed === undefined ? undefinedAtEL0(s) : allowed === True ? trapIf(False, 'undefined') : trappedAtEL0Unless(s, allowed), ...(r.guard ? [r.guard] : [])]
      return [
        ...(r.read ? [instruction(`MRS ${r.name}`, fields, { ...fixed, L: 1 }, (o) => [...access(r.el0Reads), writeX(s, o['Rt']!, r.read!)])] : []),
        ...(r.write ? [instruction(`MSR ${r.name}`, fields, { ...fixed, L: 0 }, (o) => [...access(r.el0Writes), ...r.write!(X(s, o['Rt']!))])] : []),
      ]
    }),
    ...([['EL2', 4], ['EL3', 6]] as const).map(([level, op1]) =>
      instruction(`MRS or MSR of ${level}`, { a: 10, L: 1, b: 1, o0: 1, op1: 3, CRn: 4, CRm: 4, op2: 3, Rt: 5 }, { a: 0x354, b: 1, op1 }, () =>
        [trapIf(True, 'undefined')], `${level} is not implemented`)),
  ]
}

/** MSR (immediate): the fields of PSTATE. */
export const msrImmediate = (s: State): Instruction[] => {
  const instruction = define('MSR (immediate)')
  const fields = { a: 13, op1: 3, CRn: 4, imm: 4, op2: 3, Rt: 5 }, fixed = { a: 0x1aa0, CRn: 4, Rt: 31 }
  const { D, A, I, F } = s.masks
  const masks = (name: string, op2: number, value: 0 | 1): Instruction => instruction(`MSR ${name}`, fields, { ...fixed, op1: 3, op2 }, (o) => [
    trappedAtEL0Unless(s, isSet(s, 'SCTLR_EL1.UMA')),
    ...[F, I, A, D].map((mask, n) => set(mask, value, extract<1>(o['imm']!, n, n))),
  ])
  return [
    masks('DAIFSet', 6, 1), masks('DAIFClr', 7, 0),
    instruction('MSR SPSel (immediate)', fields, { ...fixed, op1: 0, op2: 5 }, (o) => [undefinedAtEL0(s), ...selectStack(s, extract<1>(o['imm']!, 0, 0))]),
  ]
}
