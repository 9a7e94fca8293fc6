// Address translation, physical access, and what happens where the look-aside buffers have no entry.
import type { Bytes, Platform } from './platform.ts'
import { cell, codeTag } from './layout.ts'
import { EXECUTE, READ, WRITE, type Permission, type Pmp } from './pmp.ts'
import { MACHINE, mstatus, SUPERVISOR, USER, type Mode, type State } from './state.ts'

const V = 1
const R = 2
const W = 4
const X = 8
const U = 16
const A = 64
const D = 128

const high = 0x1_0000_0000
/** No physical address at or above this one answers. */
const beyond = 2 ** 53

/** What went wrong with an address. */
export type Fault = 'page' | 'access'

export class Mmu {
  /** Why the last `translate` or `walk` answered -1. */
  fault: Fault = 'page'
  /** Called when the hart itself writes RAM past the buffers: an offset into RAM. */
  wrote: (offset: number, bytes: number) => void = () => undefined

  private readonly state: State
  private readonly pmp: Pmp
  private readonly platform: Platform
  /** The address of RAM in the memory. */
  private readonly start: number
  private readonly base: number
  private marking = true
  /** Entries of which A, or A and D, are to be set once the access is known to be done: offsets into RAM, and the bits. */
  private readonly marks: { readonly offset: number, readonly bits: number }[] = []
  private readonly size: number
  /** Whether reads find ROM, or go to the platform. */
  showsRom = true

  constructor(state: State, pmp: Pmp, platform: Platform) {
    this.state = state
    this.pmp = pmp
    this.platform = platform
    this.start = state.places.ramStart
    this.base = state.options.ramBase
    this.size = state.options.ramBytes
  }

  /** The offset into RAM of so many bytes; -1 when they are not all there. */
  offset(physical: number, bytes: number): number {
    const offset = physical - this.base
    return offset >= 0 && offset + bytes <= this.size ? offset : -1
  }

  /** The same of what is read: an offset into RAM and, behind it, ROM. */
  readable(physical: number, bytes: number): number {
    const offset = this.offset(physical, bytes)
    if (offset >= 0 || !this.showsRom) return offset
    const { romBase, romBytes } = this.state.options, inRom = physical - romBase
    return inRom >= 0 && inRom + bytes <= romBytes ? this.size + inRom : -1
  }

  /** As `translate`, for a debugger: no page table is changed, and protection is not asked. */
  probe(low: number, highHalf: number, permission: Permission): number {
    this.marking = false
    const physical = this.mapped(low, highHalf, permission)
    this.marking = true
    return physical
  }

  /** The physical address of a virtual one, whatever is there and however it is protected; -1 with `fault` set. */
  mapped(low: number, highHalf: number, permission: Permission, mode = this.modeOf(permission)): number {
    return mode === MACHINE || this.state.satpMode === 0 ? (highHalf >>> 0) * high + (low >>> 0) : this.walk(low, highHalf, mode, permission)
  }

  private modeOf(permission: Permission): Mode {
    return permission === EXECUTE ? this.state.mode : this.state.dataMode
  }

  /**
   * The physical address of a virtual one, allowed for so many bytes; -1 with `fault` set. The bytes are in one page; of an
   * access in two pages `second` tells the part in the other one.
   */
  translate(low: number, highHalf: number, bytes: number, permission: Permission, second = false): number {
    if (!second) this.forgo()
    const mode = this.modeOf(permission), physical = this.mapped(low, highHalf, permission, mode)
    if (physical < 0) return -1
    if (physical < beyond && this.pmp.allows(physical, bytes, mode, permission)) return physical
    this.fault = 'access'
    return -1
  }

  /** Section 4.3.2 of the privileged manual. */
  private walk(low: number, highHalf: number, mode: Mode, permission: Permission): number {
    const { state } = this
    const levels = state.satpMode === 8 ? 3 : 4
    this.fault = 'page'
    const top = highHalf >> (levels === 3 ? 6 : 15)
    if (top !== 0 && top !== -1) return -1
    let page = state.root
    for (let level = levels - 1; level >= 0; level--) {
      const index = level === 0 ? low >>> 12 & 511 : level === 1 ? low >>> 21 & 511
        : level === 2 ? (low >>> 30 | highHalf << 2) & 511 : highHalf >>> 7 & 511
      const place = 4096 * page + 8 * index
      const entry = this.readEntry(place)
      if (entry === undefined) return -1
      const [pte, pteHigh] = entry
      if ((pte & V) === 0 || (pte & (R | W)) === W || pteHigh >>> 22 !== 0) return -1
      const number = (pteHigh & 0x3f_ffff) * 0x40_0000 + (pte >>> 10)
      if ((pte & (R | X)) === 0) {
        if ((pte & (U | A | D)) !== 0) return -1
        page = number
        continue
      }
      if (!this.permits(pte, mode, permission)) return -1
      const below = 2 ** (9 * level)
      if (number % below !== 0) return -1
      const needed = permission === WRITE ? A | D : A
      if ((pte & needed) !== needed && !this.mark(place, needed)) return -1
      const within = level === 0 ? 0 : level === 1 ? low >>> 12 & 511
        : level === 2 ? low >>> 12 & 0x3_ffff : (low >>> 12) + (highHalf & 0x7f) * 0x10_0000
      return 4096 * (number + within) + (low & 4095)
    }
    return -1
  }

  private permits(pte: number, mode: Mode, permission: Permission): boolean {
    const { status } = this.state
    if (mode === USER) {
      if ((pte & U) === 0) return false
    } else if ((pte & U) !== 0 && (permission === EXECUTE || (status & mstatus.SUM) === 0)) return false
    if (permission === EXECUTE) return (pte & X) !== 0
    if (permission === WRITE) return (pte & W) !== 0
    return (pte & R) !== 0 || (pte & X) !== 0 && (status & mstatus.MXR) !== 0
  }

  /** The two halves of an entry of a page table; undefined with `fault` set. */
  private readEntry(place: number): readonly [low: number, high: number] | undefined {
    if (place < beyond && this.pmp.allows(place, 8, SUPERVISOR, READ)) {
      const offset = this.offset(place, 8)
      if (offset >= 0) {
        const index = this.start + offset >>> 2
        return [this.state.words[index]!, this.state.words[index + 1]!]
      }
      const value = this.platform.load(place, 8)
      if (value !== undefined) return [Number(BigInt.asIntN(32, BigInt(value))), Number(BigInt.asIntN(32, BigInt(value) >> 32n))]
    }
    this.fault = 'access'
    return undefined
  }

  /** Asks for A, or A and D, to be set in an entry; false with `fault` set. */
  private mark(place: number, bits: number): boolean {
    if (!this.marking) return true
    if (this.state.options.accessedDirty === 'fault') return false
    const offset = this.offset(place, 8)
    if (offset < 0 || !this.pmp.allows(place, 8, SUPERVISOR, WRITE)) {
      this.fault = 'access'
      return false
    }
    this.marks.push({ offset, bits })
    return true
  }

  /** Nothing that was translated will be accessed. */
  forgo(): void {
    // Emptying an array that is empty takes a microsecond.
    if (this.marks.length > 0) this.marks.length = 0
  }

  /** Sets A and D of what was translated: the access is done. D must be exact, an access that faults does not set it. */
  confirm(): void {
    if (this.marks.length === 0) return
    for (const { offset, bits } of this.marks) {
      this.state.words[this.start + offset >>> 2]! |= bits
      this.wrote(offset, 4)
    }
    this.forgo()
  }

  /**
   * Puts the page of a translated access into a buffer when it is RAM, or ROM that was read, and one rule holds for all of it.
   * `records`: those of the page when stores to it must be watched.
   */
  remember(buffer: 'loadBuffer' | 'storeBuffer', low: number, highHalf: number, physical: number, records = 0): void {
    const page = physical - (low & 4095)
    const offset = buffer === 'loadBuffer' ? this.readable(page, 4096) : this.offset(page, 4096)
    // What has not been marked has not been accessed.
    if (offset < 0 || this.marks.length > 0 || !this.pmp.uniform(page)) return
    this.state.fill(buffer, low, highHalf, this.start + offset - (low & -4096) | 0, records, records === 0 ? 0 : codeTag)
  }

  /** Reads what was translated, and confirms that; false where nothing answers. The value is in `cell.result`, zero-extended. */
  read(physical: number, bytes: Bytes): boolean {
    const { view, words, longs } = this.state
    const offset = this.readable(physical, bytes)
    if (offset < 0) {
      if (physical % bytes !== 0) return false
      const value = this.platform.load(physical, bytes)
      if (value === undefined) return false
      this.confirm()
      if (typeof value === 'bigint') longs[cell.result >> 3] = value
      else {
        words[cell.result >> 2] = value | 0
        words[(cell.result >> 2) + 1] = value / high | 0
      }
      return true
    }
    this.confirm()
    const place = this.start + offset
    let highHalf = 0
    let low: number
    switch (bytes) {
      case 1: low = view.getUint8(place); break
      case 2: low = view.getUint16(place, true); break
      case 4: low = view.getUint32(place, true); break
      default:
        low = view.getInt32(place, true)
        highHalf = view.getInt32(place + 4, true)
    }
    words[cell.result >> 2] = low
    words[(cell.result >> 2) + 1] = highHalf
    return true
  }

  /** Sixteen bits of what was translated, which is not confirmed; -1 where nothing answers. */
  peek(physical: number): number {
    const offset = this.readable(physical, 2)
    if (offset >= 0) return this.state.view.getUint16(this.start + offset, true)
    const value = physical % 2 === 0 ? this.platform.load(physical, 2) : undefined
    return value === undefined ? -1 : Number(value)
  }

  /** Writes `cell.value`, its low bytes, to what was translated, and confirms that; false where nothing answers. */
  write(physical: number, bytes: Bytes): boolean {
    const { view, longs } = this.state
    const offset = this.offset(physical, bytes)
    if (offset < 0) {
      this.state.forgetClock()
      if (physical % bytes !== 0 || !this.platform.store(physical, bytes, BigInt.asUintN(8 * bytes, longs[cell.value >> 3]!))) return false
      this.confirm()
      return true
    }
    this.confirm()
    const place = this.start + offset
    const low = view.getInt32(cell.value, true)
    switch (bytes) {
      case 1: view.setUint8(place, low); break
      case 2: view.setUint16(place, low, true); break
      case 4: view.setInt32(place, low, true); break
      default:
        view.setInt32(place, low, true)
        view.setInt32(place + 4, view.getInt32(cell.value + 4, true), true)
    }
    this.wrote(offset, bytes)
    return true
  }
}
