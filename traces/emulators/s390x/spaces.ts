// Translation tables for the address spaces of trials on z/Architecture: pages in a row from the origin of the region first table.
import { place, tablesSize } from './place.ts'

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
