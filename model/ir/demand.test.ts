import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { demand } from './demand.ts'
import { evaluate, type Valuation } from './stage.ts'
import { add, and, apply, ashr, computed, concat, constant, defined, eq, extract, ite, mul, or, select, shl, signExtend, sub, udiv, ult, variable, xor, zeroExtend, type Bool, type Term } from './term.ts'

const [a, b, c] = [variable('a', 64), variable('b', 8), variable('c', 1) as Bool]
const memory = { name: 'memory', addressWidth: 8, width: 8, cells: 256 }
const square = defined('square of the low byte and b', [64], (x) => mul<number>(zeroExtend<number>(extract(x, 7, 0), 16), zeroExtend<number>(b, 16)))
const ones = computed('ones', [8], 8, (x) => BigInt(x.toString(2).replaceAll('0', '').length))

const terms: readonly Term[] = [
  ite<number>(c, add<number>(a, signExtend<number>(b, 64)), sub<number>(a, zeroExtend<number>(b, 64))), select<number, number>(memory, b),
  apply(ones, select<number, number>(memory, extract(a, 7, 0))), add<number>(apply(square, a), apply(square, add<number>(a, constant(64, 1)))),
  and(eq<number>(b, constant(8, 3)), or(c, ult<number>(a, constant(64, 9)))), concat(ashr<number>(b, constant(8, 3)), udiv<number>(b, extract(a, 15, 8))),
  xor<number>(shl<number>(a, zeroExtend<number>(b, 64)), a),
]

describe('demand', () => {
  it('has the values that staging has', () => {
    const d = demand(terms)
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.bigInt({ min: 0n, max: 255n }), fc.boolean(), (x, y, z) => {
      const state: Valuation = { variable: (name) => (name === 'a' ? x : name === 'b' ? y : z ? 1n : 0n), cell: (_, n) => (n * 37n) & 255n }
      d.on(state)
      expect(terms.map((_, n) => d.value(n))).toEqual(terms.map((t) => evaluate(t, state)))
    }))
  })
  it('asks for nothing that the value does not depend on', () => {
    const asked: string[] = []
    const state: Valuation = { variable: (name) => (asked.push(name), 0n), cell: () => { throw new Error('no cell is needed') } }
    const d = demand([ite<number>(c, select<number, number>(memory, b), extract(a, 7, 0))])
    d.on(state)
    expect(d.value(0)).toBe(0n)
    expect(asked).toEqual(['c', 'a'])
  })
})
