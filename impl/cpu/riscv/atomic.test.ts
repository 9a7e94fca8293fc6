// LR, SC and atomic memory operations: results, reservations and faults, by handler and by emitted code.
import { describe, expect, it } from 'vitest'
import { addi, b, base, bench, getLong, put, putLong, r } from './bench.fixture.ts'
import { cause } from './traps.ts'

const amo = (funct5: number, funct3: number, rd: number, rs1: number, rs2: number): number => r(0x2f, funct3, funct5 << 2, rd, rs1, rs2)
const place = base + 0x8000
const LR = 2
const SC = 3
const word = 2
const double = 3

const operations: readonly (readonly [name: string, funct5: number, meaning: (old: bigint, operand: bigint) => bigint, signed: boolean])[] = [
  ['amoadd', 0x00, (a, b) => a + b, true],
  ['amoswap', 0x01, (_a, b) => b, true],
  ['amoxor', 0x04, (a, b) => a ^ b, true],
  ['amoor', 0x08, (a, b) => a | b, true],
  ['amoand', 0x0c, (a, b) => a & b, true],
  ['amomin', 0x10, (a, b) => a < b ? a : b, true],
  ['amomax', 0x14, (a, b) => a > b ? a : b, true],
  ['amominu', 0x18, (a, b) => a < b ? a : b, false],
  ['amomaxu', 0x1c, (a, b) => a > b ? a : b, false],
]
const values = [1n, 0xffff_ffffn, 0x8000_0000_0000_0000n, 0x1234_5678_9abc_def0n, 0xffff_ffff_ffff_ffffn]

describe('atomic memory operations', () => {
  const hart = bench()
  it.each(operations)('%s', (_name, funct5, meaning, signed) => {
    for (const width of [word, double]) {
      const bits = width === word ? 32 : 64
      const extend = (value: bigint): bigint => signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)
      for (const rounds of [1, 40]) {
        for (const old of values) {
          for (const operand of rounds === 1 ? values : [values[2]!]) {
            put(hart, base, [amo(funct5, width, 3, 1, 2), addi(31, 31, -1), b(1, 31, 0, -8)])
            putLong(hart, place, old)
            hart.pc = BigInt(base)
            hart.x[1] = BigInt(place)
            hart.x[2] = operand
            hart.x[31] = BigInt(rounds)
            hart.run(hart.steps() + 3 * rounds)
            let [before, now] = [old, old]
            for (let round = 0; round < rounds; round++) {
              before = now
              now = BigInt.asUintN(bits, meaning(extend(now), extend(operand))) | now >> BigInt(bits) << BigInt(bits)
            }
            expect([old, operand, hart.x[3], getLong(hart, place)])
              .toEqual([old, operand, BigInt.asUintN(64, BigInt.asIntN(bits, before)), now])
          }
        }
      }
    }
  })

  it('leaves x0 alone', () => {
    put(hart, base, [amo(0, double, 0, 1, 2), addi(3, 0, 0)])
    hart.pc = BigInt(base)
    hart.step()
    hart.step()
    expect([hart.x[0], hart.x[3]]).toEqual([0n, 0n])
  })

  it.each([['amoadd', 0, cause.storeAccess], ['lr', LR, cause.loadAccess], ['sc', SC, cause.storeAccess]] as const)(
    '%s traps when it is misaligned', (_name, funct5, expected) => {
      put(hart, base, [amo(funct5, double, 3, 1, funct5 === LR ? 0 : 2)])
      hart.pc = BigInt(base)
      hart.x[1] = BigInt(place + 4)
      expect(hart.step()).toBe('trapped')
      expect(hart.trap()).toMatchObject({ cause: expected, value: BigInt(place + 4) })
    })
})

describe('reservations', () => {
  const run = (words: readonly number[], trap = false) => {
    const hart = bench()
    put(hart, base, words)
    putLong(hart, place, 5n)
    hart.setCsr(0x305, BigInt(base + 4 * words.length - 4))
    hart.x[1] = BigInt(place)
    hart.x[2] = 9n
    hart.x[4] = BigInt(place + 8)
    for (let index = 0; index < words.length; index++) expect(hart.step()).toBe(trap && index === 1 ? 'trapped' : 'retired')
    return [hart.x[3], getLong(hart, place)]
  }
  const lr = amo(LR, double, 5, 1, 0)
  const sc = amo(SC, double, 3, 1, 2)
  it('succeeds after LR of the same address and width', () => expect(run([lr, sc])).toEqual([0n, 9n]))
  it('fails without LR', () => expect(run([sc])).toEqual([1n, 5n]))
  it('succeeds once', () => expect(run([lr, sc, sc])).toEqual([1n, 9n]))
  it('fails at another address', () => expect(run([amo(LR, double, 5, 4, 0), sc])).toEqual([1n, 5n]))
  it('fails with another width', () => expect(run([amo(LR, word, 5, 1, 0), sc])).toEqual([1n, 5n]))
  it('ends with a trap', () => expect(run([lr, 0x73, sc], true)).toEqual([1n, 5n]))
  it('ends when a device writes there, not when one writes next to it', () => {
    for (const [offset, fails] of [[0, 1n], [7, 1n], [8, 0n], [-1, 0n]] as const) {
      const hart = bench()
      put(hart, base, [lr, sc])
      hart.x[1] = BigInt(place)
      hart.step()
      hart.wrote(place + offset - base, 1)
      hart.step()
      expect(hart.x[3]).toBe(fails)
    }
  })
  it('gives the old value to LR', () => {
    const hart = bench()
    put(hart, base, [lr])
    putLong(hart, place, 5n)
    hart.x[1] = BigInt(place)
    hart.step()
    expect(hart.x[5]).toBe(5n)
  })
})
