// Page tables with each fault, physical memory protection, misaligned and page-crossing accesses, and code that changes.
import { describe, expect, it } from 'vitest'
import { addi, b, base, bench, csr, getLong, i, jal, jalr, load, nop, put, putLong, s } from './bench.fixture.ts'
import type { Hart } from './hart.ts'
import type { HartOptions } from './parameters.ts'
import type { Mode } from './state.ts'
import { cause } from './traps.ts'

const U = 0
const S = 1
const M = 3
const bit = { V: 1, R: 2, W: 4, X: 8, U: 16, G: 32, A: 64, D: 128 } as const
const SUM = 1n << 18n
const MXR = 1n << 19n
const MPRV = 1n << 17n

const root = base + 0x1_0000
const middle = base + 0x1_1000
const leaf = base + 0x1_2000
const code = base + 0x2_0000
const data = base + 0x3_0000
/** The virtual addresses of `code` and of the page that a test maps. */
const codeAt = 0x40_0000n
const dataAt = 0x40_1000n
const handler = base + 0x100

const pte = (physical: number, flags: number): bigint => BigInt(physical / 4096) << 10n | BigInt(flags)
const all = bit.V | bit.R | bit.W | bit.X | bit.A | bit.D

/** A hart in a mode, with Sv39 on, a program at `codeAt` and an entry of our choice for `dataAt`. */
const mapped = (words: readonly number[], entry: bigint, mode: Mode, status = 0n, options: Partial<HartOptions> = {}): Hart => {
  const hart = bench(options)
  hart.setCsr(0x3b0, (1n << 54n) - 1n)
  hart.setCsr(0x3a0, 0x1fn)
  putLong(hart, root, pte(middle, bit.V))
  putLong(hart, middle + 8 * 2, pte(leaf, bit.V))
  putLong(hart, leaf, pte(code, all | (mode === U ? bit.U : 0)))
  putLong(hart, leaf + 8, entry)
  put(hart, code, words)
  hart.setCsr(0x180, 8n << 60n | BigInt(root / 4096))
  hart.setCsr(0x305, BigInt(handler))
  hart.setCsr(0x300, status)
  hart.mode = mode
  hart.pc = codeAt
  hart.x[1] = dataAt
  hart.x[2] = 0x1122n
  return hart
}
const ld = load(3, 3, 1, 0)
const sd = s(3, 1, 2, 0)
const jump = jalr(0, 1, 0)

/** What executing the word comes to: the cause of its trap, or of the fetch after it, or `done`. */
const outcome = (word: number, entry: bigint, mode: Mode, status = 0n, options: Partial<HartOptions> = {}): number | 'done' => {
  const hart = mapped([word], entry, mode, status, options)
  put(hart, data, [nop])
  const steps = word === jump ? 2 : 1
  let last: string = ''
  for (let step = 0; step < steps; step++) last = hart.step()
  if (last === 'retired') return 'done'
  expect(hart.trap()).toMatchObject({ value: dataAt })
  return hart.trap()!.cause
}

describe('translation', () => {
  const page = (flags: number): bigint => pte(data, flags)
  const { loadPage, storePage, instructionPage } = cause
  it.each([
    ['all allowed', page(all), S, 0n, ['done', 'done', 'done']],
    ['not valid', page(all & ~bit.V), S, 0n, [loadPage, storePage, instructionPage]],
    ['write without read', page(bit.V | bit.W | bit.A | bit.D), S, 0n, [loadPage, storePage, instructionPage]],
    ['read only', page(bit.V | bit.R | bit.A | bit.D), S, 0n, ['done', storePage, instructionPage]],
    ['execute only', page(bit.V | bit.X | bit.A | bit.D), S, 0n, [loadPage, storePage, 'done']],
    ['execute only with MXR', page(bit.V | bit.X | bit.A | bit.D), S, MXR, ['done', storePage, 'done']],
    ['for users, from S', page(all | bit.U), S, 0n, [loadPage, storePage, instructionPage]],
    ['for users, from S with SUM', page(all | bit.U), S, SUM, ['done', 'done', instructionPage]],
    ['for users, from U', page(all | bit.U), U, 0n, ['done', 'done', 'done']],
    ['for the supervisor, from U', page(all), U, SUM, [loadPage, storePage, instructionPage]],
    ['not accessed', page(all & ~bit.A), S, 0n, [loadPage, storePage, instructionPage]],
    ['not dirty', page(all & ~bit.D), S, 0n, ['done', storePage, 'done']],
    ['reserved bit 54', page(all) | 1n << 54n, S, 0n, [loadPage, storePage, instructionPage]],
    ['bit 63', page(all) | 1n << 63n, S, 0n, [loadPage, storePage, instructionPage]],
    ['software bits', page(all) | 3n << 8n, S, 0n, ['done', 'done', 'done']],
    ['a pointer at the last level', page(bit.V), S, 0n, [loadPage, storePage, instructionPage]],
    ['a page where nothing answers', pte(0x5000_0000, all), S, 0n, [cause.loadAccess, cause.storeAccess, cause.instructionAccess]],
  ] as const)('%s', (_name, entry, mode, status, expected) => {
    expect([ld, sd, jump].map((word) => outcome(word, entry, mode, status))).toEqual(expected)
  })

  it('sets A and D when asked to', () => {
    for (const [word, flags] of [[ld, bit.A], [jump, bit.A], [sd, bit.A | bit.D]] as const) {
      const hart = mapped([word], page(all & ~bit.A & ~bit.D), S, 0n, { accessedDirty: 'update' })
      put(hart, data, [nop])
      hart.step()
      expect(hart.step()).toBe(word === jump ? 'retired' : 'trapped')
      expect(getLong(hart, leaf + 8)).toBe(page(all & ~bit.A & ~bit.D | flags))
    }
  })

  it('walks down superpages, and refuses those that are not aligned', () => {
    const hart = mapped([ld], 0n, S)
    putLong(hart, data + 0x18, 0x77n)
    // A gigapage at 0x80000000 and a megapage.
    putLong(hart, root + 8, pte(0x8000_0000, all))
    hart.x[1] = 0x4000_0000n + BigInt(data + 0x18 - base)
    expect([hart.step(), hart.x[3]]).toEqual(['retired', 0x77n])
    putLong(hart, root + 8, pte(0x8020_0000, all))
    hart.pc = codeAt
    hart.setCsr(0x180, hart.csr(0x180)!)
    expect([hart.step(), hart.trap()!.cause]).toEqual(['trapped', loadPage])
    putLong(hart, middle + 8 * 3, pte(0x8000_0000, all))
    hart.mode = S
    hart.pc = codeAt
    hart.x[1] = 0x60_0000n + BigInt(data + 0x18 - base)
    expect(hart.step()).toBe('retired')
    putLong(hart, middle + 8 * 3, pte(0x8000_1000, all))
    hart.setCsr(0x180, hart.csr(0x180)!)
    hart.pc = codeAt
    expect(hart.step()).toBe('trapped')
  })

  it('wants the address bits from 38 on to be alike', () => {
    const hart = mapped([ld], page(all), S)
    hart.x[1] = dataAt | 1n << 39n
    expect([hart.step(), hart.trap()?.cause]).toEqual(['trapped', loadPage])
    const high = mapped([ld], page(all), S)
    putLong(high, root + 8 * 511, pte(middle, bit.V))
    high.x[1] = 0xffff_ffff_c040_1000n
    expect(high.step()).toBe('retired')
  })

  it('has one level more with Sv48', () => {
    const hart = mapped([ld], page(all), S, 0n, { sv48: true })
    const top = base + 0x1_3000
    putLong(hart, top, pte(root, bit.V))
    hart.setCsr(0x180, 9n << 60n | BigInt(top / 4096))
    expect(hart.step()).toBe('retired')
    putLong(hart, top + 8 * 256, pte(root, bit.V))
    hart.pc = codeAt
    hart.x[1] = dataAt | 0xffff_8000_0000_0000n
    expect(hart.step()).toBe('retired')
  })

  it('uses MPP for loads and stores with MPRV, not for code', () => {
    const hart = mapped([], page(all | bit.U), M, MPRV)
    put(hart, base, [ld, ld])
    hart.pc = BigInt(base)
    putLong(hart, data, 0x55n)
    expect([hart.step(), hart.x[3]]).toEqual(['retired', 0x55n])
    hart.setCsr(0x300, MPRV | 1n << 11n)
    expect(hart.step()).toBe('trapped')
  })

  it('sees changed tables after SFENCE.VMA', () => {
    const hart = mapped([ld, 0x1200_0073, ld], page(all), S)
    expect(hart.step()).toBe('retired')
    putLong(hart, leaf + 8, 0n)
    expect([hart.step(), hart.step()]).toEqual(['retired', 'trapped'])
  })

  it('reads page tables as the supervisor does', () => {
    const hart = mapped([ld], page(all), S)
    // Up to the last level's table all is allowed, the table is not, the rest is.
    hart.setCsr(0x3b0, BigInt(leaf / 4))
    hart.setCsr(0x3b1, BigInt(leaf / 4 + 0x400))
    hart.setCsr(0x3b2, (1n << 54n) - 1n)
    hart.setCsr(0x3a0, 0x1f_08_0fn)
    expect([hart.step(), hart.trap()!.cause]).toEqual(['trapped', cause.instructionAccess])
  })
})

describe('physical memory protection', () => {
  const permitted = (configuration: number, addresses: readonly bigint[], mode: Mode, at: number, width: 0 | 2 | 3 = 3): boolean[] => {
    const results = [load(width, 3, 1, 0), s(width, 1, 2, 0), jump].map((word) => {
      const hart = bench()
      put(hart, base, [word])
      put(hart, at - at % 8, [nop, nop])
      // The first three entries are the test's; the last allows the program.
      for (const [index, address] of addresses.entries()) hart.setCsr(0x3b0 + index, address)
      hart.setCsr(0x3bf, BigInt(base / 4) | 0xfn)
      hart.setCsr(0x3a2, 0x1fn << 56n)
      hart.setCsr(0x3a0, BigInt(configuration))
      hart.setCsr(0x305, BigInt(handler))
      hart.mode = mode
      hart.x[1] = BigInt(at)
      const first = hart.step()
      return word === jump ? hart.step() === 'retired' : first === 'retired'
    })
    return results
  }
  const [R, W, X, L] = [1, 2, 4, 0x80]
  const [TOR, NA4, NAPOT] = [8, 16, 24]
  const at = base + 0x4000
  const whole = BigInt(at / 4) | 0x1ffn
  it.each([
    ['nothing matches, S', 0, [], S, [false, false, false]], ['nothing matches, M', 0, [], M, [true, true, true]],
    ['NAPOT R', NAPOT | R, [whole], S, [true, false, false]], ['NAPOT RW', NAPOT | R | W, [whole], U, [true, true, false]],
    ['NAPOT X', NAPOT | X, [whole], S, [false, false, true]], ['NAPOT RWX', NAPOT | R | W | X, [whole], U, [true, true, true]],
    ['NAPOT none, M', NAPOT, [whole], M, [true, true, true]], ['NAPOT none locked, M', NAPOT | L, [whole], M, [false, false, false]],
    ['NAPOT R locked, M', NAPOT | R | L, [whole], M, [true, false, false]],
    ['W without R is neither', NAPOT | W, [whole], S, [false, false, false]],
    ['TOR', (TOR | R) << 8, [BigInt(at / 4), BigInt(at / 4 + 2)], S, [true, false, false]],
    ['TOR that ends before', (TOR | R) << 8, [BigInt(at / 4 - 4), BigInt(at / 4)], S, [false, false, false]],
    ['TOR that is empty', (TOR | R) << 8, [BigInt(at / 4 + 2), BigInt(at / 4)], S, [false, false, false]],
    ['TOR from 0', TOR | R | W | X, [BigInt(at / 4 + 2)], S, [true, true, true]],
    ['NA4 covers half', NA4 | R | W | X, [BigInt(at / 4)], S, [false, false, true]],
    ['the first match decides', (NAPOT | R | W) << 8 | NAPOT | R, [whole, whole], S, [true, false, false]],
    ['a partial match fails, M too', NA4 | R | W | X, [BigInt(at / 4 + 1)], M, [false, false, true]],
  ] as const)('%s', (_name, configuration, addresses, mode, expected) => {
    expect(permitted(configuration, addresses, mode, at)).toEqual(expected)
  })
  it('holds for the bytes of one access only', () => {
    expect(permitted(NA4 | R | W, [BigInt(at / 4)], S, at + 1, 0)).toEqual([true, true, false])
    expect(permitted(NA4 | R | W, [BigInt(at / 4)], S, at + 4, 0)).toEqual([false, false, false])
  })
  it('does not write locked entries, nor the address below a locked TOR', () => {
    const hart = bench()
    hart.setCsr(0x3b0, 1n)
    hart.setCsr(0x3b1, 2n)
    hart.setCsr(0x3a0, BigInt((L | TOR) << 8))
    hart.setCsr(0x3b0, 11n)
    hart.setCsr(0x3b1, 12n)
    hart.setCsr(0x3a0, 0x1fn)
    expect([hart.csr(0x3b0), hart.csr(0x3b1), hart.csr(0x3a0)]).toEqual([1n, 2n, BigInt((L | TOR) << 8 | 0x1f)])
  })
})

describe('misaligned accesses', () => {
  const value = 0x8877_6655_4433_2211n
  it.each([1, 2, 3, 5, 7])('are done %i bytes into a page', (offset) => {
    const hart = bench()
    put(hart, base, [ld, sd])
    hart.x[1] = BigInt(base + 0x4000 + offset)
    // The second time the page is in the buffers.
    for (const stored of [~value, value ^ 0xffn]) {
      putLong(hart, base + 0x4000 + offset, value)
      hart.x[2] = BigInt.asUintN(64, stored)
      hart.pc = BigInt(base)
      hart.step()
      hart.step()
      expect([hart.x[3], getLong(hart, base + 0x4000 + offset)]).toEqual([value, hart.x[2]])
    }
  })
  it.each([1, 4, 7])('are done with %i bytes in the first of two pages that lie apart', (inFirst) => {
    const hart = mapped([ld, sd, ld], pte(data, all), S)
    putLong(hart, leaf + 16, pte(data + 0x8000, all))
    const view = new DataView(hart.ram.buffer, hart.ram.byteOffset)
    const byte = (index: number): number => (index < inFirst ? data + 4096 - inFirst + index : data + 0x8000 + index - inFirst) - base
    for (let index = 0; index < 8; index++) view.setUint8(byte(index), Number(value >> BigInt(8 * index) & 0xffn))
    hart.x[1] = dataAt + 4096n - BigInt(inFirst)
    hart.x[2] = 0x0102_0304_0506_0708n
    hart.step()
    expect(hart.x[3]).toBe(value)
    hart.step()
    hart.step()
    expect(hart.x[3]).toBe(0x0102_0304_0506_0708n)
    for (let index = 0; index < 8; index++) expect(view.getUint8(byte(index))).toBe(8 - index)
  })
  it('fault with the address of the page that is missing, and change nothing', () => {
    for (const word of [ld, sd]) {
      const hart = mapped([word], pte(data, all), S)
      hart.x[1] = dataAt + 4096n - 3n
      const before = hart.ram.slice()
      expect(hart.step()).toBe('trapped')
      expect(hart.trap()).toMatchObject({ cause: word === ld ? cause.loadPage : cause.storePage, value: dataAt + 4096n })
      expect(Buffer.compare(hart.ram, before)).toBe(0)
    }
  })
  it('trap when asked to', () => {
    for (const [word, expected] of [[ld, cause.loadMisaligned], [sd, cause.storeMisaligned]] as const) {
      const hart = bench({ misaligned: 'trap' })
      put(hart, base, [word, word])
      hart.x[1] = BigInt(base + 0x4000)
      expect(hart.step()).toBe('retired')
      hart.x[1] = BigInt(base + 0x4001)
      expect(hart.step()).toBe('trapped')
      expect(hart.trap()).toMatchObject({ cause: expected, value: BigInt(base + 0x4001) })
    }
  })
})

describe('code', () => {
  it('crosses from one page into another that lies elsewhere', () => {
    const hart = mapped([], pte(data, all), S)
    const view = new DataView(hart.ram.buffer, hart.ram.byteOffset)
    const word = addi(5, 5, 1)
    view.setUint16(code + 4094 - base, word & 0xffff, true)
    view.setUint16(data - base, word >>> 16, true)
    // C.J back over the crossing instruction.
    view.setUint16(data + 2 - base, 0xbff5, true)
    hart.pc = codeAt + 4094n
    hart.run(2000)
    expect(hart.x[5]).toBe(1000n)
    expect(hart.pc).toBe(codeAt + 4094n)
  })
  it('is executed as it was changed in either half of a crossing instruction', () => {
    const hart = bench()
    const view = new DataView(hart.ram.buffer, hart.ram.byteOffset)
    const write = (word: number): void => {
      view.setUint16(4094, word & 0xffff, true)
      view.setUint16(4096, word >>> 16, true)
      view.setUint16(4098, 0xbff5, true)
    }
    write(addi(5, 5, 1))
    const round = (words: readonly number[]): bigint => {
      put(hart, base + 0x8000, [...words, jalr(0, 7, 0)])
      hart.pc = BigInt(base + 0x8000)
      hart.x[5] = 0n
      hart.x[7] = BigInt(base + 4094)
      hart.run(hart.steps() + words.length + 1 + 2 * 700)
      return hart.x[5]
    }
    hart.x[8] = BigInt(base + 4094)
    expect(round([])).toBe(700n)
    // SH to the second half, then to the first.
    hart.x[9] = BigInt(addi(5, 5, 3) >>> 16)
    expect(round([s(1, 8, 9, 2)])).toBe(2100n)
    hart.x[9] = BigInt(addi(6, 5, 3) & 0xffff)
    hart.x[6] = 0n
    expect(round([s(1, 8, 9, 0)])).toBe(0n)
    expect(hart.x[6]).toBe(3n)
  })
  it('is not disturbed by stores next to it', () => {
    const program = [s(3, 1, 6, 0), s(0, 1, 6, 9), s(1, 1, 6, 10), s(2, 1, 6, 12), load(3, 5, 1, 0), addi(6, 6, -1), b(1, 6, 0, -24), jal(0, 0)]
    for (const at of [0x80, 0x800, 0xff0]) {
      const hart = bench()
      put(hart, base, program)
      hart.x[1] = BigInt(base + at)
      hart.x[6] = 1000n
      const words = hart.ram.slice(0, 4 * program.length)
      expect(hart.run(7001)).toBe('reached')
      expect([hart.pc, hart.x[5], getLong(hart, base + at), getLong(hart, base + at + 8)]).toEqual([BigInt(base + 28), 1n, 1n, 0x1_0001_0100n])
      expect(Buffer.compare(hart.ram.slice(0, 4 * program.length), words)).toBe(0)
    }
  })
  it('faults where its second half is missing, with that address', () => {
    const hart = mapped([], 0n, S)
    new DataView(hart.ram.buffer, hart.ram.byteOffset).setUint16(code + 4094 - base, nop & 0xffff, true)
    hart.pc = codeAt + 4094n
    expect(hart.step()).toBe('trapped')
    expect(hart.trap()).toMatchObject({ cause: cause.instructionPage, value: dataAt, pc: codeAt + 4094n })
  })

  it.each([0, 1, 10, 21, 300])('is executed as it was changed by a store after %i rounds', (rounds) => {
    // x5 counts; the store replaces the increment of 1 by one of 16 in the last round.
    const hart = bench()
    put(hart, base, [addi(5, 5, 1), addi(6, 6, -1), b(1, 6, 0, -8), s(2, 1, 2, 0), addi(6, 0, 1000), b(0, 7, 0, 8), jal(0, 0), addi(7, 7, 1), jal(0, -32)])
    hart.x[1] = BigInt(base)
    hart.x[2] = BigInt(addi(5, 5, 16))
    hart.x[6] = BigInt(rounds + 1)
    hart.run(20_000)
    expect(hart.x[5]).toBe(BigInt(rounds + 1 + 16 * 1000))
  })
  it('is executed as it was changed by the very loop that runs', () => {
    // Each round stores the next increment into the loop itself: 1, 2, 3, ...
    const hart = bench()
    put(hart, base, [s(2, 1, 2, 8), (0x33 | 3 << 7 | 2 << 15 | 4 << 20) >>> 0, addi(5, 5, 0), addi(2, 3, 0), addi(6, 6, -1), b(1, 6, 0, -20)])
    hart.x[1] = BigInt(base)
    hart.x[2] = BigInt(addi(5, 5, 1))
    hart.x[4] = 1n << 20n
    hart.x[6] = 1000n
    hart.run(6000)
    expect(hart.x[5]).toBe(BigInt(1000 * 1001 / 2))
  })
  it('is executed as a device wrote it', () => {
    const hart = bench()
    put(hart, base, [addi(5, 5, 1), jal(0, -4)])
    hart.run(5000)
    put(hart, base, [addi(5, 5, 2), jal(0, -4)])
    hart.run(10_000)
    expect(hart.x[5]).toBe(2500n + 5000n)
  })
  it('is found by its physical page, wherever that is mapped', () => {
    const hart = mapped([], pte(code, all), S)
    put(hart, code, [0x0000_0297, addi(6, 6, -1), b(1, 6, 0, -8), jal(0, 0)])
    for (const at of [codeAt, dataAt, codeAt]) {
      hart.pc = at
      hart.x[6] = 1000n
      hart.run(hart.steps() + 3000)
      expect([hart.pc, hart.x[5]]).toEqual([at + 12n, at])
    }
  })
  it('is fetched outside RAM too', () => {
    const hart = bench()
    hart.device.set(0x1000_0000, BigInt(addi(5, 5, 7) & 0xffff))
    hart.device.set(0x1000_0002, BigInt(addi(5, 5, 7) >>> 16))
    hart.pc = 0x1000_0000n
    expect([hart.step(), hart.x[5], hart.pc]).toEqual(['retired', 7n, 0x1000_0004n])
  })
  it('is done one instruction at a time where protection splits its page', () => {
    const hart = bench()
    put(hart, base, [addi(5, 5, 1), addi(5, 5, 1), nop])
    hart.setCsr(0x3b0, BigInt(base / 4 + 1))
    hart.setCsr(0x3a0, 0x0fn)
    hart.setCsr(0x305, BigInt(handler))
    hart.mode = S
    expect([hart.step(), hart.step(), hart.trap()]).toMatchObject(['retired', 'trapped', { cause: cause.instructionAccess, value: BigInt(base + 4) }])
  })
  it('runs, changes and reserves beyond 2 GiB of RAM', () => {
    const hart = bench({ ramBytes: 0xc000_0000 })
    const high = base + 0xb000_0000
    const at = high + 0x8000
    // LR.D and SC.D, and a store of another increment.
    put(hart, high, [0x1000_b1af, 0x1820_b2af, addi(5, 5, 1), s(2, 7, 8, 8), addi(6, 6, -1), b(1, 6, 0, -12)])
    hart.x[1] = BigInt(at)
    hart.x[2] = 9n
    hart.x[6] = 100n
    hart.x[7] = BigInt(high)
    hart.x[8] = BigInt(addi(5, 5, 2))
    hart.pc = BigInt(high)
    hart.run(2 + 4 * 100)
    expect([getLong(hart, at), hart.x[5], hart.pc]).toEqual([9n, 199n, BigInt(high + 24)])
  })
  it('reads its own address by CSR and immediate loads alike after a change of mode', () => {
    const hart = mapped([csr(2, 3, 0x100, 0), i(0x13, 0, 4, 0, 5)], 0n, S)
    expect([hart.step(), hart.step(), hart.x[4]]).toEqual(['retired', 'retired', 5n])
  })
})
