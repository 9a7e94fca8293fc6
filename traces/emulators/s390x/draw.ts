// What generated states of z/Architecture hold: random, and mostly addresses within the bench's storage.
import type { Random } from '../../generate-random.ts'
import type { Bench } from '../bench.ts'
import { linkage, origins, place } from './place.ts'

const wide = (random: Random): bigint => (BigInt(random.word() >>> 0) << 32n) | BigInt(random.word() >>> 0)
const address = (random: Random): bigint => BigInt(random.word() & 0xffffff & (random.chance(70) ? ~7 : -1))
const general = (random: Random): bigint => random.of([
  () => wide(random), () => address(random), () => address(random), () => address(random), () => address(random), () => BigInt(random.below(64)), () => BigInt(random.below(2)), () => -BigInt(random.below(64)),
  () => 1n << BigInt(random.below(64)), () => wide(random) & ~255n, () => 0x7fffffffffffffffn, () => BigInt(random.word() >>> 0),
])()
const subjects = [0x18, 0x04, 0x0a, 0x44]
const halfword = (random: Random): number => (random.of(subjects) << 8) | random.below(256)
const psw = (random: Random, short: boolean): bigint => {
  const upper = (random.word() & 0x47f5bf00 & (random.chance(60) ? ~0x10000 : -1)) | 1 | (short ? 0x80000 : 0)
  return (BigInt(upper >>> 0) << 32n) | 0x80000000n | (short ? address(random) : 0n)
}
const stored = (random: Random): bigint => random.of([
  () => general(random), () => address(random), () => psw(random, true), () => psw(random, false), () => BigInt(random.of([0, place.otherPrefix])) << (random.chance(50) ? 32n : 0n),
  () => (BigInt((halfword(random) << 16 | halfword(random)) >>> 0) << 32n) | BigInt((halfword(random) << 16 | halfword(random)) >>> 0), () => element(random), () => wide(random),
])()
/** An address-space-control element: a real space, or one of those that have tables. */
const element = (random: Random): bigint =>
  (random.chance(50) ? (wide(random) & ~0x60n) | 0x20n : BigInt(random.of(origins) | (random.word() & 0xf90))) | 12n | BigInt(random.below(4))
const accessControl = (random: Random): number => random.of([0, 5, 5, random.below(16)])
/** CR0, bits 52 to 54: timers and the service signal. */
const interruptions = 0xe00n

export const drawing = (identity: bigint, physical: bigint): Bench['draw'] => ({
  register: ({ name, width }, random) => {
    const value = (): bigint | number => {
      switch (name) {
        case 'W': case 'CPU-ADDRESS': return 0
        case 'CPU-ID': return identity
        case 'IA': return address(random) & ~1n
        case 'AS': return random.of([0, 0, 0, 2, 3])
        case 'P': return random.chance(35) ? 1 : 0
        case 'LTD.V': return random.chance(75) ? 1 : 0
        case 'T': return random.chance(65) ? 1 : 0
        case 'KEY': return accessControl(random)
        case 'PREFIX': return random.of([0, place.otherPrefix])
        case 'PER-MASK': case 'EXTERNAL-MASK': return random.chance(30) ? 1 : 0
        case 'CLOCK-COMPARATOR': return wide(random) & ~255n
        case 'CR0': return wide(random) & ~0x13000000n & (random.chance(70) ? ~0x80000n : -1n) & (random.chance(60) ? ~interruptions : -1n)
        case 'CR1': case 'CR7': case 'CR13': return element(random)
        case 'CR3': return wide(random) & (random.chance(50) ? ~0xeeee0000n : -1n)
        case 'CR4': return random.chance(50) ? random.below(2) : wide(random)
        case 'CR5': return random.chance(90) ? (wide(random) & ~0x7fffffc0n) | BigInt(linkage.aste) : wide(random)
        case 'CR8': return wide(random) & (random.chance(80) ? ~0xffff00000000n : -1n)
        case 'CR9': return wide(random) & (random.chance(80) ? ~0xff000000n : -1n)
        case 'CR12': return wide(random) & 0x3ffffffffffffffcn
        case 'TOD-CLOCK': return random.chance(30) ? physical : wide(random)
        case 'TOD-OFFSET': return random.chance(30) ? 0n : wide(random) & ~255n
        case 'CR14': return (wide(random) & ~0x10000000n) | (random.chance(40) ? 0x80000n : 0n)
        default: return wide(random)
      }
    }
    return BigInt.asUintN(width, BigInt(value()))
  },
  operand: (name, random) => (!random.chance(50) ? undefined : name === 'd1' || name === 'd2' ? BigInt(8 * random.below(512)) : name === 'l' ? 0n : undefined),
  cell: (bank, index, width, random, { register }) => {
    const low16 = (name: string): bigint => register(name) & 0xffffn
    /** A register with the primary address-space number, parameters of address spaces. */
    const number = (): bigint => (wide(random) & ~0xffffn) | low16('CR4')
    const parameters = (): bigint => (number() & ~0xffff00000000n) | (low16(random.of(['CR3', 'CR4'])) << 32n)
    const value = (): bigint => {
      // In register 0 function codes of PTFF too.
      if (bank === 'GR' && index === 0n && random.chance(20)) return (wide(random) & ~255n) | random.of([1n, 0x40n])
      switch (bank) {
        case 'STORAGE-KEYS': return BigInt((accessControl(random) << 3) | (random.chance(20) ? 4 : 0) | random.below(4))
        case 'E': return random.chance(10) ? parameters() : stored(random)
        case 'ENTRY.address': return random.chance(80) ? address(random) : wide(random)
        case 'ENTRY.keys': return wide(random) & (random.chance(50) ? 0x1111_ffffn : -1n)
        case 'ENTRY.parameter': return wide(random)
        case 'GR': return random.chance(20) ? number() : random.chance(12) ? 1n : general(random)
        default: return general(random)
      }
    }
    return BigInt.asUintN(width, value())
  },
})
