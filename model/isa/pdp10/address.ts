// Effective addresses, storage with the accumulators at its bottom, and the shapes that most instructions share.
import {
  encode, instruction, set, store, trapIf, type Encoding, type Format, type Instruction, type Statement,
} from '../../ir/instruction.ts'
import { cell, get, type Cell } from '../../ir/state.ts'
import {
  add, all, and, concat, constant, eq, extract, False, ite, load, ne, not, sub, True, ult, zeroExtend, type Bool, type Term,
} from '../../ir/term.ts'
import { relocation, type State } from './state.ts'

export type AddressOperand = 'i' | 'x' | 'y'
export type Operands = Readonly<Record<'ac' | AddressOperand, Term>>
export type AddressOperands = Readonly<Record<AddressOperand, Term>>

export interface Effective {
  readonly address: Term
  /** The last word of the address calculation, or the sum of its Y and an index: JRST takes flags from the left half. */
  readonly word: Term
  /** Traps where the chain of indirect words is longer than is modelled. */
  readonly bounded: readonly Statement[]
}

/** A write that has been made before the reads that are to see it. */
export interface Earlier {
  readonly address: Term
  readonly value: Term
  readonly when: Bool
}

export type Address = ReturnType<typeof addressing>

/** The words that the manual uses for every instruction. */
export const addressing = (s: State, earlier?: Earlier) => {
  const { E, AC, word, sizes } = s
  const { half, fast, accumulatorNumber } = sizes
  const isFast = (address: Term): Bool => eq(extract(address, half - 1, fast), constant(half - fast, 0))
  const fastNumber = (address: Term): Term => extract(address, accumulatorNumber - 1, 0)
  const afterwards = (address: Term, old: Term, when: Bool = True): Term =>
    earlier === undefined ? old : ite<number>(all([earlier.when, when, eq(earlier.address, address)]), earlier.value, old)

  const accumulator = (n: Term): Cell => cell(AC, n)
  /** The content of accumulator n, whose address is n itself. */
  const ac = (n: Term): Term => {
    const address = zeroExtend(n, half)
    return afterwards(address, get(accumulator(n)), isFast(address))
  }
  const read = (address: Term, when: Bool = True): Term =>
    afterwards(address, ite<number>(
      isFast(address), get(accumulator(fastNumber(address))), load(E, address, and(when, not(isFast(address)))),
    ))
  /** A reference whose word is of no use: it traps all the same. */
  const refer = (address: Term): Statement =>
    trapIf(and(not(isFast(address)), relocation(s).develop(address, 'read').fault), 'protection')
  const write = (address: Term, value: Term, when: Bool = True): Statement[] => [
    set(accumulator(fastNumber(address)), value, and(when, isFast(address))),
    store(E, address, value, and(when, not(isFast(address)))),
  ]

  const indexed = ({ x, y }: AddressOperands): Term =>
    add(y, ite<number>(isZero(x), constant(half, 0), extract(ac(x), half - 1, 0)))
  /** I, X and Y of an indirect word or byte pointer; a word too small for I has none. */
  const fields = (w: Term): AddressOperands => ({
    i: w.width > half + accumulatorNumber ? extract(w, half + accumulatorNumber, half + accumulatorNumber) : False,
    x: extract(w, half + accumulatorNumber - 1, half),
    y: extract(w, half - 1, 0),
  })
  const follow = (o: AddressOperands, whole: Term, when: Bool, left: number): Effective => {
    const address = indexed(o)
    const here = ite<number>(isZero(o.x), whole, add<number>(zeroExtend(o.y, word), ac(o.x)))
    const indirect = and(when, o.i as Bool)
    if (indirect === False) return { address, word: here, bounded: [] }
    if (left === 0) return { address, word: here, bounded: [trapIf(indirect, 'unmodelled')] }
    const next = read(address, indirect)
    const there = follow(fields(next), next, indirect, left - 1)
    return { address: ite(o.i as Bool, there.address, address), word: ite(o.i as Bool, there.word, here), bounded: there.bounded }
  }
  /** The effective address of an instruction; `left` is the left half of its word, which only JRST can see. */
  const effective = (o: AddressOperands, left: Term = constant(half, 0)): Effective =>
    follow(o, concat(left, o.y), True, sizes.indirection)
  /** The effective address of a byte pointer. */
  const effectiveOf = (pointer: Term): Effective => follow(fields(pointer), pointer, True, sizes.indirection)
  return { accumulator, ac, read, refer, write, effective, effectiveOf }
}

const manual = 'DECsystem-10 System Reference Manual'
/** Where the manual says it. */
export const section = (title: string, name: string): string => `${manual}, ${title}, ${name}`

/** Encodings of a whole instruction word from its fixed part; bits that a small machine has no use for are 0. */
export const encoding = <O extends string>(s: State, first: Format, fixed: Readonly<Record<string, number>>): Encoding<O> => {
  const width = Object.values(first).reduce((sum, bits) => sum + bits, 0)
  const unused: Format = width < 13 ? { unused: 13 - width } : {}
  const format: Format = { ...first, ...unused, i: 1, x: s.sizes.accumulatorNumber, y: s.sizes.half }
  return encode<Format, string>(format, width < 13 ? { ...fixed, unused: 0 } : fixed) as Encoding as Encoding<O>
}

export type Does = (o: Operands) => readonly Statement[]
export type Define = (op: number, name: string, does: Does, note?: string) => Instruction
/** Defines the instructions of one chapter of the manual. */
export const chapter = (s: State, title: string): Define => (op, name, does, note) =>
  instruction<keyof Operands>({
    name, source: section(title, name), encoding: encoding(s, { op: 9, ac: s.sizes.accumulatorNumber }, { op }), does,
    ...(note === undefined ? {} : { note }),
  })

export const signOf = (w: Term): Bool => extract<1>(w, w.width - 1, w.width - 1)
export const isZero = (w: Term): Bool => eq(w, constant(w.width, 0))
export const leftHalf = (w: Term): Term => extract(w, w.width - 1, w.width / 2)
export const rightHalf = (w: Term): Term => extract(w, w.width / 2 - 1, 0)
export const swapped = (w: Term): Term => concat(rightHalf(w), leftHalf(w))
export const word = (s: State, half: Term): Term => zeroExtend(half, s.word)
/** The number of the accumulator after the given one. */
export const next = (n: Term): Term => add(n, constant<number>(n.width, 1))
/** Where the accumulator field is not 0: some instructions then store in the accumulator too. */
export const named = (o: Operands): Bool => ne(o.ac, constant(o.ac.width, 0))

/** C(PC) + n: 1 for the next instruction, 2 for a skip. */
export const pcPlus = (s: State, n: number): Term => {
  const one = constant<number>(s.sizes.half, 1), following = add(get(s.PC), one)
  return n === 1 ? following : add(following, one)
}
export const skip = (s: State, when: Bool): Statement => set(s.PC, pcPlus(s, 2), when)

/** One added to both halves, as the KA10 does it: a carry out of the right half goes into the left. */
export const advanced = (w: Term): Term => add(w, bothHalves(w.width))
export const retreated = (w: Term): Term => sub(w, bothHalves(w.width))
const bothHalves = (width: number): Term => {
  const one = constant<number>(width / 2, 1)
  return concat(one, one)
}
/** Where `advanced` carried out of the word: a count in its left half went from -1 to 0. */
export const countedOut = (after: Term): Bool => ult(after, bothHalves(after.width))
/** Where `retreated` borrowed from beyond the word, so did not carry: its left half was 0. */
export const countedBelow = (before: Term): Bool => ult(before, bothHalves(before.width))
/** E + 1, where the subroutine of a JSR begins. */
export const following = (address: Term): Term => add(address, constant<number>(address.width, 1))
