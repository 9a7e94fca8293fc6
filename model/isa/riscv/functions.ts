// The functions that a hart's terms apply, each made once for a hart, so that equal applications are equal terms.
import type { NamedFunction } from '../../ir/term.ts'
import type { State } from './state.ts'

const functions = new WeakMap<State, Map<string, NamedFunction>>()

/** The function of that name, made when it is first asked for. */
export const functionOf = (s: State, name: string, make: (name: string) => NamedFunction): NamedFunction => {
  const known = functions.get(s) ?? new Map<string, NamedFunction>()
  functions.set(s, known)
  const made = known.get(name) ?? make(name)
  known.set(name, made)
  return made
}
