// Checks a system: generated programs against the specification, every property after every step.
import { findSystem, type System } from '../../traces/adapters.ts'
import { trialFrom, type Trial } from '../../traces/generate-trial.ts'
import type { RunTrace } from '../../traces/trace.ts'
import { propertiesOf } from '../monitor/applies.ts'
import { checkDecoders } from '../monitor/decoders.ts'
import type { PropertyName } from '../monitor/property.ts'
import { Tally } from '../monitor/tally.ts'
import { runBatch, runnerFor, shortestFailure, type Batch, type BatchResult } from './batch.ts'
import { inOrder } from './batches.ts'
import { coverageOf, type Coverage } from './coverage.ts'
import { traceOf } from './trace.ts'

export interface CheckOptions {
  /** How many programs; default 20,000 when `seconds` is not given. */
  readonly programs?: number
  /** Number of the first program, 0 otherwise: an interrupted run goes on where it stopped. */
  readonly from?: number
  /** Stop after so many seconds. */
  readonly seconds?: number
  readonly seed?: number
  /** Check only this one. */
  readonly property?: PropertyName
  /** Threads; 1 stays in the caller's. */
  readonly workers?: number
  readonly onProgress?: (progress: Progress) => void
  /** Ends the run early, with a truthful result of what was run. */
  readonly signal?: AbortSignal
}

export interface Progress {
  readonly programs: number
  readonly steps: number
  /** 0 to 1. */
  readonly done: number
}

/** `vacuous`: no step met the premise. */
export type Holds = 'holds' | 'fails' | 'vacuous'

export interface PropertyResult {
  readonly name: PropertyName
  readonly holds: Holds
  /** Steps at which the premise was met. */
  readonly met: number
  /** In what the virtual machine may differ from the bare one, by name. */
  readonly allowances: readonly string[]
  /** How it fails. */
  readonly what?: string
}

export interface Divergence {
  readonly property: PropertyName
  /** Number of the failing program in this run. */
  readonly program: number
  readonly step: number
  readonly what: string
  readonly trial: Trial
  readonly shrunk: {
    readonly trial: Trial
    /** Steps up to and including the parting one. */
    readonly length: number
    readonly what: string
    /** The shrunk program on the specification. */
    readonly trace: RunTrace
  }
}

export interface CheckResult {
  readonly system: string
  readonly seed: number
  /** Number of the first program, and how many were run. */
  readonly from: number
  readonly programs: number
  readonly steps: number
  readonly seconds: number
  readonly properties: readonly PropertyResult[]
  readonly coverage: Coverage
  readonly divergence?: Divergence
  /** Nothing failed, nothing asked for was vacuous and, in a run of the default size or more, everything was covered. */
  readonly passed: boolean
  readonly interrupted: boolean
}

export const defaultPrograms = 20_000
const batchPrograms = 250

/** Throws RangeError when no system has the name. */
export const check = async (name: string, options: CheckOptions = {}): Promise<CheckResult> => {
  const system = findSystem(name)
  if (!system) throw new RangeError(`no system is called ${name}`)
  const { seed = 1, from = 0, property, seconds, signal } = options
  const programs = options.programs ?? (seconds === undefined ? defaultPrograms : Number.MAX_SAFE_INTEGER)
  const began = performance.now()
  const elapsed = (): number => (performance.now() - began) / 1000
  const tally = new Tally()
  const decoders = hasDecoders(system, property) ? checkDecoders(system, seed) : undefined
  tally.met.decoders += decoders?.met ?? 0
  const stopped = (): boolean => signal?.aborted === true || seconds !== undefined && elapsed() >= seconds
  const batch = (number: number): Batch => ({
    system: name, seed, from: from + number * batchPrograms, to: from + Math.min(programs, (number + 1) * batchPrograms),
    ...(property === undefined ? {} : { property }),
  })
  const failed = await inOrder<Batch, BatchResult>({
    batches: Math.ceil(programs / batchPrograms), batch, run: runBatch, name: 'default', stopped, workers: options.workers ?? 1,
    accept: (result) => {
      tally.add(result.tally)
      const done = seconds === undefined ? tally.programs / programs : Math.min(1, elapsed() / seconds)
      options.onProgress?.({ programs: tally.programs, steps: tally.steps, done })
    },
  })
  const divergence = failed && divergenceOf(system, seed, failed, property)
  const properties = propertiesOf(system).filter(({ name: of }) => property === undefined || of === property).map((of): PropertyResult => {
    const met = tally.met[of.name]
    const failure = of.name === 'decoders' ? decoders?.failure : divergence?.property === of.name ? divergence : undefined
    return {
      name: of.name, holds: failure ? 'fails' : met === 0 ? 'vacuous' : 'holds', met, allowances: of.allowances,
      ...(failure ? { what: failure.what } : {}),
    }
  })
  const coverage = coverageOf(system, tally)
  const covered = tally.programs < defaultPrograms || coverage.uncovered.length === 0
  return {
    system: name, seed, from, programs: tally.programs, steps: tally.steps, seconds: elapsed(), properties, coverage,
    ...(divergence ? { divergence } : {}),
    passed: !divergence && covered && properties.every(({ holds }) => holds === 'holds'),
    interrupted: signal?.aborted === true,
  }
}

const hasDecoders = (system: System, property: PropertyName | undefined): boolean =>
  (property === undefined || property === 'decoders') && propertiesOf(system).some(({ name }) => name === 'decoders')

const divergenceOf = (system: System, seed: number, { index, failure }: NonNullable<BatchResult['failed']>, property: PropertyName | undefined): Divergence => {
  const trial = trialFrom(system, seed, index)
  const shrunk = shortestFailure(system, runnerFor(system, property), seed, { index, failure })
  const { what } = shrunk.failure
  const trace = traceOf(shrunk.trial, shrunk.length, { system, seed, property: shrunk.failure.property, what })
  return {
    property: shrunk.failure.property, program: index, step: failure.step, what: failure.what, trial,
    shrunk: { trial: shrunk.trial, length: shrunk.length, what, trace },
  }
}
