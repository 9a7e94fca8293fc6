// Generated memory and registers: page tables with wrong entries, protection, data, and the values that a start begins with.
import type { Random } from '../../traces/generate-random.ts'
import { addi, auipc, csrrc, csrrs, csrrw, fld, ld, lui, mret } from './encode.ts'
import { place } from './place.ts'
import type { ComparedOptions } from '../../traces/hart-format.ts'
import { ram } from '../../traces/hart-program.ts'

/** Registers of the values of a start, by their places in its block: f, x, then those written in this order. */
const plain = [
  0x305, 0x105, 0x340, 0x140, 0x341, 0x141, 0x342, 0x142, 0x343, 0x143, 0x302, 0x303, 0x304, 0x344, 0x306, 0x106, 0x30a, 0x10a, 0x320, 0xb00, 0xb02, 0x180, 0x003,
] as const
const stimecmp = 0x14d, mstatus = 0x300, pmpcfg = 0x3a0, pmpaddr = 0x3b0
/** What decides which registers there are. */
export type Having = Pick<ComparedOptions, 'sstc' | 'pmpEntries'>
/** The first 15 entries, or as many as there are, restrict; the last one mostly allows all. */
const restricting = (entries: number): number => Math.min(entries, 16) - 1
const configurationOf = (entry: number): number => pmpcfg + 2 * Math.floor(entry / 8)
/** In this order. */
const registersOf = ({ sstc, pmpEntries: entries }: Having): readonly number[] => {
  const written = entries === 0 ? [] : [...Array.from({ length: restricting(entries) }, (_, n) => n), entries - 1]
  return [...(sstc ? [stimecmp] : []), ...plain, ...written.map((n) => pmpaddr + n), ...new Set(written.map(configurationOf))]
}
const places = { f: 0, x: 32, csrs: 64, status: 127 } as const
const valuesAt = 0x400

interface Preparation {
  /** CSRs, in the order of their values. */
  readonly registers: readonly number[]
  /** Instructions that set all registers from the values of their block, x31 from mscratch at the end, and go to mepc by MRET. */
  readonly words: readonly number[]
}

const preparations = new WeakMap<Having, Preparation>()
/** That of a configuration, whose starts all have the same. */
const preparation = (having: Having): Preparation => {
  const known = preparations.get(having) ?? prepare(registersOf(having))
  preparations.set(having, known)
  return known
}

const prepare = (registers: readonly number[]): Preparation => {
  const own = 30, base = 31, at = (n: number): number => 8 * n
  const words = [
    lui(base, 0x20), addi(base, base, 8), csrrc(0, mstatus, base), auipc(base, 0), addi(base, base, valuesAt - 12),
    lui(own, 6), csrrs(0, mstatus, own), ...Array.from({ length: 32 }, (_, n) => fld(n, base, at(places.f + n))),
    ...registers.flatMap((number, n) => [ld(own, base, at(places.csrs + n)), csrrw(0, number, own)]),
    ...Array.from({ length: 30 }, (_, n) => ld(n + 1, base, at(places.x + n + 1))),
    ld(base, base, at(places.status)), csrrw(0, mstatus, base), csrrs(base, 0x340, 0), mret,
  ]
  return { registers, words }
}
export const preparingSteps = (having: Having): number => preparation(having).words.length

/** What a start sets: x from 1 to 30, x31 being what mscratch is, f, and CSRs by their numbers; what is not there is 0. */
export interface Values {
  readonly x: readonly bigint[]
  readonly f: readonly bigint[]
  readonly csrs: ReadonlyMap<number, bigint>
}

/** Writes the block of a start. */
export const putStart = (image: DataView, start: number, having: Having, { x, f, csrs }: Values): void => {
  const at = place.starts + start * place.startBytes - ram.base, { registers, words } = preparation(having)
  words.forEach((word, n) => image.setUint32(at + 4 * n, word, true))
  const put = (n: number, value: bigint): void => image.setBigUint64(at + valuesAt + 8 * n, BigInt.asUintN(64, value), true)
  f.forEach((value, n) => put(places.f + n, value))
  x.forEach((value, n) => put(places.x + n, value))
  registers.forEach((number, n) => put(places.csrs + n, csrs.get(number) ?? 0n))
  put(places.status, csrs.get(mstatus) ?? 0n)
}

const long = (random: Random): bigint => (BigInt(random.word() >>> 0) << 32n) | BigInt(random.word() >>> 0)
const base = BigInt(ram.base)

/** An address in data or code, near the end of a page or anywhere, as one of the mappings has it. */
const pointer = (random: Random): bigint => {
  const page = random.below(8) < 7 ? place.data + 0x1000 * random.below(place.dataPages) : place.code + 0x1000 * random.below(place.codePages)
  const within = random.chance(30) ? 0xff0 + random.below(16) : random.below(0x1000) & (random.chance(75) ? ~7 : ~0)
  const physical = BigInt(page + within)
  return random.chance(85) ? physical : physical - base + random.of(aliases)
}
/** Where else the tables show RAM: a page of 2 MiB, of 1 GiB, one at the end of the address space, of 512 GiB. */
const aliases = [0x8040_0000n, 0xc000_0000n, 0xffff_ffff_c000_0000n, 0x80_8000_0000n] as const

const integer = (random: Random, n: number): bigint => {
  if (n === 2 || n > 4 && n < 16) return pointer(random)
  switch (random.below(6)) {
    case 0: return long(random)
    case 1: return BigInt(random.below(64))
    case 2: return BigInt(-random.below(64))
    case 3: return long(random) >> 32n
    case 4: return 1n << BigInt(random.below(64))
    default: return pointer(random)
  }
}
const box = 0xffff_ffff_0000_0000n
const floats = [0n, 1n << 63n, 0x7ff0n << 48n, 0x7ff8n << 48n, 0x7ff4n << 48n, 1n, 0xffff_ffffn, 0x3ffn << 52n, 0x000f_ffff_ffff_ffffn] as const
const singles = [0x7fc00000n, 0x7f800001n, 0x3f800000n, 0xff800000n, 1n, 0x80000000n, 0x4f000000n, 0x00800000n] as const
const floating = (random: Random): bigint => {
  switch (random.below(7)) {
    case 0: return random.of(floats)
    case 1: return box | random.of(singles)
    case 2: return box | (long(random) >> 32n)
    case 3: return (0x3ffn << 52n) + BigInt(random.below(16))
    case 4: return (0x400n << 52n) | ((long(random) >> 40n) << 30n)
    case 5: return box | (0x3f80_0000n + BigInt(random.below(0x100_0000)))
    default: return long(random)
  }
}

/** Pages of 4 KiB, 2 MiB, 1 GiB and 512 GiB, most of them right. The pages of code belong to one mode. */
export const drawTables = (random: Random, image: DataView, mode: number): Readonly<Record<'Sv39' | 'Sv48', bigint>> => {
  const [top, root, middle, leaf] = [0, 1, 2, 3].map((n) => place.tables + 0x1000 * n) as [number, number, number, number]
  const put = (table: number, index: number, value: bigint): void => image.setBigUint64(table - ram.base + 8 * index, value, true)
  const entry = (address: number, flags: bigint): bigint => (BigInt(address) >> 12n << 10n) | flags | (random.chance(2) ? 1n << BigInt(54 + random.below(10)) : 0n)
  const user = mode === 0 ? 0x10n : 0n
  const flags = (): bigint => (random.chance(85) ? 0xcfn & (random.chance(90) ? ~0n : ~(1n << BigInt(1 + random.below(7)))) | (random.chance(80) ? user : user ^ 0x10n) : BigInt(random.below(256)))
  const pointerTo = (table: number): bigint => entry(table, random.chance(96) ? 1n : random.chance(50) ? random.of([0x11n, 0x41n, 0x81n]) : BigInt(random.below(256)))
  for (let n = 0; n < place.pages; n++) {
    const address = ram.base + 0x1000 * n
    const code = address >= place.code && address < place.code + 0x1000 * place.codePages
    const data = address >= place.data && address < place.data + 0x1000 * place.dataPages
    const own = address === place.supervisorHandler || address >= place.tables && address < place.tables + 0x1000 * place.tablePages
    const to = data && random.chance(10) ? random.of([place.data, place.code]) + 0x1000 * random.below(4) : address
    put(leaf, n, own ? entry(to, random.chance(90) ? 0xcfn : 0xdfn) : code && random.chance(90) ? entry(to, (random.chance(70) ? 0xcfn : 0x4bn) | user) : entry(to, flags()))
  }
  const megapage = (flag: bigint): bigint => entry(ram.base + (random.chance(5) ? 0x1000 : 0), flag), gigapage = megapage
  put(middle, 0, random.chance(4) ? megapage(flags()) : pointerTo(leaf))
  // The same table shows its lowest 2 MiB at 1 GiB apart in other places.
  put(middle, 2, megapage(flags()))
  put(root, 0, random.chance(60) ? entry(0, 0xcfn | user) : pointerTo(middle))
  put(root, 2, random.chance(6) ? gigapage(0xcfn | user) : pointerTo(middle))
  put(root, 3, gigapage(flags()))
  put(root, 511, gigapage(flags()))
  put(top, 0, random.chance(3) ? entry(0, 0xcfn | user) : pointerTo(root))
  put(top, 1, random.chance(50) ? entry(0, flags()) : pointerTo(root))
  put(top, 511, pointerTo(root))
  return { Sv39: BigInt(root >>> 12), Sv48: BigInt(top >>> 12) }
}

/** Entries that deny something, or none but the last, which mostly allows all. */
const drawProtection = (random: Random, locks: boolean, entries: number, csrs: Map<number, bigint>): void => {
  if (entries === 0) return
  const restricts = random.chance(35), first = restricting(entries), last = BigInt(8 * ((entries - 1) % 8))
  const configuration = (count: number): bigint => {
    let all = 0n
    for (let n = 0; n < count; n++) all = all << 8n | (!restricts || random.chance(75) ? 0n : BigInt(random.below(locks ? 256 : 32) & (random.chance(80) ? 0xff : 0x9f)))
    return all
  }
  const pages = [place.data, place.data, place.data, place.data, place.code, place.tables, ram.base] as const
  for (let n = 0; n < first; n++) {
    const at = (random.of(pages) + 0x1000 * random.below(4) + (random.chance(50) ? random.of([0, 4, 8, 0xff8, 0xffc, 0x180]) : 0)) >>> 2
    csrs.set(pmpaddr + n, random.chance(20) ? long(random) >> 10n : BigInt(at | (random.chance(50) ? (1 << random.below(12)) - 1 : 0)))
  }
  csrs.set(pmpaddr + entries - 1, (1n << 54n) - 1n)
  for (let n = 0; n < first; n += 8) csrs.set(configurationOf(n), configuration(Math.min(8, first - n)))
  const holding = configurationOf(entries - 1)
  csrs.set(holding, (csrs.get(holding) ?? 0n) | ((random.chance(96) ? 0x1fn : BigInt(random.below(32))) << last))
}

/** What all starts of a program have in common. */
export interface Setting {
  readonly mode: number
  readonly satp: readonly bigint[]
  readonly having: Having
  /** Entries of PMP may be locked. */
  readonly locks: boolean
  /** FS is mostly on; otherwise off. */
  readonly floating: boolean
  readonly entries: readonly number[]
}

export const drawValues = (random: Random, { mode: usual, satp, having, locks, floating: on, entries }: Setting): Values => {
  const csrs = new Map<number, bigint>(), mode = random.chance(80) ? usual : random.of([0, 1, 3])
  const set = (number: number, value: bigint | number): void => void csrs.set(number, BigInt(value))
  const often = (percent: number): bigint => (random.chance(percent) ? long(random) : 0n)
  drawProtection(random, locks, having.pmpEntries, csrs)
  set(0x305, place.machineHandler + (random.chance(96) ? random.below(2) : random.below(1024)))
  set(0x105, place.supervisorHandler + (random.chance(94) ? random.below(2) : random.below(1024)))
  for (const n of [0x340, 0x140, 0x141, 0x342, 0x142, 0x343, 0x143]) set(n, random.chance(50) ? pointer(random) : long(random))
  set(0x341, random.of(entries))
  // Faults of fetches are mostly not delegated: where the handler cannot be fetched either, nothing else would happen any more.
  set(0x302, often(60) & (random.chance(80) ? ~0x1002n : ~0n))
  set(0x303, long(random))
  set(0x304, often(50))
  set(0x344, often(40))
  set(0x306, long(random))
  set(0x106, long(random))
  set(0x30a, (random.chance(50) ? 1n << 63n : 0n) | BigInt(random.below(2)))
  set(0x10a, random.below(2))
  set(0x320, random.chance(30) ? random.below(8) : 0)
  set(0xb00, often(30))
  set(0xb02, often(30))
  set(stimecmp, random.chance(60) ? random.below(64) : long(random))
  set(0x180, random.of(satp))
  set(0x003, random.chance(80) ? random.below(32) | random.below(5) << 5 : random.below(256))
  // MPP is the mode to begin in; MPRV does not survive a return below M.
  set(mstatus, (long(random) & ~0x7800n & (random.chance(80) ? ~0x2_0000n : ~0n) & (random.chance(85) ? ~0x70_0000n : ~0n)) | BigInt(mode << 11) | (random.chance(85) ? (on ? 0x6000n : 0n) : BigInt(random.below(4)) << 13n))
  return {
    x: Array.from({ length: 31 }, (_, n) => (n === 0 ? 0n : integer(random, n))), f: Array.from({ length: 32 }, () => floating(random)), csrs,
  }
}

export const drawData = (random: Random, image: DataView): void => {
  for (let n = 0; n < place.dataPages; n++) {
    const at = place.data + 0x1000 * n - ram.base
    for (let k = 0; k < 8; k++) {
      image.setBigUint64(at + 8 * random.below(64), floating(random), true)
      image.setBigUint64(at + 0xfc0 + 8 * k, random.chance(30) ? pointer(random) : long(random), true)
    }
  }
}
