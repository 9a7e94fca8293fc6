// Integer operations, branches and jumps, and what the processor tells of itself.
import { set, trapIf, type Instruction } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { add, and, ashr, concat, constant, eq, extract, lshr, mul, ne, not, or, shl, signExtend, slt, sub, ult, xor, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { branchFormat, define, floating, memoryFormat, operate, operateLiteral, write } from './notation.ts'
import { F, identity, PC, R, read } from './state.ts'

const zero = constant(64, 0)
const long = (t: Term): Term => signExtend(extract(t, 31, 0), 64)
const bit = (b: Bool): Term => zeroExtend(b, 64)
const amount = (t: Term): Term => zeroExtend(extract(t, 5, 0), 64)
const sign = (t: Term): Term<1> => extract<1>(t, 63, 63)

export const integer = (): Instruction[] => {
  const instruction = define('4.4 to 4.6')
  const three = (name: string, op: number, code: number, result: (a: Term, b: Term) => Term, overflow?: (a: Term, b: Term) => Bool): Instruction =>
    instruction(name, operate, { op, zero: 0, literal: 0, function: code }, (o) => {
      const a = read(R, o['ra']!), b = read(R, o['rb']!)
      return [...(overflow ? [trapIf(overflow(a, b), 'arithmetic')] : []), write(o['rc']!, result(a, b))]
    })
  const bytes = (b: Term): Term => Array.from({ length: 8 }, (_, n): Term => signExtend(extract(b, n, n), 8)).reduce((low, high) => concat(high, low))
  return [
    three('ADDL', 0x10, 0x00, (a, b) => long(add<number>(a, b))), three('SUBL', 0x10, 0x09, (a, b) => long(sub<number>(a, b))),
    three('ADDQ', 0x10, 0x20, (a, b) => add<number>(a, b)), three('SUBQ', 0x10, 0x29, (a, b) => sub<number>(a, b)),
    three('ADDQ/V', 0x10, 0x60, (a, b) => add<number>(a, b), (a, b) => and(not(xor(sign(a), sign(b))), xor(sign(a), sign(add<number>(a, b))))),
    three('S4ADDL', 0x10, 0x02, (a, b) => long(add<number>(shl<number>(a, constant(64, 2)), b))),
    three('CMPEQ', 0x10, 0x2d, (a, b) => bit(eq<number>(a, b))), three('CMPLT', 0x10, 0x4d, (a, b) => bit(slt<number>(a, b))),
    three('CMPULT', 0x10, 0x1d, (a, b) => bit(ult<number>(a, b))),
    three('AND', 0x11, 0x00, (a, b) => and<number>(a, b)), three('BIC', 0x11, 0x08, (a, b) => and<number>(a, not(b))),
    three('BIS', 0x11, 0x20, (a, b) => or<number>(a, b)), three('XOR', 0x11, 0x40, (a, b) => xor<number>(a, b)),
    three('SLL', 0x12, 0x39, (a, b) => shl<number>(a, amount(b))), three('SRL', 0x12, 0x34, (a, b) => lshr<number>(a, amount(b))),
    three('SRA', 0x12, 0x3c, (a, b) => ashr<number>(a, amount(b))), three('ZAPNOT', 0x12, 0x31, (a, b) => and<number>(a, bytes(b))),
    three('MULQ', 0x13, 0x20, (a, b) => mul<number>(a, b)),
    instruction('ADDQ #', operateLiteral, { op: 0x10, literal: 1, function: 0x20 }, (o) => [write(o['rc']!, add<number>(read(R, o['ra']!), zeroExtend(o['value']!, 64)))]),
    instruction('CMOVEQ', operate, { op: 0x11, zero: 0, literal: 0, function: 0x24 }, (o) => [write(o['rc']!, read(R, o['rb']!), eq(read(R, o['ra']!), zero))]),
    instruction('LDA', memoryFormat, { op: 0x08 }, (o) => [write(o['ra']!, add<number>(read(R, o['rb']!), signExtend(o['displacement']!, 64)))]),
    instruction('LDAH', memoryFormat, { op: 0x09 }, (o) => [
      write(o['ra']!, add<number>(read(R, o['rb']!), signExtend(concat(o['displacement']!, constant(16, 0)), 64))),
    ]),
    instruction('AMASK', operate, { op: 0x11, ra: 31, zero: 0, literal: 0, function: 0x61 }, (o) => [write(o['rc']!, and(read(R, o['rb']!), get(identity.AMASK)))]),
    instruction('IMPLVER', operateLiteral, { op: 0x11, ra: 31, value: 1, literal: 1, function: 0x6c }, (o) => [write(o['rc']!, zeroExtend(get(identity.IMPLVER), 64))]),
  ]
}

export const branches = (): Instruction[] => {
  const instruction = define('4.3')
  const next = add(get(PC), constant(62, 1)), link = concat<64>(next, constant(2, 0))
  const target = (displacement: Term): Term<62> => add(next, signExtend(displacement, 62))
  const conditional = (name: string, op: number, taken: (a: Term) => Bool): Instruction =>
    instruction(name, branchFormat, { op }, (o) => [set(PC, target(o['displacement']!), taken(read(R, o['ra']!)))])
  const direct = (name: string, op: number): Instruction =>
    instruction(name, branchFormat, { op }, (o) => [write(o['ra']!, link), set(PC, target(o['displacement']!))])
  const jump = (name: string, type: number): Instruction =>
    instruction(name, { op: 6, ra: 5, rb: 5, type: 2, hint: 14 }, { op: 0x1a, type }, (o) => [write(o['ra']!, link), set(PC, extract<62>(read(R, o['rb']!), 63, 2))])
  return [
    conditional('BEQ', 0x39, (a) => eq<number>(a, zero)), conditional('BNE', 0x3d, (a) => ne<number>(a, zero)),
    conditional('BLT', 0x3a, (a) => sign(a)), conditional('BLBC', 0x38, (a) => not(extract<1>(a, 0, 0))),
    direct('BR', 0x30), direct('BSR', 0x34), jump('JMP', 0), jump('JSR', 1), jump('RET', 2),
    // Both zeros of the floating-point format are equal to zero.
    instruction('FBEQ', branchFormat, { op: 0x31 }, (o) => [floating, set(PC, target(o['displacement']!), eq(extract(read(F, o['ra']!), 62, 0), constant(63, 0)))]),
  ]
}
