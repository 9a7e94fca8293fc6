// Data processing, multiplication and branches: a representative of each group that no mode touches.
import { set, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, and, ashr, concat, constant, eq, extract, ite, lshr, mul, not, shl, signExtend, True, udiv, xor, zeroExtend, type Term } from '../../ir/term.ts'
import { fixedOf, operations } from './exceptions.ts'
import { always, define, different, exchange, not15, unconditional, write, type Operands } from './notation.ts'
import { R, type State } from './state.ts'

const zero = constant(32, 0)
const sign = (w: Term): Term<1> => extract<1>(w, w.width - 1, w.width - 1)

const setNZ = (s: State, result: Term<32>): Statement[] => [set(s.flags.N, sign(result)), set(s.flags.Z, eq(result, zero))]
/** Flags of n + m, with the carry out of 33 bits. */
const setNZCV = (s: State, n: Term<32>, m: Term<32>, carryIn: 0 | 1): Statement[] => {
  const wide = add(add(zeroExtend(n, 33), zeroExtend(m, 33)), constant(33, carryIn)), result = extract<32>(wide, 31, 0)
  return [...setNZ(s, result), set(s.flags.C, sign(wide)), set(s.flags.V, and(not(xor(sign(n), sign(m))), xor(sign(n), sign(result))))]
}

export const dataProcessing = (s: State): Instruction[] => {
  const instruction = define('data-processing instructions')
  const fields = { a: 3, opcode: 4, S: 1, Rn: 4, Rd: 4, shift: 8, Rm: 4 }
  const n = (o: Operands): Term<32> => R(s, o['Rn'] ?? constant(4, 0)), m = (o: Operands): Term<32> => R(s, o['Rm']!)
  const compare = (name: string, opcode: number, does: (o: Operands) => Statement[]): Instruction =>
    instruction(name, fields, { ...always, a: 0, opcode, S: 1, Rd: 0, shift: 0 }, does)
  return [
    ...operations.map(([name, opcode, result]) =>
      instruction(name, fields, { ...always, ...fixedOf(opcode), a: 0, opcode, S: 0, shift: 0 }, (o) => write(s, o['Rd']!, result(s, n(o), m(o)), 'computed'))),
    compare('TST', 8, (o) => setNZ(s, and(n(o), m(o)))),
    compare('TEQ', 9, (o) => setNZ(s, xor(n(o), m(o)))),
    compare('CMP', 10, (o) => setNZCV(s, n(o), not(m(o)), 1)),
    compare('CMN', 11, (o) => setNZCV(s, n(o), m(o), 0)),
    ...([['LSL', 1, shl], ['LSR', 3, lshr], ['ASR', 5, ashr]] as const).map(([name, type, shift]) =>
      instruction(`${name} (register)`, { a: 3, opcode: 4, S: 1, Rn: 4, Rd: 4, Rs: 4, type: 4, Rm: 4 }, { ...always, a: 0, opcode: 13, S: 0, Rn: 0, type }, (o) =>
        [not15(o, 'Rd', 'Rm', 'Rs'), set(cell(s.R, o['Rd'] as Term<4>), shift(m(o), zeroExtend(extract(R(s, o['Rs']!), 7, 0), 32)))])),
    instruction('MUL', { a: 7, S: 1, Rd: 4, b: 4, Rm: 4, c: 4, Rn: 4 }, { ...always, a: 0, S: 0, b: 0, c: 9 }, (o) =>
      [not15(o, 'Rd', 'Rm', 'Rn'), ...(s.version < 6 ? [different(o, 'Rd', 'Rm')] : []), set(cell(s.R, o['Rd'] as Term<4>), mul(n(o), m(o)))]),
    instruction('CLZ', { a: 12, Rd: 4, b: 8, Rm: 4 }, { ...always, a: 0x16f, b: 0xf1 }, (o) =>
      [not15(o, 'Rd', 'Rm'), set(cell(s.R, o['Rd'] as Term<4>), leadingZeros(m(o)))]),
    instruction('QADD', { a: 8, Rn: 4, Rd: 4, b: 8, Rm: 4 }, { ...always, a: 0x10, b: 5 }, (o) => {
      const wide = add(signExtend(n(o), 33), signExtend(m(o), 33)), low = extract<32>(wide, 31, 0), overflow = xor(sign(wide), sign(low))
      const limit = ite<32>(sign(wide), constant(32, 0x80000000), constant(32, 0x7fffffff))
      return [not15(o, 'Rd', 'Rm', 'Rn'), set(cell(s.R, o['Rd'] as Term<4>), ite(overflow, limit, low)), set(q(s), 1, overflow)]
    }),
    ...(s.version < 7 ? [] : [
      instruction('MOVW', { a: 8, high: 4, Rd: 4, low: 12 }, { ...always, a: 0x30 }, (o) =>
        [not15(o, 'Rd'), set(cell(s.R, o['Rd'] as Term<4>), zeroExtend(concat(o['high']!, o['low']!), 32))]),
      instruction('UDIV', { a: 8, Rd: 4, b: 4, Rm: 4, c: 4, Rn: 4 }, { ...always, a: 0x73, b: 15, c: 1 }, (o) =>
        [not15(o, 'Rd', 'Rm', 'Rn'), set(cell(s.R, o['Rd'] as Term<4>), ite<32>(eq(m(o), zero), zero, udiv(n(o), m(o))))], 'where implemented'),
    ]),
  ]
}

const q = (s: State) => s.status.find((f) => f.register.name === 'Q')!.register
const leadingZeros = (w: Term<32>): Term<32> =>
  Array.from({ length: 32 }, (_, k) => k).reduce<Term<32>>((count, k) => ite<32>(extract<1>(w, k, k), constant(32, 31 - k), count), constant(32, 32))

export const branches = (s: State): Instruction[] => {
  const instruction = define('branch instructions')
  const target = (o: Operands): Term<30> => add(add(get(s.PC), constant(30, 2)), signExtend(o['offset']!, 30))
  const link = set(cell(s.R, constant(4, 14)), concat<32>(add(get(s.PC), constant(30, 1)), constant(2, 0)))
  const to = (o: Operands): Statement[] => exchange(s, R(s, o['Rm']!))
  const register = { a: 24, Rm: 4 }
  return [
    instruction('B', { op: 4, offset: 24 }, { ...always, op: 10 }, (o) => [set(s.PC, target(o))]),
    instruction('BEQ', { op: 4, offset: 24 }, { cond: 0, op: 10 }, (o) => [set(s.PC, target(o), get(s.flags.Z))], 'B under the condition EQ'),
    instruction('BL', { op: 4, offset: 24 }, { ...always, op: 11 }, (o) => [link, set(s.PC, target(o))]),
    instruction('BLX (immediate)', { op: 3, H: 1, offset: 24 }, { ...unconditional, op: 5 }, (o) => [link, set(s.PC, target(o)), set(s.T, 1, True)]),
    instruction('BX', register, { ...always, a: 0x12fff1 }, to),
    instruction('BLX (register)', register, { ...always, a: 0x12fff3 }, (o) => [not15(o, 'Rm'), link, ...to(o)]),
    ...(s.version < 6 ? [] : [instruction('BXJ', register, { ...always, a: 0x12fff2 }, (o) => [not15(o, 'Rm'), ...to(o)], 'with the trivial implementation of Jazelle, as BX')]),
  ]
}

