// Exceptions: the instructions that raise them, that return from them and that save the state of one.
import { set, trapIf, type Instruction } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, and, any, constant, eq, ite, not, or, sub, True, xor, zeroExtend, type Term } from '../../ir/term.ts'
import { aligned, always, define, loadWord, not15, storeWord, unconditional, unpredictableEverywhere, wordOf, type Fixed } from './notation.ts'
import { bankOf, inUser, inUserOrSystem, Mode, R, type State } from './state.ts'
import { bankedIndex, currentSPSR, orAnything, restoreCPSR, unpredictable } from './status.ts'

/** Raised in every mode. */
export const exceptionGenerating = (s: State): Instruction[] => {
  const instruction = define('exception-generating instructions')
  return [
    instruction(s.version >= 7 ? 'SVC' : 'SWI', { op: 4, number: 24 }, { ...always, op: 15 }, () => [trapIf(True, 'supervisor call')]),
    instruction('BKPT', { op: 8, high: 12, b: 4, low: 4 }, { ...always, op: 0x12, b: 7 }, () => [trapIf(True, 'prefetch abort')]),
    ...(s.hyp ? [instruction('HVC', { op: 8, high: 12, b: 4, low: 4 }, { ...always, op: 0x14, b: 7 }, () =>
      [trapIf(or(inUser(s), not(get(s.hyp!.NS))), 'undefined'), trapIf(True, 'hypervisor call')])] : []),
    instruction('UDF', { op: 8, high: 12, b: 4, low: 4 }, { ...always, op: 0x7f, b: 15 }, () => [trapIf(True, 'undefined')], 'the space that is UNDEFINED for good'),
  ]
}

/** The twelve operations that have a destination. */
export const operations: readonly (readonly [name: string, code: number, result: (s: State, n: Term<32>, m: Term<32>) => Term<32>])[] = [
  ['AND', 0, (_, n, m) => and(n, m)], ['EOR', 1, (_, n, m) => xor(n, m)], ['SUB', 2, (_, n, m) => sub(n, m)], ['RSB', 3, (_, n, m) => sub(m, n)],
  ['ADD', 4, (_, n, m) => add(n, m)], ['ADC', 5, (s, n, m) => add(add(n, m), carry(s))],
  ['SBC', 6, (s, n, m) => sub(sub(n, m), borrow(s))], ['RSC', 7, (s, n, m) => sub(sub(m, n), borrow(s))],
  ['ORR', 12, (_, n, m) => or(n, m)], ['MOV', 13, (_, _n, m) => m], ['BIC', 14, (_, n, m) => and(n, not(m))], ['MVN', 15, (_, _n, m) => not(m)],
]
/** MOV and MVN have one operand: their field Rn is 0. */
export const fixedOf = (opcode: number): Fixed => (opcode === 13 || opcode === 15 ? { Rn: 0 } : {})
const carry = (s: State): Term<32> => zeroExtend(get(s.flags.C), 32)
const borrow = (s: State): Term<32> => zeroExtend(not(get(s.flags.C)), 32)

/** A data-processing instruction with S = 1 and the PC as destination: CPSR := SPSR. */
export const flagSettingToPC = (s: State): Instruction[] => {
  const instruction = define(s.version >= 7 ? 'SUBS PC, LR and related instructions' : 'data-processing instructions')
  const noSPSR = inUserOrSystem(s)
  return operations.map(([name, code, result]) =>
    instruction(`${name}S PC`, { a: 3, opcode: 4, S: 1, Rn: 4, Rd: 4, shift: 8, Rm: 4 }, { ...always, ...fixedOf(code), a: 0, opcode: code, S: 1, Rd: 15, shift: 0 }, (o) => [
      unpredictable(s, noSPSR),
      set(s.PC, orAnything(s, noSPSR, 'PC', wordOf(result(s, R(s, o['Rn'] ?? constant(4, 0)), R(s, o['Rm']!))))),
      ...restoreCPSR(s, currentSPSR(s), not(noSPSR)),
    ]))
}

export const returnsAndSaves = (s: State): Instruction[] => {
  const instruction = define('exception return and save')
  const user = inUser(s), noSPSR = inUserOrSystem(s), four = constant(32, 4)
  const list = { a: 3, PU: 2, S: 1, W: 1, L: 1, Rn: 4, list: 16 }
  const return3 = instruction('LDM (3)', list, { ...always, a: 4, PU: 1, S: 1, W: 0, L: 1, list: 0x8000 }, (o) => {
    const base = R(s, o['Rn']!)
    return [
      not15(o, 'Rn'), unpredictable(s, noSPSR), aligned(base),
      set(s.PC, orAnything(s, noSPSR, 'PC', wordOf(loadWord(s, base)))),
      ...restoreCPSR(s, currentSPSR(s), not(noSPSR)),
    ]
  }, 'the list {PC}; exception return')
  if (s.version < 6) return [return3]
  return [
    return3,
    ...(s.hyp ? [instruction('ERET', { a: 28 }, { ...always, a: 0x160006e }, () => [
      unpredictable(s, noSPSR), set(s.PC, orAnything(s, noSPSR, 'PC', wordOf(R(s, constant(4, 14))))), ...restoreCPSR(s, currentSPSR(s), not(noSPSR)),
    ])] : []),
    instruction('RFE', { a: 3, PU: 2, S: 1, W: 1, L: 1, Rn: 4, b: 16 }, { ...unconditional, a: 4, PU: 1, S: 0, W: 0, L: 1, b: 0x0a00 }, (o) => {
      const base = R(s, o['Rn']!)
      return [
        not15(o, 'Rn'), unpredictable(s, user), aligned(base),
        set(s.PC, orAnything(s, user, 'PC', wordOf(loadWord(s, base)))),
        ...restoreCPSR(s, loadWord(s, add(base, four)), not(user)),
      ]
    }),
    instruction('SRS', { a: 3, PU: 2, S: 1, W: 1, L: 1, b: 4, c: 11, mode: 5 }, { ...unconditional, a: 4, PU: 1, S: 1, W: 0, L: 0, b: 13, c: 0x28 }, (o) => {
      const to = bankOf(o['mode'] as Term<5>)
      const hasMode = any((['usr', 'fiq', 'irq', 'svc', 'abt', 'und', 'sys'] as const).map((m) => eq(o['mode']!, constant(5, Mode[m]))))
      const sp = ite<32>(eq(to, bankOf(get(s.M))), get(cell(s.R, constant(4, 13))), get(cell(s.banked, bankedIndex(to, 0))))
      const base = orAnything(s, noSPSR, 'address', sp)
      return [
        unpredictableEverywhere(not(hasMode)), unpredictable(s, noSPSR), aligned(base),
        storeWord(s, base, orAnything(s, noSPSR, 'first word', R(s, constant(4, 14)))),
        storeWord(s, add(base, four), orAnything(s, noSPSR, 'second word', currentSPSR(s))),
      ]
    }),
  ]
}

/** LDM and STM of User mode registers: R13 and R14 here. */
export const userRegisters = (s: State): Instruction[] => {
  const instruction = define('load and store multiple')
  const noBank = inUserOrSystem(s), usr = constant(4, 0)
  const fields = { a: 3, PU: 2, S: 1, W: 1, L: 1, Rn: 4, PC: 1, R14: 1, R13: 1, rest: 13 }
  const fixed = { ...always, a: 4, PU: 1, S: 1, W: 0, PC: 0, rest: 0 }
  const each = (o: Readonly<Record<string, Term>>, does: (which: 0 | 1, address: Term<32>, listed: Term<1>) => ReturnType<typeof storeWord>[]) => {
    const base = R(s, o['Rn']!), second = add(base, ite<32>(o['R13'] as Term<1>, constant(32, 4), constant(32, 0)))
    const none = not(or(o['R13'] as Term<1>, o['R14'] as Term<1>))
    return [not15(o, 'Rn'), unpredictableEverywhere(none), unpredictable(s, noBank), aligned(base), ...does(0, base, o['R13'] as Term<1>), ...does(1, second, o['R14'] as Term<1>)]
  }
  return [
    instruction('LDM (2)', fields, { ...fixed, L: 1 }, (o) => each(o, (which, address, listed) => {
      const value = loadWord(s, address, listed), n = constant(4, 13 + which)
      return [
        set(cell(s.banked, bankedIndex(usr, which)), value, and(listed, not(noBank))),
        set(cell(s.R, n), orAnything(s, noBank, `R${13 + which}`, value), and(listed, noBank)),
      ]
    })),
    instruction('STM (2)', fields, { ...fixed, L: 0 }, (o) => each(o, (which, address, listed) => [
      storeWord(s, address, orAnything(s, noBank, `R${13 + which}`, get(cell(s.banked, bankedIndex(usr, which)))), listed),
    ])),
  ]
}

