// What generated states of LoongArch hold: near enough to the bench's limits, and interesting.
import type { Random } from '../../generate-random.ts'
import type { Bench } from '../bench.ts'
import { place, programAt } from './record.ts'

/** What the processor says of itself. */
export interface Identity {
  readonly CPUCFG: readonly bigint[]
  /** PRCFG1 to PRCFG3, CPUID, BADI and ESTAT by fields. */
  readonly registers: ReadonlyMap<string, bigint>
}

const wide = (random: Random): bigint => (BigInt(random.word() >>> 0) << 32n) | BigInt(random.word() >>> 0)
const bases = [0n, 0n, 0n, 0n, 0x9000000000000000n, 0x1000000000000000n, 0xf000000000000000n]
const pointer = (random: Random): bigint => random.of(bases) + (random.chance(8) ? BigInt(random.word() & 0xffff) << 44n : 0n)
  + BigInt((random.between(place.storage, place.storageEnd - 1) & (random.chance(85) ? ~7 : ~0)) | (random.chance(20) ? 4 : 0))
const number = (random: Random): bigint => random.of([
  ...Array.from({ length: 9 }, () => () => pointer(random)), () => wide(random), () => BigInt(random.between(-64, 64)), () => wide(random) & ~3n,
  () => random.of([0n, 1n, -1n, 1n << 31n, 1n << 63n, 0x7fffffffn]), () => BigInt(random.below(32)), () => BigInt(random.below(1 << 16)), () => pointer(random) & ~0xfffn,
])()
const level = (random: Random): bigint => BigInt(random.of([0, 3]))
const often = (percent: number) => (random: Random): bigint => BigInt(random.chance(percent))
const always = (value: number) => (): bigint => BigInt(value)

/** By names; the first that fits. */
const registers: readonly (readonly [RegExp, (random: Random) => bigint])[] = [
  [/^PC$/, always(programAt / 4)],
  [/^EENTRY\.VPN$/, always(place.vectors >> 12)],
  [/^TLBRENTRY\.PPN$/, always(place.refill >> 12)],
  [/^(MISC\.(VA32L3|RPCNTL3|DWPL0|DRDTL3)|PWCL\.PTEWidth|TCFG\.En|DBG\.DST|MERRCTL\.IsMERR)$/, always(0)],
  [/^(CRMD\.PLV|.*PPLV)$/, level],
  [/^page\.PLV$/, (random) => BigInt(random.of([0, 1, 2, 3, 3, 3]))],
  [/^(page\.(NR|RPLV)|TLBRERA\.IsTLBR|CRMD\.IE)$/, often(15)],
  [/^(page\.V|page\.D|EUEN\.FPE)$/, often(85)],
  [/^FCSR0$/, (random) => wide(random) & 0x1f1f031fn],
  [/^page\.PPN - VPN$/, (random) => random.of([() => 0n, () => BigInt(4 * random.between(-0x200, 0x200)), () => 0x2000n, () => wide(random) & ~3n])()],
  [/^PWC.*width$/, (random) => BigInt(random.below(10))],
  [/^ERA\.PC$/, (random) => wide(random) & ~3n],
  [/VSEG$/, (random) => random.of([0n, 0n, 9n, 1n, 15n, wide(random)])],
  [/VPPN$/, (random) => (random.chance(70) ? BigInt(random.below(4)) : wide(random))],
  [/^ASID/, (random) => BigInt(random.below(3))],
  [/\.PS$/, (random) => (random.chance(80) ? 12n : wide(random))],
  [/^TLBRBADV/, (random) => random.of([0n, pointer(random), wide(random)])],
]
const cells: Readonly<Record<string, (random: Random) => bigint>> = {
  GR: number,
  'TLB.PS': always(12),
  'TLB.VPPN': (random) => (random.chance(60) ? wide(random) : BigInt(random.below(5))),
  'TLB.ASID': (random) => BigInt(random.below(3)),
  E: (random) => (random.chance(30) ? wide(random) >> 16n : wide(random)),
}

/** Numbers that CSRs have. */
const numbers = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 0xc, 0x10, 0x11, 0x12, 0x13, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x30, 0x31, 0x38, 0x40, 0x41, 0x42, 0x43, 0x44, 0x60,
  0x80, 0x81, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x91, 0x93, 0x94, 0x98, 0x180, 0x181, 0x182, 0x183,
]

export const drawing = (identity: Identity): Bench['draw'] => {
  const drawn = new Map<string, (random: Random) => bigint>()
  const drawOf = (name: string): ((random: Random) => bigint) => {
    const known = drawn.get(name)
    if (known) return known
    const made = registers.find(([names]) => names.test(name))?.[1] ?? wide
    drawn.set(name, made)
    return made
  }
  return {
    operand: (name, random) => (name === 'csr' && random.chance(85) ? BigInt(random.of(numbers)) : undefined),
    register: ({ name, width }, random) => BigInt.asUintN(width, identity.registers.get(name) ?? drawOf(name)(random)),
    cell: (bank, index, width, random) => BigInt.asUintN(width, bank === 'CPUCFG' ? identity.CPUCFG[Number(index)] ?? 0n : (cells[bank] ?? wide)(random)),
  }
}
