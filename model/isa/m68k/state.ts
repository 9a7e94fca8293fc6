// State of the Motorola 68000, 68010 and 68020: registers, status register, stack pointers, storage behind a relocating MMU.
import { set, type Statement } from '../../ir/instruction.ts'
import { bank, cell, get, register, type Bank, type Component, type Register } from '../../ir/state.ts'
import { add, and, any, concat, constant, eq, extract, ite, ne, not, or, sub, True, ule, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import type { Relocation } from '../../machine/isa.ts'

export const models = ['68000', '68010', '68020'] as const
export type Model = (typeof models)[number]

/** MOVE from SR privileged, MOVE from CCR, RTD, MOVEC, MOVES, BKPT, VBR and stack frames with a format. */
export const has010 = (model: Model): boolean => model !== '68000'
/** Master state, T0, data at odd addresses, the instruction cache. */
export const has020 = (model: Model): boolean => model === '68020'

/** The MMU maps in blocks of 2^block cells of 16 bits: 4096 bytes. */
const block = 11

export const flagNames = ['X', 'N', 'Z', 'V', 'C'] as const
export type Flag = (typeof flagNames)[number]

export interface State {
  readonly model: Model
  /** Storage as the data bus sees it, 16 bits wide. */
  readonly E: Bank
  readonly D: Bank
  /** Address registers; A7 is the stack pointer that is in force. */
  readonly A: Bank
  readonly PC: Register
  readonly S: Register<1>
  /** The trace bit: T on the 68000 and 68010, T1 on the 68020. */
  readonly T1: Register<1>
  readonly T0: Register<1>
  readonly M: Register<1>
  readonly I: Register
  readonly flags: Readonly<Record<Flag, Register<1>>>
  /** Stack pointers while they are not in force; SSP is the 68020's ISP. */
  readonly USP: Register
  readonly SSP: Register
  readonly MSP: Register
  readonly VBR: Register
  readonly SFC: Register
  readonly DFC: Register
  readonly CACR: Register
  readonly CAAR: Register
  /** Whether access control hardware answers, and the access level that it holds: the 68020's modules. */
  readonly ACCESS: Register<1>
  readonly CAL: Register
  readonly BASE: Register
  readonly LIMIT: Register
  readonly STOPPED: Register<1>
  readonly DEVICES: Register
}

export const declareState = (model: Model): State => {
  const address = has020(model) ? 31 : 23
  const word = (name: string): Register => register<number>(name, 32, 'control')
  return {
    model,
    E: bank('E', address, 16, 'storage'),
    D: bank('D', 3, 32, 'general'),
    A: bank('A', 3, 32, 'general'),
    PC: register('PC', 32, 'counter'),
    S: register('S', 1, 'mode'),
    T1: register(has020(model) ? 'T1' : 'T', 1, 'control'),
    T0: register('T0', 1, 'control'),
    M: register('M', 1, 'control'),
    I: register('I', 3, 'control'),
    flags: Object.fromEntries(flagNames.map((n) => [n, register(n, 1, 'general')])) as Record<Flag, Register<1>>,
    USP: word('USP'), SSP: word(has020(model) ? 'ISP' : 'SSP'), MSP: word('MSP'),
    VBR: word('VBR'), SFC: register('SFC', 3, 'control'), DFC: register('DFC', 3, 'control'),
    CACR: register('CACR', 2, 'control'), CAAR: word('CAAR'),
    ACCESS: register('access control', 1, 'control'), CAL: register('CAL', 8, 'control'),
    BASE: register('MMU base', address - block, 'mapping'),
    LIMIT: register('MMU limit', address - block, 'mapping'),
    STOPPED: register('STOPPED', 1, 'control'),
    DEVICES: register('DEVICES', 16, 'control'),
  }
}

/** Trace and interrupt mask: the part of the status register's system byte that is not the mode. */
export const systemByte = (s: State): readonly Register[] => [s.T1, ...(has020(s.model) ? [s.T0, s.M] : []), s.I]

/** Control state outside the status register. */
export const otherControl = (s: State): readonly Register[] => [
  s.USP, s.SSP,
  ...(has010(s.model) ? [s.VBR, s.SFC, s.DFC] : []),
  ...(has020(s.model) ? [s.MSP, s.CACR, s.CAAR, s.CAL] : []),
  s.STOPPED, s.DEVICES,
]

export const components = (s: State): readonly Component[] =>
  [s.E, s.D, s.A, s.PC, s.S, ...Object.values(s.flags), s.BASE, s.LIMIT, ...(has020(s.model) ? [s.ACCESS] : []), ...systemByte(s), ...otherControl(s)]

/** An MMU outside the processor: one window, in both modes, as in the paper. */
export const relocation = (s: State): Relocation => {
  const width = s.E.addressWidth
  const offset = concat<number>(get(s.BASE), constant(block, 0))
  const within = (address: Term): Bool => ule(extract(address, width - 1, block), get(s.LIMIT))
  return {
    storage: s.E,
    addressWidth: width,
    develop: (address) => ({ fault: not(within(address)), real: add(address, offset) }),
    reaches: (real) => {
      const address = sub(real, offset)
      return { mapped: within(address), address }
    },
  }
}

/** The number of the 16-bit cell at a byte address; the 68000 and 68010 have 24 address lines. */
export const cellAt = (s: State, address: Term): Term => extract(address, s.E.addressWidth, 1)
export const isOdd = (address: Term): Bool => extract<1>(address, 0, 0)
export const plus = (t: Term, n: number): Term => add<number>(t, constant<number>(t.width, n))
export const minus = (t: Term, n: number): Term => sub<number>(t, constant<number>(t.width, n))

export const a7 = (s: State): Term => get(cell(s.A, constant(3, 7)))
export const setA7 = (s: State, value: Term, when: Bool = True): Statement => set(cell(s.A, constant(3, 7)), value, when)

const zero = (width: number): Term => constant(width, 0)
export const ccr = (s: State): Term => concat(zero(3), get(s.flags.X), ...['N', 'Z', 'V', 'C'].map((f) => get(s.flags[f as Flag])))
/** The status register as the processor stores it; bits that a model does not have are 0. */
export const sr = (s: State): Term => (has020(s.model)
  ? concat(get(s.T1), get(s.T0), get(s.S), get(s.M), zero(1), get(s.I), ccr(s))
  : concat(get(s.T1), zero(1), get(s.S), zero(2), get(s.I), ccr(s)))

export const setCcr = (s: State, value: Term): Statement[] =>
  flagNames.map((f, i) => set(s.flags[f], extract<1>(value, 4 - i, 4 - i)))

/** Loads the status register in supervisor state; `stack` is A7 as the instruction would leave it in that state. */
export const setSr = (s: State, value: Term, stack: Term): Statement[] => {
  const newS = extract<1>(value, 13, 13)
  const common = [set(s.T1, extract<1>(value, 15, 15)), set(s.S, newS), set(s.I, extract(value, 10, 8)), ...setCcr(s, value)]
  if (!has020(s.model)) return [...common, set(s.SSP, stack, not(newS)), setA7(s, ite<number>(newS, stack, get(s.USP)))]
  const newM = extract<1>(value, 12, 12)
  const leaves = or(not(newS), ne(newM, get(s.M)))
  return [
    ...common, set(s.T0, extract<1>(value, 14, 14)), set(s.M, newM),
    set(s.MSP, stack, and(leaves, get(s.M))), set(s.SSP, stack, and(leaves, not(get(s.M)))),
    setA7(s, ite<number>(leaves, ite<number>(newS, ite<number>(newM, get(s.MSP), get(s.SSP)), get(s.USP)), stack)),
  ]
}

/** The traps that the exception vectors number, by the manual's names. */
export const causes: Readonly<Record<string, number>> = {
  'bus error': 2, 'address error': 3, 'illegal instruction': 4, 'zero divide': 5, CHK: 6, TRAPV: 7, 'privilege violation': 8,
  'line A': 10, 'line F': 11, 'format error': 14, 'module format error': 14,
  ...Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`TRAP #${n}`, 32 + n])), unmodelled: 255,
}
export const causeWidth = 8

/** Exception processing: SR and PC on the supervisor stack, supervisor state, no trace, PC from the vector; real addresses. */
export const exception = (s: State, cause: Term): Statement[] => {
  const user = not(get(s.S))
  const supervisor = has020(s.model) ? ite<number>(get(s.M), get(s.MSP), get(s.SSP)) : get(s.SSP)
  const top = ite<number>(user, supervisor, a7(s))
  const pc = get(s.PC), offset = concat<number>(zero(32 - causeWidth - 2), cause, zero(2))
  const vector = has010(s.model) ? add<number>(get(s.VBR), offset) : offset
  const at = (address: Term) => cell(s.E, cellAt(s, address))
  const size = has010(s.model) ? 8 : 6
  const stack = minus(top, size)
  return [
    set(at(stack), sr(s)), set(at(plus(stack, 2)), extract(pc, 31, 16)), set(at(plus(stack, 4)), extract(pc, 15, 0)),
    ...(has010(s.model) ? [set(at(plus(stack, 6)), zeroExtend(concat(cause, zero(2)), 16))] : []),
    set(s.USP, a7(s), user), setA7(s, stack),
    set(s.S, 1), set(s.T1, 0), ...(has020(s.model) ? [set(s.T0, 0)] : []),
    set(s.PC, concat(get(at(vector)), get(at(plus(vector, 2))))),
  ]
}

export const isAny = (t: Term, ...values: readonly number[]): Bool => any(values.map((v) => eq<number>(t, constant<number>(t.width, v))))
