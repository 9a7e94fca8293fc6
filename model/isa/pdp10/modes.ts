// The four modes of the regular instructions: where the operands come from and where the results go.
import { set, type Instruction, type Statement } from '../../ir/instruction.ts'
import { True, type Bool, type Term } from '../../ir/term.ts'
import { addressing, named, next, word, type Define } from './address.ts'
import type { State } from './state.ts'

/** What one of these instructions computes. */
export interface Result {
  readonly value: Term
  /** What the next accumulator gets, where the first gets `value`. */
  readonly second?: Term
  readonly flags?: readonly Statement[]
  /** Where nothing is stored but the flags: a division that is not made. */
  readonly stored?: Bool
}

/** Basic, Immediate, Memory and Self: a source is moved to a destination, of which it may keep a part. */
export const transfer = (
  s: State, define: Define, op: number, name: string, move: (source: Term, destination: Term) => Result,
): Instruction[] => {
  const { accumulator, ac, read, write, effective } = addressing(s)
  return [
    define(op, name, (o) => {
      const e = effective(o), { value, flags = [] } = move(read(e.address), ac(o.ac))
      return [...e.bounded, ...flags, set(accumulator(o.ac), value)]
    }),
    define(op + 1, `${name}I`, (o) => {
      const e = effective(o), { value, flags = [] } = move(word(s, e.address), ac(o.ac))
      return [...e.bounded, ...flags, set(accumulator(o.ac), value)]
    }),
    define(op + 2, `${name}M`, (o) => {
      const e = effective(o), { value, flags = [] } = move(ac(o.ac), read(e.address))
      return [...e.bounded, ...flags, ...write(e.address, value)]
    }),
    define(op + 3, `${name}S`, (o) => {
      const e = effective(o), content = read(e.address), { value, flags = [] } = move(content, content)
      return [...e.bounded, ...flags, ...write(e.address, value), set(accumulator(o.ac), value, named(o))]
    }),
  ]
}

/** Basic, Immediate, Memory and Both: the accumulator, and the one after it, combined with a word. */
export const combination = (
  s: State, define: Define, op: number, name: string, combine: (accumulator: Term, operand: Term, second: Term) => Result,
): Instruction[] => {
  const { accumulator, ac, read, write, effective } = addressing(s)
  const mode = (n: number, suffix: string, to: { readonly accumulator: boolean; readonly memory: boolean }): Instruction =>
    define(op + n, name + suffix, (o) => {
      const e = effective(o)
      const operand = n === 1 ? word(s, e.address) : read(e.address)
      const { value, second, flags = [], stored = True } = combine(ac(o.ac), operand, ac(next(o.ac)))
      return [
        ...e.bounded, ...flags,
        ...(to.memory ? write(e.address, value, stored) : []),
        ...(to.accumulator ? [set(accumulator(o.ac), value, stored)] : []),
        ...(to.accumulator && second ? [set(accumulator(next(o.ac)), second, stored)] : []),
      ]
    })
  return [
    mode(0, '', { accumulator: true, memory: false }),
    mode(1, 'I', { accumulator: true, memory: false }),
    mode(2, 'M', { accumulator: false, memory: true }),
    mode(3, 'B', { accumulator: true, memory: true }),
  ]
}
