// The instructions of the third-generation machine, in the order of its manual (docs/third-generation.md, section 6).
import { encode, instruction, set, store, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get, type Place } from '../../ir/state.ts'
import {
  add, and, constant, eq, extract, ite, load, lshr, mul, ne, not, or, shl, signExtend, slt, sub, True, udiv, ule, ult, urem, xor, zeroExtend,
  type Bool, type Term,
} from '../../ir/term.ts'
import { inUser, pswFields, relocationWord, type State } from './state.ts'

export type Operand = 'r' | 'x' | 'a'
export type Operands = Readonly<Record<Operand, Term>>

/** The words that the manual uses for every instruction. */
export const notation = (s: State) => {
  const { sizes, word } = s
  const format = { op: 8, r: sizes.registerNumber, x: sizes.registerNumber, a: sizes.immediate } as const
  const G = (n: Term): Place<number> => cell(s.G, n)
  const v = ({ a, x }: Operands): Term =>
    add(signExtend(a, word), ite<number>(eq(x, constant(x.width, 0)), constant(word, 0), get(G(x))))
  return {
    G,
    v,
    ea: (o: Operands): Term => extract(v(o), sizes.address - 1, 0),
    define: (op: number, name: string, does: (o: Operands) => readonly Statement[], note?: string): Instruction =>
      instruction({
        name, source: `docs/third-generation.md, section ${op >= 0x90 ? 8 : 6}, ${name}`,
        encoding: encode(format, { op }), does, ...(note === undefined ? {} : { note }),
      }),
    privileged: trapIf(inUser(s), 'privileged'),
  }
}

export const instructions = (s: State): Instruction[] => [...arithmetic(s), ...jumps(s), ...privilegedSet(s)]

const arithmetic = (s: State): Instruction[] => {
  const { G, v, ea, define } = notation(s)
  const { word } = s
  const zero = constant<number>(word, 0)
  const compute = (op: number, name: string, result: (left: Term, right: Term) => Term): Instruction =>
    define(op, name, (o) => [set(G(o.r), result(get(G(o.r)), v(o)))])
  const divide = (op: number, name: string, result: (left: Term, right: Term) => Term): Instruction =>
    define(op, name, (o) => [trapIf(eq(v(o), zero), 'arithmetic'), set(G(o.r), result(get(G(o.r)), v(o)))])
  const shiftBy = (amount: Term): Term => and(amount, constant(word, word - 1))
  const asWord = (b: Bool): Term => zeroExtend(b, word)
  return [
    define(0x10, 'LA', (o) => [set(G(o.r), v(o))]),
    define(0x11, 'L', (o) => [set(G(o.r), load(s.E, ea(o)))]),
    define(0x12, 'ST', (o) => [store(s.E, ea(o), get(G(o.r)))]),
    compute(0x20, 'ADD', add),
    compute(0x21, 'SUB', sub),
    compute(0x22, 'MUL', mul),
    divide(0x23, 'DIV', udiv),
    divide(0x24, 'REM', urem),
    compute(0x25, 'AND', and),
    compute(0x26, 'OR', or),
    compute(0x27, 'XOR', xor),
    compute(0x28, 'SHL', (left, right) => shl(left, shiftBy(right))),
    compute(0x29, 'SHR', (left, right) => lshr(left, shiftBy(right))),
    compute(0x2a, 'SLT', (left, right) => asWord(slt(left, right))),
    compute(0x2b, 'SLTU', (left, right) => asWord(ult(left, right))),
  ]
}

const jumps = (s: State): Instruction[] => {
  const { G, ea, define } = notation(s)
  const { word, P } = s
  const branch = (op: number, name: string, taken: (left: Term) => Bool): Instruction =>
    define(op, name, (o) => [set(P, ea(o), taken(get(G(o.r))))])
  const zero = constant<number>(word, 0)
  return [
    define(0x30, 'JMP', (o) => [set(P, ea(o))]),
    define(0x31, 'JAL', (o) => [
      set(G(o.r), zeroExtend(add(get(P), constant(P.width, 1)), word)),
      set(P, ea(o)),
    ]),
    branch(0x32, 'BZ', (left) => eq(left, zero)),
    branch(0x33, 'BNZ', (left) => ne(left, zero)),
    branch(0x34, 'BN', (left) => slt(left, zero)),
    define(0x40, 'SVC', () => [trapIf(True, 'supervisorCall')]),
  ]
}

const privilegedSet = (s: State): Instruction[] => {
  const { G, ea, define, privileged } = notation(s)
  const { M, P, L, B, TIMER, PENDING, HALTED } = s
  return [
    define(0x80, 'LPSW', (o) => {
      const psw = pswFields(s, load(s.E, ea(o)))
      return [privileged, set(M, psw.M), set(P, psw.P), set(L, psw.L), set(B, psw.B)]
    }),
    define(0x81, 'LRB', (o) => [privileged, ...setRelocation(s, get(G(o.r)))]),
    define(0x82, 'SRB', (o) => [privileged, set(G(o.r), relocationWord(s))]),
    define(0x83, 'STIM', (o) => [privileged, set(TIMER, get(G(o.r))), set(PENDING, 0)]),
    define(0x84, 'RTIM', (o) => [privileged, set(G(o.r), get(TIMER))]),
    define(0x85, 'IN', (o) => [privileged, ...input(s, o)]),
    define(0x86, 'OUT', (o) => [privileged, ...output(s, o)]),
    define(0x87, 'HALT', () => [privileged, set(HALTED, 1)]),
  ]
}

/** R := the low bits of a word, as LRB takes it. */
export const setRelocation = ({ L, B }: State, word: Term, when?: Bool): Statement[] => [
  set(L, extract(word, L.width + B.width - 1, B.width), when),
  set(B, extract(word, B.width - 1, 0), when),
]

const device = (o: Operands, number: number): Bool => eq(o.a, constant(o.a.width, number))
const increment = (t: Term): Term => add(t, constant(t.width, 1))

const input = (s: State, o: Operands): Statement[] => {
  const { TAKEN, TYPED, KEYBOARD, POSITION, DISK, word } = s
  const empty = ule(get(TYPED), get(TAKEN))
  const key = ite<number>(empty, not(constant(word, 0)), zeroExtend(get(cell(KEYBOARD, get(TAKEN))), word))
  const onDisk = ult(get(POSITION), constant(word, DISK.cells))
  const data = ite<number>(onDisk, get(cell(DISK, diskCell(s))), constant(word, 0))
  const value = ite(device(o, 0), key, ite(device(o, 1), get(POSITION), ite(device(o, 2), data, constant(word, 0))))
  return [
    set(cell(s.G, o.r), value),
    set(TAKEN, increment(get(TAKEN)), and(device(o, 0), not(empty))),
    set(POSITION, increment(get(POSITION)), device(o, 2)),
  ]
}

const output = (s: State, o: Operands): Statement[] => {
  const { PRINTED, COUNT, POSITION, DISK, word } = s
  const value = get(cell(s.G, o.r))
  const onDisk = ult(get(POSITION), constant(word, DISK.cells))
  return [
    set(cell(PRINTED, get(COUNT)), extract(value, PRINTED.width - 1, 0), device(o, 0)),
    set(COUNT, increment(get(COUNT)), device(o, 0)),
    set(POSITION, ite(device(o, 1), value, increment(get(POSITION))), or(device(o, 1), device(o, 2))),
    set(cell(DISK, diskCell(s)), value, and(device(o, 2), onDisk)),
  ]
}

const diskCell = ({ POSITION, DISK }: State): Term => extract(get(POSITION), DISK.addressWidth - 1, 0)

