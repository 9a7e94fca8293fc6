// The M extension: integer multiplication and division.
import type { Instruction } from '../../ir/instruction.ts'
import { and, constant, eq, extract, ite, mul, ne, not, signExtend, slt, sub, udiv, urem, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { define, formats, writeX } from './notation.ts'
import { X, type State } from './state.ts'
import { OP } from './rv-i.ts'

const zero = (t: Term): Term => constant<number>(t.width, 0)
const negative = (t: Term): Bool => slt(t, zero(t))
const magnitude = (t: Term): Term => ite<number>(negative(t), sub<number>(zero(t), t), t)
const withSign = (t: Term, minus: Bool): Term => ite<number>(minus, sub<number>(zero(t), t), t)

/** Rounds towards zero; the quotient by 0 is -1, the overflowing one the dividend. */
const div = (a: Term, b: Term): Term => withSign(udiv<number>(magnitude(a), magnitude(b)), and(ne(negative(a), negative(b)), ne<number>(b, zero(b))))
const unlessZero = (b: Term, result: Term, otherwise: Term): Term => ite<number>(eq<number>(b, zero(b)), otherwise, result)
const signedDiv = (a: Term, b: Term): Term => unlessZero(b, div(a, b), not(zero(a)))
/** Has the sign of the dividend; the remainder by 0 is the dividend. */
const signedRem = (a: Term, b: Term): Term => unlessZero(b, withSign(urem<number>(magnitude(a), magnitude(b)), negative(a)), a)

export const multiplication = (s: State): Instruction[] => {
  const instruction = define(s, 'unprivileged', 'M Extension for Integer Multiplication and Division')
  const width = s.xlen
  type Extend = (t: Term) => Term
  const signed: Extend = (t) => signExtend<number>(t, 2 * width), unsigned: Extend = (t) => zeroExtend<number>(t, 2 * width)
  const high = (x: Extend, y: Extend) => (a: Term, b: Term): Term => extract(mul<number>(x(a), y(b)), 2 * width - 1, width)
  const low = (t: Term): Term => extract(t, 31, 0)
  const operation = (name: string, funct3: number, result: (a: Term, b: Term) => Term): Instruction =>
    instruction(name, formats.R, { funct7: 1, funct3, opcode: OP.op }, (o) => [writeX(s, o['rd']!, result(X(s, o['rs1']!), X(s, o['rs2']!)))])
  const onWords = (name: string, funct3: number, result: (a: Term, b: Term) => Term): Instruction =>
    instruction(name, formats.R, { funct7: 1, funct3, opcode: OP.op32 }, (o) =>
      [writeX(s, o['rd']!, signExtend<number>(result(low(X(s, o['rs1']!)), low(X(s, o['rs2']!))), width))])
  return [
    operation('MUL', 0, mul), operation('MULH', 1, high(signed, signed)), operation('MULHSU', 2, high(signed, unsigned)), operation('MULHU', 3, high(unsigned, unsigned)),
    operation('DIV', 4, signedDiv), operation('DIVU', 5, udiv), operation('REM', 6, signedRem), operation('REMU', 7, urem),
    ...(width === 32 ? [] : [onWords('MULW', 0, mul), onWords('DIVW', 4, signedDiv), onWords('DIVUW', 5, udiv), onWords('REMW', 6, signedRem), onWords('REMUW', 7, urem)]),
  ]
}
