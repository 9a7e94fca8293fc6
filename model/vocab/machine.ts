// The words that the specification, the processors and the monitors share: names and one interface, no meaning.

/** The mode M of the paper. */
export const SUPERVISOR = 0
export const USER = 1
export type Mode = typeof SUPERVISOR | typeof USER

/** Why a machine trapped: the 3-bit code that the old PSW keeps (docs/third-generation.md, section 5). */
export const Cause = {
  memory: 1,
  privileged: 2,
  undefined: 3,
  supervisorCall: 4,
  timer: 5,
  arithmetic: 6,
} as const
export type CauseName = keyof typeof Cause
export type CauseCode = (typeof Cause)[CauseName]

/** Device numbers of IN and OUT. */
export const Device = { console: 0, diskPosition: 1, diskData: 2 } as const

/** The sound machine and its flawed variants (docs/third-generation.md, section 8). */
export const variants = [
  'sound',
  'jump-to-user',
  'read-relocation',
  'read-mode',
  'load-real-address',
  'silent-write',
  'no-op-in-user',
  'supervisor-only',
  'set-relocation-in-user',
  'shrink-bounds',
] as const
export type Variant = (typeof variants)[number]

/** What a machine is built with. Sizes in cells (32-bit words); `diskSize` is at least 1. */
export interface MachineOptions {
  /** q, the number of storage cells: a multiple of 16 from 16 to 4080. */
  readonly size: number
  readonly variant?: Variant
  /** Real address of the old-PSW cell; the new PSW is in the cell after it. 0 as in the paper, or size - 2. */
  readonly trapCells?: 'low' | 'high'
  readonly diskSize?: number
  /** What the console's keyboard will deliver, oldest first; one byte (0 to 255) each. */
  readonly keyboard?: readonly number[]
}

/** A read-only look at cells or registers: 32-bit words as signed integers, as an Int32Array holds them. */
export interface WordView {
  readonly length: number
  readonly [index: number]: number
}

/** Why `run` came back. */
export type Stop = 'limit' | 'trap' | 'halt'

/**
 * A third-generation machine as its control program sees it: hardware, the reference machine and a virtual
 * machine all have this interface, so a VMM is a function from a Machine to Machines.
 * Words are signed 32-bit integers; addresses are real cell numbers; `base` and `bound` count blocks of 16 cells.
 */
export interface Machine {
  readonly options: Required<MachineOptions>

  /** M, P and R = (base, bound). */
  mode: Mode
  counter: number
  base: number
  bound: number
  /** Instructions until the timer fires, 0 when it is off; unsigned 32-bit. */
  timer: number
  /** A timer trap waits for user mode. */
  pending: boolean
  halted: boolean

  /** E. Reading only: write with `setCell`. */
  readonly storage: WordView
  setCell(address: number, word: number): void
  /** The 16 general registers. Reading only: write with `setRegister`. */
  readonly registers: WordView
  setRegister(number: number, word: number): void

  /** Every byte that the console has printed since the machine was built, oldest first. */
  readonly printed: WordView
  /** How many bytes of the keyboard have been taken. */
  readonly taken: number
  readonly disk: WordView
  setDisk(position: number, word: number): void
  diskPosition: number
  /** What IN and OUT do in supervisor mode; an unknown device reads 0 and ignores writes. */
  input(device: number): number
  output(device: number, word: number): void

  /** Steps performed since the machine was built: an instruction completed or a trap taken is one step. */
  readonly steps: number
  /**
   * Performs at most `limit` steps. With `until` 'trap' it also stops right after the PSW swap of the first trap:
   * that is how a control program written in the host's language is entered. Stops when the machine is halted.
   */
  run(limit: number, until?: 'trap'): Stop
}
