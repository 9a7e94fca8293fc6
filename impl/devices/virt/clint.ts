// The core-local interruptor for one hart: software interrupt, timer compare and the time (SiFive CLINT 2.0 layout).
import type { Bytes } from '../../cpu/riscv/platform.ts'
import { never, type Device, type Line } from './device.ts'

const msipOffset = 0
const mtimecmpOffset = 0x4000
const mtimeOffset = 0xbff8
const bytesBehind = 0xc000
const timerStart = 0x4000

export interface ClintState {
  readonly msip: boolean
  /** Unsigned 64-bit, decimal, as are the others. */
  readonly mtimecmp: string
  /** What is added to the board's ticks, modulo 2^64, to make `mtime`. */
  readonly offset: string
}

export interface ClintPorts {
  /** Ticks of the timebase since reset. */
  readonly ticks: () => number
  readonly software: Line
  readonly timer: Line
  /** Sstc: the supervisor's timer interrupt. */
  readonly supervisorTimer: Line
  /** `deadline` has changed. */
  readonly moved: () => void
}

export class Clint implements Device {
  private readonly ports: ClintPorts
  private msip = false
  private mtimecmp = 0n
  private offset = 0n
  private stimecmp: bigint | undefined

  constructor(ports: ClintPorts) {
    this.ports = ports
  }

  /** `mtime`, unsigned 64 bits. */
  get time(): bigint {
    return BigInt.asUintN(64, BigInt(this.ports.ticks()) + this.offset)
  }

  /** The offset of a register of 8 bytes that reads as the board's ticks; undefined when `mtime` was set. */
  get clock(): number | undefined {
    return this.offset === 0n ? mtimeOffset : undefined
  }

  /** The board's tick at which the timer interrupt rises; `never` when it stands already, or is out of reach. */
  get deadline(): number {
    return Math.min(this.reached(this.mtimecmp), this.stimecmp === undefined ? never : this.reached(this.stimecmp))
  }

  /** The supervisor's comparator, which the hart keeps; undefined while it has none. */
  compareSupervisor(compare: bigint | undefined): void {
    this.stimecmp = compare
    this.update()
    this.ports.moved()
  }

  /** Drives the lines as they are now. */
  update(): void {
    this.ports.software(this.msip)
    this.ports.timer(this.time >= this.mtimecmp)
    this.ports.supervisorTimer(this.stimecmp !== undefined && this.time >= this.stimecmp)
  }

  load(offset: number, bytes: Bytes): number | bigint | undefined {
    if (!answers(offset, bytes)) return undefined
    if (offset === msipOffset) return Number(this.msip)
    // What guests that wait ask for again and again.
    if (offset === mtimeOffset && bytes === 8 && this.offset === 0n) return this.ports.ticks()
    return part(this.register(offset & ~7), offset, bytes)
  }

  store(offset: number, bytes: Bytes, low: number, high: number): boolean {
    if (!answers(offset, bytes)) return false
    if (offset === msipOffset) this.msip = (low & 1) === 1
    const place = offset & ~7
    if (place === mtimecmpOffset) this.mtimecmp = replaced(this.mtimecmp, offset, bytes, low, high)
    else if (place === mtimeOffset) this.offset = BigInt.asUintN(64, replaced(this.time, offset, bytes, low, high) - BigInt(this.ports.ticks()))
    else if (offset !== msipOffset) return true
    this.update()
    this.ports.moved()
    return true
  }

  save(): ClintState {
    return { msip: this.msip, mtimecmp: `${this.mtimecmp}`, offset: `${this.offset}` }
  }

  restore({ msip, mtimecmp, offset }: ClintState): void {
    this.msip = msip
    this.mtimecmp = BigInt.asUintN(64, BigInt(mtimecmp))
    this.offset = BigInt.asUintN(64, BigInt(offset))
    this.update()
  }

  /** The board's tick at which the time reaches `compare`. */
  private reached(compare: bigint): number {
    const wait = compare - this.time
    if (wait <= 0n) return never
    const due = Number(BigInt(this.ports.ticks()) + wait)
    return Number.isSafeInteger(due) ? due : never
  }

  /** Registers of harts that the board does not have read 0. */
  private register(place: number): bigint {
    return place === mtimecmpOffset ? this.mtimecmp : place === mtimeOffset ? this.time : 0n
  }
}

/** Words everywhere, and double words from the timer on. */
const answers = (offset: number, bytes: Bytes): boolean => offset < bytesBehind && (bytes === 4 || (bytes === 8 && offset >= timerStart))

const part = (value: bigint, offset: number, bytes: Bytes): number | bigint =>
  bytes === 8 ? value : Number(BigInt.asUintN(32, offset & 4 ? value >> 32n : value))

const replaced = (value: bigint, offset: number, bytes: Bytes, low: number, high: number): bigint => {
  const lower = bytes === 8 || !(offset & 4) ? BigInt(low) : BigInt.asUintN(32, value)
  const upper = bytes === 8 ? BigInt(high) : offset & 4 ? BigInt(low) : value >> 32n
  return (upper << 32n) | lower
}
