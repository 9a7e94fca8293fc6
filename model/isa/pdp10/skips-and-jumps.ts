// Arithmetic testing: comparisons, jumps and skips under eight conditions, with counting up and down.
import { set, type Instruction } from '../../ir/instruction.ts'
import { constant, eq, False, not, or, slt, True, type Bool, type Term } from '../../ir/term.ts'
import { addressing, advanced, chapter, isZero, named, signOf, skip, word, type Define } from './address.ts'
import { sum } from './arithmetic.ts'
import type { State } from './state.ts'

/** The last digit of the code, as a suffix and as a condition on less and equal. */
const conditions: readonly [suffix: string, holds: (less: Bool, equal: Bool) => Bool][] = [
  ['', () => False],
  ['L', (less) => less],
  ['E', (_, equal) => equal],
  ['LE', (less, equal) => or(less, equal)],
  ['A', () => True],
  ['GE', (less) => not(less)],
  ['N', (_, equal) => not(equal)],
  ['G', (less, equal) => not(or(less, equal))],
]

export const skipsAndJumps = (s: State): Instruction[] => {
  const define = chapter(s, 'Arithmetic Testing')
  const one = constant<number>(s.word, 1), minusOne = constant<number>(s.word, -1)
  return [
    ...compare(s, define),
    ...jump(s, define, 0o320, 'JUMP'), ...skipping(s, define, 0o330, 'SKIP'),
    ...jump(s, define, 0o340, 'AOJ', one), ...skipping(s, define, 0o350, 'AOS', one),
    ...jump(s, define, 0o360, 'SOJ', minusOne), ...skipping(s, define, 0o370, 'SOS', minusOne),
    ...addOneToBoth(s, define),
  ]
}

const compare = (s: State, define: Define): Instruction[] => {
  const { ac, read, refer, effective } = addressing(s)
  return conditions.flatMap(([suffix, holds], n) => [
    define(0o300 + n, `CAI${suffix}`, (o) => {
      const e = effective(o), operand = word(s, e.address)
      return [...e.bounded, skip(s, holds(slt(ac(o.ac), operand), eq(ac(o.ac), operand)))]
    }),
    define(0o310 + n, `CAM${suffix}`, (o) => {
      const e = effective(o), operand = read(e.address)
      return [...e.bounded, refer(e.address), skip(s, holds(slt(ac(o.ac), operand), eq(ac(o.ac), operand)))]
    }),
  ])
}

const jump = (s: State, define: Define, op: number, name: string, change?: Term): Instruction[] => {
  const { accumulator, ac, effective } = addressing(s)
  return conditions.map(([suffix, holds], n) => define(op + n, name + suffix, (o) => {
    const e = effective(o)
    const { value, flags = [] } = change === undefined ? { value: ac(o.ac) } : sum(s, ac(o.ac), change)
    return [
      ...e.bounded, ...flags, ...(change === undefined ? [] : [set(accumulator(o.ac), value)]),
      set(s.PC, e.address, holds(signOf(value), isZero(value))),
    ]
  }))
}

/** Tests a word in storage; an accumulator other than 0 gets it too. */
const skipping = (s: State, define: Define, op: number, name: string, change?: Term): Instruction[] => {
  const { accumulator, read, write, effective } = addressing(s)
  return conditions.map(([suffix, holds], n) => define(op + n, name + suffix, (o) => {
    const e = effective(o), content = read(e.address)
    const { value, flags = [] } = change === undefined ? { value: content } : sum(s, content, change)
    return [
      ...e.bounded, ...flags, ...(change === undefined ? [] : write(e.address, value)),
      set(accumulator(o.ac), value, named(o)), skip(s, holds(signOf(value), isZero(value))),
    ]
  }))
}

const addOneToBoth = (s: State, define: Define): Instruction[] => {
  const { accumulator, ac, effective } = addressing(s)
  const either = (op: number, name: string, taken: (negative: Bool) => Bool): Instruction => define(op, name, (o) => {
    const e = effective(o), value = advanced(ac(o.ac))
    return [...e.bounded, set(accumulator(o.ac), value), set(s.PC, e.address, taken(signOf(value)))]
  })
  return [either(0o252, 'AOBJP', (negative) => not(negative)), either(0o253, 'AOBJN', (negative) => negative)]
}
