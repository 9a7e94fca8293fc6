// The virtio transport over memory-mapped registers (virtio 1.2, section 4.2), both the modern layout and the legacy one.
import type { Bytes } from '../../../cpu/riscv/platform.ts'
import type { Device, Line } from '../device.ts'
import type { Queues, VirtioDevice } from './device.ts'
import { GuestFault, type GuestMemory } from './guest-memory.ts'
import { Queue, type QueueState } from './queue.ts'

const bytesBehind = 0x200
const configOffset = 0x100
const magic = 0x7472_6976
/** "QEMU": drivers written for its board look for it. */
const vendor = 0x554d_4551

const register = {
  magic: 0x00, version: 0x04, deviceId: 0x08, vendorId: 0x0c,
  deviceFeatures: 0x10, deviceFeaturesSelect: 0x14, driverFeatures: 0x20, driverFeaturesSelect: 0x24, guestPageSize: 0x28,
  queueSelect: 0x30, queueSizeMaximum: 0x34, queueSize: 0x38, queueAlign: 0x3c, queuePage: 0x40, queueReady: 0x44, queueNotify: 0x50,
  interruptStatus: 0x60, interruptAcknowledge: 0x64, status: 0x70,
  descriptorsLow: 0x80, descriptorsHigh: 0x84, driverLow: 0x90, driverHigh: 0x94, deviceLow: 0xa0, deviceHigh: 0xa4,
  configGeneration: 0xfc,
} as const

const status = { featuresOk: 8, driverOk: 4, needsReset: 64 } as const
const usedBuffer = 1
const configChanged = 2

const anyLayout = 1 << 27
const indirect = 1 << 28
const eventIndex = 1 << 29
/** Bit 32. */
const version1 = 1
const legacyAlignment = 4096

export interface MmioState {
  readonly deviceFeaturesSelect: number
  readonly driverFeaturesSelect: number
  readonly driverFeatures: readonly number[]
  readonly guestPageSize: number
  readonly queueSelect: number
  readonly interruptStatus: number
  readonly status: number
  readonly alignment: readonly number[]
  readonly queues: readonly QueueState[]
}

export interface MmioPorts {
  readonly memory: () => GuestMemory
  readonly line: Line
}

export class VirtioMmio implements Device {
  private readonly device: VirtioDevice | undefined
  private readonly legacy: boolean
  private readonly ports: MmioPorts
  private readonly queues: readonly Queue[]
  private readonly running: Queues
  /** Legacy: of each queue's used ring, in bytes. */
  private readonly alignment: number[]
  private deviceFeaturesSelect = 0
  private driverFeaturesSelect = 0
  private driverFeatures = new Uint32Array(2)
  /** Legacy: bytes of the pages in which the driver names a queue; a reset of the device leaves it, and drivers count on that. */
  private guestPageSize = 0
  private queueSelect = 0
  private interruptStatus = 0
  private status = 0

  /** An empty slot has no device: it answers with the identity 0. */
  constructor(device: VirtioDevice | undefined, legacy: boolean, ports: MmioPorts) {
    this.device = device
    this.legacy = legacy
    this.ports = ports
    this.queues = (device?.queues ?? []).map((entries) => new Queue(entries))
    this.alignment = this.queues.map(() => legacyAlignment)
    this.running = {
      take: (queue) => this.queues[queue]!.take(ports.memory(), this.eventIndex),
      give: (queue, chain, written) => {
        if (this.queues[queue]!.give(ports.memory(), chain, written, this.eventIndex)) this.interrupt(usedBuffer)
      },
    }
  }

  load(offset: number, bytes: Bytes): number | undefined {
    if (offset + bytes > bytesBehind) return undefined
    const { device } = this
    if (!device) return bytes !== 4 ? 0 : offset === register.magic ? magic : offset === register.version ? this.version : offset === register.vendorId ? vendor : 0
    if (offset >= configOffset) return bytes === 8 ? 0 : configured(device.config, offset - configOffset, bytes)
    return bytes === 4 ? this.read(offset, device) >>> 0 : 0
  }

  store(offset: number, bytes: Bytes, value: number): boolean {
    if (offset + bytes > bytesBehind) return false
    // No device here has a configuration that its driver writes.
    if (this.device && bytes === 4 && offset < configOffset) this.write(offset, value, this.device)
    return true
  }

  /** Lets the device work on a queue: it has something for the driver. */
  poll(queue: number): void {
    const { device } = this
    if (!device || !(this.status & status.driverOk) || this.status & status.needsReset || !this.queues[queue]?.ready) return
    try {
      device.notified(queue, this.running)
    } catch (error) {
      if (!(error instanceof GuestFault)) throw error
      this.status |= status.needsReset
      if (this.status & status.driverOk) this.interrupt(configChanged)
    }
  }

  save(): MmioState {
    const { deviceFeaturesSelect, driverFeaturesSelect, driverFeatures, guestPageSize, queueSelect, interruptStatus, alignment, queues } = this
    return {
      deviceFeaturesSelect, driverFeaturesSelect, driverFeatures: [...driverFeatures], guestPageSize, queueSelect, interruptStatus, status: this.status,
      alignment: [...alignment], queues: queues.map((q) => q.save()),
    }
  }

  restore(state: MmioState): void {
    const { deviceFeaturesSelect, driverFeaturesSelect, guestPageSize, queueSelect, interruptStatus } = state
    Object.assign(this, { deviceFeaturesSelect, driverFeaturesSelect, guestPageSize, queueSelect, interruptStatus, status: state.status })
    this.driverFeatures.set(state.driverFeatures)
    state.alignment.forEach((bytes, index) => { this.alignment[index] = bytes })
    this.queues.forEach((queue, index) => queue.restore(state.queues[index]!))
    this.drive()
  }

  private get version(): number {
    return this.legacy ? 1 : 2
  }

  private get eventIndex(): boolean {
    return (this.driverFeatures[0]! & eventIndex) !== 0
  }

  /** Bits 31:0 of the features for selector 0, 63:32 for 1. */
  private offered(device: VirtioDevice, select: number): number {
    if (select === 0) return device.features | indirect | eventIndex | (this.legacy ? anyLayout : 0)
    return select === 1 && !this.legacy ? version1 : 0
  }

  private read(offset: number, device: VirtioDevice): number {
    const queue = this.queues[this.queueSelect]
    switch (offset) {
      case register.magic: return magic
      case register.version: return this.version
      case register.deviceId: return device.id
      case register.vendorId: return vendor
      case register.deviceFeatures: return this.offered(device, this.deviceFeaturesSelect)
      case register.queueSizeMaximum: return queue?.maximum ?? 0
      case register.queuePage: return this.legacy && queue?.ready ? queue.descriptors / this.guestPageSize : 0
      case register.queueReady: return !this.legacy && queue?.ready ? 1 : 0
      case register.interruptStatus: return this.interruptStatus
      case register.status: return this.status
      default: return 0
    }
  }

  private write(offset: number, value: number, device: VirtioDevice): void {
    switch (offset) {
      case register.deviceFeaturesSelect:
        this.deviceFeaturesSelect = value
        return
      case register.driverFeaturesSelect:
        this.driverFeaturesSelect = value
        return
      case register.driverFeatures:
        // Fixed once the driver has said that they are.
        if (this.driverFeaturesSelect < 2 && !(this.status & status.featuresOk)) {
          this.driverFeatures[this.driverFeaturesSelect] = this.legacy ? value & this.offered(device, this.driverFeaturesSelect) : value
        }
        return
      case register.queueSelect:
        this.queueSelect = value
        return
      case register.queueNotify:
        this.poll(value)
        return
      case register.interruptAcknowledge:
        this.interruptStatus &= ~value
        this.drive()
        return
      case register.status:
        this.setStatus(value & 0xff, device)
        return
    }
    if (this.legacy) this.writeLegacyQueue(offset, value)
    else this.writeQueue(offset, value)
  }

  private setStatus(value: number, device: VirtioDevice): void {
    if (value === 0) {
      this.status = 0
      this.driverFeatures.fill(0)
      this.interruptStatus = 0
      for (const queue of this.queues) queue.reset()
      this.alignment.fill(legacyAlignment)
      device.reset?.()
      this.drive()
      return
    }
    // A driver may go without version 1, as small kernels do.
    const acceptable = this.legacy || this.driverFeatures.every((bits, i) => (bits & ~this.offered(device, i)) === 0)
    const started = value & ~this.status & status.driverOk
    this.status = (acceptable ? value : value & ~status.featuresOk) | (this.status & status.needsReset)
    if (started) this.queues.forEach((_, index) => this.poll(index))
  }

  private writeLegacyQueue(offset: number, value: number): void {
    const queue = this.queues[this.queueSelect]
    if (offset === register.guestPageSize) this.guestPageSize = value
    if (!queue) return
    switch (offset) {
      case register.queueSize:
        if (isSize(value, queue.maximum)) queue.size = value
        break
      case register.queueAlign:
        this.alignment[this.queueSelect] = value
        break
      case register.queuePage:
        if (value === 0) queue.reset()
        else this.place(queue, value * this.guestPageSize, this.alignment[this.queueSelect]!)
        break
    }
  }

  /** Legacy: the three parts one after the other, the used ring on the next boundary. */
  private place(queue: Queue, address: number, alignment: number): void {
    queue.descriptors = address
    queue.available = address + 16 * queue.size
    queue.used = Math.ceil((queue.available + 6 + 2 * queue.size) / alignment) * alignment
    queue.ready = true
  }

  private writeQueue(offset: number, value: number): void {
    const queue = this.queues[this.queueSelect]
    if (!queue) return
    switch (offset) {
      case register.queueSize:
        if (isSize(value, queue.maximum)) queue.size = value
        break
      case register.queueReady:
        if (value & 1) queue.ready = true
        else queue.reset()
        break
      case register.descriptorsLow:
        queue.descriptors = withLow(queue.descriptors, value)
        break
      case register.descriptorsHigh:
        queue.descriptors = withHigh(queue.descriptors, value)
        break
      case register.driverLow:
        queue.available = withLow(queue.available, value)
        break
      case register.driverHigh:
        queue.available = withHigh(queue.available, value)
        break
      case register.deviceLow:
        queue.used = withLow(queue.used, value)
        break
      case register.deviceHigh:
        queue.used = withHigh(queue.used, value)
        break
    }
  }

  private interrupt(reason: number): void {
    this.interruptStatus |= reason
    this.drive()
  }

  private drive(): void {
    this.ports.line(this.interruptStatus !== 0)
  }
}

const isSize = (value: number, maximum: number): boolean => value > 0 && value <= maximum && (value & (value - 1)) === 0

/** Halves of a 64-bit address; one of 2^53 and more is rounded, and is no RAM before and after. */
const withLow = (address: number, low: number): number => Math.floor(address / 2 ** 32) * 2 ** 32 + low
const withHigh = (address: number, high: number): number => high * 2 ** 32 + (address % 2 ** 32)

const configured = (config: Uint8Array, offset: number, bytes: number): number => {
  let value = 0
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + (config[offset + i] ?? 0)
  return value
}
