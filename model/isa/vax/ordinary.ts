// Unprivileged instructions: moves, arithmetic, logic, branches, the stack and the PSW.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { add, and, constant, eq, extract, ite, ne, not, or, signExtend, sub, True, ult, xor, type Bool, type Term } from '../../ir/term.ts'
import { isZero, notation, plus, type Form, type Operand } from './notation.ts'
import { sp, type State } from './state.ts'

export const ordinary = (s: State): Instruction[] => {
  const { define, gr, SP, read, write, operandValue, addressOf, put, codes, tested } = notation(s, 'Instructions')
  const sign = (t: Term): Bool => extract<1>(t, 31, 31)
  const arithmetic = (o: readonly Operand[], value: Term, overflow: Bool, carry: Bool): Statement[] =>
    [...put(o[1]!, value), codes(sign(value), isZero(value), overflow, carry)]
  const sum = (o: readonly Operand[]): Statement[] => {
    const a = operandValue(o[0]!), b = operandValue(o[1]!), total = add(a, b)
    return arithmetic(o, total, and(eq(sign(a), sign(b)), ne(sign(a), sign(total))), ult(total, a))
  }
  const difference = (o: readonly Operand[]): Statement[] => {
    const a = operandValue(o[0]!), b = operandValue(o[1]!), rest = sub(b, a)
    return arithmetic(o, rest, and(ne(sign(a), sign(b)), eq(sign(a), sign(rest))), ult(b, a))
  }
  const logical = (f: (a: Term, b: Term) => Term) => (o: readonly Operand[]): Statement[] => {
    const value = f(operandValue(o[0]!), operandValue(o[1]!))
    return [...put(o[1]!, value), tested(value)]
  }
  const branch = (op: number, name: string, when: Bool): Instruction => define(op, name, ['byte'], (o, next) => [
    set<number>(s.PC, ite<number>(when, add<number>(next, signExtend(o[0]!.field, 32)), next)),
  ])
  const push = (value: Term): Statement[] => [...write(plus(SP, -4), value), set(gr(sp), plus(SP, -4))]
  const whole = trapIf(not(isZero(extract(SP, 1, 0))), 'unmodelled')
  const z = extract<1>(get(s.PSW), 2, 2)
  const forms: readonly (readonly [Form, Form])[] = [['Rn', 'Rn'], ['(Rn)', 'Rn'], ['Rn', '(Rn)']]
  const moves = forms.map(([from, to]) => define(0xd0, `MOVL ${from},${to}`, [from, to], (o) => {
    const value = operandValue(o[0]!)
    return [...put(o[1]!, value), tested(value)]
  }))
  const psw = (op: number, name: string, f: (old: Term, mask: Term) => Term): Instruction => define(op, name, ['Rn'], (o) => {
    const mask = operandValue(o[0]!)
    return [trapIf(not(isZero(extract(mask, 15, 8))), 'reserved-operand'), set<number>(s.PSW, f(get(s.PSW), extract(mask, 7, 0)))]
  })
  return [
    define(0x01, 'NOP', [], () => []),
    ...moves,
    define(0xc0, 'ADDL2', ['Rn', 'Rn'], sum),
    define(0xc2, 'SUBL2', ['Rn', 'Rn'], difference),
    define(0xc8, 'BISL2', ['Rn', 'Rn'], logical(or)),
    define(0xca, 'BICL2', ['Rn', 'Rn'], logical((a, b) => and(not(a), b))),
    define(0xcc, 'XORL2', ['Rn', 'Rn'], logical(xor)),
    define(0xd1, 'CMPL', ['Rn', 'Rn'], (o) => {
      const a = operandValue(o[0]!), b = operandValue(o[1]!), rest = sub(a, b)
      const overflow = and(ne(sign(a), sign(b)), ne(sign(a), sign(rest)))
      return [codes(xor(sign(rest), overflow), eq(a, b), constant(1, 0), ult(a, b))]
    }),
    define(0xd4, 'CLRL', ['(Rn)'], (o) => [...put(o[0]!, constant(32, 0)), tested(constant(32, 0))]),
    define(0xd5, 'TSTL', ['(Rn)'], (o) => [tested(operandValue(o[0]!), constant(1, 0))]),
    branch(0x11, 'BRB', True), branch(0x13, 'BEQL', z),
    define(0x17, 'JMP', ['(Rn)'], (o) => [set<number>(s.PC, addressOf(o[0]!))]),
    define(0x10, 'BSBB', ['byte'], (o, next) => [whole, ...push(next), set<number>(s.PC, add<number>(next, signExtend(o[0]!.field, 32)))]),
    define(0x05, 'RSB', [], () => [whole, set<number>(s.PC, read(SP)), set(gr(sp), plus(SP, 4))]),
    define(0xdd, 'PUSHL', ['Rn'], (o) => [whole, ...push(operandValue(o[0]!)), tested(operandValue(o[0]!))]),
    psw(0xb8, 'BISPSW', or), psw(0xb9, 'BICPSW', (old, mask) => and(old, not(mask))),
  ]
}
