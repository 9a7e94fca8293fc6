// Taking a trap: into which mode, and what it writes. Volume II, Machine Trap Delegation Registers, mtvec, mepc, mcause and mtval.
import { set, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { add, all, and, any, concat, constant, eq, extract, False, ite, lshr, not, or, True, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { inField, trapVectorOf } from './addresses.ts'
import { exceptionCauses, fetchCauses, misalignedCause } from './causes.ts'
import { joined, readOnly } from './csr.ts'
import { countTrap } from './events.ts'
import { platformInterrupts, type Parameters } from './parameters.ts'
import { belowM, fieldOf, flag, inMode, Privilege, value, walks, word, type CsrField, type State } from './state.ts'
import { inSupervisor, ofSupervisor, pcIn } from './widths.ts'

/** Whether the bit of this code in mideleg is read-only 1. */
export const alwaysDelegated = (s: State, code: number): boolean => (s.delegatedInterrupts >> BigInt(code) & 1n) === 1n
const standard = { SSI: 1, MSI: 3, STI: 5, MTI: 7, SEI: 9, MEI: 11 } as const
/** Whether a standard interrupt is delegated to S-mode; those for M-mode only on harts that can do so. */
export const delegates = (s: State, name: keyof typeof standard): Bool => (alwaysDelegated(s, standard[name]) ? True : flag(s, `mideleg.${name}`))

/** The same of one from 16 up. */
export const delegatesPlatform = (s: State, code: number): Bool => (alwaysDelegated(s, code) ? True : flag(s, `mideleg[${code}]`))

const codes = { ...exceptionCauses, ...fetchCauses, ...misalignedCause }

/**
 * To M-mode, or to S-mode where the cause is delegated and the hart is not in M-mode. A cause of more than 5 bits is an interrupt
 * where its highest bit is 1, and with the code 0, which is reserved, the non-maskable one. Where traps have no value mtval and stval become 0, as they may.
 */
export const trap = (s: State, cause: Term, goesWith: Term = word(s, 0)): Statement[] => {
  const codeBits = cause.width > 5 ? cause.width - 1 : 5, interrupt: Bool = cause.width > 5 ? extract<1>(cause, codeBits, codeBits) : False
  const exceptions = concat<16>(flag(s, 'medeleg[15]'), constant(1, 0), value(s, 'medeleg[13:12]'), constant(2, 0), value(s, 'medeleg[9:0]'))
  const interrupts = joined(16, Object.entries(standard).map(([name, low]) => readOnly(low, delegates(s, name as keyof typeof standard))).filter((p) => p.value !== False)) as Term<16>
  const delegated = extract<1>(lshr(ite<16>(interrupt, interrupts, exceptions), zeroExtend(extract(cause, 3, 0), 16)), 0, 0)
  const small = Array.from({ length: codeBits - 4 }, (_, n) => not(extract<1>(cause, 4 + n, 4 + n)))
  const platform = interrupt === False ? [] : platformInterrupts(s).map((n) => and(eq<number>(extract(cause, codeBits - 1, 0), constant<number>(codeBits, n)), delegatesPlatform(s, n)))
  const softwareCheck = s.fields['medeleg[18]'] ? [all([not(interrupt), eq<number>(extract(cause, codeBits - 1, 0), constant<number>(codeBits, 18)), flag(s, 'medeleg[18]')])] : []
  const others = [...platform.map((p) => and(interrupt, p)), ...softwareCheck]
  const toS = others.length === 0 ? all([belowM(s), delegated, ...small]) : and(belowM(s), any([all([delegated, ...small]), ...others])), toM = not(toS)
  const number = zeroExtend<number>(extract(cause, codeBits - 1, 0), s.xlen)
  const nonMaskable = interrupt === False || s.nmiVector === 'none' ? False : and(interrupt, eq<number>(number, word(s, 0)))
  const coded = interrupt === False ? number : or<number>(number, concat<number>(interrupt, constant(s.xlen - 1, 0)))
  const code = ite<number>(nonMaskable, word(s, (1n << BigInt(s.xlen - 1)) | BigInt(s.nmiCode)), coded)
  const supervisorCode = interrupt === False ? code : inSupervisor(s, code, () => concat<number>(interrupt, extract(number, 30, 0)))
  /** In vectored mode each interrupt has its own entry, four bytes from the next. */
  const vector = (name: 'mtvec' | 'stvec'): Term => {
    const { BASE, MODE } = trapVectorOf(s, name), base = concat(BASE, constant(2, 0))
    return interrupt === False ? base
      : add<number>(base, ite<number>(and(interrupt, MODE), concat<number>(extract(number, s.xlen - 3, 0), constant(2, 0)), word(s, 0)))
  }
  const pc = pcIn(s, get(s.priv), get(s.pc))
  const without = (names: Parameters['mtvalWithout']): Term =>
    ite<number>(any(names.map((name) => and(not(interrupt), eq<number>(number, word(s, codes[name]))))), word(s, 0), goesWith)
  const f = (name: CsrField) => fieldOf(s, name)
  return [
    set(s.pc, ite<number>(toS, pcIn(s, constant(2, Privilege.S), vector('stvec')), ite<number>(nonMaskable, word(s, s.nmiVector === 'none' ? 0 : s.nmiVector), vector('mtvec')))), set(s.priv, ite<2>(toS, constant(2, Privilege.S), constant(2, Privilege.M))),
    set(f('mepc[xlen-1:1]'), inField(s, 'mepc[xlen-1:1]', pc), toM), set(f('mcause'), code, toM), set(f('mtval'), inField(s, 'mtval', without(s.mtvalWithout)), toM),
    set(f('mstatus.MPP'), get(s.priv), toM), set(f('mstatus.MPIE'), flag(s, 'mstatus.MIE'), toM), set(f('mstatus.MIE'), 0, toM),
    set(f('sepc[xlen-1:1]'), inField(s, 'sepc[xlen-1:1]', ofSupervisor(s, pc)), toS), set(f('scause'), supervisorCode, toS), set(f('stval'), inField(s, 'stval', ofSupervisor(s, without(s.stvalWithout))), toS),
    set(f('mstatus.SPP'), not(inMode(s, 'U')), toS), set(f('mstatus.SPIE'), flag(s, 'mstatus.SIE'), toS), set(f('mstatus.SIE'), 0, toS),
    ...endReservation(s, 'traps'), ...countTrap(s, interrupt),
  ]
}

/** After the instruction interrupts are evaluated at once. */
export const evaluateInterrupts = (s: State): Statement[] => (walks(s) && s.interruptDelay > 0 ? [set(fieldOf(s, 'interrupts evaluated'), 1)] : [])

/** Traps or returns end a reservation where the hart is one in which they do. */
export const endReservation = (s: State, by: 'traps' | 'returns'): Statement[] => (walks(s) && s.reservationEnds.includes(by) ? [set(s.reserved, 0)] : [])
