// State of an ARMv8.0-A processor in AArch64 state with EL0 and EL1: registers, PSTATE, system registers by their fields, storage.
import { bank, get, register, type Bank, type Component, type Register, type Role } from '../../ir/state.ts'
import { add, and, concat, constant, eq, extract, ite, not, or, select, sub, type Bool, type Term } from '../../ir/term.ts'
import type { Access, Relocation } from '../../machine/isa.ts'
import type { EL2 } from './el2.ts'

/** A part of a system register that exists; `low` is its lowest bit. */
export interface SystemField {
  readonly register: Register
  readonly low: number
}

export const doublewordBits = 45
const pageBits = 36, inPage = doublewordBits - pageBits

type Layout = Readonly<Record<string, number | readonly [low: number, width: number]>>
/** The fields of system registers with their lowest bits; a field without a name is the register itself. */
const layouts = {
  SCTLR_EL1: {
    M: 0, A: 1, C: 2, SA: 3, SA0: 4, CP15BEN: 5, ITD: 7, SED: 8, UMA: 9, I: 12, DZE: 14, UCT: 15, nTWI: 16, nTWE: 18, WXN: 19, E0E: 24, EE: 25, UCI: 26,
  },
  CPACR_EL1: { FPEN: [20, 2] },
  TTBR0_EL1: { BADDR: [12, pageBits], ASID: [48, 16] },
  TTBR1_EL1: { BADDR: [12, pageBits], ASID: [48, 16] },
  TCR_EL1: { '<5:0>': [0, 6], '<34:7>': [7, 28], '<38:36>': [36, 3] },
  VBAR_EL1: { '<63:11>': [11, 53] },
  SPSR_EL1: { M: [0, 5], F: 6, I: 7, A: 8, D: 9, IL: 20, SS: 21, V: 28, C: 29, Z: 30, N: 31 },
  ISR_EL1: { '<8:6>': [6, 3] },
  CNTKCTL_EL1: { EL0PCTEN: 0, EL0VCTEN: 1, '<7:2>': [2, 6], EL0VTEN: 8, EL0PTEN: 9 },
  CNTP_CTL_EL0: { ENABLE: 0, IMASK: 1 },
  CNTV_CTL_EL0: { ENABLE: 0, IMASK: 1 },
  PMUSERENR_EL0: { EN: 0, SW: 1, CR: 2, ER: 3 },
  PMCR_EL0: { E: 0, '<6:3>': [3, 4], '<31:11>': [11, 21] },
  PMSELR_EL0: { SEL: [0, 5] },
  MDSCR_EL1: { SS: 0, TDCC: 12, '<15:13>': [13, 3] },
  CSSELR_EL1: { '<3:0>': [0, 4] },
  FPCR: { '<26:22>': [22, 5] },
  FPSR: { '<4:0>': [0, 5], IDC: 7, QC: 27 },
  MIDR_EL1: { '': [0, 32] }, MPIDR_EL1: { '': [0, 64] }, REVIDR_EL1: { '': [0, 32] }, CCSIDR_EL1: { '': [0, 32] }, CLIDR_EL1: { '': [0, 32] },
  AIDR_EL1: { '': [0, 32] }, CTR_EL0: { '': [0, 32] }, ID_PFR0_EL1: { '': [0, 32] }, ID_AA64PFR0_EL1: { '': [0, 64] }, ID_AA64DFR0_EL1: { '': [0, 64] },
  ID_AA64ISAR0_EL1: { '': [0, 64] }, ID_AA64MMFR0_EL1: { '': [0, 64] }, ACTLR_EL1: { '': [0, 64] }, AFSR0_EL1: { '': [0, 32] },
  MAIR_EL1: { '': [0, 64] }, AMAIR_EL1: { '': [0, 64] }, ESR_EL1: { '': [0, 32] }, FAR_EL1: { '': [0, 64] }, PAR_EL1: { '': [0, 64] }, ELR_EL1: { '': [0, 64] },
  CONTEXTIDR_EL1: { '': [0, 32] }, TPIDR_EL1: { '': [0, 64] }, TPIDR_EL0: { '': [0, 64] }, TPIDRRO_EL0: { '': [0, 64] },
  CNTFRQ_EL0: { '': [0, 32] }, CNTPCT_EL0: { '': [0, 64] }, CNTP_CVAL_EL0: { '': [0, 64] }, CNTV_CVAL_EL0: { '': [0, 64] },
  PMCNTENSET_EL0: { '': [0, 32] }, PMINTENSET_EL1: { '': [0, 32] }, PMOVSSET_EL0: { '': [0, 32] }, PMCEID0_EL0: { '': [0, 32] }, PMCCNTR_EL0: { '': [0, 64] },
  PMCCFILTR_EL0: { '': [0, 32] }, PMXEVTYPER_EL0: { '': [0, 32] }, PMXEVCNTR_EL0: { '': [0, 32] },
  DBGBVR0_EL1: { '': [0, 64] }, DBGBCR0_EL1: { '': [0, 32] }, 'OS Lock': { '': [0, 1] }, MDCCSR_EL0: { '': [0, 32] }, DBGDTR_EL0: { '': [0, 64] },
} as const satisfies Readonly<Record<string, Layout>>
export type SystemName = keyof typeof layouts

/** Bits that are 1 and are no field. */
const ones: Readonly<Partial<Record<SystemName, bigint>>> = { SCTLR_EL1: (1n << 11n) | (1n << 20n) | (3n << 22n) | (3n << 28n) }
export const reservedOnes = (name: SystemName): bigint => ones[name] ?? 0n

/** The user's own registers: a VMM keeps the guest's values in them while the guest runs. */
const own: ReadonlySet<string> = new Set(['FPCR', 'FPSR', 'TPIDR_EL0', 'TPIDRRO_EL0'])

export interface State {
  readonly Memory: Bank<number, 64>
  /** X0 to X30; cell 31 is not used. */
  readonly X: Bank<5, 64>
  readonly Q: Bank<5, 128>
  /** The stack pointer that EL and SPSel select; what SP_EL0 or SP_EL1 hold for the selected one has no meaning. */
  readonly SP: Register<64>
  readonly SP_EL0: Register<64>
  readonly SP_EL1: Register<64>
  /** The address of the instruction in words. */
  readonly PC: Register<62>
  readonly flags: Readonly<Record<'N' | 'Z' | 'C' | 'V', Register<1>>>
  readonly masks: Readonly<Record<'D' | 'A' | 'I' | 'F', Register<1>>>
  readonly IL: Register<1>
  /** 0 or 1: the processor has no higher Exception levels. */
  readonly EL: Register<1>
  /** PSTATE.SP. */
  readonly SPSel: Register<1>
  /** Whether the page of a virtual address has a valid descriptor, and the descriptor's AP[2:1]. */
  readonly valid: Bank<36, 1>
  readonly AP: Bank<36, 2>
  readonly exclusive: Register<1>
  readonly event: Register<1>
  readonly waiting: Register<1>
  readonly system: Readonly<Record<SystemName, readonly SystemField[]>>
  /** Where the processor has EL2; `EL` is then 1 at both higher levels. */
  readonly el2?: EL2
}

const roleOf = (name: string): Role => (own.has(name) ? 'general' : name === 'TTBR0_EL1' ? 'mapping' : 'control')
const fieldsOf = (name: string, layout: Layout): SystemField[] => Object.entries(layout).map(([field, at]) => {
  const [low, width] = typeof at === 'number' ? [at, 1] : at
  const full = field === '' ? name : field.startsWith('<') ? name + field : `${name}.${field}`
  return { register: register<number>(full, width, full === 'TTBR0_EL1.ASID' ? 'control' : roleOf(name)), low }
})

export const declareState = (): State => {
  const one = (name: string, role: Role): Register<1> => register(name, 1, role)
  return {
    Memory: bank('Memory', doublewordBits, 64, 'storage'),
    X: bank('X', 5, 64, 'general'),
    Q: bank('Q', 5, 128, 'general'),
    SP: register('SP', 64, 'general'), SP_EL0: register('SP_EL0', 64, 'control'), SP_EL1: register('SP_EL1', 64, 'control'),
    PC: register('PC', 62, 'counter'),
    flags: { N: one('N', 'general'), Z: one('Z', 'general'), C: one('C', 'general'), V: one('V', 'general') },
    masks: { D: one('D', 'control'), A: one('A', 'control'), I: one('I', 'control'), F: one('F', 'control') },
    IL: one('IL', 'control'), EL: one('EL', 'mode'), SPSel: one('SPSel', 'mode'),
    valid: bank('valid', pageBits, 1, 'mapping'), AP: bank('AP', pageBits, 2, 'mapping'),
    exclusive: one('exclusive monitor', 'general'), event: one('Event Register', 'control'), waiting: one('waiting', 'control'),
    system: Object.fromEntries(Object.entries(layouts).map(([name, layout]) => [name, fieldsOf(name, layout)])) as unknown as State['system'],
  }
}

/** One field of a system register by its name: `SCTLR_EL1.UMA`, `MIDR_EL1`. */
export const systemField = (s: State, name: string): Register => {
  const found = s.system[name.split(/[.<]/)[0] as SystemName].find((f) => f.register.name === name)
  if (!found) throw new RangeError(`no system register has a field ${name}`)
  return found.register
}
export const isSet = (s: State, name: string): Bool => get(systemField(s, name)) as Bool

export const components = (s: State): readonly Component[] => [
  s.Memory, s.X, s.Q, s.SP, s.PC, ...Object.values(s.flags), ...Object.values(s.masks), s.IL, s.EL, s.SPSel, s.SP_EL0, s.SP_EL1, s.valid, s.AP,
  s.exclusive, s.event, s.waiting, ...Object.values(s.system).flatMap((fields) => fields.map((f) => f.register)),
]

/** The order of bytes, which the real machine keeps as the guest has it. */
const byteOrder: ReadonlySet<string> = new Set(['SCTLR_EL1.EE', 'SCTLR_EL1.E0E'])
/** What a VMM keeps for itself while a guest runs: masks, the other stack pointer, system registers, permissions. */
export const controlState = (s: State): readonly Component[] =>
  components(s).filter((c) => (c.role === 'control' && !byteOrder.has(c.name)) || c === s.valid || c === s.AP)

export const atEL0 = (s: State): Bool => not(get(s.EL))
/** Whether SP is SP_EL1; EL0 always has SP_EL0. */
export const usesSP1 = (s: State): Bool => and(get(s.EL), get(s.SPSel))

const pageOf = (doubleword: Term): Term<36> => extract<36>(doubleword, doublewordBits - 1, inPage)
/** Whether an access by the given level faults: no valid descriptor, or AP[1] = 0 for EL0, or AP[2] = 1 for a write. */
export const faults = (s: State, doubleword: Term, access: Access, el0: Bool): Bool => {
  const ap = select(s.AP, pageOf(doubleword)), readOnly = extract<1>(ap, 1, 1), userMay = extract<1>(ap, 0, 0)
  const denied = and(el0, not(userMay))
  return or(not(select(s.valid, pageOf(doubleword))), access === 'write' ? or(denied, readOnly) : denied)
}

/** TTBR0_EL1.BADDR stands for the translation tables: the page to which page 0 is mapped. Addresses count doublewords. */
const offset = (s: State): Term => {
  const page = get(systemField(s, 'TTBR0_EL1.BADDR'))
  const mapped = s.el2 ? ite<number>(get(s.el2.at), get(s.el2.TTBR0_EL2), add<number>(page, get(s.el2.VTTBR_EL2))) : page
  return concat<number>(mapped, constant(inPage, 0))
}
export const translated = (s: State, doubleword: Term): Term => add(doubleword, offset(s))

export const relocation = (s: State): Relocation => ({
  storage: s.Memory,
  addressWidth: doublewordBits,
  develop: (doubleword, access) => ({ fault: faults(s, doubleword, access, atEL0(s)), real: translated(s, doubleword) }),
  reaches: (real) => {
    const doubleword = sub(real, offset(s))
    return { mapped: not(faults(s, doubleword, 'read', atEL0(s))), address: doubleword }
  },
})

/** Bits of a system register as MRS reads them. */
export const asWord = (s: State, name: SystemName): Term<64> => wordOfFields(s.system[name], reservedOnes(name))
/** Fields at their places, between bits that are 0 but for `ones`. */
export const wordOfFields = (fields: readonly SystemField[], ones: bigint): Term<64> => {
  const fixed = (low: number, width: number): Term => constant<number>(width, (ones >> BigInt(low)) & ((1n << BigInt(width)) - 1n))
  const parts: Term[] = []
  let next = 64
  for (const f of [...fields].sort((a, b) => b.low - a.low)) {
    const high = f.low + f.register.width
    if (high < next) parts.push(fixed(high, next - high))
    parts.push(get(f.register))
    next = f.low
  }
  if (next > 0) parts.push(fixed(0, next))
  return parts.length === 1 ? parts[0] as Term<64> : concat<64>(parts[0]!, parts[1]!, ...parts.slice(2))
}

/** Whether data at this level are big-endian. */
export const bigEndian = (s: State): Bool => {
  const atEL1 = isSet(s, 'SCTLR_EL1.EE')
  return ite(get(s.EL), s.el2 ? ite(get(s.el2.at), get(s.el2.controls.SCTLR_EL2.find((f) => f.register.name.endsWith('.EE'))!.register) as Bool, atEL1) : atEL1, isSet(s, 'SCTLR_EL1.E0E'))
}
export const misaligned = (address: Term<64>, low: number): Bool => not(eq(extract<number>(address, low - 1, 0), constant<number>(low, 0)))
