// A batch of programs: what one worker does at a time.
import { riscvHart } from '../../model/isa/riscv/isa.ts'
import { Cells } from './cells.ts'
import { choicesOf, configurations } from './configurations.ts'
import { programFrom } from './draw.ts'
import { Words } from './draw-words.ts'
import { Pairs } from './pair.ts'
import { emptyTally, runProgram, type Failure, type Tally } from './run.ts'

/** Plain data: it is sent to a worker. */
export interface HartBatch {
  readonly seed: number
  /** Programs from `from` up to but not including `to`. */
  readonly from: number
  readonly to: number
}
export interface HartBatchResult {
  /** Its cells as pairs of a number and a count. */
  readonly tally: Omit<Tally, 'cells'> & { readonly cells: Uint32Array }
  readonly failed?: { readonly number: number; readonly failure: Failure }
}

/** What a thread needs to run programs; instructions are the same in all configurations. */
export class Bench {
  readonly pairs: Pairs
  readonly cells: Cells
  readonly words: Words

  constructor(pairs: Pairs = new Pairs()) {
    const { isa } = riscvHart('riscv64', choicesOf(configurations[0]!))
    this.pairs = pairs
    this.cells = new Cells(isa)
    this.words = new Words(isa.instructions)
  }

  run({ seed, from, to }: HartBatch, tally: Tally = emptyTally(this.cells)): { readonly tally: Tally; readonly failed?: NonNullable<HartBatchResult['failed']> } {
    for (let number = from; number < to; number++) {
      const failure = runProgram(this.pairs, programFrom(seed, number, this.words), this.cells, tally)
      if (failure) return { tally, failed: { number, failure } }
    }
    return { tally }
  }
}

let bench: Bench | undefined
/** That of this thread: its specifications are compiled once. */
export const benchOfThread = (): Bench => (bench ??= new Bench())

export const runHartBatch = (batch: HartBatch): HartBatchResult => {
  const { tally: { cells, ...counts }, failed } = benchOfThread().run(batch)
  return { tally: { ...counts, cells: sparse(cells) }, ...(failed ? { failed } : {}) }
}

const sparse = (cells: Uint32Array): Uint32Array => {
  const pairs: number[] = []
  cells.forEach((count, number) => { if (count > 0) pairs.push(number, count) })
  return Uint32Array.from(pairs)
}
