// SXL: what the CSRs of S-mode are where SXLEN is 32, and what becomes of them when it changes. Volume II, CSR Width Modulation.
import type { Place } from '../../ir/state.ts'
import { and, any, concat, constant, eq, extract, ite, not, or, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { havingBits, type Csr, type Write } from './csr.ts'
import { rootBits } from './parameters.ts'
import { heldCauses } from './trap-registers.ts'
import { fieldOf, value, type CsrField, type State } from './state.ts'
import { legalWidth, narrowView, supervisorIsNarrow, Width } from './widths.ts'
import { translates } from './walk.ts'

const low = (t: Term): Term => extract(t, 31, 0)

/** The CSRs of SXLEN bits; others have so many bits in any case, or so many as the mode has that uses them. */
const ofSXLEN: ReadonlySet<string> = new Set(['sstatus', 'sie', 'sip', 'stvec', 'sscratch', 'sepc', 'scause', 'stval', 'satp'])

/** The CSRs of S-mode as a mode with XLEN = 64 has them: those of SXLEN bits are of 32 bits where that is 32. */
export const ofEitherWidth = (s: State, wide: readonly Csr[], narrow: readonly Csr[]): Csr[] => wide.map((c) => {
  const other = narrow.find(({ name }) => name === c.name)
  return ofSXLEN.has(c.name) && other ? either(s, c, other) : c
})

const either = (s: State, wide: Csr, narrow: Csr): Csr => {
  const is32 = supervisorIsNarrow(s), joined = (a: Term, b: Term): Term => ite<number>(is32, zeroExtend<number>(a, s.xlen), b)
  return {
    ...wide,
    read: (n) => joined(narrow.read(n), wide.read(n)),
    ...(wide.held || narrow.held ? { held: (n) => joined((narrow.held ?? narrow.read)(n), (wide.held ?? wide.read)(n)) } : {}),
    ...(wide.illegal && narrow.illegal ? { illegal: (access) => ite(is32, narrow.illegal!({ ...access, value: low(access.value) }), wide.illegal!(access)) } : {}),
    write: (v, n) => [
      ...wide.write!(v, n).map((w) => ({ ...w, when: and(w.when, not(is32)) })), ...narrow.write!(low(v), n).map((w) => ({ ...wholly(w), when: and(w.when, is32) })),
    ],
  }
}
/** What is above the low bits of a register is 0 where SXLEN is 32. */
const wholly = ({ place, value: v, when }: Write): Write => {
  const to: Place = place.kind === 'field' ? place.register : place
  return { place: to, value: zeroExtend<number>(v, to.width), when }
}

const is = (v: Term, n: number): Bool => eq<number>(v, constant<number>(2, n))

/** mstatus, where writing SXL changes SXLEN: UXL is 32 bits wherever it is, and the CSRs of SXLEN bits keep their low bits, or get zeros above them. */
export const changingWidths = (s: State, mstatus: Csr): Csr => {
  if (s.SXL !== 'writable') return mstatus
  return {
    ...mstatus,
    write: (v, n) => {
      const written = legalWidth(s, extract<2>(v, 35, 34)), now = supervisorIsNarrow(s)
      const narrows = and(is(written, Width[32]), not(now)), widens = and(is(written, Width[64]), now), after = or(narrows, and(now, not(widens)))
      const writes = mstatus.write!(v, n).map((w) => (w.place === s.fields['mstatus.UXL'] ? { ...w, value: ite<number>(after, constant<number>(2, Width[32]), w.value), when: or(w.when, after) } : w))
      return [...writes, ...changed(s, narrows, widens)]
    },
  }
}

const changed = (s: State, narrows: Bool, widens: Bool): Write[] => {
  const view = narrowView(s), change = any([narrows, widens])
  const kept = (name: CsrField, becomes = (t: Term): Term => t): Write => {
    const place = fieldOf(s, name)
    return { place, value: zeroExtend<number>(becomes(value(view, name)), place.width), when: narrows }
  }
  const PPN = value(s, 'satp.PPN'), MODE = fieldOf(s, 'satp.MODE'), ASID = fieldOf(s, 'satp.ASID')
  const asid = havingBits(9, (1n << BigInt(s.asidBits)) - 1n).becomes ?? ((t: Term): Term => t)
  const wider = (t: Term): Term => and<number>(zeroExtend<number>(t, PPN.width), constant<number>(PPN.width, (1n << BigInt(rootBits(s))) - 1n))
  const causes = (of: State): ((t: Term) => Term) => (t) => and<number>(t, constant<number>(t.width, heldCauses(of, 'scause')))
  const satpOf32 = concat(value(view, 'satp.MODE'), value(view, 'satp.ASID'), value(view, 'satp.PPN'))
  return [
    kept('stvec.BASE'), kept('sscratch'), kept('sepc[xlen-1:1]'), kept('stval'),
    { place: fieldOf(s, 'scause'), value: ite<number>(narrows, zeroExtend<number>(causes(view)(low(value(s, 'scause'))), s.xlen), causes(s)(value(s, 'scause'))), when: change },
    { place: MODE, value: ite<number>(narrows, zeroExtend<number>(translates(view) ? extract(PPN, 31, 31) : constant(1, 0), MODE.width), constant<number>(MODE.width, 0)), when: change },
    { place: ASID, value: ite<number>(narrows, zeroExtend<number>(asid(extract(PPN, 30, 22)), ASID.width), constant<number>(ASID.width, 0)), when: change },
    { place: fieldOf(s, 'satp.PPN'), value: ite<number>(narrows, zeroExtend<number>(extract(PPN, 21, 0), PPN.width), wider(satpOf32)), when: change },
  ]
}
