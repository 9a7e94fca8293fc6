// XLEN in each mode, and what a mode in which it is 32 sees of a hart of 64 bits. Volume II, Base ISA Control in mstatus Register.
import { get } from '../../ir/state.ts'
import { and, any, constant, eq, extract, False, ite, not, or, signExtend, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import type { Format } from '../../ir/instruction.ts'
import { part, readOnly, type Part } from './csr.ts'
import type { Parameters } from './parameters.ts'
import { is, Privilege, value, walks, type State } from './state.ts'

/** Values of UXL, as of misa.MXL. */
export const Width = { 32: 1, 64: 2 } as const

/** Whether some mode may have XLEN = 32 where M-mode has 64. */
export const widthsVary = (p: Pick<Parameters, 'UXL' | 'SXL'>): boolean => p.UXL === 'writable' || p.SXL === 'writable'

/** Whether instructions may meet XLEN = 32: those that run may, claims assume that they do not. */
export const mayBeNarrow = (s: State): boolean => walks(s) && widthsVary(s)

/** Ends the names of instructions that are executed where XLEN is 32 and M-mode's is 64. */
export const ofRV32 = ' of RV32'

/** The hart as a mode with XLEN = 32 has it: x registers and the pc by their low halves, and the CSRs of RV32. */
export const narrowView = (s: State): State => ({ ...s, xlen: 32, whole: s })
/** The hart itself. */
export const wholeOf = (s: State): State => s.whole ?? s

/** Whether SXLEN and UXLEN are 32 where M-mode's XLEN is 64. */
export const supervisorIsNarrow = (s: State): Bool => (s.SXL === 'writable' ? is(s, 'mstatus.SXL', Width[32]) : False)
const userIsNarrow = (s: State): Bool => (s.UXL === 'writable' ? is(s, 'mstatus.UXL', Width[32]) : s.UXL === 'copy of SXL' ? supervisorIsNarrow(s) : False)
/** Whether XLEN is 32 in the mode of that privilege. */
export const isNarrow = (s: State, privilege: Term<2>): Bool =>
  or(and(eq(privilege, constant(2, Privilege.U)), userIsNarrow(s)), and(eq(privilege, constant(2, Privilege.S)), supervisorIsNarrow(s)))
/** Whether it is in the mode that the hart is in. */
export const inNarrowMode = (s: State): Bool => isNarrow(s, get(s.priv))

const low = (t: Term): Term => extract(t, 31, 0)
/** An address modulo 2^XLEN of the privilege that it is used with; of all the bits of the hart. */
export const addressIn = (s: State, privilege: Term<2>, address: Term): Term => {
  if (s.whole) return zeroExtend<number>(low(address), s.whole.xlen)
  return mayBeNarrow(s) ? ite<number>(isNarrow(s, privilege), zeroExtend<number>(low(address), s.xlen), address) : address
}
/** What is written to the pc, sign-extended where XLEN is 32 in the mode of that privilege. */
export const pcIn = (s: State, privilege: Term<2>, pc: Term): Term =>
  (mayBeNarrow(s) ? ite<number>(isNarrow(s, privilege), signExtend<number>(low(pc), pc.width), pc) : pc)

/** What a value is where SXLEN may be 32: `narrow`, or its low bits. */
export const inSupervisor = (s: State, value: Term, narrow: () => Term): Term =>
  (s.SXL === 'writable' && walks(s) ? ite<number>(supervisorIsNarrow(s), zeroExtend<number>(narrow(), value.width), value) : value)
export const ofSupervisor = (s: State, value: Term): Term => inSupervisor(s, value, () => low(value))

const isWidth = (v: Term): Bool => any(Object.values(Width).map((n) => eq<number>(v, constant<number>(2, n))))
/** What a write of a width makes of the field, unless it is ignored. */
export const legalWidth = (s: State, v: Term): Term => (s.otherWidths === 'kept' ? v : ite<number>(isWidth(v), v, constant<number>(2, Width[32])))
const width = (s: State, name: 'mstatus.UXL' | 'mstatus.SXL', at: number): Part =>
  part(s, name, at, s.otherWidths === 'kept' ? { unsupported: (v) => not(isWidth(v)) } : { becomes: (v) => legalWidth(s, v) })
const widest = constant(2, Width[64])
/** SXL of mstatus. */
export const supervisorWidth = (s: State): Part => (s.SXL === 'writable' ? width(s, 'mstatus.SXL', 34) : readOnly(34, widest))
/** UXL of mstatus and sstatus. */
export const userWidth = (s: State): Part =>
  (s.UXL === 'writable' ? width(s, 'mstatus.UXL', 32) : readOnly(32, s.UXL === 'copy of SXL' && s.SXL === 'writable' ? value(s, 'mstatus.SXL') : widest))
/** Registers that are not 0 after reset: every mode has the widest XLEN. */
export const widthsAtReset = (s: State): Readonly<Record<string, bigint>> => Object.fromEntries((['UXL', 'SXL'] as const).filter((name) => s[name] === 'writable').map((name) => [`mstatus.${name}`, BigInt(Width[64])]))

/** Where XLEN varies it is a bit above those of the instruction, so that a word is decoded as the instruction set of the mode has it. */
export const encodedIn = (s: State, format: Format, fixed: Readonly<Record<string, number>>): readonly [Format, Readonly<Record<string, number>>] =>
  (mayBeNarrow(s) ? [{ 'XLEN = 32': 1, ...format }, { 'XLEN = 32': s.whole ? 1 : 0, ...fixed }] : [format, fixed])
