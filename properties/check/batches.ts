// Batches of numbered programs, on threads or in this one: the result does not depend on how many there are.
import { openPool } from './pool.ts'

interface Batches<B, R> {
  readonly batches: number
  readonly batch: (number: number) => B
  readonly run: (batch: B) => R
  /** Under which the worker exports `run`. */
  readonly name: string
  readonly workers: number
  readonly stopped: () => boolean
  /** Called in the order of the batches. */
  readonly accept: (result: R) => void
}

/** Runs batches until one fails, and counts none after the first that failed; what failed. */
export const inOrder = async <B, R extends { readonly failed?: unknown }>(of: Batches<B, R>): Promise<R['failed']> => {
  const pool = of.workers > 1 ? openPool(of.workers) : undefined
  const run = async (batch: B): Promise<R> => (pool ? await pool.run(batch, { name: of.name }) as R : await inTurn(() => of.run(batch)))
  const running = new Map<number, Promise<R>>()
  try {
    let next = 0
    let accepted = 0
    while (accepted < of.batches) {
      while (running.size < Math.max(1, of.workers) + (pool ? 1 : 0) && next < of.batches && !of.stopped()) {
        running.set(next, run(of.batch(next)))
        next += 1
      }
      const first = running.get(accepted)
      if (!first) return undefined
      const result = await first
      running.delete(accepted)
      of.accept(result)
      if (result.failed) return result.failed
      accepted += 1
    }
    return undefined
  } finally {
    await Promise.allSettled(running.values())
    await pool?.destroy()
  }
}

/** Lets timers, signals and progress in between two batches. */
const inTurn = <R>(work: () => R): Promise<R> =>
  new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(work())
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    })
  })
