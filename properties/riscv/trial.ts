// States from which a RISC-V hart and its specification step side by side: registers, page tables, PMP and short programs.
import type { Random } from '../../traces/generate-random.ts'
import { wordOf, type Instruction } from '../../model/ir/instruction.ts'

export const ram = { base: 0x8000_0000n, size: 1 << 20 } as const
/** Offsets into RAM of what a trial lays down; code and data go over the ends of their first pages. */
const place = { code: 0x1_0000n, data: 0x2_0000n, tables: 0x4_0000n } as const
const lines = ['MSIP', 'MTIP', 'MEIP', 'SEIP'] as const
export type Line = (typeof lines)[number]

export interface Trial {
  readonly pc: bigint
  readonly mode: 0 | 1 | 3
  /** x1 to x31 from index 1, and f0 to f31. */
  readonly x: readonly bigint[]
  readonly f: readonly bigint[]
  /** In the order in which they are written, in M-mode. */
  readonly csrs: readonly (readonly [number: number, value: bigint])[]
  /** Little-endian numbers by physical address. */
  readonly memory: readonly (readonly [address: bigint, value: bigint, bytes: 4 | 8])[]
  readonly lines: Readonly<Record<Line, boolean>>
}

const bits = (random: Random): bigint => (BigInt(random.word() >>> 0) << 32n) | BigInt(random.word() >>> 0)
const below = (random: Random, limit: number): bigint => BigInt(random.below(limit))

/** An address near the end of a page, aligned or not, mostly in data; not in the tables, old entries of which a hart may use until SFENCE.VMA. */
const pointer = (random: Random): bigint => ram.base + random.of([place.data, place.data, place.data, place.code])
  + (random.chance(30) ? 0xff0n + below(random, 24) : below(random, 0x3000) & (random.chance(70) ? ~7n : ~0n))
const integer = (random: Random): bigint => random.of([
  ...Array.from({ length: 12 }, () => pointer), bits, (r: Random) => below(r, 64), (r: Random) => BigInt.asUintN(64, -below(r, 64)), (r: Random) => bits(r) >> 32n,
  (r: Random) => 1n << below(r, 64), (r: Random) => pointer(r) | (1n << 40n),
])(random)
const singles = [0x7fc00000n, 0x7f800001n, 0x3f800000n, 0xff800000n, 1n, 0x80000000n, 0x4f000000n, 0x00800000n]
const floating = (random: Random): bigint => random.of([
  bits, () => 0n, () => 1n << 63n, () => 0x7ff0n << 48n, () => 0x7ff8n << 48n, () => 0x7ff4n << 48n, (r: Random) => (0x3ffn << 52n) + below(r, 16),
  (r: Random) => (0xffffffffn << 32n) | (bits(r) >> 32n), (r: Random) => (0xffffffffn << 32n) | r.of(singles), (r: Random) => (0x400n << 52n) | ((bits(r) >> 40n) << 30n),
])(random)

/** A word of one of the instructions, now and then any other word; numbers of CSRs are mostly such as there are. */
const word = (random: Random, instructions: readonly Instruction[], csrs: readonly number[]): bigint => {
  if (random.chance(3)) return bits(random) >> 32n
  return wordOf(random.of(instructions).encoding, (name, width) => {
    if (name === 'number' && random.chance(80)) return BigInt(random.of(csrs) & 0xff)
    if (name === 'rm' && random.chance(80)) return below(random, 5)
    if (name === 'imm' && random.chance(60)) return BigInt.asUintN(width, below(random, 32) - 16n)
    return BigInt.asUintN(width, bits(random))
  })
}

/** Tables that map RAM to itself, with wrong entries among the right ones; Sv48 has one table more than Sv39. */
const tables = (random: Random, mode: number): { readonly roots: Readonly<Record<'Sv39' | 'Sv48', bigint>>; readonly memory: Trial['memory'] } => {
  const [top, root, middle, leaf] = [3n, 0n, 1n, 2n].map((n) => ram.base + place.tables + (n << 12n)) as [bigint, bigint, bigint, bigint]
  const entry = (page: bigint, flags: bigint): bigint => ((page >> 12n) << 10n) | flags | (random.chance(3) ? 1n << (54n + below(random, 10)) : 0n)
  const flags = (): bigint => (random.chance(80) ? 0xcfn | (random.chance(mode === 0 ? 85 : 25) ? 0x10n : 0n) : below(random, 256))
  const pointerTo = (page: bigint): bigint => entry(page, random.chance(94) ? 1n : below(random, 256))
  const pages = Array.from({ length: 0x50 }, (_, n): Trial['memory'][number] => {
    const code = n >= 0x10 && n < 0x18 && random.chance(80)
    const to = random.chance(90) ? ram.base + (BigInt(n) << 12n) : ram.base + place.data + (below(random, 4) << 12n)
    return [leaf + BigInt(8 * n), entry(to, code ? (mode === 0 ? 0xdfn : 0xcfn) : flags()), 8]
  })
  return {
    roots: { Sv39: root >> 12n, Sv48: top >> 12n },
    memory: [
      [top, pointerTo(root), 8], [root + 16n, random.chance(10) ? entry(ram.base, flags()) : pointerTo(middle), 8],
      [middle, random.chance(10) ? entry(ram.base | (random.chance(20) ? 0x1000n : 0n), flags()) : pointerTo(leaf), 8], ...pages,
    ],
  }
}

/** Entries that deny something, or none but the last, which mostly allows all. */
const protection = (random: Random): Trial['csrs'] => {
  const restricts = random.chance(40)
  const configuration = (entries: number): bigint => Array.from({ length: entries }, () =>
    (!restricts || random.chance(70) ? 0n : below(random, random.chance(10) ? 256 : 32))).reduce((all, one) => (all << 8n) | one, 0n)
  const address = (): bigint => (random.chance(50) ? bits(random) >> 10n
    : ((ram.base + (below(random, 0x50) << 12n)) >> 2n) | (random.chance(50) ? (1n << below(random, 14)) - 1n : 0n))
  return [
    ...Array.from({ length: 15 }, (_, n): Trial['csrs'][number] => [0x3b0 + n, address()]), [0x3bf, (1n << 54n) - 1n],
    [0x3a0, configuration(8)], [0x3a2, configuration(7) | ((random.chance(95) ? 0x1fn : below(random, 32)) << 56n)],
  ]
}

export const trial = (random: Random, instructions: readonly Instruction[], csrs: readonly number[]): Trial => {
  const mode = random.of([0, 1, 3] as const), { roots, memory } = tables(random, mode)
  const scheme = random.of([undefined, 'Sv39', 'Sv39', 'Sv39', 'Sv48'] as const)
  const satp = scheme === undefined ? 0n : ((scheme === 'Sv39' ? 8n : 9n) << 60n) | roots[scheme]
  const code = (offset: bigint): Trial['memory'] => Array.from({ length: 64 }, (_, n) =>
    [ram.base + place.code + offset + BigInt(4 * n), word(random, instructions, csrs), 4] as const)
  const handler = (): bigint => (ram.base + place.code + (random.chance(50) ? 0xf80n : 0n)) | below(random, 2)
  const often = (percent: number): bigint => (random.chance(percent) ? bits(random) : 0n)
  return {
    mode,
    pc: ram.base + place.code + (random.chance(70) ? 0xf80n + 4n * below(random, 33) - (random.chance(30) ? 2n : 0n) : 4n * below(random, 32)),
    x: Array.from({ length: 32 }, (_, n) => (n === 0 ? 0n : integer(random))),
    f: Array.from({ length: 32 }, () => floating(random)),
    csrs: [
      ...protection(random), [0x305, handler()], [0x105, handler()],
      ...[0x340, 0x140, 0x341, 0x141, 0x342, 0x142, 0x343, 0x143].map((n) => [n, random.chance(50) ? pointer(random) : bits(random)] as const),
      [0x302, often(50)], [0x303, bits(random)], [0x304, often(30)], [0x344, often(50)], [0x306, bits(random)], [0x106, bits(random)],
      [0x30a, below(random, 2)], [0x10a, below(random, 2)], [0x320, bits(random) & 5n], [0x300, 0x6000n], [0x003, below(random, 256) & (random.chance(80) ? 0x9fn : 0xffn)], [0x180, satp],
      [0x300, (bits(random) & ~0x6000n & (random.chance(70) ? ~0x2_0000n : ~0n)) | (random.chance(85) ? 0x6000n : below(random, 4) << 13n)],
    ],
    memory: [
      ...code(0n), ...code(0xf80n), ...memory,
      ...Array.from({ length: 32 }, (_, n) => [ram.base + place.data + 0xf80n + BigInt(8 * n), random.chance(50) ? floating(random) : bits(random), 8] as const),
    ],
    lines: Object.fromEntries(lines.map((line) => [line, random.chance(15)])) as Record<Line, boolean>,
  }
}
