// Known bits are sound: whatever the unknown bits of the variables are, the known bits of a term are as foretold.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluate } from './stage.ts'
import * as T from './term.ts'
import type { Bool, Term } from './term.ts'
import { certain, knownBits, type Knowledge } from './wasm-known-bits.ts'

const width = 8, ones = 0xffn
const bank: T.Memory = { name: 'E', addressWidth: 8, width: 8, cells: 256 }
const mixed = T.defined('mixed', [8, 8], (x, y) => T.xor<number>(T.and<number>(x!, T.variable('b', 8)), T.ite<number>(T.ult(x!, T.constant<number>(8, 0x40)), y!, T.variable('a', 8))))
const binaries = ['and', 'or', 'xor', 'add', 'sub', 'mul', 'udiv', 'urem', 'shl', 'lshr', 'ashr'] as const
const compares = ['eq', 'ult', 'ule', 'slt', 'sle'] as const
const { word } = fc.letrec<{ word: Term, truth: Term }>((tie) => ({
  word: fc.oneof({ depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Term>(T.variable('a', width), T.variable('b', width)), fc.nat(255).map((v): Term => T.constant<number>(width, v)),
    fc.tuple(fc.constantFrom(...binaries), tie('word'), tie('word')).map(([op, x, y]): Term => T[op]<number>(x, y)),
    fc.tuple(tie('truth'), tie('word'), tie('word')).map(([c, x, y]): Term => T.ite<number>(c as Bool, x, y)),
    tie('word').map((x): Term => T.not<number>(x)), tie('word').map((x): Term => T.select(bank, x as Term<8>)), fc.tuple(tie('word'), tie('word')).map(([x, y]): Term => T.apply(mixed, x, y)),
    tie('word').map((x): Term => T.signExtend<number>(T.extract(x, 4, 2), width)), tie('truth').map((x): Term => T.zeroExtend<number>(x, width)),
    fc.tuple(tie('word'), tie('word')).map(([x, y]): Term => T.concat(T.extract(x, 2, 0), T.extract(y, 7, 3)))),
  truth: fc.oneof({ depthSize: 'small' },
    tie('word').map((x): Term => T.extract(x, 0, 0)),
    fc.tuple(fc.constantFrom(...compares), tie('word'), tie('word')).map(([op, x, y]): Term => T[op]<number>(x, y))),
}))

const byte = fc.bigInt({ min: 0n, max: ones })
const at = (a: bigint, b: bigint) => ({ variable: (name: string) => (name === 'a' ? a : b), cell: (_: string, n: bigint) => (n * 37n) & ones })
const partly = (mask: bigint): Knowledge => (name) =>
  (name === 'a' ? { value: T.and(T.variable('a', width), T.constant(width, ones & ~mask)), unknown: T.constant(width, mask) } : undefined)
const foretold = (t: Term, mask: bigint, a: bigint, b: bigint) => {
  const { value, unknown } = knownBits(partly(mask))(t)
  return { value: evaluate(value, at(a, b)), unknown: evaluate(unknown, at(a, b)) }
}

describe('known bits', () => {
  it('are those of every value that the unknown bits can make', () => {
    fc.assert(fc.property(word, byte, byte, byte, byte, (t, mask, a, b, other) => {
      const { value, unknown } = foretold(t, mask, a, b)
      expect(value & unknown).toBe(0n)
      for (const x of [a, (a & ~mask) | (other & mask)]) expect(evaluate(t, at(x, b)) & ~unknown & ones).toBe(value)
    }), { numRuns: 800 })
  })
  it('depend on the known bits only', () => {
    fc.assert(fc.property(word, byte, byte, byte, byte, (t, mask, a, b, other) => {
      expect(foretold(t, mask, (a & ~mask) | (other & mask), b)).toEqual(foretold(t, mask, a, b))
    }), { numRuns: 200 })
  })
  it('decide a comparison with a bound outside the unknown range', () => {
    const a = T.variable('a', width), of = knownBits(partly(0xfn))
    const holds = (t: Term, v: bigint) => evaluate(certain(of(t)), at(v, 0n))
    expect([holds(T.ult(a, T.constant(width, 0x40)), 0x33n), holds(T.ult(a, T.constant(width, 0x38)), 0x33n)]).toEqual([1n, 0n])
    const end = T.add(a, T.constant(width, 1))
    expect([holds(T.ule(end, T.constant(width, 0x40)), 0x33n), holds(T.ule(end, T.constant(width, 0x3f)), 0x33n), holds(T.ule(end, T.constant(width, 0xf0)), 0xf3n)]).toEqual([1n, 0n, 0n])
  })
})
