// Terms that run on an unknown number of states: staged at first, compiled once they have run often.
import { compileConjunction, compileTerms } from './emit.ts'
import { stage, type Staged, type Valuation } from './stage.ts'
import { all, conjuncts, postorder, type Bool, type Term } from './term.ts'

/** Compiling costs about as much as this many runs. */
const worthwhile = 32

/** The same values in both tiers, from the same reads of the state in the same order. */
export const tiered = (terms: readonly Term[]): Staged => {
  let run = stage(terms), runs = 0
  return (state) => {
    if (++runs === worthwhile) run = compileTerms(terms)
    return run(state)
  }
}

/** Whether a conjunction holds; a state that does not is read no further than both tiers need to see it, in one order. */
export const tieredConjunction = (terms: readonly Bool[]): ((state: Valuation) => boolean) => {
  const ordered = cheapestFirst(conjuncts(all(terms))), staged = ordered.map((t) => stage([t]))
  let run = (state: Valuation): boolean => staged.every((holds) => holds(state)[0] === 1n), runs = 0
  return (state) => {
    if (++runs === worthwhile) run = compileConjunction(ordered)
    return run(state)
  }
}

const cheapestFirst = (terms: readonly Bool[]): Bool[] =>
  terms.map((term) => ({ term, cost: postorder([term]).length })).sort((a, b) => a.cost - b.cost).map(({ term }) => term)
