// The console device (virtio 1.2, section 5.3) with one port: queue 0 carries what is typed, queue 1 what the driver prints.
import type { VirtioDevice } from './device.ts'
import { lengthOf, scatter } from './buffers.ts'

const receive = 0
const queueEntries = 64

export interface ConsoleDevice extends VirtioDevice {
  /** Puts bytes on the way to the driver; the transport's `poll(0)` delivers them. */
  readonly type: (bytes: Iterable<number>) => void
  /** Typed and not delivered. */
  readonly typed: () => readonly number[]
}

export const consoleDevice = (print: (bytes: Uint8Array) => void): ConsoleDevice => {
  const typed: number[] = []
  return {
    id: 3,
    queues: [queueEntries, queueEntries],
    features: 0,
    config: new Uint8Array(12),
    type: (bytes) => {
      for (const byte of bytes) typed.push(byte)
    },
    typed: () => typed,
    notified: (queue, queues) => {
      if (queue !== receive) {
        for (let chain = queues.take(queue); chain; chain = queues.take(queue)) {
          // Copies: the driver may reuse its buffers at once.
          for (const bytes of chain.readable) print(bytes.slice())
          queues.give(queue, chain, 0)
        }
        return
      }
      while (typed.length > 0) {
        const chain = queues.take(queue)
        if (!chain) return
        queues.give(queue, chain, scatter(chain.writable, Uint8Array.from(typed.splice(0, lengthOf(chain.writable)))))
      }
    },
  }
}
