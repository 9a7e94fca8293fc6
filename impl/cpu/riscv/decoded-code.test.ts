// Instructions that stand in several places: decoded in one of them, and right in all.
import { expect, it } from 'vitest'
import { addi, b, base, bench, jal, put } from './bench.fixture.ts'

const page = (n: number): number => base + 0x1000 * n
const short = (half: number, next: number): number => (next << 16 | half) >>> 0
const cNop = 0x0001
/** C.ADDI x5, 1. */
const cAddi = 0x0285

it('a jump that stays in its page in one place leaves it in another', () => {
  const hart = bench()
  const taken = b(0, 0, 0, 0x20), call = jal(0, -0x40)
  put(hart, page(0) + 0x100, [taken])
  put(hart, page(0) + 0x120, [call])
  put(hart, page(0) + 0xe0, [jal(0, page(0) + 0xff0 - (page(0) + 0xe0))])
  // The same branch leaves the page forwards, the same jump backwards.
  put(hart, page(0) + 0xff0, [taken])
  put(hart, page(1) + 0x10, [call])
  put(hart, page(0) + 0xfd0, [addi(5, 5, 7)])
  hart.pc = BigInt(page(0) + 0x100)
  const places: number[] = []
  for (let n = 0; n < 6; n++) {
    hart.step()
    places.push(Number(hart.pc) - base)
  }
  expect([places, hart.x[5]]).toEqual([[0x120, 0xe0, 0xff0, 0x1010, 0xfd0, 0xfd4], 7n])
})

it('compressed and long instructions are told apart, and what is written over them is decoded anew', () => {
  const hart = bench()
  for (const n of [0, 1, 2]) put(hart, page(n), [short(cAddi, cNop), addi(5, 5, 16), short(cNop, cAddi)])
  for (const n of [0, 1, 2]) {
    hart.pc = BigInt(page(n))
    expect(hart.run(hart.steps() + 5)).toBe('reached')
    expect([n, hart.x[5], Number(hart.pc) - page(n)]).toEqual([n, BigInt(18 * (n + 1)), 12])
  }
  put(hart, page(1), [short(cNop, cAddi)])
  hart.pc = BigInt(page(1))
  expect([hart.run(hart.steps() + 5), hart.x[5]]).toEqual(['reached', 72n])
})

it('an illegal instruction of zeros is none that is known', () => {
  const hart = bench()
  hart.setCsr(0x305, BigInt(page(3)))
  put(hart, page(3), [addi(6, 6, 1)])
  for (const n of [0, 1]) {
    hart.pc = BigInt(page(n))
    expect([hart.step(), hart.csr(0x342), hart.csr(0x343)]).toEqual(['trapped', 2n, 0n])
  }
})

it('a breakpoint is found before an instruction that is known', () => {
  const hart = bench()
  for (const n of [0, 1]) put(hart, page(n), [addi(5, 5, 1), addi(6, 6, 1), addi(7, 7, 1)])
  hart.pc = BigInt(page(0))
  expect(hart.run(3)).toBe('reached')
  hart.setBreakpoints([BigInt(page(1) + 4)])
  hart.pc = BigInt(page(1))
  expect([hart.run(6), hart.pc, hart.x[6]]).toEqual(['stopped', BigInt(page(1) + 4), 1n])
})
