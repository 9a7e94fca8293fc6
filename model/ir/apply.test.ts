import { describe, expect, it } from 'vitest'
import { compileTerms } from './emit.ts'
import { show } from './show.ts'
import { smtlib } from './smtlib.ts'
import { callOf, evaluate, type Valuation } from './stage.ts'
import { substitution } from './substitute.ts'
import { add, apply, computed, constant, defined, extract, mul, variable, zeroExtend } from './term.ts'

const [a, b] = [variable('a', 64), variable('b', 8)]
const gcd = (x: bigint, y: bigint): bigint => (y === 0n ? x : gcd(y, x % y))
const GCD = computed('gcd', [64, 64], 64, gcd), PARITY = computed('parity', [8], 1, (x) => BigInt(x.toString(2).replaceAll('0', '').length % 2))
const SCALED = defined('scaled', [8], (x) => mul<number>(zeroExtend<number>(x, 64), a))
const state: Valuation = { variable: (name) => (name === 'a' ? 84n : 7n), cell: () => 0n }

describe('application of a named function', () => {
  it('is shared, and of the widths that the function has', () => {
    expect(apply(PARITY, b)).toBe(apply(PARITY, b))
    expect(apply(PARITY, b).width).toBe(1)
    expect(() => apply(PARITY, a)).toThrow(/operand 0 has 8 bits/)
    expect(() => apply(GCD, a)).toThrow(/2 operands/)
    expect(apply(computed('gcd', [64, 64], 64, gcd), a, a)).not.toBe(apply(GCD, a, a))
  })
  it('has the same value staged and compiled', () => {
    const terms = [apply(GCD, a, constant(64, 36)), apply(PARITY, b), apply(SCALED, b), add<number>(apply(SCALED, extract(a, 7, 0)), apply(SCALED, b))]
    expect(terms.map((t) => evaluate(t, state))).toEqual([12n, 1n, 588n, 84n * 84n + 588n])
    expect(compileTerms(terms)(state)).toEqual(terms.map((t) => evaluate(t, state)))
    expect(callOf(SCALED)(state, [2n])).toBe(168n)
  })
  it('has its operands replaced', () => {
    const replace = substitution({ variable: (name) => (name === 'b' ? constant(8, 3) : undefined) })
    expect(replace(apply(PARITY, b))).toBe(apply(PARITY, constant(8, 3)))
    expect(evaluate(replace(apply(PARITY, b)), state)).toBe(0n)
  })
  it('is an uninterpreted function for a solver; a definition has no text', () => {
    expect(smtlib([apply(PARITY, b)]).text).toContain('(declare-fun |parity| ((_ BitVec 8)) (_ BitVec 1))')
    const text = smtlib([apply(GCD, a, a)])
    expect(text.expression(apply(GCD, a, a))).toBe('t0')
    expect(text.text).toContain('(|gcd| |a| |a|)')
    expect(() => smtlib([apply(SCALED, b)])).toThrow(/definition/)
    expect(show(apply(GCD, a, a))).toBe('gcd(a, a)')
  })
})
