// Translation tables for the address spaces of trials on z/Architecture, pages in a row from the origin of the region first table; and linkage tables.
import { linkage, place, tablesSize } from './place.ts'

/** The control register that designates where instructions are fetched: the home space's by its mode, the primary one's otherwise. */
export const programElement = (AS: number): string => (AS === 3 ? 'CR13' : 'CR1')

const entries = 2048, tableSize = 8 * entries
const invalid = 0x20n
/** Bits 60 and 61: region first, second and third tables; bits 62 and 63: whole tables. */
const region = (type: number): bigint => BigInt(type << 2) | 3n
const megabyte = 0x100000, page = 0x1000, pagesOfSegment = 256

/** The tables at an origin, for addresses from 0 to the end of storage; of the higher tables the first entry is valid. */
export const tablesAt = (origin: number): Uint8Array => {
  const view = new DataView(new ArrayBuffer(tablesSize))
  for (let n = 0; n < 4 * entries; n++) view.setBigUint64(8 * n, invalid)
  for (const level of [0, 1, 2]) view.setBigUint64(level * tableSize, BigInt(origin + (level + 1) * tableSize) | region(3 - level))
  for (let s = 0; origin + s * megabyte < place.end; s++) {
    const pages = 4 * tableSize + 8 * pagesOfSegment * s
    view.setBigUint64(3 * tableSize + 8 * s, BigInt(origin + pages))
    for (let n = 0; n < pagesOfSegment; n++) view.setBigUint64(pages + 8 * n, BigInt(origin + s * megabyte + n * page))
  }
  return new Uint8Array(view.buffer)
}

const linkageIndexes = 4096, entriesOfTable = 256, entrySize = 32
/** Of 4,096 entries, in units of 32. */
export const linkageTableDesignation = (valid: bigint): bigint => (valid << 31n) | BigInt(linkage.linkageTable | (linkageIndexes / 32 - 1))
/** Each entry designates an entry table of 256 entries, in units of 4. */
export const linkageTable = (): Uint8Array => {
  const view = new DataView(new ArrayBuffer(4 * linkageIndexes))
  for (let n = 0; n < linkageIndexes; n++) view.setUint32(4 * n, linkage.entryTable | (entriesOfTable / 4 - 1))
  return new Uint8Array(view.buffer)
}
/** The doublewords of the entry-table entry of a PC number: 64-bit addressing mode, neither stacking nor space-switching. */
export const entryOf = (number: bigint, { address, keys, parameter }: Readonly<Record<'address' | 'keys' | 'parameter', bigint>>): readonly (readonly [address: bigint, content: bigint])[] => {
  const at = BigInt(linkage.entryTable) + (number % BigInt(entriesOfTable)) * BigInt(entrySize)
  const contents = [address, (keys >> 16n << 48n) | ((keys & 0xffffn) << 16n), 1n << 62n, parameter]
  return contents.map((content, n) => [at + 8n * BigInt(n), content])
}
