import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { add, classify, convert, divide, double, equal, Flag, fromInteger, less, lessOrEqual, maximum, minimum, multiply, multiplyAdd, Rounding, single, squareRoot, subtract, toInteger, type Result } from './float.ts'

const buffer = new DataView(new ArrayBuffer(8))
const bitsOf = (x: number): bigint => { buffer.setFloat64(0, x); return buffer.getBigUint64(0) }
const singleOf = (x: number): bigint => { buffer.setFloat32(0, x); return BigInt(buffer.getUint32(0)) }
const numberOf = (bits: bigint): number => { buffer.setBigUint64(0, bits); return buffer.getFloat64(0) }
const singleNumber = (bits: bigint): number => { buffer.setUint32(0, Number(bits)); return buffer.getFloat32(0) }
const { RNE, RTZ, RDN, RUP, RMM } = Rounding
const every = [RNE, RTZ, RDN, RUP, RMM]
const { NX, UF, OF, DZ, NV } = Flag
const NaN64 = 0x7ff8_0000_0000_0000n, sNaN64 = 0x7ff0_0000_0000_0001n, inf = bitsOf(Infinity), least = 1n, minNormal = 1n << 52n, max = inf - 1n

/** Numbers with exponents that meet: many near one another, some at the ends. */
const doubles = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.double({ noNaN: true }).map(bitsOf), fc.double({ min: -4, max: 4, noNaN: true }).map(bitsOf),
  fc.integer({ min: -9, max: 9 }).map(bitsOf), fc.constantFrom(0n, 1n << 63n, inf, inf | 1n << 63n, NaN64, sNaN64, least, minNormal, minNormal - 1n, max),
)
const singles = fc.oneof(fc.integer({ min: 0, max: 0xffffffff }).map(BigInt), fc.float({ min: -4, max: 4, noNaN: true }).map(singleOf), fc.constantFrom(0n, 1n << 31n, 0x7f800000n, 0x7fc00000n, 1n, 0x800000n, 0x7f7fffffn))
const same = (x: bigint, y: number): boolean => (Number.isNaN(y) ? x === NaN64 : x === bitsOf(y))

describe('rounding to nearest', () => {
  it('is the host\'s, for doubles', () => {
    fc.assert(fc.property(doubles, doubles, (x, y) => {
      const [a, b] = [numberOf(x), numberOf(y)]
      expect([same(add(double, RNE, x, y).bits, a + b), same(subtract(double, RNE, x, y).bits, a - b), same(multiply(double, RNE, x, y).bits, a * b), same(divide(double, RNE, x, y).bits, a / b), same(squareRoot(double, RNE, x).bits, Math.sqrt(a))])
        .toEqual([true, true, true, true, true])
    }), { numRuns: 3000 })
  })
  it('is the host\'s for singles: double precision rounds their sums, products, quotients and roots innocuously', () => {
    fc.assert(fc.property(singles, singles, (x, y) => {
      const [a, b] = [singleNumber(x), singleNumber(y)]
      const is = (r: Result, n: number): boolean => (Number.isNaN(n) ? r.bits === 0x7fc00000n : r.bits === singleOf(Math.fround(n)))
      expect([is(add(single, RNE, x, y), a + b), is(multiply(single, RNE, x, y), a * b), is(divide(single, RNE, x, y), a / b), is(squareRoot(single, RNE, x), Math.sqrt(a))]).toEqual([true, true, true, true])
    }), { numRuns: 3000 })
  })
})

describe('rounding in the other modes', () => {
  it('brackets the exact result: down and up are equal or neighbours, and all modes are one of the two', () => {
    fc.assert(fc.property(doubles, doubles, doubles, (x, y, z) => {
      for (const op of [(m: number) => add(double, m, x, y), (m: number) => divide(double, m, x, y), (m: number) => multiplyAdd(double, m, x, y, z), (m: number) => squareRoot(double, m, x)]) {
        const results = every.map(op), [down, up] = [results[RDN]!, results[RUP]!]
        const exactly = results.every((r) => (r.flags & NX) === 0)
        expect(results.every((r) => (r.flags & NX) === 0) || results.every((r) => (r.flags & NX) !== 0)).toBe(true)
        if (exactly) continue
        const order = (bits: bigint): bigint => (bits >> 63n ? -(bits & ((1n << 63n) - 1n)) : bits)
        expect([order(up.bits) - order(down.bits), results.every((r) => r.bits === down.bits || r.bits === up.bits)]).toEqual([1n, true])
        expect(results[RTZ]!.bits).toBe(down.bits >> 63n ? up.bits : down.bits)
      }
    }), { numRuns: 500 })
  })
  it('takes halves away from zero in RMM and to even in RNE', () => {
    const half = [0.5, 1.5, 2.5, -2.5].map(bitsOf)
    expect(half.map((x) => BigInt.asIntN(32, toInteger(double, RNE, x, 32, true).bits))).toEqual([0n, 2n, 2n, -2n])
    expect(half.map((x) => BigInt.asIntN(32, toInteger(double, RMM, x, 32, true).bits))).toEqual([1n, 2n, 3n, -3n])
    expect(half.map((x) => BigInt.asIntN(32, toInteger(double, RDN, x, 32, true).bits))).toEqual([0n, 1n, 2n, -3n])
  })
  it('refuses a mode that there is not', () => { expect(() => add(double, 5, bitsOf(1), bitsOf(2))).toThrow(/no rounding mode/) })
})

describe('flags', () => {
  const flags = (r: Result): number => r.flags
  it('are those of IEEE 754', () => {
    expect(flags(add(double, RNE, bitsOf(1), bitsOf(2)))).toBe(0)
    expect(flags(divide(double, RNE, bitsOf(1), bitsOf(3)))).toBe(NX)
    expect(divide(double, RNE, bitsOf(-1), 0n)).toEqual({ bits: bitsOf(-Infinity), flags: DZ })
    expect(flags(divide(double, RNE, 0n, 0n))).toBe(NV)
    expect(multiply(double, RTZ, max, bitsOf(2))).toEqual({ bits: max, flags: OF | NX })
    expect(multiply(double, RUP, max, bitsOf(2))).toEqual({ bits: inf, flags: OF | NX })
    expect(multiply(double, RNE, least, bitsOf(0.5))).toEqual({ bits: 0n, flags: UF | NX })
    expect(flags(multiply(double, RNE, minNormal, bitsOf(0.5)))).toBe(0)
    expect([flags(add(double, RNE, sNaN64, bitsOf(1))), flags(add(double, RNE, NaN64, bitsOf(1)))]).toEqual([NV, 0])
    expect([flags(squareRoot(double, RNE, bitsOf(-1))), squareRoot(double, RNE, 1n << 63n)]).toEqual([NV, { bits: 1n << 63n, flags: 0 }])
    expect(multiplyAdd(double, RNE, inf, 0n, NaN64)).toEqual({ bits: NaN64, flags: NV })
  })
  it('see tininess after rounding', () => {
    // (1 - 2^-53) · 2^-1022 has 53 bits, so it is tiny although it is rounded to 2^-1022.
    expect(multiply(double, RNE, minNormal, bitsOf(1 - 2 ** -53))).toEqual({ bits: minNormal, flags: NX | UF })
    expect(multiply(double, RUP, minNormal, bitsOf(1 - 2 ** -53)).flags).toBe(NX | UF)
    // (2 - 2^-25) · 2^-127 rounds to 2^-126 with 24 bits, so it is not tiny; (2 - 2^-23) · 2^-127 has 24 bits, and is.
    expect(convert(single, double, RNE, bitsOf((2 - 2 ** -25) * 2 ** -127))).toEqual({ bits: 0x800000n, flags: NX })
    expect(convert(single, double, RNE, bitsOf((2 - 2 ** -23) * 2 ** -127)).flags).toBe(NX | UF)
  })
  it('come with -0 where a sum is 0 downwards', () => {
    expect([add(double, RNE, bitsOf(1), bitsOf(-1)).bits, add(double, RDN, bitsOf(1), bitsOf(-1)).bits, add(double, RDN, 0n, 0n).bits]).toEqual([0n, 1n << 63n, 0n])
  })
})

describe('a fused multiplication and addition', () => {
  it('rounds once', () => {
    const x = bitsOf(1 + 2 ** -30), c = bitsOf(-(1 + 2 ** -29))
    expect(multiplyAdd(double, RNE, x, x, c)).toEqual({ bits: bitsOf(2 ** -60), flags: 0 })
    expect(add(double, RNE, multiply(double, RNE, x, x).bits, c).bits).toBe(0n)
  })
})

describe('comparisons, extrema and classes', () => {
  it('treat NaNs and zeros as the manual says', () => {
    expect([equal(double, NaN64, NaN64), equal(double, sNaN64, 0n).flags, less(double, NaN64, 0n), equal(double, 0n, 1n << 63n).bits])
      .toEqual([{ bits: 0n, flags: 0 }, NV, { bits: 0n, flags: NV }, 1n])
    expect([minimum(double, 0n, 1n << 63n).bits, maximum(double, 1n << 63n, 0n).bits, minimum(double, NaN64, bitsOf(3)).bits, minimum(double, sNaN64, NaN64)])
      .toEqual([1n << 63n, 0n, bitsOf(3), { bits: NaN64, flags: NV }])
  })
  it('order numbers as the host does', () => {
    fc.assert(fc.property(doubles, doubles, (x, y) => {
      const [a, b] = [numberOf(x), numberOf(y)]
      expect([less(double, x, y).bits, lessOrEqual(double, x, y).bits, equal(double, x, y).bits]).toEqual([a < b, a <= b, a === b].map((t) => (t ? 1n : 0n)))
    }))
  })
  it('tell the ten classes', () => {
    const values = [-Infinity, -1, -5e-324, -0, 0, 5e-324, 1, Infinity].map(bitsOf)
    expect([...values, sNaN64, NaN64].map((x) => classify(double, x).bits)).toEqual(Array.from({ length: 10 }, (_, n) => 1n << BigInt(n)))
  })
})

describe('conversions', () => {
  it('saturate and say so', () => {
    expect(toInteger(double, RTZ, bitsOf(-1), 32, false)).toEqual({ bits: 0n, flags: NV })
    expect(toInteger(double, RTZ, bitsOf(-0.9), 32, false)).toEqual({ bits: 0n, flags: NX })
    expect(toInteger(double, RTZ, NaN64, 32, true)).toEqual({ bits: 0x7fffffffn, flags: NV })
    expect(toInteger(double, RNE, bitsOf(2 ** 63), 64, true)).toEqual({ bits: (1n << 63n) - 1n, flags: NV })
    expect(toInteger(double, RNE, bitsOf(-(2 ** 63)), 64, true)).toEqual({ bits: 1n << 63n, flags: 0 })
  })
  it('go back and forth', () => {
    fc.assert(fc.property(fc.integer(), (n) => {
      const x = fromInteger(double, RNE, BigInt.asUintN(32, BigInt(n)), 32, true)
      expect([x, toInteger(double, RNE, x.bits, 32, true).bits]).toEqual([{ bits: bitsOf(n + 0), flags: 0 }, BigInt.asUintN(32, BigInt(n))])
    }))
    expect(fromInteger(single, RNE, (1n << 24n) + 1n, 64, false)).toEqual({ bits: singleOf(2 ** 24), flags: NX })
    expect(convert(double, single, RNE, 1n)).toEqual({ bits: bitsOf(2 ** -149), flags: 0 })
    expect(convert(double, single, RNE, 0x7f800001n)).toEqual({ bits: NaN64, flags: NV })
  })
})
