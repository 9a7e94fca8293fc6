// Control and status registers, IOCSRs, time, configuration, caches, the return from exceptions, debugging and waiting.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, all, and, any, concat, constant, eq, extract, ite, lshr, ne, not, or, shl, signExtend, sub, True, type Bool, type Term, zeroExtend } from '../../ir/term.ts'
import { define, effective, format2R, formatI15, outside, privileged, word, write, type Operands } from './notation.ts'
import { relocation } from './translation.ts'
import type { Csr } from './csr.ts'
import { csr, GR, inPLV, PLV, type State } from './state.ts'

/** A control and status register as a general register receives it; reserved bits are 0. */
const image = (s: State, { name, fields }: Csr): Term => {
  const parts: Term[] = []
  let next: number = s.GRLEN
  for (const f of [...fields].sort((a, b) => b.low - a.low)) {
    const high = f.low + f.register.width
    if (high < next) parts.push(constant(next - high, 0))
    parts.push(get(f.register))
    next = f.low
  }
  if (next > 0) parts.push(constant(next, 0))
  // Above a page number of LA64 there is its sign.
  if (s.GRLEN === 64 && /^TLBR?EHI$/.test(name)) return signExtend(concat(parts[1]!, parts[2]!, ...parts.slice(3)), 64)
  return parts.length === 1 ? parts[0]! : concat(parts[0]!, parts[1]!, ...parts.slice(2))
}
const numberIs = (o: Operands, n: number): Bool => eq(o['csr']!, constant(14, n))
/** PGD shows the base of the half of the address space in which the last bad address is. */
const pgd = (s: State): Term => {
  const bad = s.architecture === 'la64' ? ite<number>(csr(s, 'TLBRERA.IsTLBR') as Bool, csr(s, 'TLBRBADV.VAddr'), csr(s, 'BADV.VAddr')) : csr(s, 'BADV.VAddr')
  const base = ite<number>(extract<1>(bad, s.GRLEN - 1, s.GRLEN - 1), csr(s, 'PGDH.Base'), csr(s, 'PGDL.Base'))
  return concat(base, constant(12, 0))
}
/** Numbers of the performance monitors: 0x200 + 2n their configuration, 0x201 + 2n their count. */
const isMonitor = (o: Operands, which: 0 | 1): Bool =>
  and(eq<number>(extract(o['csr']!, 13, 6), constant(8, 0x200 >> 6)), eq<number>(extract(o['csr']!, 0, 0), constant(1, which)))
const monitor = (o: Operands): Term<5> => extract<5>(o['csr']!, 5, 1)

const ALCL = 0xf000n
/** Registers of 32 bits with a field in bit 31: a general register receives them extended by their sign. */
const words: readonly string[] = ['BADI', 'TLBIDX', 'PWCL', 'TID']
const readCsr = (s: State, o: Operands): Term => {
  const wide = s.architecture === 'la64'
  const special: readonly (readonly [Bool, Term])[] = [
    [numberIs(o, 0x1b), pgd(s)],
    ...(wide ? [[isMonitor(o, 0), get(cell(s.PMCFG, monitor(o)))], [isMonitor(o, 1), get(cell(s.PMCNT, monitor(o)))]] as const : []),
  ]
  const shown = (c: Csr): Term => {
    const value = image(s, c)
    if (c.name === 'LLBCTL') return or<number>(value, zeroExtend(get(s.LLbit), s.GRLEN))
    if (c.name === 'MISC') return or<number>(value, constant(s.GRLEN, ALCL))
    if (c.name === 'ASID') return or<number>(value, constant(s.GRLEN, 10 << 16))
    return words.includes(c.name) ? word(s, value) : value
  }
  return [...s.csrs.map((c) => [numberIs(o, c.number), shown(c)] as const), ...special]
    .reduce<Term>((rest, [is, value]) => ite<number>(is, value, rest), constant(s.GRLEN, 0))
}
/** A write of the bits that `mask` has, all of them without it, field by field. */
const writeCsr = (s: State, o: Operands, value: Term, mask?: Term): Statement[] => {
  const wide = s.architecture === 'la64'
  const merged = (old: Term, high: number, low: number): Term => {
    const bits = extract(value, high, low)
    if (!mask) return bits
    const some = extract(mask, high, low)
    return or<number>(and<number>(old, not(some)), and<number>(bits, some))
  }
  const one = (n: number): Bool => extract<1>(mask ? and<number>(value, mask) : value, n, n)
  return [
    ...s.csrs.flatMap((c) => c.fields.filter((f) => f.readOnly !== true).map((f) =>
      set<number>(f.register, merged(get(f.register), f.low + f.register.width - 1, f.low), numberIs(o, c.number)))),
    // TICLR clears the timer's bit, 11, of ESTAT.IS; WCLLB of LLBCTL clears LLbit.
    set<number>(s.field['ESTAT.IS12-2']!, and<number>(csr(s, 'ESTAT.IS12-2'), constant(11, ~(1 << 9) & 0x7ff)), and(numberIs(o, 0x44), one(0))),
    set(s.LLbit, 0, and(numberIs(o, 0x60), one(1))),
    ...(wide ? ([[s.PMCFG, 0], [s.PMCNT, 1]] as const).map(([bank, which]) => {
      const place = cell(bank, monitor(o))
      return set(place, merged(get(place), 63, 0), isMonitor(o, which))
    }) : []),
  ]
}

export const csrInstructions = (s: State): Instruction[] => {
  const instruction = define(s, '4.2.1'), format = { op: 8, csr: 14, rj: 5, rd: 5 }
  /** RPCNTL3 lets PLV3 read the performance counters. */
  const readable = (o: Operands): Bool => (s.architecture === 'la64' ? all([inPLV(s, 3), csr(s, 'MISC.RPCNTL3') as Bool, isMonitor(o, 1)]) : any([]))
  // rj 0 and 1 in the place of a mask's register are CSRRD and CSRWR.
  const exchange = ([name, high, bits]: readonly [string, number, number]): Instruction =>
    instruction(`CSRXCHG ${name}`, { op: 8, csr: 14, high: 5 - bits, low: bits, rd: 5 }, { op: 4, high }, (o) => {
      const mask = GR(s, concat(constant(5 - bits, high), o['low']!)), old = readCsr(s, o)
      return [privileged(s), ...writeCsr(s, o, GR(s, o['rd']!), mask), write(s, o['rd']!, old)]
    })
  return [
    instruction('CSRRD', format, { op: 4, rj: 0 }, (o) => [trapIf(and(outside(s), not(readable(o))), 'IPE'), write(s, o['rd']!, readCsr(s, o))]),
    instruction('CSRWR', format, { op: 4, rj: 1 }, (o) => [privileged(s), ...writeCsr(s, o, GR(s, o['rd']!)), write(s, o['rd']!, readCsr(s, o))]),
    ...([['r16-r31', 1, 4], ['r8-r15', 1, 3], ['r4-r7', 1, 2], ['r2-r3', 1, 1]] as const).map(exchange),
  ]
}

export const ioCsrs = (s: State): Instruction[] => {
  const instruction = define(s, '4.2.2')
  const bytes = (o: Operands, size: number) => Array.from({ length: size }, (_, n) =>
    cell(s.IOCSR, add<number>(extract(GR(s, o['rj']!), 31, 0), constant(32, n)) as Term<32>))
  const sizes = [['B', 1], ['H', 2], ['W', 4], ['D', 8]] as const
  return sizes.flatMap(([letter, size], n) => [
    instruction(`IOCSRRD.${letter}`, format2R, { op: (0xc90 << 5) | n }, (o) =>
      [privileged(s), write(s, o['rd']!, signExtend(bytes(o, size).map((b): Term => get(b)).reduce((low, high) => concat(high, low)), s.GRLEN))]),
    instruction(`IOCSRWR.${letter}`, format2R, { op: (0xc90 << 5) | (n + 4) }, (o) =>
      [privileged(s), ...bytes(o, size).map((b, i) => set(b, extract<8>(GR(s, o['rd']!), 8 * i + 7, 8 * i)))]),
  ])
}

/** Time and identity, which are for every level; LA64 can keep the levels below PLV0 from the time. */
export const timeAndIdentity = (s: State): Instruction[] => {
  const instruction = define(s, '2.2.10')
  const id = signExtend(csr(s, 'TID.TID'), s.GRLEN)
  if (s.architecture === 'la32r') {
    const low = extract(get(s.StableCounter), 31, 0), high = extract(get(s.StableCounter), 63, 32)
    return [
      instruction('RDCNTID.W', format2R, { op: 0x18, rd: 0 }, (o) => [write(s, o['rj']!, id)]),
      // rdcntvl.w with register 0 is rdcntid.w: this is its form with a destination.
      ...([['r16-r31', 1, 4], ['r8-r15', 1, 3], ['r4-r7', 1, 2], ['r2-r3', 1, 1], ['r1', 1, 0]] as const).map(([name, top, bits]) =>
        instruction(`RDCNTVL.W ${name}`, { op: 22, rj: 5, high: 5 - bits, ...(bits > 0 ? { low: bits } : {}) }, { op: 0x18, rj: 0, high: top }, (o) =>
          [write(s, bits > 0 ? concat(constant(5 - bits, top), o['low']!) : constant(5, 1), low)])),
      instruction('RDCNTVH.W', format2R, { op: 0x19, rj: 0 }, (o) => [write(s, o['rd']!, high)]),
    ]
  }
  const refused = trapIf(and(inPLV(s, 3), csr(s, 'MISC.DRDTL3') as Bool), 'IPE')
  const counter = add<number>(get(s.StableCounter), csr(s, 'CNTC.Compensation'))
  const time = (name: string, op: number, value: Term): Instruction => instruction(name, format2R, { op }, (o) => [
    refused, write(s, o['rd']!, value, ne(o['rd']!, o['rj']!)), write(s, o['rj']!, id),
  ], 'where rd is rj the manual does not say which result stays; here the counter\'s number')
  return [
    time('RDTIMEL.W', 0x18, word(s, counter)), time('RDTIMEH.W', 0x19, signExtend(extract(counter, 63, 32), 64)), time('RDTIME.D', 0x1a, counter),
    instruction('CPUCFG', format2R, { op: 0x1b }, (o) => [write(s, o['rd']!, signExtend(get(cell(s.CPUCFG, extract<32>(GR(s, o['rj']!), 31, 0))), 64))]),
  ]
}

export const caches = (s: State): Instruction[] => {
  const instruction = define(s, '4.2.3'), format = { op: 10, si12: 12, rj: 5, type: 2, cache: 3 }
  const operation = (name: string, type: number, does: (o: Operands) => readonly Statement[]): Instruction =>
    instruction(`CACOP ${name}`, format, { op: 0x18, type }, does)
  const line = (o: Operands): Term<13> => concat<13>(o['cache']!, extract(effective(s, o), 15, 6))
  return [
    operation('StoreTag', 0, (o) => [privileged(s), set(cell(s.tags, line(o)), csr(s, 'CTAG.CTAG'))]),
    operation('Index Invalidate', 1, () => [privileged(s)]),
    // The reduced edition lets every level use what looks an address up; it is refused as a load would be.
    operation('Hit Invalidate', 2, (o) => {
      const address = extract(effective(s, o), s.GRLEN - 1, s.GRLEN === 64 ? 3 : 2)
      return [...(s.architecture === 'la64' ? [privileged(s)] : []), trapIf(relocation(s).develop(address, 'read').fault, 'address translation')]
    }),
  ]
}

export const returns = (s: State): Instruction[] => {
  const instruction = define(s, '4.2.6')
  return [
    instruction('ERTN', { op: 22, zero: 10 }, { op: (0xc90 << 5) | 14, zero: 0 }, () => [privileged(s), ...(s.architecture === 'la64' ? exceptionReturn(s) : shortReturn(s))]),
    instruction('IDLE', formatI15, { op: 0xc91 }, () => [privileged(s), set(s.IDLE, 1)]),
    ...(s.architecture === 'la64' ? [instruction('DBCL', formatI15, { op: 0x55 }, () => [privileged(s), trapIf(True, 'DBP')])] : []),
  ]
}
const keepsLink = (s: State): Statement => set(s.LLbit, 0, not(csr(s, 'LLBCTL.KLO') as Bool))
const clearKeep = (s: State): Statement => set(s.field['LLBCTL.KLO']!, 0)

const exceptionReturn = (s: State): Statement[] => {
  const debug = csr(s, 'DBG.DST') as Bool, error = and(not(debug), csr(s, 'MERRCTL.IsMERR') as Bool)
  const refill = all([not(debug), not(error), csr(s, 'TLBRERA.IsTLBR') as Bool])
  const to = (register: string, from: (source: string) => string, sources: readonly string[], when: Bool): Statement => {
    const [plain, other, third] = sources.map((x) => csr(s, from(x))) as [Term, Term, Term]
    return set<number>(s.field[register]!, ite<number>(error, third, ite<number>(refill, other, plain)), when)
  }
  const sources = ['PRMD', 'TLBRPRMD', 'MERRCTL'], pc = (name: string): Term => extract(csr(s, name), 63, 2)
  return [
    ...(['PLV', 'IE', 'WE'] as const).map((f) => to(`CRMD.${f}`, (x) => `${x}.P${f}`, sources, not(debug))),
    set<number>(s.PC, ite<number>(debug, pc('DERA.PC'), ite<number>(error, pc('MERRERA.PC'), ite<number>(refill, csr(s, 'TLBRERA.PC'), pc('ERA.PC'))))),
    ...(['DA', 'PG'] as const).map((f) => set<number>(s.field[`CRMD.${f}`]!, ite<number>(error, csr(s, `MERRCTL.P${f}`), constant(1, f === 'PG' ? 1 : 0)), or(error, refill))),
    ...(['DATF', 'DATM'] as const).map((f) => set<number>(s.field[`CRMD.${f}`]!, csr(s, `MERRCTL.P${f}`), error)),
    set(s.field['DBG.DST']!, 0, debug), set(s.field['MERRCTL.IsMERR']!, 0, error), set(s.field['TLBRERA.IsTLBR']!, 0, refill),
    keepsLink(s), clearKeep(s),
  ]
}
/** After a TLB refill, cause 3F, translation goes on as it was. */
const shortReturn = (s: State): Statement[] => {
  const refill = eq<number>(csr(s, 'ESTAT.Ecode'), constant(6, 0x3f))
  return [
    set<number>(s.field['CRMD.PLV']!, csr(s, 'PRMD.PPLV')), set<number>(s.field['CRMD.IE']!, csr(s, 'PRMD.PIE')),
    set<number>(s.PC, extract(csr(s, 'ERA.PC'), 31, 2)),
    set(s.field['CRMD.DA']!, 0, refill), set(s.field['CRMD.PG']!, 1, refill), keepsLink(s), clearKeep(s),
  ]
}

/** The walk of a page table by software: a physical read of an entry that the address of the last refill selects. */
export const pageWalk = (s: State): Instruction[] => {
  const instruction = define(s, '4.2.5')
  const bad = csr(s, 'TLBRBADV.VAddr')
  const index = (base: Term, width: Term): Term =>
    and<number>(lshr<number>(bad, zeroExtend(base, 64)), sub<number>(shl<number>(constant(64, 1), zeroExtend(width, 64)), constant(64, 1)))
  const entry = (table: Term, at: Term): Term => {
    // One to four doublewords for an entry.
    const width = csr(s, 'PWCL.PTEWidth'), times = (n: number): Term => shl<number>(at, constant(64, n))
    const offset = ([[0, times(3)], [1, times(4)], [2, add<number>(times(3), times(4))]] as const)
      .reduceRight<Term>((rest, [n, by]) => ite<number>(eq<number>(width, constant(2, n)), by, rest), times(5))
    const physical = add<number>(zeroExtend(extract(table, 47, 0), 64), offset)
    return get(cell<number, number>(s.E, concat(constant(1, 0), extract(physical, 63, 3))))
  }
  const large = (o: Operands): Bool => extract<1>(GR(s, o['rj']!), 6, 6)
  const levels = ([1, 2, 3, 4] as const).map((n) => {
    const from = n < 3 ? 'PWCL' : 'PWCH'
    return { n, base: csr(s, `${from}.Dir${n}_base`), width: csr(s, `${from}.Dir${n}_width`) }
  })
  return [
    instruction('LDDIR', { op: 14, high: 5, level: 3, rj: 5, rd: 5 }, { op: 0x190, high: 0 }, (o) => {
      const known = any(levels.map(({ n }) => eq(o['level']!, constant(3, n))))
      const table = levels.reduce<Term>((rest, l) => ite<number>(eq(o['level']!, constant(3, l.n)), index(l.base, l.width), rest), constant(64, 0))
      return [privileged(s), trapIf(not(known), 'unmodelled'), write(s, o['rd']!, ite<number>(large(o), GR(s, o['rj']!), entry(GR(s, o['rj']!), table)))]
    }),
    instruction('LDPTE', { op: 14, high: 7, odd: 1, rj: 5, zero: 5 }, { op: 0x191, high: 0, zero: 0 }, (o) => {
      const even = and<number>(index(csr(s, 'PWCL.PTbase'), csr(s, 'PWCL.PTwidth')), not(constant(64, 1)))
      const odd = o['odd'] as Bool, value = entry(GR(s, o['rj']!), or<number>(even, zeroExtend(odd, 64)))
      return [
        privileged(s), trapIf(large(o), 'unmodelled'),
        ...(['TLBRELO0', 'TLBRELO1'] as const).flatMap((name, n) => s.csrs.find((c) => c.name === name)!.fields.map((f) =>
          set<number>(f.register, extract(value, f.low + f.register.width - 1, f.low), n === 1 ? odd : not(odd)))),
        set<number>(s.field['TLBREHI.PS']!, zeroExtend(csr(s, 'PWCL.PTbase'), 6)),
      ]
    }),
  ]
}

/** What taking an exception does; the cause is its Ecode. */
export const exception = (s: State, cause: Term): Statement[] => {
  const f = (name: string) => s.field[name]!
  const wide = s.architecture === 'la64'
  const distance = wide
    ? ite<number>(eq<number>(csr(s, 'ECFG.VS'), constant(3, 0)), constant(62, 0), shl<number>(zeroExtend(cause, 62), zeroExtend(csr(s, 'ECFG.VS'), 62)))
    : constant<number>(30, 0)
  const entry = wide ? concat(csr(s, 'EENTRY.VPN'), constant(10, 0)) : concat(csr(s, 'EENTRY.VA'), constant(4, 0))
  return [
    set<number>(f('PRMD.PPLV'), PLV(s)), set<number>(f('PRMD.PIE'), csr(s, 'CRMD.IE')), set(f('CRMD.PLV'), 0), set(f('CRMD.IE'), 0),
    ...(wide ? [set<number>(f('PRMD.PWE'), csr(s, 'CRMD.WE')), set(f('CRMD.WE'), 0)] : []),
    set<number>(f('ESTAT.Ecode'), cause), set<number>(f('ERA.PC'), concat(get(s.PC), constant(2, 0))),
    set<number>(s.PC, add<number>(entry, distance)),
  ]
}
