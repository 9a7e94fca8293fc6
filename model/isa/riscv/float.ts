// Floating-point arithmetic of F and D: each result is an exact rational number, rounded once.

/** A binary format of IEEE 754; exponents are those of the leading bit of a normal number. */
export interface Format {
  readonly letter: 'S' | 'D'
  readonly bits: 32 | 64
  readonly fractionBits: number
  readonly leastExponent: number
  readonly greatestExponent: number
}
export const single: Format = { letter: 'S', bits: 32, fractionBits: 23, leastExponent: -126, greatestExponent: 127 }
export const double: Format = { letter: 'D', bits: 64, fractionBits: 52, leastExponent: -1022, greatestExponent: 1023 }

/** Rounding modes by their numbers in frm. */
export const Rounding = { RNE: 0, RTZ: 1, RDN: 2, RUP: 3, RMM: 4 } as const
/** Flags by their values in fflags. */
export const Flag = { NX: 1, UF: 2, OF: 4, DZ: 8, NV: 16 } as const

export interface Result {
  readonly bits: bigint
  readonly flags: number
}

/** `top` / `bottom`, of which `bottom` is positive. */
interface Rational {
  readonly top: bigint
  readonly bottom: bigint
}
type Value =
  | { readonly kind: 'NaN'; readonly signalling: boolean }
  | { readonly kind: 'infinite'; readonly negative: boolean }
  | { readonly kind: 'zero'; readonly negative: boolean }
  | { readonly kind: 'finite'; readonly negative: boolean; readonly size: Rational }

const pow2 = (n: number): bigint => 1n << BigInt(n)
const signBit = (f: Format): bigint => pow2(f.bits - 1)
const infinityBits = (f: Format): bigint => signBit(f) - pow2(f.fractionBits)
const withSign = (f: Format, negative: boolean, magnitude: bigint): bigint => (negative ? signBit(f) : 0n) | magnitude
/** All NaNs that operations make are this one. */
export const canonicalNaN = (f: Format): bigint => infinityBits(f) | pow2(f.fractionBits - 1)
const exact = (bits: bigint): Result => ({ bits, flags: 0 })
const invalid = (f: Format): Result => ({ bits: canonicalNaN(f), flags: Flag.NV })
const zero = (f: Format, negative: boolean): Result => exact(withSign(f, negative, 0n))
const infinite = (f: Format, negative: boolean): Result => exact(withSign(f, negative, infinityBits(f)))

/** n · 2^exponent. */
const scaled = (n: bigint, exponent: number): Rational =>
  exponent >= 0 ? { top: n << BigInt(exponent), bottom: 1n } : { top: n, bottom: pow2(-exponent) }
const plus = (a: Rational, b: Rational): Rational => ({ top: a.top * b.bottom + b.top * a.bottom, bottom: a.bottom * b.bottom })
const times = (a: Rational, b: Rational): Rational => ({ top: a.top * b.top, bottom: a.bottom * b.bottom })
const negated = (a: Rational): Rational => ({ top: -a.top, bottom: a.bottom })
const isLess = (a: Rational, b: Rational): boolean => a.top * b.bottom < b.top * a.bottom

export const valueOf = (f: Format, bits: bigint): Value => {
  const negative = (bits & signBit(f)) !== 0n, magnitude = bits & (signBit(f) - 1n)
  if (magnitude > infinityBits(f)) return { kind: 'NaN', signalling: (magnitude & pow2(f.fractionBits - 1)) === 0n }
  if (magnitude === infinityBits(f)) return { kind: 'infinite', negative }
  if (magnitude === 0n) return { kind: 'zero', negative }
  const biased = Number(magnitude >> BigInt(f.fractionBits)), fraction = magnitude & (pow2(f.fractionBits) - 1n)
  const significand = biased === 0 ? fraction : pow2(f.fractionBits) + fraction
  return { kind: 'finite', negative, size: scaled(significand, f.leastExponent - f.fractionBits + Math.max(biased - 1, 0)) }
}

/** The exponent of the leading bit of a positive number. */
const exponentOf = (size: Rational): number => {
  const guess = size.top.toString(2).length - size.bottom.toString(2).length
  return isLess(size, scaled(1n, guess)) ? guess - 1 : guess
}

/** A positive number in units of 2^exponent, rounded to a whole number of them; the sign is that of the number. */
const roundedTo = (exponent: number, size: Rational, negative: boolean, mode: number): { readonly units: bigint; readonly inexact: boolean } => {
  const { top, bottom } = times(size, scaled(1n, -exponent))
  const units = top / bottom, rest = 2n * (top % bottom)
  const up = {
    [Rounding.RNE]: rest > bottom || (rest === bottom && units % 2n === 1n), [Rounding.RTZ]: false, [Rounding.RDN]: negative && rest > 0n,
    [Rounding.RUP]: !negative && rest > 0n, [Rounding.RMM]: rest >= bottom,
  }[mode]
  if (up === undefined) throw new RangeError(`${mode} is no rounding mode`)
  return { units: units + (up ? 1n : 0n), inexact: rest > 0n }
}

/** A number other than 0 in the format, with overflow, underflow and inexact; tininess is seen after rounding. */
export const round = (f: Format, mode: number, negative: boolean, size: Rational): Result => {
  const leading = exponentOf(size), unit = Math.max(leading, f.leastExponent) - f.fractionBits
  const { units, inexact } = roundedTo(unit, size, negative, mode)
  if (units << BigInt(unit - f.leastExponent + f.fractionBits) >= pow2(f.greatestExponent + 1 - f.leastExponent + f.fractionBits)) {
    const away = mode === Rounding.RNE || mode === Rounding.RMM || mode === (negative ? Rounding.RDN : Rounding.RUP)
    return { bits: withSign(f, negative, away ? infinityBits(f) : infinityBits(f) - 1n), flags: Flag.OF | Flag.NX }
  }
  const unbounded = roundedTo(leading - f.fractionBits, size, negative, mode)
  const tiny = isLess(scaled(unbounded.units, leading - f.fractionBits), scaled(1n, f.leastExponent))
  // The fraction's carry goes into the exponent, and a subnormal number has no leading bit to take away.
  const magnitude = units + (BigInt(unit - f.leastExponent + f.fractionBits) << BigInt(f.fractionBits))
  return { bits: withSign(f, negative, magnitude), flags: inexact ? (tiny ? Flag.NX | Flag.UF : Flag.NX) : 0 }
}

const roundSigned = (f: Format, mode: number, { top, bottom }: Rational): Result => round(f, mode, top < 0n, { top: top < 0n ? -top : top, bottom })
const signalled = (...values: readonly Value[]): number => (values.some((v) => v.kind === 'NaN' && v.signalling) ? Flag.NV : 0)
const anyNaN = (...values: readonly Value[]): boolean => values.some((v) => v.kind === 'NaN')
const notANumber = (f: Format, ...values: readonly Value[]): Result => ({ bits: canonicalNaN(f), flags: signalled(...values) })
type Number_ = Exclude<Value, { kind: 'NaN' }>
const rational = (v: Value): Rational => {
  if (v.kind === 'zero') return { top: 0n, bottom: 1n }
  if (v.kind !== 'finite') throw new RangeError('no rational number')
  return v.negative ? negated(v.size) : v.size
}

/** a · b + c, rounded once. */
export const multiplyAdd = (f: Format, mode: number, x: bigint, y: bigint, z: bigint): Result => {
  const [a, b, c] = [valueOf(f, x), valueOf(f, y), valueOf(f, z)]
  const undefinedProduct = (a.kind === 'infinite' && b.kind === 'zero') || (a.kind === 'zero' && b.kind === 'infinite')
  if (undefinedProduct) return invalid(f)
  if (anyNaN(a, b, c)) return notANumber(f, a, b, c)
  const negative = (a as Number_).negative !== (b as Number_).negative, addend = c as Number_
  if (a.kind === 'infinite' || b.kind === 'infinite') return addend.kind === 'infinite' && addend.negative !== negative ? invalid(f) : infinite(f, negative)
  if (addend.kind === 'infinite') return infinite(f, addend.negative)
  const sum = plus(times(rational(a), rational(b)), rational(addend))
  if (sum.top !== 0n) return roundSigned(f, mode, sum)
  const bothZero = addend.kind === 'zero' && (a.kind === 'zero' || b.kind === 'zero')
  return zero(f, bothZero && addend.negative === negative ? negative : mode === Rounding.RDN)
}

const one = (f: Format): bigint => BigInt(f.greatestExponent) << BigInt(f.fractionBits)
export const add = (f: Format, mode: number, x: bigint, y: bigint): Result => multiplyAdd(f, mode, x, one(f), y)
export const subtract = (f: Format, mode: number, x: bigint, y: bigint): Result => add(f, mode, x, valueOf(f, y).kind === 'NaN' ? y : y ^ signBit(f))

export const multiply = (f: Format, mode: number, x: bigint, y: bigint): Result => {
  const [a, b] = [valueOf(f, x), valueOf(f, y)]
  if (anyNaN(a, b)) return notANumber(f, a, b)
  const negative = (a as Number_).negative !== (b as Number_).negative
  if (a.kind === 'infinite' || b.kind === 'infinite') return a.kind === 'zero' || b.kind === 'zero' ? invalid(f) : infinite(f, negative)
  return a.kind === 'zero' || b.kind === 'zero' ? zero(f, negative) : roundSigned(f, mode, times(rational(a), rational(b)))
}

export const divide = (f: Format, mode: number, x: bigint, y: bigint): Result => {
  const [a, b] = [valueOf(f, x), valueOf(f, y)]
  if (anyNaN(a, b)) return notANumber(f, a, b)
  const negative = (a as Number_).negative !== (b as Number_).negative
  if (a.kind === b.kind && a.kind !== 'finite') return invalid(f)
  if (a.kind === 'infinite') return infinite(f, negative)
  if (b.kind === 'infinite' || a.kind === 'zero') return zero(f, negative)
  if (b.kind === 'zero') return { ...infinite(f, negative), flags: Flag.DZ }
  const [p, q] = [(a as Value & { kind: 'finite' }).size, (b as Value & { kind: 'finite' }).size]
  return round(f, mode, negative, { top: p.top * q.bottom, bottom: p.bottom * q.top })
}

/** The greatest whole number whose square is at most n. */
const wholeRoot = (n: bigint): bigint => {
  let root = pow2(Math.ceil(n.toString(2).length / 2))
  for (;;) {
    const next = (root + n / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

export const squareRoot = (f: Format, mode: number, x: bigint): Result => {
  const a = valueOf(f, x)
  if (a.kind === 'NaN') return notANumber(f, a)
  if (a.kind === 'zero') return exact(x)
  if (a.negative) return invalid(f)
  if (a.kind === 'infinite') return infinite(f, false)
  // The bottom is a power of 2, or of 4 after one more factor; 2^200 more makes a root of over 100 bits, the rest of which is a half.
  const bottomBits = a.size.bottom.toString(2).length - 1, odd = bottomBits % 2
  const square = a.size.top << BigInt(odd + 200)
  const root = wholeRoot(square)
  return round(f, mode, false, scaled(2n * root + (root * root === square ? 0n : 1n), -(bottomBits + odd) / 2 - 101))
}

const before = (a: Number_, b: Number_): boolean => {
  if (a.kind === 'infinite') return a.negative && !(b.kind === 'infinite' && b.negative)
  if (b.kind === 'infinite') return !b.negative
  return isLess(rational(a), rational(b))
}
const truth = (holds: boolean, flags: number): Result => ({ bits: holds ? 1n : 0n, flags })

/** Comparisons are 0 with a NaN; that for equality is invalid with a signalling one only. */
export const equal = (f: Format, x: bigint, y: bigint): Result => {
  const [a, b] = [valueOf(f, x), valueOf(f, y)]
  return anyNaN(a, b) ? truth(false, signalled(a, b)) : truth(x === y || (a.kind === 'zero' && b.kind === 'zero'), 0)
}
export const less = (f: Format, x: bigint, y: bigint): Result => {
  const [a, b] = [valueOf(f, x), valueOf(f, y)]
  return anyNaN(a, b) ? truth(false, Flag.NV) : truth(before(a as Number_, b as Number_), 0)
}
export const lessOrEqual = (f: Format, x: bigint, y: bigint): Result => {
  const [a, b] = [valueOf(f, x), valueOf(f, y)]
  return anyNaN(a, b) ? truth(false, Flag.NV) : truth(!before(b as Number_, a as Number_), 0)
}

/** A NaN gives way to a number, and -0 is below +0. */
const extremum = (f: Format, x: bigint, y: bigint, least: boolean): Result => {
  const [a, b] = [valueOf(f, x), valueOf(f, y)], flags = signalled(a, b)
  if (a.kind === 'NaN') return { bits: b.kind === 'NaN' ? canonicalNaN(f) : y, flags }
  if (b.kind === 'NaN') return { bits: x, flags }
  const first = a.kind === 'zero' && b.kind === 'zero' ? a.negative : before(a, b)
  return { bits: first === least ? x : y, flags }
}
export const minimum = (f: Format, x: bigint, y: bigint): Result => extremum(f, x, y, true)
export const maximum = (f: Format, x: bigint, y: bigint): Result => extremum(f, x, y, false)

/** One bit of ten, from -infinity up, then signalling and quiet NaN. */
export const classify = (f: Format, x: bigint): Result => {
  const v = valueOf(f, x)
  if (v.kind === 'NaN') return exact(v.signalling ? 1n << 8n : 1n << 9n)
  const normal = v.kind === 'finite' && !isLess(v.size, scaled(1n, f.leastExponent))
  const distance = v.kind === 'zero' ? 0 : v.kind === 'infinite' ? 3 : normal ? 2 : 1
  return exact(pow2(v.negative ? 3 - distance : 4 + distance))
}

/** To a whole number of `width` bits, as an unsigned value; out of range it is the nearest one, a NaN counts as +infinity. */
export const toInteger = (f: Format, mode: number, x: bigint, width: 32 | 64, signed: boolean): Result => {
  const v = valueOf(f, x)
  const least = signed ? -pow2(width - 1) : 0n, greatest = signed ? pow2(width - 1) - 1n : pow2(width) - 1n
  const whole = (n: bigint, flags: number): Result => ({ bits: BigInt.asUintN(width, n), flags })
  if (v.kind === 'NaN') return whole(greatest, Flag.NV)
  if (v.kind === 'infinite') return whole(v.negative ? least : greatest, Flag.NV)
  if (v.kind === 'zero') return whole(0n, 0)
  const { units, inexact } = roundedTo(0, v.size, v.negative, mode), n = v.negative ? -units : units
  if (n < least || n > greatest) return whole(n < least ? least : greatest, Flag.NV)
  return whole(n, inexact ? Flag.NX : 0)
}

export const fromInteger = (f: Format, mode: number, n: bigint, width: 32 | 64, signed: boolean): Result => {
  const whole = signed ? BigInt.asIntN(width, n) : n
  return whole === 0n ? zero(f, false) : roundSigned(f, mode, { top: whole, bottom: 1n })
}

export const convert = (to: Format, from: Format, mode: number, x: bigint): Result => {
  const v = valueOf(from, x)
  if (v.kind === 'NaN') return notANumber(to, v)
  if (v.kind === 'infinite') return infinite(to, v.negative)
  return v.kind === 'zero' ? zero(to, v.negative) : round(to, mode, v.negative, v.size)
}
