// How PowerPC instructions are written down here: formats, general registers, condition register, data in storage.
import { encode, instruction, set, store, trapIf, type Format, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, field, get } from '../../ir/state.ts'
import { add, concat, constant, eq, extract, ite, load, ne, not, or, signExtend, slt, True, and, xor, type Bool, type Term } from '../../ir/term.ts'
import { msrBit, relocation, sprPart, type State } from './state.ts'

export type Operands = Readonly<Record<string, Term>>
export type Fixed = Readonly<Record<string, number>>

/** Fields as the manual names them; `zero` ones are reserved. */
export const formats = {
  D: { op: 6, D: 5, A: 5, d: 16 },
  S: { op: 6, S: 5, A: 5, d: 16 },
  X: { op: 6, D: 5, A: 5, B: 5, XO: 10, Rc: 1 },
  XS: { op: 6, S: 5, A: 5, B: 5, XO: 10, Rc: 1 },
  XO: { op: 6, D: 5, A: 5, B: 5, OE: 1, XO: 9, Rc: 1 },
  XL: { op: 6, BO: 5, BI: 5, zero: 5, XO: 10, LK: 1 },
  CR: { op: 6, crbD: 5, crbA: 5, crbB: 5, XO: 10, zero: 1 },
  M: { op: 6, S: 5, A: 5, SH: 5, MB: 5, ME: 5, Rc: 1 },
  cmp: { op: 6, crfD: 3, zero: 1, L: 1, A: 5, B: 5, XO: 10, end: 1 },
  cmpi: { op: 6, crfD: 3, zero: 1, L: 1, A: 5, d: 16 },
} as const satisfies Readonly<Record<string, Format>>

export const manual = 'Programming Environments Manual for 32-Bit Implementations of the PowerPC Architecture (MPCFPE32B)'
export const define = (chapter: string) => (
  name: string, format: Format, fixed: Fixed, does: (o: Operands) => readonly Statement[], note?: string,
): Instruction => instruction<string>({
  name, source: `${manual}, ${chapter}, ${name}`, encoding: encode<Format, string>(format, fixed), does, ...(note === undefined ? {} : { note }),
})

export const GPR = (s: State, n: Term): Term<32> => get(cell(s.GPR, n as Term<5>))
export const toGPR = (s: State, n: Term, value: Term<32>, when: Bool = True): Statement => set(cell(s.GPR, n as Term<5>), value, when)
/** (rA|0): register 0 stands for the value 0. */
export const orZero = (s: State, n: Term): Term<32> => ite<32>(eq(n, constant(5, 0)), constant(32, 0), GPR(s, n))

/** Effective addresses of the two forms. */
export const displaced = (s: State, o: Operands): Term<32> => add(orZero(s, o['A']!), signExtend(o['d']!, 32))
export const indexed = (s: State, o: Operands): Term<32> => add(orZero(s, o['A']!), GPR(s, o['B']!))

/** LT, GT, EQ of a comparison with the summary overflow, as a field of the condition register. */
export const comparison = (less: Bool, equal: Bool, SO: Term): Term<4> => concat<4>(less, not(or(less, equal)), equal, SO)
/** CR0 after an instruction with Rc = 1. */
export const record = (s: State, result: Term<32>, SO: Term = sprPart(s, 'XER[SO]')): Statement => {
  const zero = constant(32, 0)
  return set(field<4>(s.CR, 31, 28), comparison(slt(result, zero), eq(result, zero), SO))
}

export type Size = 1 | 2 | 4
/**
 * The word of a reference: in little-endian mode the low address bits are changed, by 7 for a byte, 6 for a halfword, 4 for a word,
 * which leaves the halves of a doubleword exchanged.
 */
export const wordOf = (s: State, address: Term<32>): Term<30> => xor(extract<30>(address, 31, 2), concat<30>(constant(29, 0), msrBit(s, 'LE')))
/** Integer references that are not aligned are split by the processor, or refused in little-endian mode. */
export const aligned = (s: State, address: Term<32>, size: Size): Statement[] => {
  if (size === 1) return []
  const off = size === 2 ? extract<1>(address, 0, 0) : ne(extract<2>(address, 1, 0), constant(2, 0))
  return [trapIf(and(off, msrBit(s, 'LE')), 'alignment'), trapIf(off, 'unmodelled')]
}
/** The parts of the word, lowest first, and where the address means each; the first byte is the most significant. */
const parts = (s: State, address: Term<32>, size: 1 | 2): readonly { readonly at: Bool; readonly low: number }[] => {
  const LE = msrBit(s, 'LE'), count = 4 / size
  const index: Term = size === 1 ? xor(extract<2>(address, 1, 0), concat<2>(LE, LE)) : xor(extract<1>(address, 1, 1), LE)
  return Array.from({ length: count }, (_, k) => ({ at: eq<number>(index, constant<number>(index.width, count - 1 - k)), low: 8 * size * k }))
}

export const loadPart = (s: State, address: Term<32>, size: Size): Term => {
  const w = load(s.E, wordOf(s, address)), bits = 8 * size
  if (size === 4) return w
  const [first, ...more] = parts(s, address, size)
  return more.reduce<Term>((value, { at, low }) => ite<number>(at, extract(w, low + bits - 1, low), value),
    extract(w, first!.low + bits - 1, first!.low))
}
export const storePart = (s: State, address: Term<32>, size: Size, value: Term<32>, when: Bool = True): Statement => {
  const to = wordOf(s, address)
  if (size === 4) return store(s.E, to, value, when)
  const w = load(s.E, to, when), bits = 8 * size, piece = extract(value, bits - 1, 0)
  const kept = parts(s, address, size).map(({ at, low }) => ite<number>(at, piece, extract(w, low + bits - 1, low))).reverse()
  return store(s.E, to, concat<32>(kept[0]!, kept[1]!, ...kept.slice(2)), when)
}
/** Where a cache instruction is refused as a load or a store of its byte would be. */
export const translated = (s: State, address: Term<32>, access: 'read' | 'write'): Statement =>
  trapIf(relocation(s).develop(extract<30>(address, 31, 2), access).fault, 'DSI')

/** In problem state. */
export const privileged = (s: State): Statement => trapIf(get(s.PR), 'privileged instruction')
