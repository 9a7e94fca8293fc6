// The parallel flash (CFI 1.3 query, Intel command set 0001h): a bank of two 16-bit chips side by side, in blocks that exist once they are written.
import type { Bytes } from '../../cpu/riscv/platform.ts'
import type { Device } from './device.ts'
import { flashBankBytes } from './layout.ts'

/** Of both chips together: 128 KiB each. */
export const flashBlockBytes = 0x4_0000
const chips = 2
const chipBits = Math.log2(flashBankBytes / chips)
const blocks = flashBankBytes / flashBlockBytes
const chipBlockBytes = flashBlockBytes / chips
/** Bytes of one buffered write, both chips together. */
const bufferBytes = 2 ** 11 * chips

const command = {
  erase: 0x20, program: 0x40, programToo: 0x10, clearStatus: 0x50, lock: 0x60, status: 0x70, identity: 0x90, query: 0x98, confirm: 0xd0, buffer: 0xe8,
} as const
const ready = 0x80
const sequenceError = 0x30

/** What the next access means. */
export const flashModes = ['array', 'status', 'identity', 'query', 'erase', 'program', 'lock', 'count', 'fill', 'confirm'] as const
export type FlashMode = (typeof flashModes)[number]

export interface FlashState {
  readonly mode: FlashMode
  readonly status: number
  /** Words of a buffered write still to come. */
  readonly left: number
  /** Bytes of the blocks that were written, by number. */
  readonly blocks: readonly (readonly [block: number, bytes: readonly number[]])[]
  readonly buffer: readonly (readonly [offset: number, bytes: number, value: number])[]
}

/** What each chip answers to a query, by address in its own 16-bit words. */
const queryTable: ReadonlyMap<number, number> = new Map(([
  [0x10, [...'QRY'].map((c) => c.charCodeAt(0))], [0x13, [1, 0]], [0x15, [0x31, 0]],
  // Volts in tenths; times as powers of 2 in micro- and milliseconds.
  [0x1b, [0x45, 0x55, 0, 0, 7, 7, 10, 0, 4, 4, 4, 0]],
  [0x27, [chipBits, 2, 0, Math.log2(bufferBytes / chips), 0, 1, (blocks - 1) & 0xff, (blocks - 1) >>> 8, (chipBlockBytes >>> 8) & 0xff, chipBlockBytes >>> 16]],
  [0x31, [...'PRI10'].map((c) => c.charCodeAt(0))],
] as const).flatMap(([start, values]) => values.map((value, i) => [start + i, value] as const)))

const manufacturer = 0x89
const chipCode = 0x18

/** What a bank is besides: storage that is read without it. */
export interface FlashBacking {
  /** The contents of the bank. */
  readonly bytes: Uint8Array
  readonly wrote: (offset: number, bytes: number) => void
  /** The bank's `readsArray` is another. */
  readonly moved: () => void
}

export class Flash implements Device {
  /** Blocks that were written. */
  private readonly stored = new Map<number, Uint8Array>()
  private backing: FlashBacking | undefined
  private mode: FlashMode = 'array'
  private status = ready
  private left = 0
  private buffer: (readonly [offset: number, bytes: number, value: number])[] = []

  load(offset: number, bytes: Bytes): number | bigint {
    if (this.readsArray) {
      let value = 0n
      for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.byte(offset + i))
      return value
    }
    const word = BigInt(bothChips(this.answer(offset >>> 2)))
    return BigInt.asUintN(8 * bytes, word | (word << 32n))
  }

  store(offset: number, bytes: Bytes, low: number, high: number): boolean {
    const read = this.readsArray
    this.write(offset, bytes === 8 ? 4 : bytes, low)
    if (bytes === 8) this.write(offset + 4, 4, high)
    if (this.readsArray !== read) this.backing?.moved()
    return true
  }

  /** Keeps its contents there from now on: before anything else. */
  back(backing: FlashBacking): void {
    this.backing = backing
  }

  /** Takes over what was written to another, as over a reset. */
  keep(other: Flash): void {
    for (const [block, bytes] of other.stored) {
      this.written(block).set(bytes)
      this.wrote(block)
    }
  }

  /** Whether a load reads the contents. */
  get readsArray(): boolean {
    return this.mode === 'array'
  }

  save(): FlashState {
    return { mode: this.mode, status: this.status, left: this.left, blocks: [...this.stored].map(([n, b]) => [n, [...b]] as const), buffer: [...this.buffer] }
  }

  restore(state: FlashState): void {
    this.mode = state.mode
    this.status = state.status
    this.left = state.left
    this.buffer = [...state.buffer]
    this.stored.clear()
    for (const [block, bytes] of state.blocks) {
      this.written(block).set(bytes)
      this.wrote(block)
    }
    this.backing?.moved()
  }

  /** A byte of the contents; undefined while the bank answers commands. */
  peek(offset: number): number | undefined {
    return this.readsArray ? this.byte(offset) : undefined
  }

  /** A bank without contents to which nothing was written reads 0. */
  private byte(offset: number): number {
    return this.backing?.bytes[offset] ?? this.stored.get(Math.floor(offset / flashBlockBytes))?.[offset % flashBlockBytes] ?? 0
  }

  /** A block that is about to be written. */
  private written(block: number): Uint8Array {
    const found = this.stored.get(block)
    if (found) return found
    const made = this.backing?.bytes.subarray(block * flashBlockBytes, (block + 1) * flashBlockBytes) ?? new Uint8Array(flashBlockBytes)
    this.stored.set(block, made)
    return made
  }

  private wrote(block: number): void {
    this.backing?.wrote(block * flashBlockBytes, flashBlockBytes)
  }

  private erase(block: number): void {
    this.written(block).fill(0xff)
    this.wrote(block)
  }

  /** What one chip answers, outside its array. */
  private answer(word: number): number {
    switch (this.mode) {
      case 'query': return queryTable.get(word & 0xff) ?? 0
      case 'identity': return [manufacturer, chipCode][word & 0xff] ?? 0
      default: return this.status
    }
  }

  private write(offset: number, bytes: number, value: number): void {
    switch (this.mode) {
      case 'program':
        this.program(offset, bytes, value)
        this.mode = 'status'
        return
      case 'erase':
        if ((value & 0xff) === command.confirm) this.erase(Math.floor(offset / flashBlockBytes))
        else this.status |= sequenceError
        this.mode = 'status'
        return
      case 'lock':
        this.mode = 'status'
        return
      case 'count':
        this.left = (value & 0xffff) + 1
        this.buffer = []
        this.mode = 'fill'
        return
      case 'fill':
        this.buffer.push([offset, bytes, value])
        if (--this.left === 0) this.mode = 'confirm'
        return
      case 'confirm':
        if ((value & 0xff) === command.confirm) for (const [place, length, word] of this.buffer) this.program(place, length, word)
        else this.status |= sequenceError
        this.buffer = []
        this.mode = 'status'
        return
      default:
        this.command(value & 0xff)
    }
  }

  private command(code: number): void {
    switch (code) {
      case command.erase:
        this.mode = 'erase'
        break
      case command.program:
      case command.programToo:
        this.mode = 'program'
        break
      case command.clearStatus:
        this.status = ready
        this.mode = 'array'
        break
      case command.lock:
        this.mode = 'lock'
        break
      case command.status:
        this.mode = 'status'
        break
      case command.identity:
        this.mode = 'identity'
        break
      case command.query:
        this.mode = 'query'
        break
      case command.buffer:
        this.mode = 'count'
        break
      default:
        this.mode = 'array'
    }
  }

  /** Programming clears bits, and sets none. */
  private program(offset: number, bytes: number, value: number): void {
    const number = Math.floor(offset / flashBlockBytes)
    if (!this.backing && !this.stored.has(number)) return
    const block = this.written(number)
    for (let i = 0; i < bytes; i++) block[(offset + i) % flashBlockBytes]! &= value >>> (8 * i)
    this.backing?.wrote(offset, bytes)
  }
}

const bothChips = (value: number): number => value * 0x1_0001
