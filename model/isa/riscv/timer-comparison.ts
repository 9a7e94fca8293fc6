// Comparing time with stimecmp, of which STIP shows the result at once or later. Volume II, Sstc.
import { set, type Statement } from '../../ir/instruction.ts'
import { all, False, ule, type Bool } from '../../ir/term.ts'
import { fieldOf, flag, value, type State } from './state.ts'

const reached = (s: State): Bool => ule(value(s, 'stimecmp'), value(s, 'mtime'))
const isLate = (s: State): boolean => s.fields['STIP compared'] !== undefined

/** What STIP shows of it. */
export const timerCompared = (s: State): Bool => (isLate(s) ? flag(s, 'STIP compared') : reached(s))
/** At the beginning of a step, where it is late: what it was one before is shown, and what it is now is for the next one. */
export const compareTime = (s: State): Statement[] => (isLate(s) ? [set(fieldOf(s, 'STIP compared'), flag(s, 'STIP next')), set(fieldOf(s, 'STIP next'), reached(s))] : [])
/** An enabled timer interrupt of which STIP does not tell yet: no step begins while a hart waits. */
export const timerIsDue = (s: State): Bool => (isLate(s) ? all([flag(s, 'menvcfg.STCE'), reached(s), flag(s, 'mie.STIE')]) : False)
