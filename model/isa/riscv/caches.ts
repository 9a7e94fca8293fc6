// What a hart may keep of page tables until SFENCE.VMA, and of code until FENCE.I, although memory has changed since. Volume II,
// Virtual Address Translation Process and Supervisor Memory-Management Fence Instruction; Volume I, Zifencei.
import { set, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { all, and, any, concat, constant, eq, extract, False, ite, not, or, select, True, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import type { Access } from '../../machine/isa.ts'
import { pageBits, physicalWidth, value, X, type KeptTranslation, type State } from './state.ts'
import { inSupervisor, wholeOf } from './widths.ts'

/** The entry that is kept for accesses of a kind, where the hart keeps any. */
export const keptFor = (s: State, access: Access): KeptTranslation | undefined => s.translations[access === 'fetch' ? 'fetch' : 'data']

/** Whether the entry is of the path to a page, of a number of xlen - 12 bits; one of a level above 0 is of those to several. */
const leadsTo = (s: State, kept: KeptTranslation, page: Term): Bool => {
  const by = (levels: number, indexBits: number): Bool => any(Array.from({ length: levels }, (_, level) => {
    const above = (t: Term): Term => extract(t, page.width - 1, level * indexBits)
    return and(eq<number>(get(kept.level), constant<number>(kept.level.width, level)), eq<number>(above(get(kept.page)), above(page)))
  }))
  const ofSv32 = (): Bool => by(2, 10), others = (): Bool => by(s.schemes.includes('Sv57') ? 5 : 4, 9)
  return s.xlen === 32 ? ofSv32() : s.SXL === 'writable' ? ite(eq<number>(get(kept.MODE), constant<number>(kept.MODE.width, 1)), ofSv32(), others()) : others()
}

/** Whether it is used for a page in a mode of satp: it is of the present address space, or global. */
export const isUsed = (s: State, kept: KeptTranslation, mode: number, page: Term): Bool => all([
  get(kept.valid), eq<number>(get(kept.MODE), constant<number>(kept.MODE.width, mode)), or(get(kept.global), eq<number>(get(kept.ASID), value(s, 'satp.ASID'))), leadsTo(s, kept, page),
])
/** A and D are set in memory only: a leaf without those that the access needs is not used. */
export const suffices = ({ entry }: KeptTranslation, access: Access): Bool => {
  const bit = (n: number): Bool => extract<1>(get(entry), n, n)
  return or(not(bit(0)), and(bit(6), access === 'write' ? bit(7) : True))
}

/** An entry that was found: where there is one to keep, and what is kept of it. */
export interface Kept {
  readonly when: Bool
  readonly page: Term
  readonly global: Bool
  readonly level: Term
  readonly entry: Term
}

/** Keeps the last of the entries that there are. */
export const keep = (s: State, kept: KeptTranslation, found: readonly Kept[], when: Bool): Statement[] => {
  const here = and(when, any(found.map((f) => f.when)))
  const last = (of: (f: Kept) => Term): Term => found.map((f) => ({ when: f.when, value: of(f) })).reduce<Term>((earlier, f) => ite<number>(f.when, f.value, earlier), of(found[0]!))
  return [
    set(kept.valid, 1, here), set<number>(kept.MODE, value(s, 'satp.MODE'), here), set<number>(kept.ASID, value(s, 'satp.ASID'), here),
    ...(['global', 'level', 'page', 'entry'] as const).map((name) => set<number>(kept[name], last((f) => f[name]), here)),
  ]
}

/** An address space's number, of nine bits where SXLEN is 32. */
const ofSpace = (s: State, space: Term): Term => inSupervisor(s, space, () => extract(space, 8, 0))

/** SFENCE.VMA: the entries for the address in rs1, which pointers are not, or all, of the address space in rs2, or of all, global ones included. */
export const fenceTranslations = (s: State, rs1: Term, rs2: Term): Statement[] => Object.entries(s.translations).map(([of, kept]) => {
  if (s.translationFence === 'all entries') return set(kept.valid, 0)
  const none = constant<number>(5, 0), whole = wholeOf(s), width = value(s, 'satp.ASID').width
  const space = and<number>(extract(X(s, rs2), width - 1, 0), constant<number>(width, (1n << BigInt(Math.min(s.asidBits, width))) - 1n))
  const page = extract(zeroExtend<number>(X(s, rs1), whole.xlen), whole.xlen - 1, pageBits)
  const address = or(eq<number>(rs1, none), of === 'pointer' ? False : leadsTo(whole, kept, page))
  return set(kept.valid, 0, and(address, or(eq<number>(rs2, none), and(not(get(kept.global)), eq<number>(get(kept.ASID), ofSpace(s, zeroExtend<number>(space, kept.ASID.width)))))))
})

/** Bytes of the block of code that is kept. */
const blockBits = 3

/** The two bytes of a parcel: of the block where it is kept, as they are in memory otherwise. */
export const parcelOf = (s: State, physical: Term, inMemory: Term): Term => {
  if (!s.code) return inMemory
  const parcels = [0, 1, 2, 3].map((n) => extract(get(s.code!.content), 16 * n + 15, 16 * n))
  const old = parcels.reduce((other, p, n) => ite<number>(eq(extract<2>(physical, 2, 1), constant(2, n)), p, other))
  return ite<number>(keepsCode(s, physical), old, inMemory)
}
const keepsCode = (s: State, physical: Term): Bool => and(get(s.code!.valid), eq<number>(get(s.code!.block), extract(physical, physicalWidth(s) - 1, blockBits)))

/** Keeps the block of a parcel, as it is in memory, unless it is kept. */
export const keepCode = (s: State, physical: Term): Statement[] => {
  if (!s.code) return []
  const block = extract(physical, physicalWidth(s) - 1, blockBits), missing = not(keepsCode(s, physical))
  const bytes = Array.from({ length: 1 << blockBits }, (_, k): Term => select<number, number>(s.memory, concat<number>(block, constant<number>(blockBits, k))))
  return [set(s.code.valid, 1, missing), set<number>(s.code.block, block, missing), set<number>(s.code.content, bytes.reduce((low, high) => concat(high, low)), missing)]
}

export const fenceCode = (s: State): Statement[] => (s.code ? [set(s.code.valid, 0)] : [])
