// Exceptions: what generates them, how one is entered, and ERET.
import { open, set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { add, and, any, concat, constant, eq, extract, ite, not, or, True, xor, type Bool, type Term } from '../../ir/term.ts'
import { define, undefinedAtEL0 } from './notation.ts'
import type { EL2 } from './el2.ts'
import { systemField, usesSP1, type State } from './state.ts'

export const causes = {
  undefined: 1, 'system instruction': 2, 'supervisor call': 3, breakpoint: 4, 'WFI or WFE': 5, 'floating point': 6, 'data abort': 7, 'SP alignment': 8,
  'AArch32 state': 9, 'constrained unpredictable': 10, 'trap to EL2': 11, 'hypervisor call': 12,
} as const
export const causeWidth = 4
export const unmodelled = ['AArch32 state', 'constrained unpredictable'] as const

/** ESR_EL1.EC of each cause; a data abort's lowest bit tells the level that it came from. */
const classes = {
  undefined: 0x00, 'system instruction': 0x18, 'supervisor call': 0x15, breakpoint: 0x3c, 'WFI or WFE': 0x01, 'floating point': 0x07, 'data abort': 0x24, 'SP alignment': 0x26,
} as const

export const exceptionGenerating = (s: State): Instruction[] => {
  const instruction = define('exception generation')
  const fields = { a: 8, opc: 3, imm16: 16, op2: 3, LL: 2 }
  const raises = (name: string, opc: number, LL: number, cause: keyof typeof causes, note?: string): Instruction =>
    instruction(name, fields, { a: 0xd4, opc, op2: 0, LL }, () => [trapIf(True, cause)], note)
  const word = { word: 32 }
  const hypervisorCall = (e: EL2): Instruction =>
    instruction('HVC', fields, { a: 0xd4, opc: 0, op2: 0, LL: 2 }, () => [trapIf(get(e.traps['HCR_EL2.HCD']), 'undefined'), trapIf(True, 'hypervisor call')])
  return [
    raises('SVC', 0, 1, 'supervisor call'), s.el2 ? hypervisorCall(s.el2) : raises('HVC', 0, 2, 'undefined', 'EL2 is not implemented'), raises('SMC', 0, 3, 'undefined', 'EL3 is not implemented'),
    raises('BRK', 1, 0, 'breakpoint'), raises('HLT', 2, 0, 'undefined', 'with halting debug disabled'),
    ...[1, 2, 3].map((n) => raises(`DCPS${n}`, 5, n, 'undefined', 'in Non-debug state')),
    instruction('DRPS', word, { word: 0xd6bf03e0 }, () => [trapIf(True, 'undefined')], 'in Non-debug state'),
    instruction('UDF', { a: 16, imm16: 16 }, { a: 0 }, () => [trapIf(True, 'undefined')]),
    ...(s.el2 ? [] : [instruction('ERET', word, { word: 0xd69f03e0 }, () => [undefinedAtEL0(s), ...exceptionReturn(s)])]),
  ]
}

const saved = (s: State, name: string): Term<1> => get(systemField(s, `SPSR_EL1.${name}`)) as Term<1>

/** PSTATE := SPSR_EL1, with EL and SP kept and IL set where SPSR_EL1.M names no level that can be returned to. */
const exceptionReturn = (s: State): Statement[] => {
  const M = get(systemField(s, 'SPSR_EL1.M')), m = (n: number): Term<1> => extract<1>(M, n, n)
  const illegal = any([m(3), m(1), and(not(m(2)), m(0))]), legal = not(illegal)
  const toSP1 = and(m(2), m(0)), from = usesSP1(s), other = and(legal, xor(from, toSP1))
  const back = get(systemField(s, 'ELR_EL1'))
  return [
    trapIf(m(4), 'AArch32 state'),
    ...(['N', 'Z', 'C', 'V'] as const).map((f) => set(s.flags[f], saved(s, f))),
    ...(['D', 'A', 'I', 'F'] as const).map((f) => set(s.masks[f], saved(s, f))),
    set(s.IL, or(illegal, saved(s, 'IL'))),
    set(s.EL, m(2), legal), set(s.SPSel, m(0), legal),
    set(s.SP_EL1, get(s.SP), and(other, from)), set(s.SP_EL0, get(s.SP), and(other, not(from))),
    set(s.SP, ite<64>(toSP1, get(s.SP_EL1), get(s.SP_EL0)), other),
    set(s.PC, extract<62>(back, 63, 2)),
    set(s.exclusive, 0), set(s.event, 1),
  ]
}

/** To EL1 with SP_EL1 and all masks set; PSTATE to SPSR_EL1, the preferred return address to ELR_EL1. */
export const enterException = (s: State, cause: Term): Statement[] => {
  const is = (name: keyof typeof causes): Bool => eq(cause, constant<number>(causeWidth, causes[name]))
  const after = or(is('supervisor call'), constant(1, 0)), PC = get(s.PC)
  const from = usesSP1(s), lower = not(get(s.EL))
  const offset = ite<11>(lower, constant(11, 0x400), ite<11>(get(s.SPSel), constant(11, 0x200), constant(11, 0)))
  const code = Object.entries(classes).reduce<Term<6>>((ec, [name, value]) => ite<6>(is(name as keyof typeof causes), constant(6, value), ec), constant(6, 0))
  const EC = ite<6>(and(is('data abort'), get(s.EL)), constant(6, 0x25), code)
  const SPSR = (field: string, value: Term): Statement => set<number>(systemField(s, `SPSR_EL1.${field}`), value)
  return [
    ...(['N', 'Z', 'C', 'V'] as const).map((f) => SPSR(f, get(s.flags[f]))),
    ...(['D', 'A', 'I', 'F'] as const).flatMap((f) => [SPSR(f, get(s.masks[f])), set(s.masks[f], 1)]),
    SPSR('IL', get(s.IL)), SPSR('SS', constant(1, 0)), SPSR('M', concat<5>(constant(2, 0), get(s.EL), constant(1, 0), and(get(s.EL), get(s.SPSel)))),
    set<number>(systemField(s, 'ELR_EL1'), concat<64>(ite<62>(after, add(PC, constant(62, 1)), PC), constant(2, 0))),
    set<number>(systemField(s, 'ESR_EL1'), concat<32>(EC, constant(1, 1), open('ISS', 25))),
    set(s.SP_EL0, get(s.SP), not(from)), set(s.SP, get(s.SP_EL1), not(from)),
    set(s.IL, 0), set(s.EL, 1), set(s.SPSel, 1),
    set(s.PC, extract<62>(concat<64>(get(s.system.VBAR_EL1[0]!.register), offset), 63, 2)),
  ]
}
