// Address translation: direct, by the direct-mapping windows of the privilege level, or by the page table.
import { get } from '../../ir/state.ts'
import { add, all, and, any, concat, constant, eq, extract, ite, ne, not, or, sub, ule, type Bool, type Term } from '../../ir/term.ts'
import type { Access, Conjunct, Relocation } from '../../machine/isa.ts'
import { csr, inPLV, PLV, VALEN, type State } from './state.ts'

const windows = (s: State): readonly string[] => s.csrs.map((c) => c.name).filter((n) => n.startsWith('DMW'))

/** The segment of a program's address, as VSEG has it; addresses count cells of GRLEN bits. */
const segment = (s: State, address: Term): Term => {
  const width = s.field['DMW0.VSEG']!.width
  return extract(address, address.width - 1, address.width - width)
}
const inWindow = (s: State, address: Term, access: Access): Bool =>
  any(windows(s).filter((_, n) => access !== 'fetch' || n < 2).map((w) => and(
    eq<number>(segment(s, address), csr(s, `${w}.VSEG`)),
    or(and(inPLV(s, 0), csr(s, `${w}.PLV0`) as Bool), and(inPLV(s, 3), csr(s, `${w}.PLV3`) as Bool)),
  )))
const direct = (s: State, address: Term, access: Access): Bool => or(csr(s, 'CRMD.DA') as Bool, inWindow(s, address, access))

/** In LA64 the bits of a page-mapped address above VALEN are all equal. */
const legal = (s: State, address: Term): Bool => {
  if (s.architecture !== 'la64') return all([])
  const high = extract(address, address.width - 1, VALEN - 1 - 3), none = constant<number>(high.width, 0)
  return or(eq<number>(high, none), eq<number>(high, not(none)))
}
/** The page is of no lower privilege than the program, or with RPLV of the same. */
const allowed = (s: State): Bool => {
  const { PLV: level, RPLV } = s.page
  return s.architecture === 'la64' ? ite(get(RPLV), eq(PLV(s), get(level)), ule(PLV(s), get(level))) : ule(PLV(s), get(level))
}
const refused = (s: State, access: Access): Bool => {
  if (access === 'write') return s.architecture === 'la64' ? not(or(get(s.page.D), and(inPLV(s, 0), csr(s, 'MISC.DWPL0') as Bool))) : not(get(s.page.D))
  return s.architecture === 'la64' && access === 'read' ? get(s.page.NR) : any([])
}

/** A page's number in the place of the address that it has in cells. */
const offset = (s: State): Term => concat(get(s.page.relocation), constant(s.GRLEN === 64 ? 9 : 10, 0))
/** What is added to an address; one term for both ways lets them cancel out. */
const shift = (s: State, paged: Bool): Term => ite<number>(paged, offset(s), constant(offset(s).width, 0))

export const relocation = (s: State): Relocation => ({
  storage: s.E,
  addressWidth: s.E.addressWidth - 1,
  develop: (address, access) => ({
    fault: and(not(direct(s, address, access)), not(all([get(s.page.V), allowed(s), legal(s, address), not(refused(s, access))]))),
    real: concat(not(direct(s, address, access)), add<number>(address, shift(s, not(direct(s, address, access))))),
  }),
  reaches: (real) => {
    const paged = extract<1>(real, real.width - 1, real.width - 1), address = sub<number>(extract(real, real.width - 2, 0), shift(s, paged))
    const readable = all([get(s.page.V), allowed(s), legal(s, address), not(refused(s, 'read'))])
    return { mapped: ite(paged, and(not(direct(s, address, 'read')), readable), direct(s, address, 'read')), address }
  },
})

/** Direct or mapped translation: every other pair of values of DA and PG is reserved. */
export const oneTranslation = (s: State): Conjunct => ({
  name: 'CRMD.DA ≠ CRMD.PG', holds: ne<number>(csr(s, 'CRMD.DA'), csr(s, 'CRMD.PG')), why: 'the other two pairs of values are reserved',
})
/** The windows are part of the mapping, and each names the levels that it is for. */
export const sameMapping = (s: State): Conjunct => ({
  name: 'windows for PLV0 and PLV3 alike',
  holds: all(windows(s).map((w) => eq<number>(csr(s, `${w}.PLV0`), csr(s, `${w}.PLV3`)))),
  why: 'a window for one level only gives the two levels different mappings',
})
