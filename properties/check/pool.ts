// Threads for checks and faults: from the sources they read TypeScript through tsx, from dist they need nothing.
import { Tinypool } from 'tinypool'

export const openPool = (workers: number): Tinypool => {
  const worker = import.meta.url.endsWith('.ts') ? 'worker-from-source.mjs' : 'worker.js'
  return new Tinypool({
    filename: new URL(`./${worker}`, import.meta.url).href, minThreads: workers, maxThreads: workers, isolateWorkers: false,
  })
}
