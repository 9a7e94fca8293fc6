// Physical memory attributes: where there is memory, and which accesses it takes. Volume II, Physical Memory Attributes.
import { add, and, any, constant, extract, False, ite, or, ule, ult, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import type { Attribute, Region } from './memory-values.ts'
import type { MemoryAccess } from './pmp.ts'
import { physicalWidth, walks, type State } from './state.ts'
import { wholeOf } from './widths.ts'

/** Whether there is memory at each byte of the access. */
export const exists = (s: State, address: Term, size: Term): Bool => {
  const width = physicalWidth(s) + 1
  const first = zeroExtend<number>(address, width), end = add<number>(first, zeroExtend<number>(size, width))
  return s.regions.reduce<Bool>((some, { base, size: bytes }) =>
    or(some, and(ule<number>(constant<number>(width, base), first), ule<number>(end, constant<number>(width, base + bytes)))), False)
}

/** Whether one of so many bytes from the address up lies in one of the regions of which this holds. */
const liesIn = (s: State, holds: (r: Region) => boolean | undefined, address: Term, bytes = 1): Bool => s.regions.filter(holds).reduce<Bool>((some, { base, size }) => {
  const width = physicalWidth(s) + 1, first = zeroExtend<number>(address, width)
  const last = bytes === 1 ? first : add<number>(first, constant<number>(width, bytes - 1))
  return or(some, and(ule<number>(constant<number>(width, base), last), ult<number>(first, constant<number>(width, base + size))))
}, False)
const without = (s: State, attribute: Attribute, address: Term, bytes?: number): Bool => liesIn(s, (r) => r.without?.includes(attribute), address, bytes)
const withoutWidth = (s: State, bytes: number, address: Term): Bool => liesIn(s, (r) => r.widths && !r.widths.some((width) => width === bytes), address)

/** Whether the address is no multiple of 2, 4 or 8 bytes. */
export const misaligned = (address: Term, bytes: number): Bool => (bytes === 1 ? False : any(Array.from({ length: Math.log2(bytes) }, (_, n) => extract<1>(address, n, n))))

/** Whether a misaligned access is not within an aligned block of so many bytes, 0 of which are none. */
export const leavesBlock = (block: number, address: Term, bytes: number): Bool => {
  if (bytes === 1 || block < bytes) return misaligned(address, bytes)
  const width = Math.log2(block)
  return ult<number>(constant<number>(width, block - bytes), extract(address, width - 1, 0))
}
/** A granule is for accesses of MXLEN bits at most. */
const leaves = (s: State, granule: number, address: Term, bytes: number): Bool => leavesBlock(8 * bytes > wholeOf(s).xlen ? 0 : granule, address, bytes)
const withGranule = (s: State): readonly Region[] => (walks(s) ? s.regions.filter((r) => r.granule !== undefined) : [])
/** Whether a misaligned access is not within a granule, whatever memory there is. */
export const leavesEachGranule = (s: State, address: Term, bytes: number): Bool => leaves(s, Math.max(s.atomicityGranule, ...withGranule(s).map((r) => r.granule!)), address, bytes)
/** The same of the granule that memory has at a physical address; regions that overlap must all have it in one. False where all memory has the same. */
export const leavesItsGranule = (s: State, address: Term, bytes: number, physical: Term): Bool => {
  const own = withGranule(s)
  if (own.length === 0) return False
  return ite(liesIn(s, (r) => own.includes(r), physical), any(own.map((r) => and(liesIn(s, (other) => other === r, physical), leaves(s, r.granule!, address, bytes)))), leaves(s, s.atomicityGranule, address, bytes))
}
const lacksMisaligned = ({ without: missing }: Region, bytes: number): boolean => missing !== undefined && missing.some((what) => what === 'misaligned accesses' || what === `misaligned ${bytes} bytes`)
/** Whether a misaligned access is at memory without any, or any of its width, and not within a granule of its own. */
const unsupported = (s: State, address: Term, bytes: number, physical: Term): Bool => any([
  and(misaligned(address, bytes), liesIn(s, (r) => lacksMisaligned(r, bytes) && !r.granule, physical)),
  ...withGranule(s).filter((r) => r.granule && lacksMisaligned(r, bytes)).map((r) => and(leaves(s, r.granule!, address, bytes), liesIn(s, (other) => other === r, physical))),
])

/** AMOs by their class, and others that do not cross pages; LR and SC, which reserve; of cache blocks, or parts of them. */
export type Strictness = boolean | 'reserving' | 'swap' | 'logical' | 'arithmetic' | 'block'

/** What the memory at a physical address does not do, of an access to a program's address; of a fetch all bytes count. `aligned` ones are, but in a granule. */
export const undone = (s: State, access: MemoryAccess, address: Term, bytes: number, strict: Strictness, aligned: boolean, physical: Term): Bool => {
  const lacks = (attribute: Attribute): Bool => without(s, attribute, physical)
  if (access === 'fetch') return without(s, 'fetches', physical, s.fetchBlock === 2 ? 1 : bytes)
  if (access === 'manage code') return lacks('fetches')
  return any([
    aligned && s.atomicityGranule === 0 && s.misalignedBlock === 0 && withGranule(s).length === 0 ? False : unsupported(s, address, bytes, physical),
    strict === 'reserving' ? lacks('reservations') : False,
    access === 'modify' ? lacks('atomic operations') : False,
    strict === 'logical' || strict === 'arithmetic' ? lacks('AMOLogical') : False, strict === 'arithmetic' ? lacks('AMOArithmetic') : False,
    access === 'read' ? False : lacks('stores'), access === 'write' ? False : lacks('loads'),
    strict === 'block' ? (access === 'write' ? lacks('cache-block zeros') : False) : withoutWidth(s, bytes, physical),
  ])
}

/** Whether an SC need not succeed there at last. */
export const neverSucceeds = (s: State, physical: Term): Bool => without(s, 'RsrvEventual', physical)

/** Whether page-table entries of so many bytes cannot be read there, or written by the hart. */
export const unreadableTable = (s: State, at: Term, bytes: number): Bool => any([without(s, 'page-table reads', at), without(s, 'loads', at), withoutWidth(s, bytes, at)])
export const unwritableTable = (s: State, at: Term): Bool => or(without(s, 'stores', at), without(s, 'page-table writes', at))

/** Whether the memory there answers a load or store that it does not do with an error that is reported imprecisely; atomic ones, and those of cache blocks, it never does. */
export const answersWithError = (s: State, access: MemoryAccess, strict: Strictness, physical: Term): Bool =>
  (s.busErrors === 'access fault' || typeof strict === 'string' || access === 'fetch' ? False : liesIn(s, (r) => r.errors, physical))
