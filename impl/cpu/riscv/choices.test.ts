// What the manual leaves to the hart, as its options have it: misaligned accesses, protection, ASID, vectors and the values of traps.
import { describe, expect, it } from 'vitest'
import { addi, b, base, bench, csr, getLong, jal, load, put, putLong, r } from './bench.fixture.ts'
import type { HartOptions } from './parameters.ts'
import { cause } from './traps.ts'

const place = base + 0x8000
const [amoadd, lr, sc] = [0, 2, 3]
const atomic = (funct5: number, bytes: 4 | 8): number => r(0x2f, bytes === 4 ? 2 : 3, funct5 << 2, 3, 1, funct5 === lr ? 0 : 2)
const ld = load(3, 3, 1, 0)

/** What the word comes to with x1 an address, the first time and when it is hot: the cause and the value of its trap, or `done`. */
const outcome = (word: number, address: number, options: Partial<HartOptions>): 'done' | readonly [cause: number, value: bigint] => {
  const found = [1, 60].map((rounds) => {
    const hart = bench(options)
    put(hart, base, [word, addi(31, 31, -1), b(1, 31, 0, -8)])
    put(hart, base + 0x100, [jal(0, 0)])
    hart.setCsr(0x305, BigInt(base + 0x100))
    hart.x[1] = BigInt(address)
    hart.x[31] = BigInt(rounds)
    hart.run(3 * rounds)
    const trap = hart.trap()
    return trap === undefined ? 'done' : [trap.cause, hart.csr(0x343)!] as const
  })
  expect(found[1]).toEqual(found[0])
  return found[0]!
}

describe('misaligned accesses', () => {
  const odd = place + 2, value = BigInt(odd)
  it.each<readonly [string, Partial<HartOptions>, load: unknown, lr: unknown, amo: unknown]>([
    ['are done, but atomic ones are access faults', {}, 'done', [cause.loadAccess, value], [cause.storeAccess, value]],
    ['trap', { misaligned: 'trap' }, [cause.loadMisaligned, value], [cause.loadMisaligned, value], [cause.storeMisaligned, value]],
    ['are access faults', { misaligned: 'access-fault' }, [cause.loadAccess, value], [cause.loadAccess, value], [cause.storeAccess, value]],
    ['trap, and are access faults where they are atomic', { misaligned: 'trap', misalignedAtomics: 'access-fault' }, [cause.loadMisaligned, value], [cause.loadAccess, value], [cause.storeAccess, value]],
    ['are done, but atomic ones trap', { misalignedAtomics: 'trap' }, 'done', [cause.loadMisaligned, value], [cause.storeMisaligned, value]],
    ['are done in a granule, but for LR', { misaligned: 'trap', atomicityGranule: 16 }, 'done', [cause.loadMisaligned, value], 'done'],
  ])('%s', (_name, options, loads, reserves, modifies) => {
    expect([outcome(ld, odd, options), outcome(atomic(lr, 8), odd, options), outcome(atomic(amoadd, 8), odd, options)]).toEqual([loads, reserves, modifies])
    expect(outcome(atomic(amoadd, 4), place, options)).toBe('done')
  })
  it('across the end of a granule are not done', () => {
    const options = { misaligned: 'access-fault', atomicityGranule: 8 } as const
    expect([outcome(ld, place + 1, options), outcome(atomic(sc, 4), place + 1, options)]).toEqual([[cause.loadAccess, BigInt(place + 1)], [cause.storeAccess, BigInt(place + 1)]])
  })
  it('are access faults after page faults only', () => {
    /** With a page of 1 GiB for the code, and at 0 pages of 2 MiB, of which the second has this entry. */
    const mapped = (word: number, address: number, entry: bigint, options: Partial<HartOptions>): readonly [cause: number, value: bigint] => {
      const hart = bench({ ramBytes: 0x20_0000, ...options }), root = base + 0x1_0000, middle = root + 4096
      const large = (BigInt(base) >> 2n) | 0xcfn
      for (const [at, content] of [[root, (BigInt(middle) >> 2n) | 1n], [root + 16, large], [middle, large], [middle + 8, entry]] as const) putLong(hart, at, content)
      put(hart, base, [word])
      hart.setCsr(0x3b0, (1n << 54n) - 1n)
      hart.setCsr(0x3a0, 0x1fn)
      hart.setCsr(0x180, (8n << 60n) | BigInt(root / 4096))
      hart.mode = 1
      hart.x[1] = BigInt(address)
      hart.step()
      return [hart.trap()!.cause, hart.csr(0x343)!]
    }
    const options = { misaligned: 'access-fault' } as const, second = 0x20_0000, before = second - 2, good = (BigInt(base) >> 2n) | 0xcfn
    expect([0n, good].map((entry) => mapped(ld, second + 1, entry, options))).toEqual([[cause.loadPage, BigInt(second + 1)], [cause.loadAccess, BigInt(second + 1)]])
    expect([0n, good].map((entry) => mapped(ld, before, entry, options))).toEqual([[cause.loadPage, BigInt(second)], [cause.loadAccess, BigInt(before)]])
    expect([0n, good].map((entry) => mapped(atomic(amoadd, 8), before, entry, {}))).toEqual([[cause.storePage, BigInt(second)], [cause.storeAccess, BigInt(before)]])
    expect([0n, good].map((entry) => mapped(atomic(lr, 4), second + 2, entry, {}))).toEqual([[cause.loadPage, BigInt(second + 2)], [cause.loadAccess, BigInt(second + 2)]])
    expect(mapped(ld, second + 1, 0n, { misaligned: 'trap' })).toEqual([cause.loadMisaligned, BigInt(second + 1)])
  })
  it('of AMOs read and write what is there', () => {
    const hart = bench({ atomicityGranule: 16 })
    putLong(hart, place, 0x8877_6655_4433_2211n)
    put(hart, base, [atomic(amoadd, 4)])
    hart.x[1] = BigInt(place + 1)
    hart.x[2] = 1n
    expect([hart.step(), hart.x[3], getLong(hart, place)]).toEqual(['retired', 0x5544_3322n, 0x8877_6655_4433_2311n])
  })
})

describe('registers', () => {
  const written = (number: number, value: bigint, options: Partial<HartOptions>): bigint | undefined => {
    const hart = bench(options)
    hart.setCsr(number, value)
    return hart.csr(number)
  }
  const all = (1n << 64n) - 1n
  it('of protection are 0, 16 or 64, and those of no entry are 0', () => {
    expect([0, 1, 16, 17, 64].map((pmpEntries) => bench({ pmpEntries }).csrs.filter((n) => n >= 0x3b0 && n < 0x3f0).length)).toEqual([0, 16, 16, 64, 64])
    expect([written(0x3b7, 5n, { pmpEntries: 8 }), written(0x3b8, 5n, { pmpEntries: 8 }), written(0x3a2, all, { pmpEntries: 9 }), written(0x3ef, 5n, { pmpEntries: 64 })]).toEqual([5n, 0n, 0x9fn, 5n])
  })
  it('of protection show the granularity', () => {
    expect([4, 8, 4096].map((pmpGranularity) => written(0x3b0, all, { pmpGranularity })! & 0xfffn)).toEqual([0xfffn, 0xffen, 0xc00n])
    expect(written(0x3a0, 0x11n, { pmpGranularity: 8 })).toBe(0x19n)
  })
  it('have the bits that there are', () => {
    expect([0, 9, 16].map((asidBits) => written(0x180, 0xffffn << 44n, { asidBits })! >> 44n)).toEqual([0n, 0x1ffn, 0xffffn])
    expect([4, 64].map((vectoredAlignment) => written(0x305, 0x1fdn, { vectoredAlignment }))).toEqual([0x1fdn, 0x1c1n])
    expect([written(0x305, 0x1fcn, { vectoredAlignment: 64 }), written(0x343, 7n, {}), written(0x343, 7n, { trapValues: 'zero' }), written(0x143, 7n, { trapValues: 'zero' })]).toEqual([0x1fcn, 7n, 0n, 7n])
  })
})

describe('protection', () => {
  /** What a load from `place` in U-mode comes to, with entries of configuration and address. */
  const reached = (entries: readonly (readonly [configuration: number, address: number])[], options: Partial<HartOptions>): string => {
    const hart = bench(options)
    put(hart, base, [csr(1, 0, 0x300, 5), ld])
    entries.forEach(([, address], n) => void hart.setCsr(0x3b0 + n, BigInt(address / 4)))
    hart.setCsr(0x3a0, entries.reduceRight((value, [configuration]) => value << 8n | BigInt(configuration), 0n))
    hart.x[1] = BigInt(place)
    // MPRV, and MPP is U.
    hart.x[5] = 0x2_0000n
    hart.step()
    return hart.step()
  }
  it('is asked where there are entries', () => {
    expect([reached([], {}), reached([], { pmpEntries: 0 }), reached([], { pmpEntries: 1 })]).toEqual(['trapped', 'retired', 'trapped'])
  })
  it('has ranges of its granularity', () => {
    const coarse = { pmpGranularity: 4096 }
    const [napot, below, above] = [[[0x19, base + 0x8000]], [[0, place + 8], [0x09, place + 0x1008]], [[0x09, place + 8]]] as const
    expect([reached(napot, {}), reached(below, {}), reached(above, {})]).toEqual(['retired', 'trapped', 'retired'])
    expect([reached(napot, coarse), reached(below, coarse), reached(above, coarse)]).toEqual(['retired', 'retired', 'trapped'])
    expect([reached([[0x19, base + 0x8800]], {}), reached([[0x19, base + 0x8800]], coarse)]).toEqual(['trapped', 'retired'])
  })
})

describe('options', () => {
  it.each<readonly [Partial<HartOptions>, string]>([
    [{ atomicityGranule: 4 }, 'atomicityGranule must be a power of two from 8 to 4096, and is 4'], [{ pmpGranularity: 12 }, 'pmpGranularity'], [{ vectoredAlignment: 2 }, 'vectoredAlignment'],
    [{ pmpEntries: 65 }, 'pmpEntries must be an integer from 0 to 64, and is 65'], [{ asidBits: 1.5 }, 'asidBits'],
  ])('are refused where no manual allows them: %o', (options, why) => { expect(() => bench(options)).toThrow(why) })
})
