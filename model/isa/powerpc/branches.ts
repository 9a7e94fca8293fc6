// Branches, traps and the system call.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get, type Register } from '../../ir/state.ts'
import {
  add, and, concat, constant, eq, extract, ite, not, or, shl, signExtend, slt, sub, True, ult, xor, zeroExtend, type Bool,
  type Term,
} from '../../ir/term.ts'
import { define, formats, GPR, type Operands } from './notation.ts'
import { spr, type State } from './state.ts'

export const branches = (s: State): Instruction[] => {
  const instruction = define('8.2')
  const [LR, CTR] = [s.spr['LR']![0]!.register as Register<32>, s.spr['CTR']![0]!.register as Register<32>]
  const link = set(LR, concat<32>(add(get(s.CIA), constant(30, 1)), constant(2, 0)))
  const count = sub(get(CTR), constant(32, 1))
  const bit = (value: Term, n: number): Term<1> => extract<1>(value, value.width - 1 - n, value.width - 1 - n)
  const condition = (o: Operands): Bool => {
    const CR = extract<1>(shl(get(s.CR), zeroExtend(o['BI']!, 32)), 31, 31)
    return or(bit(o['BO']!, 0), eq(CR, bit(o['BO']!, 1)))
  }
  const counted = (o: Operands): Bool => or(bit(o['BO']!, 2), xor(not(eq(count, constant(32, 0))), bit(o['BO']!, 3)))
  const decrement = (o: Operands): Statement => set(CTR, count, not(bit(o['BO']!, 2)))
  const target = (name: string): Term<30> => extract<30>(spr(s, name), 31, 2)
  const iForm = { op: 6, LI: 24, AA: 1, LK: 1 }, bForm = { op: 6, BO: 5, BI: 5, BD: 14, AA: 1, LK: 1 }
  const to = (o: Operands, displacement: Term<30>): Term<30> => ite<30>(o['AA'] as Bool, displacement, add(get(s.CIA), displacement))
  return [
    instruction('b', iForm, { op: 18, LK: 0 }, (o) => [set(s.CIA, to(o, signExtend(o['LI']!, 30)))]),
    instruction('bl', iForm, { op: 18, LK: 1 }, (o) => [link, set(s.CIA, to(o, signExtend(o['LI']!, 30)))]),
    instruction('bc', bForm, { op: 16, LK: 0 }, (o) => [decrement(o), set(s.CIA, to(o, signExtend(o['BD']!, 30)), and(condition(o), counted(o)))]),
    instruction('bclr', formats.XL, { op: 19, zero: 0, XO: 16, LK: 0 }, (o) => [
      decrement(o), set(s.CIA, target('LR'), and(condition(o), counted(o))),
    ]),
    instruction('bclrl', formats.XL, { op: 19, zero: 0, XO: 16, LK: 1 }, (o) => [
      decrement(o), link, set(s.CIA, target('LR'), and(condition(o), counted(o))),
    ]),
    // With BO[2] = 0, which would decrement what it branches to, it is an invalid form.
    instruction('bcctr', { op: 6, 'BO[0-1]': 2, 'BO[2]': 1, 'BO[3-4]': 2, BI: 5, zero: 5, XO: 10, LK: 1 }, { op: 19, 'BO[2]': 1, zero: 0, XO: 528, LK: 0 }, (o) =>
      [set(s.CIA, target('CTR'), condition({ ...o, BO: concat<5>(o['BO[0-1]']!, constant(1, 1), o['BO[3-4]']!) }))]),
    instruction('sc', { op: 6, zero: 24, one: 1, end: 1 }, { op: 17, zero: 0, one: 1, end: 0 }, () => [trapIf(True, 'system call')]),
    instruction('tw', { op: 6, TO: 5, A: 5, B: 5, XO: 10, zero: 1 }, { op: 31, XO: 4, zero: 0 }, (o) =>
      [trapIf(meets(o['TO']!, GPR(s, o['A']!), GPR(s, o['B']!)), 'trap')]),
    instruction('twi', { op: 6, TO: 5, A: 5, d: 16 }, { op: 3 }, (o) => [trapIf(meets(o['TO']!, GPR(s, o['A']!), signExtend(o['d']!, 32)), 'trap')]),
  ]
}

/** Any of the conditions that TO selects: less, greater, equal, less and greater unsigned. */
const meets = (TO: Term, a: Term<32>, b: Term<32>): Bool => {
  const when = (n: number, holds: Bool): Bool => and(extract<1>(TO, n, n), holds)
  return [when(4, slt(a, b)), when(3, slt(b, a)), when(2, eq(a, b)), when(1, ult(a, b)), when(0, ult(b, a))].reduce(or)
}
