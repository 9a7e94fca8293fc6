// Descriptors: where a selector finds one, what it allows, and the checks that load a segment register.
import { open, set, trapIf, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { all, and, any, concat, constant, eq, extract, False, ite, ne, not, or, True, ule, ult, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { CPL, GDTR, LDTR, table, type Segment } from './state.ts'
import { bitOf, isZero } from './operands.ts'

export interface Descriptor {
  readonly index: Term<14>
  readonly rpl: Term<2>
  /** Index 0 of the global table. */
  readonly isNull: Bool
  /** Taken from the local table. */
  readonly local: Bool
  readonly within: Bool
  readonly rights: Term<12>
  readonly present: Bool
  readonly dpl: Term<2>
  /** A code or data segment, not a system segment or gate. */
  readonly isSegment: Bool
  readonly isCode: Bool
  readonly conforming: Bool
  readonly readable: Bool
  readonly writable: Bool
  readonly isSystem: (type: number) => Bool
}

/** What a selector names; where it is null or not within its table the rest has no meaning. */
export const descriptor = (selector: Term): Descriptor => {
  const index = extract<14>(selector, 15, 2), local = bitOf(selector, 2)
  const last = concat<16>(extract(selector, 15, 3), constant(3, 7))
  const inLocal = and(not(isZero(extract(get(LDTR.selector), 15, 2))), ule(zeroExtend(last, 32), get(LDTR.limit)))
  const rights = get(cell(table.rights, index))
  const isSegment = bitOf(rights, 4), executable = bitOf(rights, 3), type = extract<4>(rights, 3, 0)
  const isCode = and(isSegment, executable)
  return {
    index, rpl: extract<2>(selector, 1, 0), isNull: isZero(index), local, rights, isSegment, isCode,
    within: ite<1>(local, inLocal, ule(last, get(GDTR.limit))),
    present: bitOf(rights, 7),
    dpl: extract<2>(rights, 6, 5),
    conforming: and(isCode, bitOf(rights, 2)),
    readable: and(isSegment, or(not(executable), bitOf(rights, 1))),
    writable: all([isSegment, not(executable), bitOf(rights, 1)]),
    isSystem: (n) => and(not(isSegment), eq(type, constant(4, n))),
  }
}

/** Whether neither the level nor the selector's RPL is outside the descriptor's. */
export const permitted = (d: Descriptor): Bool => and(ule(get(CPL), d.dpl), ule(d.rpl, d.dpl))
/** As LAR, LSL, VERR and loads ask it: conforming code is open to every level. */
export const visible = (d: Descriptor): Bool => or(d.conforming, permitted(d))

const withLow = (rights: Term<12>, bit: number): Term<12> => concat<12>(extract(rights, 11, bit + 1), constant(1, 1), ...(bit === 0 ? [] : [extract(rights, bit - 1, 0)]))
/** The accessed bit, which loading a segment register sets in the table. */
export const accessed = (d: Descriptor): Term<12> => withLow(d.rights, 0)
export const markAccessed = (d: Descriptor, when: Bool = True): Statement => set(cell(table.rights, d.index), accessed(d), when)
/** A task state segment becomes busy when TR is loaded. */
export const markBusy = (d: Descriptor): Statement => set(cell(table.rights, d.index), withLow(d.rights, 1))

/** The hidden part of a segment register from a descriptor. */
export const hidden = (s: Segment, d: Descriptor, when: Bool = True): Statement[] => [
  ...(s.base ? [set<number>(s.base, zeroExtend(get(cell(table.base, d.index)), s.base.width), when)] : []),
  ...(s.limit ? [set<number>(s.limit, get(cell(table.limit, d.index)), when)] : []),
  set(s.rights, accessed(d), when), markAccessed(d, when),
]

/** Loads DS, ES, FS or GS: null, data or readable code. */
export const loadData = (s: Segment, selector: Term): Statement[] => {
  const d = descriptor(selector), used = not(d.isNull)
  return [
    trapIf(and(used, or(not(d.within), not(d.readable))), '#GP(selector)'), trapIf(and(used, not(visible(d))), '#GP'),
    trapIf(and(used, not(d.present)), '#NP'),
    set(s.selector, selector), ...loaded(s, d, d.isNull),
  ]
}

/** A stack segment must be writable data of exactly the level that uses it. */
export const noStack = (d: Descriptor): Bool => any([d.isNull, not(d.within), not(d.writable)])
export const otherLevel = (d: Descriptor, level: Term<2>): Bool => or(ne(d.rpl, level), ne(d.dpl, level))

/** Loads SS at the level in force; 64-bit mode takes a null selector outside level 3. */
export const loadStack = (ss: Segment, selector: Term, long: boolean): Statement[] => {
  const d = descriptor(selector), nothing = long ? nullStack(d, get(CPL)) : False, used = not(nothing)
  return [
    trapIf(and(used, noStack(d)), '#GP(selector)'), trapIf(and(used, otherLevel(d, get(CPL))), '#GP'), trapIf(and(used, not(d.present)), '#SS(selector)'),
    set(ss.selector, d.index), ...loaded(ss, d, nothing),
  ]
}
export const nullStack = (d: Descriptor, level: Term<2>): Bool => all([d.isNull, eq(d.rpl, level), ne(level, constant(2, 3))])
/** The hidden part, without rights where there is no descriptor. */
export const loaded = (s: Segment, d: Descriptor, nothing: Bool, when: Bool = True): Statement[] => {
  const used = and(when, not(nothing))
  const base = s.base?.width === 64 ? s.base : undefined
  return [
    ...hidden(s, d, used).filter((x) => x.kind !== 'set' || (x.place !== s.rights && x.place !== base)),
    // Processors differ in whether a null selector clears the base of FS or GS.
    ...(base ? [set<number>(base, ite<number>(nothing, open(`base of a null ${s.name}`, 64), zeroExtend(get(cell(table.base, d.index)), 64)), when)] : []),
    set(s.rights, ite<12>(nothing, constant(12, 0), accessed(d)), when),
  ]
}
export const outside = (offset: Term, d: Descriptor): Bool => ult(get(cell(table.limit, d.index)), offset as Term<32>)
