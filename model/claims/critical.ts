// Critical: one word that some state shows sensitive and some pair shows not privileged.
import { and, type Bool } from '../ir/term.ts'
import type { Claim } from './claim.ts'
import { sought } from './claim.ts'
import { renamed } from './run.ts'
import { apart, apartSuffix } from './twins.ts'

/** The sensitivity and the missing privilege of the same word; the two share nothing but the operands. */
export const critical = (sensitive: Claim, privileged: Claim): Claim => {
  const other = apart(apartSuffix)
  const unprivileged: Bool = other(sought(privileged))
  return {
    property: `critical (${sensitive.property})`, isa: sensitive.isa, instruction: sensitive.instruction, quantifier: 'some',
    runs: [...sensitive.runs, ...privileged.runs.map((r) => renamed(r, other, `not privileged: ${r.from.label}`))],
    premise: unprivileged,
    conclusion: and(sought(sensitive), unprivileged),
  }
}
