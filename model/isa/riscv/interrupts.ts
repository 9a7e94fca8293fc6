// Interrupts: which are pending, which is taken, and when. Volume II, Machine Interrupt Registers, Supervisor Interrupt Registers, Non-Maskable Interrupts.
import { set, type Statement } from '../../ir/instruction.ts'
import { add, and, any, constant, eq, False, ite, not, or, True, type Bool, type Term } from '../../ir/term.ts'
import type { Sequencing } from '../../machine/isa.ts'
import type { Csr } from './csr.ts'
import { interruptPending, isThere, supervisorExternalPending, supervisorTimerPending } from './machine.ts'
import type { Parameters } from './parameters.ts'
import { fieldOf, flag, inMode, value, walks, type State } from './state.ts'
import { timerIsDue } from './timer-comparison.ts'
import { delegates, delegatesPlatform } from './traps.ts'

/** Width of a cause's code where interrupts are told apart from exceptions, by the highest bit. */
export const causeWidth = (p: Pick<Parameters, 'interruptPriority'>): 6 | 7 => (p.interruptPriority.some((code) => code >= 32) ? 7 : 6)
const ofInterrupt = (p: Pick<Parameters, 'interruptPriority'>, code: number): number => 2 ** (causeWidth(p) - 1) + code

const standard = { 11: ['ME', 'external', 'machine'], 3: ['MS', 'software', 'machine'], 7: ['MT', 'timer', 'machine'], 9: ['SE', 'external', 'supervisor'], 1: ['SS', 'software', 'supervisor'], 5: ['ST', 'timer', 'supervisor'] } as const
type Standard = keyof typeof standard
type Name = (typeof standard)[Standard][0]
const isStandard = (code: number): code is Standard => code < 16
const causeOf = (code: number): string => (isStandard(code) ? `${standard[code][2]} ${standard[code][1]} interrupt` : `platform interrupt ${code}`)
const nonMaskable = 'non-maskable interrupt'

/** The code 0 of interrupts, which is reserved, stands for the non-maskable one. */
export const interruptCauses = (p: Parameters): Readonly<Record<string, number>> => Object.fromEntries([
  ...p.interruptPriority.map((code) => [causeOf(code), ofInterrupt(p, code)] as const), ...(p.nmiVector === 'none' ? [] : [[nonMaskable, ofInterrupt(p, 0)] as const]),
])

const pending = (s: State, name: Name): Bool =>
  (name === 'SE' ? supervisorExternalPending(s) : name === 'ST' ? supervisorTimerPending(s) : flag(s, `mip.${name}IP`))
const requested = (s: State, code: number): Bool =>
  (isStandard(code) ? and(pending(s, standard[code][0]), flag(s, `mie.${standard[code][0]}IE`)) : and(flag(s, `mip[${code}]`), flag(s, `mie[${code}]`)))
const delegated = (s: State, code: number): Bool => (isStandard(code) ? delegates(s, `${standard[code][0]}I`) : delegatesPlatform(s, code))

interface Takeable {
  readonly when: Bool
  readonly cause: string
}
/** Interrupts for M-mode come before all for S-mode; each is taken in a mode below its own, and in its own where the mode enables them. */
const takeable = (s: State): Takeable[] => {
  const toM = or(not(inMode(s, 'M')), flag(s, 'mstatus.MIE')), toS = or(inMode(s, 'U'), and(inMode(s, 'S'), flag(s, 'mstatus.SIE')))
  const taken = (where: (code: number) => Bool): Takeable[] => s.interruptPriority.filter((code) => !isStandard(code) || isThere(s, code)).map((code) => ({ when: and(requested(s, code), where(code)), cause: causeOf(code) }))
  return [...taken((code) => and(not(delegated(s, code)), toM)), ...taken((code) => and(delegated(s, code), toS)).filter(({ when }) => when !== constant(1, 0))]
}

const delays = (s: State): boolean => walks(s) && s.interruptDelay > 0
const delay = (s: State): Term => value(s, 'interrupt delay')
const elapsed = (s: State): Term => constant<number>(delay(s).width, s.interruptDelay + 1)

/** A non-maskable one comes before all, and at once. */
export const interruptsOf = (s: State): Sequencing['interrupts'] => [
  ...(s.nmiVector === 'none' ? [] : [{ when: flag(s, 'NMI'), cause: nonMaskable, also: [set(fieldOf(s, 'NMI'), 0)] }]),
  ...takeable(s).map(({ when, cause }) => (delays(s)
    ? { when: and(when, eq<number>(delay(s), elapsed(s))), cause, also: [set(fieldOf(s, 'interrupt delay'), 0)] } : { when, cause, also: [] })),
]

/** At the beginning of a step: one more, where some interrupt is there to be taken, or all that there are to be where it is taken at once. */
export const countDelay = (s: State): Statement[] => (delays(s) ? [
  set(fieldOf(s, 'interrupt delay'), ite<number>(any(takeable(s).map(({ when }) => when)),
    ite<number>(flag(s, 'interrupts evaluated'), elapsed(s), add<number>(delay(s), constant<number>(delay(s).width, 1))), constant<number>(delay(s).width, 0))),
  set(fieldOf(s, 'interrupts evaluated'), 0),
] : [])

const expressly = ['mip', 'mie', 'mstatus', 'mideleg', 'sip', 'sie', 'sstatus']
/** The CSRs, after a write of which interrupts are evaluated at once where they depend on it. */
export const evaluatedAfterWrites = (s: State, csrs: readonly Csr[]): Csr[] => csrs.map((c) => (!delays(s) || !expressly.includes(c.name) ? c
  : { ...c, write: (v, n) => [...c.write!(v, n), { place: fieldOf(s, 'interrupts evaluated'), value: constant<number>(1, 1), when: True }] }))

/** A hart that waits goes on when an interrupt is pending and enabled in mie, whether it will be taken or not, or one that cannot be masked. */
export const endsWaiting = (s: State): Bool => any([interruptPending(s), isThere(s, 5) ? timerIsDue(s) : False, s.nmiVector === 'none' ? False : flag(s, 'NMI')])

