// The real-time clock with an alarm (goldfish RTC): nanoseconds since 1970 in two words.
import type { Bytes } from '../../cpu/riscv/platform.ts'
import { never, type Device, type Line } from './device.ts'

const timeLow = 0x00
const timeHigh = 0x04
const alarmLow = 0x08
const alarmHigh = 0x0c
const irqEnabled = 0x10
const clearAlarm = 0x14
const alarmStatus = 0x18
const clearInterrupt = 0x1c
const bytesBehind = 0x24

export interface RtcState {
  /** Nanoseconds to add to the board's clock, decimal, as is the alarm. */
  readonly offset: string
  readonly alarm: string
  readonly armed: boolean
  readonly enabled: boolean
  readonly pending: boolean
  readonly latchedHigh: number
}

export interface RtcPorts {
  /** Nanoseconds since reset. */
  readonly nanoseconds: () => bigint
  readonly line: Line
  /** `deadline` has changed. */
  readonly moved: () => void
}

export class Rtc implements Device {
  private readonly ports: RtcPorts
  private offset: bigint
  private alarm = 0n
  private armed = false
  private enabled = false
  private pending = false
  /** TIME_HIGH holds what it was when TIME_LOW was read. */
  private latchedHigh = 0

  /** `epoch` is the time at reset, nanoseconds since 1970. */
  constructor(ports: RtcPorts, epoch: bigint) {
    this.ports = ports
    this.offset = epoch
  }

  /** Nanoseconds since reset at which the alarm rings. */
  get deadline(): number {
    return this.armed ? Number(this.alarm - this.offset) : never
  }

  private get time(): bigint {
    return BigInt.asUintN(64, this.ports.nanoseconds() + this.offset)
  }

  /** Rings an alarm that is due. */
  update(): void {
    if (this.armed && this.time >= this.alarm) {
      this.armed = false
      this.pending = true
    }
    this.ports.line(this.pending && this.enabled)
  }

  load(offset: number, bytes: Bytes): number | undefined {
    if (bytes !== 4 || offset >= bytesBehind) return undefined
    switch (offset) {
      case timeLow: {
        const { time } = this
        this.latchedHigh = Number(time >> 32n)
        return Number(BigInt.asUintN(32, time))
      }
      case timeHigh: return this.latchedHigh
      case alarmLow: return Number(BigInt.asUintN(32, this.alarm))
      case alarmHigh: return Number(this.alarm >> 32n)
      case irqEnabled: return Number(this.enabled)
      case alarmStatus: return Number(this.armed)
      default: return 0
    }
  }

  store(offset: number, bytes: Bytes, value: number): boolean {
    if (bytes !== 4 || offset >= bytesBehind) return false
    switch (offset) {
      case timeLow:
        this.setTime((this.time >> 32n << 32n) | BigInt(value))
        break
      case timeHigh:
        this.setTime((BigInt(value) << 32n) | BigInt.asUintN(32, this.time))
        break
      case alarmLow:
        this.alarm = (this.alarm >> 32n << 32n) | BigInt(value)
        this.armed = true
        break
      case alarmHigh:
        this.alarm = (BigInt(value) << 32n) | BigInt.asUintN(32, this.alarm)
        break
      case irqEnabled:
        this.enabled = (value & 1) === 1
        break
      case clearAlarm:
        this.armed = false
        break
      case clearInterrupt:
        this.pending = false
        break
    }
    this.update()
    this.ports.moved()
    return true
  }

  save(): RtcState {
    const { offset, alarm, armed, enabled, pending, latchedHigh } = this
    return { offset: `${offset}`, alarm: `${alarm}`, armed, enabled, pending, latchedHigh }
  }

  restore({ offset, alarm, armed, enabled, pending, latchedHigh }: RtcState): void {
    this.offset = BigInt(offset)
    this.alarm = BigInt(alarm)
    Object.assign(this, { armed, enabled, pending, latchedHigh })
    this.update()
  }

  private setTime(time: bigint): void {
    this.offset = time - this.ports.nanoseconds()
  }
}
