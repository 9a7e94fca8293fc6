// Interrupts: which are pending, and which is taken. Volume II, Machine Interrupt Registers and Supervisor Interrupt Registers.
import { and, constant, not, or, type Bool } from '../../ir/term.ts'
import type { Sequencing } from '../../machine/isa.ts'
import { supervisorExternalPending, supervisorTimerPending } from './machine.ts'
import { flag, inMode, type State } from './state.ts'
import { delegates } from './traps.ts'

/** What is added to the code of an interrupt where codes of exceptions and of interrupts are told apart. */
export const interruptBit = 32

/** In the order in which simultaneous ones are taken, with their codes. */
const interrupts = [['ME', 'external', 'machine', 11], ['MS', 'software', 'machine', 3], ['MT', 'timer', 'machine', 7], ['SE', 'external', 'supervisor', 9], ['SS', 'software', 'supervisor', 1], ['ST', 'timer', 'supervisor', 5]] as const
type Name = (typeof interrupts)[number][0]

export const interruptCauses: Readonly<Record<string, number>> =
  Object.fromEntries(interrupts.map(([, kind, level, code]) => [`${level} ${kind} interrupt`, interruptBit + code]))

const pending = (s: State, name: Name): Bool =>
  (name === 'SE' ? supervisorExternalPending(s) : name === 'ST' ? supervisorTimerPending(s) : flag(s, `mip.${name}IP`))
const requested = (s: State, name: Name): Bool => and(pending(s, name), flag(s, `mie.${name}IE`))
const delegated = (s: State, name: Name): Bool => (name === 'SE' || name === 'SS' || name === 'ST' ? delegates(s, `${name}I`) : constant(1, 0))

/** Interrupts for M-mode come before all for S-mode; each is taken in a mode below its own, and in its own where the mode enables them. */
export const interruptsOf = (s: State): Sequencing['interrupts'] => {
  const toM = or(not(inMode(s, 'M')), flag(s, 'mstatus.MIE')), toS = or(inMode(s, 'U'), and(inMode(s, 'S'), flag(s, 'mstatus.SIE')))
  const taken = (where: (name: Name) => Bool) =>
    interrupts.map(([name, kind, level]) => ({ when: and(requested(s, name), where(name)), cause: `${level} ${kind} interrupt`, also: [] }))
  return [...taken((name) => and(not(delegated(s, name)), toM)), ...taken((name) => and(delegated(s, name), toS)).filter(({ when }) => when !== constant(1, 0))]
}
