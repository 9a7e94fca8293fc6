// The dual-address-space facility: instructions that are privileged only as far as authority bits in control registers say so.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import {
  add, and, concat, constant, eq, extract, ite, ne, not, or, select, shl, ult, zeroExtend, type Bool, type Term,
} from '../../ir/term.ts'
import { insertKey } from './control.ts'
import { isZero, low, notation, type Operands } from './notation.ts'
import { s370Manual } from './manuals.ts'
import { keyOf, relocation, translate, type State } from './state.ts'

/** The bits of the control registers, bit 0 the most significant as in the manual. */
export const crBit = (s: State, register: number, bit: number): Bool => extract<1>(get(s.CR[register]!), 31 - bit, 31 - bit)
export const extractionAuthority = (s: State): Bool => crBit(s, 0, 4)
export const secondarySpace = (s: State): Bool => crBit(s, 0, 5)
export const subsystemLinkage = (s: State): Bool => crBit(s, 5, 0)
export const asnTranslation = (s: State): Bool => crBit(s, 14, 12)
export const keyMask = (s: State): Term => extract(get(s.CR[3]!), 31, 16)
const secondaryAsn = (s: State): Term => extract(get(s.CR[3]!), 15, 0)
const primaryAsn = (s: State): Term => extract(get(s.CR[4]!), 15, 0)

export const dualAddressSpace = (s: State): Instruction[] => {
  const n = notation(s, s370Manual, 'Control Instructions')
  const { sFormat, rre, ssKey, sse, gr, G, ea1, ea2, byte, putByte, cc, wordOf } = n
  const special = (when: Bool): Statement => trapIf(when, 'special-operation')
  const translating = special(not(get(s.T)))
  const primary = special(or(not(get(s.T)), get(s.S)))
  const authorized = (authority: Bool): Statement => trapIf(and(get(s.P), not(authority)), 'privileged-operation')
  const extracting = authorized(extractionAuthority(s))
  /** The key mask has one bit for each key. */
  const keyAllowed = (key: Term): Bool => extract<1>(shl<number>(keyMask(s), zeroExtend(key, 16)), 15, 15)
  const movedKey = (o: Operands): Statement => authorized(keyAllowed(extract(G(o.r3), 7, 4)))
  const keyZero = (o: Operands): Statement => trapIf(ne<number>(extract(G(o.r3), 7, 4), constant(4, 0)), 'unmodelled')
  /** Moves of at most 256 bytes; one byte is modelled. */
  const oneByte = (o: Operands): Statement => trapIf(ne(low(G(o.r1), 31), constant(31, 1)), 'unmodelled')
  const asn = (field: Term): Term => concat(constant(16, 0), field)
  const shiftOf = (address: Term): Term => low(not(address), 2)
  /** A byte of the space that the other table designates. */
  const byteThrough = (table: Term, address: Term): { invalid: Bool; value: Term } => {
    const { invalid, real } = translate(table, wordOf(address))
    const w = select(s.E, real)
    const pick = (k: number): Term => extract(w, 8 * k + 7, 8 * k)
    const value = [1, 2, 3].reduce<Term>((rest, k) => ite<number>(eq<number>(shiftOf(address), constant(2, k)), pick(k), rest), pick(0))
    return { invalid, value }
  }
  return [
    sFormat(0xb20a, 'SPKA', (o) => [authorized(keyAllowed(extract(ea2(o), 7, 4))), set<number>(s.KEY, extract(ea2(o), 7, 4))]),
    sFormat(0xb20b, 'IPK', () => [extracting, insertKey(s, n)]),
    sFormat(0xb218, 'PC', (o) => programCall(s, n, ea2(o), primary)),
    sFormat(0xb219, 'SAC', (o) => [
      translating, special(not(secondarySpace(s))), trapIf(not(isZero(extract(ea2(o), 11, 9))), 'specification'),
      set(s.S, extract<1>(ea2(o), 8, 8)),
    ]),
    rre(0xb223, 'IVSK', (o) => {
      const { fault, real } = relocation(s).develop(wordOf(low(G(o.r2), 24)), 'read')
      return [
        translating, extracting, trapIf(fault, 'access'),
        set(gr(o.r1), concat(extract(G(o.r1), 31, 8), extract(get(keyOf(s, real)), 6, 2), constant(3, 0))),
      ]
    }),
    rre(0xb224, 'IAC', (o) => [
      translating, extracting, cc(zeroExtend(get(s.S), 2)),
      set(gr(o.r1), concat(extract(G(o.r1), 31, 16), constant(7, 0), get(s.S), extract(G(o.r1), 7, 0))),
    ]),
    rre(0xb225, 'SSAR', (o) => [
      translating, special(not(asnTranslation(s))), trapIf(ne<number>(low(G(o.r1), 16), primaryAsn(s)), 'unmodelled'),
      set<number>(s.CR[3]!, concat(keyMask(s), low(G(o.r1), 16))), set<number>(s.CR[7]!, get(s.CR[1]!)),
    ]),
    rre(0xb226, 'EPAR', (o) => [translating, extracting, set(gr(o.r1), asn(primaryAsn(s)))]),
    rre(0xb227, 'ESAR', (o) => [translating, extracting, set(gr(o.r1), asn(secondaryAsn(s)))]),
    rre(0xb228, 'PT', (o) => programTransfer(s, n, o, primary)),
    ssKey(0xd9, 'MVCK', (o) => [movedKey(o), oneByte(o), cc(0), ...putByte(ea1(o), byte(ea2(o)))]),
    ssKey(0xda, 'MVCP', (o) => {
      const from = byteThrough(get(s.CR[7]!), ea2(o))
      return [
        translating, special(not(secondarySpace(s))), movedKey(o), keyZero(o), oneByte(o), trapIf(get(s.S), 'unmodelled'),
        trapIf(from.invalid, 'access'), cc(0), ...putByte(ea1(o), from.value),
      ]
    }),
    ssKey(0xdb, 'MVCS', (o) => {
      const to = translate(get(s.CR[7]!), wordOf(ea1(o)))
      const old = select(s.E, to.real), value = byte(ea2(o))
      const merged = [0, 1, 2, 3].map((k) =>
        ite<number>(eq<number>(shiftOf(ea1(o)), constant(2, 3 - k)), value, extract(old, 31 - 8 * k, 24 - 8 * k)))
      return [
        translating, special(not(secondarySpace(s))), movedKey(o), keyZero(o), oneByte(o), trapIf(get(s.S), 'unmodelled'),
        trapIf(to.invalid, 'access'), cc(0), set(cell(s.E, to.real), concat(merged[0]!, merged[1]!, merged[2]!, merged[3]!)),
      ]
    }),
    sse(0xe500, 'LASP', (o) => loadParameters(s, n, o)),
  ]
}

/** The linkage index of a PC number chooses an entry table, its entry index an entry; both tables are in real storage. */
const programCall = (s: State, { gr, after }: ReturnType<typeof notation>, number: Term, primary: Statement): Statement[] => {
  const linkageIndex = extract(number, 19, 8), entryIndex = low(number, 8), linkageTable = get(s.CR[5]!)
  const linkage = select(s.E, add<number>(concat(extract(linkageTable, 23, 7), constant(5, 0)), zeroExtend(linkageIndex, 22)))
  const entryTable = concat(extract(linkage, 23, 6), constant(4, 0)), first = add<number>(entryTable, zeroExtend(concat(entryIndex, constant(2, 0)), 22))
  const entry = (k: number): Term => select(s.E, add<number>(first, constant(22, k)))
  const keys = extract(entry(0), 31, 16)
  const at = (r: number) => gr(constant(4, r))
  const invalid = (t: Term): Statement => trapIf(not(isZero(t)), 'PC-translation-specification')
  return [
    primary, trapIf(not(subsystemLinkage(s)), 'special-operation'),
    trapIf(or(ult(low(linkageTable, 7), extract(linkageIndex, 11, 5)), extract<1>(linkage, 31, 31)), 'LX-translation'), invalid(extract(linkage, 30, 24)),
    trapIf(ult(low(linkage, 6), extract(entryIndex, 7, 2)), 'EX-translation'), invalid(extract(entry(1), 31, 24)),
    trapIf(and(get(s.P), isZero(and<number>(keys, keyMask(s)))), 'privileged-operation'),
    trapIf(not(isZero(low(entry(0), 16))), 'unmodelled'),
    set(at(3), concat(keyMask(s), primaryAsn(s))), set(at(4), entry(2)),
    set(at(14), concat(constant(8, 0), extract(after(4), 23, 1), get(s.P))),
    set<number>(s.CR[3]!, concat(or<number>(keyMask(s), extract(entry(3), 31, 16)), primaryAsn(s))),
    set<number>(s.CR[7]!, get(s.CR[1]!)),
    set(s.P, extract<1>(entry(1), 0, 0)), set<number>(s.IA, concat(extract(entry(1), 23, 1), constant(1, 0))),
  ]
}

/** Back to a program of the same address space; it may give up the supervisor state, not enter it. */
const programTransfer = (s: State, { G }: ReturnType<typeof notation>, o: Operands, primary: Statement): Statement[] => {
  const state = extract<1>(G(o.r2), 0, 0)
  return [
    primary, trapIf(not(subsystemLinkage(s)), 'special-operation'),
    trapIf(and(get(s.P), not(state)), 'privileged-operation'),
    trapIf(ne<number>(low(G(o.r1), 16), primaryAsn(s)), 'unmodelled'),
    trapIf(not(isZero(extract(G(o.r2), 31, 24))), 'specification'),
    set<number>(s.CR[3]!, concat(and<number>(keyMask(s), extract(G(o.r1), 31, 16)), primaryAsn(s))),
    set<number>(s.CR[7]!, get(s.CR[1]!)),
    set(s.P, state), set<number>(s.IA, concat(extract(G(o.r2), 23, 1), constant(1, 0))),
  ]
}

/** Without translation of an address-space number: the new primary space is the old one, the secondary space that or the old one. */
const loadParameters = (s: State, { aligned, cc, ea1, ea2, fullword, privileged, secondWord }: ReturnType<typeof notation>, o: Operands): Statement[] => {
  const [force, fromOperand, skipTest] = [2, 1, 0].map((n) => extract<1>(ea2(o), n, n)) as [Bool, Bool, Bool]
  const keysAndSecondary = fullword(ea1(o)), indexAndPrimary = secondWord(ea1(o)), secondary = low(keysAndSecondary, 16)
  const asPrimary = eq<number>(secondary, primaryAsn(s)), asBefore = and(eq<number>(secondary, secondaryAsn(s)), skipTest)
  return [
    privileged, trapIf(not(asnTranslation(s)), 'special-operation'), aligned(ea1(o), 8, 'specification'),
    trapIf(or(force, ne<number>(low(indexAndPrimary, 16), primaryAsn(s))), 'unmodelled'), trapIf(not(or(asPrimary, asBefore)), 'unmodelled'),
    set<number>(s.CR[7]!, get(s.CR[1]!), asPrimary), set<number>(s.CR[3]!, keysAndSecondary),
    set<number>(s.CR[4]!, concat(ite<number>(fromOperand, extract(indexAndPrimary, 31, 16), extract(get(s.CR[4]!), 31, 16)), primaryAsn(s))), cc(0),
  ]
}
