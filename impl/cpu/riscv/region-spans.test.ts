// Regions that go on in the next page: code and mappings of both pages change, and the hart does what it does without translating.
import { describe, expect, it } from 'vitest'
import { add, addi, b, base, bench, jal, load, put, putLong, s } from './bench.fixture.ts'
import type { Hart } from './hart.ts'

const end = base + 0x1000
const [root, middle, leaf, handler, other] = [base + 0x3000, base + 0x4000, base + 0x5000, base + 0x6000, base + 0x7000]
const entry = (physical: number, flags = 0xcf): bigint => BigInt(physical / 4096) << 10n | BigInt(flags)
const half = (hart: Hart, address: number, value: number): void => {
  new DataView(hart.ram.buffer, hart.ram.byteOffset).setUint16(address - base, value, true)
  hart.wrote(address - base, 2)
}

/** Where the loop begins: its third instruction is the first of the second page, or crosses into it. */
const beginnings = [{ how: 'at the end of an instruction', begin: end - 8 }, { how: 'across an instruction', begin: end - 10 }]
/** The third instruction adds another number. */
const adds = (hart: Hart, begin: number, number: number, page = end): void => half(hart, page + (begin === end - 8 ? 2 : 0), addi(6, 6, number) >>> 16)

const physical = (begin: number, translate: boolean): Hart => {
  const hart = bench({ translate })
  for (const [n, word] of [addi(6, 6, 1), add(7, 7, 6), addi(6, 6, 16), add(7, 7, 6), addi(5, 5, -1), b(1, 5, 0, -20), jal(0, 0)].entries()) put(hart, begin + 4 * n, [word])
  hart.x[5] = 2000n
  hart.pc = BigInt(begin)
  return hart
}
/** In supervisor mode, at 0x4000 and, with another second page, at 0x8000; traps end in a loop. */
const mapped = (begin: number, translate: boolean): Hart => {
  const hart = physical(begin, translate)
  hart.ram.copyWithin(other - base, end - base, end - base + 64)
  adds(hart, begin, 32, other)
  putLong(hart, root, entry(middle, 1))
  putLong(hart, middle, entry(leaf, 1))
  for (const [index, page] of [[4, base], [5, end], [8, base], [9, other]] as const) putLong(hart, leaf + 8 * index, entry(page))
  put(hart, handler, [jal(0, 0)])
  hart.setCsr(0x305, BigInt(handler))
  // Protection of the second page, and of all else.
  hart.setCsr(0x3b0, BigInt(end >>> 2) | 0x1ffn)
  hart.setCsr(0x3b1, (1n << 54n) - 1n)
  hart.setCsr(0x3a0, 0x1f1fn)
  fence(hart)
  hart.mode = 1
  hart.pc = BigInt(begin - base + 0x4000)
  return hart
}
const fence = (hart: Hart): void => void hart.setCsr(0x180, 8n << 60n | BigInt(root / 4096))

/** Runs a hart that translates and one that does not; in between something changes, twice. */
const run = (make: (translate: boolean) => Hart, ...changes: readonly ((hart: Hart) => void)[]): Hart => {
  const [translated, interpreted] = [make(true), make(false)]
  for (const [n, until] of [3001, 6004, 20_000].entries()) {
    for (const hart of [translated, interpreted]) {
      expect(hart.run(until)).toBe('reached')
      changes[n]?.(hart)
    }
    expect(translated.save()).toEqual(interpreted.save())
    expect(Buffer.compare(translated.ram, interpreted.ram)).toBe(0)
  }
  return translated
}

describe.each(beginnings)('a loop over the end of a page, $how', ({ begin }) => {
  it('is one region', () => {
    for (const hart of [physical(begin, true), mapped(begin, true)]) {
      hart.run(6000)
      expect(hart.translations()).toBe(1)
    }
  })
  it('changes with its first page, and with its second', () => {
    run((translate) => physical(begin, translate), (hart) => put(hart, begin, [addi(6, 6, 2)]), (hart) => put(hart, begin + 4, [add(7, 7, 5)]))
    run((translate) => physical(begin, translate), (hart) => adds(hart, begin, 99), (hart) => adds(hart, begin, 77))
    run((translate) => physical(begin, translate), (hart) => put(hart, begin + 12, [add(7, 7, 5)]), (hart) => adds(hart, begin, 77))
  })
  it('has the second page that is mapped now', () => {
    const second = (page: number) => (hart: Hart): void => {
      putLong(hart, leaf + 8 * 5, entry(page))
      fence(hart)
    }
    run((translate) => mapped(begin, translate), second(other), second(end))
    run((translate) => mapped(begin, translate), second(other), (hart) => adds(hart, begin, 5, other))
  })
  it('has the second page of where it is entered', () => {
    const at = (address: number) => (hart: Hart): void => void (hart.pc = BigInt(address + begin - base))
    run((translate) => mapped(begin, translate), at(0x8000), at(0x4000))
  })
  it.each([['is not mapped', (hart: Hart) => putLong(hart, leaf + 8 * 5, 0n)], ['is of user mode', (hart: Hart) => putLong(hart, leaf + 8 * 5, entry(end, 0xdf))], ['is protected', (hart: Hart) => hart.setCsr(0x3a0, 0x1f18n)]])('traps where its second page %s', (_, change) => {
    const hart = run((translate) => mapped(begin, translate), (changed) => {
      change(changed)
      fence(changed)
    })
    expect([hart.pc, hart.csr(0x343), hart.csr(0x341)]).toEqual([BigInt(handler), 0x5000n, BigInt(0x4000 + begin + 8 - base)])
  })
})

describe('a loop over the ends of pages', () => {
  /** Of so many additions the last is one that the loop has stored there. */
  const long = (words: number) => (translate: boolean): Hart => {
    const hart = bench({ translate, hotAfter: 4 })
    const store = [load(2, 11, 12, 0), s(2, 13, 11, 0), addi(12, 12, 4)]
    const body = [...store, ...Array.from({ length: words }, (_, n) => addi(6 + n % 4, 6 + (n + 1) % 4, n % 100))]
    put(hart, end - 0x40, [...body, addi(5, 5, -1), b(0, 5, 0, 8), jal(0, -4 * body.length - 8), jal(0, 0)])
    hart.x[5] = 60n
    hart.x[12] = BigInt(base + 0x8000)
    hart.x[13] = BigInt(end - 0x40 + 4 * (words - 1))
    for (let n = 0; n < 60; n++) put(hart, base + 0x8000 + 4 * n, [n < 30 ? addi(6, 6, 7) : addi(6, 6, n)])
    hart.pc = BigInt(end - 0x40)
    return hart
  }
  it.each([40, 1000, 1020, 2100, 3500])('stores into its own code: %i instructions', (words) => {
    const [translated, interpreted] = [long(words)(true), long(words)(false)]
    for (let until = 0; until < 70 * words; until += 10 * words + 7) {
      for (const hart of [translated, interpreted]) hart.run(until)
      expect([...translated.x]).toEqual([...interpreted.x])
    }
    expect(Buffer.compare(translated.ram, interpreted.ram)).toBe(0)
  })
})
