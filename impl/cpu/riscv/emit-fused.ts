// Fused multiplication and addition as WebAssembly, which has none: exact sums and products, and one rounding to odd.
// S. Boldo, G. Melquiond, Emulation of a FMA and correctly rounded sums: proved algorithms using rounding to odd, 2008.
import { f32, f64, i32, i64, op, type Code, type Label } from './encode.ts'
import type { Guarded, GuardedOperands } from './emit-atomic.ts'
import { needQuick, pushIsExtreme, pushNumber, setNumber, double, single } from './emit-floating.ts'
import type { FusedName } from './operations.ts'

const local = (code: Code, name: string): number => code.named(`fused ${name}`, f64)

/** high + low = a + b exactly. */
const twoSum = (code: Code, a: number, b: number, high: number, low: number): void => {
  const part = local(code, 'part')
  code.get(a).get(b).op(op.f64Add).set(high)
  code.get(high).get(a).op(op.f64Sub).set(part)
  code.get(a).get(high).get(part).op(op.f64Sub, op.f64Sub).get(b).get(part).op(op.f64Sub, op.f64Add).set(low)
}

/** 2^27 + 1: what splits a number into halves of 26 bits. */
const splitter = new BigInt64Array(new Float64Array([2 ** 27 + 1]).buffer)[0]!

const split = (code: Code, a: number, high: number, low: number): void => {
  const scaled = local(code, 'scaled')
  code.get(a).long(splitter).op(op.f64ReinterpretI64, op.f64Mul).set(scaled)
  code.get(scaled).get(scaled).get(a).op(op.f64Sub, op.f64Sub).set(high)
  code.get(a).get(high).op(op.f64Sub).set(low)
}

/** high + low = a · b exactly. */
const twoProduct = (code: Code, a: number, b: number, high: number, low: number): void => {
  const [ah, al, bh, bl] = ['ah', 'al', 'bh', 'bl'].map((name) => local(code, name)) as [number, number, number, number]
  split(code, a, ah, al)
  split(code, b, bh, bl)
  code.get(a).get(b).op(op.f64Mul).set(high)
  code.get(ah).get(bh).op(op.f64Mul).get(high).op(op.f64Sub).get(ah).get(bl).op(op.f64Mul, op.f64Add)
  code.get(al).get(bh).op(op.f64Mul, op.f64Add).get(al).get(bl).op(op.f64Mul, op.f64Add).set(low)
}

/** Rounds high + low, high being nearest, to odd: the neighbour on the side of `low` when `high` is even. */
const toOdd = (code: Code, high: number, low: number): void => {
  const bits = code.named('fused bits', i64)
  code.get(low).long(0).op(op.f64ReinterpretI64, op.f64Eq, op.i32Eqz).if()
  code.get(high).op(op.i64ReinterpretF64).tee(bits).long(1).op(op.i64And, op.i64Eqz).if()
  code.get(bits).long(1).long(-1)
  code.get(low).op(op.i64ReinterpretF64).get(bits).op(op.i64Xor).long(0).op(op.i64GeS, op.select, op.i64Add)
  code.op(op.f64ReinterpretI64).set(high).end().end()
}

/** Branches unless the exponent of a number lies in a range in which nothing here overflows or underflows, or it is 0. */
const needExponent = (code: Code, number: number, least: number, most: number, slow: Label): void => {
  const exponent = code.named('fused exponent', i32)
  code.get(number).op(op.i64ReinterpretF64).long(52).op(op.i64ShrU, op.i32WrapI64).int(0x7ff).op(op.i32And).int(least).op(op.i32Sub)
  code.tee(exponent).int(most - least).op(op.i32GtU).if()
  code.get(number).long(0).op(op.f64ReinterpretI64, op.f64Eq, op.i32Eqz).brIf(slow).end()
}

interface Signs {
  /** Of the product, and of what is added. */
  readonly product: boolean
  readonly addend: boolean
}

const inputs = (o: GuardedOperands, letter: 'S' | 'D', { product, addend }: Signs, slow: Label): [number, number, number] => {
  const width = letter === 'S' ? single : double
  const locals = ['a', 'b', 'c'].map((name) => local(o.code, name)) as [number, number, number]
  for (const [index, which] of (['f1', 'f2', 'f3'] as const).entries()) {
    pushNumber(o, width, which, slow)
    if (letter === 'S') o.code.op(op.f64PromoteF32)
    if (which === 'f1' && product || which === 'f3' && addend) o.code.op(op.f64Neg)
    o.code.set(locals[index]!)
  }
  return locals
}

const fusedSingle = (signs: Signs): Guarded => (o, slow) => {
  const { code } = o
  needQuick(o, slow)
  const [a, b, c] = inputs(o, 'S', signs, slow)
  const [product, high, low] = ['product', 'high', 'low'].map((name) => local(code, name)) as [number, number, number]
  // The product of two singles is exact; the sum has more than two bits beyond a single.
  code.get(a).get(b).op(op.f64Mul).set(product)
  twoSum(code, product, c, high, low)
  toOdd(code, high, low)
  const result = code.named('fused single', f32)
  code.get(high).op(op.f32DemoteF64).set(result)
  pushIsExtreme(o, single, result)
  code.brIf(slow)
  setNumber(o, single, result)
}

const fusedDouble = (signs: Signs): Guarded => (o, slow) => {
  const { code } = o
  needQuick(o, slow)
  const [a, b, c] = inputs(o, 'D', signs, slow)
  for (const factor of [a, b]) needExponent(code, factor, 1023 - 400, 1023 + 400, slow)
  needExponent(code, c, 100, 1950, slow)
  const [uh, ul, th, tl, vh, vl, z, rest] = ['uh', 'ul', 'th', 'tl', 'vh', 'vl', 'z', 'rest'].map((name) => local(code, name)) as
    [number, number, number, number, number, number, number, number]
  twoProduct(code, a, b, uh, ul)
  twoSum(code, c, ul, th, tl)
  twoSum(code, uh, th, vh, vl)
  twoSum(code, tl, vl, z, rest)
  toOdd(code, z, rest)
  const result = local(code, 'result')
  code.get(vh).get(z).op(op.f64Add).set(result)
  pushIsExtreme(o, double, result)
  code.brIf(slow)
  setNumber(o, double, result)
}

const kinds: readonly (readonly [name: string, signs: Signs])[] = [
  ['FMADD', { product: false, addend: false }], ['FMSUB', { product: false, addend: true }],
  ['FNMSUB', { product: true, addend: false }], ['FNMADD', { product: true, addend: true }],
]
export const fused = Object.fromEntries(kinds.flatMap(([name, signs]) => [
  [`${name}.S`, fusedSingle(signs)], [`${name}.D`, fusedDouble(signs)],
])) as Readonly<Record<FusedName, Guarded>>
