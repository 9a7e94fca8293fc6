// The walk of page tables. Volume II, Virtual Address Translation Process, for Sv32, Sv39, Sv48 and Sv57.
import { all, and, any, apply, concat, constant, defined, eq, extract, False, ite, ne, not, or, select, signExtend, True, zeroExtend, type Bool, type NamedFunction, type Term } from '../../ir/term.ts'
import { get } from '../../ir/state.ts'
import type { Access } from '../../machine/isa.ts'
import { mayChoose, type CachedEntry, type Scheme } from './parameters.ts'
import { supervisorIsNarrow } from './widths.ts'
import { functionOf } from './functions.ts'
import { isUsed, keptFor, suffices, type Kept } from './caches.ts'
import { unreadableTable, unwritableTable } from './attributes.ts'
import { reachable } from './pmp.ts'
import { bigEndian, flag, has, levelBits, pageBits, physicalWidth, Privilege, value, walks, type KeptTranslation, type State } from './state.ts'

/** What each scheme has: satp.MODE, levels of tables, bits of a virtual page number at each level, bytes of an entry. */
const schemes: Readonly<Record<Scheme, { readonly mode: number; readonly levels: number; readonly indexBits: number; readonly entryBytes: 4 | 8 }>> = {
  Sv32: { mode: 1, levels: 2, indexBits: 10, entryBytes: 4 },
  Sv39: { mode: 8, levels: 3, indexBits: 9, entryBytes: 8 },
  Sv48: { mode: 9, levels: 4, indexBits: 9, entryBytes: 8 },
  Sv57: { mode: 10, levels: 5, indexBits: 9, entryBytes: 8 },
}
/** Those of satp where SXLEN is the view's. */
export const schemesOf = (s: State): { mode: number; levels: number; indexBits: number; entryBytes: 4 | 8 }[] =>
  s.schemes.filter((name) => (name === 'Sv32') === (s.xlen === 32)).map((name) => schemes[name])
/** Those of satp whatever SXLEN is; where it is 32 the MODE is that of Sv32 or 0. */
const allSchemes = (s: State): ReturnType<typeof schemesOf> => s.schemes.filter((name) => mayChoose(s, name)).map((name) => schemes[name])

/** Whether satp may choose anything besides Bare. */
export const translates = (s: State): boolean => !walks(s) || allSchemes(s).length > 0

/** How a translation ends; in the high two bits of what `translate` gives. */
export const Fault = { none: 0, page: 1, access: 2 } as const
const faultCode = (kind: keyof typeof Fault): Term<2> => constant(2, Fault[kind])

const bit = (t: Term, n: number): Bool => extract<1>(t, n, n)
const is = (t: Term, n: number): Bool => eq<number>(t, constant<number>(t.width, n))
const isNonzero = (t: Term): Bool => ne<number>(t, constant<number>(t.width, 0))

/** A leaf entry, or the fault that the walk ends in. */
interface Found {
  readonly fault: Term<2>
  /** Physical address of the entry, and its content. */
  readonly at: Term
  readonly entry: Term
  /** Physical page number of the translation. */
  readonly page: Term
  /** A, or D for a store, is to be set by hardware. */
  readonly update: Bool
  /** Where the entry may be kept, and the last pointer before it. */
  readonly kept: Omit<Kept, 'page' | 'entry'>
  readonly pointer: Omit<Kept, 'page'>
}
const choose = (c: Bool, a: Found, b: Found): Found => ({
  fault: ite<2>(c, a.fault, b.fault), at: ite<number>(c, a.at, b.at), entry: ite<number>(c, a.entry, b.entry), page: ite<number>(c, a.page, b.page),
  update: ite(c, a.update, b.update),
  kept: chooseTags(c, a.kept, b.kept), pointer: choosePointer(c, a.pointer, b.pointer),
})
const chooseTags = (c: Bool, a: Found['kept'], b: Found['kept']): Found['kept'] => ({ when: ite(c, a.when, b.when), global: ite(c, a.global, b.global), level: ite<number>(c, a.level, b.level) })
const choosePointer = (c: Bool, a: Found['pointer'], b: Found['pointer']): Found['pointer'] => ({ ...chooseTags(c, a, b), entry: ite<number>(c, a.entry, b.entry) })
const untagged = (s: State): Found['kept'] => ({ when: False, global: False, level: constant<number>(levelBits(s), 0) })
/** Nothing to keep. */
const nothing = (s: State): Pick<Found, 'kept' | 'pointer'> => ({ kept: untagged(s), pointer: { ...untagged(s), entry: constant<number>(s.xlen, 0) } })

interface Walk {
  readonly s: State
  readonly access: Access
  readonly scheme: { readonly levels: number; readonly indexBits: number; readonly entryBytes: 4 | 8 }
  readonly privilege: Term<2>
  /** The virtual page number. */
  readonly vpn: Term
}

/** Steps 2 to 4: the entry of the table in page `table` at this level, and what follows from it; `above` says whether an entry before it was global. */
const step = (w: Walk, level: number, table: Term, above: Bool = False): Found => {
  const { s, scheme: { indexBits, entryBytes } } = w
  const index = extract(w.vpn, indexBits * (level + 1) - 1, indexBits * level)
  const at = concat<number>(table, index, constant<number>(Math.log2(entryBytes), 0))
  const size = constant(4, entryBytes), supervisor = constant(2, Privilege.S)
  const bytes = Array.from({ length: entryBytes }, (_, k): Term => select<number, number>(s.memory, plus(at, k)))
  const little = bytes.reduce((low, high) => concat(high, low)), big = bytes.reduce((high, low) => concat(high, low))
  // Accesses to the tables are in the byte order of S-mode.
  const entry = zeroExtend<number>(ite<number>(bigEndian(s, 'SBE'), big, little), s.xlen)
  const [V, R, W, X] = [0, 1, 2, 3].map((n) => bit(entry, n)) as [Bool, Bool, Bool, Bool]
  const number = numberIn(w, entry)
  // Bits 63 to 54 are of extensions that this hart does not have, or reserved.
  const reserved = entryBytes === 4 ? False : isNonzero(extract(entry, 63, 54))
  const invalid = any([not(V), and(not(R), W), reserved])
  const pointer = not(or(R, X))
  const pointerFault = level === 0 ? True : s.reservedPointerBits === 'page fault' ? any([bit(entry, 7), bit(entry, 6), bit(entry, 4)]) : False
  const fails = (kind: 'page' | 'access'): Found => ({ fault: faultCode(kind), at, entry, page: number, update: False, ...nothing(s) }), global = or(above, bit(entry, 5))
  const keeps = (kind: CachedEntry, when: Bool): Found['kept'] => (s.translationCache.includes(kind) ? { when, global: kind === 'invalid entries' ? above : global, level: constant<number>(levelBits(s), level) } : untagged(s))
  const follow = level === 0 ? fails('page') : choose(pointerFault, fails('page'), following(step(w, level - 1, number, global), { ...keeps('pointers', True), entry }))
  const absent = { ...fails('page'), kept: keeps('invalid entries', not(V)) }
  const beyond = choose(invalid, absent, choose(pointer, follow, { ...leaf(w, level, at, entry, number), ...nothing(s), kept: keeps('leaf entries', True) }))
  return choose(or(not(reachable(s, 'read', supervisor, at, size)), unreadableTable(s, at, entryBytes)), fails('access'), beyond)
}
/** What was found after a pointer, which is the last one where there is no other. */
const following = (found: Found, pointer: Found['pointer']): Found => ({ ...found, pointer: choosePointer(found.pointer.when, found.pointer, pointer) })
/** Bytes of an entry follow one another without a carry: entries are aligned. */
const plus = (at: Term, k: number): Term => (k === 0 ? at : concat<number>(extract(at, at.width - 1, 3), k < 4 ? lowBits(at, k) : constant(3, k)))
const lowBits = (at: Term, k: number): Term => concat<number>(bit(at, 2), constant(2, k))

/** Steps 5 to 8: permissions, the alignment of superpages, A and D, and the translation. */
const leaf = (w: Walk, level: number, at: Term, entry: Term, number: Term): Omit<Found, 'kept' | 'pointer'> => {
  const { s, access, scheme: { indexBits, entryBytes } } = w
  const [R, W, X, U, A, D] = [1, 2, 3, 4, 6, 7].map((n) => bit(entry, n)) as [Bool, Bool, Bool, Bool, Bool, Bool]
  const kind = access === 'fetch' ? X : access === 'write' ? W : or(R, and(flag(s, 'mstatus.MXR'), X))
  const supervisorMay = access === 'fetch' ? not(U) : or(not(U), flag(s, 'mstatus.SUM'))
  const permitted = and(kind, ite(is(w.privilege, Privilege.U), U, supervisorMay))
  const inSuperpage = level * indexBits
  const misaligned = level === 0 ? False : isNonzero(extract(number, inSuperpage - 1, 0))
  const used = access === 'write' ? and(A, D) : A
  const byHardware = setsByHardware(s)
  const page = level === 0 ? number : concat<number>(extract(number, number.width - 1, inSuperpage), extract(w.vpn, inSuperpage - 1, 0))
  const fault = any([not(permitted), misaligned, and(not(used), not(byHardware))])
  const update = not(used), protectedEntry = byHardware === False ? False
    : and(update, or(not(reachable(s, 'write', constant(2, Privilege.S), at, constant(4, entryBytes))), unwritableTable(s, at)))
  return { fault: ite<2>(fault, faultCode('page'), ite<2>(protectedEntry, faultCode('access'), faultCode('none'))), at, entry, page, update }
}

/** By an entry that is kept steps 5 to 8, or a page fault where it is invalid; it has A and D as the access needs them. */
const leafOf = (w: Walk, { entry, level }: KeptTranslation): Found => {
  const { s, scheme: { levels } } = w, content = get(entry), number = numberIn(w, content), at = constant<number>(physicalWidth(s), 0)
  const found = atLevel(level, levels, 0, (n) => ({ ...leaf(w, n, at, content, number), ...nothing(s) }))
  return choose(bit(content, 0), found, { at, entry: content, page: number, update: False, fault: faultCode('page'), ...nothing(s) })
}
/** Steps 2 to 8 in the table that a pointer leads to which is kept. */
const fromPointer = (w: Walk, { entry, level, global }: KeptTranslation): Found => atLevel(level, w.scheme.levels, 1, (n) => step(w, n - 1, numberIn(w, get(entry)), get(global)))
const atLevel = (level: KeptTranslation['level'], levels: number, lowest: number, found: (n: number) => Found): Found =>
  Array.from({ length: levels - 1 - lowest }, (_, n) => n + 1 + lowest).reduce((other, n) => choose(eq<number>(get(level), constant<number>(level.width, n)), found(n), other), found(lowest))
/** The physical page number in an entry. */
const numberIn = ({ s, scheme: { entryBytes } }: Walk, entry: Term): Term => zeroExtend<number>(extract(entry, entryBytes === 4 ? 31 : 53, 10), physicalWidth(s) - pageBits)

/** The translation of a page number of xlen - 12 bits, in the modes that satp has. */
const find = (s: State, access: Access, privilege: Term<2>, virtual: Term): Found => {
  const pages = physicalWidth(s) - pageBits, MODE = value(s, 'satp.MODE')
  const none = { at: constant<number>(physicalWidth(s), 0), entry: constant<number>(s.xlen, 0), update: False, ...nothing(s) }
  const beyond = s.xlen === 32 ? False : isNonzero(extract(virtual, virtual.width - 1, pages))
  const bare: Found = {
    ...none, fault: ite<2>(beyond, faultCode('access'), faultCode('none')), page: s.xlen === 32 ? zeroExtend<number>(virtual, pages) : extract(virtual, pages - 1, 0),
  }
  const translated = allSchemes(s).reduce<Found>((other, scheme) => {
    const width = scheme.levels * scheme.indexBits
    const vpn = extract(virtual, width - 1, 0)
    const canonical = scheme.entryBytes === 4 ? True : eq<number>(virtual, signExtend<number>(vpn, virtual.width))
    const outside: Found = { ...none, fault: faultCode('page'), page: constant<number>(pages, 0) }
    const w = { s, access, scheme, privilege, vpn }, fromRoot = step(w, scheme.levels - 1, value(s, 'satp.PPN')), { pointer } = s.translations, cached = keptFor(s, access)
    const walked = pointer ? choose(isUsed(s, pointer, scheme.mode, virtual), fromPointer(w, pointer), fromRoot) : fromRoot
    const found = cached ? choose(and(isUsed(s, cached, scheme.mode, virtual), suffices(cached, access)), leafOf(w, cached), walked) : walked
    return choose(is(MODE, scheme.mode), choose(canonical, found, outside), other)
  }, bare)
  return choose(all([not(is(privilege, Privilege.M)), isNonzero(MODE)]), translated, bare)
}

const walkFunction = (s: State, name: string, access: Access, result: (found: Found) => Term): NamedFunction =>
  functionOf(s, `${name} ${access}`, (full) => defined(full, [2, s.xlen - pageBits], (privilege, page) => result(find(s, access, privilege as Term<2>, page!))))

/** Of operands privilege (2 bits) and virtual page number (xlen - 12 bits): two bits of Fault, then the physical page number. */
export const translatePage = (s: State, access: Access): NamedFunction => walkFunction(s, 'translate', access, (f) => concat(f.fault, f.page))

/** Of the same: one bit that says whether hardware sets A or D, then the physical address of the entry's byte with both. */
export const updateOfPage = (s: State, access: Access): NamedFunction =>
  walkFunction(s, 'update', access, (f) => concat(and(f.update, eq(f.fault, faultCode('none'))), lowByteOf(s, f.at)))
const lowByteOf = (s: State, at: Term): Term =>
  ite<number>(bigEndian(s, 'SBE'), ite<number>(supervisorIsNarrow(s), plus(at, 3), plus(at, s.xlen === 32 ? 3 : 7)), at)

/** The entry that may be kept of the way to such a page: a leaf that translates it, or an invalid one. */
export const keptOfPage = (s: State, access: Access, privilege: Term<2>, page: Term): Kept => {
  const tags = walkFunction(s, 'kept', access, ({ kept, fault, entry }) => tagsOf({ ...kept, when: and(kept.when, or(eq(fault, faultCode('none')), not(bit(entry, 0)))) }))
  const found = apply(walkFunction(s, 'entry', access, (f) => f.entry), privilege, page), used = or<number>(found, constant<number>(s.xlen, access === 'write' ? 0xc0 : 0x40))
  return { ...fromTags(apply(tags, privilege, page)), page, entry: ite<number>(bit(found, 0), used, found) }
}
/** The pointer that may be kept of a translation. */
export const pointerOfPage = (s: State, access: Access, privilege: Term<2>, page: Term): Kept => {
  const tags = walkFunction(s, 'pointer', access, ({ pointer, fault }) => tagsOf({ ...pointer, when: and(pointer.when, eq(fault, faultCode('none'))) }))
  return { ...fromTags(apply(tags, privilege, page)), page, entry: apply(walkFunction(s, 'pointer entry', access, (f) => f.pointer.entry), privilege, page) }
}
const tagsOf = ({ when, global, level }: Found['kept']): Term => concat<number>(when, global, level)
const fromTags = (tags: Term): Found['kept'] => ({ when: bit(tags, tags.width - 1), global: bit(tags, tags.width - 2), level: extract(tags, tags.width - 3, 0) })

/** Where hardware sets A and D, instead of a page fault. */
export const setsByHardware = (s: State): Bool => (has(s, 'Svadu') ? flag(s, 'menvcfg.ADUE') : s.accessedDirty === 'hardware' ? True : False)
/** Whether hardware may set A and D. */
export const updatesEntries = (s: State): boolean => setsByHardware(s) !== False
