// Terms that run on an unknown number of states: staged at first, compiled once they have run often.
import { compileTerms } from './emit.ts'
import { stage, type Staged } from './stage.ts'
import type { Term } from './term.ts'

/** Compiling costs about as much as this many runs. */
const worthwhile = 32

/** The same values in both tiers, from the same reads of the state, in the same order. */
export const tiered = (terms: readonly Term[]): Staged => {
  let run = stage(terms), runs = 0
  return (state) => {
    if (++runs === worthwhile) run = compileTerms(terms)
    return run(state)
  }
}
