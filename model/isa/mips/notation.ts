// How MIPS instructions are written down here: formats, register writes, data in storage under the byte order in force.
import { encode, instruction, set, store, trapIf, type Format, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell } from '../../ir/state.ts'
import { add, and, concat, constant, eq, extract, False, ite, load, ne, not, signExtend, True, xor, type Bool, type Term } from '../../ir/term.ts'
import { GPR, inUser, statusBit, type State } from './state.ts'

export type Operands = Readonly<Record<string, Term>>
export type Fixed = Readonly<Record<string, number>>

export const registerFormat = { op: 6, rs: 5, rt: 5, rd: 5, sa: 5, function: 6 }
export const immediateFormat = { op: 6, rs: 5, rt: 5, immediate: 16 }

export const define = (s: State, chapter: string) => (
  name: string, format: Format, fixed: Fixed, does: (o: Operands) => readonly Statement[], note?: string,
): Instruction => instruction<string>({
  name, source: `${s.processor === 'r3000' ? 'MIPS RISC Architecture (R3000)' : 'MIPS R4000 User\'s Manual'}, ${chapter}, ${name}`,
  encoding: encode<Format, string>(format, fixed), does, ...(note === undefined ? {} : { note }),
})

/** A write to general register n; one to register 0 is lost. */
export const write = (s: State, n: Term, value: Term<32>, when: Bool = True): Statement =>
  set(cell(s.GPR, n as Term<5>), value, and(when, ne(n, constant(5, 0))))

export const effectiveAddress = (s: State, o: Operands): Term<32> => add(GPR(s, o['rs']!), signExtend(o['immediate']!, 32))
export const wordOf = (address: Term<32>): Term<30> => extract<30>(address, 31, 2)

export type Size = 1 | 2 | 4
/** The bytes of a reference start at a multiple of its size. */
export const aligned = (address: Term<32>, size: Size): Statement[] =>
  size === 1 ? [] : [trapIf(size === 2 ? extract<1>(address, 0, 0) : ne(extract<2>(address, 1, 0), constant(2, 0)), 'address error, TLB')]

/** RE reverses the byte order of user mode: of words on the R3000, of doublewords on the R4000. */
const reversed = (s: State): Bool => and(inUser(s), statusBit(s, 'RE'))

interface Reference {
  readonly word: Term<30>
  /** The parts of the word, most significant last, and where the address means each. */
  readonly parts: readonly { readonly at: Bool; readonly low: number }[]
}
/** A reference in one byte order; a big-endian processor finds the first byte in the most significant part. */
const reference = (s: State, address: Term<32>, size: Size, other: Bool): Reference => {
  const word = s.processor === 'r4000' ? xor(wordOf(address), concat<30>(constant(29, 0), other)) : wordOf(address)
  if (size === 4) return { word, parts: [{ at: True, low: 0 }] }
  const index = size === 1 ? xor(extract<2>(address, 1, 0), concat<2>(other, other)) : xor(extract<1>(address, 1, 1), other)
  const count = 4 / size
  return { word, parts: Array.from({ length: count }, (_, k) => ({ at: eq<number>(index, constant<number>(index.width, count - 1 - k)), low: 8 * size * k })) }
}
/** Both byte orders, each under its condition; words of the R3000 are the same in both. */
const references = (s: State, address: Term<32>, size: Size): readonly (readonly [when: Bool, Reference])[] =>
  size === 4 && s.processor === 'r3000'
    ? [[True, reference(s, address, size, False)]]
    : [[not(reversed(s)), reference(s, address, size, False)], [reversed(s), reference(s, address, size, True)]]

export const loadPart = (s: State, address: Term<32>, size: Size): Term => {
  const bits = 8 * size
  const values = references(s, address, size).map(([when, { word, parts }]) => {
    const w = load(s.E, word, when)
    return parts.slice(1).reduce<Term>((value, { at, low }) => ite<number>(at, extract(w, low + bits - 1, low), value), extract(w, bits - 1, 0))
  })
  return values.length === 1 ? values[0]! : ite<number>(reversed(s), values[1]!, values[0]!)
}

export const storePart = (s: State, address: Term<32>, size: Size, value: Term<32>, when: Bool = True): Statement[] => {
  const bits = 8 * size, piece = extract(value, bits - 1, 0)
  return references(s, address, size).map(([order, { word, parts }]) => {
    const here = and(order, when)
    if (size === 4) return store(s.E, word, value, here)
    const w = load(s.E, word, here)
    const kept = parts.map(({ at, low }) => ite<number>(at, piece, extract(w, low + bits - 1, low))).reverse()
    return store(s.E, word, concat<32>(kept[0]!, kept[1]!, ...kept.slice(2)), here)
  })
}
