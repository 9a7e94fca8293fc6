// What popek finds about each published claim: agrees, disagrees or undecided, with the witness or the proof.
import type { Isa, PublishedClaim } from '../model/machine/isa.ts'
import { propertyNames, type Classification, type InstructionVerdicts, type PropertyName } from './classify.ts'
import type { Decision } from './decide/decide.ts'
import { anyOf, type Verdict } from './verdict.ts'
import type { Witness } from './witness.ts'

export type Opinion = 'agrees' | 'disagrees' | 'undecided'

export interface Judgement {
  readonly isa: string
  readonly deprivileging: string
  readonly published: PublishedClaim
  readonly opinion: Opinion
  /** What was found, in words. */
  readonly found: string
  /** The decisions that the opinion rests on. */
  readonly rests: readonly Decision[]
  /** What shows it; where there is none, the opinion rests on proofs over all states. */
  readonly witness?: Witness
}

/** Judges the published claims, but for those about another deprivileging; the classification must be of all the ISA's instructions. */
export const judge = (c: Classification): Judgement[] => c.isa.published.filter((p) => (p.deprivileging ?? c.deprivileging.name) === c.deprivileging.name)
  .map((published) => ({ isa: c.isa.name, deprivileging: c.deprivileging.name, published, ...judgement(c, published) }))

const deprivilegingOf = (isa: Isa, { deprivileging }: PublishedClaim): string => deprivileging ?? isa.deprivilegings[0].name

/** The first deprivileging, and every other one that a published claim is about. */
export const claimedDeprivilegings = (isa: Isa): string[] => [...new Set([isa.deprivilegings[0].name, ...isa.published.map((p) => deprivilegingOf(isa, p))])]

type Found = Pick<Judgement, 'opinion' | 'found' | 'rests' | 'witness'>

const judgement = (c: Classification, { about }: PublishedClaim): Found => {
  if ('theorem' in about) return aboutTheorem(c, about.theorem, about.applies)
  if ('critical' in about) return aboutCritical(c, about.critical, about.exactly)
  return aboutInstruction(c, about.instruction, about.property, about.holds)
}

/** A claim says that something holds or that it does not; a vacuous property does not hold. */
const compare = (claimed: boolean, found: Verdict): Opinion => (found === 'undecided' ? 'undecided' : (found === 'yes') === claimed ? 'agrees' : 'disagrees')

const shown = (rests: readonly Decision[]): Pick<Found, 'rests' | 'witness'> => {
  const witness = rests.find((d) => d.witness)?.witness
  return { rests, ...(witness ? { witness } : {}) }
}

const theoremWords: Readonly<Record<'vmm' | 'recursive' | 'hybrid', string>> = { vmm: 'Theorem 1', recursive: 'Theorem 2', hybrid: 'Theorem 3' }

const aboutTheorem = (c: Classification, theorem: 'vmm' | 'recursive' | 'hybrid', applies: boolean): Found => {
  const verdict = c.theorems[theorem]
  const which = theorem === 'hybrid' ? 'userCritical' : 'critical'
  const culprits = c.instructions.filter((v) => v[which] === 'yes')
  return {
    opinion: compare(applies, verdict),
    found: verdict === 'undecided' ? `${theoremWords[theorem]} is undecided`
      : verdict === 'yes' ? `${theoremWords[theorem]} applies: none of ${c.instructions.length} instructions is critical${theorem === 'hybrid' ? ' and user sensitive' : ''}`
        : `${theoremWords[theorem]} does not apply: critical: ${culprits.map((v) => v.name).join('  ')}${theorem !== 'hybrid' && c.sensitiveTraps === 'yes' ? '; by the letter only: each always traps in user mode, which is what the proof uses' : ''}`,
    ...shown(culprits.flatMap((v) => v.decisions.filter((d) => d.verdict === 'yes' && d.property.startsWith('critical')))),
  }
}

const aboutCritical = (c: Classification, claimed: readonly string[], exactly: boolean): Found => {
  const critical = c.instructions.filter((v) => v.critical === 'yes')
  const names = critical.map((v) => v.name)
  const known = new Map(c.instructions.map((v) => [v.name, v.critical]))
  const unknown = claimed.filter((name) => !known.has(name))
  const open = [...known].filter(([name, verdict]) => verdict === 'undecided' && (exactly || claimed.includes(name))).map(([name]) => name)
  const missing = claimed.filter((name) => known.has(name) && !names.includes(name) && !open.includes(name))
  const more = exactly ? names.filter((name) => !claimed.includes(name)) : []
  const said = [['not modelled', unknown], ['undecided', open], ['not critical', missing], ['also critical', more]] as const
  const differences = said.filter(([, list]) => list.length > 0).map(([what, list]) => `${what}: ${list.join('  ')}`)
  return {
    opinion: missing.length + more.length > 0 ? 'disagrees' : open.length + unknown.length > 0 ? 'undecided' : 'agrees',
    found: differences.length ? differences.join('; ') : `critical: ${names.join('  ') || 'none'}`,
    ...shown((more.length ? critical.filter((v) => more.includes(v.name)) : critical).flatMap((v) => v.decisions.filter((d) => d.property.startsWith('critical')))),
  }
}

const isProperty = (name: string): name is PropertyName => (propertyNames as readonly string[]).includes(name)

/** What every form of a mnemonic must have; everything else a mnemonic has as soon as one of its forms does. */
const ofEveryForm: ReadonlySet<string> = new Set<PropertyName>(['privileged', 'alwaysTraps', 'innocuous'])

/** A claim names an instruction, or a mnemonic that stands for all its forms: `MFPI` for `MFPI R`, `MFPI (R)`, … */
const aboutInstruction = (c: Classification, name: string, property: string, holds: boolean): Found => {
  const exact = c.instructions.filter((x) => x.name === name)
  const forms = exact.length > 0 ? exact : c.instructions.filter((x) => x.name.startsWith(`${name} `))
  if (forms.length === 0) return { opinion: 'undecided', found: `${name} is not modelled`, rests: [] }
  const verdictOf = (v: InstructionVerdicts): Verdict | undefined => (isProperty(property) ? v[property] : v.decisions.find((d) => d.property === property)?.verdict)
  const verdicts = forms.map(verdictOf)
  if (verdicts.some((v) => v === undefined)) return { opinion: 'undecided', found: `popek has no property called ${property}`, rests: [] }
  const verdict = ofEveryForm.has(property) ? everyOf(verdicts as Verdict[]) : anyOf(verdicts as Verdict[])
  const telling = forms.filter((_, i) => verdicts[i] === verdict)
  const where = forms.length === 1 || telling.length === forms.length ? '' : ` (${telling.map((v) => v.name).join(', ')})`
  return { opinion: compare(holds, verdict), found: `${name}: ${property} is ${verdict}${where}`, ...shown(telling.flatMap((v) => decisionsOn(v, property))) }
}

const everyOf = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes('no') ? 'no' : verdicts.includes('undecided') ? 'undecided' : verdicts.includes('yes') ? 'yes' : 'vacuous'

/** The decisions that a verdict follows from; the one that settles it first. */
const decisionsOn = (v: InstructionVerdicts, property: string): readonly Decision[] => {
  const about = (p: string): boolean => {
    switch (property) {
      case 'userSensitive': return /Sensitive/.test(p) && p.endsWith('in user mode')
      case 'supervisorSensitive': return /Sensitive/.test(p) && p.endsWith('in supervisor mode')
      case 'innocuous': return /Sensitive/.test(p) && !/^(critical|untrapped)/.test(p)
      case 'critical': return p.startsWith('critical') || p === 'privileged'
      default: return p === property || p.startsWith(`${property} in`)
    }
  }
  return v.decisions.filter((d) => about(d.property)).sort((a, b) => Number(b.verdict === 'yes') - Number(a.verdict === 'yes'))
}
