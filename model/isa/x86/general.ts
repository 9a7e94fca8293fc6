// Representatives of the instructions that compute, move, branch and call within a segment.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import {
  add, and, concat, constant, eq, extract, ite, lshr, mul, ne, not, or, shl, signExtend, sub, udiv, ult, urem, xor, zeroExtend, type Bool, type Term,
} from '../../ir/term.ts'
import { AF, CF, OF, PF, SF, ZF } from './state.ts'
import { bitOf, bytes, isZero, little, littleValue, type Mode, type Notation, type Operands } from './operands.ts'

const parity = (t: Term): Bool => not([1, 2, 3, 4, 5, 6, 7].reduce<Bool>((p, n) => xor(p, bitOf(t, n)), bitOf(t, 0)))
const sign = (t: Term): Bool => bitOf(t, t.width - 1)
/** SF, ZF and PF of a result. */
const resultFlags = (t: Term): Statement[] => [set(SF, sign(t)), set(ZF, isZero(t)), set(PF, parity(t))]

interface Result {
  readonly value: Term
  readonly flags: readonly Statement[]
  readonly compares?: true
}
type Arithmetic = (a: Term<number>, b: Term<number>) => Term<number>
/** A sum or a difference with a carry in; `overflows` tells from the signs that differ where there may be an overflow. */
const carrying = (op: Arithmetic, overflows: (signs: Term) => Term) => (a: Term, b: Term, carry: Term): Result => {
  const more = a.width + 1, wide = op(op(zeroExtend(a, more), zeroExtend(b, more)), zeroExtend(carry, more)), value = extract(wide, a.width - 1, 0)
  return {
    value,
    flags: [
      ...resultFlags(value), set(CF, bitOf(wide, a.width)), set(AF, bitOf(xor<number>(xor<number>(a, b), value), 4)),
      set(OF, sign(and<number>(overflows(xor<number>(a, b)), xor<number>(a, value)))),
    ],
  }
}
const sum = carrying((a, b) => add(a, b), (signs) => not(signs))
const difference = carrying((a, b) => sub(a, b), (signs) => signs)
const logical = (value: Term): Result => ({ value, flags: [...resultFlags(value), set(CF, 0), set(OF, 0), set(AF, 0)] })
const none = constant(1, 0)

/** Operation codes of `op r/m, r`; the other direction is 2 more. */
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

/** `mode` has the counter that branches set. */
export const general = (n: Notation, { IP }: Mode): Instruction[] => {
  const { bits, long, define, coded, codedInOpcode, number, rm, regOf, rmOf, opcodeRegOf, reg, setReg, displacement, plus, read, push, onStack, pop } = n
  const [A, D, stack, frame] = [0, 2, 4, 5].map(number) as [Term, Term, Term, Term], r = `r${bits}`, m = `m${bits}`
  const storage = { form: 'storage', wide: long } as const, inRegister = { form: 'register', wide: long } as const
  const jump = (to: Term): Statement => set<number>(IP, to)
  const relative = (o: Operands, next: Term): Term => add<number>(next, signExtend(littleValue(o, 'rel', 32), bits))

  /** A shift by an immediate count: its flags change unless the count modulo the width is 0; OF is defined where that is 1, and taken as cleared elsewhere. */
  const shift = (
    name: string, digit: number, value: (a: Term, n: Term) => Term, carry: (a: Term, n: Term) => Bool, overflow: (a: Term) => Bool,
  ): Instruction =>
    define(`${name} ${r}, imm8`, [...coded({ opcode: [0xc1], reg: digit, ...inRegister }), ...little('imm', 8)], (o) => {
      const count = zeroExtend(extract(o.imm0!, long ? 5 : 4, 0), bits), a = reg(rmOf(o)), result = value(a, count), some = not(isZero(count))
      return [
        set(SF, sign(result), some), set(ZF, isZero(result), some), set(PF, parity(result), some), set(CF, carry(a, count), some), set(OF, and(eq<number>(count, constant(bits, 1)), overflow(a)), some),
        setReg(rmOf(o), result),
      ]
    })
  const increment = (name: Term): Statement[] => {
    const { value, flags } = sum(reg(name), constant(bits, 1), none)
    return [...flags.filter((s) => s.kind !== 'set' || s.place !== CF), setReg(name, value)]
  }
  return [
    ...binaries.flatMap(([name, op, compute]) => [
      ...rm.map((form) => define(`${name} ${form.name}, ${r}`, coded({ opcode: [op], ...form.coding }), (o) => {
        const a = form.read(o), { value, flags, compares } = compute(a.value, reg(regOf(o)))
        return [...a.guard, ...flags, ...(compares ? [] : form.write(o, value))]
      })),
      define(`${name} ${r}, ${m}`, coded({ opcode: [op + 2], ...storage }), (o) => {
        const b = read(displacement(o), bits), { value, flags, compares } = compute(reg(regOf(o)), b.value)
        return [...b.guard, ...flags, ...(compares ? [] : [setReg(regOf(o), value)])]
      }),
    ]),
    shift('SHL', 4, (a, n) => shl<number>(a, n), (a, n) => bitOf(lshr<number>(a, sub<number>(constant(bits, bits), n)), 0), (a) => xor(sign(a), bitOf(a, bits - 2))),
    shift('SHR', 5, (a, n) => lshr<number>(a, n), (a, n) => bitOf(lshr<number>(a, sub<number>(n, constant(bits, 1))), 0), sign),
    // The codes of one byte are REX prefixes in 64-bit mode.
    long
      ? define(`INC ${r}`, coded({ opcode: [0xff], reg: 0, ...inRegister }), (o) => increment(rmOf(o)))
      : define(`INC ${r}`, codedInOpcode(0x40), (o) => increment(opcodeRegOf(o))),
    define(`NOT ${r}`, coded({ opcode: [0xf7], reg: 2, ...inRegister }), (o) => [setReg(rmOf(o), not(reg(rmOf(o))))]),
    define(`IMUL ${r}, ${r}`, coded({ opcode: [0x0f, 0xaf], ...inRegister }), (o) => {
      const product = mul<number>(signExtend(reg(regOf(o)), 2 * bits), signExtend(reg(rmOf(o)), 2 * bits)), value = extract(product, bits - 1, 0)
      const overflow = ne<number>(product, signExtend(value, 2 * bits))
      return [setReg(regOf(o), value), set(CF, overflow), set(OF, overflow)]
    }, 'the undefined flags are left as they are'),
    define(`DIV ${r}`, coded({ opcode: [0xf7], reg: 6, ...inRegister }), (o) => {
      const dividend = concat<number>(reg(D), reg(A)), divisor = zeroExtend(reg(rmOf(o)), 2 * bits)
      const quotient = udiv(dividend, divisor)
      return [
        trapIf(or(isZero(divisor), not(ult(reg(D), reg(rmOf(o))))), '#DE'),
        setReg(A, extract(quotient, bits - 1, 0)), setReg(D, extract(urem(dividend, divisor), bits - 1, 0)),
      ]
    }, 'the flags are left as they are'),
    ...rm.map((form) => define(`MOV ${form.name}, ${r}`, coded({ opcode: [0x89], ...form.coding }), (o) => form.write(o, reg(regOf(o))))),
    define(`MOV ${r}, ${m}`, coded({ opcode: [0x8b], ...storage }), (o) => {
      const source = read(displacement(o), bits)
      return [...source.guard, setReg(regOf(o), source.value)]
    }),
    define(`MOV ${r}, imm${bits}`, [...codedInOpcode(0xb8, long), ...little('imm', bits)], (o) => [setReg(opcodeRegOf(o), littleValue(o, 'imm', bits))]),
    define(`LEA ${r}, m`, coded({ opcode: [0x8d], ...storage }), (o) => [setReg(regOf(o), displacement(o))]),
    define(`XCHG ${r}, ${r}`, coded({ opcode: [0x87], ...inRegister }), (o) =>
      [setReg(regOf(o), reg(rmOf(o))), setReg(rmOf(o), reg(regOf(o)), ne<number>(regOf(o), rmOf(o)))]),
    define(`PUSH ${r}`, codedInOpcode(0x50), (o) => push([reg(opcodeRegOf(o))])),
    define('PUSH imm32', [...bytes(0x68), ...little('imm', 32)], (o) => push([signExtend(littleValue(o, 'imm', 32), bits)])),
    define(`POP ${r}`, codedInOpcode(0x58), (o) => {
      const top = onStack(0)
      return [...top.guard, pop(), setReg(opcodeRegOf(o), top.value)]
    }),
    define('LEAVE', bytes(0xc9), () => {
      const saved = read(reg(frame), bits)
      return [...saved.guard, setReg(stack, plus(reg(frame), bits / 8)), setReg(frame, saved.value)]
    }),
    define('NOP', bytes(0x90), () => []),
    define('JMP rel32', [...bytes(0xe9), ...little('rel', 32)], (o, next) => [jump(relative(o, next))]),
    define(`JMP ${r}`, coded({ opcode: [0xff], reg: 4, ...inRegister }), (o) => [jump(reg(rmOf(o)))]),
    ...conditions.map(([name, holds], i) =>
      define(`${name} rel32`, [...bytes(0x0f, 0x80 + i), ...little('rel', 32)], (o, next) => [jump(ite<number>(holds(), relative(o, next), next))])),
    define('CALL rel32', [...bytes(0xe8), ...little('rel', 32)], (o, next) => [...push([next]), jump(relative(o, next))]),
    define(`CALL ${r}`, coded({ opcode: [0xff], reg: 2, ...inRegister }), (o, next) => [...push([next]), jump(reg(rmOf(o)))]),
    define('RET', bytes(0xc3), () => {
      const to = onStack(0)
      return [...to.guard, jump(to.value), pop()]
    }),
  ]
}
