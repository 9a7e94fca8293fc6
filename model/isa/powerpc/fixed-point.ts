// Integer arithmetic, logic, rotation, comparison, and the condition register: user registers only.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, field, get, type Register } from '../../ir/state.ts'
import {
  add, and, ashr, concat, constant, eq, extract, ite, lshr, mul, ne, not, or, shl, signExtend, slt, sub, udiv, ule, ult, xor, zeroExtend,
  type Bool, type Term,
} from '../../ir/term.ts'
import { comparison, define, formats, GPR, orZero, record, toGPR, type Operands } from './notation.ts'
import { read, sprPart, type State } from './state.ts'

const sign = (w: Term): Term<1> => extract<1>(w, w.width - 1, w.width - 1)
const ones = constant(32, 0xffffffff)
const xerPart = (s: State, name: string): Register => s.spr['XER']!.find((p) => p.register.name === `XER[${name}]`)!.register

export const arithmetic = (s: State): Instruction[] => {
  const instruction = define('8.2')
  const A = (o: Operands): Term<32> => GPR(s, o['A']!), B = (o: Operands): Term<32> => GPR(s, o['B']!)
  const three = (name: string, XO: number, Rc: 0 | 1, result: (a: Term<32>, b: Term<32>) => Term<32>): Instruction =>
    instruction(name, formats.XO, { op: 31, OE: 0, XO, Rc }, (o) => {
      const value = result(A(o), B(o))
      return [toGPR(s, o['D']!, value), ...(Rc ? [record(s, value)] : [])]
    })
  const carrying = (a: Term<32>, b: Term<32>, carry: Term<1>): Term<33> =>
    add(add(zeroExtend(a, 33), zeroExtend(b, 33)), zeroExtend(carry, 33))
  const withCarry = (o: Operands, sum: Term<33>): Statement[] =>
    [toGPR(s, o['D']!, extract<32>(sum, 31, 0)), set(xerPart(s, 'CA'), extract(sum, 32, 32))]
  return [
    instruction('addi', formats.D, { op: 14 }, (o) => [toGPR(s, o['D']!, add(orZero(s, o['A']!), signExtend(o['d']!, 32)))]),
    instruction('addis', formats.D, { op: 15 }, (o) => [toGPR(s, o['D']!, add(orZero(s, o['A']!), concat<32>(o['d']!, constant(16, 0))))]),
    instruction('addic', formats.D, { op: 12 }, (o) => withCarry(o, carrying(A(o), signExtend(o['d']!, 32), constant(1, 0)))),
    three('add', 266, 0, add), three('add.', 266, 1, add), three('subf', 40, 0, (a, b) => sub(b, a)), three('mullw', 235, 0, mul),
    instruction('addo.', formats.XO, { op: 31, OE: 1, XO: 266, Rc: 1 }, (o) => {
      const value = add(A(o), B(o))
      const OV = and(not(xor(sign(A(o)), sign(B(o)))), xor(sign(A(o)), sign(value)))
      const SO = or(sprPart(s, 'XER[SO]') as Term<1>, OV)
      return [toGPR(s, o['D']!, value), set(xerPart(s, 'OV'), OV), set(xerPart(s, 'SO'), SO), record(s, value, SO)]
    }),
    instruction('adde', formats.XO, { op: 31, OE: 0, XO: 138, Rc: 0 }, (o) => withCarry(o, carrying(A(o), B(o), sprPart(s, 'XER[CA]') as Term<1>))),
    instruction('neg', formats.XO, { op: 31, B: 0, OE: 0, XO: 104, Rc: 0 }, (o) => [toGPR(s, o['D']!, sub(constant(32, 0), A(o)))]),
    instruction('divwu', formats.XO, { op: 31, OE: 0, XO: 459, Rc: 0 }, (o) =>
      [trapIf(eq(B(o), constant(32, 0)), 'unmodelled'), toGPR(s, o['D']!, udiv(A(o), B(o)))], 'the manual leaves the quotient by 0 undefined'),
  ]
}

export const logic = (s: State): Instruction[] => {
  const instruction = define('8.2')
  const S = (o: Operands): Term<32> => GPR(s, o['S']!), B = (o: Operands): Term<32> => GPR(s, o['B']!)
  const three = (name: string, XO: number, result: (a: Term<32>, b: Term<32>) => Term<32>): Instruction =>
    instruction(name, formats.XS, { op: 31, XO, Rc: 0 }, (o) => [toGPR(s, o['A']!, result(S(o), B(o)))])
  const amount = (b: Term<32>): Term<32> => zeroExtend(extract(b, 5, 0), 32)
  const rotated = (o: Operands): Term<32> => {
    const n = zeroExtend(o['SH']!, 32)
    return or(shl(S(o), n), lshr(S(o), sub(constant(32, 32), n)))
  }
  const mask = (o: Operands): Term<32> => {
    const from = lshr(ones, zeroExtend(o['MB']!, 32)), to = shl(ones, zeroExtend(not(o['ME']!), 32))
    return ite(ule(o['MB']!, o['ME']!), and(from, to), or(from, to))
  }
  return [
    three('and', 28, and), three('or', 444, or), three('xor', 316, xor), three('nor', 124, (a, b) => not(or(a, b))),
    three('slw', 24, (a, b) => shl(a, amount(b))), three('srw', 536, (a, b) => lshr(a, amount(b))),
    instruction('ori', formats.S, { op: 24 }, (o) => [toGPR(s, o['A']!, or(S(o), zeroExtend(o['d']!, 32)))]),
    instruction('andi.', formats.S, { op: 28 }, (o) => {
      const value = and(S(o), zeroExtend(o['d']!, 32))
      return [toGPR(s, o['A']!, value), record(s, value)]
    }),
    instruction('extsb', formats.XS, { op: 31, B: 0, XO: 954, Rc: 0 }, (o) => [toGPR(s, o['A']!, signExtend(extract(S(o), 7, 0), 32))]),
    instruction('srawi', formats.XS, { op: 31, XO: 824, Rc: 0 }, (o) => {
      const n = zeroExtend(o['B']!, 32), lost = and(S(o), not(shl(ones, n)))
      return [toGPR(s, o['A']!, ashr(S(o), n)), set(xerPart(s, 'CA'), and(sign(S(o)), ne(lost, constant(32, 0))))]
    }),
    instruction('rlwinm', formats.M, { op: 21, Rc: 0 }, (o) => [toGPR(s, o['A']!, and(rotated(o), mask(o)))]),
  ]
}

export const conditions = (s: State): Instruction[] => {
  const instruction = define('8.2')
  const A = (o: Operands): Term<32> => GPR(s, o['A']!), B = (o: Operands): Term<32> => GPR(s, o['B']!)
  /** Field n of the condition register by its number from the left. */
  const toField = (n: Term, value: Term<4>): Statement[] =>
    Array.from({ length: 8 }, (_, k) => set(field<4>(s.CR, 31 - 4 * k, 28 - 4 * k), value, eq(n, constant(3, k))))
  const fieldAt = (n: Term): Term<4> => extract<4>(shl(get(s.CR), concat<32>(constant(27, 0), n, constant(2, 0))), 31, 28)
  const bitAt = (n: Term): Term<1> => extract<1>(shl(get(s.CR), zeroExtend(n, 32)), 31, 31)
  const SO = sprPart(s, 'XER[SO]')
  const compare = (name: string, XO: number, less: (a: Term<32>, b: Term<32>) => Bool): Instruction =>
    instruction(name, formats.cmp, { op: 31, zero: 0, L: 0, XO, end: 0 }, (o) =>
      toField(o['crfD']!, comparison(less(A(o), B(o)), eq(A(o), B(o)), SO)))
  const bits = (name: string, XO: number, result: (a: Term<1>, b: Term<1>) => Term<1>): Instruction =>
    instruction(name, formats.CR, { op: 19, XO, zero: 0 }, (o) => {
      const value = result(bitAt(o['crbA']!), bitAt(o['crbB']!)), at = lshr(constant(32, 0x80000000), zeroExtend(o['crbD']!, 32))
      return [set(s.CR, ite<32>(value, or(get(s.CR), at), and(get(s.CR), not(at))))]
    })
  const XER = s.spr['XER']!
  return [
    compare('cmp', 0, slt), compare('cmpl', 32, ult),
    instruction('cmpi', formats.cmpi, { op: 11, zero: 0, L: 0 }, (o) => {
      const i = signExtend(o['d']!, 32)
      return toField(o['crfD']!, comparison(slt(A(o), i), eq(A(o), i), SO))
    }),
    bits('crand', 257, and), bits('crxor', 193, xor),
    instruction('mcrf', { op: 6, crfD: 3, zero: 2, crfS: 3, rest: 7, XO: 10, end: 1 }, { op: 19, zero: 0, rest: 0, XO: 0, end: 0 }, (o) =>
      toField(o['crfD']!, fieldAt(o['crfS']!))),
    instruction('mfcr', formats.X, { op: 31, A: 0, B: 0, XO: 19, Rc: 0 }, (o) => [toGPR(s, o['D']!, get(s.CR))]),
    instruction('mtcrf', { op: 6, S: 5, zero: 1, CRM: 8, rest: 1, XO: 10, end: 1 }, { op: 31, zero: 0, rest: 0, XO: 144, end: 0 }, (o) =>
      Array.from({ length: 8 }, (_, k) =>
        set(field<4>(s.CR, 31 - 4 * k, 28 - 4 * k), extract<4>(GPR(s, o['S']!), 31 - 4 * k, 28 - 4 * k), extract<1>(o['CRM']!, 7 - k, 7 - k)))),
    instruction('mcrxr', { op: 6, crfD: 3, zero: 12, XO: 10, end: 1 }, { op: 31, zero: 0, XO: 512, end: 0 }, (o) => [
      ...toField(o['crfD']!, extract<4>(read(XER), 31, 28)), ...XER.slice(0, 3).map((p) => set(p.register, 0)),
    ]),
  ]
}

/** Floating-point registers where MSR[FP] is 1; FPSCR. */
export const floatingPoint = (s: State, available: Statement): Instruction[] => {
  const instruction = define('8.2')
  return [
    instruction('fmr', formats.X, { op: 63, A: 0, XO: 72, Rc: 0 }, (o) =>
      [available, set(cell(s.FPR, o['D'] as Term<5>), get(cell(s.FPR, o['B'] as Term<5>)))]),
    instruction('mffs', formats.X, { op: 63, A: 0, B: 0, XO: 583, Rc: 0 }, (o) =>
      [available, set(cell(s.FPR, o['D'] as Term<5>), concat<64>(constant(32, 0xfff80000), get(s.FPSCR)))],
      'the high half is undefined; here as the processors give it'),
  ]
}

