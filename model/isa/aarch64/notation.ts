// How A64 instructions are written down here: fields of a word, general registers with the zero register and SP, data in memory.
import { encode, instruction, set, store, trapIf, type Format, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { and, concat, constant, eq, extract, ite, load, ne, not, or, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { isSetAtEL2 } from './el2.ts'
import { atEL0, bigEndian, isSet, misaligned, type State } from './state.ts'

export type Operands = Readonly<Record<string, Term>>
export type Fixed = Readonly<Record<string, number>>

/** The word's fields; a field of the given name with a number in `fixed` is not an operand. */
export const define = (section: string) => (
  name: string, format: Format, fixed: Fixed, does: (o: Operands) => readonly Statement[], note?: string,
): Instruction => instruction<string>({
  name, source: `ARM Architecture Reference Manual for ARMv8-A, ${section}, ${name}`,
  encoding: encode<Format, string>(format, fixed),
  does, ...(note === undefined ? {} : { note }),
})

const is31 = (n: Term): Bool => eq(n, constant(n.width, 31))
/** X[n], or zero for n = 31. */
export const X = (s: State, n: Term): Term<64> => ite<64>(is31(n), constant(64, 0), get(cell(s.X, n as Term<5>)))
/** X[n], or SP for n = 31. */
export const XSP = (s: State, n: Term): Term<64> => ite<64>(is31(n), get(s.SP), get(cell(s.X, n as Term<5>)))
export const writeX = (s: State, n: Term, value: Term<64>): Statement => set(cell(s.X, n as Term<5>), value, not(is31(n)))
export const writeXSP = (s: State, n: Term, value: Term<64>): Statement[] => [writeX(s, n, value), set(s.SP, value, is31(n))]

/** EL0 may not: UNDEFINED there. */
export const undefinedAtEL0 = (s: State): Statement => trapIf(atEL0(s), 'undefined')
/** EL0 may where the condition holds; elsewhere it traps to EL1. */
export const trappedAtEL0Unless = (s: State, allowed: Bool): Statement => trapIf(and(atEL0(s), not(allowed)), 'system instruction')
/** Advanced SIMD and floating-point, by CPACR_EL1.FPEN below EL2, and by CPTR_EL2.TFP there too. */
export const floatingPointAllowed = (s: State): Statement => {
  const fpen = get(s.system.CPACR_EL1[0]!.register), e = s.el2
  const byEL1 = or(not(extract<1>(fpen, 0, 0)), and(atEL0(s), not(extract<1>(fpen, 1, 1))))
  return trapIf(e ? or(and(not(get(e.at)), byEL1), isSetAtEL2(e, 'CPTR_EL2.TFP')) : byEL1, 'floating point')
}

export type Size = 8 | 16 | 32 | 64
export const doublewordOf = (address: Term<64>): Term<45> => extract<45>(address, 47, 3)
/** The address is translated by TTBR0_EL1 and aligned (SCTLR_EL1.A = 1); a base of SP is aligned to 16 bytes where that is checked. */
export const checked = (s: State, base: Term, address: Term<64>, size: Size): Statement[] => [
  spChecked(s, base),
  ...(size === 8 ? [] : [trapIf(misaligned(address, Math.log2(size / 8)), 'data abort')]),
  trapIf(beyond(address), 'data abort'),
]
export const spChecked = (s: State, base: Term): Statement => {
  const below = ite(get(s.EL), isSet(s, 'SCTLR_EL1.SA'), isSet(s, 'SCTLR_EL1.SA0')), e = s.el2
  const isChecked = e ? ite(get(e.at), isSetAtEL2(e, 'SCTLR_EL2.SA'), below) : below
  return trapIf(and(and(is31(base), isChecked), misaligned(get(s.SP), 4)), 'SP alignment')
}
export const beyond = (address: Term<64>): Bool => ne(extract<16>(address, 63, 48), constant(16, 0))

const reversed = (w: Term): Term => {
  const bytes = Array.from({ length: w.width / 8 }, (_, k) => extract<number>(w, 8 * k + 7, 8 * k))
  return bytes.length === 1 ? w : concat<number>(bytes[0]!, bytes[1]!, ...bytes.slice(2))
}
const ordered = (s: State, w: Term): Term => (w.width === 8 ? w : ite<number>(bigEndian(s), reversed(w), w))

const places = (address: Term<64>, size: Size): { at: Bool; low: number }[] => {
  const selector = Math.log2(64 / size), lowest = 3 - selector
  return Array.from({ length: 64 / size }, (_, k) => ({ at: eq(extract<number>(address, 2, lowest), constant<number>(selector, k)), low: k * size }))
}
/** The datum of `size` bits at the address, in the order of bytes in force; the low bits of the address select a part. */
export const loadData = (s: State, address: Term<64>, size: Size): Term => {
  const w = load(s.Memory, doublewordOf(address))
  if (size === 64) return ordered(s, w)
  const [first, ...rest] = places(address, size)
  return ordered(s, rest.reduce<Term>((value, { at, low }) => ite<number>(at, extract(w, low + size - 1, low), value), extract(w, first!.low + size - 1, first!.low)))
}
export const storeData = (s: State, address: Term<64>, size: Size, value: Term<64>, when: Bool = constant(1, 1)): Statement => {
  if (size === 64) return store(s.Memory, doublewordOf(address), ordered(s, value) as Term<64>, when)
  const w = load(s.Memory, doublewordOf(address), when), piece = ordered(s, extract<number>(value, size - 1, 0))
  const parts = places(address, size).map(({ at, low }) => ite<number>(at, piece, extract(w, low + size - 1, low))).reverse()
  return store(s.Memory, doublewordOf(address), concat<64>(parts[0]!, parts[1]!, ...parts.slice(2)), when)
}
export const in64 = (t: Term): Term<64> => zeroExtend(t, 64)
