// The cache of decoded code: one page of records for each page of RAM, and of ROM behind it, that was executed.
import { branchNames, operation } from './operations.ts'
import { expand } from './compressed.ts'
import { decode } from './decode.ts'
import {
  codeOfPage, crossingShift, decodedPageBytes, decodedStart, form, formBytes, formHash, forms, pageBytes, record, recordBytes, slotsPerPage,
} from './layout.ts'
import type { State } from './state.ts'

/** A record whose code is never translated. */
export const neverHot = -0x8000_0000
const nearOf = new Map<number, number>([
  ...branchNames.map((name) => [operation[name], operation[`${name} near`]] as const),
  [operation.J, operation['J near']],
  [operation.JAL, operation['JAL near']],
])

/** Where the record of a crossing instruction is. */
const crossingRecord = (slotsPerPage - 1) * recordBytes + crossingShift

/** Jumps that the end of a slice counts as. */
const sampled = 2048

/** Of all decoded pages, when room is made. */
const leastFreed = 1 / 8

/** Fills the slots of a page with one record. */
const repeat = (page: Int32Array, words: readonly number[]): void => {
  page.set(words)
  for (let done = words.length; done < slotsPerPage * words.length; done *= 2) page.copyWithin(done, 0, done)
}

export class DecodedCode {
  /** Called when code of a page changes: bytes from inclusive to exclusive, as offsets into RAM. */
  changed: (from: number, to: number) => void = () => undefined

  /** Whether the page of RAM at an offset has translations. */
  translated: (offset: number) => boolean = () => false

  /** Places in a page, in bytes, where a handler is asked whether the run ends; `forget` is to be called when they change. */
  breakpoints: ReadonlySet<number> = new Set()

  private readonly state: State
  /** The decoded page of each page of RAM; 0 for none. */
  private readonly pageOf: Uint16Array
  /** The page of RAM of each decoded page. */
  private readonly ramPage: Int32Array
  /** A page of records with nothing decoded. */
  private readonly empty = new Int32Array(decodedPageBytes >> 2)
  /** The first page is that of single instructions, for code that is not to be kept. */
  private used = 1
  /** Decoded pages that were given up. */
  private readonly free: number[] = []
  private singleSlot = 0
  private singleWord = 0

  constructor(state: State) {
    this.state = state
    this.pageOf = new Uint16Array((state.options.ramBytes + state.options.romBytes) / pageBytes)
    this.ramPage = new Int32Array(state.places.decodedPages)
    this.hotAfter = state.options.firstHotAfter
    repeat(state.words.subarray(decodedStart >> 2), [operation['page end'], 0, 0, neverHot])
    for (const slot of [0, 1, 2, 4]) {
      const place = (slotsPerPage + slot) * recordBytes
      this.empty[place >> 2] = operation['page end']
      this.empty[place + record.heat >> 2] = neverHot
    }
    this.state.words.set(this.empty.subarray(slotsPerPage * recordBytes >> 2), decodedStart + slotsPerPage * recordBytes >> 2)
  }

  /** Jumps to an instruction until the code there is hot, in pages that are decoded from now on. */
  set hotAfter(jumps: number) {
    repeat(this.empty, [operation.undecoded, 0, 0, -jumps])
  }

  private endHere(place: number): void {
    this.state.words[place >> 2] = operation['page end']
    this.state.words[place + record.heat >> 2] = neverHot
  }

  private clear(page: number): void {
    const records = decodedStart + page * decodedPageBytes
    this.state.words.set(this.empty, records >> 2)
    this.state.words[records + codeOfPage >> 2] = this.state.places.ramStart + this.ramPage[page]! * pageBytes
  }

  /** A whole slice ended in code that was arrived at by the record, if it is not 0: so long code becomes hot by the time that it takes, not by its jumps alone. */
  warm(place: number): void {
    const heat = place + record.heat >> 2, { words } = this.state
    if (place !== 0 && words[heat]! < 0) words[heat] = Math.min(words[heat]! + sampled, -1)
  }

  /** Lets the instruction at an offset into RAM become hot anew. */
  cool(offset: number): void {
    const records = this.recordsAt(offset)
    if (records !== 0) this.state.words[records + (offset & pageBytes - 1) / 2 * recordBytes + record.heat >> 2] = -this.state.options.hotAfter
  }

  /** The address of the records of the page of RAM at this offset; 0 when it has none. */
  recordsAt(offset: number): number {
    const page = this.pageOf[offset >>> 12]!
    return page === 0 ? 0 : decodedStart + page * decodedPageBytes
  }

  /** The same, made when there are none. */
  page(offset: number): number {
    const ramPage = offset >>> 12
    let page = this.pageOf[ramPage]!
    if (page === 0) {
      if (this.free.length === 0 && this.used === this.state.places.decodedPages) this.makeRoom()
      page = this.free.pop() ?? this.used++
      this.pageOf[ramPage] = page
      this.ramPage[page] = ramPage
      this.clear(page)
      // Stores to this page must be seen from now on.
      this.state.flushStores()
    }
    return decodedStart + page * decodedPageBytes
  }

  /** Drops the decoded code of pages without translations, or all when that is little: code that runs once makes room for code that runs often. */
  private makeRoom(): void {
    for (let page = 1; page < this.used; page++) {
      const ramPage = this.ramPage[page]!
      if (this.translated(ramPage * pageBytes)) continue
      this.pageOf[ramPage] = 0
      this.free.push(page)
    }
    if (this.free.length < this.used * leastFreed) this.forget()
    else this.state.flush()
  }

  /** Drops all decoded code. */
  forget(): void {
    this.changed(0, this.pageOf.length * pageBytes)
    this.free.length = 0
    for (let page = 1; page < this.used; page++) this.pageOf[this.ramPage[page]!] = 0
    this.used = 1
    this.state.words.fill(0, forms >> 2, decodedStart >> 2)
    this.state.flush()
  }

  /** Where the code of a record lies, as an offset into RAM. */
  offsetOf(place: number): number {
    const page = Math.floor((place - decodedStart) / decodedPageBytes)
    return this.ramPage[page]! * pageBytes + (place - decodedStart - page * decodedPageBytes) / recordBytes * 2
  }

  /** Decodes the instruction of a record. */
  fill(place: number): void {
    const offset = this.offsetOf(place)
    const { view, places: { ramStart } } = this.state
    const half = view.getUint16(ramStart + offset, true)
    const within = offset & pageBytes - 1
    if (this.breakpoints.has(within)) view.setUint16(place, operation.breakpoint, true)
    else if ((half & 3) !== 3) this.write(place, half, within)
    else if (within === pageBytes - 2) {
      view.setUint16(place, operation.crossing, true)
      // `cross` was not here yet: an operation that looks the instruction up again.
      view.setUint16(place - within / 2 * recordBytes + crossingRecord, operation['page end'], true)
    }
    else this.write(place, view.getInt32(ramStart + offset, true), within)
  }

  /** The instruction of a record: its word, expanded when it is compressed. */
  wordAt(place: number): number {
    if (place < decodedStart + decodedPageBytes) return this.singleWord
    if ((place - decodedStart) % decodedPageBytes === crossingRecord) return this.state.words[place + recordBytes + record.immediate >> 2]!
    const at = this.state.places.ramStart + this.offsetOf(place)
    const half = this.state.view.getUint16(at, true)
    return (half & 3) === 3 ? this.state.view.getInt32(at, true) : expand(half)
  }

  /** Decodes the instruction that crosses out of the page with these records, `secondHalf` being what is in the next page. */
  cross(records: number, secondHalf: number): void {
    const { view, places: { ramStart } } = this.state
    const last = records + (slotsPerPage - 1) * recordBytes
    const word = secondHalf << 16 | view.getUint16(ramStart + this.offsetOf(last), true)
    view.setUint16(last + record.secondHalf, secondHalf, true)
    this.write(records + crossingRecord, word)
    view.setInt32(records + crossingRecord + recordBytes + record.immediate, word, true)
  }

  /** Decodes the instruction that crosses from the page with these records into that with those. */
  crossInto(records: number, next: number): void {
    const { view, words } = this.state
    this.cross(records, view.getUint16(words[next + codeOfPage >> 2]!, true))
  }

  /** The page of records where nothing but this instruction, at this offset in its page, stands. */
  alone(bits: number, within: number): number {
    const short = (bits & 3) !== 3
    this.singleWord = short ? expand(bits & 0xffff) : bits
    this.write(this.single(within), short ? bits & 0xffff : bits)
    return decodedStart
  }

  /** The same with a breakpoint. */
  breakpoint(within: number): number {
    this.state.view.setUint16(this.single(within), operation.breakpoint, true)
    return decodedStart
  }

  /** The record of the single instruction, nothing else being in its page. */
  private single(within: number): number {
    this.endHere(decodedStart + this.singleSlot * recordBytes)
    this.singleSlot = within >> 1
    return decodedStart + this.singleSlot * recordBytes
  }

  /** Writes the record of an instruction; `within` is the offset in the page, undefined when jumps are to leave the page of records. */
  private write(place: number, bits: number, within?: number): void {
    const short = (bits & 3) !== 3
    const { operation: number, rd, rs1, rs2, immediate } = decode(short ? expand(bits) : bits)
    const registers = 8 * rd << 8 * record.rd | 8 * rs1 << 8 * record.rs1
    const second = 8 * rs2 | (short ? 1 : 2) * recordBytes << 8 * (record.size - record.rs2)
    const inPage = nearOf.get(number)
    const near = inPage === undefined ? 0 : inPage | registers
    const target = near === 0 || within === undefined ? -1 : within + immediate
    const isNear = target >= 0 && target < pageBytes
    const { words } = this.state
    words[place >> 2] = isNear ? near : number | registers
    words[place + record.rs2 >> 2] = second
    words[place + record.immediate >> 2] = isNear ? immediate * (recordBytes / 2) : immediate
    if (within === undefined || this.breakpoints.size > 0) return
    let known = forms + (Math.imul(bits, formHash.factor) >>> formHash.shift) * formBytes
    if (words[known + form.first >> 2] !== 0) known ^= formBytes
    words[known + form.bits >> 2] = bits
    words[known + form.first >> 2] = number | registers
    words[known + form.second >> 2] = second
    words[known + form.near >> 2] = near
    words[known + form.immediate >> 2] = immediate
  }

  /** RAM was written, or ROM behind it. */
  wrote(offset: number, bytes: number): void {
    const end = offset + bytes
    for (let start = offset; start < end;) {
      const within = start % pageBytes
      const next = Math.min(end, start - within + pageBytes)
      const page = this.pageOf[(start - within) / pageBytes]!
      if (page !== 0 && this.clearRecords(page, within, next - start)) this.changed(start, next)
      start = next
    }
  }

  /** Whether bytes of a page had decoded code; they have none then. */
  private clearRecords(page: number, within: number, bytes: number): boolean {
    const { words } = this.state
    const records = decodedStart + page * decodedPageBytes >> 2
    const last = within + bytes - 1 >> 1
    let stale = false
    // An instruction of four bytes may begin two bytes before.
    for (let slot = Math.max((within >> 1) - 1, 0); slot <= last; slot++) {
      const place = records + slot * (recordBytes >> 2)
      if (words[place] === 0) continue
      words[place] = 0
      stale = true
    }
    return stale
  }
}
