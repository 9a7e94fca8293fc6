// State of the PDP-11/45: registers, processor status, the three modes' stack pointers and address spaces, storage.
import { set, type Statement } from '../../ir/instruction.ts'
import { bank, cell, get, register, type Bank, type Component, type Register } from '../../ir/state.ts'
import { add, and, concat, constant, eq, extract, ite, ne, not, or, sub, ule, ult, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import type { Relocation } from '../../machine/isa.ts'

/** Current and previous modes by their numbers in the processor status; 2 is illegal. */
export const kernel = 0, supervisor = 1, user = 3
export const modeNames = { 0: 'K', 1: 'S', 3: 'U' } as const
export type Mode = keyof typeof modeNames
const modes: readonly Mode[] = [kernel, supervisor, user]

/** What the manual leaves to the reader. */
export interface Choices {
  /** T and the register set are loaded by RTI in every mode; as resources they make it user sensitive. */
  readonly traceIsResource: boolean
}

/** Addresses of 15 bits name words; the mapping counts blocks of 32 words, and storage has 2^17 words. */
const addressWidth = 15, realWidth = 17, block = 5

export interface State {
  readonly E: Bank
  /** R0 to R5 of the register set in use, and the stack pointer in force as R6. */
  readonly R: Bank
  /** R0 to R5 of the other register set. */
  readonly otherSet: Bank
  readonly PC: Register
  readonly CM: Register
  readonly PM: Register
  readonly RS: Register<1>
  readonly IPL: Register
  readonly T: Register<1>
  readonly N: Register<1>
  readonly Z: Register<1>
  readonly V: Register<1>
  readonly C: Register<1>
  /** Stack pointers while they are not in force. */
  readonly stacks: Readonly<Record<Mode, Register>>
  readonly base: Readonly<Record<Mode, Register>>
  readonly limit: Readonly<Record<Mode, Register>>
  readonly SSR0: Register<1>
  readonly PIRQ: Register
  readonly HALTED: Register<1>
  readonly WAITING: Register<1>
  readonly DEVICES: Register
}

const byMode = (make: (name: string) => Register): Readonly<Record<Mode, Register>> =>
  Object.fromEntries(modes.map((m) => [m, make(modeNames[m])])) as Record<Mode, Register>

export const declareState = ({ traceIsResource }: Choices): State => {
  const general = (name: string): Register<1> => register(name, 1, 'general')
  const loaded = (name: string): Register<1> => register(name, 1, traceIsResource ? 'control' : 'general')
  return {
    E: bank('E', realWidth, 16, 'storage'),
    R: bank('R', 3, 16, 'general'),
    otherSet: bank('other set', 3, 16, 'general'),
    PC: register('PC', 16, 'counter'),
    CM: register('CM', 2, 'mode'), PM: register('PM', 2, 'control'), RS: loaded('RS'), IPL: register('IPL', 3, 'control'), T: loaded('T'),
    N: general('N'), Z: general('Z'), V: general('V'), C: general('C'),
    stacks: byMode((m) => register(`${m}SP`, 16, 'control')),
    base: byMode((m) => register(`${m} base`, realWidth - block, 'mapping')),
    limit: byMode((m) => register(`${m} limit`, addressWidth - block, 'mapping')),
    SSR0: register('SSR0', 1, 'control'), PIRQ: register('PIRQ', 7, 'control'),
    HALTED: register('HALTED', 1, 'control'), WAITING: register('WAITING', 1, 'control'), DEVICES: register('DEVICES', 16, 'control'),
  }
}

/** Control state in which the virtual machine differs from the real one. */
export const controlState = (s: State): readonly Register[] =>
  [s.PM, s.IPL, ...Object.values(s.stacks), s.SSR0, s.PIRQ, s.HALTED, s.WAITING, s.DEVICES]

export const components = (s: State): readonly Component[] => [
  s.E, s.R, s.otherSet, s.PC, s.CM, s.RS, s.T, s.N, s.Z, s.V, s.C, ...Object.values(s.base), ...Object.values(s.limit), ...controlState(s),
]

export const isMode = (m: Term, mode: Mode): Bool => eq<number>(m, constant<number>(2, mode))
/** What a table by modes holds for a mode; user's is the illegal mode's too. */
export const ofMode = (m: Term, table: Readonly<Record<Mode, Register>>): Term =>
  ite<number>(isMode(m, kernel), get(table[kernel]), ite<number>(isMode(m, supervisor), get(table[supervisor]), get(table[user])))

/** Where a mode's address space puts a word, and whether it is beyond its limit. */
export const inSpace = (s: State, mode: Term, address: Term): { fault: Bool; real: Term } => ({
  fault: or(isIllegal(mode), not(ule(extract(address, addressWidth - 1, block), ofMode(mode, s.limit)))),
  real: add<number>(zeroExtend(address, realWidth), offset(s, mode)),
})
const isIllegal = (mode: Term): Bool => eq<number>(mode, constant<number>(2, 2))
const offset = (s: State, mode: Term): Term => concat<number>(ofMode(mode, s.base), constant(block, 0))

/** One window for each mode in place of eight pages; the current mode's is in force. */
export const relocation = (s: State): Relocation => ({
  storage: s.E,
  addressWidth,
  develop: (address) => inSpace(s, get(s.CM), address),
  reaches: (real) => {
    const distance = sub<number>(real, offset(s, get(s.CM))), address = extract(distance, addressWidth - 1, 0)
    const near = eq<number>(extract(distance, realWidth - 1, addressWidth), constant(realWidth - addressWidth, 0))
    return { mapped: and(near, not(inSpace(s, get(s.CM), address).fault)), address }
  },
})

/** The window in force does not reach the I/O page, the last 4096 words. */
export const noIoPage = (s: State): Bool => {
  const last = add<number>(zeroExtend(ofMode(get(s.CM), s.base), 13), zeroExtend(ofMode(get(s.CM), s.limit), 13))
  return ult(last, constant<number>(13, 0o7600))
}

/** A store to the processor status word, the last word of the I/O page, loads the modes and the priority. */
export const storeToStatus = (s: State, address: Term, value: Term): Statement[] => {
  const there = eq<number>(inSpace(s, get(s.CM), extract(address, 15, 1)).real, constant<number>(realWidth, -1))
  return [
    set(s.CM, extract(value, 15, 14), there), set(s.PM, extract(value, 13, 12), there), set(s.IPL, extract(value, 7, 5), there),
  ]
}

export const sp = (s: State): Term => get(cell(s.R, constant(3, 6)))
export const setSp = (s: State, value: Term): Statement => set(cell(s.R, constant(3, 6)), value)

/** The processor status word: modes, register set, priority, T and condition codes. */
export const status = (s: State): Term =>
  concat(get(s.CM), get(s.PM), get(s.RS), constant(3, 0), get(s.IPL), get(s.T), get(s.N), get(s.Z), get(s.V), get(s.C))

/** Another current mode: the stack pointer in force goes to its own register, and that of the new mode comes in force. */
export const setMode = (s: State, mode: Term, stack: Term): Statement[] => {
  const old = get(s.CM), changes = ne<number>(mode, old)
  return [
    set(s.CM, mode), setSp(s, ite<number>(changes, ofMode(mode, s.stacks), stack)),
    ...modes.map((m) => set(s.stacks[m], stack, and(changes, isMode(old, m)))),
  ]
}

/** Another register set: the two change places. */
export const setRegisterSet = (s: State, to: Bool): Statement[] => {
  const changes = ne(to, get(s.RS))
  return [set(s.RS, to), ...[0, 1, 2, 3, 4, 5].flatMap((n) => {
    const [mine, other] = [cell(s.R, constant(3, n)), cell(s.otherSet, constant(3, n))]
    return [set(mine, get(other), changes), set(other, get(mine), changes)]
  })]
}

/** Traps with their vectors; those with the same vector have codes of their own. */
const vectors: Readonly<Record<string, number>> = {
  'memory management': 0o250, 'odd address': 0o4, 'illegal instruction': 0o4, 'reserved instruction': 0o10, BPT: 0o14, IOT: 0o20, EMT: 0o30, TRAP: 0o34, unmodelled: 0,
}
export const causes: Readonly<Record<string, number>> = Object.fromEntries(Object.keys(vectors).map((name, n) => [name, n + 1]))
export const causeWidth = 4

/** Takes a trap through kernel space: PC and status from the vector, the old ones on the kernel stack. */
export const trap = (s: State, cause: Term): Statement[] => {
  const vector = Object.entries(vectors).reduce<Term>((v, [name, at]) =>
    ite<number>(eq<number>(cause, constant<number>(causeWidth, causes[name]!)), constant<number>(16, at), v), constant(16, 0o4))
  const inKernel = (address: Term) => cell(s.E, inSpace(s, constant(2, kernel), extract(address, 15, 1)).real)
  const stack = ite<number>(isMode(get(s.CM), kernel), sp(s), get(s.stacks[kernel]))
  const word = get(inKernel(add<number>(vector, constant<number>(16, 2))))
  const below = (n: number): Term => sub<number>(stack, constant<number>(16, n))
  return [
    set(inKernel(below(2)), status(s)), set(inKernel(below(4)), get(s.PC)),
    set(s.CM, kernel), set(s.PM, get(s.CM)), setSp(s, below(4)),
    set(s.stacks[supervisor], sp(s), isMode(get(s.CM), supervisor)), set(s.stacks[user], sp(s), isMode(get(s.CM), user)),
    ...setRegisterSet(s, extract<1>(word, 11, 11)), set(s.IPL, extract(word, 7, 5)), set(s.T, extract<1>(word, 4, 4)),
    set(s.N, extract<1>(word, 3, 3)), set(s.Z, extract<1>(word, 2, 2)), set(s.V, extract<1>(word, 1, 1)), set(s.C, extract<1>(word, 0, 0)),
    set(s.PC, get(inKernel(vector))),
  ]
}
