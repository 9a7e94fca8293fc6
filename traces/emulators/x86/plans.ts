// What the registers and cells of one generated state have in common, though each is drawn by itself.
import type { Drawn } from '../bench.ts'
import { Random } from '../../generate-random.ts'

/** The plan of the state that is being drawn, the same for all of its registers and cells. */
export const planning = <Plan>(make: (random: Random) => Plan): ((state: Drawn) => Plan) => {
  let last: { readonly state: Drawn; readonly plan: Plan } | undefined
  return (state) => {
    if (last?.state !== state) last = { state, plan: make(new Random(~state.seed)) }
    return last.plan
  }
}
