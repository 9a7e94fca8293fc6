// The speed of checking: compared steps a second, for the benchmark.
import { findSystem } from '../../traces/adapters.ts'
import { trialFrom } from '../../traces/generate-trial.ts'
import { runTrials, runnerFor } from './batch.ts'

export interface Rate {
  readonly system: string
  /** Steps after each of which specification, processor and guest were advanced and compared with all properties. */
  readonly steps: number
  readonly programs: number
  /** Seconds of one core. */
  readonly seconds: number
  readonly stepsPerSecond: number
  /** Of the seconds, what it took to generate the programs. */
  readonly generating: number
}

const seed = 1
const warmUp = 600
const batchPrograms = 100

/** Checks generated programs in this thread for about so many seconds, after a warm-up. Throws RangeError for an unknown system. */
export const compareRate = (name = 'third-generation/trap-and-emulate', seconds = 1): Rate => {
  const system = findSystem(name)
  if (!system) throw new RangeError(`no system is called ${name}`)
  const runner = runnerFor(system)
  let index = 0
  const batch = (programs: number): number => {
    const { tally } = runTrials(system, runner, { seed, from: index, to: index + programs })
    index += programs
    return tally.steps
  }
  batch(warmUp)
  const began = performance.now()
  let steps = 0
  while (performance.now() - began < 1000 * seconds) steps += batch(batchPrograms)
  const elapsed = (performance.now() - began) / 1000
  const programs = index - warmUp
  const generatingBegan = performance.now()
  for (let number = 0; number < batchPrograms; number += 1) trialFrom(system, seed, number)
  const generating = (performance.now() - generatingBegan) / 1000 * (programs / batchPrograms)
  return { system: name, steps, programs, seconds: elapsed, stepsPerSecond: steps / elapsed, generating }
}
