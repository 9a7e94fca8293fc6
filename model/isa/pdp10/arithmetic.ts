// Fixed point arithmetic: addition, subtraction, multiplication and division with their flags.
import { set, type Instruction, type Statement } from '../../ir/instruction.ts'
import {
  add, and, concat, constant, eq, extract, ite, lshr, mul, not, or, signExtend, sub, udiv, ule, ult, urem, xor, zeroExtend,
  type Bool, type Term,
} from '../../ir/term.ts'
import { chapter, isZero, signOf } from './address.ts'
import { combination, type Result } from './modes.ts'
import { magnitude, negated } from './moves.ts'
import type { State } from './state.ts'

export const arithmetic = (s: State): Instruction[] => {
  const define = chapter(s, 'Fixed Point Arithmetic')
  const operations: readonly [number, string, (a: Term, b: Term, second: Term) => Result][] = [
    [0o220, 'IMUL', (a, b) => integerProduct(s, a, b)],
    [0o224, 'MUL', (a, b) => product(s, a, b)],
    [0o230, 'IDIV', (a, b) => integerQuotient(s, a, b)],
    [0o234, 'DIV', (a, b, second) => quotient(s, a, second, b)],
    [0o270, 'ADD', (a, b) => sum(s, a, b)],
    [0o274, 'SUB', (a, b) => difference(s, a, b)],
  ]
  return operations.flatMap(([op, name, combine]) => combination(s, define, op, name, combine))
}

/** Carries out of the sign and into it; overflow where only one of them occurs. */
const carries = ({ flags }: State, out: Bool, into: Bool): Statement[] => [
  set(flags.CRY0, 1, out), set(flags.CRY1, 1, into), set(flags.OV, 1, xor(out, into)),
]
const belowSign = (w: Term): Term => extract(w, w.width - 2, 0)

export const sum = (s: State, a: Term, b: Term): Result => {
  const value = add(a, b)
  return { value, flags: carries(s, ult(value, a), ult(belowSign(value), belowSign(a))) }
}

/** Subtraction adds the complement: it carries where it does not borrow. */
const difference = (s: State, a: Term, b: Term): Result =>
  ({ value: sub(a, b), flags: carries(s, ule(b, a), ule(belowSign(b), belowSign(a))) })

const wholeProduct = (a: Term, b: Term): Term => mul<number>(signExtend(a, 2 * a.width), signExtend(b, 2 * b.width))

/** The product's high and low words, both with its sign; only the square of the most negative number overflows. */
const product = ({ flags }: State, a: Term, b: Term): Result => {
  const whole = wholeProduct(a, b), high = extract(whole, 2 * a.width - 2, a.width - 1)
  return {
    value: high, second: concat(signOf(high), extract(whole, a.width - 2, 0)),
    flags: [set(flags.OV, 1, xor(signOf(whole), signOf(high)))],
  }
}

/** The low word with the product's sign; overflow where the product does not fit it. */
const integerProduct = ({ flags }: State, a: Term, b: Term): Result => {
  const whole = wholeProduct(a, b), high = extract(whole, 2 * a.width - 1, a.width - 1)
  return {
    value: concat(signOf(whole), extract(whole, a.width - 2, 0)),
    flags: [set(flags.OV, 1, not(or(isZero(high), isZero(not(high)))))],
  }
}

const signed = (negative: Bool, size: Term): Term => ite<number>(negative, negated(size), size)

/** Where it cannot divide it sets OV and DCK, and stores nothing. */
const divided = ({ flags }: State, impossible: Bool, value: Term, second: Term): Result => ({
  value, second, stored: not(impossible),
  flags: [set(flags.OV, 1, impossible), set(flags.DCK, 1, impossible)],
})

const integerQuotient = (s: State, dividend: Term, divisor: Term): Result => {
  const n = magnitude(dividend), d = magnitude(divisor)
  const mostNegative = and(signOf(dividend), isZero(belowSign(dividend)))
  const impossible = or(isZero(divisor), and(mostNegative, eq(d, constant<number>(d.width, 1))))
  return divided(s, impossible, signed(xor(signOf(dividend), signOf(divisor)), udiv(n, d)), signed(signOf(dividend), urem(n, d)))
}

/** A dividend of two words, the second one's sign ignored; no division where the quotient would not fit. */
const quotient = (s: State, high: Term, low: Term, divisor: Term): Result => {
  const dividend = concat<number>(high, belowSign(low)), width = dividend.width
  const n = magnitude(dividend), d = zeroExtend(magnitude(divisor), width)
  const impossible = ule(d, lshr(n, constant(width, high.width - 1)))
  const small = (t: Term): Term => extract(t, high.width - 1, 0)
  const value = signed(xor(signOf(high), signOf(divisor)), small(udiv(n, d)))
  return divided(s, impossible, value, signed(signOf(high), small(urem(n, d))))
}
