// The translation tables of the AArch64 test kernel with EL2: a root is at the page number by which it moves storage, as the specification has it.
import { bytesOf } from '../record-loop.ts'
import { place } from './place.ts'

/** Roots by their page numbers, in the order of the kernel's last-level pages; those that are big-endian for EE = 1. */
export const roots = {
  EL1: { little: [16, 24], big: [18, 26] }, EL2: { little: [48, 56, 64], big: [54, 62, 70] }, stageTwo: { little: [32, 40], big: [36, 44] },
} as const

const absentBlock = 0x40000000n | 0x7c1n
const UXN = 1n << 54n
const executed = 0x7c3n, readOnlyBlock = 0x781n, dataBlock = 0x701n, ofStageTwo = 0x7fdn

class Pages {
  readonly written = new Map<number, Uint8Array>()
  #next = place.lowerTables
  fresh(): number {
    this.#next += 0x1000
    return this.#next - 0x1000
  }
  set(table: number, n: number, entry: bigint, bigEndian: boolean): void {
    const page = this.written.get(table) ?? new Uint8Array(0x1000)
    this.written.set(table, page)
    page.set(bytesOf(entry, 8, bigEndian), 8 * n)
  }
}

/** Each page of tables with its address. */
export const tables = (): ReadonlyMap<number, Uint8Array> => {
  const pages = new Pages(), code = (place.code >> 12) & 511, area = place.code >> 21
  let last = place.lastTables
  const lastTable = (): number => {
    last += 0x1000
    return last - 0x1000
  }
  /** EL1: the code for all, storage, and everything else executable at addresses where stage 2 has nothing. */
  const ofEL1 = (root: number, big: boolean, upper: number): void => {
    const set = (table: number, n: number, entry: bigint): void => pages.set(table, n, entry, big)
    const [one, two, three] = [pages.fresh(), pages.fresh(), lastTable()]
    for (let n = 0; n < 512; n++) {
      set(root, n, BigInt(n === 0 ? one : upper) | 3n)
      set(one, n, n === 0 ? BigInt(two) | 3n : absentBlock)
      set(two, n, n === area ? BigInt(three) | 3n : absentBlock)
      set(three, n, n === code ? BigInt(place.code) | executed : absentBlock | 2n)
    }
  }
  /** EL2: the kernel, the code, storage, the records; nothing else. */
  const ofEL2 = (root: number, big: boolean): void => {
    const set = (table: number, n: number, entry: bigint): void => pages.set(table, n, entry, big)
    const [one, two, three] = [pages.fresh(), pages.fresh(), lastTable()]
    set(root, 0, BigInt(one) | 3n)
    set(one, 0, BigInt(two) | 3n)
    set(two, 0, readOnlyBlock)
    set(two, area, BigInt(three) | 3n)
    set(two, place.records >> 21, BigInt(place.records) | dataBlock | UXN)
    set(three, code, BigInt(place.code) | readOnlyBlock | 2n)
  }
  /** Stage 2, from level 1: the tables, the code, and storage moved by the root's page number. */
  const ofStage2 = (root: number, big: boolean): void => {
    const set = (table: number, n: number, entry: bigint): void => pages.set(table, n, entry, big)
    const [two, three] = [pages.fresh(), pages.fresh()]
    set(root, 0, BigInt(two) | 3n)
    set(two, 0, ofStageTwo)
    set(two, area, BigInt(three) | 3n)
    set(three, code, BigInt(place.code) | ofStageTwo | 2n)
    for (let n = 0; n < 64; n++) set(three, ((place.storage >> 12) & 511) + n, BigInt(place.storage + ((n + root / 0x1000) << 12)) | ofStageTwo | 2n)
  }
  for (const big of [false, true]) {
    const upper = pages.fresh(), order = big ? 'big' : 'little'
    for (let n = 0; n < 512; n++) pages.set(upper, n, absentBlock, big)
    for (const page of roots.EL1[order]) ofEL1(page << 12, big, upper)
    for (const page of roots.stageTwo[order]) ofStage2(page << 12, big)
  }
  for (const big of [false, true]) for (const page of roots.EL2[big ? 'big' : 'little']) ofEL2(page << 12, big)
  return pages.written
}
