// Checks the RISC-V hart: generated programs on it and on the specification, all state compared.
import { inOrder } from '../check/batches.ts'
import { benchOfThread, runHartBatch, type HartBatch, type HartBatchResult } from './batch.ts'
import { coverageOf, type HartCoverage } from './coverage.ts'
import { programFrom } from './draw.ts'
import type { Program } from '../../traces/hart-program.ts'
import { emptyTally, type Failure } from './run.ts'
import { shrinkProgram } from './shrink.ts'

export interface HartCheckOptions {
  /** How many programs; default 2,400 when `seconds` is not given. */
  readonly programs?: number
  /** Number of the first program, 0 otherwise. */
  readonly from?: number
  readonly seconds?: number
  readonly seed?: number
  /** Threads; 1 stays in the caller's. */
  readonly workers?: number
  readonly onProgress?: (progress: { readonly programs: number; readonly steps: number; readonly done: number }) => void
  readonly signal?: AbortSignal
}

export interface HartDivergence {
  /** Number of the failing program in this run. */
  readonly program: number
  readonly failure: Failure
  readonly shrunk: { readonly program: Program; readonly failure: Failure }
}

export interface HartCheck {
  readonly seed: number
  readonly from: number
  readonly programs: number
  readonly steps: number
  readonly interrupts: number
  readonly seconds: number
  /** Programs ended early, by why. */
  readonly excluded: Readonly<Record<string, number>>
  readonly coverage: HartCoverage
  readonly divergence?: HartDivergence
  readonly passed: boolean
  readonly interrupted: boolean
}

export const defaultPrograms = 2400
const batchPrograms = 40

export const exclusions = {
  stale: 'the hart used a page-table entry as it was before a store to it that no SFENCE.VMA had followed yet; the manual allows it, the specification walks afresh',
} as const

export const checkHart = async (options: HartCheckOptions = {}): Promise<HartCheck> => {
  const { seed = 1, from = 0, seconds, signal } = options
  const programs = options.programs ?? (seconds === undefined ? defaultPrograms : Number.MAX_SAFE_INTEGER)
  const began = performance.now(), elapsed = (): number => (performance.now() - began) / 1000
  const { cells, words, pairs } = benchOfThread(), tally = emptyTally(cells), counts = new Float64Array(cells.count)
  const failed = await inOrder<HartBatch, HartBatchResult>({
    batches: Math.ceil(programs / batchPrograms), run: runHartBatch, name: 'runHartBatch', workers: options.workers ?? 1,
    batch: (number) => ({ seed, from: from + number * batchPrograms, to: from + Math.min(programs, (number + 1) * batchPrograms) }),
    stopped: () => signal?.aborted === true || seconds !== undefined && elapsed() >= seconds,
    accept: ({ tally: { cells: pairsOfCells, ...counted } }) => {
      tally.programs += counted.programs
      tally.steps += counted.steps
      tally.interrupts += counted.interrupts
      tally.stale += counted.stale
      for (let k = 0; k < pairsOfCells.length; k += 2) counts[pairsOfCells[k]!]! += pairsOfCells[k + 1]!
      options.onProgress?.({ programs: tally.programs, steps: tally.steps, done: seconds === undefined ? tally.programs / programs : Math.min(1, elapsed() / seconds) })
    },
  })
  const divergence = failed && { program: failed.number, failure: failed.failure, shrunk: shrinkProgram(pairs, cells, programFrom(seed, failed.number, words)) }
  const time = elapsed()
  return {
    seed, from, programs: tally.programs, steps: tally.steps, interrupts: tally.interrupts, seconds: time,
    excluded: { [exclusions.stale]: tally.stale },
    coverage: coverageOf(cells, counts), ...(divergence ? { divergence } : {}), passed: !divergence && tally.steps > 0, interrupted: signal?.aborted === true,
  }
}
