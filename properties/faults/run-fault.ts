// One planted fault: how it is caught, by what, after how long, and how short the program is that shows it.
import { findSystem, type System } from '../../traces/adapters.ts'
import { trialFrom, type Trial } from '../../traces/generate-trial.ts'
import { runnerFor, shortestFailure } from '../check/batch.ts'
import { checkDecoders } from '../monitor/decoders.ts'
import type { Failure, PropertyName } from '../monitor/property.ts'
import { plantIn } from './fault.ts'
import { findFault } from './faults.ts'
import { hartFaults } from '../hart/faults.ts'
import { runHartFault } from '../hart/run-fault.ts'

export interface FaultTask {
  readonly fault: string
  readonly seed: number
  /** Programs to try before the fault counts as survived. */
  readonly programs: number
}

export interface FaultResult {
  readonly name: string
  readonly sentence: string
  readonly where: string
  readonly system: string
  /** The property that must catch it. */
  readonly property: string
  /** Whether it did. */
  readonly caught: boolean
  /** The property that caught it: the named one, or what failed when the named one did not. */
  readonly by?: string
  /** The property that failed first, when that was another one. */
  readonly firstBy?: string
  readonly what?: string
  /** From nothing to the first failing step. */
  readonly seconds: number
  readonly shrinkSeconds: number
  /** Steps of the shrunk program, up to and including the parting one; 0 when there is none. */
  readonly programLength: number
  readonly trial?: Trial
}

/** Throws RangeError when no fault has the name. */
export const runFault = ({ fault: name, seed, programs }: FaultTask): FaultResult => {
  const ofHart = hartFaults.find((fault) => fault.name === name)
  if (ofHart) return runHartFault(ofHart, seed, programs)
  const fault = findFault(name)
  const sound = fault && findSystem(fault.system)
  if (!fault || !sound) throw new RangeError(`no fault is called ${name}`)
  const system = plantIn(sound, fault)
  const about = { name, sentence: fault.sentence, where: fault.where, system: fault.system, property: fault.property }
  const began = performance.now()
  if (fault.where === 'decoder') {
    const { failure } = checkDecoders(system, seed)
    const seconds = (performance.now() - began) / 1000
    return { ...about, ...caughtBy(fault.property, failure), seconds, shrinkSeconds: 0, programLength: failure ? 1 : 0 }
  }
  const first = search(system, seed, programs)
  const other = first?.failure.property === fault.property ? undefined : first
  const found = other ? search(system, seed, programs, fault.property) ?? other : first
  const elapsed = (performance.now() - began) / 1000
  if (!found) return { ...about, caught: false, seconds: elapsed, shrinkSeconds: 0, programLength: 0 }
  const { failure, trial, length, shrinkSeconds } = found
  return {
    ...about, ...caughtBy(fault.property, failure), ...(other ? { firstBy: other.failure.property } : {}),
    seconds: elapsed - shrinkSeconds - (other && other !== found ? other.shrinkSeconds : 0), shrinkSeconds, programLength: length, trial,
  }
}

/** The first program that fails, shrunk. */
const search = (system: System, seed: number, programs: number, property?: PropertyName) => {
  const runner = runnerFor(system, property)
  for (let index = 0; index < programs; index += 1) {
    const failure = runner.run(trialFrom(system, seed, index))
    if (!failure) continue
    const began = performance.now()
    const shrunk = shortestFailure(system, runner, seed, { index, failure })
    return { ...shrunk, shrinkSeconds: (performance.now() - began) / 1000 }
  }
  return undefined
}

const caughtBy = (property: PropertyName, failure: Failure | undefined) =>
  failure ? { caught: failure.property === property, by: failure.property, what: failure.what } : { caught: false }
