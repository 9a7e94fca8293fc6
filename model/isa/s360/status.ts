// Status switching, input and output, direct control and DIAGNOSE: the privileged instructions of System/360 and its Model 67.
import { open, set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, concat, constant, eq, extract, ite, ne, not, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { isZero, loadPsw, low, notation, setSystemMask, type Notation, type Operands } from './notation.ts'
import { model67Manual, s360Manual, s370Manual } from './manuals.ts'
import { keyOf, translate, type State } from './state.ts'

export const statusSwitching = (s: State): Instruction[] => {
  const { rr, si, gr, G, ea1, aligned, fullword, secondWord, byte, putByte, privileged } =
    notation(s, s360Manual, 'Status Switching')
  const block = (address: Term): Term => extract(address, 23, 2)
  const keyBits = s.translates ? 7 : 5
  const blockAligned = (o: Operands): Statement => trapIf(not(isZero(low(G(o.r2), 4))), 'specification')
  /** Special operation where a program is to be kept from SSM: control register 0 of System/370. */
  const suppressed: readonly Statement[] = s.is370 ? [trapIf(extract<1>(get(s.CR[0]!), 30, 30), 'special-operation')] : []
  return [
    si(0x80, 'SSM', (o) => [privileged, ...suppressed, ...setSystemMask(s, byte(ea1(o)))]),
    si(0x82, 'LPSW', (o) => {
      const first = fullword(ea1(o))
      return [
        privileged, aligned(ea1(o), 8, 'specification'),
        // Bit 12: System/370 in BC mode, which has its own PSW.
        ...(s.is370 ? [trapIf(not(extract<1>(first, 19, 19)), 'unmodelled')] : []),
        ...loadPsw(s, first, secondWord(ea1(o))),
      ]
    }),
    rr(0x08, 'SSK', (o) => {
      const place = keyOf(s, block(G(o.r2)))
      const value = keyBits === 7 ? extract(G(o.r1), 7, 1) : concat(extract(G(o.r1), 7, 3), constant(2, 0))
      return [privileged, blockAligned(o), set(place, value)]
    }),
    rr(0x09, 'ISK', (o) => [
      privileged, blockAligned(o),
      set(gr(o.r1), concat(extract(G(o.r1), 31, 8), extract(get(keyOf(s, block(G(o.r2)))), 6, 7 - keyBits), constant(8 - keyBits, 0))),
    ]),
    si(0x83, 'DIAGNOSE', () => [privileged, set<number>(s.CHECKOUT, open('what it does', 8))], 'the manual leaves its effect to the model'),
    si(0x84, 'WRD', (o) => [privileged, set<number>(s.DIRECT_OUT, byte(ea1(o)))]),
    si(0x85, 'RDD', (o) => [privileged, ...putByte(ea1(o), get(s.DIRECT_IN))]),
  ]
}

/** START, TEST and HALT of a device, and TEST CHANNEL; System/370 has more of them, told apart by the second byte. */
export const inputOutput = (s: State): Instruction[] => {
  const { si, sFormat, ea1, ea2, privileged, cc } = notation(s, s.is370 ? s370Manual : s360Manual, 'Input/Output Operations')
  type Act = (state: Term) => { readonly code: Term; readonly next: Term }
  const start: Act = (state) => ({ code: state, next: ite<number>(isZero(state), constant(2, 2), state) })
  const test: Act = (state) => ({ code: state, next: ite<number>(eq(state, constant(2, 1)), constant(2, 0), state) })
  const halt: Act = (state) => ({ code: state, next: ite<number>(eq(state, constant(2, 2)), constant(2, 1), state) })
  const look: Act = (state) => ({ code: state, next: state })
  const does = (address: Term, act: Act): Statement[] => {
    const device = cell(s.CHANNELS, low(address, 16))
    const { code, next } = act(get(device))
    return [privileged, cc(code), set(device, next)]
  }
  if (!s.is370) return ([[0x9c, 'SIO', start], [0x9d, 'TIO', test], [0x9e, 'HIO', halt], [0x9f, 'TCH', look]] as const)
    .map(([op, name, act]) => si(op, name, (o) => does(ea1(o), act)))
  return ([
    [0x9c00, 'SIO', start], [0x9c01, 'SIOF', start], [0x9d00, 'TIO', test], [0x9d01, 'CLRIO', halt], [0x9e00, 'HIO', halt],
    [0x9e01, 'HDV', halt], [0x9f00, 'TCH', look], [0x9f01, 'CLRCH', halt], [0xb200, 'CONCS', start], [0xb201, 'DISCS', halt],
  ] as const).map(([op, name, act]) => sFormat(op, name, (o) => does(ea2(o), act)))
}

/** LOAD REAL ADDRESS, and the control registers of the Model 67. */
export const model67 = (s: State): Instruction[] => {
  const { rx, rs, gr, G, indexed, ea2, aligned, fullword, putWord, privileged, cc } = notation(s, model67Manual, 'Instructions')
  return [
    loadRealAddress(s, (op, name, does) => rx(op, name, does), { gr, G, indexed, privileged, cc }),
    rs(0xb8, 'LMC', (o) => [
      privileged, trapIf(ne(o.r1, o.r3), 'unmodelled'), aligned(ea2(o), 4, 'specification'),
      ...s.CR.map((r, n) => set<number>(r, fullword(ea2(o)), eq<number>(o.r1, constant(4, n)))),
    ]),
    rs(0xb0, 'STMC', (o) => [
      privileged, trapIf(ne(o.r1, o.r3), 'unmodelled'), aligned(ea2(o), 4, 'specification'), ...putWord(ea2(o), controlRegister(s, o.r1)),
    ]),
  ]
}

/** The control register of that number. */
export const controlRegister = (s: State, number: Term): Term =>
  s.CR.slice(1).reduce<Term>((rest, r, n) => ite<number>(eq<number>(number, constant(4, n + 1)), get(r), rest), get(s.CR[0]!))

type Needed = Pick<Notation, 'gr' | 'G' | 'indexed' | 'privileged' | 'cc'>
/** The real address of an operand in the space that the table register designates, whether or not translation is on. */
export const loadRealAddress = (s: State, define: Notation['rx'], n: Needed): Instruction =>
  define(0xb1, 'LRA', (o) => {
    const address = n.indexed(o)
    const table = s.das ? ite<number>(get(s.S), get(s.CR[7]!), get(s.CR[1]!)) : get(s.CR[s.is370 ? 1 : 0]!)
    const { invalid, real } = translate(table, extract(address, 23, 2))
    const valid: Bool = not(invalid)
    return [
      n.privileged, n.cc(ite<number>(valid, constant(2, 0), constant(2, 1))),
      // System/370 gives the address of the segment-table entry where there is no real address.
      s.is370
        ? set(n.gr(o.r1), concat(constant(8, 0), ite<number>(valid, concat(real, extract(address, 1, 0)), entryOf(table, address))))
        : set(n.gr(o.r1), concat(constant(8, 0), real, extract(address, 1, 0)), valid),
    ]
  })

/** The real address of the segment-table entry: four bytes for a segment of 64K bytes, from an origin in units of 64. */
const entryOf = (table: Term, address: Term): Term =>
  add<number>(concat(extract(table, 23, 6), constant(6, 0)), zeroExtend(concat(extract(address, 23, 16), constant(2, 0)), 24))
