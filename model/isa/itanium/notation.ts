// How Itanium instructions are written down here: the execution unit that a bundle's template gives a slot, its 41 bits, and faults.
import { encode, instruction, set, trapIf, type Format, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, and, constant, eq, ite, ne, zeroExtend, type Term } from '../../ir/term.ts'
import { GR, IP, ri, type State } from './state.ts'

export type Operands = Readonly<Record<string, Term>>
export type Fixed = Readonly<Record<string, number>>

export const manual = 'Intel Itanium Architecture Software Developer\'s Manual'
export const causes = {
  'data reference': 1, 'illegal operation': 2, 'privileged operation': 3, 'privileged register': 4, virtualization: 5, break: 6,
  'disabled floating-point register': 7, unaligned: 8,
} as const

/** The unit stands before the 41 bits of the slot: M, I or B; an A instruction is written as its M form. */
const units = { M: 0, I: 1, B: 2 } as const
export type Unit = keyof typeof units

/** M and I instructions on registers: major opcode, x3 and x6, three registers and the qualifying predicate. */
export const registers = { op: 4, b36: 1, x3: 3, x6: 6, r3: 7, r2: 7, r1: 7, qp: 6 }
/** B instructions by x6. */
export const branchUnit = { op: 4, b36: 4, x6: 6, rest: 21, qp: 6 }

const sets = (body: readonly Statement[], name: string): boolean => body.some((s) => s.kind === 'set' && s.place.kind === 'register' && s.place.name === name)

/** Every instruction that is no branch goes on to the next slot. */
const advanced = (body: readonly Statement[]): readonly Statement[] => {
  if (sets(body, IP.name)) return body
  const last = eq(get(ri), constant(2, 2))
  return [...body, set(IP, ite<60>(last, add(get(IP), constant(60, 1)), get(IP))), set(ri, ite<2>(last, constant(2, 0), add(get(ri), constant(2, 1))))]
}

/** Instructions are taken without a predicate, qp 0, unless they name the field. */
export const define = (name: string, unit: Unit, format: Format, fixed: Fixed, does: (o: Operands) => readonly Statement[], note?: string): Instruction =>
  instruction<string>({
    name, source: `${manual}, volume 3, ${name}`,
    encoding: encode<Format, string>({ unit: 2, ...format }, { unit: units[unit], ...('qp' in format && !('qp' in fixed) ? { qp: 0 } : {}), ...fixed }),
    does: (o) => advanced(does(o)), ...(note === undefined ? {} : { note }),
  })

/** A write to a general register, which must not be register 0. */
export const write = (n: Term, value: Term): Statement[] =>
  [trapIf(eq(n, constant(7, 0)), 'illegal operation'), set<number>(cell(GR, n as Term<7>), zeroExtend(value, 64))]

/** Privileged operations: refused below level 0, and there too in a virtual machine. */
export const privileged = (s: State): Statement[] => [trapIf(ne(get(s.cpl), constant(2, 0)), 'privileged operation'), ...virtualized(s)]
/** Refused in a virtual machine at every level. */
export const virtualized = (s: State): Statement[] => (s.virtualization ? [trapIf(get(s.vm), 'virtualization')] : [])
/** Refused in a virtual machine at level 0. */
export const virtualizedAtLevel0 = (s: State): Statement[] =>
  (s.virtualization ? [trapIf(and(get(s.vm), eq(get(s.cpl), constant(2, 0))), 'virtualization')] : [])
