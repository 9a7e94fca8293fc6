// Accesses by walk and PMP: an access of some bytes as one piece or as several, each translated and checked by itself, with their faults.
import { set, trapIf, type Statement, type TrapStatement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, all, and, any, apply, concat, constant, defined, eq, extract, False, ite, not, or, select, sub, True, ult, zeroExtend, type Bool, type NamedFunction, type Term } from '../../ir/term.ts'
import type { Access } from '../../machine/isa.ts'
import { answersWithError, misaligned, undone, type Strictness } from './attributes.ts'
import { keep, keptFor, type Kept } from './caches.ts'
import { functionOf } from './functions.ts'
import type { AddressCause } from './parameters.ts'
import { reachable, sizeBits, type MemoryAccess } from './pmp.ts'
import { fieldOf, flag, pageBits, physicalWidth, value, walks, type State } from './state.ts'
import { addressIn, wholeOf } from './widths.ts'
import { Fault, keptOfPage, pointerOfPage, translatePage, updateOfPage, updatesEntries } from './walk.ts'

const causes = {
  fetch: { page: 'instruction page fault', access: 'instruction access fault' },
  read: { page: 'load page fault', access: 'load access fault' },
  write: { page: 'store/AMO page fault', access: 'store/AMO access fault' },
} as const

/** What pages say of an AMO is what they say of a store. */
const asPage = (access: MemoryAccess): Access => (access === 'modify' ? 'write' : access === 'manage code' ? 'fetch' : access)

/** MPRV lends loads and stores the privilege of MPP. */
const privilegeOf = (s: State, access: MemoryAccess): Term<2> =>
  access === 'fetch' ? get(s.priv) : ite<2>(flag(s, 'mstatus.MPRV'), value(s, 'mstatus.MPP') as Term<2>, get(s.priv))

/** The address that an access is made at: modulo 2^XLEN of the mode whose privilege it has. */
export const effectiveAddress = (s: State, access: MemoryAccess, address: Term): Term => addressIn(s, privilegeOf(s, access), address)

/** Of operands privilege, address and size, of an access that lies in one page: two bits of Fault, then the physical address. */
const reach = (s: State, access: MemoryAccess): NamedFunction => functionOf(s, `reach ${access}`, (name) => {
  const pages = physicalWidth(s) - pageBits
  return defined(name, [2, s.xlen, sizeBits(s, access)], (privilege, address, size) => {
    const found = apply(translatePage(s, asPage(access)), privilege!, extract(address!, s.xlen - 1, pageBits))
    const physical = concat<number>(extract(found, pages - 1, 0), extract(address!, pageBits - 1, 0))
    const fault = extract<2>(found, pages + 1, pages), none = eq(fault, constant(2, Fault.none))
    const denied = not(reachable(s, access, privilege as Term<2>, physical, size!))
    return concat(ite<2>(and(none, denied), constant(2, Fault.access), fault), physical)
  })
})

interface Piece {
  /** Where the access has this piece, and what its program's address is. */
  readonly when: Bool
  readonly address: Term
  readonly fault: Term<2>
  /** Where memory answers with an error, which is no fault of it. */
  readonly error: Bool
  readonly physical: Term
  /** Whether byte k of the access is in it, where the access has it. */
  readonly has: (k: number) => Bool
}

/** Bytes from a program's address up. */
export interface Reference {
  /** In the order in which they are done. */
  readonly pieces: readonly Piece[]
  readonly crosses: Bool
  /** The physical address of byte k where the reference lies in one page, and where it crosses into another. */
  readonly within: (k: number) => Term
  readonly across: (k: number) => Term
}

/** `strict` references do not cross, unless that is asked for; the address is one of the mode that the hart is in. */
export const refer = (s: State, access: MemoryAccess, address: Term, bytes: number, strict: Strictness, split = splitOf(s, bytes, strict)): Reference => {
  const hart = wholeOf(s), width = physicalWidth(hart), privilege = privilegeOf(s, access), from = addressIn(s, privilege, address)
  const piece = (when: Bool, program: Term, length: Term, has: Piece['has']): Piece => {
    const at = program === from ? from : addressIn(s, privilege, program)
    const found = apply(reach(hart, access), privilege, at, zeroExtend<number>(length, sizeBits(s, access)))
    const fault = extract<2>(found, width + 1, width), physical = extract(found, width - 1, 0)
    const refused = and(eq(fault, constant(2, Fault.none)), undone(hart, access, from, bytes, strict, split === whole, physical))
    const error = and(refused, answersWithError(hart, access, strict, physical))
    return { when, address: at, fault: ite<2>(and(refused, not(error)), constant(2, Fault.access), fault), error, physical, has }
  }
  const { pieces, ...places } = split(s, from, bytes, piece, constant<number>(bytes > 8 ? sizeBits(s, access) : 4, bytes))
  return { ...places, pieces: s.pieceOrder === 'lower first' ? pieces : [...pieces].reverse() }
}
type Split = (s: State, address: Term, bytes: number, piece: (when: Bool, at: Term, length: Term, has: Piece['has']) => Piece, size: Term) => Reference
const splitOf = (s: State, bytes: number, strict: Strictness): Split => (strict !== false || bytes === 1 ? whole : s.misalignedPieces < 4096 ? inBlocks : inPages)

const whole: Split = (_, address, _bytes, piece, size) => {
  const one = piece(True, address, size, () => True)
  return { pieces: [one], crosses: False, ...inOrder(one.physical) }
}
/** Bytes that follow one another in one page. */
export const inOrder = (first: Term): Pick<Reference, 'within' | 'across'> => {
  const place = (k: number): Term => (k === 0 ? first : add<number>(first, constant<number>(first.width, k)))
  return { within: place, across: place }
}

/** One piece in each page. */
export const inPages: Split = (s, address, bytes, piece, size) => {
  const width = physicalWidth(wholeOf(s)), offset = extract(address, pageBits - 1, 0)
  const crosses = ult<number>(constant<number>(pageBits, 4096 - bytes), offset)
  /** Bytes before the page's end, of which there are fewer than 8 where they count. */
  const before = sub<4>(constant(4, 0), extract<4>(offset, 3, 0)), inFirst = (k: number): Bool => ult(constant(4, k), before)
  const first = piece(True, address, ite<number>(crosses, before, size), (k) => or(not(crosses), inFirst(k)))
  const next = concat<number>(add<number>(extract(address, address.width - 1, pageBits), constant<number>(address.width - pageBits, 1)), constant(pageBits, 0))
  const second = piece(crosses, next, sub<number>(size, before), (k) => not(inFirst(k)))
  const page = (p: Piece): Term => extract(p.physical, width - 1, pageBits)
  return {
    pieces: [first, second], crosses, within: inOrder(first.physical).within,
    across: (k) => concat<number>(ite<number>(inFirst(k), page(first), page(second)), add<number>(offset, constant<number>(pageBits, k))),
  }
}

/** Of a misaligned access, and of one that is wider than XLEN, one piece in each aligned block. */
const inBlocks: Split = (s, address, bytes, piece) => {
  const block = s.misalignedPieces, apart = 8 * bytes > s.xlen ? True : misaligned(address, bytes)
  const at = (k: number): Term => (k === 0 ? address : add<number>(address, constant<number>(address.width, k)))
  const starts = Array.from({ length: bytes }, (_, k): Bool => {
    if (k === 0) return True
    return block === 1 ? apart : and(apart, eq<number>(extract(at(k), Math.log2(block) - 1, 0), constant<number>(Math.log2(block), 0)))
  })
  const toNext = starts.reduceRight<Term>((length, here, k) => (k === 0 ? length : ite<number>(here, constant(4, k), length)), constant(4, bytes))
  const pieces = starts.map((when, n) => piece(when, at(n), n === 0 ? toNext : constant(4, Math.min(block, bytes - n)), (k) =>
    (k < n ? False : starts.slice(n + 1, k + 1).reduce<Bool>((has, later) => and(has, not(later)), True))))
  const place = (k: number): Term => pieces.slice(1, k + 1).reduce<Term>((found, p, n) => ite<number>(p.when, inOrder(p.physical).within(k - n - 1), found), inOrder(pieces[0]!.physical).within(k))
  return { pieces, crosses: False, within: place, across: place }
}

/** The value of a trap that an address is to blame for. */
export const addressValue = (s: State, cause: AddressCause, address: Term): Term | undefined => (walks(s) && s.addressValues.includes(cause) ? address : undefined)

/** What is stored; pieces of it may be written before another fails. */
export interface Stored {
  readonly bytes: number
  readonly content: Term
}

/** The faults of a reference, each with the address of the piece at fault, and with what was done before it. */
export const faultsOf = (s: State, access: MemoryAccess, reference: Reference, when: Bool = True, stored?: Stored, before: readonly Statement[] = []): TrapStatement[] => {
  const { page, access: denied } = causes[asPage(access)], written = s.failingStore === 'writes earlier pieces' ? stored : undefined
  return reference.pieces.flatMap((p, n) => {
    const earlier = reference.pieces.slice(0, n), here = and(when, p.when)
    const also = [
      ...before, ...[...earlier, p].flatMap((q) => updateOf(s, access, q, written && q !== p ? accessedAndDirty : beforeFaults(s))),
      ...(written ? [...earlier.flatMap((q) => putPiece(s, reference, q, written)), ...reportErrors(s, earlier)] : []),
    ]
    return [trapIf(and(here, eq(p.fault, constant(2, Fault.page))), page, addressValue(s, page, p.address), [...also, ...keepingInvalid(s, access, p)]), trapIf(and(here, eq(p.fault, constant(2, Fault.access))), denied, addressValue(s, denied, p.address), also)]
  })
}

/** Bits of an entry that hardware sets. */
const accessed = 0x40, accessedAndDirty = 0xc0
/** Those that an access sets which then fails. */
const beforeFaults = (s: State): number => ({ none: 0, A: accessed, 'A and D': accessedAndDirty })[s.updatesBeforeFaults]

/** Updating of A and D by hardware, in the entry of each piece: both are in its first byte. */
export const updatesOf = (s: State, access: MemoryAccess, reference: Reference, when: Bool = True): Statement[] =>
  reference.pieces.flatMap((p) => updateOf(s, access, p, accessedAndDirty, when))
/** What an access has updated that fails once it is translated. */
export const updatesBefore = (s: State, access: MemoryAccess, reference: Reference): Statement[] => reference.pieces.flatMap((p) => updateOf(s, access, p, beforeFaults(s)))

const updateOf = (s: State, access: MemoryAccess, p: Piece, bits: number, when: Bool = True): Statement[] => {
  if (!updatesEntries(s) || bits === 0) return []
  const { needed, at } = entryOf(s, access, p), place = cell(s.memory, at)
  return [set(place, or(get(place), constant(8, asPage(access) === 'write' ? bits : accessed)), and(and(when, p.when), needed))]
}

/** Keeping entries of a reference that is done, where the hart keeps any. */
export const keepingOf = (s: State, access: MemoryAccess, pieces: Reference['pieces'], when: Bool = True): Statement[] => {
  const { pointer } = s.translations, entry = keptFor(s, asPage(access))
  return [...(entry ? keep(wholeOf(s), entry, pieces.map((p) => ofPiece(s, access, p, keptOfPage)), when) : []), ...(pointer ? keep(wholeOf(s), pointer, pieces.map((p) => ofPiece(s, access, p, pointerOfPage)), when) : [])]
}
/** Keeping an invalid entry at which a piece has failed, where the hart does. */
const keepingInvalid = (s: State, access: MemoryAccess, p: Piece): Statement[] =>
  (s.translationCache.includes('invalid entries') ? keep(wholeOf(s), keptFor(s, asPage(access))!, [ofPiece(s, access, p, keptOfPage)], True) : [])
const ofPiece = (s: State, access: MemoryAccess, p: Piece, of: typeof keptOfPage): Kept => {
  const found = of(wholeOf(s), asPage(access), privilegeOf(s, access), extract(p.address, p.address.width - 1, pageBits))
  return { ...found, when: and(p.when, found.when) }
}

const entryOf = (s: State, access: MemoryAccess, p: Piece): { readonly needed: Bool; readonly at: Term } => {
  const whole = wholeOf(s), width = physicalWidth(whole)
  const update = apply(updateOfPage(whole, asPage(access)), privilegeOf(s, access), extract(p.address, whole.xlen - 1, pageBits))
  return { needed: extract<1>(update, width, width), at: extract(update, width - 1, 0) }
}

/** Reporting that memory answers with an error, by an interrupt that is pending from then on. */
export const reportErrors = (s: State, pieces: Reference['pieces'], when: Bool = True): Statement[] => {
  const error = any(pieces.map((p) => and(p.when, p.error)))
  return error === False ? [] : [set(fieldOf(s, s.busErrors === 'non-maskable interrupt' ? 'NMI' : `mip[${Number(s.busErrors)}]`), 1, and(when, error))]
}
/** Whether that is the answer for byte k. */
const isError = ({ pieces }: Reference, k: number): Bool => any(pieces.map((p) => all([p.when, p.error, p.has(k)])))

/** The bytes of a reference, the first in the low bits; a load sees the A that hardware sets in an entry that it reads. */
export const contentOf = (s: State, access: MemoryAccess, reference: Reference, bytes: number): Term => {
  const byte = (address: Term): Term => {
    const content = select<number, number>(s.memory, address)
    if (!updatesEntries(s)) return content
    return reference.pieces.reduce<Term>((read, p) => {
      const { needed, at } = entryOf(s, access, p)
      return ite<number>(and(and(needed, p.when), eq<number>(at, address)), or<number>(read, constant<number>(8, asPage(access) === 'write' ? accessedAndDirty : accessed)), read)
    }, content)
  }
  const answer = constant<number>(8, s.busErrorValue === '0' ? 0 : 0xff)
  const joined = (of: (k: number) => Term): Term => Array.from({ length: bytes }, (_, k) => ite<number>(isError(reference, k), answer, byte(of(k)))).reduce((low, high) => concat(high, low))
  return reference.crosses === False ? joined(reference.within) : ite<number>(reference.crosses, joined(reference.across), joined(reference.within))
}

/** Writes the bytes of a reference. */
export const putContent = (s: State, reference: Reference, { bytes, content }: Stored, when: Bool = True): Statement[] => {
  const write = (of: (k: number) => Term, here: Bool): Statement[] =>
    Array.from({ length: bytes }, (_, k) => putByte(s, of(k), content, k, all([when, here, not(isError(reference, k))])))
  return reference.crosses === False ? write(reference.within, True)
    : [...write(reference.within, not(reference.crosses)), ...write(reference.across, reference.crosses)]
}
const putByte = (s: State, at: Term, content: Term, k: number, when: Bool): Statement => set<number>(cell(s.memory, at), extract(content, 8 * k + 7, 8 * k), when)

/** Writes the bytes of one of several pieces. */
const putPiece = (s: State, reference: Reference, p: Piece, { bytes, content }: Stored): Statement[] =>
  Array.from({ length: bytes }, (_, k) => putByte(s, reference.across(k), content, k, all([p.when, p.has(k), not(p.error)])))
