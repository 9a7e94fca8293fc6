// Physical memory protection: which accesses the PMP entries allow. Volume II, Physical Memory Protection.
import { set, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, all, and, apply, concat, constant, defined, eq, extract, ite, not, or, True, ule, ult, xor, zeroExtend, type Bool, type NamedFunction, type Term } from '../../ir/term.ts'
import { exists } from './attributes.ts'
import { functionOf } from './functions.ts'
import { pmpGrain } from './parameters.ts'
import { physicalWidth, pmpIndexBits, Privilege, type State } from './state.ts'

/** Of data; AMOs read and write. */
export type DataAccess = 'read' | 'write' | 'modify'
/** Cache-block management of what can be fetched has the privilege of data. */
export type MemoryAccess = 'fetch' | 'manage code' | DataAccess

/** The bits of an entry's configuration register, pmpcfg: L 0 0 A A X W R. */
const R = 0, W = 1, X = 2, L = 7
export const Matching = { OFF: 0, TOR: 1, NA4: 2, NAPOT: 3 } as const
const bit = (t: Term, n: number): Bool => extract<1>(t, n, n)

/** Addresses here have one bit more than physical ones, so that nothing wraps; `last` is the last byte of the range. */
interface Range {
  readonly exists: Bool
  readonly first: Term
  readonly last: Term
}

export const pmpEntry = (s: State, n: number): Term => constant<number>(pmpIndexBits(s), n)
/** The registers of PMP, or what is in force instead of them. */
type Registers = Pick<State, 'pmpcfg' | 'pmpaddr'>
/** What an entry's registers hold. */
export const configOf = (s: State, n: number, { pmpcfg }: Registers = s): Term<8> => {
  const fixed = s.pmpConstants[n]
  return fixed === undefined ? get(cell(pmpcfg, pmpEntry(s, n))) : constant(8, fixed.config)
}
export const addressOf = (s: State, n: number, { pmpaddr }: Registers = s): Term => {
  const fixed = s.pmpConstants[n]
  return fixed === undefined ? get<number>(cell(pmpaddr, pmpEntry(s, n))) : constant<number>(pmpaddr.width, fixed.address)
}

/** SFENCE.VMA of all addresses and address spaces puts in force what the registers hold. */
export const fenceProtection = (s: State, rs1: Term, rs2: Term): Statement[] => {
  const { inForce } = s
  if (inForce === undefined) return []
  const none = constant<number>(5, 0), all = and(eq<number>(rs1, none), eq<number>(rs2, none))
  return Array.from({ length: s.pmpEntries }, (_, n) => n).filter((n) => s.pmpConstants[n] === undefined).flatMap((n) =>
    [set(cell(inForce.pmpcfg, pmpEntry(s, n)), configOf(s, n), all), set<number>(cell(inForce.pmpaddr, pmpEntry(s, n)), addressOf(s, n), all)])
}
/** So many ones at the low end of an address register. */
export const lowOnes = (s: State, count: number): Term => constant<number>(s.pmpaddr.width, (1n << BigInt(Math.max(0, count))) - 1n)

/** Address Matching: the range of entry n, with the low bits of its address as the granularity has them. */
const rangeOf = (s: State, n: number): Range => {
  const width = physicalWidth(s) + 1
  const A = extract<2>(configOf(s, n, s.inForce), 4, 3)
  const bytes = (address: Term, low: number): Term => zeroExtend<number>(concat(address, constant(2, low)), width)
  const address = or<number>(addressOf(s, n, s.inForce), lowOnes(s, pmpGrain(s) - 1)), is = (a: number): Bool => eq(A, constant(2, a))
  // A NAPOT address has as many ones at its end as make the size; they and the zero before them are not compared.
  const one = constant<number>(address.width, 1)
  const ones = xor<number>(address, add<number>(address, one))
  const napotFirst = bytes(and<number>(address, not(ones)), 0), napotLast = bytes(or<number>(address, ones), 3)
  const bound = (k: number): Term => bytes(and<number>(addressOf(s, k, s.inForce), not(lowOnes(s, pmpGrain(s)))), 0)
  const below = n === 0 ? constant<number>(width, 0) : bound(n - 1), top = bound(n)
  const exists = ite(is(Matching.OFF), constant(1, 0), ite(is(Matching.TOR), ult<number>(below, top), True))
  return {
    exists,
    first: ite<number>(is(Matching.TOR), below, ite<number>(is(Matching.NA4), top, napotFirst)),
    last: ite<number>(is(Matching.TOR), add<number>(top, constant<number>(width, -1)), ite<number>(is(Matching.NA4), bytes(address, 3), napotLast)),
  }
}

/** Priority and Matching Logic: the entry of the lowest number that matches any byte decides, and must match all bytes. */
const allowed = (s: State, access: MemoryAccess, privilege: Term<2>, address: Term, size: Term): Bool => {
  if (s.pmpEntries === 0) return True
  const width = physicalWidth(s) + 1
  const first = zeroExtend<number>(address, width), last = add<number>(first, add<number>(zeroExtend<number>(size, width), constant<number>(width, -1)))
  const machine = eq(privilege, constant(2, Privilege.M))
  const entries = Array.from({ length: s.pmpEntries }, (_, n) => {
    const config = configOf(s, n, s.inForce), range = rangeOf(s, n)
    const permissions = { fetch: bit(config, X), 'manage code': bit(config, X), read: bit(config, R), write: bit(config, W), modify: and(bit(config, R), bit(config, W)) }
    return {
      some: all([range.exists, ule<number>(range.first, last), ule<number>(first, range.last)]),
      whole: and(ule<number>(range.first, first), ule<number>(last, range.last)),
      permitted: or(permissions[access], and(machine, not(bit(config, L)))),
    }
  })
  // M-mode may do what no entry forbids, the other modes nothing that no entry allows.
  return entries.reduceRight<Bool>((rest, { some, whole, permitted }) => ite(some, and(whole, permitted), rest), machine)
}

/** Widths of the sizes of accesses; a fetch may be of a large block, and so may parts of cache blocks. */
export const sizeBits = (s: State, access: MemoryAccess): number => Math.max(4, Math.log2(access === 'fetch' ? s.fetchBlock : s.cacheBlockPieces) + 1)

/** Whether an access of `size` bytes from the physical address up is allowed, of operands privilege, address and size. */
const protection = (s: State, access: MemoryAccess): NamedFunction =>
  functionOf(s, `PMP allows ${access}`, (name) =>
    defined(name, [2, physicalWidth(s), sizeBits(s, access)], (privilege, address, size) => allowed(s, access, privilege as Term<2>, address!, size!)))

/** PMP and the attributes together: an access that fails here is an access fault. */
export const reachable = (s: State, access: MemoryAccess, privilege: Term<2>, address: Term, size: Term): Bool =>
  and(exists(s, address, size), apply<1>(protection(s, access), privilege, address, zeroExtend<number>(size, sizeBits(s, access))))
