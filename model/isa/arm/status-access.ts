// Status register access: MRS, MSR, CPS and SETEND.
import { set, type Instruction } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { and, any, constant, eq, extract, ite, lshr, ne, not, or, shl, sub, True, zeroExtend, concat, type Term } from '../../ir/term.ts'
import { always, define, not15, unconditional, unpredictableEverywhere, type Operands } from './notation.ts'
import { bankOf, inUser, inUserOrSystem, R, type State } from './state.ts'
import { changeMode, currentSPSR, orAnything, readCPSR, unpredictable, withBytes, writeCPSR, type Bytes } from './status.ts'

export const statusAccess = (s: State): Instruction[] => {
  const instruction = define('status register access')
  const user = inUser(s), noSPSR = inUserOrSystem(s)
  const spsr = (o: Operands): Term<1> => o['R'] as Term<1>
  const toStatus = (o: Operands, value: Term<32>) => {
    const bytes = concat<4>(o['flags'] ?? constant(1, 1), o['status']!, o['extension']!, o['control'] ?? constant(1, 1)) as Bytes
    const saved = cell(s.SPSR, bankOf(get(s.M)))
    return [
      ...('Rm' in o ? [not15(o, 'Rm'), unpredictableEverywhere(eq(bytes, constant(4, 0)))] : []),
      unpredictable(s, and(spsr(o), noSPSR)),
      ...writeCPSR(s, value, bytes, not(spsr(o))),
      set(saved, withBytes(get(saved), value, bytes), and(spsr(o), not(noSPSR))),
    ]
  }
  const mask = { flags: 1, status: 1, extension: 1, control: 1 }
  return [
    instruction('MRS', { a: 5, R: 1, b: 6, Rd: 4, c: 12 }, { ...always, a: 2, b: 0b001111, c: 0 }, (o) => [
      not15(o, 'Rd'), unpredictable(s, and(spsr(o), noSPSR)),
      set(cell(s.R, o['Rd'] as Term<4>), ite<32>(spsr(o), orAnything(s, noSPSR, 'SPSR', currentSPSR(s)), readCPSR(s))),
    ], 'R = 1 reads SPSR'),
    instruction('MSR (register)', { a: 5, R: 1, b: 2, ...mask, c: 12, Rm: 4 }, { ...always, a: 2, b: 2, c: 0xf00 }, (o) => toStatus(o, R(s, o['Rm']!))),
    instruction('MSR (immediate)', { a: 5, R: 1, b: 2, ...mask, c: 4, rotate: 4, immediate: 8 }, { ...always, a: 6, b: 2, control: 1, c: 15 }, (o) =>
      toStatus(o, rotated(o['rotate']!, o['immediate']!)), 'with the control field'),
    ...(s.version < 6 ? [] : [
      instruction('CPS', { a: 8, imod: 2, M: 1, b: 8, A: 1, I: 1, F: 1, zero: 1, mode: 5 }, { ...unconditional, a: 0b00010000, b: 0, zero: 0 }, (o) => {
        const privileged = not(user), disable = extract<1>(o['imod']!, 0, 0), changes = and(privileged, extract<1>(o['imod']!, 1, 1))
        const enables = extract<1>(o['imod']!, 1, 1), some = any(['A', 'I', 'F'].map((n) => o[n] as Term<1>)), M = o['M'] as Term<1>
        const meaningless = [
          and(not(M), ne(o['mode']!, constant(5, 0))), ne(enables, some), and(not(enables), or(not(M), disable)),
        ]
        const masks = s.status.filter((f) => f.kind === 'privileged')
        return [
          unpredictableEverywhere(any(meaningless)),
          ...masks.map((f) => set(f.register, disable, and(changes, o[f.register.name] as Term<1>))),
          ...changeMode(s, o['mode'] as Term<5>, and(privileged, M)),
        ]
      }, 'no effect in User mode'),
      instruction('SETEND', { a: 18, E: 1, b: 9 }, { ...unconditional, a: 0b000100000001000000, b: 0 }, (o) => [set(s.E, o['E'] as Term<1>, True)]),
    ]),
  ]
}

/** An immediate of eight bits, rotated right by twice the rotate field. */
const rotated = (rotate: Term, immediate: Term): Term<32> => {
  const value = zeroExtend(immediate, 32), by = zeroExtend(concat(rotate, constant(1, 0)), 32)
  return or(lshr(value, by), shl(value, sub(constant(32, 32), by)))
}
