// Plants every fault, one at a time, and says which were caught.
import { openPool } from '../check/pool.ts'
import { faults } from './faults.ts'
import { hartFaults } from '../hart/faults.ts'
import { runFault, type FaultResult, type FaultTask } from './run-fault.ts'

export interface RunFaultsOptions {
  /** Those to plant; all otherwise. */
  readonly faults?: readonly { readonly name: string; readonly system: string }[]
  /** Only those planted in this system. */
  readonly system?: string
  readonly seed?: number
  /** Programs to try before a fault counts as survived; default 4,000. */
  readonly programs?: number
  /** Threads; 1 stays in the caller's. */
  readonly workers?: number
  /** In the order of the faults. */
  readonly onResult?: (result: FaultResult) => void
  /** Ends the run early, with the faults that were tried. */
  readonly signal?: AbortSignal
}

export interface FaultsResult {
  /** The system asked for, or `all`. */
  readonly system: string
  readonly seed: number
  readonly faults: readonly FaultResult[]
  readonly caught: number
  /** How many were tried. */
  readonly total: number
  readonly seconds: { readonly median: number; readonly most: number }
  readonly programLength: { readonly median: number; readonly most: number }
  readonly interrupted: boolean
}

/** Throws RangeError when no fault is planted in the system. */
export const runFaults = async (options: RunFaultsOptions = {}): Promise<FaultsResult> => {
  const { system, seed = 1, programs = 4000, workers = 1, signal } = options
  const chosen = (options.faults ?? [...faults, ...hartFaults]).filter((fault) => system === undefined || fault.system === system)
  if (chosen.length === 0) throw new RangeError(`no fault is planted in ${String(system)}`)
  const pool = workers > 1 ? openPool(workers) : undefined
  const results: FaultResult[] = []
  try {
    const run = async (task: FaultTask): Promise<FaultResult> =>
      (pool ? await pool.run(task, { name: 'runFault' }) as FaultResult : await inTurn(task))
    const running: Promise<FaultResult>[] = []
    let next = 0
    while (results.length < chosen.length && (signal?.aborted !== true || running.length > 0)) {
      while (running.length < workers + (pool ? 1 : 0) && next < chosen.length && signal?.aborted !== true) {
        running.push(run({ fault: chosen[next]!.name, seed, programs }))
        next += 1
      }
      const result = await running.shift()!
      results.push(result)
      options.onResult?.(result)
    }
  } finally {
    await pool?.destroy()
  }
  const caught = results.filter((result) => result.caught)
  return {
    system: system ?? 'all', seed, faults: results, caught: caught.length, total: results.length,
    seconds: spread(caught.map(({ seconds }) => seconds)), programLength: spread(caught.map(({ programLength }) => programLength)),
    interrupted: signal?.aborted === true,
  }
}

/** Lets timers, signals and progress in between two faults. */
const inTurn = (task: FaultTask): Promise<FaultResult> =>
  new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(runFault(task))
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    })
  })

const spread = (numbers: readonly number[]) => {
  const sorted = numbers.toSorted((one, other) => one - other)
  return { median: sorted[sorted.length >> 1] ?? 0, most: sorted.at(-1) ?? 0 }
}
