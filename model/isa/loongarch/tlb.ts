// The TLB: found, read, written, filled and invalidated by privileged instructions; what is written last maps all pages.
import { open, set, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { all, and, any, concat, constant, eq, extract, ite, not, or, sub, True, type Bool, type Term, zeroExtend } from '../../ir/term.ts'
import type { Csr } from './csr.ts'
import { define, privileged, type Operands } from './notation.ts'
import { csr, entries, GR, type State } from './state.ts'

const numbers = Array.from({ length: entries }, (_, n) => n)
const at = (bank: State['TLB']['G'], index: Term) => cell<number, number>(bank, index)
const entry = (s: State, n: number) => {
  const i = constant<number>(4, n)
  return {
    exists: extract<1>(get(s.TLB.exists), n, n), ASID: get(at(s.TLB.ASID, i)), VPPN: get(at(s.TLB.VPPN, i)), G: get(at(s.TLB.G, i)) as Bool,
  }
}
const low = (s: State, name: string): Csr => s.csrs.find((c) => c.name === name)!
const packed = (s: State, name: string): Term => {
  const [first, second, ...rest] = low(s, name).fields.map((f): Term => get(f.register))
  return concat(first!, second!, ...rest)
}

export const tlbInstructions = (s: State): Instruction[] => {
  const instruction = define(s, '4.2.4'), wide = s.architecture === 'la64'
  const operation = (name: string, code: number, does: () => readonly Statement[]): Instruction =>
    instruction(name, { op: 22, zero: 10 }, { op: (0xc90 << 5) | code, zero: 0 }, () => [privileged(s), ...does()])
  const index = csr(s, 'TLBIDX.Index')
  return [
    operation('TLBSRCH', 10, () => search(s)),
    operation('TLBRD', 11, () => read(s, index)),
    operation('TLBWR', 12, () => fill(s, index)),
    operation('TLBFILL', 13, () => fill(s, open<number>('entry', 4))),
    ...(wide ? [
      operation('TLBCLR', 8, () => invalidate(s, numbers.map((n) => and(not(entry(s, n).G), eq<number>(entry(s, n).ASID, csr(s, 'ASID.ASID')))))),
      operation('TLBFLUSH', 9, () => invalidate(s, numbers.map(() => True))),
    ] : []),
    ...([['0-3', 0, 2], ['4-5', 2, 1], ['6', 6, 0]] as const).map(([name, high, bits]) =>
      instruction(`INVTLB ${name}`, { op: 17, rk: 5, rj: 5, high: 5 - bits, ...(bits > 0 ? { low: bits } : {}) }, { op: 0xc93, high }, (o) => {
        const operation = bits > 0 ? concat(constant(5 - bits, high), o['low']!) : constant(5, high)
        return [privileged(s), ...invalidate(s, numbers.map((n) => selected(s, o, operation, n)))]
      })),
  ]
}

/** A field of the plain registers, or while a refill is handled of the refill's own. */
const pick = (s: State, plain: string, other: string): Term =>
  s.architecture === 'la64' ? ite<number>(csr(s, 'TLBRERA.IsTLBR') as Bool, csr(s, other), csr(s, plain)) : csr(s, plain)

/** The entry with TLBEHI's page, or the refill's, for this address space. */
const search = (s: State): Statement[] => {
  const page = pick(s, 'TLBEHI.VPPN', 'TLBREHI.VPPN')
  const hits = numbers.map((n) => {
    const e = entry(s, n)
    return all([e.exists, or(e.G, eq<number>(e.ASID, csr(s, 'ASID.ASID'))), eq<number>(e.VPPN, page)])
  })
  const found = any(hits)
  return [
    set<number>(s.field['TLBIDX.Index']!, hits.reduce<Term>((rest, hit, n) => ite<number>(hit, constant(4, n), rest), constant(4, 0)), found),
    set<number>(s.field['TLBIDX.NE']!, not(found)),
  ]
}

const read = (s: State, index: Term): Statement[] => {
  const exists = eq<number>(extract(shifted(s, index), 0, 0), constant(1, 1))
  const show = (register: string, value: Term): Statement => set<number>(s.field[register]!, ite<number>(exists, value, constant(value.width, 0)))
  const lows = (['LO0', 'LO1'] as const).flatMap((half) => {
    const { fields } = low(s, `TLBE${half}`)
    let high = fields.reduce((n, f) => n + f.register.width, 0)
    return fields.map((f) => {
      high -= f.register.width
      const part = extract(get(at(s.TLB[half], index)), high + f.register.width - 1, high)
      // G of an entry, its bit 6, is that of both halves.
      return show(f.register.name, f.low === 0 ? concat(get(at(s.TLB.G, index)), extract(part, 5, 0)) : part)
    })
  })
  return [
    show('TLBEHI.VPPN', get(at(s.TLB.VPPN, index))), show('TLBIDX.PS', get(at(s.TLB.PS, index))), ...lows,
    set<number>(s.field['ASID.ASID']!, get(at(s.TLB.ASID, index)), exists), set<number>(s.field['TLBIDX.NE']!, not(exists)),
  ]
}
/** The bits of `exists` from the entry on. */
const shifted = (s: State, index: Term): Term =>
  numbers.reduce<Term>((rest, n) => ite<number>(eq<number>(index, constant(4, n)), extract(get(s.TLB.exists), n, n), rest), constant(1, 0))

/** A refill takes the entry from the registers of the refill exception, everything else from TLBEHI and TLBELO. */
const fill = (s: State, index: Term): Statement[] => {
  const refill = s.architecture === 'la64' ? (csr(s, 'TLBRERA.IsTLBR') as Bool) : any([])
  const half = (n: 0 | 1): Term => (s.architecture === 'la64' ? ite<number>(refill, packed(s, `TLBRELO${n}`), packed(s, `TLBELO${n}`)) : packed(s, `TLBELO${n}`))
  const field = (name: string): Term => pick(s, `TLBELO0.${name}`, `TLBRELO0.${name}`)
  const flags = field('G-V'), V = extract<1>(flags, 0, 0), G = extract<1>(flags, 6, 6)
  const exists = or(refill, not(csr(s, 'TLBIDX.NE') as Bool))
  const mark = numbers.map((n): Term => ite<number>(eq<number>(index, constant(4, n)), exists, extract(get(s.TLB.exists), n, n))).reverse()
  const pages = s.GRLEN - 12, virtual = concat(pick(s, 'TLBEHI.VPPN', 'TLBREHI.VPPN'), constant(1, 0))
  const frame = field('PPN'), physical = frame.width > pages ? extract(frame, pages - 1, 0) : zeroExtend(frame, pages)
  return [
    set<number>(at(s.TLB.VPPN, index), pick(s, 'TLBEHI.VPPN', 'TLBREHI.VPPN')), set<number>(at(s.TLB.PS, index), pick(s, 'TLBIDX.PS', 'TLBREHI.PS')),
    set<number>(at(s.TLB.ASID, index), csr(s, 'ASID.ASID')), set<number>(at(s.TLB.G, index), and(G, extract<1>(pick(s, 'TLBELO1.G-V', 'TLBRELO1.G-V'), 6, 6))),
    set<number>(at(s.TLB.LO0, index), half(0)), set<number>(at(s.TLB.LO1, index), half(1)),
    set<number>(s.TLB.exists, concat(mark[0]!, mark[1]!, ...mark.slice(2))),
    set<number>(s.page.relocation, sub<number>(physical, zeroExtend(virtual, pages))),
    set(s.page.V, and(exists, V)), set(s.page.D, extract<1>(flags, 1, 1)), set(s.page.PLV, extract<2>(flags, 3, 2)),
    ...(s.architecture === 'la64' ? [set(s.page.NR, extract<1>(field('RPLV-NR'), 0, 0)), set(s.page.RPLV, extract<1>(field('RPLV-NR'), 2, 2))] : []),
  ]
}

const selected = (s: State, o: Operands, operation: Term, n: number): Bool => {
  const e = entry(s, n), is = (k: number): Bool => eq<number>(operation, constant(5, k))
  const sameSpace = eq<number>(e.ASID, extract(GR(s, o['rj']!), 9, 0)), width = s.field['TLBEHI.VPPN']!.width
  const samePage = eq<number>(e.VPPN, extract(GR(s, o['rk']!), 12 + width, 13))
  return any([
    or(is(0), is(1)), and(is(2), e.G), and(is(3), not(e.G)), all([is(4), not(e.G), sameSpace]),
    all([is(5), not(e.G), sameSpace, samePage]), all([is(6), or(e.G, sameSpace), samePage]),
  ])
}

/** Entries that are selected are gone, and with them the mapping. */
const invalidate = (s: State, gone: readonly Bool[]): Statement[] => {
  const left = numbers.map((n): Term => and(extract<1>(get(s.TLB.exists), n, n), not(gone[n]!))).reverse()
  return [set<number>(s.TLB.exists, concat(left[0]!, left[1]!, ...left.slice(2))), set(s.page.V, 0)]
}
