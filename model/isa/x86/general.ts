// Representatives of the instructions that compute, move, branch and call within a segment.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import {
  add, and, concat, constant, extract, ite, lshr, mul, ne, not, or, shl, sub, udiv, ult, urem, xor, zeroExtend, type Bool, type Term,
} from '../../ir/term.ts'
import { AF, CF, EIP, OF, PF, SF, ZF } from './state.ts'
import {
  bitOf, bytes, define, displacement, EAX, EBP, EDX, ESP, isZero, little, littleValue, onStack, plus, push, read, reg32, registerForm, rm32, setReg32,
  storageForm, type Operands, type Part,
} from './operands.ts'

const parity = (t: Term): Bool => not([1, 2, 3, 4, 5, 6, 7].reduce<Bool>((p, n) => xor(p, bitOf(t, n)), bitOf(t, 0)))
const sign = (t: Term): Bool => bitOf(t, 31)
/** SF, ZF and PF of a result. */
const resultFlags = (t: Term): Statement[] => [set(SF, sign(t)), set(ZF, isZero(t)), set(PF, parity(t))]

interface Result {
  readonly value: Term
  readonly flags: readonly Statement[]
  readonly compares?: true
}
const sum = (a: Term, b: Term, carry: Term): Result => {
  const wide = add<number>(add<number>(zeroExtend(a, 33), zeroExtend(b, 33)), zeroExtend(carry, 33))
  const value = extract(wide, 31, 0)
  return {
    value,
    flags: [
      ...resultFlags(value), set(CF, bitOf(wide, 32)), set(AF, bitOf(xor<number>(xor<number>(a, b), value), 4)),
      set(OF, bitOf(and<number>(not(xor<number>(a, b)), xor<number>(a, value)), 31)),
    ],
  }
}
const difference = (a: Term, b: Term, borrow: Term): Result => {
  const wide = sub<number>(sub<number>(zeroExtend(a, 33), zeroExtend(b, 33)), zeroExtend(borrow, 33))
  const value = extract(wide, 31, 0)
  return {
    value,
    flags: [
      ...resultFlags(value), set(CF, bitOf(wide, 32)), set(AF, bitOf(xor<number>(xor<number>(a, b), value), 4)),
      set(OF, bitOf(and<number>(xor<number>(a, b), xor<number>(a, value)), 31)),
    ],
  }
}
const logical = (value: Term): Result => ({ value, flags: [...resultFlags(value), set(CF, 0), set(OF, 0), set(AF, 0)] })
const none = constant(1, 0)

/** Operation codes of `op r/m32, r32`; the other direction is 2 more. */
const binaries: readonly (readonly [string, number, (a: Term, b: Term) => Result])[] = [
  ['ADD', 0x01, (a, b) => sum(a, b, none)],
  ['OR', 0x09, (a, b) => logical(or<number>(a, b))],
  ['ADC', 0x11, (a, b) => sum(a, b, get(CF))],
  ['SBB', 0x19, (a, b) => difference(a, b, get(CF))],
  ['AND', 0x21, (a, b) => logical(and<number>(a, b))],
  ['SUB', 0x29, (a, b) => difference(a, b, none)],
  ['XOR', 0x31, (a, b) => logical(xor<number>(a, b))],
  ['CMP', 0x39, (a, b) => ({ ...difference(a, b, none), compares: true })],
]

const conditions: readonly (readonly [string, () => Bool])[] = [
  ['JO', () => get(OF)], ['JNO', () => not(get(OF))], ['JB', () => get(CF)], ['JAE', () => not(get(CF))],
  ['JE', () => get(ZF)], ['JNE', () => not(get(ZF))], ['JBE', () => or(get(CF), get(ZF))], ['JA', () => not(or(get(CF), get(ZF)))],
  ['JS', () => get(SF)], ['JNS', () => not(get(SF))], ['JP', () => get(PF)], ['JNP', () => not(get(PF))],
  ['JL', () => xor(get(SF), get(OF))], ['JGE', () => not(xor(get(SF), get(OF)))],
  ['JLE', () => or(get(ZF), xor(get(SF), get(OF)))], ['JG', () => not(or(get(ZF), xor(get(SF), get(OF))))],
]

const regOf = (o: Operands): Term => reg32(o.reg!)
const opReg = (op: number): Part[] => [['op', 5, op >> 3], ['reg', 3]]
const relative = (o: Operands, next: Term): Term => add<number>(next, littleValue(o, 'rel', 32))

/** A shift by an immediate count: its flags change unless the count modulo 32 is 0, and OF is taken as cleared. */
const shift = (name: string, reg: number, value: (a: Term, n: Term) => Term, carry: (a: Term, n: Term) => Bool): Instruction =>
  define(`${name} r32, imm8`, [...bytes(0xc1), ...registerForm(reg), ...little('imm', 8)], (o) => {
    const n = zeroExtend(extract(o.imm0!, 4, 0), 32), a = reg32(o.rm!), result = value(a, n), some = not(isZero(n))
    return [
      set(SF, sign(result), some), set(ZF, isZero(result), some), set(PF, parity(result), some), set(CF, carry(a, n), some), set(OF, 0, some),
      setReg32(o.rm!, result),
    ]
  })

export const general = (): Instruction[] => [
  ...binaries.flatMap(([name, op, compute]) => [
    ...rm32.map((form) => define(`${name} ${form.name}, r32`, [...bytes(op), ...form.modrm()], (o) => {
      const a = form.read(o), { value, flags, compares } = compute(a.value, regOf(o))
      return [...a.guard, ...flags, ...(compares ? [] : form.write(o, value))]
    })),
    define(`${name} r32, m32`, [...bytes(op + 2), ...storageForm()], (o) => {
      const b = read(displacement(o), 32), { value, flags, compares } = compute(regOf(o), b.value)
      return [...b.guard, ...flags, ...(compares ? [] : [setReg32(o.reg!, value)])]
    }),
  ]),
  shift('SHL', 4, (a, n) => shl<number>(a, n), (a, n) => bitOf(lshr<number>(a, sub<number>(constant(32, 32), n)), 0)),
  shift('SHR', 5, (a, n) => lshr<number>(a, n), (a, n) => bitOf(lshr<number>(a, sub<number>(n, constant(32, 1))), 0)),
  define('INC r32', opReg(0x40), (o) => {
    const { value, flags } = sum(regOf(o), constant(32, 1), none)
    return [...flags.filter((s) => s.kind !== 'set' || s.place !== CF), setReg32(o.reg!, value)]
  }),
  define('NOT r32', [...bytes(0xf7), ...registerForm(2)], (o) => [setReg32(o.rm!, not(reg32(o.rm!)))]),
  define('IMUL r32, r32', [...bytes(0x0f, 0xaf), ...registerForm()], (o) => [setReg32(o.reg!, mul<number>(regOf(o), reg32(o.rm!)))], 'the flags are left as they are'),
  define('DIV r32', [...bytes(0xf7), ...registerForm(6)], (o) => {
    const dividend = concat<64>(reg32(EDX), reg32(EAX)), divisor = zeroExtend(reg32(o.rm!), 64)
    const quotient = udiv(dividend, divisor)
    return [
      trapIf(or(isZero(divisor), not(ult(reg32(EDX), reg32(o.rm!)))), '#DE'),
      setReg32(EAX, extract(quotient, 31, 0)), setReg32(EDX, extract(urem(dividend, divisor), 31, 0)),
    ]
  }, 'the flags are left as they are'),
  ...rm32.map((form) => define(`MOV ${form.name}, r32`, [...bytes(0x89), ...form.modrm()], (o) => form.write(o, regOf(o)))),
  define('MOV r32, m32', [...bytes(0x8b), ...storageForm()], (o) => {
    const source = read(displacement(o), 32)
    return [...source.guard, setReg32(o.reg!, source.value)]
  }),
  define('MOV r32, imm32', [...opReg(0xb8), ...little('imm', 32)], (o) => [setReg32(o.reg!, littleValue(o, 'imm', 32))]),
  define('LEA r32, m', [...bytes(0x8d), ...storageForm()], (o) => [setReg32(o.reg!, displacement(o))]),
  define('XCHG r32, r32', [...bytes(0x87), ...registerForm()], (o) => [setReg32(o.reg!, reg32(o.rm!)), setReg32(o.rm!, regOf(o), ne(o.reg!, o.rm!))]),
  define('PUSH r32', opReg(0x50), (o) => push([regOf(o)])),
  define('PUSH imm32', [...bytes(0x68), ...little('imm', 32)], (o) => push([littleValue(o, 'imm', 32)])),
  define('POP r32', opReg(0x58), (o) => {
    const top = onStack(0)
    return [...top.guard, setReg32(ESP, plus(reg32(ESP), 4)), setReg32(o.reg!, top.value)]
  }),
  define('LEAVE', bytes(0xc9), () => {
    const saved = read(reg32(EBP), 32)
    return [...saved.guard, setReg32(ESP, plus(reg32(EBP), 4)), setReg32(EBP, saved.value)]
  }),
  define('NOP', bytes(0x90), () => []),
  define('JMP rel32', [...bytes(0xe9), ...little('rel', 32)], (o, next) => [set(EIP, relative(o, next) as Term<32>)]),
  define('JMP r32', [...bytes(0xff), ...registerForm(4)], (o) => [set(EIP, reg32(o.rm!) as Term<32>)]),
  ...conditions.map(([name, holds], n) =>
    define(`${name} rel32`, [...bytes(0x0f, 0x80 + n), ...little('rel', 32)], (o, next) => [set(EIP, ite<number>(holds(), relative(o, next), next) as Term<32>)])),
  define('CALL rel32', [...bytes(0xe8), ...little('rel', 32)], (o, next) => [...push([next]), set(EIP, relative(o, next) as Term<32>)]),
  define('CALL r32', [...bytes(0xff), ...registerForm(2)], (o, next) => [...push([next]), set(EIP, reg32(o.rm!) as Term<32>)]),
  define('RET', bytes(0xc3), () => {
    const to = onStack(0)
    return [...to.guard, set(EIP, to.value as Term<32>), setReg32(ESP, plus(reg32(ESP), 4))]
  }),
]
