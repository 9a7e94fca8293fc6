// Values wider than 64 bits in WebAssembly: limbs of 64 bits, the lowest first, each in a local or known.
import type { BinaryOperator, CompareOperator } from './term.ts'
import type { Code } from './wasm-encode.ts'

/** A local of type i64, or a value that is known. */
export type Limb = { readonly local: number } | { readonly value: bigint }
export type Limbs = readonly Limb[]

export const limbCount = (width: number): number => Math.ceil(width / 64)
const zero: Limb = { value: 0n }
const isZero = (l: Limb): boolean => 'value' in l && l.value === 0n
const topMask = (width: number): bigint => (width % 64 === 0 ? (1n << 64n) - 1n : (1n << BigInt(width % 64)) - 1n)

export const limbsOfConstant = (value: bigint, width: number): Limbs =>
  Array.from({ length: limbCount(width) }, (_, n) => ({ value: (value >> BigInt(64 * n)) & ((1n << 64n) - 1n) }))

/** Operations on limbs, written to one function's code. */
export class LimbCode {
  readonly #code: Code

  constructor(code: Code) {
    this.#code = code
  }

  push(l: Limb): Code {
    return 'local' in l ? this.#code.get(l.local) : this.#code.constant('i64', l.value)
  }

  /** The value on the stack, in a new local. */
  pop(): Limb {
    const local = this.#code.local('i64')
    this.#code.set(local)
    return { local }
  }

  /** Clears the bits above the width. */
  #wrapped(limbs: Limb[], width: number): Limbs {
    if (width % 64 === 0) return limbs
    const top = limbs.length - 1
    this.push(limbs[top]!).constant('i64', topMask(width)).op('i64.and')
    limbs[top] = this.pop()
    return limbs
  }

  not(a: Limbs, width: number): Limbs {
    return this.#wrapped(a.map((l) => { this.push(l).constant('i64', -1).op('i64.xor'); return this.pop() }), width)
  }

  /** Bits low to low + width - 1, 0 above the operand's. */
  extract(a: Limbs, low: number, width: number): Limbs {
    const skip = Math.floor(low / 64), shift = low % 64
    const limbs = Array.from({ length: limbCount(width) }, (_, n): Limb => {
      const l = a[n + skip] ?? zero, next = a[n + skip + 1] ?? zero
      if (shift === 0) return l
      this.push(l).constant('i64', shift).op('i64.shr_u')
      if (!isZero(next)) this.push(next).constant('i64', 64 - shift).op('i64.shl', 'i64.or')
      return this.pop()
    })
    return this.#wrapped(limbs, width)
  }

  /** `a` above the `low` bits of `b`. */
  concat(a: Limbs, b: Limbs, low: number, width: number): Limbs {
    const skip = Math.floor(low / 64), shift = low % 64
    return Array.from({ length: limbCount(width) }, (_, n): Limb => {
      const below = b[n] ?? zero, l = a[n - skip] ?? zero, before = shift === 0 ? zero : a[n - skip - 1] ?? zero
      if (isZero(l) && isZero(before)) return below
      if (shift === 0) return n < skip ? below : l
      this.push(below)
      if (!isZero(l)) this.push(l).constant('i64', shift).op('i64.shl', 'i64.or')
      if (!isZero(before)) this.push(before).constant('i64', 64 - shift).op('i64.shr_u', 'i64.or')
      return this.pop()
    })
  }

  signExtend(a: Limbs, from: number, width: number): Limbs {
    const top = limbCount(from) - 1, rest = from - 64 * top
    this.push(a[top]!)
    if (rest < 64) this.#code.constant('i64', 64 - rest).op('i64.shl').constant('i64', 64 - rest).op('i64.shr_s')
    const last = this.pop()
    this.push(last).constant('i64', 63).op('i64.shr_s')
    const sign = this.pop()
    return this.#wrapped(Array.from({ length: limbCount(width) }, (_, n) => (n < top ? a[n]! : n === top ? last : sign)), width)
  }

  /** `a` where the local `c` (i32) is not 0. */
  choose(c: number, a: Limbs, b: Limbs): Limbs {
    return a.map((l, n) => {
      this.push(l)
      this.push(b[n]!).get(c).op('select')
      return this.pop()
    })
  }

  binary(op: BinaryOperator, a: Limbs, b: Limbs, width: number, name: () => string): Limbs {
    switch (op) {
      case 'and': case 'or': case 'xor':
        return a.map((l, n) => { this.push(l); this.push(b[n]!).op(`i64.${op}`); return this.pop() })
      case 'add': return this.#wrapped(this.#sum(a, b), width)
      case 'sub': return this.#wrapped(this.#difference(a, b), width)
      case 'mul': return this.#wrapped(this.#product(a, b), width)
      case 'shl': case 'lshr': case 'ashr': return this.#shift(op, a, b, width)
      default: throw new Error(`${name()} has ${width} bits: WebAssembly code divides at most 64`)
    }
  }

  #sum(a: Limbs, b: Limbs): Limb[] {
    let carry: Limb = zero
    return a.map((l, n) => {
      this.push(l)
      this.push(b[n]!).op('i64.add')
      const sum = this.pop()
      this.push(sum)
      this.push(carry).op('i64.add')
      const total = this.pop()
      // At most one of the two additions overflows.
      this.push(sum)
      this.push(l).op('i64.lt_u')
      this.push(total)
      this.push(sum).op('i64.lt_u', 'i32.or', 'i64.extend_i32_u')
      carry = this.pop()
      return total
    })
  }

  #difference(a: Limbs, b: Limbs): Limb[] {
    let borrow: Limb = zero
    return a.map((l, n) => {
      this.push(l)
      this.push(b[n]!).op('i64.sub')
      const difference = this.pop()
      this.push(difference)
      this.push(borrow).op('i64.sub')
      const total = this.pop()
      this.push(l)
      this.push(b[n]!).op('i64.lt_u')
      this.push(difference)
      this.push(borrow).op('i64.lt_u', 'i32.or', 'i64.extend_i32_u')
      borrow = this.pop()
      return total
    })
  }

  #product(a: Limbs, b: Limbs): Limb[] {
    let total: Limb[] = a.map(() => zero)
    for (const [i, x] of a.entries())
      for (const [j, y] of b.entries()) {
        if (i + j >= a.length || isZero(x) || isZero(y)) continue
        this.push(x)
        this.push(y).op('i64.mul')
        const part: Limb[] = a.map(() => zero)
        part[i + j] = this.pop()
        if (i + j + 1 < a.length) part[i + j + 1] = this.#highProduct(x, y)
        total = total.every(isZero) ? part : this.#sum(total, part)
      }
    return total
  }

  /** The high half of an unsigned product, by halves of 32 bits. */
  #highProduct(x: Limb, y: Limb): Limb {
    const code = this.#code
    const half = (l: Limb, high: boolean): Limb => {
      this.push(l)
      if (high) code.constant('i64', 32).op('i64.shr_u')
      else code.constant('i64', 0xffffffff).op('i64.and')
      return this.pop()
    }
    const times = (p: Limb, q: Limb): Limb => { this.push(p); this.push(q).op('i64.mul'); return this.pop() }
    const [x0, x1, y0, y1] = [half(x, false), half(x, true), half(y, false), half(y, true)] as const
    const [low, across, back] = [times(x0, y0), times(x1, y0), times(x0, y1)] as const
    // across + high half of low cannot overflow; nor can back + the low half of that.
    this.push(across)
    this.push(low).constant('i64', 32).op('i64.shr_u', 'i64.add')
    const middle = this.pop()
    this.push(middle).constant('i64', 0xffffffff).op('i64.and')
    this.push(back).op('i64.add').constant('i64', 32).op('i64.shr_u')
    this.push(middle).constant('i64', 32).op('i64.shr_u', 'i64.add')
    this.push(times(x1, y1)).op('i64.add')
    return this.pop()
  }

  /** By each bit of the amount in turn; an amount of the width or more shifts everything out. */
  #shift(op: 'shl' | 'lshr' | 'ashr', a: Limbs, amount: Limbs, width: number): Limbs {
    const code = this.#code
    const full = op === 'ashr' ? this.signExtend(a, width, 64 * a.length) : a
    let fill: Limb = zero
    if (op === 'ashr') {
      this.push(full.at(-1)!).constant('i64', 63).op('i64.shr_s')
      fill = this.pop()
    }
    const beyond = code.local('i32'), bit = code.local('i32')
    this.compare('ult', amount, limbsOfConstant(BigInt(width), width))
    code.op('i32.eqz').set(beyond)
    const shifted = (from: Limbs, by: number): Limbs => from.map((_, n) => {
      const skip = Math.floor(by / 64), rest = by % 64, step = op === 'shl' ? -1 : 1
      const other = op === 'shl' ? zero : fill
      const at = (k: number): Limb => from[k] ?? other
      if (rest === 0) return at(n + step * skip)
      this.push(at(n + step * skip)).constant('i64', rest).op(op === 'shl' ? 'i64.shl' : 'i64.shr_u')
      this.push(at(n + step * (skip + 1))).constant('i64', 64 - rest).op(op === 'shl' ? 'i64.shr_u' : 'i64.shl', 'i64.or')
      return this.pop()
    })
    let result: Limbs = full
    for (let n = 0; 2 ** n < width; n++) {
      this.push(amount[0]!).constant('i64', n).op('i64.shr_u', 'i32.wrap_i64').constant('i32', 1).op('i32.and').set(bit)
      result = this.choose(bit, shifted(result, 2 ** n), result)
    }
    return this.#wrapped([...this.choose(beyond, result.map(() => fill), result)], width)
  }

  /** Pushes 0 or 1 (i32); `width` is needed for signed comparison. */
  compare(op: CompareOperator, a: Limbs, b: Limbs, width = 64 * a.length): void {
    const code = this.#code
    if (op === 'eq') {
      a.forEach((l, n) => {
        this.push(l)
        this.push(b[n]!).op('i64.xor')
        if (n > 0) code.op('i64.or')
      })
      code.op('i64.eqz')
      return
    }
    const signed = op === 'slt' || op === 'sle'
    const [x, y] = signed ? [this.signExtend(a, width, 64 * a.length), this.signExtend(b, width, 64 * b.length)] : [a, b]
    // From the lowest limb up: a higher one decides unless it is equal.
    x.forEach((l, n) => {
      const top = n === x.length - 1
      const strict = n > 0 || op === 'ult' || op === 'slt'
      this.push(l)
      this.push(y[n]!).op(`i64.${strict ? 'lt' : 'le'}_${signed && top ? 's' : 'u'}`)
      if (n === 0) return
      const here = code.local('i32'), below = code.local('i32')
      code.set(here).set(below).get(here).get(below)
      this.push(l)
      this.push(y[n]!).op('i64.eq', 'i32.and', 'i32.or')
    })
  }
}
