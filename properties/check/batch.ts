// A batch of trials: what one worker does at a time.
import { findSystem, type System } from '../../traces/adapters.ts'
import { trialFrom, type Trial } from '../../traces/generate-trial.ts'
import { shrink, type Shrunk } from '../../traces/shrink.ts'
import { LockStep } from '../monitor/lock-step.ts'
import type { Failure, PropertyName } from '../monitor/property.ts'
import type { Tally } from '../monitor/tally.ts'
import { TwoGuests } from '../monitor/two-guests.ts'

/** Plain data: it is sent to a worker. */
export interface Batch {
  readonly system: string
  readonly seed: number
  /** Trials from `from` up to but not including `to`. */
  readonly from: number
  readonly to: number
  /** Check only this one. */
  readonly property?: PropertyName
}

export interface BatchResult {
  readonly tally: Tally
  /** The first failing trial. */
  readonly failed?: { readonly index: number; readonly failure: Failure }
}

/** What runs trials. */
export interface Runner {
  run(trial: Trial): Failure | undefined
  after(trial: Trial, steps: number): Trial | undefined
  takeTally(): Tally
}

export const runnerFor = (system: System, property?: PropertyName): Runner =>
  system.guests > 1 ? new TwoGuests(system, property) : new LockStep(system, property)

const runners = new Map<string, Runner>()

/** One runner for each system and property: its reference machines are compiled once. */
const runnerOf = (batch: Batch): { readonly system: System; readonly runner: Runner } => {
  const system = findSystem(batch.system)
  if (!system) throw new RangeError(`no system is called ${batch.system}`)
  const key = `${batch.system} ${batch.property ?? ''}`
  const known = runners.get(key) ?? runnerFor(system, batch.property)
  runners.set(key, known)
  return { system, runner: known }
}

export const runBatch = (batch: Batch): BatchResult => {
  const { system, runner } = runnerOf(batch)
  return runTrials(system, runner, batch)
}

export const runTrials = (system: System, runner: Runner, { seed, from, to }: Pick<Batch, 'seed' | 'from' | 'to'>): BatchResult => {
  runner.takeTally()
  for (let index = from; index < to; index += 1) {
    const failure = runner.run(trialFrom(system, seed, index))
    if (failure) return { tally: runner.takeTally(), failed: { index, failure } }
  }
  return { tally: runner.takeTally() }
}

export type ShrunkFailure = Shrunk & { readonly failure: Failure }

/** A shrunk program no longer than this is short enough; after a longer one the next failing programs are tried too. */
const shortEnough = 4
const furtherFailures = 5
const furtherPrograms = 600

/** The failing trial shrunk, or a later failing one of the same run where that gets shorter. */
export const shortestFailure = (system: System, runner: Runner, seed: number, failed: NonNullable<BatchResult['failed']>): ShrunkFailure => {
  let best = shrinkFailure(runner, trialFrom(system, seed, failed.index), failed.failure)
  let failures = 0
  for (let index = failed.index + 1; index < failed.index + furtherPrograms; index += 1) {
    if (best.length <= shortEnough || failures === furtherFailures) break
    const trial = trialFrom(system, seed, index)
    const failure = runner.run(trial)
    if (failure?.property !== failed.failure.property) continue
    failures += 1
    const other = shrinkFailure(runner, trial, failure)
    if (other.length < best.length && other.failure.property === best.failure.property) best = other
  }
  return best
}

/** The shortest trial that breaks the same property. */
const shrinkFailure = (runner: Runner, trial: Trial, failure: Failure): ShrunkFailure => {
  // One step at a time says more precisely what is wrong, and may name another property.
  const slow = { ...trial, strides: [1] }
  const precise = trial.strides.some((stride) => stride !== 1) ? runner.run(slow) : undefined
  const { property, step } = precise ?? failure
  const shrunk = shrink({ ...(precise ? slow : trial), steps: Math.max(1, step) }, {
    fails: (candidate) => {
      const found = runner.run(candidate)
      return found?.property === property ? found.step : undefined
    },
    after: (candidate, steps) => runner.after(candidate, steps),
  })
  return { ...shrunk, failure: runner.run(shrunk.trial) ?? failure }
}
