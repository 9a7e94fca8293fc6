// Critical: one word that some state shows sensitive and some pair shows not privileged.
import { and, type Bool } from '../ir/term.ts'
import type { Claim } from './claim.ts'
import { sought } from './claim.ts'
import { renamed } from './run.ts'
import { apart, apartSuffix } from './twins.ts'

/** The sensitivity and the missing privilege of the same word; the two share nothing but the operands. */
export const critical = (sensitive: Claim, privileged: Claim): Claim => beside('critical', 'not privileged', sensitive, privileged)

/**
 * The sensitivity of a word that in user mode under H runs without a trap: what a VMM cannot emulate. A critical
 * instruction that always traps there, and now and then in supervisor mode too, is critical by the letter only.
 */
export const untrapped = (sensitive: Claim, traps: Claim): Claim => beside('untrapped', 'without a trap', sensitive, traps)

const beside = (property: string, label: string, sensitive: Claim, refuted: Claim): Claim => {
  const other = apart(apartSuffix)
  const unprivileged: Bool = other(sought(refuted))
  return {
    property: `${property} (${sensitive.property})`, isa: sensitive.isa, instruction: sensitive.instruction, quantifier: 'some',
    runs: [...sensitive.runs, ...refuted.runs.map((r) => renamed(r, other, `${label}: ${r.from.label}`))],
    premise: unprivileged,
    conclusion: and(sought(sensitive), unprivileged),
  }
}
