// How SPARC instructions are written down here: formats, operands, condition codes, data in storage.
import { encode, instruction, set, store, trapIf, type Format, type Instruction, type Statement } from '../../ir/instruction.ts'
import {
  add, and, concat, constant, eq, extract, ite, load, ne, not, or, signExtend, True, xor, zeroExtend, type Bool, type Term,
} from '../../ir/term.ts'
import { psr, psrRegister, r, S, advance, type State } from './state.ts'

export type Operands = Readonly<Record<string, Term>>
export type Fixed = Readonly<Record<string, number>>

/** Format 3; where i is 1 the two last fields are simm13. */
export const format3 = { op: 2, rd: 5, op3: 6, rs1: 5, i: 1, asi: 8, rs2: 5 }
/** Even registers only, for doublewords. */
export const format3d = { op: 2, rd: 4, even: 1, op3: 6, rs1: 5, i: 1, asi: 8, rs2: 5 }
export const branchFormat = { op: 2, a: 1, cond: 4, op2: 3, disp22: 22 }

export const manual = 'The SPARC Architecture Manual, Version 8'
/** Instructions that say themselves where to go on. */
export const define = (section: string) => (
  name: string, format: Format, fixed: Fixed, does: (o: Operands) => readonly Statement[], note?: string,
): Instruction => instruction<string>({
  name, source: `${manual}, ${section}, ${name}`, encoding: encode<Format, string>(format, fixed), does, ...(note === undefined ? {} : { note }),
})
/** Instructions after which comes the one at nPC. */
export const defineOrdinary = (s: State, section: string) => (
  name: string, format: Format, fixed: Fixed, does: (o: Operands) => readonly Statement[], note?: string,
): Instruction => define(section)(name, format, fixed, (o) => [...does(o), ...advance(s)], note)

/** The second operand: r[rs2], or simm13 where i is 1. */
export const second = (s: State, o: Operands): Term<32> =>
  'i' in o ? ite<32>(o['i'] as Bool, signExtend(concat(o['asi']!, o['rs2']!), 32), r(s, o['rs2']!)) : r(s, o['rs2']!)
export const address = (s: State, o: Operands): Term<32> => add(r(s, o['rs1']!), second(s, o))

/** Trap in user mode. */
export const privileged = (s: State): Statement => trapIf(not(S(s)), 'privileged_instruction')

export const sign = (w: Term): Term<1> => extract<1>(w, w.width - 1, w.width - 1)
export const setIcc = (s: State, result: Term<32>, v: Term<1>, c: Term<1>): Statement[] => [
  set(psrRegister(s, 'n'), sign(result)), set(psrRegister(s, 'z'), eq(result, constant(32, 0))),
  set(psrRegister(s, 'v'), v), set(psrRegister(s, 'c'), c),
]
/** The integer conditions 0 to 7: never, equal, less or equal, less, less or equal unsigned, carry, negative, overflow; 8 to 15 negate them. */
export const condition = (s: State, cond: Term): Bool => {
  const [n, z, v, c] = ['n', 'z', 'v', 'c'].map((name) => psr(s, name) as Term<1>) as [Bool, Bool, Bool, Bool]
  const plain = [constant(1, 0), z, or(z, xor(n, v)), xor(n, v), or(c, z), c, n, v]
  return xor(plain.map((holds, k) => and(eq(extract<3>(cond, 2, 0), constant(3, k)), holds)).reduce(or), extract<1>(cond, 3, 3))
}

export type Size = 1 | 2 | 4 | 8
export const aligned = (a: Term<32>, size: Size): Statement[] => {
  const low = { 1: 0, 2: 1, 4: 2, 8: 3 }[size]
  return low === 0 ? [] : [trapIf(ne(extract(a, low - 1, 0), constant<number>(low, 0)), 'mem_address_not_aligned')]
}
export const wordOf = (a: Term<32>): Term<30> => extract<30>(a, 31, 2)
/** The other word of a doubleword. */
export const secondWord = (a: Term<32>): Term<30> => concat<30>(extract(a, 31, 3), constant(1, 1))

/** The parts of a word, lowest first, and where the address means each; the first byte is the most significant. */
const parts = (a: Term<32>, size: 1 | 2): readonly { readonly at: Bool; readonly low: number }[] => {
  const count = 4 / size, index: Term = size === 1 ? extract<2>(a, 1, 0) : extract<1>(a, 1, 1)
  return Array.from({ length: count }, (_, k) => ({ at: eq<number>(index, constant<number>(index.width, count - 1 - k)), low: 8 * size * k }))
}
export const partOf = (w: Term<32>, a: Term<32>, size: 1 | 2): Term => {
  const [first, ...more] = parts(a, size), bits = 8 * size
  return more.reduce<Term>((value, { at, low }) => ite<number>(at, extract(w, low + bits - 1, low), value),
    extract(w, first!.low + bits - 1, first!.low))
}
export const withPart = (w: Term<32>, a: Term<32>, size: 1 | 2, value: Term<32>): Term<32> => {
  const bits = 8 * size, piece = extract(value, bits - 1, 0)
  const kept = parts(a, size).map(({ at, low }) => ite<number>(at, piece, extract(w, low + bits - 1, low))).reverse()
  return concat<32>(kept[0]!, kept[1]!, ...kept.slice(2))
}
export const loadWord = (s: State, a: Term<32>, when: Bool = True): Term<32> => load(s.E, wordOf(a), when)
export const storeWord = (s: State, a: Term<32>, value: Term<32>, when: Bool = True): Statement => store(s.E, wordOf(a), value, when)
export const unsigned = (w: Term): Term<32> => zeroExtend(w, 32)
export const signed = (w: Term): Term<32> => signExtend(w, 32)
