// Data processing and branches: a representative of each group that no level touches.
import { set, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, and, ashr, concat, constant, eq, extract, ite, lshr, mul, not, or, shl, signExtend, sub, udiv, xor, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { define, floatingPointAllowed, in64, writeX, writeXSP, X, XSP, type Operands } from './notation.ts'
import type { State } from './state.ts'

const sign = (w: Term): Term<1> => extract<1>(w, w.width - 1, w.width - 1)
/** N and Z of a result, with C and V as given. */
const flags = (s: State, result: Term<64>, C: Bool, V: Bool): Statement[] =>
  [set(s.flags.N, sign(result)), set(s.flags.Z, eq(result, constant(64, 0))), set(s.flags.C, C), set(s.flags.V, V)]
const none = constant(1, 0)
/** The flags of n + m + carryIn, with the carry out of 65 bits. */
const sumFlags = (s: State, n: Term<64>, m: Term<64>, carryIn: 0 | 1): Statement[] => {
  const wide = add(add(zeroExtend(n, 65), zeroExtend(m, 65)), constant(65, carryIn)), result = extract<64>(wide, 63, 0)
  return flags(s, result, sign(wide), and(not(xor(sign(n), sign(m))), xor(sign(n), sign(result))))
}

export const dataProcessing = (s: State): Instruction[] => {
  const instruction = define('data processing')
  const n = (o: Operands): Term<64> => X(s, o['Rn']!), m = (o: Operands): Term<64> => X(s, o['Rm']!)
  const immediate = { sf: 1, op: 2, a: 6, sh: 1, imm12: 12, Rn: 5, Rd: 5 }
  const imm = (o: Operands): Term<64> => { const small = in64(o['imm12']!); return ite<64>(o['sh'] as Bool, shl(small, constant(64, 12)), small) }
  const register = { sf: 1, op: 2, a: 8, Rm: 5, shift: 6, Rn: 5, Rd: 5 }
  const twoSources = { a: 11, Rm: 5, op: 6, Rn: 5, Rd: 5 }
  const moves = { sf: 1, op: 2, a: 6, hw: 2, imm16: 16, Rd: 5 }
  const at = (o: Operands): Term<64> => mul(in64(o['hw']!), constant(64, 16))
  const logical = (name: string, op: number, result: (a: Term<64>, b: Term<64>) => Term<64>): Instruction =>
    instruction(name, register, { sf: 1, op, a: 0x50, shift: 0 }, (o) => [writeX(s, o['Rd']!, result(n(o), m(o)))], 'shifted register, without shift')
  return [
    instruction('ADD (immediate)', immediate, { sf: 1, op: 0, a: 0x22 }, (o) => writeXSP(s, o['Rd']!, add(XSP(s, o['Rn']!), imm(o)))),
    instruction('SUB (immediate)', immediate, { sf: 1, op: 2, a: 0x22 }, (o) => writeXSP(s, o['Rd']!, sub(XSP(s, o['Rn']!), imm(o)))),
    instruction('SUBS (immediate)', immediate, { sf: 1, op: 3, a: 0x22 }, (o) =>
      [writeX(s, o['Rd']!, sub(XSP(s, o['Rn']!), imm(o))), ...sumFlags(s, XSP(s, o['Rn']!), not(imm(o)), 1)]),
    instruction('ADD', register, { sf: 1, op: 0, a: 0x58, shift: 0 }, (o) => [writeX(s, o['Rd']!, add(n(o), m(o)))], 'shifted register, without shift'),
    instruction('ADDS', register, { sf: 1, op: 1, a: 0x58, shift: 0 }, (o) => [writeX(s, o['Rd']!, add(n(o), m(o))), ...sumFlags(s, n(o), m(o), 0)], 'shifted register, without shift'),
    instruction('ADD W', register, { sf: 0, op: 0, a: 0x58, shift: 0 }, (o) =>
      [writeX(s, o['Rd']!, in64(add(extract<32>(n(o), 31, 0), extract<32>(m(o), 31, 0))))], 'shifted register, without shift'),
    instruction('ADC', twoSources, { a: 0x4d0, op: 0 }, (o) => [writeX(s, o['Rd']!, add(add(n(o), m(o)), in64(get(s.flags.C))))]),
    logical('AND', 0, and), logical('ORR', 1, or), logical('EOR', 2, xor),
    instruction('ANDS', register, { sf: 1, op: 3, a: 0x50, shift: 0 }, (o) => [writeX(s, o['Rd']!, and(n(o), m(o))), ...flags(s, and(n(o), m(o)), none, none)], 'shifted register, without shift'),
    ...([['LSLV', 8, shl], ['LSRV', 9, lshr], ['ASRV', 10, ashr]] as const).map(([name, op, shift]) =>
      instruction(name, twoSources, { a: 0x4d6, op }, (o) => [writeX(s, o['Rd']!, shift(n(o), in64(extract<6>(m(o), 5, 0))))])),
    instruction('UDIV', twoSources, { a: 0x4d6, op: 2 }, (o) =>
      [writeX(s, o['Rd']!, ite<64>(eq(m(o), constant(64, 0)), constant(64, 0), udiv(n(o), m(o))))]),
    instruction('MADD', { a: 11, Rm: 5, o0: 1, Ra: 5, Rn: 5, Rd: 5 }, { a: 0x4d8, o0: 0 }, (o) => [writeX(s, o['Rd']!, add(X(s, o['Ra']!), mul(n(o), m(o))))]),
    instruction('CSEL EQ', { a: 11, Rm: 5, cond: 4, op: 2, Rn: 5, Rd: 5 }, { a: 0x4d4, cond: 0, op: 0 }, (o) => [writeX(s, o['Rd']!, ite<64>(get(s.flags.Z), n(o), m(o)))]),
    instruction('MOVZ', moves, { sf: 1, op: 2, a: 0x25 }, (o) => [writeX(s, o['Rd']!, shl(in64(o['imm16']!), at(o)))]),
    instruction('MOVK', moves, { sf: 1, op: 3, a: 0x25 }, (o) =>
      [writeX(s, o['Rd']!, or(and(X(s, o['Rd']!), not(shl(constant(64, 0xffff), at(o)))), shl(in64(o['imm16']!), at(o))))]),
    instruction('ADR', { op: 1, immlo: 2, a: 5, immhi: 19, Rd: 5 }, { op: 0, a: 0x10 }, (o) =>
      [writeX(s, o['Rd']!, add(concat<64>(get(s.PC), constant(2, 0)), signExtend(concat(o['immhi']!, o['immlo']!), 64)))]),
    instruction('FMOV X to D', { a: 22, Rn: 5, Rd: 5 }, { a: 0x2799c0 }, (o) => [floatingPointAllowed(s), set(cell(s.Q, o['Rd'] as Term<5>), zeroExtend(n(o), 128))]),
    instruction('FMOV D to X', { a: 22, Rn: 5, Rd: 5 }, { a: 0x279980 }, (o) => [floatingPointAllowed(s), writeX(s, o['Rd']!, extract<64>(get(cell(s.Q, o['Rn'] as Term<5>)), 63, 0))]),
  ]
}

export const branches = (s: State): Instruction[] => {
  const instruction = define('branches')
  const to = (o: Operands, field: string): Term<62> => add(get(s.PC), signExtend(o[field]!, 62))
  const link = set(cell(s.X, constant(5, 30)), concat<64>(add(get(s.PC), constant(62, 1)), constant(2, 0)))
  const register = { a: 22, Rn: 5, b: 5 }, immediate = { op: 6, imm26: 26 }
  const target = (o: Operands): Term<62> => extract<62>(X(s, o['Rn']!), 63, 2)
  const compared = { sf: 1, a: 6, op: 1, imm19: 19, Rt: 5 }, tested = { b5: 1, a: 6, op: 1, b40: 5, imm14: 14, Rt: 5 }
  const zero = (o: Operands): Bool => eq(X(s, o['Rt']!), constant(64, 0))
  const bitOf = (o: Operands): Bool => extract<1>(lshr(X(s, o['Rt']!), in64(concat<6>(o['b5']!, o['b40']!))), 0, 0)
  return [
    instruction('B', immediate, { op: 5 }, (o) => [set(s.PC, to(o, 'imm26'))]),
    instruction('BL', immediate, { op: 0x25 }, (o) => [link, set(s.PC, to(o, 'imm26'))]),
    instruction('B.EQ', { a: 8, imm19: 19, b: 1, cond: 4 }, { a: 0x54, b: 0, cond: 0 }, (o) => [set(s.PC, to(o, 'imm19'), get(s.flags.Z))]),
    instruction('CBZ', compared, { sf: 1, a: 0x1a, op: 0 }, (o) => [set(s.PC, to(o, 'imm19'), zero(o))]),
    instruction('CBNZ', compared, { sf: 1, a: 0x1a, op: 1 }, (o) => [set(s.PC, to(o, 'imm19'), not(zero(o)))]),
    instruction('TBZ', tested, { a: 0x1b, op: 0 }, (o) => [set(s.PC, to(o, 'imm14'), not(bitOf(o)))]),
    instruction('BR', register, { a: 0x3587c0, b: 0 }, (o) => [set(s.PC, target(o))]),
    instruction('BLR', register, { a: 0x358fc0, b: 0 }, (o) => [link, set(s.PC, target(o))]),
    instruction('RET', register, { a: 0x3597c0, b: 0 }, (o) => [set(s.PC, target(o))]),
  ]
}
