// Terms that run on an unknown number of states: staged at first, compiled once they have run often.
import { compileConjunction, compileTerms } from './emit.ts'
import { stage, type Staged, type Valuation } from './stage.ts'
import { all, conjuncts, postorder, type Bool, type Term } from './term.ts'

/** Compiling costs about as much as this many runs. */
const worthwhile = 32

/** The same values in both tiers, from the same reads of the state. */
export const tiered = (terms: readonly Term[]): Staged => {
  let run = stage(terms), runs = 0
  return (state) => {
    if (++runs === worthwhile) run = compileTerms(terms)
    return run(state)
  }
}

/** Whether a conjunction holds; where it does not, the compiled tier does not read all of the state. */
export const tieredConjunction = (terms: readonly Bool[]): ((state: Valuation) => boolean) => {
  const staged = stage([all(terms)])
  let run = (state: Valuation): boolean => staged(state)[0] === 1n, runs = 0
  return (state) => {
    if (++runs === worthwhile) run = compileConjunction(cheapestFirst(conjuncts(all(terms))))
    return run(state)
  }
}

const cheapestFirst = (terms: readonly Bool[]): Bool[] =>
  terms.map((term) => ({ term, cost: postorder([term]).length })).sort((a, b) => a.cost - b.cost).map(({ term }) => term)
