// The speed of comparing the hart with its specification, for the benchmark.
import { benchOfThread } from './batch.ts'
import { numberOf, programFrom } from './draw.ts'
import { emptyTally, runProgram } from './run.ts'
import { ways, type Way } from '../../traces/hart-program.ts'

export interface HartRate {
  /** Compared instructions a second, programs generated and compared. */
  readonly all: number
  readonly of: Readonly<Record<Way, number>>
  /** Of the time, what it took to generate the programs: 0 to 1. */
  readonly generating: number
}

const seed = 1, warmUp = 400

/** In this thread, for about so many seconds after a warm-up; one configuration, as to compile the specification of another takes seconds. */
export const hartRate = (seconds: number): HartRate => {
  const { pairs, cells, words } = benchOfThread(), tally = emptyTally(cells)
  let number = 0
  const steps: Record<Way, number> = { steps: 0, runs: 0, translated: 0 }, times: Record<Way, number> = { steps: 0, runs: 0, translated: 0 }
  let generating = 0
  const one = (counts: boolean): void => {
    const began = performance.now(), program = programFrom(seed, numberOf(0, number++), words), drawn = performance.now(), before = tally.steps
    runProgram(pairs, program, cells, tally)
    if (!counts) return
    generating += drawn - began
    steps[program.way] += tally.steps - before
    times[program.way] += performance.now() - began
  }
  while (number < warmUp) one(false)
  const total = (of: Record<Way, number>): number => ways.reduce((sum, way) => sum + of[way], 0)
  while (total(times) < 1000 * seconds || number % ways.length !== 0) one(true)
  const rate = (way: Way): number => steps[way] / times[way] * 1000
  return { all: total(steps) / total(times) * 1000, of: { steps: rate('steps'), runs: rate('runs'), translated: rate('translated') }, generating: generating / total(times) }
}
