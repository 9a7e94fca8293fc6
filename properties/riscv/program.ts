// What programs of random instructions share: where they lie, what random values they work on, and the code that sets the hart up for them.
import type { Random } from '../../traces/generate-random.ts'
import { csrw, immediate, li, mret, sfence, type Xlen } from './encode.ts'

/** Physical addresses, which are virtual ones too. Before `code` all is the program's own; what follows is compared. */
export const place = {
  boot: 0x8000_0000, handler: 0x8000_0800, supervisor: 0x8000_8000, code: 0x8001_0000, data: 0x8002_0000, table: 0x8003_0000, log: 0x8003_8000, tables: 0x8004_0000, end: 0x8004_4000,
  ram: 1 << 20,
} as const
/** What programs load and store, and their page tables: first address and end. */
export const compared = { data: [place.data, place.data + 0x4000], tables: [place.tables, place.end] } as const

/** Not written by the instructions that are drawn: x30 holds values of handlers for a moment, x31 an address. */
export const [own, anchor] = [30, 31] as const

export interface Program {
  /** Contents of pages by their addresses. */
  readonly pages: ReadonlyMap<number, Uint8Array>
  /** The address of the MRET that ends the setting up. */
  readonly leaving: number
  /** PMP denies something; one of its entries is four bytes at this address. */
  readonly restricted: boolean
  readonly fourBytes: number
}

export const bits = (random: Random): bigint => (BigInt(random.word() >>> 0) << 32n) | BigInt(random.word() >>> 0)
export const below = (random: Random, limit: number): bigint => BigInt(random.below(limit))
const singles = [0x7fc00000n, 0x7f800001n, 0x3f800000n, 0xff800000n, 1n, 0x80000000n, 0x4f000000n, 0x00800000n]
const floating = (random: Random): bigint => random.of([
  bits, () => 0n, () => 1n << 63n, () => 0x7ff0n << 48n, () => 0x7ff8n << 48n, () => 0x7ff4n << 48n, (r: Random) => (0x3ffn << 52n) + below(r, 16),
  (r: Random) => (0xffffffffn << 32n) | (bits(r) >> 32n), (r: Random) => (0xffffffffn << 32n) | r.of(singles), (r: Random) => (0x400n << 52n) | ((bits(r) >> 40n) << 30n),
])(random)
const pointer = (random: Random): bigint => BigInt(place.data) + (random.chance(40) ? 0xff0n + below(random, 24) : below(random, 0x3000) & (random.chance(70) ? ~7n : ~0n))
const integer = (random: Random): bigint => random.of([
  ...Array.from({ length: 13 }, () => pointer), bits, (r: Random) => below(r, 64), (r: Random) => -below(r, 64), (r: Random) => 1n << below(r, 64),
])(random)

/** The pages of a program, made as they are written. */
export class Pages {
  readonly pages = new Map<number, Uint8Array>()

  zeros(from: number, to: number): void {
    for (let p = from; p < to; p += 0x1000) this.pages.set(p, new Uint8Array(0x1000))
  }

  put(address: number, value: bigint | number, bytes: number): void {
    const number = BigInt(value)
    for (let k = 0; k < bytes; k++) {
      const page = ((address + k) & ~0xfff) >>> 0
      if (!this.pages.has(page)) this.pages.set(page, new Uint8Array(0x1000))
      this.pages.get(page)![(address + k) & 0xfff] = Number((number >> BigInt(8 * k)) & 0xffn)
    }
  }
  code(address: number, words: readonly number[]): void {
    words.forEach((word, n) => this.put(address + 4 * n, word, 4))
  }
}

const [root, middle, leaf, top] = [0, 1, 2, 3].map((n) => place.tables + (n << 12)) as [number, number, number, number]
const pageOf = (address: number): number => (address - place.boot) >> 12
/** The address of the leaf entry of a virtual address. */
export const leafOf = (xlen: Xlen, address: bigint): number => leaf + (xlen / 8) * pageOf(Number(address))

/** Tables that map the program's pages to themselves, with wrong entries among them; what satp is to be. */
const putTables = (random: Random, xlen: Xlen, mode: number, pages: Pages): bigint => {
  const entry = (page: number, flags: bigint): bigint => ((BigInt(page) >> 12n) << 10n) | flags
  const flags = (): bigint => (random.chance(80) ? random.of([0x0fn, 0x0fn, 0x4fn, 0xcfn]) | (random.chance(mode === 0 ? 85 : 25) ? 0x10n : 0n) : below(random, 256))
  const pointerTo = (page: number): bigint => entry(page, random.chance(97) ? 1n : below(random, 256))
  const w = xlen / 8
  for (let n = 0; n < 0x28; n++) {
    const code = n >= pageOf(place.code) && n < pageOf(place.code) + 4, handler = n === pageOf(place.supervisor)
    const to = code || handler || random.chance(90) ? place.boot + (n << 12) : place.data + (random.below(4) << 12)
    const reserved = xlen === 64 && !code && !handler && random.chance(3) ? 1n << (54n + below(random, 10)) : 0n
    pages.put(leaf + w * n, entry(to, handler ? 0xcbn : code ? (mode === 0 ? 0xdfn : 0xcfn) : flags()) | reserved, w)
  }
  if (xlen === 32) {
    pages.put(root + 4 * 512, pointerTo(leaf), 4)
    return (1n << 31n) | BigInt(root >>> 12)
  }
  pages.put(top, pointerTo(root), 8)
  pages.put(root + 16, pointerTo(middle), 8)
  pages.put(middle, pointerTo(leaf), 8)
  return random.chance(70) ? (8n << 60n) | BigInt(root >>> 12) : (9n << 60n) | BigInt(top >>> 12)
}

/** Deny parts of data now and then; nothing but RAM can be reached, from M-mode neither: what else there is differs between machines. */
const protection = (random: Random, xlen: Xlen, restricted: boolean): { readonly csrs: readonly (readonly [number, bigint])[]; readonly fourBytes: number } => {
  const data = BigInt(place.data) >> 2n, any = (): bigint => below(random, 8), fourBytes = data + 0x400n + any()
  const all = xlen === 64 ? (1n << 54n) - 1n : 0xffff_ffffn, lastFour = xlen === 64 ? 0x3a2 : 0x3a3
  const configuration = restricted ? 0x1f00_0000n | ((0x10n | any()) << 16n) | ((0x09n | (any() & 5n)) << 8n) | 0x18n | any() : 0x1f00_0000n
  return {
    fourBytes: Number(fourBytes << 2n),
    csrs: [
      [0x3b0, (data + (below(random, 3) << 10n)) | ((1n << below(random, 12)) - 1n)], [0x3b1, data + below(random, 0x400)], [0x3b2, fourBytes],
      [0x3b3, (BigInt(place.boot) >> 2n) | BigInt(place.ram / 8 - 1)], [0x3a0, configuration], [0x3bf, all], [lastFour, 0x98n << BigInt(xlen - 8)],
    ],
  }
}

/** Code at `boot` that writes the CSRs, loads the registers and returns to `code`, and all it needs; data is random. */
export const putSetting = (
  random: Random, xlen: Xlen, pages: Pages, csrs: (mode: number) => readonly (readonly [number: number, value: bigint])[], anchored: number,
): Omit<Program, 'pages'> => {
  const w = xlen / 8, funct3 = xlen === 64 ? 3 : 2, atF = 512, atX = 768
  const mode = random.of([0, 1, 1, 3]), restricted = random.chance(50), { csrs: pmp, fourBytes } = protection(random, xlen, restricted)
  const tables = putTables(random, xlen, mode, pages), translated = mode !== 3 && random.chance(80)
  const settings = [
    [0x300, (BigInt(mode) << 11n) | 0x6000n | (below(random, 4) << 18n)], ...pmp, [0x180, translated ? tables : 0n], [0x003, random.chance(12) ? below(random, 256) : below(random, 5) << 5n],
    [0x341, BigInt(place.code)], [0x305, BigInt(place.handler)], ...csrs(mode),
  ] as const
  const load = (rd: number, offset: number): number => immediate(0x03, funct3, rd, anchor, offset)
  const code = [
    ...li(anchor, place.table, xlen), ...settings.flatMap(([number], n) => [load(own, n * w), csrw(number, own)]), sfence,
    ...Array.from({ length: 32 }, (_, n) => immediate(0x07, 3, n, anchor, atF + 8 * n)), ...Array.from({ length: own - 1 }, (_, n) => load(n + 1, atX + 8 * (n + 1))),
    ...li(anchor, anchored, xlen), mret,
  ]
  pages.code(place.boot, code)
  settings.forEach(([, value], n) => pages.put(place.table + n * w, value, w))
  for (let n = 0; n < 32; n++) pages.put(place.table + atF + 8 * n, floating(random), 8)
  for (let n = 1; n < own; n++) pages.put(place.table + atX + 8 * n, integer(random), w)
  for (let n = 0; n < 32; n++) pages.put(place.data + 0xf80 + 8 * n, random.chance(50) ? floating(random) : bits(random), 8)
  return { restricted, fourBytes, leaving: place.boot + 4 * (code.length - 1) }
}
