// The law that protects all others: every form of a term agrees with its plain meaning on every state.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as T from '../../model/ir/term.ts'
import type { Bool, Term } from '../../model/ir/term.ts'
import { compileConjunction, compileTerms } from '../../model/ir/emit.ts'
import { evaluate, type Valuation } from '../../model/ir/stage.ts'
import { substitution } from '../../model/ir/substitute.ts'
import { Solver } from './solve.ts'

const binaryNames = ['and', 'or', 'xor', 'add', 'sub', 'mul', 'udiv', 'urem', 'shl', 'lshr', 'ashr'] as const
const compareNames = ['eq', 'ult', 'ule', 'slt', 'sle'] as const
const widths = [1, 3, 8, 32, 36] as const
const bank: T.Memory = { name: 'E', addressWidth: 3, width: 8, cells: 8 }

/** A tree that is not yet a term: its meaning is worked out without the constructors under test. */
type Tree =
  | { readonly k: 'const'; readonly w: number; readonly v: bigint }
  | { readonly k: 'var'; readonly w: number; readonly n: number }
  | { readonly k: 'not' | 'sext' | 'zext'; readonly w: number; readonly a: Tree }
  | { readonly k: 'extract'; readonly w: number; readonly a: Tree; readonly low: number }
  | { readonly k: (typeof binaryNames)[number] | (typeof compareNames)[number] | 'concat'; readonly w: number; readonly a: Tree; readonly b: Tree }
  | { readonly k: 'ite'; readonly w: number; readonly c: Tree; readonly a: Tree; readonly b: Tree }
  | { readonly k: 'select'; readonly w: number; readonly a: Tree }

const ones = (w: number): bigint => (1n << BigInt(w)) - 1n
const word = (w: number): fc.Arbitrary<bigint> =>
  fc.oneof(fc.constantFrom(0n, 1n, ones(w), 1n << BigInt(w - 1)), fc.bigInt({ min: 0n, max: ones(w) }))

const trees = new Map<string, fc.Arbitrary<Tree>>()
const tree = (w: number, depth: number): fc.Arbitrary<Tree> => {
  const known = trees.get(`${w} ${depth}`)
  if (known) return known
  const made = makeTree(w, depth)
  trees.set(`${w} ${depth}`, made)
  return made
}
const makeTree = (w: number, depth: number): fc.Arbitrary<Tree> => {
  const leaf: fc.Arbitrary<Tree> = fc.oneof(
    word(w).map((v): Tree => ({ k: 'const', w, v })), fc.nat(1).map((n): Tree => ({ k: 'var', w, n })))
  if (depth === 0) return leaf
  const sub = (x: number) => tree(x, depth - 1)
  const choices: fc.Arbitrary<Tree>[] = [
    leaf,
    sub(w).map((a): Tree => ({ k: 'not', w, a })),
    fc.tuple(fc.constantFrom(...binaryNames), sub(w), sub(w)).map(([k, a, b]): Tree => ({ k, w, a, b })),
    fc.tuple(sub(1), sub(w), sub(w)).map(([c, a, b]): Tree => ({ k: 'ite', w, c, a, b })),
  ]
  if (w === 1) for (const x of widths)
    choices.push(fc.tuple(fc.constantFrom(...compareNames), sub(x), sub(x)).map(([k, a, b]): Tree => ({ k, w, a, b })))
  if (w === bank.width) choices.push(sub(3).map((a): Tree => ({ k: 'select', w, a })))
  const narrower = widths.filter((x) => x < w), wider = widths.filter((x) => x > w)
  for (const x of narrower) {
    choices.push(fc.tuple(fc.constantFrom('sext' as const, 'zext' as const), sub(x)).map(([k, a]): Tree => ({ k, w, a })))
    if (widths.includes((w - x) as never)) choices.push(fc.tuple(sub(w - x), sub(x)).map(([a, b]): Tree => ({ k: 'concat', w, a, b })))
  }
  for (const x of wider) choices.push(fc.tuple(sub(x), fc.nat(x - w)).map(([a, low]): Tree => ({ k: 'extract', w, a, low })))
  return fc.oneof(...choices)
}

type State = { readonly values: ReadonlyMap<string, bigint>; readonly cells: readonly bigint[] }
const variableName = (w: number, n: number): string => `v${w}_${n}`
const states: fc.Arbitrary<State> = fc.tuple(
  fc.tuple(...widths.flatMap((w) => [0, 1].map((n) => word(w).map((v) => [variableName(w, n), v] as const)))),
  fc.array(word(8), { minLength: 8, maxLength: 8 }),
).map(([values, cells]) => ({ values: new Map(values), cells }))

const meaning = (t: Tree, s: State): bigint => {
  const signed = (v: bigint, w: number): bigint => (v >> BigInt(w - 1) ? v - (1n << BigInt(w)) : v)
  const wrap = (v: bigint): bigint => ((v % (1n << BigInt(t.w))) + (1n << BigInt(t.w))) % (1n << BigInt(t.w))
  switch (t.k) {
    case 'const': return t.v
    case 'var': return s.values.get(variableName(t.w, t.n))!
    case 'not': return ones(t.w) - meaning(t.a, s)
    case 'zext': return meaning(t.a, s)
    case 'sext': return wrap(signed(meaning(t.a, s), t.a.w))
    case 'extract': return wrap(meaning(t.a, s) / (1n << BigInt(t.low)))
    case 'ite': return meaning(meaning(t.c, s) ? t.a : t.b, s)
    case 'select': return s.cells[Number(meaning(t.a, s))]!
    default: {
      const a = meaning(t.a, s), b = meaning(t.b, s), w = t.a.w
      const yes = (c: boolean): bigint => (c ? 1n : 0n)
      switch (t.k) {
        case 'concat': return a * (1n << BigInt(t.b.w)) + b
        case 'and': return a & b
        case 'or': return a | b
        case 'xor': return a ^ b
        case 'add': return wrap(a + b)
        case 'sub': return wrap(a - b)
        case 'mul': return wrap(a * b)
        case 'udiv': return b === 0n ? ones(w) : a / b
        case 'urem': return b === 0n ? a : a % b
        case 'shl': return b >= w ? 0n : wrap(a * (1n << b))
        case 'lshr': return b >= w ? 0n : a / (1n << b)
        case 'ashr': return wrap(signed(a, w) >> (b >= w ? BigInt(w) : b))
        case 'eq': return yes(a === b)
        case 'ult': return yes(a < b)
        case 'ule': return yes(a <= b)
        case 'slt': return yes(signed(a, w) < signed(b, w))
        case 'sle': return yes(signed(a, w) <= signed(b, w))
      }
    }
  }
}

const build = (t: Tree): Term => {
  switch (t.k) {
    case 'const': return T.constant<number>(t.w, t.v)
    case 'var': return T.variable<number>(variableName(t.w, t.n), t.w)
    case 'not': return T.not(build(t.a))
    case 'zext': return T.zeroExtend(build(t.a), t.w)
    case 'sext': return T.signExtend(build(t.a), t.w)
    case 'extract': return T.extract(build(t.a), t.low + t.w - 1, t.low)
    case 'ite': return T.ite<number>(build(t.c) as Bool, build(t.a), build(t.b))
    case 'select': return T.select(bank, build(t.a))
    case 'concat': return T.concat(build(t.a), build(t.b))
    default: return T[t.k]<number>(build(t.a), build(t.b))
  }
}

const valuationOf = (s: State): Valuation => ({ variable: (name) => s.values.get(name)!, cell: (_, a) => s.cells[Number(a)]! })
const anyTree = fc.oneof(...widths.map((w) => tree(w, 4)))

describe('terms', () => {
  it('staged, compiled and substituted forms have the plain meaning', () => {
    fc.assert(fc.property(anyTree, states, (t, s) => {
      const term = build(t), expected = meaning(t, s)
      expect(term.width).toBe(t.w)
      expect(evaluate(term, valuationOf(s))).toBe(expected)
      const compiled = compileTerms([term])(valuationOf(s))
      expect(compiled).toEqual([expected])
      const here = T.eq<number>(term, T.constant<number>(t.w, expected))
      expect([compileConjunction([here, T.True])(valuationOf(s)), compileConjunction([T.True, T.not(here)])(valuationOf(s))]).toEqual([true, false])
      const folded = substitution({
        variable: (name, w) => T.constant<number>(w, s.values.get(name)!),
        cell: (_, a) => (a.kind === 'const' ? T.constant<number>(8, s.cells[Number(a.value)]!) : undefined),
      })(term)
      expect(folded).toBe(T.constant<number>(t.w, expected))
    }), { numRuns: 1500 })
  })

  it('equal terms are one object', () => {
    fc.assert(fc.property(anyTree, (t) => build(t) === build(t)), { numRuns: 200 })
  })

  it('the law notices a wrong meaning', () => {
    const wrong = fc.check(fc.property(anyTree, states, (t, s) => evaluate(T.not(build(t)), valuationOf(s)) === meaning(t, s)))
    expect(wrong.failed).toBe(true)
  })
})

describe('the solver', () => {
  let solver: Solver
  beforeAll(async () => { solver = await Solver.start() })
  afterAll(() => solver.close())

  /** The state as a premise: Z3 must find the value that the plain meaning has, and no other. */
  const inState = (s: State): Bool => T.all([
    ...[...s.values].map(([name, v]) => { const w = Number(name.slice(1).split('_')[0]); return T.eq<number>(T.variable<number>(name, w), T.constant<number>(w, v)) }),
    ...s.cells.map((v, a) => T.eq<number>(T.select(bank, T.constant<number>(3, a)), T.constant<number>(8, v))),
  ])

  it('gives terms the plain meaning', async () => {
    const cases = fc.sample(fc.tuple(anyTree, states), { numRuns: 250, seed: 5 })
    const same = cases.map(([t, s]) => T.and(inState(s), T.eq<number>(build(t), T.constant<number>(t.w, meaning(t, s)))))
    const other = cases.map(([t, s]) => T.and(inState(s), T.ne<number>(build(t), T.constant<number>(t.w, meaning(t, s)))))
    expect((await solver.ask(same)).map((a) => a.kind)).toEqual(cases.map(() => 'satisfiable'))
    expect((await solver.ask(other)).map((a) => a.kind)).toEqual(cases.map(() => 'unsatisfiable'))
  })
})
