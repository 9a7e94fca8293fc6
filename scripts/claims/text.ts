// The table of claims for a terminal: the ISAs, then each published claim with what popek finds.
import type { Judgement } from '../../properties/claims.ts'
import { compactRun, plainTable } from '../classify/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { IsaRow } from './row.ts'

/** Whether the theorems apply to each ISA, and how many critical instructions it has. */
export const isaTable = (rows: readonly IsaRow[], { colors }: Terminal): string => plainTable(
  ['ISA', 'deprivileging', 'T1', 'T2', 'T3', 'traps', 'critical', 'untrapped', 'of', 'confirmed by'].map((h) => colors.bold(h)),
  rows.map((r) => [r.isa, r.deprivileging, r.theorems.vmm, r.theorems.recursive, r.theorems.hybrid, r.sensitiveTraps, String(r.critical.length), String(r.untrapped.length), String(r.instructions), r.confirmedBy.join('; ')]),
  ['left', 'left', 'left', 'left', 'left', 'left', 'right', 'right', 'right', 'left'],
)

export const claimLines = (row: IsaRow, judgements: readonly Judgement[], { colors }: Terminal): string[] => {
  if (judgements.length === 0) return []
  const color = { agrees: colors.green, disagrees: colors.red, undecided: colors.yellow }
  return [
    `${colors.bold(row.isa)}, ${row.deprivileging}`,
    ...judgements.flatMap((j) => [
      `  ${color[j.opinion](j.opinion.padEnd(9))}  ${j.published.claim}`,
      colors.dim(`             ${j.published.source}`),
      `             ${j.found}${basis(j)}`,
      ...(j.witness ? compactRun(j.witness).map((l) => colors.dim(`               ${l}`)) : []),
    ]),
    '',
  ]
}

/** Who says so. */
const basis = ({ rests, witness }: Judgement): string => {
  const by = [...new Set(rests.flatMap((d) => d.by.map((e) => e.decider)))]
  if (witness) return ` (witness by ${by.join(', ')})`
  return rests.length > 0 ? ` (proved over all states by ${by.join(', ')})` : ' (every instruction proved over all states)'
}
