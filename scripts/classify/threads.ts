// Threads that decide: each with a solver of its own, which serves one piece of work after another, of any ISA.
import { setMaxListeners } from 'node:events'
import { Tinypool } from 'tinypool'
import type { Decision } from '../../properties/decide/decide.ts'
import { MissingTool } from '../terminal/failure.ts'
import type { DeciderChoice } from './deciders.ts'
import type { SharedOptions, Slice } from './slices.ts'

/** `isa` is the name of an ISA, or the path of its file. */
export type Work =
  | { readonly kind: 'slice'; readonly isa: string; readonly instructions: readonly string[]; readonly options: SharedOptions; readonly choice: DeciderChoice }
  | { readonly kind: 'lemmas'; readonly isa: string; readonly choice: DeciderChoice }

interface Results {
  readonly slice: Slice
  readonly lemmas: readonly Decision[]
}

export type Reply = { readonly done: Results[Work['kind']] } | { readonly failure: { readonly name: string; readonly message: string } }

export class DecidingThreads {
  readonly #pool: Tinypool
  readonly #interrupted: AbortSignal | undefined

  constructor(threads: number, interrupted?: AbortSignal) {
    const file = import.meta.url.endsWith('.ts') ? 'worker-from-source.mjs' : 'worker.js'
    this.#pool = new Tinypool({ filename: new URL(`./${file}`, import.meta.url).href, minThreads: 1, maxThreads: threads, isolateWorkers: false, trackUnmanagedFds: false })
    this.#interrupted = interrupted
    // Each piece of work listens for the interrupt.
    if (interrupted) setMaxListeners(0, interrupted)
  }

  /** In the order of asking; undefined where an interrupt came first. Throws what the thread met, MissingTool by its type. */
  async run<K extends Work['kind']>(work: Extract<Work, { kind: K }>): Promise<Results[K] | undefined> {
    let reply: Reply
    try {
      reply = await this.#pool.run(work, this.#interrupted ? { signal: this.#interrupted } : {}) as Reply
    } catch (error) {
      if (this.#interrupted?.aborted) return undefined
      throw error
    }
    if ('done' in reply) return reply.done as Results[K]
    const { name, message } = reply.failure
    throw name === 'MissingTool' ? new MissingTool(message) : Object.assign(new Error(message), { name })
  }

  close(): Promise<void> {
    return this.#pool.destroy()
  }
}
