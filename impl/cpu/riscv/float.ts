// Binary floating-point arithmetic on the bits of numbers: exact results, rounded once, with all five flags.

/** A binary format of IEEE 754. */
export interface Format {
  readonly bits: 32 | 64
  /** The significand's bits, the leading one included. */
  readonly precision: number
  readonly bias: number
  readonly infinity: bigint
  readonly nan: bigint
  readonly sign: bigint
  readonly fraction: bigint
  /** The bit of a NaN that is clear when it signals. */
  readonly quiet: bigint
}

const formatOf = (bits: 32 | 64, precision: number, bias: number): Format => {
  const fraction = (1n << BigInt(precision - 1)) - 1n
  const infinity = BigInt(2 * bias + 1) << BigInt(precision - 1)
  const quiet = 1n << BigInt(precision - 2)
  return { bits, precision, bias, infinity, nan: infinity | quiet, sign: 1n << BigInt(bits - 1), fraction, quiet }
}
export const single = formatOf(32, 24, 127)
export const double = formatOf(64, 53, 1023)

/** Rounding modes, as frm has them. */
export const rounding = { RNE: 0, RTZ: 1, RDN: 2, RUP: 3, RMM: 4 } as const
/** Flags, as fflags has them. */
export const flag = { NX: 1, UF: 2, OF: 4, DZ: 8, NV: 16 } as const

/** The bits of a result and the flags that it raises. */
export interface Result {
  readonly value: bigint
  readonly flags: number
}

/** ±significand · 2^exponent. */
interface Finite {
  readonly negative: boolean
  readonly exponent: number
  readonly significand: bigint
}

const isNaN = (format: Format, value: bigint): boolean => (value & ~format.sign) > format.infinity
const isSignaling = (format: Format, value: bigint): boolean => isNaN(format, value) && (value & format.quiet) === 0n
const isInfinite = (format: Format, value: bigint): boolean => (value & ~format.sign) === format.infinity
const isZero = (format: Format, value: bigint): boolean => (value & ~format.sign) === 0n
const isNegative = (format: Format, value: bigint): boolean => (value & format.sign) !== 0n

const exactly = (value: bigint): Result => ({ value, flags: 0 })
const invalid = (format: Format): Result => ({ value: format.nan, flags: flag.NV })
const signed = (format: Format, negative: boolean, magnitude: bigint): bigint => negative ? magnitude | format.sign : magnitude

const unpack = (format: Format, value: bigint): Finite => {
  const biased = Number((value & ~format.sign) >> BigInt(format.precision - 1))
  const fraction = value & format.fraction
  return {
    negative: isNegative(format, value),
    exponent: Math.max(biased, 1) - format.bias - (format.precision - 1),
    significand: biased === 0 ? fraction : fraction | format.fraction + 1n,
  }
}

const lengthOf = (value: bigint): number => {
  const hex = value.toString(16)
  return 4 * hex.length - Math.clz32(Number.parseInt(hex[0]!, 16)) + 28
}

/** Whether the magnitude grows: `half` is the sign of the lost part minus one half, of what is lost when `lost`. */
const roundsUp = (mode: number, negative: boolean, odd: boolean, half: number, lost: boolean): boolean => {
  switch (mode) {
    case rounding.RNE: return half > 0 || half === 0 && odd
    case rounding.RTZ: return false
    case rounding.RDN: return lost && negative
    case rounding.RUP: return lost && !negative
    default: return half >= 0
  }
}

/** The value shifted right and rounded to an integer. */
const shiftRounded = (value: bigint, shift: number, mode: number, negative: boolean): { readonly value: bigint, readonly lost: boolean } => {
  if (shift <= 0) return { value: value << BigInt(-shift), lost: false }
  const amount = BigInt(shift)
  const kept = value >> amount
  const rest = value - (kept << amount)
  if (rest === 0n) return { value: kept, lost: false }
  const middle = 1n << amount - 1n
  const half = rest > middle ? 1 : rest === middle ? 0 : -1
  return { value: roundsUp(mode, negative, (kept & 1n) === 1n, half, true) ? kept + 1n : kept, lost: true }
}

/** The nearest number of the format in the mode; the significand is not 0. Tininess is detected after rounding. */
const round = (format: Format, mode: number, { negative, exponent, significand }: Finite): Result => {
  const { precision, bias } = format
  const leading = exponent + lengthOf(significand) - 1
  const smallest = 1 - bias
  const lowest = Math.max(leading, smallest) - (precision - 1)
  const rounded = shiftRounded(significand, lowest - exponent, mode, negative)
  const whole = 1n << BigInt(precision)
  const carried = rounded.value === whole
  const kept = carried ? rounded.value >> 1n : rounded.value
  const top = lowest + (carried ? 1 : 0) + precision - 1
  if (top > bias) {
    const finite = mode === rounding.RTZ || mode === rounding.RDN && !negative || mode === rounding.RUP && negative
    return { value: signed(format, negative, finite ? format.infinity - 1n : format.infinity), flags: flag.OF | flag.NX }
  }
  // The leading bit, when it is there, adds one to the exponent.
  const value = signed(format, negative, (BigInt(top + bias - 1) << BigInt(precision - 1)) + kept)
  if (!rounded.lost) return exactly(value)
  const tiny = leading < smallest
    && !(leading === smallest - 1 && shiftRounded(significand, leading - (precision - 1) - exponent, mode, negative).value === whole)
  return { value, flags: tiny ? flag.UF | flag.NX : flag.NX }
}

/** NaN operands: the canonical NaN, invalid when one signals; undefined when there is none. */
const propagated = (format: Format, ...operands: readonly bigint[]): Result | undefined => {
  if (!operands.some((operand) => isNaN(format, operand))) return undefined
  return operands.some((operand) => isSignaling(format, operand)) ? invalid(format) : exactly(format.nan)
}

const sum = (format: Format, mode: number, left: Finite, right: Finite): Result => {
  const exponent = Math.min(left.exponent, right.exponent)
  const aligned = ({ negative, exponent: own, significand }: Finite): bigint => {
    const value = significand << BigInt(own - exponent)
    return negative ? -value : value
  }
  const total = aligned(left) + aligned(right)
  if (total !== 0n) return round(format, mode, { negative: total < 0n, exponent, significand: total < 0n ? -total : total })
  const bothNegative = left.negative && right.negative
  const differ = left.negative !== right.negative
  return exactly(signed(format, bothNegative || differ && mode === rounding.RDN, 0n))
}

export const add = (format: Format, mode: number, a: bigint, b: bigint): Result => {
  const nan = propagated(format, a, b)
  if (nan !== undefined) return nan
  if (isInfinite(format, a)) return isInfinite(format, b) && a !== b ? invalid(format) : exactly(a)
  if (isInfinite(format, b)) return exactly(b)
  return sum(format, mode, unpack(format, a), unpack(format, b))
}

export const subtract = (format: Format, mode: number, a: bigint, b: bigint): Result =>
  isNaN(format, b) ? add(format, mode, a, b) : add(format, mode, a, b ^ format.sign)

const product = (left: Finite, right: Finite): Finite => ({
  negative: left.negative !== right.negative,
  exponent: left.exponent + right.exponent,
  significand: left.significand * right.significand,
})

export const multiply = (format: Format, mode: number, a: bigint, b: bigint): Result => {
  const nan = propagated(format, a, b)
  if (nan !== undefined) return nan
  const negative = isNegative(format, a) !== isNegative(format, b)
  if (isInfinite(format, a) || isInfinite(format, b)) {
    return isZero(format, a) || isZero(format, b) ? invalid(format) : exactly(signed(format, negative, format.infinity))
  }
  const exact = product(unpack(format, a), unpack(format, b))
  return exact.significand === 0n ? exactly(signed(format, negative, 0n)) : round(format, mode, exact)
}

/** a·b + c, rounded once. */
export const multiplyAdd = (format: Format, mode: number, a: bigint, b: bigint, c: bigint): Result => {
  const infiniteProduct = isInfinite(format, a) || isInfinite(format, b)
  // Infinity times zero is invalid even when a quiet NaN is added.
  if (infiniteProduct && (isZero(format, a) || isZero(format, b))) return invalid(format)
  const nan = propagated(format, a, b, c)
  if (nan !== undefined) return nan
  const negative = isNegative(format, a) !== isNegative(format, b)
  if (infiniteProduct) {
    if (isInfinite(format, c) && isNegative(format, c) !== negative) return invalid(format)
    return exactly(signed(format, negative, format.infinity))
  }
  if (isInfinite(format, c)) return exactly(c)
  return sum(format, mode, product(unpack(format, a), unpack(format, b)), unpack(format, c))
}

export const divide = (format: Format, mode: number, a: bigint, b: bigint): Result => {
  const nan = propagated(format, a, b)
  if (nan !== undefined) return nan
  const negative = isNegative(format, a) !== isNegative(format, b)
  if (isInfinite(format, a)) return isInfinite(format, b) ? invalid(format) : exactly(signed(format, negative, format.infinity))
  if (isInfinite(format, b)) return exactly(signed(format, negative, 0n))
  if (isZero(format, b)) {
    return isZero(format, a) ? invalid(format) : { value: signed(format, negative, format.infinity), flags: flag.DZ }
  }
  if (isZero(format, a)) return exactly(signed(format, negative, 0n))
  const left = unpack(format, a)
  const right = unpack(format, b)
  // Two bits more than the result keeps, and one that says whether anything is left.
  const shift = format.precision + 2 + Math.max(0, lengthOf(right.significand) - lengthOf(left.significand))
  const dividend = left.significand << BigInt(shift)
  const quotient = dividend / right.significand
  const rest = quotient * right.significand === dividend ? 0n : 1n
  return round(format, mode, { negative, exponent: left.exponent - right.exponent - shift - 1, significand: quotient << 1n | rest })
}

const integerRoot = (value: bigint): bigint => {
  let root = 1n << BigInt(lengthOf(value) + 1 >> 1)
  for (;;) {
    const next = root + value / root >> 1n
    if (next >= root) return root
    root = next
  }
}

export const squareRoot = (format: Format, mode: number, a: bigint): Result => {
  const nan = propagated(format, a)
  if (nan !== undefined) return nan
  if (isZero(format, a)) return exactly(a)
  if (isNegative(format, a)) return invalid(format)
  if (isInfinite(format, a)) return exactly(a)
  const { exponent, significand } = unpack(format, a)
  const wanted = 2 * format.precision + 4 - lengthOf(significand)
  const shift = wanted + (exponent - wanted & 1)
  const radicand = significand << BigInt(shift)
  const root = integerRoot(radicand)
  const rest = root * root === radicand ? 0n : 1n
  return round(format, mode, { negative: false, exponent: (exponent - shift) / 2 - 1, significand: root << 1n | rest })
}

/** -1, 0, 1; undefined when one is a NaN. */
const ordered = (format: Format, a: bigint, b: bigint): number | undefined => {
  if (isNaN(format, a) || isNaN(format, b)) return undefined
  const key = (value: bigint): bigint => isNegative(format, value) ? -(value ^ format.sign) : value
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0
}

const compared = (format: Format, a: bigint, b: bigint, quiet: boolean, holds: (order: number) => boolean): Result => {
  const order = ordered(format, a, b)
  if (order !== undefined) return exactly(holds(order) ? 1n : 0n)
  return { value: 0n, flags: !quiet || isSignaling(format, a) || isSignaling(format, b) ? flag.NV : 0 }
}
export const equal = (format: Format, a: bigint, b: bigint): Result => compared(format, a, b, true, (order) => order === 0)
export const less = (format: Format, a: bigint, b: bigint): Result => compared(format, a, b, false, (order) => order < 0)
export const lessOrEqual = (format: Format, a: bigint, b: bigint): Result => compared(format, a, b, false, (order) => order <= 0)

const extreme = (format: Format, a: bigint, b: bigint, takesFirst: (order: number) => boolean): Result => {
  const flags = isSignaling(format, a) || isSignaling(format, b) ? flag.NV : 0
  if (isNaN(format, a)) return { value: isNaN(format, b) ? format.nan : b, flags }
  if (isNaN(format, b)) return { value: a, flags }
  // -0 is less than +0 here.
  const order = ordered(format, a, b)! || Number(isNegative(format, b)) - Number(isNegative(format, a))
  return { value: takesFirst(order) ? a : b, flags }
}
export const minimum = (format: Format, a: bigint, b: bigint): Result => extreme(format, a, b, (order) => order < 0)
export const maximum = (format: Format, a: bigint, b: bigint): Result => extreme(format, a, b, (order) => order > 0)

/** The ten-bit mask of FCLASS. */
export const classify = (format: Format, a: bigint): bigint => {
  const negative = isNegative(format, a)
  if (isNaN(format, a)) return isSignaling(format, a) ? 1n << 8n : 1n << 9n
  if (isInfinite(format, a)) return negative ? 1n : 1n << 7n
  if (isZero(format, a)) return negative ? 1n << 3n : 1n << 4n
  const subnormal = (a & ~format.sign) <= format.fraction
  return subnormal ? negative ? 1n << 2n : 1n << 5n : negative ? 1n << 1n : 1n << 6n
}

/** To an integer of so many bits, in two's complement; what does not fit saturates. */
export const toInteger = (format: Format, mode: number, a: bigint, bits: 32 | 64, isSigned: boolean): Result => {
  const least = isSigned ? -(1n << BigInt(bits - 1)) : 0n
  const most = (1n << BigInt(isSigned ? bits - 1 : bits)) - 1n
  const saturated = (value: bigint): Result => ({ value, flags: flag.NV })
  if (isNaN(format, a)) return saturated(most)
  const negative = isNegative(format, a)
  if (isInfinite(format, a)) return saturated(negative ? least : most)
  const { exponent, significand } = unpack(format, a)
  if (significand === 0n) return exactly(0n)
  if (exponent > 64) return saturated(negative ? least : most)
  const rounded = shiftRounded(significand, -exponent, mode, negative)
  const value = negative ? -rounded.value : rounded.value
  if (value < least || value > most) return saturated(negative ? least : most)
  return { value, flags: rounded.lost ? flag.NX : 0 }
}

export const fromInteger = (format: Format, mode: number, value: bigint): Result => value === 0n
  ? exactly(0n)
  : round(format, mode, { negative: value < 0n, exponent: 0, significand: value < 0n ? -value : value })

/** From one format to the other. */
export const convert = (from: Format, to: Format, mode: number, a: bigint): Result => {
  if (isNaN(from, a)) return isSignaling(from, a) ? invalid(to) : exactly(to.nan)
  const negative = isNegative(from, a)
  if (isInfinite(from, a)) return exactly(signed(to, negative, to.infinity))
  return isZero(from, a) ? exactly(signed(to, negative, 0n)) : round(to, mode, unpack(from, a))
}
