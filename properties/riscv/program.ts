// Programs of random instructions that write down what happens to them: each trap, and the registers at the end.
import type { Random } from '../../traces/generate-random.ts'
import { wordOf, type Instruction } from '../../model/ir/instruction.ts'

export type Xlen = 32 | 64
/** Physical addresses, which are virtual ones too. Before `code` all is the program's own; what follows is compared. */
export const place = {
  boot: 0x8000_0000, handler: 0x8000_0800, code: 0x8001_0000, data: 0x8002_0000, table: 0x8003_0000, log: 0x8003_8000, tables: 0x8004_0000, end: 0x8004_4000,
  ram: 16 << 20,
} as const
const slots = 60

export interface Program {
  /** Contents of pages by their addresses. */
  readonly pages: ReadonlyMap<number, Uint8Array>
  /** The names of the instructions, four bytes each from `code` up. */
  readonly names: readonly string[]
  /** PMP denies something; one of its entries is four bytes at this address. */
  readonly restricted: boolean
  readonly fourBytes: number
}

/** Encodings of what the program needs for itself. */
const immediate = (opcode: number, funct3: number, rd: number, rs1: number, value: number): number =>
  (((value & 0xfff) << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode) >>> 0
const stores = (opcode: number, funct3: number, rs1: number, rs2: number, value: number): number =>
  ((((value >> 5) & 0x7f) << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | ((value & 31) << 7) | opcode) >>> 0
const li = (rd: number, address: number, xlen: Xlen): number[] => {
  const low = [((((address + 0x800) & 0xfffff000) | (rd << 7) | 0x37) >>> 0), immediate(0x13, 0, rd, rd, address & 0xfff)]
  return xlen === 32 ? low : [...low, immediate(0x13, 1, rd, rd, 32), immediate(0x13, 5, rd, rd, 32)]
}
const csrw = (number: number, rs1: number): number => immediate(0x73, 1, 0, rs1, number)
const csrr = (rd: number, number: number): number => immediate(0x73, 2, rd, 0, number)
const mret = 0x30200073, ecall = 0x73, self = 0x6f

/** The program's own registers: x30 holds values for a moment, x31 the place in the log. */
const own = 30, log = 31
const csrNumbers = [0x300, 0x3b0, 0x3b1, 0x3b2, 0x3b3, 0x3a0, 0x180, 0x003, 0x341, 0x305, 0x302, 0x303, 0x304, 0x306, 0x106] as const
const atF = 256, atX = 512

const ownCode = (xlen: Xlen): { readonly boot: number[]; readonly handler: number[] } => {
  const w = xlen / 8, funct3 = xlen === 64 ? 3 : 2
  const load = (rd: number, offset: number): number => immediate(0x03, funct3, rd, log, offset)
  const store = (rs2: number, offset: number): number => stores(0x23, funct3, log, rs2, offset)
  return {
    boot: [
      ...li(log, place.table, xlen), ...csrNumbers.flatMap((n, k) => [load(own, k * w), csrw(n, own)]), 0x12000073,
      ...Array.from({ length: 32 }, (_, n) => immediate(0x07, 3, n, log, atF + 8 * n)), ...Array.from({ length: 29 }, (_, n) => load(n + 1, atX + 8 * (n + 1))),
      ...li(log, place.log, xlen), mret,
    ],
    // mcause, mepc and mtval into the log; after a call (8 to 11) all registers too, otherwise on with the next slot.
    handler: [
      csrr(own, 0x342), store(own, 0), csrr(own, 0x341), store(own, w), immediate(0x13, 0, own, own, 4), csrw(0x341, own), csrr(own, 0x343), store(own, 2 * w),
      csrr(own, 0x342), immediate(0x13, 0, log, log, 4 * w), immediate(0x13, 0, own, own, -8), immediate(0x13, 3, own, own, 4), 0x000f1463, mret,
      csrr(own, 0x003), store(own, 0), csrr(own, 0x300), store(own, w), ...Array.from({ length: 29 }, (_, n) => store(n + 1, (n + 3) * w)),
      ...Array.from({ length: 32 }, (_, n) => stores(0x27, 3, log, n, 40 * w + 8 * n)), self,
    ],
  }
}
/** Where the program stays when it is done. */
export const doneAt = (xlen: Xlen): number => place.handler + 4 * (ownCode(xlen).handler.length - 1)
/** Of a trap's record in the log, and of the registers at its end, in bytes. */
export const recordBytes = (xlen: Xlen): number => xlen / 2
export const dumpBytes = (xlen: Xlen): number => 5 * xlen + 256

/** What leads elsewhere, waits, changes what the program rests on, or is an emulator's own: SC where nothing is reserved. */
const excluded = /^(JAL|BEQ|BNE|BLT|BGE|C\.J|C\.B|WFI|ECALL|CSRR|MRET|SRET|SC\.)/
const csrOfFloatingPoint = /^CSRR\w+ unprivileged$/

const bits = (random: Random): bigint => (BigInt(random.word() >>> 0) << 32n) | BigInt(random.word() >>> 0)
const below = (random: Random, limit: number): bigint => BigInt(random.below(limit))
const singles = [0x7fc00000n, 0x7f800001n, 0x3f800000n, 0xff800000n, 1n, 0x80000000n, 0x4f000000n, 0x00800000n]
const floating = (random: Random): bigint => random.of([
  bits, () => 0n, () => 1n << 63n, () => 0x7ff0n << 48n, () => 0x7ff8n << 48n, () => 0x7ff4n << 48n, (r: Random) => (0x3ffn << 52n) + below(r, 16),
  (r: Random) => (0xffffffffn << 32n) | (bits(r) >> 32n), (r: Random) => (0xffffffffn << 32n) | r.of(singles), (r: Random) => (0x400n << 52n) | ((bits(r) >> 40n) << 30n),
])(random)
const pointer = (random: Random): bigint => BigInt(place.data) + (random.chance(40) ? 0xff0n + below(random, 24) : below(random, 0x3000) & (random.chance(70) ? ~7n : ~0n))
const integer = (random: Random): bigint => random.of([
  ...Array.from({ length: 13 }, () => pointer), bits, (r: Random) => below(r, 64), (r: Random) => -below(r, 64), (r: Random) => 1n << below(r, 64),
])(random)

/** A word for a slot: a short instruction with C.NOP after it. */
const slot = (random: Random, instructions: readonly Instruction[], usable: readonly Instruction[], csrs: readonly Instruction[]): { readonly word: bigint; readonly name: string } => {
  for (;;) {
    const wanted = random.chance(3) ? undefined : random.of(random.chance(5) ? csrs : usable)
    const drawn = wanted === undefined ? bits(random) >> 32n : wordOf(wanted.encoding, (name, width) => {
      if (name === 'number') return below(random, 3) + 1n
      if (name === 'rm' && random.chance(80)) return below(random, 5)
      return name === 'imm' && random.chance(70) ? BigInt.asUintN(width, below(random, 32) - 16n) : BigInt.asUintN(width, bits(random))
    })
    const word = (drawn & 3n) === 3n ? drawn : (drawn & 0xffffn) | 0x1_0000n
    const found = instructions.find((i) => (word & i.encoding.mask) === i.encoding.match)
    const itself = found !== undefined && (csrOfFloatingPoint.test(found.name) ? csrs.includes(found) && [1n, 2n, 3n].includes(word >> 20n) : !excluded.test(found.name))
    // Other extensions have words that no instruction of the specification has.
    const foreign = found === undefined && [0x57n, 0x0fn, 0x73n, 0x2fn].includes(word & 0x7fn)
    // Neither written nor an address.
    const spared = [7n, 15n].every((low) => ((word >> low) & 31n) < BigInt(own))
    if ((found === undefined ? !foreign : itself) && spared) return { word, name: found?.name ?? 'no instruction' }
  }
}

type Put = (address: number, value: bigint, bytes: number) => void

/** Tables that map the program's pages to themselves, with wrong entries among them. */
const putTables = (random: Random, xlen: Xlen, mode: number, put: Put): bigint => {
  const [root, middle, leaf, top] = [0, 1, 2, 3].map((n) => place.tables + (n << 12)) as [number, number, number, number]
  const entry = (page: number, flags: bigint): bigint => ((BigInt(page) >> 12n) << 10n) | flags
  const flags = (): bigint => (random.chance(80) ? (random.chance(30) ? 0x0fn : 0xcfn) | (random.chance(mode === 0 ? 85 : 25) ? 0x10n : 0n) : below(random, 256))
  const pointerTo = (page: number): bigint => entry(page, random.chance(97) ? 1n : below(random, 256))
  const w = xlen / 8
  for (let n = 0; n < 0x28; n++) {
    const code = n >= 0x10 && n < 0x14
    const to = code || random.chance(90) ? place.boot + (n << 12) : place.data + (random.below(4) << 12)
    const reserved = xlen === 64 && !code && random.chance(3) ? 1n << (54n + below(random, 10)) : 0n
    put(leaf + w * n, entry(to, code ? (mode === 0 ? 0xdfn : 0xcfn) : flags()) | reserved, w)
  }
  if (xlen === 32) {
    put(root + 4 * 512, pointerTo(leaf), 4)
    return (1n << 31n) | BigInt(root >>> 12)
  }
  put(top, pointerTo(root), 8)
  put(root + 16, pointerTo(middle), 8)
  put(middle, pointerTo(leaf), 8)
  return random.chance(70) ? (8n << 60n) | BigInt(root >>> 12) : (9n << 60n) | BigInt(top >>> 12)
}

export const program = (random: Random, xlen: Xlen, instructions: readonly Instruction[]): Program => {
  const pages = new Map<number, Uint8Array>()
  for (let p = place.data; p < place.end; p += 0x1000) if (p < place.table + 0x1000 || (p >= place.log && p < place.log + 0x2000) || p >= place.tables) pages.set(p, new Uint8Array(0x1000))
  const put: Put = (address, value, bytes) => {
    for (let k = 0; k < bytes; k++) {
      const page = ((address + k) & ~0xfff) >>> 0
      if (!pages.has(page)) pages.set(page, new Uint8Array(0x1000))
      pages.get(page)![(address + k) & 0xfff] = Number((value >> BigInt(8 * k)) & 0xffn)
    }
  }
  const w = xlen / 8, { boot, handler } = ownCode(xlen)
  boot.forEach((c, n) => put(place.boot + 4 * n, BigInt(c), 4))
  handler.forEach((c, n) => put(place.handler + 4 * n, BigInt(c), 4))
  const usable = instructions.filter((i) => !excluded.test(i.name)), csrs = instructions.filter((i) => csrOfFloatingPoint.test(i.name))
  const words = Array.from({ length: slots }, () => slot(random, instructions, usable, csrs))
  words.forEach(({ word }, n) => put(place.code + 4 * n, word, 4))
  put(place.code + 4 * slots, BigInt(ecall), 4)
  const mode = random.of([0, 1, 1, 3]), restricted = random.chance(50)
  const tables = putTables(random, xlen, mode, put), translated = mode !== 3 && random.chance(80)
  for (let n = 0; n < 32; n++) put(place.data + 0xf80 + 8 * n, random.chance(50) ? floating(random) : bits(random), 8)
  const data = BigInt(place.data) >> 2n, any = (): bigint => below(random, 8), fourBytes = data + 0x400n + any()
  const configuration = restricted ? 0x1f00_0000n | ((0x10n | any()) << 16n) | ((0x09n | (any() & 5n)) << 8n) | 0x18n | any() : 0x1f00_0000n
  const values = [
    (BigInt(mode) << 11n) | 0x6000n | (below(random, 4) << 18n), (data + (below(random, 3) << 10n)) | ((1n << below(random, 9)) - 1n), data + below(random, 0x400), fourBytes,
    xlen === 64 ? (1n << 54n) - 1n : 0xffff_ffffn, configuration, translated ? tables : 0n, random.chance(12) ? below(random, 256) : below(random, 5) << 5n,
    BigInt(place.code), BigInt(place.handler), 0n, 0n, 0n, 0n, 0n,
  ]
  values.forEach((v, n) => put(place.table + n * w, v, w))
  for (let n = 0; n < 32; n++) put(place.table + atF + 8 * n, floating(random), 8)
  for (let n = 1; n < own; n++) put(place.table + atX + 8 * n, integer(random), w)
  return { pages, names: words.map(({ name }) => name), restricted, fourBytes: Number(fourBytes << 2n) }
}
