// Deciding claims: each chosen decider answers, the answers are joined, and what shows a verdict becomes a witness.
import { sought, type Claim, type Formula } from '../../model/claims/claim.ts'
import type { Valuation } from '../../model/ir/stage.ts'
import { enumerate } from './enumerate.ts'
import { sample } from './sample.ts'
import type { Solver } from './solve.ts'
import { join, type Evidence, type Verdict } from '../verdict.ts'
import { witnessOf, type Witness } from '../witness.ts'

export interface Deciders {
  readonly solve?: Solver | undefined
  readonly sample?: { readonly runs: number; readonly seed: number } | undefined
  readonly enumerate?: boolean | undefined
}

export interface Decision {
  readonly property: string
  readonly verdict: Verdict
  readonly by: readonly Evidence[]
  readonly witness?: Witness
}

/** A claim at full size, and the same one about the shrunk machine for `enumerate`. */
export interface Question {
  readonly claim: Formula
  readonly small: Formula | undefined
}

interface Finding {
  readonly evidence: Evidence
  readonly shows?: { readonly claim: Formula; readonly valuation: Valuation }
}

/** What a decider's result means for the claim: a state that was sought, or none, among so many that met the premise. */
const verdictOf = (claim: Formula, found: boolean, premiseMet: boolean): Verdict =>
  found ? (claim.quantifier === 'every' ? 'no' : 'yes') : premiseMet ? (claim.quantifier === 'every' ? 'yes' : 'no') : 'vacuous'

const aboutInstruction = (f: Formula): f is Claim => 'instruction' in f

const chunk = 200

/** Decides the questions in order; `onProgress` counts claims. Throws a Contradiction when deciders disagree. */
export const decide = async (
  questions: readonly Question[], deciders: Deciders, onProgress?: (done: number, total: number) => void,
): Promise<Decision[]> => {
  const decisions: Decision[] = []
  for (let i = 0; i < questions.length; i += chunk) {
    const part = questions.slice(i, i + chunk)
    const solved = deciders.solve ? await solveAll(part.map((q) => q.claim), deciders.solve) : []
    part.forEach((q, n) => {
      const findings = [
        ...(deciders.enumerate && q.small ? enumerated(q.small) : []),
        ...(deciders.sample ? [sampled(q.claim, deciders.sample)] : []),
        ...(solved[n] ? [solved[n]] : []),
      ]
      decisions.push(joinFindings(q.claim, findings))
    })
    onProgress?.(Math.min(i + chunk, questions.length), questions.length)
  }
  return decisions
}

const joinFindings = (claim: Formula, findings: readonly Finding[]): Decision => {
  const by = findings.map((f) => f.evidence)
  const verdict = join(`${claim.isa.name}${aboutInstruction(claim) ? ` ${claim.instruction.name}` : ''}, ${claim.property}`, claim.quantifier, by)
  // The solver's witness is at full size; a sample's is shrunk; an enumerated one is of the small machine.
  const shows = [...findings].reverse().find((f) => f.shows)?.shows
  return { property: claim.property, verdict, by, ...(shows && aboutInstruction(shows.claim) ? { witness: witnessOf(shows.claim, shows.valuation) } : {}) }
}

const solveAll = async (claims: readonly Formula[], solver: Solver): Promise<Finding[]> => {
  const answers = await solver.ask(claims.map(sought))
  const open = claims.filter((_, i) => answers[i]!.kind === 'unsatisfiable')
  const premises = new Map((await solver.ask(open.map((c) => c.premise))).map((a, i) => [open[i]!, a]))
  return claims.map((claim, i) => {
    const answer = answers[i]!
    const evidence = (verdict: Verdict, premise: string): Evidence => ({ decider: 'solve', verdict, size: claim.isa.size, premise })
    if (answer.kind === 'satisfiable') return { evidence: evidence(verdictOf(claim, true, true), 'some'), shows: { claim, valuation: answer.valuation } }
    if (answer.kind === 'unknown') return { evidence: evidence('undecided', answer.reason) }
    const premise = premises.get(claim)!
    if (premise.kind === 'unknown') return { evidence: evidence('undecided', premise.reason) }
    const met = premise.kind === 'satisfiable'
    return { evidence: evidence(verdictOf(claim, false, met), met ? 'all' : 'none') }
  })
}

const sampled = (claim: Formula, options: { runs: number; seed: number }): Finding => {
  const result = sample(claim.premise, sought(claim), options)
  // A sample that found nothing has shown nothing.
  const verdict = result.found ? verdictOf(claim, true, true) : 'undecided'
  return {
    evidence: { decider: 'sample', verdict, size: claim.isa.size, premise: `${result.premise} of ${result.runs}` },
    ...(result.found ? { shows: { claim, valuation: result.found } } : {}),
  }
}

const enumerated = (claim: Formula): Finding[] => {
  const result = enumerate(claim.premise, sought(claim))
  if (!result) return []
  const found = result.sought > 0n
  return [{
    evidence: { decider: 'enumerate', verdict: verdictOf(claim, found, result.premise > 0n), size: claim.isa.size, premise: `${result.premise} of ${result.states}` },
    ...(result.first ? { shows: { claim, valuation: result.first } } : {}),
  }]
}
