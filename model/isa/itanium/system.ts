// Application, control and indirect registers, PSR, translations and what asks them: the M unit's system instructions.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get, type Bank } from '../../ir/state.ts'
import { add, all, and, any, concat, constant, extract, ite, lshr, ne, not, or, shl, sub, ult, ule, xor, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { define, privileged, registers, virtualized, write, type Operands, type Unit } from './notation.ts'
import {
  AR, codePage, CR, cr, gr, grants, indirect, lowerHalf, Number, page, PFS, PSR, psrLow, psrWord, relocation, RR, RSC, systemMask, userMask, type PsrField, type State,
} from './state.ts'

const m = (name: string, x6: number, fixed: Readonly<Record<string, number>>, does: (o: Operands) => readonly Statement[], note?: string): Instruction =>
  define(name, 'M', registers, { op: 1, b36: 0, x3: 0, x6, ...fixed }, does, note)
const notLevel0 = (s: State): Bool => ne(get(s.cpl), constant(2, 0))

export const applicationRegisters = (s: State): Instruction[] => {
  const privilegedRegister = trapIf(notLevel0(s), 'privileged register')
  const read = (name: string, ar: number, value: () => Term, guard: readonly Statement[] = [], unit: Unit = 'M'): Instruction =>
    define(`mov =ar.${name}`, unit, registers, { op: unit === 'M' ? 1 : 0, b36: 0, x3: 0, x6: unit === 'M' ? 0x22 : 0x32, r3: ar, r2: 0 }, (o) => [...guard, ...write(o['r1']!, value())])
  const written = (name: string, ar: number, does: (value: Term<64>) => readonly Statement[], unit: Unit = 'M'): Instruction =>
    define(`mov ar.${name}=`, unit, registers, { op: unit === 'M' ? 1 : 0, b36: 0, x3: 0, x6: 0x2a, r3: ar, r1: 0 }, (o) => does(gr(o['r2']!)))
  const kernel = { op: 4, b36: 1, x3: 3, x6: 6, zero: 4, k: 3, r2: 7, r1: 7, qp: 6 }
  const secured = and(get(PSR.si), s.virtualization ? or(notLevel0(s), get(s.vm)) : notLevel0(s))
  return [
    define('mov =ar.k', 'M', kernel, { op: 1, b36: 0, x3: 0, x6: 0x22, zero: 0, r2: 0 }, (o) => write(o['r1']!, get(cell(s.KR, o['k'] as Term<3>)))),
    define('mov ar.k=', 'M', kernel, { op: 1, b36: 0, x3: 0, x6: 0x2a, zero: 0, r1: 0 }, (o) => [privilegedRegister, set(cell(s.KR, o['k'] as Term<3>), gr(o['r2']!))]),
    read('rsc', 16, () => concat(constant(34, 0), get(RSC.loadrs), constant(11, 0), get(RSC.be), get(RSC.pl), get(RSC.mode))),
    written('rsc', 16, (v) => {
      const pl = extract<2>(v, 3, 2)
      return [
        set(RSC.loadrs, extract<14>(v, 29, 16)), set(RSC.be, extract<1>(v, 4, 4)), set(RSC.mode, extract<2>(v, 1, 0)),
        set(RSC.pl, ite<2>(ult(pl, get(s.cpl)), get(s.cpl), pl)),
      ]
    }),
    read('cflg', 27, () => get(s.CFLG)), written('cflg', 27, (v) => [privilegedRegister, set(s.CFLG, v)]),
    read('ccv', 32, () => get(AR.CCV)), written('ccv', 32, (v) => [set(AR.CCV, v)]),
    read('itc', 44, () => get(AR.ITC), [trapIf(secured, 'privileged register')]), written('itc', 44, (v) => [privilegedRegister, ...virtualized(s), set(AR.ITC, v)]),
    read('pfs', 64, () => concat(get(PFS.ppl), constant(4, 0), get(PFS.pec), constant(14, 0), get(PFS.pfm)), [], 'I'),
    written('pfs', 64, (v) => [set(PFS.ppl, extract<2>(v, 63, 62)), set(PFS.pec, extract<6>(v, 57, 52)), set(PFS.pfm, extract<38>(v, 37, 0))], 'I'),
    read('lc', 65, () => get(AR.LC), [], 'I'), written('lc', 65, (v) => [set(AR.LC, v)], 'I'),
  ]
}

export const controlRegisters = (s: State): Instruction[] => {
  // Interruption registers, 16 to 27, are out of reach while interruptions are collected.
  const collected = (o: Operands): Statement =>
    trapIf(all([get(PSR.ic), ule<number>(constant(7, 16), o['r3']!), ule<number>(o['r3']!, constant(7, 27))]), 'illegal operation')
  return [
    m('mov =cr', 0x24, { r2: 0 }, (o) => [collected(o), ...privileged(s), ...write(o['r1']!, get(cell(CR, o['r3'] as Term<7>)))]),
    m('mov cr=', 0x2c, { r1: 0 }, (o) => [collected(o), ...privileged(s), set(cell(CR, o['r3'] as Term<7>), gr(o['r2']!))]),
  ]
}

const assign = (f: PsrField, value: Term<64>): Statement => set(PSR[f], extract<1>(value, psrLow[f], psrLow[f]))

export const processorStatus = (s: State): Instruction[] => {
  const mask = { op: 4, i: 1, x3: 3, i2d: 2, x4: 4, imm21a: 21, qp: 6 }
  /** Sets or resets the fields whose bits the immediate has; in the user mask up obeys PSR.sp. */
  const change = (name: string, x4: number, fields: readonly PsrField[], to: 0 | 1, guard: readonly Statement[], secured: boolean): Instruction =>
    define(name, 'M', mask, { op: 0, x3: 0, x4 }, (o) => {
      const immediate = concat(o['i']!, o['i2d']!, o['imm21a']!)
      return [...guard, ...fields.map((f) => {
        const bit = extract<1>(immediate, psrLow[f], psrLow[f])
        return set(PSR[f], to, secured && f === 'up' ? and(bit, not(get(PSR.sp))) : bit)
      })]
    })
  return [
    change('sum', 4, userMask, 1, [], true), change('rum', 5, userMask, 0, [], true),
    change('ssm', 6, systemMask, 1, privileged(s), false), change('rsm', 7, systemMask, 0, privileged(s), false),
    m('mov =psr.um', 0x21, { r3: 0, r2: 0 }, (o) => write(o['r1']!, psrWord(s, userMask))),
    m('mov psr.um=', 0x29, { r3: 0, r1: 0 }, (o) => userMask.map((f) => set(PSR[f], extract<1>(gr(o['r2']!), psrLow[f], psrLow[f]), f === 'up' ? not(get(PSR.sp)) : undefined))),
    m('mov =psr', 0x25, { r3: 0, r2: 0 }, (o) => [...privileged(s), ...write(o['r1']!, psrWord(s, [...lowerHalf, 'mc', 'it']))]),
    m('mov psr.l=', 0x2d, { r3: 0, r1: 0 }, (o) => [...privileged(s), ...lowerHalf.map((f) => assign(f, gr(o['r2']!)))]),
  ]
}

export const indirectRegisters = (s: State): Instruction[] => {
  const index = (o: Operands): Term<8> => extract<8>(gr(o['r3']!), 7, 0), region = (o: Operands): Term<3> => extract<3>(gr(o['r3']!), 63, 61)
  const both = (name: string, bank: Bank<8, 64>, from: number, to: number): Instruction[] => [
    m(`mov =${name}`, from, { r2: 0 }, (o) => [...privileged(s), ...write(o['r1']!, get(cell(bank, index(o))))]),
    m(`mov ${name}=`, to, { r1: 0 }, (o) => [...privileged(s), set(cell(bank, index(o)), gr(o['r2']!))]),
  ]
  /** A monitor that PMC.pm reserves for level 0, or all of them with PSR.sp, reads as 0 elsewhere. */
  const hidden = (o: Operands): Bool => and(notLevel0(s), or(get(PSR.sp), extract<1>(get(cell(indirect.pmc, index(o))), 6, 6)))
  return [
    m('mov =rr', 0x10, { r2: 0 }, (o) => {
      const r = get(cell(RR, region(o)))
      return [...privileged(s), ...write(o['r1']!, concat(extract(r, 30, 1), constant(1, 0), extract(r, 0, 0)))]
    }),
    m('mov rr=', 0x00, { r1: 0 }, (o) => [...privileged(s), set(cell(RR, region(o)), concat<31>(extract(gr(o['r2']!), 31, 2), extract(gr(o['r2']!), 0, 0)))]),
    ...both('dbr', indirect.dbr, 0x11, 0x01), ...both('ibr', indirect.ibr, 0x12, 0x02), ...both('pkr', indirect.pkr, 0x13, 0x03), ...both('pmc', indirect.pmc, 0x14, 0x04),
    m('mov =pmd', 0x15, { r2: 0 }, (o) => write(o['r1']!, ite<64>(hidden(o), constant(64, 0), get(cell(indirect.pmd, index(o)))))),
    m('mov pmd=', 0x05, { r1: 0 }, (o) => [...privileged(s), set(cell(indirect.pmd, index(o)), gr(o['r2']!))]),
    m('mov =cpuid', 0x17, { r2: 0 }, (o) => [...virtualized(s), ...write(o['r1']!, get(cell(indirect.cpuid, index(o))))]),
  ]
}

/** A page from the format of itc and itr: p, pl, ar and the frame; the address is in IFA. */
const insert = (entry: Term<64>): Statement[] => [
  set(page.p, extract<1>(entry, 0, 0)), set(page.pl, extract<2>(entry, 8, 7)), set(page.ar, extract<3>(entry, 11, 9)),
  set(page.offset, sub(concat<52>(constant(14, 0), extract(entry, 49, 12)), extract<52>(get(cr(Number.IFA)), 63, 12))),
]
const insertCode = (entry: Term<64>): Statement[] => [set(codePage.pl, extract<2>(entry, 8, 7)), set(codePage.ar, extract<3>(entry, 11, 9))]
const purge = set(page.p, 0)
/** Insertion reads the interruption registers, so interruptions must not be collected. */
const uncollected = trapIf(get(PSR.ic), 'illegal operation')

const rid = (va: Term): Term<24> => extract<24>(get(cell(RR, extract<3>(va, 63, 61))), 30, 7)
const size = (va: Term): Term<64> => zeroExtend(extract(get(cell(RR, extract<3>(va, 63, 61))), 6, 1), 64)
/** The virtual page number within the region. */
const vpn = (va: Term): Term<64> => lshr(concat<64>(constant(3, 0), extract(va, 60, 0)), size(va))

/** Address of the entry in the page table at PTA: a linear table of each region, or a hashed table of all. */
const hash = (va: Term<64>): Term<64> => {
  const pta = get(cr(Number.PTA)), long = extract<1>(pta, 8, 8)
  const mask = sub(shl(constant(64, 1), zeroExtend(extract(pta, 7, 2), 64)), constant(64, 1))
  const base = concat<64>(extract(pta, 63, 15), constant(15, 0)), inRegion = concat<64>(extract(va, 63, 61), extract(base, 60, 0))
  const short = shl<64>(vpn(va), constant(64, 3)), hashed = shl<64>(xor(vpn(va), zeroExtend(rid(va), 64)), constant(64, 5))
  const within = (where: Term<64>, entry: Term<64>): Term<64> => or(and(where, not(mask)), and(entry, mask))
  return ite<64>(long, within(base, hashed), within(inRegion, short))
}
const tag = (va: Term<64>): Term<64> => xor(vpn(va), concat<64>(constant(1, 0), rid(va), constant(39, 0)))

const implementation = 'the function of the long format is the implementation\'s; here one of those that the manual allows'

export const translations = (s: State): Instruction[] => {
  const probe = (name: string, x6: number, access: 'read' | 'write', immediate: boolean): Instruction =>
    define(name, 'M', immediate ? { ...registers, r2: 7 } : registers, { op: 1, b36: 0, x3: 0, x6 }, (o) => {
      const asked = extract<2>(immediate ? o['r2']! : gr(o['r2']!), 1, 0), level = ite<2>(ult(asked, get(s.cpl)), get(s.cpl), asked)
      return [trapIf(not(get(page.p)), 'data reference'), ...write(o['r1']!, grants(access, level))]
    })
  const probeFault = (name: string, x6: number, accesses: readonly ('read' | 'write')[]): Instruction =>
    define(name, 'M', registers, { op: 1, b36: 0, x3: 0, x6, r1: 0 }, (o) => {
      const asked = extract<2>(o['r2']!, 1, 0), level = ite<2>(ult(asked, get(s.cpl)), get(s.cpl), asked)
      return [trapIf(and(get(PSR.dt), any([not(get(page.p)), ...accesses.map((a) => not(grants(a, level)))])), 'data reference')]
    })
  const one = (name: string, x6: number, does: (o: Operands) => readonly Statement[]): Instruction =>
    m(name, x6, { r1: 0 }, (o) => [...privileged(s), ...does(o)])
  const entry = (o: Operands): Term<64> => gr(o['r2']!)
  return [
    m('thash', 0x1a, { r2: 0 }, (o) => [...virtualized(s), ...write(o['r1']!, hash(gr(o['r3']!)))], implementation),
    m('ttag', 0x1b, { r2: 0 }, (o) => [...virtualized(s), ...write(o['r1']!, tag(gr(o['r3']!)))], implementation),
    m('tpa', 0x1e, { r2: 0 }, (o) => {
      const va = gr(o['r3']!)
      return [...privileged(s), trapIf(not(get(page.p)), 'data reference'), ...write(o['r1']!, concat(add(extract<52>(va, 63, 12), get(page.offset)), extract(va, 11, 0)))]
    }),
    m('tak', 0x1f, { r2: 0 }, (o) => [...privileged(s), ...write(o['r1']!, ite<64>(get(page.p), zeroExtend(concat(rid(gr(o['r3']!)), constant(8, 0)), 64), constant(64, 1)))],
      'the key of the page, here its region\'s'),
    probe('probe.r', 0x38, 'read', false), probe('probe.w', 0x39, 'write', false), probe('probe.r #', 0x18, 'read', true), probe('probe.w #', 0x19, 'write', true),
    probeFault('probe.rw.fault', 0x31, ['read', 'write']), probeFault('probe.r.fault', 0x32, ['read']), probeFault('probe.w.fault', 0x33, ['write']),
    m('fc', 0x30, { r2: 0, r1: 0 }, (o) => [trapIf(relocation(s).develop(extract(gr(o['r3']!), 63, 3), 'read').fault, 'data reference')]),
    one('itc.d', 0x2e, (o) => [uncollected, ...insert(entry(o))]), one('itc.i', 0x2f, (o) => [uncollected, ...insertCode(entry(o))]),
    one('itr.d', 0x0e, (o) => [uncollected, ...insert(entry(o))]), one('itr.i', 0x0f, (o) => [uncollected, ...insertCode(entry(o))]),
    one('ptc.l', 0x09, () => [purge]), one('ptc.g', 0x0a, () => [purge]), one('ptc.ga', 0x0b, () => [purge]), one('ptc.e', 0x34, () => [purge]),
    one('ptr.d', 0x0c, () => [purge]), one('ptr.i', 0x0d, () => [set(codePage.ar, 0)]),
  ]
}
