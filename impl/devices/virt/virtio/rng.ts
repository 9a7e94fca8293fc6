// The entropy device (virtio 1.2, section 5.4): fills every buffer from a source.
import type { VirtioDevice } from './device.ts'
import { lengthOf } from './buffers.ts'

export const rngDevice = (fill: (bytes: Uint8Array) => void): VirtioDevice => ({
  id: 4,
  queues: [8],
  features: 0,
  config: new Uint8Array(0),
  notified: (queue, queues) => {
    for (let chain = queues.take(queue); chain; chain = queues.take(queue)) {
      for (const buffer of chain.writable) fill(buffer)
      queues.give(queue, chain, lengthOf(chain.writable))
    }
  },
})
