// The architectural state of a hart outside its WebAssembly memory, and the views of that memory.
import {
  banks, cell, dataEntries, emptyTag, entry, entryBytes, fetchBuffers, fetchEntries, loadBuffers, placesFor, storeBuffers, type Places,
} from './layout.ts'
import type { HartOptions } from './parameters.ts'
import type { Clock } from './platform.ts'
import { host, type Memory } from './web-assembly.ts'

export const USER = 0
export const SUPERVISOR = 1
export const MACHINE = 3
export type Mode = typeof USER | typeof SUPERVISOR | typeof MACHINE

/** Bits of mstatus below 32; the others are constants or follow from these. */
export const mstatus = {
  SIE: 1 << 1, MIE: 1 << 3, SPIE: 1 << 5, MPIE: 1 << 7, SPP: 1 << 8, MPP: 3 << 11, FS: 3 << 13,
  MPRV: 1 << 17, SUM: 1 << 18, MXR: 1 << 19, TVM: 1 << 20, TW: 1 << 21, TSR: 1 << 22,
} as const
export const mppShift = 11
export const fsShift = 13

/** Bits of mip and mie, and the causes of interrupts. */
export const interrupt = { SSI: 1, MSI: 3, STI: 5, MTI: 7, SEI: 9, MEI: 11 } as const

/** menvcfg.STCE. */
export const stce = 1n << 63n
const stip = 1 << interrupt.STI

export class State {
  readonly options: Required<HartOptions>
  readonly places: Places
  readonly memory: Memory
  readonly ram: Uint8Array
  readonly rom: Uint8Array
  /** The whole memory. */
  readonly view: DataView
  readonly words: Int32Array
  readonly longs: BigUint64Array

  mode: Mode = MACHINE
  /** The low half of mstatus, FS and SD apart: FS is in `cell.fs`. */
  status = 0
  medeleg = 0
  mideleg = 0
  mie = 0
  /** SSIP, STIP and SEIP as software wrote them. */
  mip = 0
  /** MSIP, MTIP, MEIP and SEIP as they are driven. */
  lines = 0
  mtvec = 0n
  mscratch = 0n
  mepc = 0n
  mcause = 0n
  mtval = 0n
  mcounteren = 0
  mcountinhibit = 0
  menvcfg = 0n
  stimecmp = 0n
  stvec = 0n
  sscratch = 0n
  sepc = 0n
  scause = 0n
  stval = 0n
  scounteren = 0
  senvcfg = 0n
  /** satp in its fields: 0, 8 or 9; the page number of the root. */
  satpMode = 0
  asid = 0
  root = 0
  /** The value of a counter that stands still, or what to add to its source. */
  cycleOffset = 0n
  instretOffset = 0n
  /** Instructions that trapped, of those stepped. */
  trapped = 0
  /** WFI waits. */
  waiting = false

  /** Whether one rule of PMP lets a mode read all of RAM. */
  opens: (mode: Mode) => boolean = () => false
  /** The same as it was found when the buffers were emptied last, for M-mode and for the others. */
  private opensMachine = false
  private opensOthers = false

  private readonly filled: number[] = []
  private readonly filledStores: number[] = []

  constructor(options: Required<HartOptions>) {
    this.options = options
    this.places = placesFor(options.ramBytes + options.romBytes)
    const { memoryPages, ramStart } = this.places
    this.memory = new host.Memory({ initial: memoryPages, maximum: memoryPages })
    const { buffer } = this.memory
    this.ram = new Uint8Array(buffer, ramStart, options.ramBytes)
    this.rom = new Uint8Array(buffer, ramStart + options.ramBytes, options.romBytes)
    this.view = new DataView(buffer)
    this.words = new Int32Array(buffer)
    this.longs = new BigUint64Array(buffer, 0, 1024)
    this.words.fill(emptyTag, loadBuffers >> 2, fetchBuffers + banks * fetchEntries * entryBytes >> 2)
    this.words[cell.misaligned >> 2] = options.misaligned === 'done' ? 1 : 0
    this.selectBuffers()
  }

  get pc(): bigint {
    return this.longs[cell.pc >> 3]!
  }

  set pc(address: bigint) {
    this.longs[cell.pc >> 3] = address
  }

  get fs(): number {
    return this.words[cell.fs >> 2]!
  }

  set fs(value: number) {
    this.words[cell.fs >> 2] = value
    this.deriveQuick()
  }

  get flags(): number {
    return this.words[cell.flags >> 2]!
  }

  set flags(value: number) {
    this.words[cell.flags >> 2] = value
    this.deriveQuick()
  }

  get rounding(): number {
    return this.words[cell.rounding >> 2]!
  }

  set rounding(value: number) {
    this.words[cell.rounding >> 2] = value
    this.deriveQuick()
  }

  private deriveQuick(): void {
    this.words[cell.quick >> 2] = this.fs === 3 && this.rounding === 0 ? this.flags & 1 : 0
  }

  /** The address in the memory and the width of the reservation; 0 without one. */
  get reserved(): number {
    return this.words[cell.reserved >> 2]! >>> 0
  }

  get reservedBytes(): number {
    return this.words[cell.reservedBytes >> 2]!
  }

  reserve(place: number, bytes: number): void {
    this.words[cell.reserved >> 2] = place
    this.words[cell.reservedBytes >> 2] = bytes
  }

  /** The mode in which loads and stores are done. */
  get dataMode(): Mode {
    return (this.status & mstatus.MPRV) === 0 ? this.mode : (this.status & mstatus.MPP) >> mppShift as Mode
  }

  /** The comparator of Sstc has STIP. */
  get ownTimer(): boolean {
    return (this.menvcfg & stce) !== 0n
  }

  /** mip as it reads: what software wrote to STIP does not show while the comparator has it. */
  get pending(): number {
    return (this.ownTimer ? this.mip & ~stip : this.mip) | this.lines
  }

  /** A load of 8 bytes from a virtual address, in halves, gave the time of this clock, and will until `forgetClock`; `end`: the steps at the end of the slice. */
  knowClock(low: number, high: number, { ahead, stepsPerTick }: Clock, end: number): void {
    this.words[cell.clockAddress >> 2] = low
    this.words[(cell.clockAddress >> 2) + 1] = high
    this.longs[cell.clockEnd >> 3] = BigInt(end + ahead)
    this.words[cell.clockTick >> 2] = stepsPerTick
  }

  forgetClock(): void {
    this.words[cell.clockTick >> 2] = 0
  }

  /** To be called when the mode or mstatus has changed. */
  selectBuffers(): void {
    this.forgetClock()
    const mode = this.dataMode
    const bank = mode === MACHINE ? 0 : mode === USER ? 1 : (this.status & mstatus.SUM) === 0 ? 2 : 3
    this.words[cell.loadBuffer >> 2] = loadBuffers + bank * dataEntries * entryBytes
    this.words[cell.storeBuffer >> 2] = storeBuffers + bank * dataEntries * entryBytes
    const fetchBank = this.mode === MACHINE ? 0 : this.mode === USER ? 1 : 2
    this.words[cell.fetchBuffer >> 2] = fetchBuffers + fetchBank * fetchEntries * entryBytes
    this.words[cell.direct >> 2] = (mode === MACHINE ? this.opensMachine : this.opensOthers && this.satpMode === 0) ? this.options.ramBytes - 7 : 0
  }

  /** Fills the entry of a page in the buffer whose address is in `buffer`. */
  fill(buffer: 'loadBuffer' | 'storeBuffer' | 'fetchBuffer', low: number, high: number, content: number, more = 0, mark = 0): void {
    const mask = buffer === 'fetchBuffer' ? fetchEntries - 1 : dataEntries - 1
    const place = this.words[cell[buffer] >> 2]! + (low >>> 12 & mask) * entryBytes >> 2
    const list = buffer === 'storeBuffer' ? this.filledStores : this.filled
    if ((this.words[place]! & emptyTag) !== 0) list.push(place)
    this.words[place] = low & -4096 | mark
    this.words[place + 1] = high
    this.words[place + (entry.content >> 2)] = content
    this.words[place + (entry.more >> 2)] = more
  }

  /** The index in `words` of the entry of an address in halves in the buffer for code; -1 when its page has none. */
  private codeEntry(low: number, high: number): number {
    const { words } = this
    const place = words[cell.fetchBuffer >> 2]! + (low >>> 12 & fetchEntries - 1) * entryBytes >> 2
    return words[place] === (low & -4096) && words[place + 1] === high ? place : -1
  }

  /** The address in the memory of code at an address in halves, when its page is in the buffer; else 0. */
  codePlace(low: number, high: number): number {
    const place = this.codeEntry(low, high)
    return place < 0 ? 0 : (this.words[place + (entry.more >> 2)]! >>> 0) + (low & 4095)
  }

  /** The records of the page of a virtual address, when it is in the buffer for code; else 0. */
  recordsAt(address: bigint): number {
    const place = this.codeEntry(Number(BigInt.asIntN(32, address)), Number(BigInt.asIntN(32, address >> 32n)))
    return place < 0 ? 0 : this.words[place + (entry.content >> 2)]!
  }

  /** Empties all look-aside buffers, after protection or what they translate has changed too, and selects those of the mode. */
  flush(): void {
    this.forgetClock()
    for (const place of this.filled) this.words[place] = emptyTag
    this.filled.length = 0
    this.flushStores()
    this.opensMachine = this.opens(MACHINE)
    this.opensOthers = this.opens(SUPERVISOR)
    this.selectBuffers()
  }

  flushStores(): void {
    for (const place of this.filledStores) this.words[place] = emptyTag
    this.filledStores.length = 0
  }
}
