// Computation, jumps and branches, and the instructions that always or on a condition trap: no mode touches them.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, and, ashr, concat, constant, eq, extract, lshr, mul, ne, not, or, shl, signExtend, sle, slt, sub, True, udiv, ult, urem, xor, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { define, immediateFormat, registerFormat, write, type Operands } from './notation.ts'
import { GPR, type State } from './state.ts'

const sign = (w: Term): Term<1> => extract<1>(w, w.width - 1, w.width - 1)
const zero = constant(32, 0)

export const computation = (s: State): Instruction[] => {
  const instruction = define(s, 'computational instructions')
  const rs = (o: Operands): Term<32> => GPR(s, o['rs']!), rt = (o: Operands): Term<32> => GPR(s, o['rt']!)
  const three = (name: string, code: number, result: (a: Term<32>, b: Term<32>) => Term<32>, trap?: (a: Term<32>, b: Term<32>) => Bool): Instruction =>
    instruction(name, registerFormat, { op: 0, sa: 0, function: code }, (o) => [
      ...(trap ? [trapIf(trap(rs(o), rt(o)), 'overflow')] : []), write(s, o['rd']!, result(rs(o), rt(o))),
    ])
  const immediate = (name: string, op: number, result: (a: Term<32>, i: Term) => Term<32>): Instruction =>
    instruction(name, immediateFormat, { op }, (o) => [write(s, o['rt']!, result(rs(o), o['immediate']!))])
  const shift = (name: string, code: number, by: (a: Term<32>, n: Term<32>) => Term<32>): Instruction =>
    instruction(name, registerFormat, { op: 0, rs: 0, function: code }, (o) => [write(s, o['rd']!, by(rt(o), zeroExtend(o['sa']!, 32)))])
  const overflows = (a: Term<32>, b: Term<32>): Bool => and(not(xor(sign(a), sign(b))), xor(sign(a), sign(add(a, b))))
  const product = (o: Operands): Term<64> => mul(signExtend(rs(o), 64), signExtend(rt(o), 64))
  return [
    three('ADD', 0x20, (a, b) => add(a, b), overflows), three('ADDU', 0x21, (a, b) => add(a, b)), three('SUBU', 0x23, (a, b) => sub(a, b)),
    three('AND', 0x24, (a, b) => and(a, b)), three('OR', 0x25, (a, b) => or(a, b)), three('XOR', 0x26, (a, b) => xor(a, b)), three('NOR', 0x27, (a, b) => not(or(a, b))),
    three('SLT', 0x2a, (a, b) => zeroExtend(slt(a, b), 32)), three('SLTU', 0x2b, (a, b) => zeroExtend(ult(a, b), 32)),
    immediate('ADDIU', 9, (a, i) => add(a, signExtend(i, 32))), immediate('SLTI', 10, (a, i) => zeroExtend(slt(a, signExtend(i, 32)), 32)),
    immediate('ANDI', 12, (a, i) => and(a, zeroExtend(i, 32))), immediate('ORI', 13, (a, i) => or(a, zeroExtend(i, 32))),
    instruction('LUI', immediateFormat, { op: 15, rs: 0 }, (o) => [write(s, o['rt']!, concat<32>(o['immediate']!, constant(16, 0)))]),
    shift('SLL', 0, shl), shift('SRL', 2, lshr), shift('SRA', 3, ashr),
    instruction('MULT', registerFormat, { op: 0, rd: 0, sa: 0, function: 0x18 }, (o) =>
      [set(s.HI, extract(product(o), 63, 32)), set(s.LO, extract(product(o), 31, 0))]),
    instruction('DIVU', registerFormat, { op: 0, rd: 0, sa: 0, function: 0x1b }, (o) =>
      [set(s.LO, udiv(rs(o), rt(o))), set(s.HI, urem(rs(o), rt(o)))], 'division by 0 as in the model; the manual leaves it undefined'),
    instruction('MFHI', registerFormat, { op: 0, rs: 0, rt: 0, sa: 0, function: 0x10 }, (o) => [write(s, o['rd']!, get(s.HI))]),
    instruction('MFLO', registerFormat, { op: 0, rs: 0, rt: 0, sa: 0, function: 0x12 }, (o) => [write(s, o['rd']!, get(s.LO))]),
  ]
}

export const jumps = (s: State): Instruction[] => {
  const instruction = define(s, 'jump and branch instructions')
  const next = add(get(s.PC), constant(30, 1))
  /** The return address, past the delay slot. */
  const link = concat<32>(add(get(s.PC), constant(30, 2)), constant(2, 0))
  const target = (o: Operands): Term<30> => concat<30>(extract(next, 29, 26), o['target']!)
  const relative = (o: Operands): Term<30> => add(next, signExtend(o['immediate']!, 30))
  const register = (o: Operands): Term<30> => extract<30>(GPR(s, o['rs']!), 31, 2)
  const branch = (name: string, fixed: Readonly<Record<string, number>>, taken: (a: Term<32>, b: Term<32>) => Bool): Instruction =>
    instruction(name, immediateFormat, fixed, (o) => [set(s.PC, relative(o), taken(GPR(s, o['rs']!), 'rt' in o ? GPR(s, o['rt']!) : zero))])
  return [
    instruction('J', { op: 6, target: 26 }, { op: 2 }, (o) => [set(s.PC, target(o))]),
    instruction('JAL', { op: 6, target: 26 }, { op: 3 }, (o) => [write(s, constant(5, 31), link), set(s.PC, target(o))]),
    instruction('JR', registerFormat, { op: 0, rt: 0, rd: 0, sa: 0, function: 8 }, (o) => [set(s.PC, register(o))]),
    instruction('JALR', registerFormat, { op: 0, rt: 0, sa: 0, function: 9 }, (o) => [write(s, o['rd']!, link), set(s.PC, register(o))]),
    branch('BEQ', { op: 4 }, (a, b) => eq(a, b)), branch('BNE', { op: 5 }, (a, b) => ne(a, b)),
    branch('BLEZ', { op: 6, rt: 0 }, (a) => sle(a, zero)), branch('BLTZ', { op: 1, rt: 0 }, (a) => slt(a, zero)),
  ]
}

export const traps = (s: State): Instruction[] => {
  const instruction = define(s, 'special instructions')
  return [
    instruction('SYSCALL', { op: 6, code: 20, function: 6 }, { op: 0, function: 12 }, () => [trapIf(True, 'system call')]),
    instruction('BREAK', { op: 6, code: 20, function: 6 }, { op: 0, function: 13 }, () => [trapIf(True, 'breakpoint')]),
    ...(s.processor === 'r3000' ? [] : [
      instruction('TEQ', { op: 6, rs: 5, rt: 5, code: 10, function: 6 }, { op: 0, function: 0x34 }, (o) =>
        [trapIf(eq(GPR(s, o['rs']!), GPR(s, o['rt']!)), 'trap')]),
      instruction('SYNC', { op: 6, zero: 20, function: 6 }, { op: 0, zero: 0, function: 15 }, () => []),
    ]),
  ]
}

/** Coprocessor 1 is usable or not in every mode alike: CU1. */
export const floatingPoint = (s: State): Instruction[] => {
  const instruction = define(s, 'coprocessor 1')
  const CU1 = extract<1>(get(s.status.find((f) => f.register.name === 'CU3..CU1')!.register), 0, 0)
  const usable = trapIf(not(CU1), 'coprocessor unusable')
  const move = (name: string, rs: number, does: (o: Operands) => Statement): Instruction =>
    instruction(name, registerFormat, { op: 17, rs, sa: 0, function: 0 }, (o) => [usable, does(o)])
  return [
    move('MFC1', 0, (o) => write(s, o['rt']!, get(cell(s.FGR, o['rd'] as Term<5>)))),
    move('MTC1', 4, (o) => set(cell(s.FGR, o['rd'] as Term<5>), GPR(s, o['rt']!))),
  ]
}
