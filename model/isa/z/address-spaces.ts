// Semiprivileged instructions: the problem state may execute them as far as authority bits in control registers say so.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { and, concat, constant, eq, extract, False, ite, ne, not, or, select, shl, True, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import {
  after, aligned, bits, bitOf, cc, crBit, doublewordOf, ea1, ea2, G, gr, isZero, low, merge, pick, privileged, read, rre, setLow, sFormat, special, sse, ssKey, write,
  type Operands,
} from './notation.ts'
import { AS, CR, E, ENTRY, IA, keyOf, KEY, LTD_V, P, relocation, T, translate } from './state.ts'

export const extractionAuthority = (): Bool => crBit(0, 36)
export const secondarySpace = (): Bool => crBit(0, 37)
export const asnTranslation = (): Bool => crBit(14, 44)
/** The PSW-key mask has one bit for each key. */
export const keyMask = (): Term => bits(get(CR[3]!), 32, 47)
const secondaryAsn = (): Term => bits(get(CR[3]!), 48, 63)
const primaryAsn = (): Term => bits(get(CR[4]!), 48, 63)

const authorized = (authority: Bool): Statement => trapIf(and(get(P), not(authority)), 'privileged-operation')
const keyAllowed = (key: Term): Bool => bitOf(shl<number>(keyMask(), zeroExtend(key, 16)), 0)
const translating = special(not(get(T)))
const inPrimary = special(or(not(get(T)), not(isZero(get(AS)))))
const number = (asn: Term): Term => concat(constant(16, 0), asn)
const ownSpace = (o: Operands): Statement => trapIf(ne<number>(low(G(o.r1), 16), primaryAsn()), 'unmodelled')
/** The ASN-and-LX-reuse control: then address-space numbers have instances everywhere, and PC numbers another form. */
const reuse = (): Bool => crBit(0, 44)
/** The instance of the secondary number is bits 0 to 31 of control register 3, that of the primary one those of control register 4. */
const setKeysAndAsn = (keys: Term, asn: Term, withInstance: Bool): Statement =>
  set<number>(CR[3]!, concat(ite<number>(withInstance, bits(get(CR[4]!), 0, 31), bits(get(CR[3]!), 0, 31)), keys, asn))
const always = (): Bool => True
const primaryAsSecondary = (): Statement => set<number>(CR[7]!, get(CR[1]!))

const movedKey = (o: Operands): Statement => authorized(keyAllowed(bits(G(o.r3), 56, 59)))
/** Moves of at most 256 bytes; one byte is modelled. */
const oneByte = (length: Term): Statement => trapIf(ne<number>(length, constant(length.width, 1)), 'unmodelled')
const secondary = (address: Term): { invalid: Bool; real: Term } => translate(get(CR[7]!), doublewordOf(address))
const betweenSpaces = (o: Operands): Statement[] => [
  special(or(not(get(T)), or(not(secondarySpace()), bitOf(get(AS), 1)))), movedKey(o), trapIf(not(isZero(bits(G(o.r3), 56, 59))), 'unmodelled'),
  oneByte(G(o.r1)), trapIf(not(isZero(get(AS))), 'unmodelled'),
]

/** Between the primary and the secondary space; home in the supervisor state only. */
const setSpace = (op: number, name: string): Instruction => sFormat(op, name, (o) => {
  const space = extract(ea2(o), 11, 8), home = eq<number>(space, constant(4, 3)), changed = low(space, 2)
  return [
    special(or(not(get(T)), not(secondarySpace()))), trapIf(and(get(P), home), 'privileged-operation'),
    trapIf(not(isZero(extract(space, 3, 2))), 'specification'), trapIf(eq<number>(changed, constant(2, 2)), 'unmodelled'),
    // The code counts primary, secondary, access register, home as 0, 1, 2, 3; the PSW has secondary and access register exchanged.
    set<number>(AS, concat(extract(changed, 0, 0), extract(changed, 1, 1))),
  ]
})

const extracting = (op: number, name: string, does: (o: Operands) => Statement[]): Instruction =>
  rre(op, name, (o) => [translating, authorized(extractionAuthority()), ...does(o)])

/** By the linkage and entry tables, to the same address space, without the linkage stack. */
const programCall = (): Instruction => sFormat(0xb218, 'PC', (o) => {
  const index = low(ea2(o), 20) as Term<20>, keys = get(cell(ENTRY.keys, index)), address = get(cell(ENTRY.address, index))
  return [
    inPrimary, special(not(get(LTD_V))), trapIf(reuse(), 'unmodelled'), authorized(not(isZero(and<number>(bits(keys, 0, 15), keyMask())))),
    set(gr(3), concat(bits(G(3), 0, 31), keyMask(), primaryAsn())), set(gr(4), get(cell(ENTRY.parameter, index))), set(gr(14), concat(bits(after(4), 0, 62), get(P))),
    setKeysAndAsn(or<number>(keyMask(), bits(keys, 16, 31)), primaryAsn(), False), primaryAsSecondary(),
    set(P, bitOf(address, 63)), set<number>(IA, concat(bits(address, 0, 62), constant(1, 0))),
  ]
})
/** It may give up the supervisor state, not enter it. */
const programTransfer = (op: number, name: string, instance: () => Bool): Instruction => rre(op, name, (o) => {
  const state = bitOf(G(o.r2), 63)
  return [
    inPrimary, special(not(get(LTD_V))), authorized(state), ownSpace(o),
    setKeysAndAsn(and<number>(keyMask(), bits(G(o.r1), 32, 47)), primaryAsn(), instance()), primaryAsSecondary(),
    set(P, state), set<number>(IA, concat(bits(G(o.r2), 0, 62), constant(1, 0))),
  ]
})
const setSecondary = (op: number, name: string, instance: () => Bool): Instruction => rre(op, name, (o) => [
  translating, special(not(asnTranslation())), ownSpace(o), setKeysAndAsn(keyMask(), low(G(o.r1), 16), instance()), primaryAsSecondary(),
])

/** Without translation of an address-space number: the new primary space is the old one, the secondary space that or the old one. */
const loadParameters = (): Instruction => sse(0xe500, 'LASP', (o) => {
  const [force, fromOperand, skipTest] = [2, 1, 0].map((n) => extract<1>(ea2(o), n, n)) as [Bool, Bool, Bool]
  const parameters = read(ea1(o), 64), secondaryNew = bits(parameters, 16, 31)
  const asPrimary = eq<number>(secondaryNew, primaryAsn()), asBefore = and(eq<number>(secondaryNew, secondaryAsn()), skipTest)
  return [
    privileged, special(not(asnTranslation())), aligned(ea1(o), 8, 'specification'),
    trapIf(or(force, ne<number>(bits(parameters, 48, 63), primaryAsn())), 'unmodelled'), trapIf(or(reuse(), not(or(asPrimary, asBefore))), 'unmodelled'),
    set<number>(CR[7]!, get(CR[1]!), asPrimary), setKeysAndAsn(bits(parameters, 0, 15), secondaryNew, False),
    set<number>(CR[4]!, concat(bits(get(CR[4]!), 0, 31), ite<number>(fromOperand, bits(parameters, 32, 47), bits(get(CR[4]!), 32, 47)), primaryAsn())), cc(0),
  ]
})

export const addressSpaces = (): Instruction[] => [
  sFormat(0xb20a, 'SPKA', (o) => [authorized(keyAllowed(extract(ea2(o), 7, 4))), set<number>(KEY, extract(ea2(o), 7, 4))]),
  sFormat(0xb20b, 'IPK', () => [authorized(extractionAuthority()), setLow(2, concat(get(KEY), constant(4, 0)))]),
  extracting(0xb223, 'IVSK', (o) => {
    const { fault, real } = relocation.develop(doublewordOf(G(o.r2)), 'read')
    return [trapIf(fault, 'access'), setLow(o.r1, concat(extract(get(keyOf(real)), 6, 2), constant(3, 0)))]
  }),
  // Bits 48 to 55: primary, secondary, access register and home as 0, 1, 2, 3.
  extracting(0xb224, 'IAC', (o) => {
    const [left, right] = [bitOf(get(AS), 0), bitOf(get(AS), 1)], space = concat(right, left)
    return [cc(space), set(gr(o.r1), concat(bits(G(o.r1), 0, 47), constant(6, 0), space, bits(G(o.r1), 56, 63)))]
  }),
  extracting(0xb226, 'EPAR', (o) => [setLow(o.r1, number(primaryAsn()))]),
  extracting(0xb99a, 'EPAIR', (o) => [set(gr(o.r1), concat(bits(get(CR[4]!), 0, 31), number(primaryAsn())))]),
  extracting(0xb227, 'ESAR', (o) => [setLow(o.r1, number(secondaryAsn()))]),
  extracting(0xb99b, 'ESAIR', (o) => [set(gr(o.r1), concat(bits(get(CR[3]!), 0, 31), number(secondaryAsn())))]),
  setSpace(0xb219, 'SAC'), setSpace(0xb279, 'SACF'),
  setSecondary(0xb225, 'SSAR', reuse), setSecondary(0xb99f, 'SSAIR', always),
  programCall(), programTransfer(0xb228, 'PT', reuse), programTransfer(0xb99e, 'PTI', always),
  ssKey(0xd9, 'MVCK', (o) => [movedKey(o), oneByte(G(o.r1)), cc(0), ...write(ea1(o), read(ea2(o), 8))]),
  ssKey(0xda, 'MVCP', (o) => {
    const from = secondary(ea2(o))
    return [...betweenSpaces(o), trapIf(from.invalid, 'access'), cc(0), ...write(ea1(o), pick(select(E, from.real as Term<61>), ea2(o), 8))]
  }),
  ssKey(0xdb, 'MVCS', (o) => {
    const to = secondary(ea1(o)), place = cell(E, to.real as Term<61>)
    return [...betweenSpaces(o), trapIf(to.invalid, 'access'), cc(0), set<number>(place, merge(get(place), ea1(o), read(ea2(o), 8)))]
  }),
  // The other operand's key in register 1, the length less one in register 0.
  ...([[0xe50f, 'MVCDK'], [0xe50e, 'MVCSK']] as const).map(([op, name]) => sse(op, name, (o) => [
    authorized(keyAllowed(bits(G(1), 56, 59))), trapIf(not(isZero(bits(G(0), 56, 63))), 'unmodelled'), ...write(ea1(o), read(ea2(o), 8)),
  ])),
  loadParameters(),
]
