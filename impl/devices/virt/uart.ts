// The serial port (NS16550A): a receiver and a transmitter with buffers of 16 bytes, and a line whose sender waits while there is no room.
import type { Bytes } from '../../cpu/riscv/platform.ts'
import { never, type Device, type Line } from './device.ts'

/** Ticks of the timebase that one byte takes: ten bits at 115200 baud. */
export const byteTicks = 868
const bufferBytes = 16
const triggers = [1, 4, 8, 14] as const

const interruptEnable = { received: 0x01, transmitterEmpty: 0x02, lineStatus: 0x04, modemStatus: 0x08 } as const
const cause = { none: 0x01, modemStatus: 0x00, transmitterEmpty: 0x02, received: 0x04, lineStatus: 0x06, timeout: 0x0c } as const
const fifoEnabled = 0x01
const clearReceiver = 0x02
/** Enable, mode of the ready pins, trigger; the two resets keep nothing. */
const fifoControlMask = 0xc9
const divisorLatch = 0x80
const loopback = 0x10
const dataReady = 0x01
const overrun = 0x02
/** The holding register and the shift register are empty: a byte leaves at once. */
const transmitterIdle = 0x60
/** Clear to send, data set ready, carrier. */
const lineUp = 0xb0

export interface UartState {
  readonly interruptEnable: number
  readonly fifoControl: number
  readonly lineControl: number
  readonly modemControl: number
  readonly modemDelta: number
  readonly scratch: number
  readonly divisor: number
  readonly overrun: boolean
  readonly transmitterEmpty: boolean
  readonly received: readonly number[]
  readonly typed: readonly number[]
  readonly lineFree: number
  /** Null when there is none. */
  readonly timeout: number | null
  readonly timedOut: boolean
}

export interface UartPorts {
  /** Ticks of the timebase since reset. */
  readonly ticks: () => number
  readonly line: Line
  readonly transmit: (byte: number) => void
  /** `deadline` has changed. */
  readonly moved: () => void
}

export class Uart implements Device {
  private readonly ports: UartPorts
  private ier = 0
  private fcr = 0
  private lcr = 0
  /** OUT2 is up after reset. */
  private mcr = 0x08
  private modemDelta = 0
  private scratch = 0
  private divisor = 0x0c
  private overran = false
  private transmitterEmpty = false
  private received: number[] = []
  /** On the line, and not received. */
  private typed: number[] = []
  private lineFree = 0
  private timeout = never
  private timedOut = false

  constructor(ports: UartPorts) {
    this.ports = ports
  }

  /** Sends bytes down the line; they arrive one by one, when there is room. */
  type(bytes: Iterable<number>): void {
    for (const byte of bytes) this.typed.push(byte)
    this.ports.moved()
  }

  /** Takes a key away from the port, for another console. */
  key(): number | undefined {
    if (this.received.length === 0) return this.typed.shift()
    const byte = this.take()
    this.drive()
    return byte
  }

  /** Bytes that were typed and not received. */
  get waiting(): number {
    return this.typed.length
  }

  /** The board's tick at which a byte arrives or the receiver's timeout ends. */
  get deadline(): number {
    return Math.min(this.arrives ? this.lineFree : never, this.timeout)
  }

  private get arrives(): boolean {
    return this.typed.length > 0 && this.received.length < this.capacity && !(this.mcr & loopback)
  }

  private get capacity(): number {
    return this.fcr & fifoEnabled ? bufferBytes : 1
  }

  /** Receives what has arrived, and drives the line. */
  update(): void {
    const now = this.ports.ticks()
    if (this.arrives && now >= this.lineFree) {
      this.received.push(this.typed.shift()!)
      this.lineFree = now + byteTicks
      this.startTimeout(now)
    }
    if (now >= this.timeout) {
      this.timeout = never
      this.timedOut = true
    }
    this.drive()
  }

  load(offset: number, bytes: Bytes): number | undefined {
    if (offset + bytes > 8) return undefined
    return this.read(offset)
  }

  store(offset: number, bytes: Bytes, value: number): boolean {
    if (offset + bytes > 8) return false
    this.write(offset, value & 0xff)
    this.drive()
    // A byte that leaves changes nothing of what is due.
    if (offset !== 0 || this.mcr & loopback) this.ports.moved()
    return true
  }

  save(): UartState {
    const { ier, fcr, lcr, mcr, modemDelta, scratch, divisor, overran, transmitterEmpty, received, typed, lineFree, timeout, timedOut } = this
    return {
      interruptEnable: ier, fifoControl: fcr, lineControl: lcr, modemControl: mcr, modemDelta, scratch, divisor, overrun: overran, transmitterEmpty,
      received: [...received], typed: [...typed], lineFree, timeout: timeout === never ? null : timeout, timedOut,
    }
  }

  restore(state: UartState): void {
    this.ier = state.interruptEnable
    this.fcr = state.fifoControl
    this.lcr = state.lineControl
    this.mcr = state.modemControl
    this.modemDelta = state.modemDelta
    this.scratch = state.scratch
    this.divisor = state.divisor
    this.overran = state.overrun
    this.transmitterEmpty = state.transmitterEmpty
    this.received = [...state.received]
    this.typed = [...state.typed]
    this.lineFree = state.lineFree
    this.timeout = state.timeout ?? never
    this.timedOut = state.timedOut
    this.drive()
  }

  private read(offset: number): number {
    if (this.lcr & divisorLatch && offset < 2) return (this.divisor >>> (8 * offset)) & 0xff
    switch (offset) {
      case 0: {
        const byte = this.take()
        this.drive()
        return byte
      }
      case 1: return this.ier
      case 2: {
        const id = this.cause
        if (id === cause.transmitterEmpty) {
          this.transmitterEmpty = false
          this.drive()
        }
        return id | (this.fcr & fifoEnabled ? 0xc0 : 0)
      }
      case 3: return this.lcr
      case 4: return this.mcr
      case 5: {
        const status = this.lineStatus
        if (this.overran) {
          this.overran = false
          this.drive()
        }
        return status
      }
      case 6: {
        const status = this.modemInputs | this.modemDelta
        if (this.modemDelta !== 0) {
          this.modemDelta = 0
          this.drive()
        }
        return status
      }
      default: return this.scratch
    }
  }

  private write(offset: number, value: number): void {
    if (this.lcr & divisorLatch && offset < 2) {
      this.divisor = offset === 0 ? (this.divisor & 0xff00) | value : (this.divisor & 0xff) | (value << 8)
      return
    }
    switch (offset) {
      case 0:
        this.send(value)
        break
      case 1:
        if (value & ~this.ier & interruptEnable.transmitterEmpty) this.transmitterEmpty = true
        this.ier = value & 0x0f
        break
      case 2:
        this.controlBuffers(value)
        break
      case 3:
        this.lcr = value
        break
      case 4:
        this.controlModem(value & 0x1f)
        break
      case 7:
        this.scratch = value
        break
    }
  }

  private take(): number {
    const byte = this.received.shift()
    if (byte === undefined) return 0
    this.stopTimeout()
    if (this.received.length > 0) this.startTimeout(this.ports.ticks())
    this.lineFree = Math.max(this.lineFree, this.ports.ticks())
    this.ports.moved()
    return byte
  }

  private send(byte: number): void {
    if (!(this.mcr & loopback)) this.ports.transmit(byte)
    else if (this.received.length < this.capacity) {
      this.received.push(byte)
      this.startTimeout(this.ports.ticks())
    } else this.overran = true
    this.transmitterEmpty = true
  }

  private controlBuffers(value: number): void {
    const cleared = value & clearReceiver || (value ^ this.fcr) & fifoEnabled
    this.fcr = value & fifoControlMask
    if (!cleared) return
    // The sender repeats what a reset threw away: nothing that was typed before a guest set its port up is lost.
    if (!(this.mcr & loopback)) this.typed.unshift(...this.received)
    this.received = []
    this.stopTimeout()
    this.lineFree = this.ports.ticks() + byteTicks
  }

  /** Four bytes' time without one: then a buffer below its trigger asks too. */
  private startTimeout(now: number): void {
    this.timedOut = false
    this.timeout = this.fcr & fifoEnabled ? now + 4 * byteTicks : never
  }

  private stopTimeout(): void {
    this.timedOut = false
    this.timeout = never
  }

  private controlModem(value: number): void {
    const before = this.modemInputs
    this.mcr = value
    const after = this.modemInputs
    const changed = before ^ after
    // CTS, DSR and DCD changed; RI ended.
    this.modemDelta |= ((changed >>> 4) & 0x0b) | ((before & ~after & 0x40) >>> 4)
  }

  private get lineStatus(): number {
    return transmitterIdle | (this.received.length > 0 ? dataReady : 0) | (this.overran ? overrun : 0)
  }

  /** In loopback the outputs are the inputs: RTS is CTS, DTR is DSR, OUT1 is RI, OUT2 is DCD. */
  private get modemInputs(): number {
    const { mcr } = this
    return mcr & loopback ? ((mcr & 2) << 3) | ((mcr & 1) << 5) | ((mcr & 0x0c) << 4) : lineUp
  }

  private get cause(): number {
    if (this.ier & interruptEnable.lineStatus && this.overran) return cause.lineStatus
    if (this.ier & interruptEnable.received && this.received.length > 0) {
      const trigger = this.fcr & fifoEnabled ? triggers[(this.fcr >>> 6) as 0 | 1 | 2 | 3] : 1
      if (this.received.length >= trigger) return cause.received
      if (this.timedOut) return cause.timeout
    }
    if (this.ier & interruptEnable.transmitterEmpty && this.transmitterEmpty) return cause.transmitterEmpty
    if (this.ier & interruptEnable.modemStatus && this.modemDelta) return cause.modemStatus
    return cause.none
  }

  private drive(): void {
    this.ports.line(this.cause !== cause.none)
  }
}
