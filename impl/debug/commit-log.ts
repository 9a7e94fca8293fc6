// A log of what a hart does, in the format of Spike's `-l --log-commits`, its disassembly apart.
import { csrName } from '../cpu/riscv/csr-names.ts'
import type { Hart } from '../cpu/riscv/hart.ts'
import type { MemoryEffect, Observation } from '../cpu/riscv/observe.ts'
import type { Trap } from '../cpu/riscv/traps.ts'

const exceptions: Readonly<Record<number, string>> = {
  1: 'instruction_access_fault', 2: 'illegal_instruction', 3: 'breakpoint', 4: 'load_address_misaligned', 5: 'load_access_fault', 6: 'store_address_misaligned',
  7: 'store_access_fault', 8: 'user_ecall', 9: 'supervisor_ecall', 11: 'machine_ecall', 12: 'instruction_page_fault', 13: 'load_page_fault', 15: 'store_page_fault',
}
/** Environment calls, which have no trap value. */
const calls = [8, 9, 11]

const csr = { fflags: 0x001, frm: 0x002, fcsr: 0x003, sstatus: 0x100, sie: 0x104, sip: 0x144, mstatus: 0x300, mie: 0x304, mip: 0x344 } as const
/** What is written where a part of it is: Spike names the whole. */
const wholes: Readonly<Record<number, readonly number[]>> = { [csr.sstatus]: [csr.mstatus], [csr.sie]: [csr.mie], [csr.sip]: [csr.mip], [csr.fcsr]: [csr.fflags, csr.frm] }
const mret = 0x3020_0073, sret = 0x1020_0073

/** Performance counters and their events are always 0 and take no writes. */
const fixed = (number: number): boolean => number > 0xb02 && number < 0xb20 || number > 0x322 && number < 0x340

/** The control and status registers that a retired instruction wrote, in the order of their numbers, without mstatus where FS became dirty. */
const written = (word: number, raised: number): readonly number[] => {
  if (raised !== 0) return [csr.fflags]
  if ((word & 0x7f) !== 0x73) return []
  if (word === mret || word === sret) return [csr.mstatus]
  const funct3 = word >> 12 & 7, number = word >>> 20
  const writes = (funct3 & 3) === 1 || (funct3 & 3) > 1 && (word >> 15 & 31) !== 0
  return !writes || fixed(number) ? [] : wholes[number] ?? [number]
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))
const digits = ascii('0123456789abcdef')
const texts = { core: ascii('core   0: '), memory: ascii(' mem '), exception: ascii('exception '), epc: ascii(', epc '), value: ascii('core   0:           tval ') }
const letters = { space: 0x20, newline: 0x0a, zero: 0x30, x: 0x78, f: 0x66, open: 0x28, close: 0x29 } as const
/** More than a step's lines take. */
const longest = 512

/** Collects the lines of steps, and gives them on in large pieces. */
export class CommitLog {
  private readonly bytes: Uint8Array
  private readonly write: (bytes: Uint8Array) => void
  private at = 0
  /** A number in its halves, without making other numbers. */
  private readonly long = new BigUint64Array(1)
  private readonly halves = new Uint32Array(this.long.buffer)

  /** `write` takes whole lines of ASCII, up to `size` bytes, and is done with them when it returns. */
  constructor(write: (bytes: Uint8Array) => void, size = 1 << 20) {
    this.bytes = new Uint8Array(size)
    this.write = write
  }

  /** Logs a step of the hart that was observed just now; nothing while the hart waits. */
  add(hart: Hart, observation: Observation): void {
    if (this.at + longest > this.bytes.length) this.flush()
    const { trap, outcome, bits } = observation
    if (trap) this.trap(trap)
    else if (outcome === 'retired' && bits !== undefined) this.instruction(hart, observation, bits)
  }

  flush(): void {
    const { at } = this
    this.at = 0
    if (at > 0) this.write(this.bytes.subarray(0, at))
  }

  private instruction(hart: Hart, { mode, pc, word, raised, dirtied, destination, memory }: Observation, bits: number): void {
    this.put(texts.core)
    this.letter(letters.zero + mode)
    this.letter(letters.space)
    this.hex(pc, 8)
    this.letter(letters.space)
    this.letter(letters.open)
    this.digits(bits, (bits & 3) === 3 ? 8 : 4, true)
    this.letter(letters.close)
    const csrs = written(word, raised), all = dirtied ? [...csrs, csr.mstatus] : csrs
    // In the order of the numbers, x before f before a control and status register.
    for (const number of all) if (destination === undefined || number < destination.number) this.csr(hart, number)
    if (destination) {
      this.letter(letters.space)
      this.letter(destination.file === 'x' ? letters.x : letters.f)
      this.decimal(destination.number)
      if (destination.number < 10) this.letter(letters.space)
      this.letter(letters.space)
      this.hex(destination.value, 8)
      for (const number of all) if (number >= destination.number) this.csr(hart, number)
    }
    if (memory) this.memory(memory)
    this.letter(letters.newline)
  }

  private csr(hart: Hart, number: number): void {
    this.put(ascii(` c${number}_${csrName(number)} `))
    this.hex(hart.csr(number)!, 8)
  }

  private memory({ address, bytes, kind, written: value }: MemoryEffect): void {
    if (kind !== 'store') {
      this.put(texts.memory)
      this.hex(address, 8)
    }
    if (value === undefined) return
    this.put(texts.memory)
    this.hex(address, 8)
    this.letter(letters.space)
    this.hex(value, bytes)
  }

  private trap({ interrupt, cause, pc, value }: Trap): void {
    const name = exceptions[cause]
    this.put(texts.core)
    this.put(texts.exception)
    this.put(ascii(interrupt ? `interrupt #${cause}` : name === undefined ? `trap #${cause}` : `trap_${name}`))
    this.put(texts.epc)
    this.hex(pc, 8)
    this.letter(letters.newline)
    if (interrupt || calls.includes(cause)) return
    this.put(texts.value)
    this.hex(value, 8)
    this.letter(letters.newline)
  }

  private letter(letter: number): void {
    this.bytes[this.at++] = letter
  }

  private put(text: Uint8Array): void {
    this.bytes.set(text, this.at)
    this.at += text.length
  }

  private decimal(number: number): void {
    if (number >= 10) this.letter(letters.zero + Math.floor(number / 10))
    this.letter(letters.zero + number % 10)
  }

  private hex(value: bigint, bytes: number): void {
    this.long[0] = value
    if (bytes === 8) this.digits(this.halves[1]!, 8, true)
    this.digits(this.halves[0]!, Math.min(2 * bytes, 8), bytes !== 8)
  }

  private digits(value: number, count: number, prefix: boolean): void {
    if (prefix) {
      this.letter(letters.zero)
      this.letter(letters.x)
    }
    for (let shift = 4 * (count - 1); shift >= 0; shift -= 4) this.letter(digits[value >>> shift & 15]!)
  }
}
