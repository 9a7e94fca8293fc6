// Physical memory protection: entries, matched in order.
import type { HartOptions } from './parameters.ts'
import { MACHINE, type Mode } from './state.ts'

export const READ = 1
export const WRITE = 2
export const EXECUTE = 4
export type Permission = typeof READ | typeof WRITE | typeof EXECUTE

const lock = 0x80
const matching = (configuration: number): number => configuration >> 3 & 3
const TOR = 1
const NA4 = 2
const NAPOT = 3
const ones = (count: number): bigint => (1n << BigInt(Math.max(0, count))) - 1n

export class Pmp {
  /** 0, 16 or 64; those that are not there stay 0. */
  readonly registers: number
  readonly configurations: Uint8Array
  readonly addresses: BigUint64Array
  /** Bytes, from inclusive to exclusive; empty when the entry is off. Exact below 2^53, where all that answers is. */
  private readonly from: Float64Array
  private readonly to: Float64Array
  /** One more than the last entry that is on. */
  private used = 0
  private readonly entries: number
  private readonly hasGranules: boolean
  /** Of an address register: the bits that do not count in a range without a power of two's size, and those that are ones in one with. */
  private readonly lowBits: bigint
  private readonly lowOnes: bigint

  constructor({ pmpEntries, pmpGranularity }: Pick<Required<HartOptions>, 'pmpEntries' | 'pmpGranularity'>) {
    this.entries = pmpEntries
    // G of the manual: the smallest range has 2^(G+2) bytes.
    const grain = Math.log2(pmpGranularity) - 2
    this.hasGranules = grain > 0
    this.lowBits = ones(grain)
    this.lowOnes = ones(grain - 1)
    this.registers = pmpEntries === 0 ? 0 : pmpEntries <= 16 ? 16 : 64
    this.configurations = new Uint8Array(this.registers)
    this.addresses = new BigUint64Array(this.registers)
    this.from = new Float64Array(this.registers)
    this.to = new Float64Array(this.registers)
  }

  private locked(entry: number): boolean {
    return (this.configurations[entry]! & lock) !== 0
  }

  writeConfiguration(entry: number, value: number): void {
    if (entry >= this.entries || this.locked(entry)) return
    const reserved = (value & (READ | WRITE)) === WRITE, small = this.hasGranules && matching(value) === NA4
    this.configurations[entry] = (value | (small ? NAPOT << 3 : 0)) & 0x9f & (reserved ? ~WRITE : ~0)
    this.derive()
  }

  writeAddress(entry: number, value: bigint): void {
    const next = entry + 1
    if (entry >= this.entries || this.locked(entry) || next < this.entries && this.locked(next) && matching(this.configurations[next]!) === TOR) return
    this.addresses[entry] = value & (1n << 54n) - 1n
    this.derive()
  }

  /** As it counts for matching: of a power of two's range low ones, otherwise low zeros, where there are granules. */
  readAddress(entry: number): bigint {
    const stored = this.addresses[entry]!
    if (!this.hasGranules) return stored
    return (matching(this.configurations[entry]!) & 2) !== 0 ? stored | this.lowOnes : stored & ~this.lowBits
  }

  /** To be called when the registers were set otherwise. */
  derive(): void {
    this.used = 0
    const bound = (entry: number): number => 4 * Number(this.addresses[entry]! & ~this.lowBits)
    for (let entry = 0; entry < this.entries; entry++) {
      this.from[entry] = this.to[entry] = 0
      if (matching(this.configurations[entry]!) === 0) continue
      this.used = entry + 1
      const address = this.readAddress(entry)
      switch (matching(this.configurations[entry]!)) {
        case TOR:
          this.from[entry] = entry === 0 ? 0 : bound(entry - 1)
          this.to[entry] = bound(entry)
          break
        case NA4:
          this.from[entry] = 4 * Number(address)
          this.to[entry] = 4 * Number(address) + 4
          break
        default: {
          // The ones at the low end and the zero above them stand for the size.
          const span = address ^ address + 1n
          this.from[entry] = 4 * Number(address & ~span)
          this.to[entry] = 4 * Number((address | span) + 1n)
        }
      }
    }
  }

  /** Whether an access to so many bytes is allowed. */
  allows(address: number, bytes: number, mode: Mode, permission: Permission): boolean {
    const end = address + bytes
    for (let entry = 0; entry < this.used; entry++) {
      if (this.from[entry]! >= end || this.to[entry]! <= address || this.from[entry]! >= this.to[entry]!) continue
      if (this.from[entry]! > address || this.to[entry]! < end) return false
      if (mode === MACHINE && !this.locked(entry)) return true
      return (this.configurations[entry]! & permission) !== 0
    }
    return mode === MACHINE || this.entries === 0
  }

  /** Whether one entry, or none, decides for the whole page at this address. */
  uniform(page: number): boolean {
    const end = page + 4096
    for (let entry = 0; entry < this.used; entry++) {
      if (this.from[entry]! >= end || this.to[entry]! <= page || this.from[entry]! >= this.to[entry]!) continue
      return this.from[entry]! <= page && this.to[entry]! >= end
    }
    return true
  }
}
