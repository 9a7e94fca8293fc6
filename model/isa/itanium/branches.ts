// Branches, calls and returns, the frame, and the instructions of the B unit that change levels and banks.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, all, and, concat, constant, eq, extract, ite, not, or, signExtend, sub, ult, type Bool, type Term } from '../../ir/term.ts'
import { branchUnit, define, privileged, virtualizedAtLevel0, type Operands } from './notation.ts'
import { AR, BR, CFM, codePage, cr, GR, IP, Number, otherBank, PFS, PR, PSR, psrLow, ri, type PsrField, type State } from './state.ts'

const relative = { op: 4, s: 1, d: 1, wh: 2, imm20b: 20, p: 1, zero: 3, b1: 3, qp: 6 }
const indirectFormat = { op: 4, b36: 1, d: 1, wh: 2, x6: 6, rest: 11, b2: 3, p: 1, zero: 3, b1: 3, qp: 6 }
const target = (o: Operands): Term<60> => add(get(IP), signExtend(concat(o['s']!, o['imm20b']!), 60))
const bundle = (n: Term): Term<60> => extract<60>(get(cell(BR, n as Term<3>)), 63, 4)
const to = (where: Term<60>): Statement[] => [set(IP, where), set(ri, 0)]
const next = add(get(IP), constant(60, 1))

const sof = extract(get(CFM), 6, 0), sol = extract(get(CFM), 13, 7)
const emptyFrame = set(CFM, 0)

export const branches = (s: State): Instruction[] => [
  define('br.cond', 'B', relative, { op: 4, zero: 0, b1: 0, qp: 0 }, (o) => to(target(o))),
  // The predicate is one of the static ones here: rotating predicates go through CFM.rrb.
  define('(p1) br.cond', 'B', relative, { op: 4, zero: 0, b1: 0, qp: 1 }, (o) => {
    const taken = get(cell(PR, constant(6, 1))), last = eq(get(ri), constant(2, 2))
    return [
      set(IP, ite<60>(taken, target(o), ite<60>(last, next, get(IP)))),
      set(ri, ite<2>(or(taken, last), constant(2, 0), add(get(ri), constant(2, 1)))),
    ]
  }),
  define('br.call', 'B', relative, { op: 5, zero: 0 }, (o) => [
    set(cell(BR, o['b1'] as Term<3>), concat<64>(next, constant(4, 0))),
    set(PFS.ppl, get(s.cpl)), set(PFS.pec, get(AR.EC)), set(PFS.pfm, get(CFM)),
    set(CFM, concat<38>(constant(31, 0), sub<number>(sof, sol))), ...to(target(o)),
  ]),
  define('br.ret', 'B', indirectFormat, { op: 0, b36: 0, x6: 0x21, rest: 0, zero: 0, b1: 4 }, (o) => {
    const demotes = ult(get(s.cpl), get(PFS.ppl))
    return [
      set(s.cpl, get(PFS.ppl), demotes), set(AR.EC, get(PFS.pec)), set(CFM, get(PFS.pfm)), ...to(bundle(o['b2']!)),
    ]
  }),
]

export const systemBranches = (s: State): Instruction[] => {
  const b8 = (name: string, x6: number, does: () => readonly Statement[], note?: string): Instruction =>
    define(name, 'B', branchUnit, { op: 0, b36: 0, x6, rest: 0 }, does, note)
  const promotes: Bool = and(eq(get(codePage.ar), constant(3, 7)), ult(get(codePage.pl), get(s.cpl)))
  return [
    b8('cover', 0x02, () => [
      ...virtualizedAtLevel0(s),
      set(cr(Number.IFS), concat<64>(constant(26, 1 << 25), get(CFM)), not(get(PSR.ic))), emptyFrame,
    ]),
    b8('clrrrb', 0x04, () => [set(CFM, concat<38>(constant(20, 0), extract(get(CFM), 17, 0)))]),
    b8('rfi', 0x08, () => [...privileged(s), ...returnFromInterruption(s)]),
    b8('bsw.0', 0x0c, () => [...privileged(s), ...selectBank(0)]), b8('bsw.1', 0x0d, () => [...privileged(s), ...selectBank(1)]),
    b8('epc', 0x10, () => [
      trapIf(ult(get(PFS.ppl), get(s.cpl)), 'illegal operation'),
      set(s.cpl, ite<2>(get(PSR.it), get(codePage.pl), constant(2, 0)), or(not(get(PSR.it)), promotes)),
    ]),
  ]
}

/** PSR from IPSR, IP from IIP, and the frame from IFS where that is valid. */
const returnFromInterruption = (s: State): Statement[] => {
  const from = get(cr(Number.IPSR)), frame = get(cr(Number.IFS))
  return [
    ...(Object.keys(PSR) as PsrField[]).map((f) => set(PSR[f], extract<1>(from, psrLow[f], psrLow[f]))),
    set(s.cpl, extract<2>(from, 33, 32)), ...(s.virtualization ? [set(s.vm, extract<1>(from, 46, 46))] : []),
    set(ri, extract<2>(from, 42, 41)), set(IP, extract<60>(get(cr(Number.IIP)), 63, 4)),
    set(CFM, extract<38>(frame, 37, 0), extract<1>(frame, 63, 63)),
  ]
}

const selectBank = (bank: 0 | 1): Statement[] => {
  const exchanged = bank === 0 ? get(PSR.bn) : not(get(PSR.bn))
  return [
    set(PSR.bn, bank),
    ...Array.from({ length: 16 }, (_, n) => [cell(GR, constant(7, 16 + n)), cell(otherBank, constant(4, n))] as const).flatMap(([here, there]) =>
      [set(here, get(there), exchanged), set(there, get(here), exchanged)]),
  ]
}

/** To the interruption vector table at level 0, with collection and interrupts off. */
export const interruption = (s: State, word: Term<64>): Statement[] => [
  set(cr(Number.IPSR), word, get(PSR.ic)), set(cr(Number.IIP), concat<64>(get(IP), constant(4, 0)), get(PSR.ic)),
  set(PSR.ic, 0), set(PSR.i, 0), set(PSR.bn, 0), set(s.cpl, 0), ...(s.virtualization ? [set(s.vm, 0)] : []),
  set(IP, extract<60>(get(cr(Number.IVA)), 63, 4)), set(ri, 0),
]
/** The level is one that the program's page or a disabled translation cannot raise above `level`. */
export const noPromotion = (level: number): Bool => not(all([eq(get(codePage.ar), constant(3, 7)), ult(get(codePage.pl), constant(2, level))]))
