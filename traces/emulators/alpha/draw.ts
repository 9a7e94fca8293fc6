// What generated states of the Alpha hold: addresses in storage, entry points and stacks that give control back, and anything.
import { entries } from '../../../model/isa/alpha/state.ts'
import type { Random } from '../../generate-random.ts'
import type { Bench } from '../bench.ts'
import { handler, kseg, land, pageSize, place, probePage, programAt, realOf, rootCount } from './record.ts'

const bits = (random: Random, width: number): bigint =>
  (width <= 32 ? BigInt((random.word() >>> 0) >>> (32 - width)) : (bits(random, width - 32) << 32n) | BigInt(random.word() >>> 0))
const sparse = (random: Random): bigint => bits(random, 64) & bits(random, 64) & bits(random, 64)
/** What may be between pages and their frames, in pages: programs find the storage near 0, in the middle and at the end of their addresses. */
const offsets = [0n, -0x1234560n, 0x654320n].map((n) => BigInt.asUintN(51, n))
const aligned = (random: Random, address: number): number => address & (random.chance(85) ? ~7 : random.chance(50) ? ~3 : ~0)
const offsetBytes = (n: bigint): bigint => BigInt.asUintN(64, n << 13n)

const inKseg = (random: Random): bigint => kseg + BigInt(aligned(random, random.between(place.storage, place.paged - 1)))
const inPages = (random: Random): bigint => BigInt.asUintN(64, BigInt(aligned(random, random.between(place.paged, place.storageEnd - 1))) - offsetBytes(random.of(offsets)))
const inLand = (random: Random): bigint => land.from + BigInt(random.below(0x1000000))
/** Between the page that is looked at and one that is marked. */
const marked = (random: Random): bigint => BigInt.asUintN(51, BigInt(random.between(place.marked / pageSize, place.markedEnd / pageSize - 1)) - probePage)
const block = (random: Random): number => (random.between(place.storage + 128, place.frames - 128) & ~127)
const frame = (random: Random): bigint =>
  (random.chance(70) ? kseg + BigInt(random.between(place.frames + 64, place.paged - 64) & ~63) : inPages(random) & ~63n)
const number = (random: Random): bigint => random.of([
  inKseg, inKseg, inKseg, inPages, inPages, inPages, inPages, inLand, inLand, (r: Random) => bits(r, 64), (r: Random) => bits(r, 64), (r: Random) => bits(r, 32), sparse, sparse,
  (r: Random) => BigInt.asUintN(64, BigInt(r.between(-64, 64))), (r: Random) => r.of([0n, 1n << 63n, (1n << 63n) - 1n, 1n << 31n, 0xffffffff80000000n]),
])(random)

/** What a processor tells of itself. */
export interface Identity { readonly AMASK: bigint; readonly IMPLVER: bigint }

/** Mostly on the first of the processors. */
export const drawing = (processors: readonly [Identity, ...Identity[]]): Bench['draw'] => {

  const processor = (of: keyof Identity) => (random: Random): bigint => (random.chance(80) ? processors[0] : random.of(processors))[of]
  const chance = (percent: number) => (random: Random): bigint => BigInt(random.chance(percent))
  const fixed = (value: bigint) => (): bigint => value
  const special: Readonly<Record<string, (random: Random) => bigint>> = {
    PC: fixed(programAt / 4n), WHAMI: fixed(0n), PCC_CNT: fixed(0n), halted: fixed(0n),
    AMASK: processor('AMASK'), IMPLVER: processor('IMPLVER'),
    'PS.IPL': (random) => (random.chance(60) ? 0n : bits(random, 3)), FEN: chance(80),
    PTBR: (random) => BigInt(place.roots / pageSize + random.below(rootCount)),
    PCBB: (random) => BigInt(block(random)) >> 3n,
    KSP: (random) => (random.chance(90) ? kseg + BigInt(random.between(place.frames + 64, place.paged - 64) & ~7) : number(random)),
    'TB.PFN - VPN': (random) => (random.chance(65) ? random.of(offsets) : random.chance(80) ? marked(random) : bits(random, 51)),
    'TB.V': chance(90), 'TB.FOR': chance(10), 'TB.FOW': chance(15), 'TB.KRE': chance(85), 'TB.URE': chance(85), 'TB.KWE': chance(80), 'TB.UWE': chance(80),
    FPCR: (random) => {
      const exceptions = random.chance(50) ? 0n : bits(random, 6)
      return (BigInt(exceptions !== 0n) << 63n) | (bits(random, 5) << 58n) | (exceptions << 52n) | (bits(random, 5) << 47n)
    },
    ...Object.fromEntries(entries.map((e, n) => [e.name, (random: Random) => (random.chance(95) ? handler(n) : bits(random, 62))])),
  }
  const stored = (index: bigint, random: Random): bigint => {
    const real = Number(BigInt.asUintN(40, realOf(index)))
    const inBlock = (real & 127) / 8, inFrame = (real & 63) / 8
    if (real < place.frames)
      return inBlock === 0 ? frame(random) : inBlock === 2 ? BigInt(place.roots / pageSize + random.below(rootCount)) : inBlock === 5 ? (bits(random, 32) << 32n) | bits(random, 1) : number(random)
    return inFrame === 0 ? bits(random, 4) | (random.chance(50) ? 0n : sparse(random)) : inFrame === 1 ? inLand(random) : number(random)
  }
  let registerBefore = 0n
  return {
    // Now and then the registers of a floating-point instruction are one.
    operand: (name, random) => {
      if (name === 'displacement') return BigInt(random.chance(75) ? random.word() & ~7 : random.word())
      if (name === 'fa') registerBefore = bits(random, 5)
      return name === 'fa' || (/^f[bc]$/.test(name) && random.chance(60)) ? registerBefore : undefined
    },
    register: ({ name, width }, random) => BigInt.asUintN(width, (special[name] ?? ((r: Random) => (width === 64 && r.chance(50) ? number(r) : bits(r, width))))(random)),
    cell: (bank, index, width, random) => BigInt.asUintN(width,
      bank === 'E' ? stored(index, random)
      : bank === 'R' && index === 30n ? (random.chance(85) ? frame(random) : number(random))
      : bank === 'R' && index === 16n && random.chance(50) ? random.of([() => BigInt(block(random)), () => BigInt.asUintN(64, BigInt(random.between(-2, 3))), () => bits(random, 6)])()
      : bank === 'R' && index === 17n && random.chance(60) ? (random.chance(50) ? bits(random, 3) : (probePage << 13n) | bits(random, 13))
      : bank === 'page tables' ? (random.chance(90) ? marked(random) | ((bits(random, 7) & (random.chance(70) ? 0x79n : 0x7fn) | BigInt(random.chance(85))) << 51n) : bits(random, 58))
      : bank === 'R' || bank === 'F' ? number(random) : bits(random, width)),
  }
}
