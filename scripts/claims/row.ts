// One ISA in the table of claims: whether the theorems apply, what is in their way, and which emulators have confirmed it.
import type { Classification } from '../../properties/classify.ts'
import type { Verdict } from '../../properties/verdict.ts'
import { confirmedBy, type Summary } from '../confirm/summary.ts'

export interface IsaRow {
  readonly isa: string
  readonly title: string
  readonly deprivileging: string
  readonly assuming: readonly string[]
  readonly theorems: { readonly vmm: Verdict; readonly recursive: Verdict; readonly hybrid: Verdict }
  readonly instructions: number
  readonly critical: readonly string[]
  readonly userCritical: readonly string[]
  /** Critical by more than the letter: not always trapped in user mode. */
  readonly untrapped: readonly string[]
  readonly sensitiveTraps: Verdict
  readonly confirmedBy: readonly string[]
}

export const rowOf = (c: Classification, summaries: readonly Summary[]): IsaRow => {
  const having = (property: 'critical' | 'userCritical' | 'untrapped'): string[] => c.instructions.filter((i) => i[property] === 'yes').map((i) => i.name)
  return {
    isa: c.isa.name, title: c.isa.title, deprivileging: c.deprivileging.name, assuming: c.assuming, theorems: c.theorems,
    instructions: c.instructions.length, critical: having('critical'), userCritical: having('userCritical'),
    untrapped: having('untrapped'), sensitiveTraps: c.sensitiveTraps, confirmedBy: confirmedBy(c.isa.name, c.deprivileging.name, summaries),
  }
}
