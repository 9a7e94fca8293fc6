// What random states of AArch64 hold: pointers into storage and beyond, small numbers, contents of control registers.
import type { Random } from '../../generate-random.ts'

/** TCR_EL1.<34:7>: EPD0, TG0 and EPD1 are the kernels'. */
export const walks = { mask: (1 << 16) | (3 << 7) | 1, value: 1 << 16 }

/** A random number of so many bits, at most 64. */
export const bits = (random: Random, width: number): bigint =>
  (width <= 32 ? BigInt((random.word() >>> 0) >>> (32 - width)) : (bits(random, width - 32) << 32n) | BigInt(random.word() >>> 0))

/** Pointers into storage, which begins at an address and has so many pages. */
export const pointers = (storage: number, pages: number) => (random: Random): bigint =>
  BigInt(storage + 16 * random.below(pages * 256) + random.of([0, 0, 0, 0, 0, 8, 8, 8, 4, 4, 2, 1]))

/** Contents of general registers; from `absent` on nothing is mapped. */
export const numbers = (storage: number, pages: number, absent: number): ((random: Random) => bigint) => {
  const pointer = pointers(storage, pages)
  return (random) => random.of([
    () => bits(random, 64), ...Array.from({ length: 5 }, () => () => pointer(random)), () => BigInt(random.below(64)),
    () => BigInt(absent) + (bits(random, 46) & ~BigInt(random.of([3, 3, 3, 0]))), () => BigInt(0x380000 + 4 * random.below(0x8000)), () => pointer(random) | (bits(random, 16) << 48n),
    () => 0x800010n | (bits(random, 34) & 0x17f3f3f00n), () => 0x30d00803n ^ (bits(random, 32) & 0x5c5d3bcn),
    () => bits(random, 32), () => BigInt(random.of([1, 2, 8])), () => BigInt.asUintN(64, BigInt(-1 - random.below(8))),
  ])()
}
