// Loads and stores that the look-aside buffers could not do: translation, devices, misaligned and page-crossing ones.
import type { Bytes } from './platform.ts'
import { cell } from './layout.ts'
import type { Fault, Mmu } from './mmu.ts'
import { READ, WRITE } from './pmp.ts'
import type { State } from './state.ts'
import { cause } from './traps.ts'

const loadCause: Readonly<Record<Fault, number>> = { page: cause.loadPage, access: cause.loadAccess }
const storeCause: Readonly<Record<Fault, number>> = { page: cause.storePage, access: cause.storeAccess }

export class MemoryAccess {
  /** Where the last access failed. */
  low = 0
  high = 0

  private readonly state: State
  private readonly mmu: Mmu
  /** The physical addresses of the parts of an access in two pages. */
  private readonly parts: [first: number, second: number] = [0, 0]
  /** The records of the page of RAM at an offset, when it has decoded code; else 0. */
  private readonly recordsAt: (offset: number) => number
  /** Called when 8 bytes were loaded from a device: a virtual address in halves, and the physical one. */
  private readonly loaded: (low: number, high: number, physical: number) => void

  /** Misaligned accesses that are not done trap before anything else is asked; otherwise they are access faults, after page faults. */
  private readonly traps: boolean

  constructor(state: State, mmu: Mmu, recordsAt: (offset: number) => number, loaded: (low: number, high: number, physical: number) => void) {
    this.traps = state.options.misaligned === 'trap'
    this.state = state
    this.mmu = mmu
    this.recordsAt = recordsAt
    this.loaded = loaded
  }

  /** The cause of the trap, with the address in `low` and `high`, or 0 with the value, zero-extended, in `cell.result`. */
  load(low: number, high: number, bytes: Bytes): number {
    this.at(low, high)
    if ((low & bytes - 1) !== 0) {
      if (this.refused(low, bytes)) return this.traps ? cause.loadMisaligned : this.misaligned(low, high, bytes, READ)
      if ((low & 4095) + bytes > 4096) return this.loadCrossing(low, high, bytes)
    }
    const physical = this.mmu.translate(low, high, bytes, READ)
    if (physical < 0) return loadCause[this.mmu.fault]
    if (!this.mmu.read(physical, bytes)) return cause.loadAccess
    this.remember(low, high, physical, READ)
    if (bytes === 8 && this.mmu.offset(physical, 8) < 0) this.loaded(low, high, physical)
    return 0
  }

  /** The same for the low bytes of `cell.value`. */
  store(low: number, high: number, bytes: Bytes): number {
    this.at(low, high)
    if ((low & bytes - 1) !== 0) {
      if (this.refused(low, bytes)) return this.traps ? cause.storeMisaligned : this.misaligned(low, high, bytes, WRITE)
      if ((low & 4095) + bytes > 4096) return this.storeCrossing(low, high, bytes)
    }
    const physical = this.mmu.translate(low, high, bytes, WRITE)
    if (physical < 0) return storeCause[this.mmu.fault]
    if (!this.mmu.write(physical, bytes)) return cause.storeAccess
    this.remember(low, high, physical, WRITE)
    return 0
  }

  /** Puts the page of an access that was done into its buffer. */
  remember(low: number, high: number, physical: number, permission: typeof READ | typeof WRITE): void {
    if (permission === READ) this.mmu.remember('loadBuffer', low, high, physical)
    else {
      const offset = this.mmu.offset(physical, 1)
      if (offset >= 0) this.mmu.remember('storeBuffer', low, high, physical, this.recordsAt(offset))
    }
  }

  /** Whether a misaligned load or store is not done. */
  private refused(low: number, bytes: number): boolean {
    return this.state.options.misaligned !== 'done' && !this.inGranule(low, bytes)
  }

  /** The cause of the trap of an access that is an access fault because it is misaligned, unless it would fault otherwise. */
  misaligned(low: number, high: number, bytes: Bytes, permission: typeof READ | typeof WRITE): number {
    const { mmu } = this, causes = permission === READ ? loadCause : storeCause
    if ((low & 4095) + bytes > 4096) {
      const number = this.crossing(low, high, bytes, permission)
      if (number !== 0) return number
      this.at(low, high)
    } else if (mmu.translate(low, high, bytes, permission) < 0) return causes[mmu.fault]
    mmu.forgo()
    return causes.access
  }

  /** Whether all bytes are in one block of those in which misaligned accesses are done in any case. */
  inGranule(low: number, bytes: number): boolean {
    const { atomicityGranule } = this.state.options
    return atomicityGranule !== 0 && (low & atomicityGranule - 1) + bytes <= atomicityGranule
  }

  private at(low: number, high: number): void {
    this.low = low
    this.high = high
  }

  /** The part in the second page: where it begins. */
  private secondPage(low: number, high: number): readonly [low: number, high: number] {
    const second = (low | 4095) + 1 | 0
    return [second, second === 0 ? high + 1 | 0 : high]
  }

  /** Finds both parts of an access in two pages, which must be RAM, or ROM that is read; the cause of the trap, with the part at fault in `low` and `high`, or 0. */
  private crossing(low: number, high: number, bytes: Bytes, permission: typeof READ | typeof WRITE): number {
    const { mmu, parts } = this
    const found = (physical: number, length: number): boolean => (permission === READ ? mmu.readable(physical, length) : mmu.offset(physical, length)) >= 0
    const causes = permission === READ ? loadCause : storeCause
    const inFirst = 4096 - (low & 4095)
    parts[0] = mmu.translate(low, high, inFirst, permission)
    if (parts[0] < 0) return causes[mmu.fault]
    if (!found(parts[0], inFirst)) return causes.access
    const second = this.secondPage(low, high)
    this.at(...second)
    parts[1] = mmu.translate(...second, bytes - inFirst, permission, true)
    if (parts[1] < 0) return causes[mmu.fault]
    return found(parts[1], bytes - inFirst) ? 0 : causes.access
  }

  private byteOf(low: number, index: number): number {
    const inSecond = index - (4096 - (low & 4095))
    return inSecond < 0 ? this.parts[0] + index : this.parts[1] + inSecond
  }

  private loadCrossing(low: number, high: number, bytes: Bytes): number {
    const number = this.crossing(low, high, bytes, READ)
    if (number !== 0) return number
    let value = 0n
    for (let index = 0; index < bytes; index++) {
      this.mmu.read(this.byteOf(low, index), 1)
      value |= this.state.longs[cell.result >> 3]! << BigInt(8 * index)
    }
    this.state.longs[cell.result >> 3] = value
    return 0
  }

  private storeCrossing(low: number, high: number, bytes: Bytes): number {
    const number = this.crossing(low, high, bytes, WRITE)
    if (number !== 0) return number
    const value = this.state.longs[cell.value >> 3]!
    for (let index = 0; index < bytes; index++) {
      this.state.longs[cell.value >> 3] = value >> BigInt(8 * index)
      this.mmu.write(this.byteOf(low, index), 1)
    }
    return 0
  }
}
