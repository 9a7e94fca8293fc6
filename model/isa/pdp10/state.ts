// State of the PDP-10 with the KA10 processor: storage, accumulators, flags, relocation, interrupts and devices, of any size.
import { bank, get, register, type Bank, type Component, type Register } from '../../ir/state.ts'
import { add, and, concat, constant, extract, ite, not, or, sub, ule, type Bool, type Term } from '../../ir/term.ts'
import type { Relocation } from '../../machine/isa.ts'

/** Where a register's value stands in a condition word: the number of its lowest bit, bit 0 the least significant. */
export type Layout<K extends string> = Readonly<Partial<Record<K, number>>>

/** Sizes; the KA10's are `full`. Widths in bits. */
export interface Sizes {
  /** Width of a half word, of an address and of PC. */
  readonly half: number
  readonly accumulatorNumber: number
  /** The first 2^fast addresses are accumulators. */
  readonly fast: number
  /** Protection and relocation count blocks of 2^block cells. */
  readonly block: number
  readonly channels: number
  readonly channelNumber: number
  readonly device: number
  /** The absolute cells 40, 41 and 61 of UUOs, and 40, to which an interrupt adds twice its channel. */
  readonly cells: { readonly uuo: number; readonly unassigned: number; readonly interrupts: number }
  readonly bytes: boolean
  /** How many words an indirect address may pass through. */
  readonly indirection: number
  readonly pcWord: Layout<Flag>
  readonly aprStatus: Layout<Flag | Condition | 'APR-PIA'>
  readonly piStatus: Layout<'PIE' | 'PI-ON' | 'PIH'>
  /** Functions of the conditions out: what a bit that is set in CONO APR or CONO PI does. */
  readonly aprFunctions: Layout<AprFunction>
  readonly piFunctions: Layout<PiFunction>
}

export const flagNames = ['OV', 'CRY0', 'CRY1', 'FOV', 'BIS', 'USER', 'USER-IO', 'FXU', 'DCK'] as const
export type Flag = (typeof flagNames)[number]
export const conditionNames = ['PDL-OV', 'MPV', 'NXM', 'CLK', 'CLK-ENABLED', 'OV-ENABLED', 'FOV-ENABLED'] as const
export type Condition = (typeof conditionNames)[number]
export type AprFunction =
  | 'PIA' | 'clear OV' | 'enable OV' | 'disable OV' | 'clear FOV' | 'enable FOV' | 'disable FOV' | 'clear CLK' | 'enable CLK'
  | 'disable CLK' | 'clear NXM' | 'clear MPV' | 'clear PDL-OV'
export type PiFunction = 'select' | 'on' | 'off' | 'disable' | 'enable' | 'request' | 'clear'

export const full: Sizes = {
  half: 18, accumulatorNumber: 4, fast: 4, block: 10, channels: 7, channelNumber: 3, device: 7,
  cells: { uuo: 0o41, unassigned: 0o61, interrupts: 0o40 }, bytes: true, indirection: 1,
  pcWord: { OV: 35, CRY0: 34, CRY1: 33, FOV: 32, BIS: 31, USER: 30, 'USER-IO': 29, FXU: 24, DCK: 23 },
  aprStatus: {
    'APR-PIA': 0, OV: 3, 'OV-ENABLED': 4, FOV: 6, 'FOV-ENABLED': 7, CLK: 9, 'CLK-ENABLED': 10, NXM: 12, MPV: 13,
    'USER-IO': 15, 'PDL-OV': 16,
  },
  piStatus: { PIE: 0, 'PI-ON': 7, PIH: 8 },
  aprFunctions: {
    PIA: 0, 'clear OV': 3, 'enable OV': 4, 'disable OV': 5, 'clear FOV': 6, 'enable FOV': 7, 'disable FOV': 8, 'clear CLK': 9,
    'enable CLK': 10, 'disable CLK': 11, 'clear NXM': 12, 'clear MPV': 13, 'clear PDL-OV': 17,
  },
  piFunctions: { select: 0, on: 7, off: 8, disable: 9, enable: 10, request: 11, clear: 12 },
}

/** Two cells of two bits, one of them hidden behind an accumulator: small enough to visit every state. */
export const tiny: Sizes = {
  half: 1, accumulatorNumber: 1, fast: 0, block: 0, channels: 1, channelNumber: 1, device: 1,
  cells: { uuo: 1, unassigned: 1, interrupts: 1 }, bytes: false, indirection: 1,
  pcWord: { USER: 1 }, aprStatus: { 'APR-PIA': 0, MPV: 1 }, piStatus: { 'PI-ON': 0, PIH: 1 },
  aprFunctions: { PIA: 0 }, piFunctions: { on: 0 },
}

export interface State {
  readonly sizes: Sizes
  readonly word: number
  readonly E: Bank
  readonly AC: Bank
  readonly PC: Register
  readonly USER: Register<1>
  /** The flags that a PC word shows; USER and USER-IO are among them. */
  readonly flags: Readonly<Record<Flag, Register<1>>>
  /** Protection and relocation of a user's addresses, in blocks. */
  readonly PL: Register
  readonly RL: Register
  readonly PI_ON: Register<1>
  /** Channels enabled, in progress and requested by program; channel 1 is the most significant bit. */
  readonly PIE: Register
  readonly PIH: Register
  readonly PIR: Register
  readonly APR_PIA: Register
  readonly conditions: Readonly<Record<Condition, Register<1>>>
  readonly SWITCHES: Register
  readonly LIGHTS: Register
  readonly HALTED: Register<1>
  readonly DATA: Bank
  readonly STATUS: Bank
}

const named = <K extends string>(names: readonly K[], make: (name: K) => Register<1>): Readonly<Record<K, Register<1>>> =>
  Object.fromEntries(names.map((n) => [n, make(n)])) as Record<K, Register<1>>

export const declareState = (sizes: Sizes): State => {
  const { half, channels } = sizes, word = 2 * half, part = half - sizes.block
  const flags = named(flagNames, (n) => register(n, 1, n === 'USER' ? 'mode' : n === 'USER-IO' ? 'control' : 'general'))
  return {
    sizes, word, flags, USER: flags.USER,
    E: bank('E', half, word, 'storage'),
    AC: bank('AC', sizes.accumulatorNumber, word, 'general'),
    PC: register('PC', half, 'counter'),
    PL: register('PL', part, 'mapping'),
    RL: register('RL', part, 'mapping'),
    PI_ON: register('PI-ON', 1, 'control'),
    PIE: register('PIE', channels, 'control'),
    PIH: register('PIH', channels, 'control'),
    PIR: register('PIR', channels, 'control'),
    APR_PIA: register('APR-PIA', sizes.channelNumber, 'control'),
    // Pushdown overflow is raised by unprivileged instructions, as OV is: what it makes the processor do is a trap.
    conditions: named(conditionNames, (n) => register(n, 1, n === 'PDL-OV' ? 'general' : 'control')),
    SWITCHES: register('SWITCHES', word, 'control'),
    LIGHTS: register('LIGHTS', word, 'control'),
    HALTED: register('HALTED', 1, 'control'),
    DATA: bank('DATA', sizes.device, word, 'control'),
    STATUS: bank('STATUS', sizes.device, half, 'control'),
  }
}

/** Processor and device state that a VMM keeps for itself; USER-IO is not here, because H keeps it equal. */
export const controlState = (s: State): readonly Component[] => [
  s.PI_ON, s.PIE, s.PIH, s.PIR, s.APR_PIA, ...Object.values(s.conditions).filter((c) => c.role === 'control'),
  s.SWITCHES, s.LIGHTS, s.HALTED, s.DATA, s.STATUS,
]

export const components = (s: State): readonly Component[] =>
  [s.E, s.AC, s.PC, ...Object.values(s.flags), s.PL, s.RL, s.conditions['PDL-OV'], ...controlState(s)]

/** A user's address is checked and relocated, the executive's is a real one (time sharing, protection and relocation). */
export const relocation = (s: State): Relocation => {
  const { half, block } = s.sizes
  const blocks = (address: Term): Term => extract(address, half - 1, block)
  const base = block === 0 ? get(s.RL) : concat<number>(get(s.RL), constant(block, 0))
  const offset = ite<number>(get(s.USER), base, constant(half, 0))
  const within = (address: Term): Bool => ule(blocks(address), get(s.PL))
  return {
    storage: s.E,
    addressWidth: half,
    develop: (address) => ({ fault: and(get(s.USER), not(within(address))), real: add(address, offset) }),
    reaches: (real) => {
      const address = sub(real, offset)
      return { mapped: or(not(get(s.USER)), within(address)), address }
    },
  }
}

/** Where the executive's instructions in user mode are refused: I/O, HALT and the restoring of interrupts. */
export const confined = (s: State): Bool => and(get(s.USER), not(get(s.flags['USER-IO'])))

/** The word that subroutine calls and traps save: the flags, the modes among them, and an address. */
export const pcWord = (s: State, address: Term): Term => {
  const left = Array.from({ length: s.sizes.half }, (_, k) => s.word - 1 - k).map((position): Term => {
    const flag = flagNames.find((f) => s.sizes.pcWord[f] === position)
    return flag === undefined ? constant(1, 0) : get(s.flags[flag])
  })
  return concat(left[0]!, left[1] ?? address, ...(left.length === 1 ? [] : [...left.slice(2), address]))
}
