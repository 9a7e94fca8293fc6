// A driver for the tests: sets a virtio device up through its registers, and speaks over a split queue in a small RAM.
import { GuestMemory } from './guest-memory.ts'
import type { VirtioDevice } from './device.ts'
import { VirtioMmio } from './mmio.ts'

export const ramStart = 0x8000_0000
const tableAt = (queue: number): number => ramStart + 0x4000 * queue
const entries = 8

export interface Buffer {
  readonly address: number
  readonly length: number
  readonly written?: boolean
}

export class Driver {
  readonly ram = new Uint8Array(0x2_0000)
  readonly dirty: (readonly [offset: number, bytes: number])[] = []
  readonly memory = new GuestMemory(this.ram, ramStart, (offset, bytes) => void this.dirty.push([offset, bytes]))
  readonly mmio: VirtioMmio
  line = false
  private readonly given = [0, 0]
  private readonly legacy: boolean

  constructor(device: VirtioDevice | undefined, legacy = false) {
    this.legacy = legacy
    this.mmio = new VirtioMmio(device, legacy, { memory: () => this.memory, line: (level) => { this.line = level } })
  }

  get(offset: number): number {
    return this.mmio.load(offset, 4)!
  }

  set(offset: number, value: number): void {
    this.mmio.store(offset, 4, value >>> 0)
  }

  /** Negotiates `features` (31:0), sets every queue up, and starts the device. */
  start(features = 0, queues = 1): this {
    this.set(0x70, 0)
    this.set(0x70, 3)
    this.set(0x24, 0)
    this.set(0x20, features)
    if (!this.legacy) {
      this.set(0x24, 1)
      this.set(0x20, 1)
      this.set(0x70, 11)
    } else this.set(0x28, 4096)
    for (let queue = 0; queue < queues; queue++) {
      this.set(0x30, queue)
      this.set(0x38, entries)
      if (this.legacy) {
        this.set(0x3c, 4096)
        this.set(0x40, tableAt(queue) / 4096)
      } else {
        this.set(0x80, tableAt(queue))
        this.set(0x90, this.available(queue))
        this.set(0xa0, this.used(queue))
        this.set(0x44, 1)
      }
    }
    this.set(0x70, this.legacy ? 7 : 15)
    return this
  }

  available(queue: number): number {
    return tableAt(queue) + 16 * entries
  }

  used(queue: number): number {
    return tableAt(queue) + 0x1000
  }

  describe(table: number, index: number, { address, length, written = false }: Buffer, flags: number, next: number): void {
    this.memory.write32(table + 16 * index, address)
    this.memory.write32(table + 16 * index + 4, 0)
    this.memory.write32(table + 16 * index + 8, length)
    this.memory.write16(table + 16 * index + 12, flags | (written ? 2 : 0))
    this.memory.write16(table + 16 * index + 14, next)
  }

  /** Makes a chain of descriptors from `first` on available. */
  offer(queue: number, buffers: readonly Buffer[], first = 0): void {
    buffers.forEach((b, i) => this.describe(tableAt(queue), first + i, b, i + 1 < buffers.length ? 1 : 0, first + i + 1))
    this.publish(queue, first)
  }

  publish(queue: number, head: number): void {
    const ring = this.available(queue)
    this.memory.write16(ring + 4 + 2 * (this.given[queue]! % entries), head)
    this.given[queue]!++
    this.memory.write16(ring + 2, this.given[queue]!)
    this.dirty.length = 0
  }

  notify(queue: number): void {
    this.set(0x50, queue)
  }

  /** The used ring's index, and its entries so far. */
  returned(queue: number): readonly (readonly [head: number, length: number])[] {
    const ring = this.used(queue)
    return Array.from({ length: this.memory.read16(ring + 2) }, (_, i) => [this.memory.read32(ring + 4 + 8 * (i % entries)), this.memory.read32(ring + 8 + 8 * (i % entries))] as const)
  }

  put(address: number, bytes: Iterable<number>): void {
    this.ram.set([...bytes], address - ramStart)
  }

  peek(address: number, length: number): number[] {
    return [...this.ram.subarray(address - ramStart, address - ramStart + length)]
  }
}
