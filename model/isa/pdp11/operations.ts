// Single and double operand instructions, with their condition codes: every source of MOV, representatives of the rest.
import { set, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { add, and, concat, constant, eq, extract, mul, ne, not, or, signExtend, sub, ult, xor, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { chapter, everyMode, flagsOf, modeSyntax, number, operand, Registers, word, type Fields } from './address.ts'
import { storeToStatus, type State } from './state.ts'

const sign = (t: Term): Bool => extract<1>(t, t.width - 1, t.width - 1)

interface Result {
  readonly value?: Term
  readonly flags: readonly Statement[]
}

/** Double operand instructions on words: what source and destination make. */
const double: readonly (readonly [string, number, (s: State, source: Term, destination: Term) => Result])[] = [
  ['CMP', 0o2, (s, a, b) => {
    const value = sub<number>(a, b), v = and(xor(sign(a), sign(b)), not(xor(sign(b), sign(value))))
    return { flags: [...flagsOf(s, value, v), set(s.C, ult<number>(a, b))] }
  }],
  ['BIT', 0o3, (s, a, b) => ({ flags: flagsOf(s, and<number>(a, b)) })],
  ['BIC', 0o4, (s, a, b) => logic(s, and<number>(b, not(a)))],
  ['BIS', 0o5, (s, a, b) => logic(s, or<number>(b, a))],
  ['ADD', 0o6, (s, a, b) => {
    const value = add<number>(a, b), v = and(not(xor(sign(a), sign(b))), xor(sign(a), sign(value)))
    return { value, flags: [...flagsOf(s, value, v), set(s.C, ult<number>(value, a))] }
  }],
  ['SUB', 0o16, (s, a, b) => {
    const value = sub<number>(b, a), v = and(xor(sign(a), sign(b)), not(xor(sign(a), sign(value))))
    return { value, flags: [...flagsOf(s, value, v), set(s.C, ult<number>(b, a))] }
  }],
]
const logic = (s: State, value: Term): Result => ({ value, flags: flagsOf(s, value) })

/** Single operand instructions on words. */
const single: readonly (readonly [string, number, (s: State, d: Term) => Result])[] = [
  ['SWAB', 0o3, (s, d) => {
    const value = concat(extract(d, 7, 0), extract(d, 15, 8))
    return { value, flags: [...flagsOf(s, extract(value, 7, 0)), set(s.C, 0)] }
  }],
  ['CLR', 0o50, (s) => ({ value: word(0), flags: [...flagsOf(s, word(0)), set(s.C, 0)] })],
  ['COM', 0o51, (s, d) => ({ value: not(d), flags: [...flagsOf(s, not(d)), set(s.C, 1)] })],
  ['INC', 0o52, (s, d) => {
    const value = add<number>(d, word(1))
    return { value, flags: flagsOf(s, value, eq<number>(value, word(0x8000))) }
  }],
  ['NEG', 0o54, (s, d) => {
    const value = sub<number>(word(0), d)
    return { value, flags: [...flagsOf(s, value, eq<number>(value, word(0x8000))), set(s.C, ne<number>(value, word(0)))] }
  }],
  ['ADC', 0o55, (s, d) => {
    const value = add<number>(d, zeroExtend(get(s.C), 16))
    return { value, flags: [...flagsOf(s, value, and(get(s.C), eq<number>(value, word(0x8000)))), set(s.C, and(get(s.C), eq<number>(value, word(0))))] }
  }],
  ['TST', 0o57, (s, d) => ({ flags: [...flagsOf(s, d), set(s.C, 0)] })],
  ['ROR', 0o60, (s, d) => {
    const value = concat(get(s.C), extract(d, 15, 1)), c = extract<1>(d, 0, 0)
    return { value, flags: [...flagsOf(s, value, xor(sign(value), c)), set(s.C, c)] }
  }],
  ['ASL', 0o63, (s, d) => {
    const value = concat(extract(d, 14, 0), constant(1, 0))
    return { value, flags: [...flagsOf(s, value, xor(sign(value), sign(d))), set(s.C, sign(d))] }
  }],
]

export const operations = (s: State): Instruction[] => [...moves(s), ...doubleOperand(s), ...singleOperand(s), ...others(s)]

const pair = { op: 4, sourceMode: 3, source: 3, mode: 3, R: 3 }
const names = (name: string, from: number, to: number): string => `${name} ${modeSyntax[from]!},${modeSyntax[to]!}`

/** Source first, then the destination, each with its changes of registers. */
const moves = (s: State): Instruction[] => {
  const define = chapter(s, 'Double operand instructions')
  const move = (name: string, op: number, size: 8 | 16, from: number, to: number): Instruction =>
    define(names(name, from, to), pair, { op, sourceMode: from, mode: to }, (o, registers) => {
      const source = operand(s, registers, from, o['source']!, size), destination = operand(s, registers, to, o['R']!, size)
      if (size === 8 && to === 0) {
        registers.write(o['R']!, signExtend(source.value, 16))
        return [...source.guards, ...flagsOf(s, source.value)]
      }
      const status = size === 16 && destination.address ? storeToStatus(s, destination.address, source.value) : []
      return [...source.guards, ...destination.guards, ...destination.write(source.value), ...status, ...flagsOf(s, source.value)]
    })
  return [
    ...everyMode.map((from) => move('MOV', 1, 16, from, 0)), ...[1, 4, 6].map((to) => move('MOV', 1, 16, 0, to)), move('MOV', 1, 16, 2, 4),
    ...([[0, 0], [2, 0], [0, 4]] as const).map(([from, to]) => move('MOVB', 0o11, 8, from, to)),
  ]
}

const doubleOperand = (s: State): Instruction[] => {
  const define = chapter(s, 'Double operand instructions')
  const apply = (name: string, op: number, combine: (s: State, a: Term, b: Term) => Result, from: number, to: number): Instruction =>
    define(names(name, from, to), pair, { op, sourceMode: from, mode: to }, (o, registers) => {
      const source = operand(s, registers, from, o['source']!), destination = operand(s, registers, to, o['R']!)
      const { value, flags } = combine(s, source.value, destination.value)
      return [...source.guards, ...destination.guards, ...(value ? destination.write(value) : []), ...flags]
    })
  return double.flatMap(([name, op, combine]) => ([[0, 0], [2, 1]] as const).map(([from, to]) => apply(name, op, combine, from, to)))
}

const singleOperand = (s: State): Instruction[] => {
  const define = chapter(s, 'Single operand instructions')
  return single.flatMap(([name, op, make]) => [0, 1].map((mode) =>
    define(`${name} ${modeSyntax[mode]!}`, { op: 10, mode: 3, R: 3 }, { op, mode }, (o, registers) => {
      const d = operand(s, registers, mode, o['R']!), { value, flags } = make(s, d.value)
      return [...d.guards, ...(value ? d.write(value) : []), ...flags]
    })))
}

const others = (s: State): Instruction[] => {
  const define = chapter(s, 'Single and double operand instructions')
  const codes = (clear: boolean): Instruction => define(clear ? 'clear condition codes' : 'set condition codes', { op: 11, set: 1, nzvc: 4 }, { op: 5, set: clear ? 0 : 1 },
    (o) => ([['N', 3], ['Z', 2], ['V', 1], ['C', 0]] as const).map(([flag, n]) => set(s[flag], clear ? 0 : 1, extract<1>(o['nzvc']!, n, n))))
  return [
    codes(true), codes(false),
    define('SXT R', { op: 10, mode: 3, R: 3 }, { op: 0o67, mode: 0 }, (o, registers) => {
      registers.write(o['R']!, signExtend(get(s.N), 16))
      return [set(s.Z, not(get(s.N))), set(s.V, 0)]
    }),
    define('XOR R,(R)', { op: 7, source: 3, mode: 3, R: 3 }, { op: 0o74, mode: 1 }, (o, registers) => {
      const a = registers.read(o['source']!), d = operand(s, registers, 1, o['R']!), value = xor<number>(a, d.value)
      return [...d.guards, ...d.write(value), ...flagsOf(s, value)]
    }),
    define('MUL R,R', { op: 7, R: 3, mode: 3, source: 3 }, { op: 0o70, mode: 0 }, (o, registers) => multiply(s, o, registers)),
  ]
}

/** The product in R and the register after it, or its low half in an odd R. */
const multiply = (s: State, o: Fields, registers: Registers): Statement[] => {
  const n = o['R']!, next = or<number>(n, number(1))
  const product = mul<number>(signExtend(registers.read(n), 32), signExtend(registers.read(o['source']!), 32))
  registers.write(n, extract(product, 31, 16))
  registers.write(next, extract(product, 15, 0))
  return [...flagsOf(s, product), set(s.C, ne<number>(signExtend(extract(product, 15, 0), 32), product))]
}
