// A bench: an emulator that somebody else wrote, set up so that it executes single instructions from given states of an ISA.
import { termsOf, type Outcome } from '../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../model/machine/isa.ts'
import type { Instruction } from '../../model/ir/instruction.ts'
import type { Register } from '../../model/ir/state.ts'
import { postorder, type Bool, type Term } from '../../model/ir/term.ts'
import type { Random } from '../generate-random.ts'
import type { Deviation } from './deviations.ts'

/** What a state holds, by the ISA's components; a cell that is not here is 0. */
export interface Contents {
  readonly registers: ReadonlyMap<string, bigint>
  readonly cells: ReadonlyMap<string, ReadonlyMap<bigint, bigint>>
}

/** One instruction word on one state. */
export interface Trial {
  readonly instruction: Instruction
  readonly word: bigint
  readonly before: Contents
}

/** What the emulator did with it. */
export type Answer =
  /** The ISA's causes that the trap may stand for, where the hardware tells fewer apart, and what the emulator said. */
  | { readonly kind: 'trapped'; readonly causes: readonly string[]; readonly said: string }
  /** What the bench reads back, no more: of storage the cells that the trial names. */
  | { readonly kind: 'completed'; readonly after: Contents }
  /** It did not come back: it hangs, or it ended. */
  | { readonly kind: 'lost'; readonly why: string }

/** The state that is being drawn, for contents that fit together: they are drawn in any order, and none twice. */
export interface Drawn {
  readonly seed: number
  /** What another register holds. */
  readonly register: (name: string) => bigint
}

export interface Bench {
  /** Such as `QEMU 7.2.22 (cortex-a8)`. */
  readonly emulator: string
  /** Instructions that cannot be tried here, with the reason. */
  readonly excluded: ReadonlyMap<string, string>
  /** Which states can be laid down and come back from, over the ISA's components before the instruction. */
  readonly limits: (instruction: Instruction, outcome: Outcome) => readonly Conjunct[]
  /** Where this emulator is known to do something else than the manual. */
  readonly deviations: readonly Deviation[]
  /** What generated states hold: random, and near enough to the limits that many are within them. */
  readonly draw: {
    readonly register: (register: Register, random: Random, state: Drawn) => bigint
    readonly cell: (bank: string, index: bigint, width: number, random: Random, state: Drawn) => bigint
    /** A field of the instruction word; undefined draws any value. */
    readonly operand?: (name: string, random: Random) => bigint | undefined
  }
  /** Answers in the order of the trials. Never throws for what one trial does. */
  readonly run: (trials: readonly Trial[]) => Promise<readonly Answer[]>
  readonly end: () => void
}

/** Sets a bench up for one of its ISAs. Throws EmulatorMissing or EmulatorFailure. */
export type BenchMaker = (isa: Isa, outcomeOf: (instruction: Instruction) => Outcome) => Promise<Bench>

/** The cells of a bank that an instruction reads, and that it writes under a condition. */
export const accesses = (outcome: Outcome, bank: string): readonly { readonly index: Term; readonly when: Bool | undefined }[] => [
  ...postorder(termsOf(outcome)).flatMap((t) => (t.kind === 'select' && t.memory.name === bank ? [{ index: t.address, when: undefined }] : [])),
  ...(outcome.banks.get(bank) ?? []).map((w) => ({ index: w.index, when: w.when })),
]
