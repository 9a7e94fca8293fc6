// State of the third-generation machine: ⟨E, M, P, R⟩, general registers, timer and devices; parametric in every size.
import { bank, get, register, type Bank, type Register } from '../../ir/state.ts'
import { add, and, concat, constant, extract, not, or, sub, ule, ult, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import type { Relocation } from '../../machine/isa.ts'

/** Sizes; the manual's are `full`. Widths in bits, storage and disk in cells. */
export interface Sizes {
  readonly address: number
  /** R counts blocks of 2^block cells. */
  readonly block: number
  readonly cause: number
  readonly registerNumber: number
  readonly immediate: number
  readonly byte: number
  /** Width of the device counters. */
  readonly stream: number
  readonly diskAddress: number
  readonly storage: number
  readonly disk: number
  readonly trapCells: 'low' | 'high'
  /** Whether b is a size (a ≥ b traps) or the last address (a > b traps): the printed paper has both. */
  readonly bound?: 'size' | 'last address'
}

export const full: Sizes = {
  address: 12, block: 4, cause: 3, registerNumber: 4, immediate: 16, byte: 8, stream: 16, diskAddress: 12,
  storage: 4080, disk: 1024, trapCells: 'low',
}

/** Two cells of four bits and two registers: small enough to visit every state. */
export const tiny: Sizes = {
  address: 1, block: 0, cause: 0, registerNumber: 1, immediate: 2, byte: 1, stream: 1, diskAddress: 1,
  storage: 2, disk: 2, trapCells: 'low',
}

export interface State {
  readonly sizes: Sizes
  readonly word: number
  readonly E: Bank
  readonly G: Bank
  readonly M: Register<1>
  readonly P: Register
  /** l and b of R, in blocks. */
  readonly L: Register
  readonly B: Register
  readonly TIMER: Register
  readonly PENDING: Register<1>
  readonly HALTED: Register<1>
  readonly PRINTED: Bank
  readonly COUNT: Register
  readonly KEYBOARD: Bank
  readonly TYPED: Register
  readonly TAKEN: Register
  readonly DISK: Bank
  readonly POSITION: Register
}

export const declareState = (sizes: Sizes): State => {
  const part = sizes.address - sizes.block
  const word = 1 + sizes.cause + sizes.address + 2 * part
  return {
    sizes, word,
    E: bank('E', sizes.address, word, 'storage', sizes.storage),
    G: bank('G', sizes.registerNumber, word, 'general'),
    M: register('M', 1, 'mode'),
    P: register('P', sizes.address, 'counter'),
    L: register('L', part, 'mapping'),
    B: register('B', part, 'mapping'),
    TIMER: register('TIMER', word, 'control'),
    PENDING: register('PENDING', 1, 'control'),
    HALTED: register('HALTED', 1, 'control'),
    PRINTED: bank('PRINTED', sizes.stream, sizes.byte, 'control'),
    COUNT: register('COUNT', sizes.stream, 'control'),
    KEYBOARD: bank('KEYBOARD', sizes.stream, sizes.byte, 'control'),
    TYPED: register('TYPED', sizes.stream, 'control'),
    TAKEN: register('TAKEN', sizes.stream, 'control'),
    DISK: bank('DISK', sizes.diskAddress, word, 'control', sizes.disk),
    POSITION: register('POSITION', word, 'control'),
  }
}

/** Cells counted by a number of blocks. */
export const cells = (s: State, blocks: Term): Term =>
  s.sizes.block === 0 ? blocks : concat(blocks, constant(s.sizes.block, 0))

/** Address development of the paper, in its order: a + l ≥ q, then a ≥ b (section 3; `≥` because b is a size). */
export const relocation = (s: State): Relocation => {
  const wide = s.sizes.address + 1
  const q = constant<number>(wide, s.sizes.storage)
  const l = cells(s, get(s.L)), b = cells(s, get(s.B))
  const beyond = (address: Term): Bool => (s.sizes.bound === 'last address' ? ult(b, address) : ule(b, address))
  return {
    storage: s.E,
    addressWidth: s.sizes.address,
    develop: (address) => {
      const sum = add<number>(zeroExtend(address, wide), zeroExtend(l, wide))
      const fault: Bool = or(ule(q, sum), beyond(address))
      return { fault, real: add(address, l) }
    },
    reaches: (real) => {
      const address = sub(real, l)
      return { mapped: and(and(ule(l, real), not(beyond(address))), ult<number>(zeroExtend(real, wide), q)), address }
    },
  }
}

/** The PSW as one word: M, cause, P, l, b from the most significant bit (section 2). */
export const pswWord = (s: State, cause: Term): Term => {
  const tail = [get(s.P), get(s.L), get(s.B)] as const
  return s.sizes.cause === 0 ? concat(get(s.M), ...tail) : concat(get(s.M), extract(cause, s.sizes.cause - 1, 0), ...tail)
}

/** M, P, l and b of a PSW word; its cause is ignored. */
export const pswFields = (s: State, word: Term): { M: Term<1>; P: Term; L: Term; B: Term } => {
  const part = s.sizes.address - s.sizes.block
  return {
    M: extract<1>(word, s.word - 1, s.word - 1),
    P: extract(word, s.sizes.address + 2 * part - 1, 2 * part),
    L: extract(word, 2 * part - 1, part),
    B: extract(word, part - 1, 0),
  }
}

export const oldPswCell = (s: State): Term => constant(s.sizes.address, s.sizes.trapCells === 'low' ? 0 : s.sizes.storage - 2)
export const newPswCell = (s: State): Term => constant(s.sizes.address, s.sizes.trapCells === 'low' ? 1 : s.sizes.storage - 1)

export const inUser = (s: State): Bool => get(s.M)
export const inSupervisor = (s: State): Bool => not(get(s.M))
/** R as the one word that LRB and SRB use. */
export const relocationWord = (s: State): Term => zeroExtend(concat(get(s.L), get(s.B)), s.word)
