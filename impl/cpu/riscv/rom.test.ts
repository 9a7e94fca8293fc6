// ROM: read and executed like RAM, written through the platform, and the platform's altogether while it is hidden.
import { describe, expect, it } from 'vitest'
import { addi, bench, jal, jalr, load, nop, put, r, s, base } from './bench.fixture.ts'
import type { Hart } from './hart.ts'
import type { HartOptions } from './parameters.ts'
import { cause } from './traps.ts'

const romBase = 0x1000_0000
const lr = (rd: number, rs1: number): number => r(0x2f, 3, 0x08, rd, rs1, 0)
const sc = (rd: number, rs1: number, rs2: number): number => r(0x2f, 3, 0x0c, rd, rs1, rs2)

const withRom = (words: readonly number[], options: Partial<HartOptions> = {}) => {
  const hart = bench({ romBase, romBytes: 0x2000, resetPc: BigInt(romBase), ...options })
  burn(hart, 0, words)
  return hart
}
const burn = ({ rom }: Hart, offset: number, words: readonly number[]): void => {
  if (!rom) throw new Error('no ROM')
  rom.bytes.set(new Uint8Array(Uint32Array.from(words).buffer), offset)
  rom.wrote(offset, 4 * words.length)
}
const run = (hart: Hart, steps: number): void => void hart.run(hart.steps() + steps)

describe('ROM', () => {
  it.each([true, false])('is executed, and what is written to it is executed next (translated: %s)', (translate) => {
    const hart = withRom([addi(1, 1, 1), jal(0, -4)], { translate })
    run(hart, 10_000)
    expect([hart.x[1], hart.translations() > 0]).toEqual([5000n, translate])
    burn(hart, 0, [addi(1, 1, 2)])
    run(hart, 10_000)
    expect(hart.x[1]).toBe(15_000n)
  })

  it('goes on in its next page', () => {
    const hart = withRom([])
    burn(hart, 0xffa, [addi(1, 1, 1), addi(2, 2, 1), addi(3, 3, 1)])
    hart.pc = BigInt(romBase + 0xffa)
    run(hart, 3)
    expect([hart.x[1], hart.x[2], hart.x[3], hart.pc]).toEqual([1n, 1n, 1n, BigInt(romBase + 0x1006)])
  })

  it('is loaded from at any address, a second time as the first', () => {
    const hart = withRom([load(3, 5, 10, 0xffd - 0x800), load(3, 6, 10, 0x7f9), load(3, 7, 10, 0x7f9), jal(0, -12)])
    burn(hart, 0xff8, [0x4433_2211, 0x8877_6655, 0xccbb_aa99, 0x10ff_eedd])
    hart.x[10] = BigInt(romBase + 0x800)
    run(hart, 100)
    expect([hart.x[5], hart.x[6], hart.x[7]]).toEqual([0xddcc_bbaa_9988_7766n, 0x9988_7766_5544_3322n, 0x9988_7766_5544_3322n])
  })

  it('is stored to through the platform, before and after it was loaded from', () => {
    const hart = withRom([s(3, 10, 11, 0x40), load(3, 12, 10, 0x40), s(3, 10, 11, 0x48), jal(0, -12)])
    hart.x[10] = BigInt(romBase)
    hart.x[11] = 7n
    run(hart, 8)
    expect([...hart.device]).toEqual([[romBase + 0x40, 7n], [romBase + 0x48, 7n]])
    expect(hart.x[12]).toBe(0n)
  })

  it('is the platform\'s to read and to fetch while it is hidden', () => {
    const hart = withRom([jalr(0, 13, 0)])
    put(hart, base, [load(3, 5, 10, 0x40), nop, jal(0, -8)])
    hart.x[10] = BigInt(romBase)
    hart.x[13] = BigInt(base)
    hart.device.set(romBase + 0x40, 99n)
    run(hart, 50)
    expect(hart.x[5]).toBe(0n)
    hart.rom!.show(false)
    run(hart, 50)
    expect(hart.x[5]).toBe(99n)
    hart.device.set(romBase + 0x80, BigInt(addi(6, 0, 5) & 0xffff))
    hart.device.set(romBase + 0x82, BigInt(addi(6, 0, 5) >>> 16))
    hart.pc = BigInt(romBase + 0x80)
    run(hart, 1)
    expect(hart.x[6]).toBe(5n)
    hart.rom!.show(true)
    hart.pc = BigInt(base)
    run(hart, 50)
    expect(hart.x[5]).toBe(0n)
  })

  it('is reserved by LR, and SC raises an access fault there', () => {
    const hart = withRom([lr(5, 10), sc(6, 10, 11)])
    hart.x[10] = BigInt(romBase + 0x100)
    run(hart, 1)
    expect(hart.reservation()).toEqual({ offset: 0x10_0100, bytes: 8 })
    run(hart, 1)
    expect(hart.trap()?.cause).toBe(cause.storeAccess)
  })

  it('has an end, and a size in whole pages', () => {
    const hart = withRom([load(3, 5, 10, 0)])
    hart.x[10] = BigInt(romBase + 0x2000)
    run(hart, 1)
    expect(hart.trap()?.cause).toBe(cause.loadAccess)
    expect(() => bench({ romBytes: 100 })).toThrow(RangeError)
    expect(() => bench({ romBase: 5, romBytes: 4096 })).toThrow(RangeError)
    expect(() => bench({ romBytes: 0xfc00_0000 })).toThrow(RangeError)
  })
})
