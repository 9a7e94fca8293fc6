// Accesses by walk and PMP: an access of some bytes as one piece or, where it crosses a page, as two, with the faults of each.
import { set, trapIf, type Statement, type TrapStatement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, and, any, apply, concat, constant, defined, eq, extract, False, ite, not, or, select, sub, True, ult, type Bool, type NamedFunction, type Term } from '../../ir/term.ts'
import type { Access } from '../../machine/isa.ts'
import { functionOf } from './functions.ts'
import { reachable, without, type MemoryAccess } from './pmp.ts'
import { flag, pageBits, physicalWidth, value, walks, type State } from './state.ts'
import { Fault, translatePage, updateOfPage, updatesEntries } from './walk.ts'

const causes = {
  fetch: { page: 'instruction page fault', access: 'instruction access fault' },
  read: { page: 'load page fault', access: 'load access fault' },
  write: { page: 'store/AMO page fault', access: 'store/AMO access fault' },
} as const

/** What pages say of an AMO is what they say of a store. */
const asPage = (access: MemoryAccess): Access => (access === 'modify' ? 'write' : access)

/** MPRV lends loads and stores the privilege of MPP. */
const privilegeOf = (s: State, access: MemoryAccess): Term<2> =>
  access === 'fetch' ? get(s.priv) : ite<2>(flag(s, 'mstatus.MPRV'), value(s, 'mstatus.MPP') as Term<2>, get(s.priv))

/** Of operands privilege, address and size (4 bits), of an access that lies in one page: two bits of Fault, then the physical address. */
const reach = (s: State, access: MemoryAccess): NamedFunction => functionOf(s, `reach ${access}`, (name) => {
  const pages = physicalWidth(s) - pageBits
  return defined(name, [2, s.xlen, 4], (privilege, address, size) => {
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
  readonly physical: Term
}

/** Bytes from a program's address up. */
export interface Reference {
  readonly pieces: readonly Piece[]
  readonly crosses: Bool
  /** The physical address of byte k where the reference lies in one page, and where it crosses into another. */
  readonly within: (k: number) => Term
  readonly across: (k: number) => Term
}

/** Whether the address is no multiple of 2, 4 or 8 bytes. */
export const misaligned = (address: Term, bytes: number): Bool => (bytes === 1 ? False : any(Array.from({ length: Math.log2(bytes) }, (_, n) => extract<1>(address, n, n))))

/** AMOs, and others that do not cross pages; LR and SC, which reserve. */
export type Strictness = boolean | 'reserving'

/** What the memory at a physical address does not do. */
const undone = (s: State, access: MemoryAccess, address: Term, bytes: number, strict: Strictness, physical: Term): Bool => any([
  strict !== false && s.atomicityGranule === 0 ? False : and(misaligned(address, bytes), without(s, 'misaligned accesses', physical)),
  strict === 'reserving' ? without(s, 'reservations', physical) : False,
  access === 'modify' ? without(s, 'atomic operations', physical) : False,
  asPage(access) === 'write' ? without(s, 'stores', physical) : False,
  access === 'fetch' ? without(s, 'fetches', physical) : False,
])

/** `strict` references do not cross. */
export const refer = (s: State, access: MemoryAccess, address: Term, bytes: number, strict: Strictness): Reference => {
  const width = physicalWidth(s), privilege = privilegeOf(s, access)
  const offset = extract(address, pageBits - 1, 0)
  const crosses = strict !== false || bytes === 1 ? False : ult<number>(constant<number>(pageBits, 4096 - bytes), offset)
  /** Bytes before the page's end, of which there are fewer than 8 where they count. */
  const before = sub<4>(constant(4, 0), extract<4>(offset, 3, 0))
  const size = constant(4, bytes)
  const piece = (when: Bool, at: Term, length: Term): Piece => {
    const found = apply(reach(s, access), privilege, at, length)
    const fault = extract<2>(found, width + 1, width), physical = extract(found, width - 1, 0)
    const refused = and(eq(fault, constant(2, Fault.none)), undone(s, access, address, bytes, strict, physical))
    return { when, address: at, fault: ite<2>(refused, constant(2, Fault.access), fault), physical }
  }
  const first = piece(True, address, ite<4>(crosses, before, size))
  const next = concat<number>(add<number>(extract(address, s.xlen - 1, pageBits), constant<number>(s.xlen - pageBits, 1)), constant(pageBits, 0))
  const second = crosses === False ? undefined : piece(crosses, next, sub<4>(size, before))
  const page = (p: Piece): Term => extract(p.physical, width - 1, pageBits)
  return {
    pieces: second ? [first, second] : [first],
    crosses,
    within: (k) => (k === 0 ? first.physical : add<number>(first.physical, constant<number>(width, k))),
    across: (k) => {
      const low = add<number>(offset, constant<number>(pageBits, k))
      return concat<number>(second ? ite<number>(ult(constant(4, k), before), page(first), page(second)) : page(first), low)
    },
  }
}

/** The value of a trap that an address is to blame for. */
export const addressValue = (s: State, address: Term): readonly [Term?] => (walks(s) && s.addressValue === 'address' ? [address] : [])

/** The faults of a reference, each with the address of the piece at fault. */
export const faultsOf = (s: State, access: MemoryAccess, reference: Reference, when: Bool = True): TrapStatement[] => reference.pieces.flatMap((p) => {
  const { page, access: denied } = causes[asPage(access)]
  const here = and(when, p.when)
  return [trapIf(and(here, eq(p.fault, constant(2, Fault.page))), page, ...addressValue(s, p.address)), trapIf(and(here, eq(p.fault, constant(2, Fault.access))), denied, ...addressValue(s, p.address))]
})

/** Updating of A and D by hardware, in the entry of each piece: both are in its first byte. */
export const updatesOf = (s: State, access: MemoryAccess, reference: Reference, when: Bool = True): Statement[] => {
  if (!updatesEntries(s)) return []
  return reference.pieces.map((p) => {
    const { needed, at } = entryOf(s, access, p)
    const place = cell(s.memory, at)
    return set(place, or(get(place), constant(8, asPage(access) === 'write' ? 0xc0 : 0x40)), and(and(when, p.when), needed))
  })
}

const entryOf = (s: State, access: MemoryAccess, p: Piece): { readonly needed: Bool; readonly at: Term } => {
  const width = physicalWidth(s)
  const update = apply(updateOfPage(s, asPage(access)), privilegeOf(s, access), extract(p.address, s.xlen - 1, pageBits))
  return { needed: extract<1>(update, width, width), at: extract(update, width - 1, 0) }
}

/** The bytes of a reference, the first in the low bits; a load sees the A that hardware sets in an entry that it reads. */
export const contentOf = (s: State, access: MemoryAccess, reference: Reference, bytes: number): Term => {
  const byte = (address: Term): Term => {
    const content = select<number, number>(s.memory, address)
    if (!updatesEntries(s)) return content
    return reference.pieces.reduce<Term>((read, p) => {
      const { needed, at } = entryOf(s, access, p)
      return ite<number>(and(and(needed, p.when), eq<number>(at, address)), or<number>(read, constant<number>(8, asPage(access) === 'write' ? 0xc0 : 0x40)), read)
    }, content)
  }
  const joined = (of: (k: number) => Term): Term => Array.from({ length: bytes }, (_, k) => byte(of(k))).reduce((low, high) => concat(high, low))
  return reference.crosses === False ? joined(reference.within) : ite<number>(reference.crosses, joined(reference.across), joined(reference.within))
}

/** Writes the bytes of a reference. */
export const putContent = (s: State, reference: Reference, bytes: number, content: Term, when: Bool = True): Statement[] => {
  const write = (of: (k: number) => Term, here: Bool): Statement[] =>
    Array.from({ length: bytes }, (_, k) => set<number>(cell(s.memory, of(k)), extract(content, 8 * k + 7, 8 * k), and(when, here)))
  return reference.crosses === False ? write(reference.within, True)
    : [...write(reference.within, not(reference.crosses)), ...write(reference.across, reference.crosses)]
}
