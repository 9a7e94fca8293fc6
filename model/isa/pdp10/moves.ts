// Full word data transmission: MOVE and its kin, EXCH, and BLT one word at a time.
import { set, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { and, constant, extract, ite, sub, True, ult, type Bool, type Term } from '../../ir/term.ts'
import { addressing, advanced, chapter, isZero, leftHalf, named, rightHalf, signOf, swapped, word } from './address.ts'
import type { State } from './state.ts'

interface Moved {
  readonly value: Term
  readonly flags: readonly Statement[]
}

export const moves = (s: State): Instruction[] => {
  const define = chapter(s, 'Full Word Data Transmission')
  const { accumulator, ac, read, write, effective } = addressing(s)
  const kinds: readonly [number, string, (w: Term) => Moved][] = [
    [0o200, 'MOVE', (value) => ({ value, flags: [] })],
    [0o204, 'MOVS', (w) => ({ value: swapped(w), flags: [] })],
    [0o210, 'MOVN', (w) => ({ value: negated(w), flags: negationFlags(s, w, True) })],
    [0o214, 'MOVM', (w) => ({ value: ite<number>(signOf(w), negated(w), w), flags: negationFlags(s, w, signOf(w)) })],
  ]
  const family = kinds.flatMap(([op, name, move]) => [
    define(op, name, (o) => {
      const e = effective(o), { value, flags } = move(read(e.address))
      return [...e.bounded, ...flags, set(accumulator(o.ac), value)]
    }),
    define(op + 1, `${name}I`, (o) => {
      const e = effective(o), { value, flags } = move(word(s, e.address))
      return [...e.bounded, ...flags, set(accumulator(o.ac), value)]
    }),
    define(op + 2, `${name}M`, (o) => {
      const e = effective(o), { value, flags } = move(ac(o.ac))
      return [...e.bounded, ...flags, ...write(e.address, value)]
    }),
    define(op + 3, `${name}S`, (o) => {
      const e = effective(o), { value, flags } = move(read(e.address))
      return [...e.bounded, ...flags, ...write(e.address, value), set(accumulator(o.ac), value, named(o))]
    }),
  ])
  return [
    ...family,
    define(0o250, 'EXCH', (o) => {
      const e = effective(o), content = read(e.address)
      return [...e.bounded, ...write(e.address, ac(o.ac)), set(accumulator(o.ac), content)]
    }),
    define(0o251, 'BLT', (o) => {
      const e = effective(o), pointer = ac(o.ac), to = rightHalf(pointer)
      const more = ult(to, e.address)
      return [
        ...e.bounded, ...write(to, read(leftHalf(pointer))),
        set(accumulator(o.ac), advanced(pointer), more), set(s.PC, get(s.PC), more),
      ]
    }, 'one word is moved at a time, as if an interrupt came after each'),
  ]
}

const negated = (w: Term): Term => sub(constant<number>(w.width, 0), w)

/** Negating 0 carries out of both ends, negating the most negative number into the sign only. */
const negationFlags = ({ flags }: State, w: Term, when: Bool): Statement[] => {
  const magnitudeZero = isZero(extract(w, w.width - 2, 0))
  return [
    set(flags.CRY1, 1, and(when, magnitudeZero)),
    set(flags.CRY0, 1, and(when, isZero(w))),
    set(flags.OV, 1, and(when, and(magnitudeZero, signOf(w)))),
  ]
}
