// Physical memory protection: sixteen entries, matched in order.
import { parameters } from './parameters.ts'
import { MACHINE, type Mode } from './state.ts'

export const READ = 1
export const WRITE = 2
export const EXECUTE = 4
export type Permission = typeof READ | typeof WRITE | typeof EXECUTE

const lock = 0x80
const matching = (configuration: number): number => configuration >> 3 & 3
const TOR = 1
const NA4 = 2

const entries = parameters.pmpEntries

export class Pmp {
  readonly configurations = new Uint8Array(entries)
  readonly addresses = new BigUint64Array(entries)
  /** Bytes, from inclusive to exclusive; empty when the entry is off. Exact below 2^53, where all that answers is. */
  private readonly from = new Float64Array(entries)
  private readonly to = new Float64Array(entries)
  /** One more than the last entry that is on. */
  private used = 0

  private locked(entry: number): boolean {
    return (this.configurations[entry]! & lock) !== 0
  }

  writeConfiguration(entry: number, value: number): void {
    if (this.locked(entry)) return
    const reserved = (value & (READ | WRITE)) === WRITE
    this.configurations[entry] = value & 0x9f & (reserved ? ~WRITE : ~0)
    this.derive()
  }

  writeAddress(entry: number, value: bigint): void {
    const next = entry + 1
    if (this.locked(entry) || next < entries && this.locked(next) && matching(this.configurations[next]!) === TOR) return
    this.addresses[entry] = value & (1n << 54n) - 1n
    this.derive()
  }

  /** To be called when the registers were set otherwise. */
  derive(): void {
    this.used = 0
    for (let entry = 0; entry < entries; entry++) {
      const address = this.addresses[entry]!
      this.from[entry] = this.to[entry] = 0
      if (matching(this.configurations[entry]!) !== 0) this.used = entry + 1
      switch (matching(this.configurations[entry]!)) {
        case 0: break
        case TOR:
          this.from[entry] = entry === 0 ? 0 : 4 * Number(this.addresses[entry - 1]!)
          this.to[entry] = 4 * Number(address)
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
    return mode === MACHINE
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
