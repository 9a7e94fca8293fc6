// How ARM instructions are written down here: fields of a word under the condition AL, register writes, data in memory.
import { encode, instruction, set, store, trapIf, type Format, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { and, any, concat, constant, eq, extract, ite, ne, not, load, True, type Bool, type Term } from '../../ir/term.ts'
import type { State } from './state.ts'

export type Operands = Readonly<Record<string, Term>>
export type Fixed = Readonly<Record<string, number>>

/** The condition AL, and the space of unconditional words. */
export const always = { cond: 14 }
export const unconditional = { cond: 15 }

/** The word's fields, the condition first; a field of the given name with a number in `fixed` is not an operand. */
export const define = (section: string) => (
  name: string, format: Format, fixed: Fixed, does: (o: Operands) => readonly Statement[], note?: string,
): Instruction => instruction<string>({
  name, source: `ARM Architecture Reference Manual, ${section}, ${name}`,
  encoding: encode<Format, string>({ cond: 4, ...format }, fixed),
  does, ...(note === undefined ? {} : { note }),
})

/** What the manual makes UNPREDICTABLE in every mode: no verdict speaks of it. */
export const unpredictableEverywhere = (when: Bool): Statement => trapIf(when, 'UNPREDICTABLE')
export const is15 = (n: Term): Bool => eq(n, constant(4, 15))
/** The word is UNPREDICTABLE with R15 in one of these fields. */
export const not15 = (o: Operands, ...fields: readonly string[]): Statement => unpredictableEverywhere(any(fields.map((f) => is15(o[f]!))))
export const different = (o: Operands, a: string, b: string): Statement => unpredictableEverywhere(eq(o[a]!, o[b]!))

/** BXWritePC: a branch to Thumb state where bit 0 is 1. */
export const exchange = (s: State, target: Term<32>, when: Bool = True): Statement[] => [
  unpredictableEverywhere(and(when, eq(extract(target, 1, 0), constant(2, 0b10)))),
  set(s.PC, wordOf(target), when), set(s.T, extract<1>(target, 0, 0), when),
]

/** A write to register n; R15 is the PC, a branch: loads may change to Thumb state, what is computed since version 7. */
export const write = (s: State, n: Term, value: Term<32>, how: 'computed' | 'loaded'): Statement[] => {
  const pc = is15(n)
  return [
    ...(how === 'loaded' || s.version >= 7 ? exchange(s, value, pc) : [set(s.PC, wordOf(value), pc)]),
    set(cell(s.R, n as Term<4>), value, not(pc)),
  ]
}

export const wordOf = (address: Term<32>): Term<30> => extract<30>(address, 31, 2)
/** Addresses of words are aligned: SCTLR.A = 1. */
export const unaligned = (address: Term<32>): Bool => ne(extract<2>(address, 1, 0), constant(2, 0))
export const aligned = (address: Term<32>): Statement => trapIf(unaligned(address), 'data abort')

const reversed = (w: Term<32>): Term<32> => concat<32>(extract(w, 7, 0), extract(w, 15, 8), extract(w, 23, 16), extract(w, 31, 24))
const orderedHalf = (s: State, h: Term): Term => (s.version >= 6 ? ite<number>(get(s.E), concat(extract(h, 7, 0), extract(h, 15, 8)), h) : h)
/** Data as CPSR.E orders their bytes; version 5 has no E. */
const ordered = (s: State, w: Term<32>): Term<32> => (s.version >= 6 ? ite<32>(get(s.E), reversed(w), w) : w)
export const loadWord = (s: State, address: Term<32>, when: Bool = True): Term<32> => ordered(s, load(s.Memory, wordOf(address), when))
export const storeWord = (s: State, address: Term<32>, value: Term<32>, when: Bool = True): Statement =>
  store(s.Memory, wordOf(address), ordered(s, value), when)

/** One of a word's parts by the low bits of the address, part 0 the least significant. */
const places = (address: Term<32>, width: 8 | 16): { at: Bool; low: number }[] =>
  Array.from({ length: 32 / width }, (_, k) => ({
    at: width === 8 ? eq(extract<2>(address, 1, 0), constant(2, k)) : eq(extract<1>(address, 1, 1), constant(1, k)), low: k * width,
  }))
export const loadPart = (s: State, address: Term<32>, width: 8 | 16): Term => {
  const [first, ...rest] = places(address, width), w = load(s.Memory, wordOf(address))
  const part = rest.reduce<Term>((value, { at, low }) => ite<number>(at, extract(w, low + width - 1, low), value), extract(w, first!.low + width - 1, first!.low))
  return width === 16 ? orderedHalf(s, part) : part
}
export const storePart = (s: State, address: Term<32>, width: 8 | 16, value: Term<32>): Statement => {
  const w = load(s.Memory, wordOf(address)), low = extract(value, width - 1, 0), piece = width === 16 ? orderedHalf(s, low) : low
  const parts = places(address, width).map(({ at, low }) => ite<number>(at, piece, extract(w, low + width - 1, low))).reverse()
  return store(s.Memory, wordOf(address), concat<32>(parts[0]!, parts[1]!, ...parts.slice(2)))
}
