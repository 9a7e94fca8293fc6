// Boolean functions: all sixteen of two variables, in four modes.
import type { Instruction } from '../../ir/instruction.ts'
import { and, constant, not, or, xor, type Term } from '../../ir/term.ts'
import { chapter } from './address.ts'
import { combination } from './modes.ts'
import type { State } from './state.ts'

/** In the order of their codes, four codes each; `a` is the accumulator and `m` the word. */
const functions: readonly [string, (a: Term, m: Term) => Term][] = [
  ['SETZ', (a) => constant<number>(a.width, 0)],
  ['AND', (a, m) => and(a, m)],
  ['ANDCA', (a, m) => and(not(a), m)],
  ['SETM', (_, m) => m],
  ['ANDCM', (a, m) => and(a, not(m))],
  ['SETA', (a) => a],
  ['XOR', (a, m) => xor(a, m)],
  ['IOR', (a, m) => or(a, m)],
  ['ANDCB', (a, m) => and(not(a), not(m))],
  ['EQV', (a, m) => not(xor(a, m))],
  ['SETCA', (a) => not(a)],
  ['ORCA', (a, m) => or(not(a), m)],
  ['SETCM', (_, m) => not(m)],
  ['ORCM', (a, m) => or(a, not(m))],
  ['ORCB', (a, m) => or(not(a), not(m))],
  ['SETO', (a) => not(constant<number>(a.width, 0))],
]

export const booleans = (s: State): Instruction[] => {
  const define = chapter(s, 'Boolean Functions')
  return functions.flatMap(([name, f], n) => combination(s, define, 0o400 + 4 * n, name, (a, m) => ({ value: f(a, m) })))
}
