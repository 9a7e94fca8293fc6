// Shift and rotate, one word and two, and JFFO, which finds the first one.
import { set, type Instruction, type Statement } from '../../ir/instruction.ts'
import {
  and, ashr, concat, constant, extract, ite, lshr, ne, not, or, shl, sub, ule, urem, zeroExtend, type Bool, type Term,
} from '../../ir/term.ts'
import { addressing, chapter, isZero, next, signOf } from './address.ts'
import { negated } from './moves.ts'
import type { State } from './state.ts'

/** E as a shift: its sign turns right, and the last eight bits of E, or of -E, say how far. */
interface Distance {
  readonly right: Bool
  readonly places: Term
  /** What a rotation takes: -400 octal turns by 400, though it shifts by 0. */
  readonly turns: Term
}
const distance = (e: Term): Distance => {
  const bits = Math.min(8, e.width), low = extract(e, bits - 1, 0), right = signOf(e)
  const places = ite<number>(right, negated(low), low)
  return { right, places, turns: concat(and(right, isZero(low)), places) }
}

/** What a shift makes of one word or two, and where it overflows. */
interface Word {
  readonly value: Term
  readonly overflow?: Bool
}
interface TwoWords {
  readonly high: Term
  readonly low: Term
  readonly overflow?: Bool
}

export const shifts = (s: State): Instruction[] => {
  const define = chapter(s, 'Shift and Rotate')
  const { accumulator, ac, effective } = addressing(s)
  const one = (op: number, name: string, shift: (d: Distance, w: Term) => Word): Instruction =>
    define(op, name, (o) => {
      const e = effective(o), { value, overflow } = shift(distance(e.address), ac(o.ac))
      return [...e.bounded, set(accumulator(o.ac), value), ...overflows(s, overflow)]
    })
  const two = (op: number, name: string, shift: (d: Distance, high: Term, low: Term) => TwoWords): Instruction =>
    define(op, name, (o) => {
      const e = effective(o), { high, low, overflow } = shift(distance(e.address), ac(o.ac), ac(next(o.ac)))
      return [
        ...e.bounded, set(accumulator(o.ac), high), set(accumulator(next(o.ac)), low), ...overflows(s, overflow),
      ]
    })
  return [
    one(0o240, 'ASH', (d, w) => arithmeticShift(d, w)),
    one(0o241, 'ROT', (d, w) => ({ value: rotated(d, w) })),
    one(0o242, 'LSH', (d, w) => ({ value: shifted(d, w) })),
    define(0o243, 'JFFO', (o) => {
      const e = effective(o), w = ac(o.ac)
      return [...e.bounded, set(accumulator(next(o.ac)), zerosBefore(w)), set(s.PC, e.address, ne(w, constant<number>(w.width, 0)))]
    }),
    two(0o244, 'ASHC', (d, high, low) => {
      const magnitude = extract(low, low.width - 2, 0)
      const { value, overflow } = arithmeticShift(d, concat(high, magnitude))
      const none = isZero(d.places)
      return {
        high: extract(value, value.width - 1, magnitude.width), overflow,
        // A shift by 0 leaves the sign of the second word alone.
        low: ite<number>(none, low, concat(signOf(high), extract(value, magnitude.width - 1, 0))),
      }
    }),
    two(0o245, 'ROTC', (d, high, low) => halves(rotated(d, concat(high, low)))),
    two(0o246, 'LSHC', (d, high, low) => halves(shifted(d, concat(high, low)))),
  ]
}

const overflows = ({ flags }: State, overflow: Bool | undefined): Statement[] =>
  overflow === undefined ? [] : [set(flags.OV, 1, overflow)]

const halves = (w: Term): TwoWords => ({ high: extract(w, w.width - 1, w.width / 2), low: extract(w, w.width / 2 - 1, 0) })

const shifted = ({ right, places }: Distance, w: Term): Term => {
  const n = zeroExtend(places, w.width)
  return ite<number>(right, lshr(w, n), shl(w, n))
}

/** The sign stays, and comes in from the left; overflow where a bit is lost on the left that differs from it. */
const arithmeticShift = ({ right, places }: Distance, w: Term): Required<Word> => {
  const n = zeroExtend(places, w.width)
  const left = concat<number>(signOf(w), shl(extract(w, w.width - 2, 0), extract(n, w.width - 2, 0)))
  // Beyond its width, a negative word loses the zeros that came in from the right.
  const lost = or(ne(ashr(left, n), w), and(signOf(w), ule(constant<number>(w.width, w.width), n)))
  return { value: ite<number>(right, ashr(w, n), left), overflow: and(not(right), lost) }
}

const rotated = ({ right, turns }: Distance, w: Term): Term => {
  const width = constant<number>(w.width, w.width)
  const n = urem(zeroExtend(turns, w.width), width)
  const left = ite<number>(right, sub(width, n), n)
  return or(shl(w, left), lshr(w, sub(width, left)))
}

/** How many zeros stand before the first one; 0 where there is none. */
const zerosBefore = (w: Term): Term => {
  const digits = Math.ceil(Math.log2(w.width))
  const missing = 2 ** digits - w.width
  const none = isZero(w)
  let rest: Term = missing === 0 ? w : concat(w, constant(missing, 0))
  const count: Term[] = []
  while (rest.width > 1) {
    const high = extract(rest, rest.width - 1, rest.width / 2)
    count.push(isZero(high))
    rest = ite<number>(isZero(high), extract(rest, rest.width / 2 - 1, 0), high)
  }
  const number = count.length === 1 ? count[0]! : concat(count[0]!, count[1]!, ...count.slice(2))
  return ite<number>(none, constant(w.width, 0), zeroExtend(number, w.width))
}
