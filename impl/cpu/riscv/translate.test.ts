// Translated code against the interpreter: random programs, all state after slices of random length.
import { describe, expect, it, vi } from 'vitest'
import { add, addi, b, base, bench, csr, i, jal, jalr, load, mret, put, putLong, r, s } from './bench.fixture.ts'
import type { Hart } from './hart.ts'
import { shapeOf } from './shape.ts'

/** A generator of numbers below a bound, the same for the same seed (xorshift). */
const generator = (seed: number): ((bound: number) => number) => {
  let state = seed * 2654435761 >>> 0 || 1
  return (bound) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % bound
  }
}

const length = 96
const data = base + 0x8000
/** Where a program begins that goes on in the next page. */
const acrossPages = base + 0x1000 - 2 * length

/** Words of a loop with branches in all directions, calls, memory accesses, traps and changes of its own code. */
const program = (random: (bound: number) => number): number[] => {
  const register = (): number => 1 + random(15)
  const target = (at: number): number => 4 * (random(length) - at) + (random(40) === 0 ? 2 : 0)
  return Array.from({ length }, (_, at) => {
    const kind = random(40)
    if (kind < 10) return r(0x33, random(8), [0, 1][random(2)]!, register(), register(), register())
    if (kind < 12) return r(0x3b, [0, 5][random(2)]!, [0, 0x20][random(2)]!, register(), register(), register())
    if (kind < 17) return addi(register(), register(), random(4096) - 2048)
    if (kind < 19) return i(0x1b, 0, register(), register(), random(4096) - 2048)
    if (kind < 23) return load(random(7), register(), 16, random(256))
    if (kind < 26) return s(random(4), 16, register(), random(256))
    if (kind < 36) return b([0, 1, 4, 5, 6, 7][random(6)]!, register(), register(), target(at))
    if (kind < 37) return jal(random(2), target(at))
    if (kind < 38) return jalr(random(2), 17 + random(3), 0)
    // Two compressed instructions: C.ADDI and C.MV.
    if (kind < 39) return (0x8002 | register() << 7 | register() << 2) << 16 | 0x0001 | register() << 7 | random(32) << 2
    return random(4) === 0 ? s(2, 20, 21, 4 * random(length)) : random(2) === 0 ? 0x0000_0073 : r(0x2f, 3, 0, register(), 16, register())
  }).map((word) => word >>> 0)
}

const prepare = (seed: number, translate: boolean, origin = base): Hart => {
  const random = generator(seed)
  const hart = bench({ translate, ramBytes: 0x1_0000 })
  put(hart, origin, program(random))
  put(hart, origin + 4 * length, [jal(0, -4 * length)])
  hart.pc = BigInt(origin)
  for (let number = 1; number < 16; number++) hart.x[number] = BigInt(random(2 ** 32)) << BigInt(random(33))
  hart.x[16] = BigInt(data)
  for (let number = 17; number < 20; number++) hart.x[number] = BigInt(origin + 4 * random(length))
  hart.x[20] = BigInt(origin)
  hart.x[21] = BigInt(addi(1 + random(15), 1 + random(15), random(100)))
  hart.setCsr(0x305, BigInt((origin & ~3) + 4 * random(length / 2) >>> 0))
  hart.setCsr(0x304, 0x80n)
  return hart
}

/**
 * The same in supervisor mode, the code mapped twice, with another second page, and data at the end of a page that no other
 * follows; the handler goes on behind the instruction.
 */
const prepareMapped = (seed: number, translate: boolean, origin = base): Hart => {
  const hart = prepare(seed, translate, origin), within = BigInt(origin - base)
  const other = hart.ram.slice(0, 0x2000)
  put(hart, base + 0x7000, Array.from({ length: 64 }, (_, n) => new DataView(other.buffer).getInt32(0x1000 + 4 * (n ^ 1), true)))
  const [root, middle, leaf, handler] = [base + 0x3000, base + 0x4000, base + 0x5000, base + 0x6000]
  const entry = (physical: number, flags: number): bigint => BigInt(physical / 4096) << 10n | BigInt(flags)
  putLong(hart, root, entry(middle, 1))
  putLong(hart, middle, entry(leaf, 1))
  for (const [index, page] of [[4, base], [5, base + 0x1000], [8, base], [9, base + 0x7000], [12, data]] as const) putLong(hart, leaf + 8 * index, entry(page, 0xcf))
  put(hart, handler, [csr(2, 29, 0x341, 0), addi(29, 29, 4), csr(1, 0, 0x341, 29), mret])
  hart.setCsr(0x305, BigInt(handler))
  hart.setCsr(0x3b0, (1n << 54n) - 1n)
  hart.setCsr(0x3a0, 0x1fn)
  hart.setCsr(0x180, 8n << 60n | BigInt(root / 4096))
  hart.mode = 1
  hart.pc = 0x4000n + within
  hart.x[16] = 0xcf80n
  hart.x[20] = 0x4000n + within
  for (const number of [17, 18, 19]) hart.x[number] = hart.x[number]! - BigInt(base) + (number === 18 ? 0x8000n : 0x4000n)
  return hart
}

const seeds = Array.from({ length: 24 }, (_, index) => index + 1)

describe('translated code', () => {
  const cases = seeds.flatMap((seed) => [{ kind: 'physical', make: prepare }, { kind: 'mapped', make: prepareMapped }].flatMap((how) =>
    [base, acrossPages - 2 * (seed % 2)].map((origin) => ({ ...how, seed, origin, where: origin === base ? 'in a page' : 'across pages' }))))
  it.each(cases)('does what the interpreter does: $kind, $where, program $seed', ({ seed, make, origin }) => {
    const [translated, interpreted] = [make(seed, true, origin), make(seed, false, origin)]
    const random = generator(seed + 1000)
    for (let slice = 0; slice < 12; slice++) {
      const until = translated.steps() + 1 + random(slice < 4 ? 1500 : 300)
      for (const hart of [translated, interpreted]) {
        hart.drive('MTIP', slice % 3 === 2)
        if (make === prepare) hart.setCsr(0x300, 8n)
        expect(hart.run(until)).toBe('reached')
      }
      expect(translated.save()).toEqual(interpreted.save())
      expect(Buffer.compare(translated.ram, interpreted.ram)).toBe(0)
    }
  })
  it('is there', () => {
    expect(seeds.filter((seed) => {
      const [physical, mapped] = [prepare(seed, true), prepareMapped(seed, true)]
      for (const hart of [physical, mapped]) hart.run(5000)
      return physical.translations() > 0 && mapped.translations() > 0
    }).length).toBeGreaterThan(seeds.length / 2)
  })
})

describe('words', () => {
  const device = 0x1000_0000
  /** A loop of operations most of which use the low halves alone; each access to a device stops the run. */
  const made = (seed: number, translate: boolean): Hart => {
    const random = generator(seed), register = (): number => random(12), pointer = (): number => 16 + random(6), offset = (): number => 8 * random(16)
    const hart = bench({ translate })
    const words = Array.from({ length: 60 }, () => {
      switch (random(13)) {
        case 0: return r(0x3b, [0, 1, 5][random(3)]!, 0, register(), register(), register())
        case 1: return r(0x3b, [0, 5][random(2)]!, 0x20, register(), register(), register())
        case 2: return r(0x3b, [0, 4, 5, 6, 7][random(5)]!, 1, register(), register(), register())
        case 3: return i(0x1b, 0, register(), register(), random(4096) - 2048)
        case 4: return i(0x1b, [1, 5][random(2)]!, register(), register(), random(32))
        case 5: return i(0x1b, 5, register(), register(), 0x400 | random(32))
        case 6: return r(0x33, [4, 6, 7][random(3)]!, 0, register(), register(), register())
        case 7: return i(0x13, [4, 6, 7][random(3)]!, register(), register(), random(4096) - 2048)
        case 8: return random(2) === 0 ? addi(register(), random(2) * register(), [0, random(4096) - 2048][random(2)]!) : add(register(), random(2) * register(), register())
        case 9: return r(0x33, random(8), [0, 1][random(2)]!, register(), register(), register())
        case 10: return load(random(7), register(), pointer(), offset())
        case 11: return s(random(4), pointer(), register(), offset())
        default: return random(1 << 20) << 12 | register() << 7 | [0x17, 0x37][random(2)]!
      }
    }).map((word) => word >>> 0)
    put(hart, base, [...words, jal(0, -4 * words.length)])
    hart.device.get = (address) => {
      hart.stop()
      return BigInt(hart.steps() * address)
    }
    hart.device.set = () => {
      hart.stop()
      return hart.device
    }
    return hart
  }
  it.each(Array.from({ length: 12 }, (_, seed) => seed))('are whole wherever the code is left: program %i', (seed) => {
    const [translated, interpreted] = [made(seed, true), made(seed, false)], random = generator(seed + 1000)
    const content = (): bigint => BigInt.asUintN(64, BigInt(random(2 ** 32)) << BigInt(random(33)))
    const setUp = (devices: number): void => {
      for (let number = 1; number < 22; number++) {
        const value = number < 12 ? content() : BigInt(random(6) < devices ? device : data)
        for (const hart of [translated, interpreted]) hart.x[number] = value
      }
    }
    for (let stop = 0; stop < 400; stop++) {
      setUp(stop < 100 ? 0 : 1)
      const until = translated.steps() + 300
      expect(translated.run(until)).toBe(interpreted.run(until))
      expect([translated.steps(), ...translated.x]).toEqual([interpreted.steps(), ...interpreted.x])
    }
    expect([translated.translations() > 0, Buffer.compare(translated.ram, interpreted.ram)]).toEqual([true, 0])
  })
})

describe('a loop in a loop', () => {
  /** Sums up a page with these flags 8 bytes at a time, 60 times, and has another page at the same address each time; the handler goes on behind a store that traps. */
  const made = (translate: boolean, flags: number): Hart => {
    const hart = bench({ translate })
    const [root, middle, leaf, code, data] = [base + 0x3000, base + 0x4000, base + 0x5000, 0x4000, 0x6000]
    const entry = (physical: number, flags: number): bigint => BigInt(physical / 4096) << 10n | BigInt(flags)
    const [one, other] = [entry(base + 0x8000, flags), entry(base + 0x9000, flags)]
    putLong(hart, root, entry(middle, 1))
    putLong(hart, middle, entry(leaf, 1))
    for (const [index, to] of [[4, entry(base, 0xcf)], [5, entry(leaf, 0xcf)], [6, one]] as const) putLong(hart, leaf + 8 * index, to)
    for (let at = 0x8000; at < 0xa000; at += 8) putLong(hart, base + at, BigInt(at) * 0x1_0001n)
    const inner = [load(3, 12, 10, 0), add(13, 13, 12), s(3, 10, 13, 0), addi(10, 10, 8), b(1, 10, 11, -16)]
    const swap = [r(0x33, 4, 0, 6, 6, 7), s(3, 5, 6, 8 * 6), r(0x73, 0, 0x09, 0, 0, 0)]
    const outer = [addi(10, 30, 0), ...inner, ...swap, addi(14, 14, -1)]
    put(hart, base, [...outer, b(1, 14, 0, -4 * outer.length), jal(0, 0)])
    put(hart, base + 0x6000, [csr(2, 29, 0x341, 0), addi(29, 29, 4), csr(1, 0, 0x341, 29), mret])
    hart.setCsr(0x305, BigInt(base + 0x6000))
    hart.setCsr(0x3b0, (1n << 54n) - 1n)
    hart.setCsr(0x3a0, 0x1fn)
    hart.setCsr(0x180, 8n << 60n | BigInt(root / 4096))
    hart.mode = 1
    hart.pc = BigInt(code)
    Object.assign(hart.x, { 5: 0x5000n, 6: one, 7: one ^ other, 11: BigInt(data + 0x1000), 14: 60n, 30: BigInt(data) })
    return hart
  }
  it.each([['written', 0xcf], ['loaded and not to be written', 0xc3]])('has the pages that are mapped now, the one used last or not, %s', (_, flags) => {
    const [translated, interpreted] = [made(true, flags), made(false, flags)]
    for (let until = 997; interpreted.x[14] !== 0n; until += 997) {
      for (const hart of [translated, interpreted]) hart.run(until)
      expect([...translated.x]).toEqual([...interpreted.x])
    }
    expect(Buffer.compare(translated.ram, interpreted.ram)).toBe(0)
    expect(translated.translations()).toBeGreaterThan(1)
  })
})

describe('code that is warm', () => {
  /** A loop of so many rounds, then one that becomes hot, in one page. */
  const made = (rounds: number): number => {
    const hart = bench({ hotAfter: 20 })
    put(hart, base, [addi(5, 5, 1), b(1, 5, 6, -4), addi(7, 7, 1), b(1, 7, 8, -4), jal(0, 0)])
    hart.x[6] = BigInt(rounds)
    hart.x[8] = 1000n
    hart.run(200)
    return hart.translations()
  }
  it('is translated with hot code of its page', () => expect(made(15)).toBe(2))
  it('is left alone while it is not warm', () => expect(made(5)).toBe(1))
})

describe('long code', () => {
  it('is hot by the time that it takes', () => {
    const hart = bench({ hotAfter: 16_000 }), length = 1000
    put(hart, base, [...Array.from({ length }, () => addi(5, 5, 1)), jal(0, -4 * length)])
    hart.run(100_000)
    expect(hart.translations()).toBe(0)
    hart.run(2_000_000)
    expect(hart.translations()).toBe(1)
  })
})

describe('the first translations of a process', () => {
  /** A loop in each page, one after the other, of so many rounds. */
  const made = async (rounds: readonly number[], anew = true): Promise<number> => {
    if (anew) vi.resetModules()
    const hart = (await import('./bench.fixture.ts')).bench({ hotAfter: 20, firstHotAfter: 80 })
    for (const [page, count] of rounds.entries()) put(hart, base + 4096 * page, [addi(5, 0, count), addi(5, 5, -1), b(1, 5, 0, -4), jal(0, 4096 - 12)])
    hart.run(rounds.reduce((sum, count) => sum + 2 * count + 2, 0))
    return hart.translations()
  }
  const some = (pages: number, rounds: number): readonly number[] => Array.from({ length: pages }, () => rounds)
  it('are made of what is hotter', async () => expect([await made(some(20, 50)), await made(some(8, 100))]).toEqual([0, 8]))
  it('are eight', async () => expect([await made([...some(8, 100), ...some(5, 50)]), await made([...some(7, 100), ...some(5, 50)])]).toEqual([13, 7]))
  it('are made by any hart', async () => expect([await made(some(5, 50)), await made(some(8, 100), false), await made(some(5, 50), false)]).toEqual([0, 8, 5]))
})

describe('the shape of a flow graph', () => {
  it('has loops, merges and a tree', () => {
    // 0 → 1 ⇄ 2, 1 → 3 ← 0
    const shape = shapeOf([[1, 3], [2, 3], [1], []])
    expect(shape.loops).toEqual([false, true, false, false])
    expect(shape.merges).toEqual([false, false, false, true])
    expect(shape.children.map((list) => [...list].sort())).toEqual([[1, 3], [2], [], []])
  })
  it('drops an edge that enters a loop in its middle', () => {
    // 0 → 1 ⇄ 2 ← 0
    const shape = shapeOf([[1, 2], [2], [1]])
    expect([shape.keeps(1, 2), shape.keeps(2, 1)].filter(Boolean)).toHaveLength(1)
    expect(shape.loops).toEqual([false, false, false])
  })
})

describe('code of more pages than are kept decoded', () => {
  it('runs, and what is translated stays so', () => {
    const pages = 1500, rounds = 6
    const hart = bench({ ramBytes: 0x80_0000 })
    put(hart, base, [jalr(1, 5, 0), add(5, 5, 6), b(1, 5, 7, -8), add(5, 9, 0), addi(8, 8, 1), jal(0, -20)])
    for (let page = 1; page <= pages; page++) put(hart, base + 4096 * page, [addi(10, 10, 1), jalr(0, 1, 0)])
    hart.x[6] = 4096n
    hart.x[5] = hart.x[9] = BigInt(base + 4096)
    hart.x[7] = BigInt(base + 4096 * (pages + 1))
    expect(hart.run(rounds * (5 * pages + 3))).toBe('reached')
    expect([hart.x[8], hart.x[10], hart.pc]).toEqual([BigInt(rounds), BigInt(rounds * pages), BigInt(base)])
    expect(hart.translations()).toBeLessThan(rounds)
  })
})
