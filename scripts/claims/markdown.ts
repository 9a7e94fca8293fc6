// The table of claims as Markdown, from what `popek claims --json` says.
import { code, markdownTable } from '../markdown.ts'
import type { IsaRow } from './row.ts'

/** The parts of the command's document that the table shows. */
export interface ClaimsDocument {
  readonly agrees: number
  readonly disagrees: number
  readonly undecided: number
  readonly isas: readonly IsaRow[]
  readonly claims: readonly {
    readonly isa: string
    readonly deprivileging: string
    readonly claim: string
    readonly source: string
    readonly opinion: string
    readonly found: string
    readonly witness?: { readonly instruction: string; readonly property: string }
  }[]
}

const applies = { yes: '**yes**', no: 'no', vacuous: 'vacuous', undecided: 'undecided' } as const

/** Names that begin alike stand for their mnemonic, so that a cell stays readable. */
const shortened = (names: readonly string[], most: number): string => {
  if (names.length <= most) return names.map(code).join(' ') || 'none'
  const mnemonics = [...new Set(names.map((n) => n.split(' ')[0]!))]
  return `${mnemonics.map(code).join(' ')} (${names.length} forms)`
}

export const isaRows = ({ isas }: ClaimsDocument, most = 12): string[] => markdownTable(
  ['ISA', 'deprivileging', 'Theorem 1', 'Theorem 2', 'Theorem 3', 'sensitive ones trap', 'critical instructions', 'confirmed by'],
  isas.map((r) => [code(r.isa), r.deprivileging, applies[r.theorems.vmm], applies[r.theorems.recursive], applies[r.theorems.hybrid], applies[r.sensitiveTraps], shortened(r.critical, most), r.confirmedBy.join('; ') || '·']),
)

export const claimsPage = (d: ClaimsDocument, notice: string): string => [
  '# Every published claim, decided', '', notice, '',
  `${d.claims.length} published claims about ${d.isas.length} ISAs: popek agrees with ${d.agrees}, disagrees with ${d.disagrees}, and leaves ${d.undecided} undecided.`,
  'Sensitive ones trap: what the proof of Theorem 1 uses of its premise. An instruction that always traps in user mode, and in supervisor mode too in some states, is not privileged by the letter, and harmless.',
  'Every verdict is over all states and operand words, under the conjuncts of H and the assumptions that `popek classify` prints.',
  'Where a claim and popek differ, docs/findings.md says why. Confirmed by: critical instructions, and witnesses of any verdict, that the emulator executed as the specification says.', '',
  '## The ISAs', '', ...isaRows(d, 40), '',
  '## The claims', '',
  ...markdownTable(
    ['ISA', 'deprivileging', 'claim', 'source', 'popek', 'critical', 'proof or witness', 'confirmed by'],
    d.claims.map((c) => {
      const isa = d.isas.find((r) => r.isa === c.isa && r.deprivileging === c.deprivileging)!
      const rests = c.witness ? `witness: \`${c.witness.instruction}\` is ${c.witness.property}` : 'proof over all states'
      return [code(c.isa), isa.deprivileging, c.claim, c.source, `**${c.opinion}**: ${shortenedFound(c.found)}`, String(isa.critical.length), rests, isa.confirmedBy.map((e) => e.replace(/:.*/, '')).join('; ') || '·']
    }),
  ), '',
].join('\n')

const shortenedFound = (found: string): string => (found.length <= 300 ? found : `${found.slice(0, 300).replace(/\s+\S*$/, '')} …`)
