// Memory as a hart's present mode sees it, read and written from outside: RAM only, devices are left alone.
import type { Hart } from './hart.ts'

const pageBytes = 4096

/** Each piece of the range that lies in one page: its offset into RAM, where it begins in the range, and its bytes. False at the first that is not RAM. */
const pieces = (hart: Hart, address: bigint, bytes: number, each: (offset: number, from: number, length: number) => void): boolean => {
  for (let from = 0; from < bytes;) {
    const at = BigInt.asUintN(64, address + BigInt(from))
    const offset = hart.locate(at)
    if (offset < 0) return false
    const length = Math.min(bytes - from, pageBytes - Number(at & BigInt(pageBytes - 1)))
    each(offset, from, length)
    from += length
  }
  return true
}

/** The bytes at a virtual address, up to the first that is not RAM. */
export const peek = (hart: Hart, address: bigint, bytes: number): Uint8Array => {
  const found = new Uint8Array(bytes)
  let length = 0
  pieces(hart, address, bytes, (offset, from, some) => {
    found.set(hart.ram.subarray(offset, offset + some), from)
    length = from + some
  })
  return found.subarray(0, length)
}

/** Writes bytes at a virtual address; false, with nothing written, where not all of it is RAM. */
export const poke = (hart: Hart, address: bigint, bytes: Uint8Array): boolean => {
  if (!pieces(hart, address, bytes.length, () => {})) return false
  return pieces(hart, address, bytes.length, (offset, from, some) => {
    hart.ram.set(bytes.subarray(from, from + some), offset)
    hart.wrote(offset, some)
  })
}

/** The little-endian number at a virtual address; undefined where not all of it is RAM. */
export const peekNumber = (hart: Hart, address: bigint, bytes: 1 | 2 | 4 | 8): bigint | undefined => {
  const found = peek(hart, address, bytes)
  return found.length < bytes ? undefined : found.reduceRight((value, byte) => value << 8n | BigInt(byte), 0n)
}
