// Floating-point arithmetic against exact rationals rounded independently, and against the host's own numbers.
import { describe, expect, it } from 'vitest'
import {
  add, classify, convert, divide, double, equal, flag, fromInteger, less, lessOrEqual, maximum, minimum, multiply, multiplyAdd,
  rounding, single, squareRoot, subtract, toInteger, type Format, type Result,
} from './float.ts'

interface Rational {
  readonly top: bigint
  /** Positive. */
  readonly bottom: bigint
}
const power = (exponent: number): Rational =>
  exponent >= 0 ? { top: 1n << BigInt(exponent), bottom: 1n } : { top: 1n, bottom: 1n << BigInt(-exponent) }
const times = (a: Rational, b: Rational): Rational => ({ top: a.top * b.top, bottom: a.bottom * b.bottom })
const plus = (a: Rational, b: Rational): Rational => ({ top: a.top * b.bottom + b.top * a.bottom, bottom: a.bottom * b.bottom })
const over = (a: Rational, b: Rational): Rational => b.top < 0n
  ? { top: -a.top * b.bottom, bottom: a.bottom * -b.top }
  : { top: a.top * b.bottom, bottom: a.bottom * b.top }
const compare = (a: Rational, b: Rational): number => {
  const difference = a.top * b.bottom - b.top * a.bottom
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

const magnitudeBits = (format: Format, value: bigint): bigint => value & format.sign - 1n
const rational = (format: Format, value: bigint): Rational => {
  const magnitude = magnitudeBits(format, value)
  const field = Number(magnitude / (format.fraction + 1n))
  const fraction = magnitude % (format.fraction + 1n)
  const integer = field === 0 ? fraction : fraction + format.fraction + 1n
  return times({ top: (value & format.sign) === 0n ? integer : -integer, bottom: 1n },
    power((field === 0 ? 1 : field) - format.bias - format.precision + 1))
}

/** Of a positive number, to the base 2. */
const floorOfLog = (size: Rational): number => {
  const estimate = size.top.toString(16).length * 4 - size.bottom.toString(16).length * 4 + 4
  for (let exponent = estimate; ; exponent--) if (compare(size, power(exponent)) >= 0) return exponent
}

/** Rounds as if there were no least exponent when `unbounded`; the integer multiple of 2^unit. */
const rounded = (format: Format, mode: number, exact: Rational, unbounded: boolean) => {
  const negative = exact.top < 0n
  const size = { top: negative ? -exact.top : exact.top, bottom: exact.bottom }
  const leading = floorOfLog(size)
  const unit = (unbounded ? leading : Math.max(leading, 1 - format.bias)) - format.precision + 1
  const scaled = times(size, power(-unit))
  const below = scaled.top / scaled.bottom
  const rest = 2n * (scaled.top - below * scaled.bottom)
  const inexact = rest !== 0n
  const up = inexact && (mode === rounding.RNE ? rest > scaled.bottom || rest === scaled.bottom && below % 2n === 1n
    : mode === rounding.RMM ? rest >= scaled.bottom : mode === rounding.RUP ? !negative : mode === rounding.RDN ? negative : false)
  return { negative, integer: up ? below + 1n : below, unit, inexact, up }
}

/** What the exact value, not 0, rounds to. */
const oracle = (format: Format, mode: number, exact: Rational): Result => {
  const { negative, integer, unit, inexact } = rounded(format, mode, exact, false)
  const sign = negative ? format.sign : 0n
  const size = times({ top: integer, bottom: 1n }, power(unit))
  if (compare(size, power(format.bias + 1)) >= 0) {
    const toInfinity = mode === rounding.RNE || mode === rounding.RMM || mode === (negative ? rounding.RDN : rounding.RUP)
    return { value: sign | (toInfinity ? format.infinity : format.infinity - 1n), flags: flag.OF | flag.NX }
  }
  const field = integer === 0n ? 0 : Math.max(0, floorOfLog(size) + format.bias)
  const lowest = Math.max(field, 1) - format.bias - format.precision + 1
  const { top, bottom } = times(size, power(-lowest))
  const fraction = field === 0 ? top / bottom : top / bottom - format.fraction - 1n
  const free = rounded(format, mode, exact, true)
  const tiny = compare(times({ top: free.integer, bottom: 1n }, power(free.unit)), power(1 - format.bias)) < 0
  return {
    value: sign | BigInt(field) * (format.fraction + 1n) + fraction,
    flags: inexact ? tiny ? flag.NX | flag.UF : flag.NX : 0,
  }
}

const interesting = (format: Format): bigint[] => {
  const one = BigInt(format.bias) * (format.fraction + 1n)
  const ulp = format.fraction + 1n
  const magnitudes = [
    1n, 3n, format.fraction, ulp, 5n * ulp + 12345n, one - 1n, one, one + 1n, one + ulp / 2n, one + ulp * 3n + 7n,
    one - ulp * BigInt(format.precision) - 1n, one + ulp * BigInt(format.precision), one / 2n + ulp / 3n, format.infinity - 1n,
    BigInt(format.bias - 60) * ulp + 0x5555n,
  ]
  return magnitudes.flatMap((magnitude) => [magnitude, magnitude | format.sign])
}
const modes = Object.values(rounding)

describe.each([['single', single], ['double', double]] as const)('%s', (_name, format) => {
  const values = interesting(format)
  const exactOf = (value: bigint): Rational => rational(format, value)
  const each = (operate: (mode: number, a: bigint, b: bigint) => Result, meaning: (a: Rational, b: Rational) => Rational): string[] => {
    const wrong: string[] = []
    for (const a of values) {
      for (const b of values) {
        const exact = meaning(exactOf(a), exactOf(b))
        if (exact.top === 0n) continue
        for (const mode of modes) {
          const got = operate(mode, a, b)
          const expected = oracle(format, mode, exact)
          if (got.value !== expected.value || got.flags !== expected.flags) {
            wrong.push(`${mode} ${a.toString(16)} ${b.toString(16)}: ${got.value.toString(16)} ${got.flags}, not ${expected.value.toString(16)} ${expected.flags}`)
          }
        }
      }
    }
    return wrong
  }

  it('adds', () => expect(each((mode, a, b) => add(format, mode, a, b), plus)).toEqual([]))
  it('subtracts', () => expect(each((mode, a, b) => subtract(format, mode, a, b), (a, b) => plus(a, { ...b, top: -b.top }))).toEqual([]))
  it('multiplies', () => expect(each((mode, a, b) => multiply(format, mode, a, b), times)).toEqual([]))
  it('divides', () => expect(each((mode, a, b) => divide(format, mode, a, b), over)).toEqual([]))
  it('is caught when it does not add', () => {
    expect(each((mode, a, b) => add(format, mode, a, b), (a, b) => plus(a, { ...b, top: -b.top })).length).toBeGreaterThan(100)
  })
  it('multiplies and adds with one rounding', () => {
    const c = values[10]!
    expect(each((mode, a, b) => multiplyAdd(format, mode, a, b, c), (a, b) => plus(times(a, b), exactOf(c)))).toEqual([])
    const least = format.sign | 1n
    expect(each((mode, a, b) => multiplyAdd(format, mode, a, b, least), (a, b) => plus(times(a, b), exactOf(least)))).toEqual([])
  })

  it('takes square roots', () => {
    const step = (value: bigint, by: bigint): Rational => exactOf(value + by)
    for (const a of values.filter((value) => (value & format.sign) === 0n)) {
      const square = (value: Rational): Rational => times(value, value)
      const [nearest, toZero, down, up, away] = modes.map((mode) => squareRoot(format, mode, a)) as [Result, Result, Result, Result, Result]
      expect(compare(square(exactOf(down.value)), exactOf(a))).toBeLessThanOrEqual(0)
      expect(compare(square(step(down.value, 1n)), exactOf(a))).toBe(1)
      const exact = compare(square(exactOf(down.value)), exactOf(a)) === 0
      expect(toZero).toEqual(down)
      expect(up).toEqual({ value: exact ? down.value : down.value + 1n, flags: exact ? 0 : flag.NX })
      const middle = times(plus(exactOf(down.value), exactOf(up.value)), { top: 1n, bottom: 2n })
      const above = !exact && compare(square(middle), exactOf(a)) < 0
      expect(nearest.value).toBe(above ? up.value : down.value)
      expect(away).toEqual(nearest)
    }
  })

  it('converts integers both ways', () => {
    for (const value of [1n, -1n, 3n, 2n ** 24n + 1n, -(2n ** 31n), 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 64n - 1n, -(2n ** 63n)]) {
      for (const mode of modes) expect(fromInteger(format, mode, value)).toEqual(oracle(format, mode, { top: value, bottom: 1n }))
    }
    for (const value of values) {
      for (const mode of modes) {
        for (const bits of [32, 64] as const) {
          for (const isSigned of [true, false]) {
            const exact = exactOf(value)
            const floor = exact.top >= 0n ? exact.top / exact.bottom : -((-exact.top + exact.bottom - 1n) / exact.bottom)
            const rest = 2n * (exact.top - floor * exact.bottom)
            const nearest = rest > exact.bottom || rest === exact.bottom && (mode === rounding.RNE ? floor % 2n !== 0n : exact.top > 0n)
            const up = rest !== 0n && (mode === rounding.RUP || mode === rounding.RTZ && exact.top < 0n
              || (mode === rounding.RNE || mode === rounding.RMM) && nearest)
            const integer = up ? floor + 1n : floor
            const least = isSigned ? -(2n ** BigInt(bits - 1)) : 0n
            const most = 2n ** BigInt(isSigned ? bits - 1 : bits) - 1n
            const expected = integer < least ? { value: least, flags: flag.NV } : integer > most ? { value: most, flags: flag.NV }
              : { value: integer, flags: rest === 0n ? 0 : flag.NX }
            expect([value, mode, bits, isSigned, toInteger(format, mode, value, bits, isSigned)]).toEqual([value, mode, bits, isSigned, expected])
          }
        }
      }
    }
  })

  it('converts to the other format', () => {
    const other = format === single ? double : single
    for (const value of values) {
      for (const mode of modes) expect(convert(format, other, mode, value)).toEqual(oracle(other, mode, exactOf(value)))
    }
  })

  it('has the special cases of infinities, zeros and NaNs', () => {
    const { infinity, nan, sign, quiet } = format
    const signaling = infinity | 1n
    const one = values[12]!
    const invalid = { value: nan, flags: flag.NV }
    const quietly = { value: nan, flags: 0 }
    const { RNE, RDN } = rounding
    expect(add(format, RNE, infinity, infinity | sign)).toEqual(invalid)
    expect(subtract(format, RNE, infinity, infinity)).toEqual(invalid)
    expect(multiply(format, RNE, infinity, 0n)).toEqual(invalid)
    expect(multiplyAdd(format, RNE, infinity, 0n, nan)).toEqual(invalid)
    expect(multiplyAdd(format, RNE, infinity, one, infinity | sign)).toEqual(invalid)
    expect(divide(format, RNE, 0n, sign)).toEqual(invalid)
    expect(divide(format, RNE, infinity, infinity)).toEqual(invalid)
    expect(divide(format, RNE, one, sign)).toEqual({ value: infinity | sign, flags: flag.DZ })
    expect(divide(format, RNE, infinity, 0n)).toEqual({ value: infinity, flags: 0 })
    expect(squareRoot(format, RNE, one | sign)).toEqual(invalid)
    expect(squareRoot(format, RNE, sign)).toEqual({ value: sign, flags: 0 })
    for (const operate of [add, subtract, multiply, divide]) {
      expect(operate(format, RNE, nan, one)).toEqual(quietly)
      expect(operate(format, RNE, one, nan | sign | 5n)).toEqual(quietly)
      expect(operate(format, RNE, signaling, one)).toEqual(invalid)
    }
    expect(subtract(format, RNE, one, one)).toEqual({ value: 0n, flags: 0 })
    expect(subtract(format, RDN, one, one)).toEqual({ value: sign, flags: 0 })
    expect(add(format, RNE, sign, sign)).toEqual({ value: sign, flags: 0 })
    expect(add(format, RNE, sign, 0n)).toEqual({ value: 0n, flags: 0 })
    expect([equal(format, 0n, sign).value, less(format, sign, 0n).value, lessOrEqual(format, sign, 0n).value]).toEqual([1n, 0n, 1n])
    expect([equal(format, nan, nan), less(format, nan, one), equal(format, signaling, one)].map(({ flags }) => flags)).toEqual([0, flag.NV, flag.NV])
    expect([less(format, one | sign, one).value, less(format, infinity | sign, one | sign).value, lessOrEqual(format, one, infinity | sign).value])
      .toEqual([1n, 1n, 0n])
    expect([minimum(format, 0n, sign).value, minimum(format, sign, 0n).value, maximum(format, sign, 0n).value]).toEqual([sign, sign, 0n])
    expect(minimum(format, nan, one)).toEqual({ value: one, flags: 0 })
    expect(maximum(format, one, signaling)).toEqual({ value: one, flags: flag.NV })
    expect(maximum(format, nan | 3n, nan | sign)).toEqual({ value: nan, flags: 0 })
    const classes = [infinity | sign, one | sign, sign | 1n, sign, 0n, 1n, one, infinity, signaling, quiet | infinity]
    for (const [index, value] of classes.entries()) expect(classify(format, value)).toBe(1n << BigInt(index))
    expect([toInteger(format, RNE, nan, 32, true), toInteger(format, RNE, infinity | sign, 64, false)])
      .toEqual([{ value: 2n ** 31n - 1n, flags: flag.NV }, { value: 0n, flags: flag.NV }])
  })
})
