// Breakpoints: a run ends before the instruction, nothing is lost or counted, and nothing is slower for them than one page's worth.
import { describe, expect, it } from 'vitest'
import { addi, b, base, bench, jal, jalr, nop, put, putLong } from './bench.fixture.ts'

const loop = [addi(1, 1, 1), addi(2, 2, 2), nop, jal(0, -12)]

describe('a breakpoint', () => {
  it.each([true, false])('ends the run before the instruction, each time (translated: %s)', (translate) => {
    const hart = bench({ translate })
    put(hart, base, loop)
    expect(hart.run(1000)).toBe('reached')
    hart.setBreakpoints([BigInt(base + 4)])
    for (let n = 251; n < 300; n++) {
      expect([hart.run(100_000), hart.pc, hart.x[1], hart.x[2], hart.steps()]).toEqual(['stopped', BigInt(base + 4), BigInt(n), BigInt(2 * n - 2), 4 * n - 3])
      expect([hart.run(100_000), hart.steps()]).toEqual(['stopped', 4 * n - 3])
      expect([hart.step(), hart.pc, hart.x[2]]).toEqual(['retired', BigInt(base + 8), BigInt(2 * n)])
    }
    hart.setBreakpoints([])
    expect([hart.run(100_000), hart.x[1]]).toEqual(['reached', 25_000n])
    expect(hart.translations() > 0).toBe(translate)
  })

  it('in another page at the same place changes nothing', () => {
    const plain = bench(), broken = bench()
    broken.setBreakpoints([BigInt(base + 0x1004), BigInt(base + 0x2000)])
    for (const hart of [plain, broken]) {
      put(hart, base, loop)
      expect(hart.run(100_000)).toBe('reached')
    }
    expect([...broken.x]).toEqual([...plain.x])
    expect(broken.translations()).toBeGreaterThan(0)
  })

  it('holds for an instruction across two pages, and for code that is not kept', () => {
    const hart = bench()
    put(hart, base + 0xffe, [addi(5, 5, 1)])
    hart.pc = BigInt(base + 0xffe)
    hart.setBreakpoints([BigInt(base + 0xffe)])
    expect([hart.run(10), hart.pc, hart.steps()]).toEqual(['stopped', BigInt(base + 0xffe), 0])
    expect([hart.step(), hart.pc, hart.x[5]]).toEqual(['retired', BigInt(base + 0x1002), 1n])
    // A page that PMP does not treat as one.
    const other = bench()
    other.setCsr(0x3b0, BigInt(base + 0x800 >>> 2))
    other.setCsr(0x3a0, 0x0fn)
    put(other, base, loop)
    other.setBreakpoints([BigInt(base + 4)])
    for (let n = 1; n < 4; n++) {
      expect([other.run(1000), other.pc, other.x[1], other.steps()]).toEqual(['stopped', BigInt(base + 4), BigInt(n), 4 * n - 3])
      expect(other.step()).toBe('retired')
    }
  })

  it('is found where a branch goes, and where the pc is put', () => {
    const hart = bench()
    put(hart, base, [b(0, 0, 0, 0x40)])
    put(hart, base + 0x40, loop)
    hart.setBreakpoints([BigInt(base + 0x40)])
    expect([hart.run(10), hart.pc]).toEqual(['stopped', BigInt(base + 0x40)])
    hart.pc = BigInt(base)
    expect([hart.run(10), hart.pc, hart.steps()]).toEqual(['stopped', BigInt(base + 0x40), 2])
  })

  it('ends the run where nothing can be fetched, too, before the trap', () => {
    const hart = bench(), nowhere = 0x1004n
    put(hart, base, [jalr(0, 6, 0)])
    hart.x[6] = nowhere
    hart.setCsr(0x305, BigInt(base + 0x40))
    hart.setBreakpoints([nowhere])
    expect([hart.run(10), hart.pc, hart.steps(), hart.trap()]).toEqual(['stopped', nowhere, 1, undefined])
    expect([hart.run(10), hart.pc, hart.steps(), hart.trap()]).toEqual(['stopped', nowhere, 1, undefined])
    expect([hart.step(), hart.pc, hart.trap()?.cause, hart.trap()?.pc]).toEqual(['trapped', BigInt(base + 0x40), 1, nowhere])
  })

  it('is a virtual address: the same code elsewhere goes on', () => {
    const hart = bench()
    put(hart, base + 0x1000, loop)
    // Two pages of a gibibyte for the same memory.
    for (const entry of [0, 1]) putLong(hart, base + 0x1_0000 + 8 * entry, BigInt(base) >> 2n | 0xcfn)
    for (const [number, value] of [[0x3b0, -1n], [0x3a0, 0x1fn], [0x180, 8n << 60n | BigInt(base + 0x1_0000 >>> 12)]] as const) hart.setCsr(number, value)
    hart.mode = 1
    hart.setBreakpoints([0x4000_1004n])
    hart.pc = 0x1000n
    expect([hart.run(10_000), hart.x[1]]).toEqual(['reached', 2500n])
    hart.pc = 0x4000_1000n
    expect([hart.run(20_000), hart.pc, hart.x[1]]).toEqual(['stopped', 0x4000_1004n, 2501n])
  })
})
