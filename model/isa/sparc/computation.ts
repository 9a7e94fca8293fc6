// Integer computation, register windows, and the Y register.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import {
  add, and, ashr, concat, constant, eq, extract, ite, lshr, mul, ne, not, or, shl, sub, udiv, ult, xor, zeroExtend, type Term,
} from '../../ir/term.ts'
import { defineOrdinary, format3, second, setIcc, sign, type Operands } from './notation.ts'
import { above, below, invalid, psr, psrRegister, r, write, type State } from './state.ts'

const none = constant(1, 0)
type Binary = (a: Term<32>, b: Term<32>) => Term<32>

export const computation = (s: State): Instruction[] => {
  const instruction = defineOrdinary(s, 'B')
  const a = (o: Operands): Term<32> => r(s, o['rs1']!)
  const format = (op3: number) => [format3, { op: 2, op3 }] as const
  const plain = (name: string, op3: number, result: Binary): Instruction =>
    instruction(name, ...format(op3), (o) => write(s, o['rd']!, result(a(o), second(s, o))))
  const withIcc = (name: string, op3: number, result: Binary, v: Overflow, c: Overflow): Instruction =>
    instruction(name, ...format(op3), (o) => {
      const x = a(o), y = second(s, o), value = result(x, y)
      return [...write(s, o['rd']!, value), ...setIcc(s, value, v(x, y, value), c(x, y, value))]
    })
  const carry = zeroExtend(psr(s, 'c'), 32)
  const shift = (name: string, op3: number, by: Binary): Instruction =>
    plain(name, op3, (x, y) => by(x, zeroExtend(extract(y, 4, 0), 32)))
  const dividend = (o: Operands): Term<64> => concat<64>(get(s.Y), a(o))
  return [
    plain('ADD', 0x00, add), plain('ADDX', 0x08, (x, y) => add(add(x, y), carry)),
    plain('SUB', 0x04, sub), plain('SUBX', 0x0c, (x, y) => sub(sub(x, y), carry)),
    withIcc('ADDcc', 0x10, add, added, carried), withIcc('SUBcc', 0x14, sub, subtracted, (x, y) => ult(x, y)),
    plain('AND', 0x01, and), plain('OR', 0x02, or), plain('XOR', 0x03, xor),
    plain('ANDN', 0x05, (x, y) => and(x, not(y))), plain('ORN', 0x06, (x, y) => or(x, not(y))),
    plain('XNOR', 0x07, (x, y) => not(xor(x, y))), withIcc('ANDcc', 0x11, and, () => none, () => none),
    shift('SLL', 0x25, shl), shift('SRL', 0x26, lshr), shift('SRA', 0x27, ashr),
    instruction('SETHI', { op: 2, rd: 5, op2: 3, imm22: 22 }, { op: 0, op2: 4 }, (o) => write(s, o['rd']!, concat<32>(o['imm22']!, constant(10, 0)))),
    instruction('UMUL', ...format(0x0a), (o) => {
      const product = mul(zeroExtend(a(o), 64), zeroExtend(second(s, o), 64))
      return [...write(s, o['rd']!, extract(product, 31, 0)), set(s.Y, extract(product, 63, 32))]
    }),
    instruction('UDIV', ...format(0x0e), (o) => {
      const quotient = udiv(dividend(o), zeroExtend(second(s, o), 64))
      const most = ite<32>(ne(extract(quotient, 63, 32), constant(32, 0)), constant(32, 0xffffffff), extract<32>(quotient, 31, 0))
      return [trapIf(eq(second(s, o), constant(32, 0)), 'division_by_zero'), ...write(s, o['rd']!, most)]
    }),
    instruction('MULScc', ...format(0x24), (o) => {
      const x = concat<32>(xor(psr(s, 'n') as Term<1>, psr(s, 'v') as Term<1>), extract(a(o), 31, 1))
      const y = ite<32>(extract<1>(get(s.Y), 0, 0), second(s, o), constant(32, 0)), value = add(x, y)
      return [...write(s, o['rd']!, value), ...setIcc(s, value, added(x, y, value), carried(x, y, value)),
        set(s.Y, concat<32>(extract(a(o), 0, 0), extract(get(s.Y), 31, 1)))]
    }),
    instruction('TADDccTV', ...format(0x22), (o) => {
      const x = a(o), y = second(s, o), value = add(x, y)
      const tagged = or(added(x, y, value), ne(extract(or(x, y), 1, 0), constant(2, 0)))
      return [trapIf(tagged, 'tag_overflow'), ...write(s, o['rd']!, value), ...setIcc(s, value, none, carried(x, y, value))]
    }),
    instruction('RDY', { op: 2, rd: 5, op3: 6, rs1: 5, zero: 14 }, { op: 2, op3: 0x28, rs1: 0, zero: 0 }, (o) => write(s, o['rd']!, get(s.Y))),
    instruction('WRY', format3, { op: 2, rd: 0, op3: 0x30 }, (o) => [set(s.Y, xor(a(o), second(s, o)))]),
  ]
}

type Overflow = (a: Term<32>, b: Term<32>, result: Term<32>) => Term<1>
const added: Overflow = (a, b, result) => and(not(xor(sign(a), sign(b))), xor(sign(a), sign(result)))
const subtracted: Overflow = (a, b, result) => and(xor(sign(a), sign(b)), xor(sign(a), sign(result)))
const carried: Overflow = (a, b) => extract<1>(add(zeroExtend(a, 33), zeroExtend(b, 33)), 32, 32)

/** SAVE and RESTORE: the operands from the old window, the sum to the new one. */
export const windows = (s: State): Instruction[] => {
  const instruction = defineOrdinary(s, 'B.20')
  const move = (name: string, op3: number, to: Term<3>, cause: string): Instruction =>
    instruction(name, format3, { op: 2, op3 }, (o): readonly Statement[] => [
      trapIf(invalid(s, to), cause), ...write(s, o['rd']!, add(r(s, o['rs1']!), second(s, o)), to), set(psrRegister(s, 'CWP'), to),
    ])
  return [move('SAVE', 0x3c, below(s), 'window_overflow'), move('RESTORE', 0x3d, above(s), 'window_underflow')]
}
