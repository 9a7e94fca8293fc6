// What the 1974 definitions do not see of CASA of user data: under shadow permissions it faults elsewhere than on the bare machine.
import { constant, eq, ite, type Term } from '../../ir/term.ts'
import { get } from '../../ir/state.ts'
import { abortsAlikeUnder } from '../arm/shadow-permissions.ts'
import type { State } from './state.ts'

/** ACC with which a user may do what a supervisor may with the virtual one. */
const shadowACC = (ACC: Term<3>): Term<3> =>
  ([[5, 1], [6, 2], [7, 3]] as const).reduce<Term<3>>((shadow, [virtual, real]) => ite<3>(eq(ACC, constant(3, virtual)), constant(3, real), shadow), ACC)

export const abortsAlike = (s: State) => abortsAlikeUnder({ cell: () => undefined, register: (name) => (name === s.ACC.name ? shadowACC(get(s.ACC)) : undefined) })
