// What a virtio device is to its transport.
import type { Chain } from './queue.ts'

/** The queues of a device that is running. */
export interface Queues {
  /** The next chain of a queue. */
  readonly take: (queue: number) => Chain | undefined
  /** Returns a chain of which so many bytes were written. */
  readonly give: (queue: number, chain: Chain, written: number) => void
}

export interface VirtioDevice {
  /** Virtio 1.2, section 5. */
  readonly id: number
  /** Entries of each queue at most. */
  readonly queues: readonly number[]
  /** Feature bits of the device's own, 23:0; the transport adds those of the ring. */
  readonly features: number
  /** The configuration space. */
  readonly config: Uint8Array
  /** The driver has put chains into a queue, or has become ready. May throw GuestFault. */
  readonly notified: (queue: number, queues: Queues) => void
  /** The driver has reset the device. */
  readonly reset?: () => void
}
