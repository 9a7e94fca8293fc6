// One fault planted in the hart or its specification: whether programs show it, after how long, and how short the shortest one is.
import type { FaultResult } from '../faults/run-fault.ts'
import { Bench, benchOfThread } from './batch.ts'
import { numberOf, programFrom } from './draw.ts'
import type { HartFault } from './faults.ts'
import { Pairs } from './pair.ts'
import { emptyTally, runProgram } from './run.ts'
import { shrinkProgram } from './shrink.ts'

const shrinkRuns = 600

/** Tries at most so many programs of the fault's configuration. */
export const runHartFault = (fault: HartFault, seed: number, programs: number): FaultResult => {
  const { name, sentence, where, system, property, configuration } = fault, about = { name, sentence, where, system, property }
  const began = performance.now(), since = (): number => (performance.now() - began) / 1000
  const { pairs, cells, words } = new Bench(new Pairs(fault.parts, benchOfThread().pairs))
  const undo = fault.plant()
  try {
    for (let n = 0; n < programs; n++) {
      const program = programFrom(seed, numberOf(configuration, n), words), failure = runProgram(pairs, program, cells, emptyTally(cells))
      if (!failure) continue
      const seconds = since(), shrunk = shrinkProgram(pairs, cells, program, shrinkRuns)
      return {
        ...about, caught: true, by: property, what: failure.differences.map((d) => d.what).join(', '), seconds, shrinkSeconds: since() - seconds, programLength: shrunk.failure.step,
      }
    }
    return { ...about, caught: false, seconds: since(), shrinkSeconds: 0, programLength: 0 }
  } finally {
    undo()
  }
}
