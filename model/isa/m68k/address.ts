// Effective addressing: each addressing mode as the fields that it adds to an instruction and the operand that it makes.
import { encode, instruction, set, store, trapIf, type Format, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, concat, constant, eq, extract, ite, load, not, shl, signExtend, sub, type Term } from '../../ir/term.ts'
import { a7, cellAt, has020, isOdd, plus, type State } from './state.ts'

export type Size = 8 | 16 | 32
export const letter: Readonly<Record<Size, string>> = { 8: 'B', 16: 'W', 32: 'L' }
export type Fields = Readonly<Record<string, Term>>

/** A source or destination; `guards` come before, `side` is what predecrement and postincrement do to the register. */
export interface Operand {
  readonly guards: readonly Statement[]
  readonly read: () => Term
  readonly write: (value: Term) => readonly Statement[]
  readonly side: readonly Statement[]
  /** A7 after `side`. */
  readonly stack: Term
  /** The address, of an operand in storage. */
  readonly address?: Term
}

/** An addressing mode: its fields are `mode`, `reg` and extension words. */
export interface Mode {
  readonly syntax: string
  readonly fixed: Readonly<Record<string, number>>
  readonly extension: Format
  /** `before` is the number of words before its extension words: what PC-relative modes count from. */
  readonly operand: (s: State, o: Fields, size: Size, before: number) => Operand
}

/** A word or long word at an odd address is an address error; the 68020 reads it, which is not modelled. */
const aligned = (s: State, address: Term, size: Size): Statement[] =>
  size === 8 ? [] : [trapIf(isOdd(address), has020(s.model) ? 'unmodelled' : 'address error')]

export const readAt = (s: State, address: Term, size: Size): Term => {
  const at = (a: Term): Term => load<number>(s.E, cellAt(s, a))
  if (size === 32) return concat(at(address), at(plus(address, 2)))
  return size === 16 ? at(address) : ite<number>(isOdd(address), extract(at(address), 7, 0), extract(at(address), 15, 8))
}
export const writeAt = (s: State, address: Term, value: Term): Statement[] => {
  const at = cellAt(s, address)
  switch (value.width) {
    case 32: return [store(s.E, at, extract(value, 31, 16)), store(s.E, cellAt(s, plus(address, 2)), extract(value, 15, 0))]
    case 16: return [store(s.E, at, value)]
    default: {
      const old = load<number>(s.E, at)
      return [store(s.E, at, ite<number>(isOdd(address), concat(extract(old, 15, 8), value), concat(value, extract(old, 7, 0))))]
    }
  }
}
/** A long word or word on the stack: the guard against an odd stack pointer, and the push. */
export const stackGuard = (s: State, address: Term): Statement[] => aligned(s, address, 16)

const inStorage = (s: State, address: Term, size: Size, side: readonly Statement[] = [], stack: Term = a7(s)): Operand => ({
  guards: aligned(s, address, size), address, side, stack,
  read: () => readAt(s, address, size),
  write: (value) => writeAt(s, address, value),
})

/** The part of a data register that an operand of this size replaces. */
export const setD = (s: State, reg: Term, value: Term): Statement =>
  set(cell(s.D, reg), value.width === 32 ? value : concat(extract(get(cell(s.D, reg)), 31, value.width), value))
export const dataRegister = (s: State, reg: Term, size: Size): Term => extract(get(cell(s.D, reg)), size - 1, 0)
export const addressRegister = (s: State, reg: Term): Term => get(cell(s.A, reg))

/** By how much (An)+ and -(An) step; the stack pointer stays even. */
const stepOf = (reg: Term, size: Size): Term =>
  size === 8 ? ite<number>(eq<number>(reg, constant(3, 7)), constant(32, 2), constant(32, 1)) : constant<number>(32, size / 8)
const stepped = (s: State, reg: Term, value: Term): { side: Statement[]; stack: Term } =>
  ({ side: [set(cell(s.A, reg), value)], stack: ite<number>(eq<number>(reg, constant(3, 7)), value, a7(s)) })

const index: Format = { 'X/A': 1, Xn: 3, 'W/L': 1, scale: 2, full: 1, d8: 8 }
/** Base, index register and displacement; the 68020's scale is 1 on the others. */
const indexed = (s: State, o: Fields, base: Term): Term => {
  const xn = ite<number>(eq<number>(o['X/A']!, constant(1, 1)), addressRegister(s, o['Xn']!), get(cell(s.D, o['Xn']!)))
  const sized = ite<number>(eq<number>(o['W/L']!, constant(1, 1)), xn, signExtend(extract(xn, 15, 0), 32))
  const scaled = o['scale'] ? shl<number>(sized, concat<number>(constant(30, 0), o['scale'])) : sized
  return add<number>(add<number>(base, signExtend(o['d8']!, 32)), scaled)
}
const counted = (s: State, before: number): Term => plus(get(s.PC), 2 * before)

export const Dn: Mode = {
  syntax: 'Dn', fixed: { mode: 0 }, extension: {},
  operand: (s, o, size) => ({
    guards: [], side: [], stack: a7(s), read: () => dataRegister(s, o['reg']!, size), write: (value) => [setD(s, o['reg']!, value)],
  }),
}
const indirect: Mode = {
  syntax: '(An)', fixed: { mode: 2 }, extension: {}, operand: (s, o, size) => inStorage(s, addressRegister(s, o['reg']!), size),
}
const postincrement: Mode = {
  syntax: '(An)+', fixed: { mode: 3 }, extension: {},
  operand: (s, o, size) => {
    const address = addressRegister(s, o['reg']!), { side, stack } = stepped(s, o['reg']!, add<number>(address, stepOf(o['reg']!, size)))
    return inStorage(s, address, size, side, stack)
  },
}
const predecrement: Mode = {
  syntax: '-(An)', fixed: { mode: 4 }, extension: {},
  operand: (s, o, size) => {
    const address = sub<number>(addressRegister(s, o['reg']!), stepOf(o['reg']!, size)), { side, stack } = stepped(s, o['reg']!, address)
    return inStorage(s, address, size, side, stack)
  },
}
const displacement: Mode = {
  syntax: '(d16,An)', fixed: { mode: 5 }, extension: { d16: 16 },
  operand: (s, o, size) => inStorage(s, add<number>(addressRegister(s, o['reg']!), signExtend(o['d16']!, 32)), size),
}
const indexMode: Mode = {
  syntax: '(d8,An,Xn)', fixed: { mode: 6, full: 0 }, extension: index,
  operand: (s, o, size) => inStorage(s, indexed(s, o, addressRegister(s, o['reg']!)), size),
}
const absoluteShort: Mode = {
  syntax: '(xxx).W', fixed: { mode: 7, reg: 0 }, extension: { xxx: 16 },
  operand: (s, o, size) => inStorage(s, signExtend(o['xxx']!, 32), size),
}
const absoluteLong: Mode = {
  syntax: '(xxx).L', fixed: { mode: 7, reg: 1 }, extension: { xxx: 32 }, operand: (s, o, size) => inStorage(s, o['xxx']!, size),
}
const pcDisplacement: Mode = {
  syntax: '(d16,PC)', fixed: { mode: 7, reg: 2 }, extension: { d16: 16 },
  operand: (s, o, size, before) => inStorage(s, add<number>(counted(s, before), signExtend(o['d16']!, 32)), size),
}
const pcIndex: Mode = {
  syntax: '(d8,PC,Xn)', fixed: { mode: 7, reg: 3, full: 0 }, extension: index,
  operand: (s, o, size, before) => inStorage(s, indexed(s, o, counted(s, before)), size),
}
/** Immediate data of a word; MOVE to CCR, MOVE to SR and CHK take no other. */
const immediate: Mode = {
  syntax: '#<data>', fixed: { mode: 7, reg: 4 }, extension: { data: 16 },
  operand: (s, o, size) => ({ guards: [], side: [], stack: a7(s), read: () => extract(o['data']!, size - 1, 0), write: () => [] }),
}

export const memoryAlterable: readonly Mode[] = [indirect, postincrement, predecrement, displacement, indexMode, absoluteShort, absoluteLong]
export const dataAlterable: readonly Mode[] = [Dn, ...memoryAlterable]
/** Data addressing modes of word operands. */
export const data: readonly Mode[] = [...dataAlterable, pcDisplacement, pcIndex, immediate]
export const control: readonly Mode[] = [indirect, displacement, indexMode, absoluteShort, absoluteLong, pcDisplacement, pcIndex]

const manual = 'M68000 Family Programmer\'s Reference Manual'
export const section = (title: string, name: string): string => `${manual}, ${title}, ${name}`

export type Define = (name: string, format: Format, fixed: Readonly<Record<string, number>>, does: (o: Fields, words: number) => readonly Statement[]) => Instruction

/** Defines instructions of one part of the manual; PC goes to the next one unless the instruction sets it. */
export const chapter = (s: State, title: string): Define => (name, format, fixed, does) => {
  const words = Object.values(format).reduce((sum, bits) => sum + bits, 0) / 16
  return instruction<string>({
    name, source: section(title, name), encoding: encode<Format, string>(format, fixed),
    does: (o) => {
      const body = does(o, words)
      const jumps = body.some((t) => t.kind === 'set' && t.place.kind === 'register' && t.place.name === s.PC.name)
      return jumps ? body : [...body, set(s.PC, plus(get(s.PC), 2 * words))]
    },
  })
}

/** The scale field is 0 before the 68020. */
export const unscaled = (s: State, m: Mode): Readonly<Record<string, number>> => ('scale' in m.extension && !has020(s.model) ? { scale: 0 } : {})

/** Defines one instruction for each addressing mode; `own` are the extension words that come before the mode's. */
export const withModes = (
  s: State, define: Define, modes: readonly Mode[], syntax: (ea: string) => string, first: Format, fixed: Readonly<Record<string, number>>, size: Size,
  does: (ea: Operand, o: Fields) => readonly Statement[], own: Format = {},
): Instruction[] => modes.map((m) => {
  const before = 1 + Object.values(own).reduce((sum, bits) => sum + bits, 0) / 16
  return define(
    syntax(m.syntax), { ...first, mode: 3, reg: 3, ...own, ...m.extension }, { ...fixed, ...m.fixed, ...unscaled(s, m) },
    (o) => does(m.operand(s, o, size, before), o),
  )
})

export const inUser = (s: State): Statement => trapIf(not(get(s.S)), 'privilege violation')
