// What deciders answer about a claim, and how their answers join without ever contradicting each other.
import { match } from 'ts-pattern'

export type Verdict = 'yes' | 'no' | 'vacuous' | 'undecided'
export type DeciderName = 'enumerate' | 'sample' | 'solve'
export const deciderNames: readonly DeciderName[] = ['enumerate', 'sample', 'solve']

/** One decider's word on one claim. */
export interface Evidence {
  readonly decider: DeciderName
  readonly verdict: Verdict
  /** The size of the machine that it looked at. */
  readonly size: string
  /** States that met the premise: a number, or `all` for a proof over every state. */
  readonly premise: string
}

/** Two deciders that contradict each other about one claim: a fault of popek, never a verdict. */
export class Contradiction extends Error {
  override readonly name = 'Contradiction'
}

/**
 * The verdict that the evidence establishes. Only a decider that saw every state can say that something never
 * happens; a sample can only show that it does.
 */
export const join = (what: string, quantifier: 'every' | 'some', evidence: readonly Evidence[]): Verdict => {
  const shown: Verdict = quantifier === 'every' ? 'no' : 'yes'
  const definite = evidence.filter((e) => e.verdict !== 'undecided')
  const complete = definite.filter((e) => e.decider !== 'sample')
  const showing = definite.filter((e) => e.verdict === shown)
  const denying = complete.filter((e) => e.verdict !== shown)
  if (showing.length > 0 && denying.length > 0)
    throw new Contradiction(`${what}: ${[...showing, ...denying].map((e) => `${e.decider} says ${e.verdict} (${e.size})`).join(', ')}`)
  if (showing.length > 0) return shown
  const proof = complete.find((e) => e.decider === 'solve') ?? complete[0]
  return proof?.verdict ?? 'undecided'
}

/** A property that holds when one of its parts does: yes if any part is, vacuous if all are. */
export const anyOf = (parts: readonly Verdict[]): Verdict =>
  match(parts)
    .when((p) => p.includes('yes'), () => 'yes' as const)
    .when((p) => p.includes('undecided'), () => 'undecided' as const)
    .when((p) => p.every((v) => v === 'vacuous'), () => 'vacuous' as const)
    .otherwise(() => 'no' as const)
