// What a trace is: a run that can be replayed on every engine, or the witness of a verdict about one instruction.
import type { CauseName } from '../model/vocab/index.ts'
import type { GuestProgram } from './program.ts'

/** A hexadecimal number of any width as text: `0x1f`. */
export type Hex = string
/** Component name to its value; an element of a bank is `E[17]`. */
export type Components = Readonly<Record<string, Hex>>

/** One step as the recording engine made it: an instruction completed or a trap taken. */
export interface TraceStep {
  /** Counts from 1. */
  readonly n: number
  /** P before the step, 12 bits. */
  readonly pc: Hex
  /** M before the step. */
  readonly mode: 0 | 1
  /** The word at P and how it reads, where R maps P and the step is not a timer trap. */
  readonly word?: Hex
  readonly instruction?: string
  /** Why it trapped. */
  readonly cause?: CauseName
  /** Every component that a guest can see and that the step changed, with its new value in full width. */
  readonly changes: Components
}

interface Kept {
  readonly isa: string
  /** What recorded it: `specification`, `cpu`, a decider's name. */
  readonly engine: string
  /** The seed of the run that found it; nothing needs it. */
  readonly seed?: number
  /** Why it was kept. */
  readonly why: string
}

/** What a check ran besides the first guest's program: with it the failure happens again without the seed. */
export interface TrialSetting {
  /** Programs of the guests after the first. */
  readonly neighbours: readonly GuestProgram[]
  /** What the second guest runs in the run that isolation is compared with. */
  readonly other?: GuestProgram
  /** Guest steps between two turns of the monitor, one for each level. */
  readonly quanta: readonly number[]
  readonly hardwareTrapCells: 'low' | 'high'
  readonly predecessor: boolean
  readonly console: 'own' | 'hardware'
  /** How many steps at a time; a negative number also stops at the first trap. */
  readonly strides: readonly number[]
}

export interface RunTrace extends Kept {
  readonly kind: 'run'
  /** The stack that was looked at: `third-generation/trap-and-emulate`. */
  readonly system: string
  /** The property that failed. */
  readonly property?: string
  readonly program: GuestProgram
  readonly trial?: TrialSetting
  readonly steps: readonly TraceStep[]
}

export interface WitnessState {
  readonly name: string
  readonly before: Components
  /** The cause by which the instruction traps, if it does. */
  readonly trap?: string
  readonly changes: Components
}

/** One instruction of any ISA, from one or more states. */
export interface WitnessTrace extends Kept {
  readonly kind: 'witness'
  readonly property: string
  readonly instruction: string
  readonly word: Hex
  readonly operands: Components
  readonly states: readonly WitnessState[]
}

export type Trace = RunTrace | WitnessTrace

/** A trace file that cannot be read; line counts from 1, the message names everything. */
export class TraceError extends Error {
  override readonly name = 'TraceError'
  readonly file: string
  readonly line: number
  readonly field: string
  readonly expected: string
  readonly found: string

  constructor(file: string, line: number, field: string, expected: string, found: string) {
    super(`${file}:${line}: ${field === '' ? '' : `${field}: `}expected ${expected}, found ${found}`)
    this.file = file
    this.line = line
    this.field = field
    this.expected = expected
    this.found = found
  }
}
