// Confirming many ISAs on many emulators, over threads.
import { setMaxListeners } from 'node:events'
import { Tinypool } from 'tinypool'
import type { ConfirmResult, ConfirmTask } from './worker.ts'

export interface Confirmed extends ConfirmTask, ConfirmResult {}

export interface ConfirmAllOptions {
  readonly threads: number
  readonly interrupted?: AbortSignal
  readonly onProgress?: (done: number, total: number, last: string) => void
}

/** In the order of the tasks; those that an interrupt left undone are missing. */
export const confirmAll = async (tasks: readonly ConfirmTask[], { threads, interrupted, onProgress }: ConfirmAllOptions): Promise<Confirmed[]> => {
  const file = import.meta.url.endsWith('.ts') ? 'worker-from-source.mjs' : 'worker.js'
  const pool = new Tinypool({ filename: new URL(`./${file}`, import.meta.url).href, minThreads: 1, maxThreads: Math.max(1, Math.min(threads, tasks.length)), isolateWorkers: false, trackUnmanagedFds: false })
  const results = new Map<ConfirmTask, Confirmed>()
  if (interrupted) setMaxListeners(0, interrupted)
  onProgress?.(0, tasks.length, '')
  try {
    await Promise.all(tasks.map(async (task) => {
      results.set(task, { ...task, ...await pool.run(task, interrupted ? { signal: interrupted } : {}) as ConfirmResult })
      onProgress?.(results.size, tasks.length, `${task.isa} on ${task.emulator}`)
    }))
  } catch (error) {
    if (interrupted?.aborted !== true) throw error
  } finally {
    await pool.destroy()
  }
  return tasks.flatMap((t) => results.get(t) ?? [])
}
