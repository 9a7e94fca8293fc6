// Instruction formats, operand addresses, storage operands and the PSW, in the manual's words; bits count from the left there.
import { encode, instruction, set, store, trapIf, type Encoding, type Format, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get, type Cell } from '../../ir/state.ts'
import { add, any, concat, constant, eq, extract, ite, load, not, or, signExtend, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { AS, CC, CR, E, EXTERNAL, GR, IA, IO, KEY, M, P, PER, PROGRAM_MASK, T, W } from './state.ts'

export const manual = 'z/Architecture Principles of Operation (SA22-7832)'
type Field = 'r1' | 'r2' | 'r3' | 'm1' | 'x2' | 'b1' | 'b2' | 'b4' | 'd1' | 'd2' | 'd4' | 'dh2' | 'i' | 'i2' | 'l'
export type Operands = Readonly<Record<Field, Term>>
export type Does = (o: Operands) => readonly Statement[]

export const isZero = (t: Term): Bool => eq(t, constant(t.width, 0))
export const low = (t: Term, bits: number): Term => extract(t, bits - 1, 0)
/** Bits from..to of a register of 64, bit 0 the most significant. */
export const bits = (t: Term, from: number, to: number): Term => extract(t, t.width - 1 - from, t.width - 1 - to)
export const bitOf = (t: Term, n: number): Bool => bits(t, n, n) as Bool
export const crBit = (register: number, n: number): Bool => bitOf(get(CR[register]!), n)

export const gr = (n: Term | number): Cell => cell(GR, (typeof n === 'number' ? constant(4, n) : n) as Term<4>)
export const G = (n: Term | number): Term => get(gr(n))
/** Bits 32 to 63 of a register, the others kept. */
export const setLow = (n: Term | number, value: Term): Statement => set(gr(n), concat(extract(G(n), 63, value.width), value))

/** Address after an instruction of so many bytes. */
export const after = (bytes: number): Term => add<number>(get(IA), constant(64, bytes))
const content = (r: Term): Term => ite<number>(isZero(r), constant(64, 0), G(r))
export const ea1 = (o: Operands): Term => add<number>(content(o.b1), zeroExtend(o.d1, 64))
export const ea2 = (o: Operands): Term => add<number>(content(o.b2), zeroExtend(o.d2, 64))
export const indexed = (o: Operands): Term => add<number>(ea2(o), content(o.x2))
/** A displacement of 20 bits, signed. */
export const long2 = (o: Operands): Term => add<number>(content(o.b2), signExtend(concat(o.dh2, o.d2), 64))
export const longIndexed = (o: Operands): Term => add<number>(long2(o), content(o.x2))

export const doublewordOf = (address: Term): Term => extract(address, 63, 3)
export const aligned = (address: Term, bytes: 2 | 4 | 8 | 16, cause = 'unmodelled'): Statement => trapIf(not(isZero(low(address, Math.log2(bytes)))), cause)
/** The piece of a doubleword at a byte address; pieces count from the left. */
export const pick = (word: Term, address: Term, width: number): Term => {
  if (word.width === width) return word
  const half = word.width / 2, n = Math.log2(half / 8)
  return ite<number>(extract<1>(address, n, n), pick(extract(word, half - 1, 0), address, width), pick(extract(word, word.width - 1, half), address, width))
}
export const merge = (word: Term, address: Term, value: Term): Term => {
  if (word.width === value.width) return value
  const half = word.width / 2, n = Math.log2(half / 8), upper = extract(word, word.width - 1, half), lower = extract(word, half - 1, 0)
  return ite<number>(extract<1>(address, n, n), concat(upper, merge(lower, address, value)), concat(merge(upper, address, value), lower))
}
/** A storage operand of 8 to 64 bits that lies in one doubleword. */
export const read = (address: Term, width: 8 | 16 | 32 | 64): Term => pick(load(E, doublewordOf(address)), address, width)
export const write = (address: Term, value: Term): Statement[] =>
  [store<number>(E, doublewordOf(address), value.width === 64 ? value : merge(load(E, doublewordOf(address)), address, value))]
export const plus = (address: Term, n: number): Term => add<number>(address, constant(64, n))

const define = (name: string, format: Format, fixed: Readonly<Record<string, number>>, bytes: number, does: Does, note?: string): Instruction =>
  instruction<Field>({
    name, source: `${manual}, ${name}`, encoding: encode<Format, string>(format, fixed) as Encoding as Encoding<Field>,
    does: (o) => {
      const body = does(o)
      return body.some((x) => x.kind === 'set' && x.place === IA) ? body : [...body, set<number>(IA, after(bytes))]
    },
    ...(note === undefined ? {} : { note }),
  })
type Defines = (op: number, name: string, does: Does, note?: string) => Instruction
const formatted = (format: Format, bytes: number): Defines => (op, name, does, note) => define(name, format, { op }, bytes, does, note)
/** Operation codes that have a second part at the end. */
const split = (format: Format, bytes: number): Defines => (op, name, does, note) => define(name, format, { op: op >> 8, op2: op & 0xff }, bytes, does, note)

export const e = formatted({ op: 16 }, 2)
export const rr = formatted({ op: 8, r1: 4, r2: 4 }, 2)
export const iFormat = formatted({ op: 8, i: 8 }, 2)
export const rre = formatted({ op: 16, unused: 8, r1: 4, r2: 4 }, 4)
/** RRE where the ignored byte has taken a meaning since. */
export const rreZero: Defines = (op, name, does, note) => define(name, { op: 16, unused: 8, r1: 4, r2: 4 }, { op, unused: 0 }, 4, does, note)
/** RRF, with R3 (or a mask) before R1. */
export const rrf = formatted({ op: 16, r3: 4, m1: 4, r1: 4, r2: 4 }, 4)
export const rx = formatted({ op: 8, r1: 4, x2: 4, b2: 4, d2: 12 }, 4)
export const rs = formatted({ op: 8, r1: 4, r3: 4, b2: 4, d2: 12 }, 4)
export const si = formatted({ op: 8, i: 8, b1: 4, d1: 12 }, 4)
export const sFormat = formatted({ op: 16, b2: 4, d2: 12 }, 4)
export const ss = formatted({ op: 8, l: 8, b1: 4, d1: 12, b2: 4, d2: 12 }, 6)
export const ssKey = formatted({ op: 8, r1: 4, r3: 4, b1: 4, d1: 12, b2: 4, d2: 12 }, 6)
export const sse = formatted({ op: 16, b1: 4, d1: 12, b2: 4, d2: 12 }, 6)
export const rxy = split({ op: 8, r1: 4, x2: 4, b2: 4, d2: 12, dh2: 8, op2: 8 }, 6)
export const rsy = split({ op: 8, r1: 4, r3: 4, b2: 4, d2: 12, dh2: 8, op2: 8 }, 6)
/** RI and RIL: the last four bits of the operation code come after the register, here the operand r1 or a mask. */
const relative = (width: 16 | 32): Defines => (op, name, does, note) =>
  define(name, { op: 8, r1: 4, op2: 4, i2: width }, { op: op >> 4, op2: op & 15 }, width === 16 ? 4 : 6, does, note)
export const ri = relative(16)
export const ril = relative(32)
export const ssf: Defines = (op, name, does, note) =>
  define(name, { op: 8, r3: 4, op2: 4, b1: 4, d1: 12, b2: 4, d2: 12 }, { op: op >> 4, op2: op & 15 }, 6, does, note)

export const privileged: Statement = trapIf(get(P), 'privileged-operation')
export const special = (when: Bool): Statement => trapIf(when, 'special-operation')
export const cc = (value: Term | number): Statement => set(CC, (typeof value === 'number' ? constant(2, value) : value) as Term<2>)

/** Bits 0 to 7 of the PSW. */
export const systemMask = (): Term => concat(constant(1, 0), get(PER), constant(3, 0), get(T), get(IO), get(EXTERNAL))
/** A bit that must be 0 gives a specification exception after the instruction: such masks leave the model. */
export const setSystemMask = (mask: Term): Statement[] => [
  trapIf(or(bitOf(mask, 0), not(isZero(bits(mask, 2, 4)))), 'unmodelled'),
  set(PER, bitOf(mask, 1)), set(T, bitOf(mask, 5)), set(IO, bitOf(mask, 6)), set(EXTERNAL, bitOf(mask, 7)),
]

/** The first doubleword of the PSW, in 64-bit addressing mode. */
export const pswFirst = (): Term => concat(
  systemMask(), get(KEY), constant(1, 0), get(M), get(W), get(P), get(AS), get(CC), get(PROGRAM_MASK), constant(7, 0), constant(2, 3), constant(31, 0),
)
export const fieldsOf = (first: Term): Statement[] => [
  set(PER, bitOf(first, 1)), set(T, bitOf(first, 5)), set(IO, bitOf(first, 6)), set(EXTERNAL, bitOf(first, 7)), set<number>(KEY, bits(first, 8, 11)),
  set(M, bitOf(first, 13)), set(W, bitOf(first, 14)), set(P, bitOf(first, 15)), set<number>(AS, bits(first, 16, 17)), set<number>(CC, bits(first, 18, 19)),
  set<number>(PROGRAM_MASK, bits(first, 20, 23)),
]
/** Other addressing modes, access-register mode and bits that must be 0 leave the model. `short` is the PSW of LPSW. */
export const loadPsw = (first: Term, address: Term, short: boolean): Statement[] => [
  trapIf(any([
    bitOf(first, 0), not(isZero(bits(first, 2, 4))), short ? not(bitOf(first, 12)) : bitOf(first, 12), eq<number>(bits(first, 16, 17), constant(2, 1)),
    not(isZero(bits(first, 24, 30))), not(bitOf(first, 31)), not(bitOf(first, 32)), ...(short ? [] : [not(isZero(bits(first, 33, 63)))]),
  ]), 'unmodelled'),
  ...fieldsOf(first), set<number>(IA, address),
]

/** Program-interruption codes, but for the supervisor call and what is left out. */
export const causes = {
  'privileged-operation': 2, execute: 3, access: 4, specification: 6, 'fixed-point-overflow': 8, 'special-operation': 0x13, 'monitor-event': 0x40,
  'supervisor-call': 0x80, unmodelled: 0xff,
} as const
export const causeWidth = 8
/** An interruption: the old PSW to its real location, the new one from its own. */
export const interruption = (cause: Term): Statement[] => {
  const call = eq<number>(cause, constant(causeWidth, causes['supervisor-call']))
  const at = (svc: number, program: number): Term<61> => ite<61>(call, constant(61, svc / 8), constant(61, program / 8))
  return [
    set(cell(E, at(0x140, 0x150)), pswFirst() as Term<64>), set(cell(E, at(0x148, 0x158)), get(IA)),
    ...fieldsOf(get(cell(E, at(0x1c0, 0x1d0)))), set(IA, get(cell(E, at(0x1c8, 0x1d8)))),
  ]
}
