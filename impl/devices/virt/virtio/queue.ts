// A split virtqueue (virtio 1.2, section 2.7): chains of buffers from the driver, and their return.
import { GuestFault, type GuestMemory } from './guest-memory.ts'

const descriptorBytes = 16
const hasNext = 1
const deviceWrites = 2
const isIndirect = 4
/** In the rings' flags. */
const noInterrupt = 1
/** Descriptors of one chain: a loop in a table is found out. */
const longest = 1024

export interface QueueState {
  readonly size: number
  readonly ready: boolean
  readonly descriptors: number
  readonly available: number
  readonly used: number
  readonly nextAvailable: number
  readonly nextUsed: number
}

/** A chain that the driver made available. */
export interface Chain {
  readonly head: number
  /** What the device reads, in order; views of RAM. */
  readonly readable: readonly Uint8Array[]
  /** What the device writes, in order; views of RAM. */
  readonly writable: readonly Uint8Array[]
  /** Physical addresses of `writable`. */
  readonly places: readonly number[]
}

export class Queue {
  readonly maximum: number
  size = 0
  ready = false
  /** Physical addresses of the three parts. */
  descriptors = 0
  available = 0
  used = 0
  private nextAvailable = 0
  private nextUsed = 0

  /** `maximum` entries, a power of two. */
  constructor(maximum: number) {
    this.maximum = maximum
    this.size = maximum
  }

  reset(): void {
    this.restore({ size: this.maximum, ready: false, descriptors: 0, available: 0, used: 0, nextAvailable: 0, nextUsed: 0 })
  }

  save(): QueueState {
    const { size, ready, descriptors, available, used, nextAvailable, nextUsed } = this
    return { size, ready, descriptors, available, used, nextAvailable, nextUsed }
  }

  restore(state: QueueState): void {
    Object.assign(this, state)
  }

  /** Whether the driver has made something available. Throws GuestFault. */
  waiting(memory: GuestMemory): boolean {
    return this.ready && this.nextAvailable !== memory.read16(this.available + 2)
  }

  /** The next chain, undefined when there is none. `eventIndex`: the driver is told up to where its ring was read. Throws GuestFault for a malformed one. */
  take(memory: GuestMemory, eventIndex: boolean): Chain | undefined {
    if (!this.waiting(memory)) return undefined
    const head = memory.read16(this.available + 4 + 2 * (this.nextAvailable % this.size))
    this.nextAvailable = (this.nextAvailable + 1) & 0xffff
    if (eventIndex) memory.write16(this.used + 4 + 8 * this.size, this.nextAvailable)
    const readable: Uint8Array[] = [], writable: Uint8Array[] = [], places: number[] = []
    let table = this.descriptors
    let entries = this.size
    let index = head
    for (let walked = 0; ; walked++) {
      if (index >= entries || walked >= longest) throw new GuestFault(`descriptor ${index} of ${entries}`)
      const entry = table + descriptorBytes * index
      const address = memory.read64(entry), length = memory.read32(entry + 8), flags = memory.read16(entry + 12)
      if (flags & isIndirect) {
        if (table !== this.descriptors || flags & hasNext || length === 0 || length % descriptorBytes !== 0) throw new GuestFault('an indirect table that cannot be')
        table = address
        entries = length / descriptorBytes
        index = 0
        // The entries of the new table are counted from here.
        walked = -1
        continue
      }
      if (flags & deviceWrites) {
        writable.push(memory.at(address, length))
        places.push(address)
      } else if (writable.length > 0) throw new GuestFault('a buffer to read after one to write')
      else readable.push(memory.at(address, length))
      if (!(flags & hasNext)) return { head, readable, writable, places }
      index = memory.read16(entry + 14)
    }
  }

  /** Returns a chain of which the first `written` bytes of its writable buffers were written; whether the driver wants an interrupt. */
  give(memory: GuestMemory, chain: Chain, written: number, eventIndex: boolean): boolean {
    let left = written
    for (let i = 0; i < chain.places.length && left > 0; i++) {
      const part = Math.min(left, chain.writable[i]!.length)
      memory.wrote(chain.places[i]!, part)
      left -= part
    }
    const entry = this.used + 4 + 8 * (this.nextUsed % this.size)
    memory.write32(entry, chain.head)
    memory.write32(entry + 4, written)
    const before = this.nextUsed
    this.nextUsed = (this.nextUsed + 1) & 0xffff
    memory.write16(this.used + 2, this.nextUsed)
    if (!eventIndex) return (memory.read16(this.available) & noInterrupt) === 0
    const wanted = memory.read16(this.available + 4 + 2 * this.size)
    return ((this.nextUsed - wanted - 1) & 0xffff) < ((this.nextUsed - before) & 0xffff)
  }
}
