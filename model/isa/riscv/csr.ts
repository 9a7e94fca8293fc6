// What a CSR is: its numbers, when an access to it is illegal besides its privilege, and how its fields are read and written.
import { get, type Place } from '../../ir/state.ts'
import { all, and, concat, constant, eq, extract, ite, not, True, ule, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { placeOf, type CsrField, type State } from './state.ts'

export interface Write {
  readonly place: Place
  readonly value: Term
  readonly when: Bool
}

export interface Csr {
  readonly name: string
  /** Numbers, both included: several for an array such as hpmcounter3 to hpmcounter31. */
  readonly first: number
  readonly last: number
  /** Where an access raises an illegal-instruction exception although the number's privilege allows it; `value` is what it writes. */
  readonly illegal?: (access: { readonly number: Term<12>; readonly writes: Bool; readonly value: Term }) => Bool
  readonly read: (number: Term<12>) => Term
  /** What CSRRS and CSRRC set and clear bits of, where it is not what is read. */
  readonly held?: (number: Term<12>) => Term
  /** The writes of a new value; a register without them is read-only or ignores them. */
  readonly write?: (value: Term, number: Term<12>) => readonly Write[]
}

/** A part of a CSR from bit `low` up: a place, or a value that can only be read. */
export interface Part {
  readonly low: number
  readonly place?: Place
  readonly value?: Term
  /** What setting and clearing bits goes from, where it is not what is read. */
  readonly held?: Term
  /** What is read of the place where this is 0 is 0, and writes are ignored. */
  readonly visible?: Bool
  /** Where a write of this value to the part is ignored (WARL). */
  readonly unsupported?: (value: Term) => Bool
  /** What a write of this value makes the part (WARL); the value itself otherwise. */
  readonly becomes?: (value: Term) => Term
}

/** A field of the state at its position. */
export const part = (s: State, name: CsrField, low: number, more: Pick<Part, 'visible' | 'unsupported' | 'becomes'> = {}): Part => ({ low, place: placeOf(s, name), ...more })
/** The same where the hart has it. */
export const optionalPart = (s: State, name: CsrField, low: number): Part[] => (s.fields[name] ? [part(s, name, low)] : [])
/** Bits that a field has not are written as 0. */
export const havingBits = (width: number, bits: bigint): Pick<Part, 'becomes'> => {
  const all = (1n << BigInt(width)) - 1n
  return (bits & all) === all ? {} : { becomes: (v) => and<number>(v, constant<number>(width, bits & all)) }
}
export const readOnly = (low: number, value: Term): Part => ({ low, value })

const contentOf = ({ place, value, visible }: Part): Term => {
  const content: Term = value ?? get(place!)
  return visible === undefined ? content : ite<number>(visible, content, constant<number>(content.width, 0))
}

/** A CSR of parts, 0 between them; `supported` false of a whole value means that a write of it is ignored. */
export const csr = (
  s: State, name: string, number: number, parts: readonly Part[], more: Pick<Csr, 'illegal'> & { readonly supported?: (value: Term) => Bool } = {},
): Csr => {
  const { supported, ...rest } = more
  return {
    name, first: number, last: number, ...rest,
    read: () => joined(s.xlen, parts),
    ...(parts.some((p) => p.held) ? { held: () => joined(s.xlen, parts.map((p) => (p.held ? { ...p, value: p.held } : p))) } : {}),
    write: (value) => parts.flatMap((p) => {
      if (p.place === undefined) return []
      const written = extract(value, p.low + p.place.width - 1, p.low)
      return [{
        place: p.place, value: p.becomes?.(written) ?? written,
        when: all([supported?.(value) ?? True, p.visible ?? True, ...(p.unsupported ? [not(p.unsupported(written))] : [])]),
      }]
    }),
  }
}

/** Parts side by side, with 0 between them. */
export const joined = (width: number, parts: readonly Part[]): Term => {
  const sorted = [...parts].sort((a, b) => b.low - a.low)
  const pieces: Term[] = []
  let next = width
  for (const p of sorted) {
    const content = contentOf(p), high = p.low + content.width
    if (high < next) pieces.push(constant<number>(next - high, 0))
    pieces.push(content)
    next = p.low
  }
  if (next > 0) pieces.push(constant<number>(next, 0))
  return pieces.length === 1 ? pieces[0]! : concat(pieces[0]!, pieces[1]!, ...pieces.slice(2))
}

/** A CSR of up to 64 bits; on RV32 with its high half at another number. */
export const wide = (s: State, name: string, number: number, high: number, place: (half: 'all' | 'low' | 'high') => Part[], more: Pick<Csr, 'illegal'> = {}): Csr[] =>
  s.xlen === 64 ? [csr(s, name, number, place('all'), more)] : [csr(s, name, number, place('low'), more), csr(s, `${name}h`, high, place('high'), more)]

export const inRange = (number: Term<12>, { first, last }: Csr): Bool => {
  if (first === last) return eq(number, constant(12, first))
  return and(ule(constant(12, first), number), ule(number, constant(12, last)))
}
/** The last five bits of a number: which of an array of counters or events. */
export const indexOf = (number: Term<12>): Term<5> => extract<5>(number, 4, 0)
export const asWord = (s: State, t: Term): Term => zeroExtend<number>(t, s.xlen)
