// Full word data transmission: MOVE and its kin, EXCH, and BLT one word at a time.
import { set, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { and, constant, extract, ite, sub, True, ult, type Bool, type Term } from '../../ir/term.ts'
import { addressing, advanced, chapter, isZero, leftHalf, rightHalf, signOf, swapped } from './address.ts'
import { transfer, type Result } from './modes.ts'
import type { State } from './state.ts'

export const moves = (s: State): Instruction[] => {
  const define = chapter(s, 'Full Word Data Transmission')
  const { accumulator, ac, read, write, effective } = addressing(s)
  const kinds: readonly [number, string, (w: Term) => Result][] = [
    [0o200, 'MOVE', (w) => ({ value: w })],
    [0o204, 'MOVS', (w) => ({ value: swapped(w) })],
    [0o210, 'MOVN', (w) => ({ value: negated(w), flags: negationFlags(s, w, True) })],
    [0o214, 'MOVM', (w) => ({ value: magnitude(w), flags: negationFlags(s, w, signOf(w)) })],
  ]
  return [
    ...kinds.flatMap(([op, name, move]) => transfer(s, define, op, name, move)),
    define(0o250, 'EXCH', (o) => {
      const e = effective(o)
      return [...e.bounded, ...write(e.address, ac(o.ac)), set(accumulator(o.ac), read(e.address))]
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

export const negated = (w: Term): Term => sub(constant<number>(w.width, 0), w)
/** The absolute value, unsigned: of the most negative number it is that number's bits. */
export const magnitude = (w: Term): Term => ite<number>(signOf(w), negated(w), w)

/** Negating 0 carries out of both ends, negating the most negative number into the sign only. */
const negationFlags = ({ flags }: State, w: Term, when: Bool): Statement[] => {
  const restZero = and(when, isZero(extract(w, w.width - 2, 0)))
  return [
    set(flags.CRY1, 1, restZero),
    set(flags.CRY0, 1, and(when, isZero(w))),
    set(flags.OV, 1, and(restZero, signOf(w))),
  ]
}
