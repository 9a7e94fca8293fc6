// Terms as WebAssembly code have the meaning of the plain ones: random terms of all widths on random states.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluate, type Valuation } from './stage.ts'
import * as T from './term.ts'
import type { Bool, Term } from './term.ts'
import { Code, ModuleEncoder } from './wasm-encode.ts'
import { wasmHost } from './wasm-host.ts'
import { TermCode, valueType, type WasmState } from './wasm-terms.ts'

const binaries = ['and', 'or', 'xor', 'add', 'sub', 'mul', 'udiv', 'urem', 'shl', 'lshr', 'ashr'] as const
const compares = ['eq', 'ult', 'ule', 'slt', 'sle'] as const
const narrow = [1, 3, 8, 16, 32, 36, 64], widths = [...narrow, 70, 128, 200]
const bank: T.Memory = { name: 'E', addressWidth: 3, width: 8, cells: 8 }
const parity = T.computed('parity', [8], 1, (x) => BigInt([...x.toString(2)].filter((d) => d === '1').length % 2))
const variables = narrow.flatMap((w) => [0, 1, 2].map((n) => ({ name: `v${w}_${n}`, width: w })))

const ones = (w: number): bigint => (1n << BigInt(w)) - 1n
const word = (w: number): fc.Arbitrary<bigint> =>
  fc.oneof(fc.constantFrom(0n, 1n, ones(w), 1n << BigInt(w - 1)), fc.bigInt({ min: 0n, max: ones(w) }), fc.nat(Math.min(w, 200)).map((n) => BigInt.asUintN(w, BigInt(n))))

const known = new Map<string, fc.Arbitrary<Term>>()
const term = (w: number, depth: number): fc.Arbitrary<Term> => {
  const key = `${w} ${depth}`
  const made = known.get(key) ?? make(w, depth)
  known.set(key, made)
  return made
}
const make = (w: number, depth: number): fc.Arbitrary<Term> => {
  const leaves: fc.Arbitrary<Term>[] = [word(w).map((v): Term => T.constant<number>(w, v))]
  if (narrow.includes(w)) leaves.push(fc.nat(2).map((n): Term => T.variable<number>(`v${w}_${n}`, w)))
  else leaves.push(fc.tuple(fc.nat(2), fc.boolean()).map(([n, sign]): Term => {
    const low = T.variable<number>(`v64_${n}`, 64)
    return sign ? T.signExtend<number>(low, w) : T.concat(T.extract(T.variable<number>('v64_0', 64), Math.min(63, w - 65), 0), T.zeroExtend<number>(low, Math.max(64, w - Math.min(64, w - 64))))
  }))
  if (depth === 0) return fc.oneof(...leaves)
  const sub = (x: number): fc.Arbitrary<Term> => term(x, depth - 1)
  const operators = w > 64 ? binaries.filter((b) => b !== 'udiv' && b !== 'urem') : binaries
  const choices: fc.Arbitrary<Term>[] = [
    ...leaves, sub(w).map((a): Term => T.not<number>(a)),
    fc.tuple(fc.constantFrom(...operators), sub(w), sub(w)).map(([op, a, b]): Term => T[op]<number>(a, b)),
    fc.tuple(fc.constantFrom(...operators), sub(w), sub(w)).map(([op, a, b]): Term => T[op]<number>(a, b)),
    fc.tuple(sub(1), sub(w), sub(w)).map(([c, a, b]): Term => T.ite<number>(c as Bool, a, b)),
  ]
  if (w === 1) {
    for (const x of widths) choices.push(fc.tuple(fc.constantFrom(...compares), sub(x), sub(x)).map(([op, a, b]): Term => T[op]<number>(a, b)))
    choices.push(sub(8).map((a): Term => T.apply(parity, a)))
  }
  if (w === 8) choices.push(sub(3).map((a): Term => T.select(bank, a)))
  for (const x of widths.filter((n) => n < w)) {
    choices.push(sub(x).map((a): Term => T.signExtend<number>(a, w)), sub(x).map((a): Term => T.zeroExtend<number>(a, w)))
    if (widths.includes(w - x)) choices.push(fc.tuple(sub(w - x), sub(x)).map(([a, b]): Term => T.concat(a, b)))
  }
  for (const x of widths.filter((n) => n > w)) choices.push(fc.tuple(sub(x), fc.nat(x - w)).map(([a, low]): Term => T.extract(a, low + w - 1, low)))
  return fc.oneof(...choices)
}

const state = fc.record({
  values: fc.tuple(...variables.map(({ width }) => word(width))),
  cells: fc.array(word(8), { minLength: 8, maxLength: 8 }),
})
type State = typeof state extends fc.Arbitrary<infer S> ? S : never
const valuationOf = (s: State): Valuation => ({
  variable: (name) => s.values[variables.findIndex((v) => v.name === name)]!,
  cell: (_, a) => s.cells[Number(a)]!,
})

/** A variable in 8 bytes each, then the cells, then the results. */
const cellsAt = 8 * variables.length, resultsAt = cellsAt + 8
const wasmState = (parityIndex: number): WasmState => ({
  variable: (code, name, width) => {
    const at = 8 * variables.findIndex((v) => v.name === name)
    code.constant('i32', at).access(`${valueType(width)}.load`)
  },
  cell: (code, _, address) => { address(); code.access('i32.load8_u', cellsAt) },
  onDemand: () => true,
  apply: (code, _, operands) => { operands[0]!(); code.call(parityIndex) },
})

/** The values of terms of up to 64 bits, by one function that stores them. */
const run = (terms: readonly Term[], s: State): bigint[] => {
  const module = new ModuleEncoder(), code = new Code(), memory = new wasmHost.Memory({ initial: 1 })
  const parityIndex = module.import('parity', { parameters: ['i32'], results: ['i32'] })
  const written = new TermCode(code, wasmState(parityIndex), terms)
  terms.forEach((t, n) => {
    code.constant('i32', resultsAt + 8 * n)
    const local = written.keep(t)
    code.get(local).access(`${valueType(t.width)}.store`)
  })
  const index = module.declare({ parameters: [], results: [] }, 'run')
  module.define(index, code)
  const view = new DataView(memory.buffer)
  s.values.forEach((v, n) => view.setBigUint64(8 * n, v, true))
  s.cells.forEach((v, n) => view.setUint8(cellsAt + n, Number(v)))
  const env = { memory, parity: (x: number) => Number(parity.meaning.kind === 'computed' ? parity.meaning.evaluate(BigInt(x)) : 0n) }
  const instance = new wasmHost.Instance(new wasmHost.Module(module.finish()), { env })
  ;(instance.exports['run'] as () => void)()
  return terms.map((_, n) => view.getBigUint64(resultsAt + 8 * n, true))
}

/** A wide term by its parts. */
const parts = (t: Term): Term[] => (t.width <= 64 ? [t] : [T.extract(t, 63, 0), ...parts(T.extract(t, t.width - 1, 64))])
const anyTerms = fc.array(fc.oneof(...widths.map((w) => term(w, 4))), { minLength: 1, maxLength: 3 })

describe('terms as WebAssembly code', () => {
  it('have the plain meaning', () => {
    fc.assert(fc.property(anyTerms, state, (ts, s) => {
      const all = ts.flatMap(parts)
      expect(run(all, s)).toEqual(all.map((t) => evaluate(t, valuationOf(s))))
    }), { numRuns: 300 })
  })
  it('have it where they share much', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(6), fc.nat(), fc.nat(), fc.nat()), { minLength: 20, maxLength: 60 }), state, (picks, s) => {
      const words: Term[] = [T.variable<number>('v8_0', 8), T.variable<number>('v8_1', 8)], truths: Bool[] = [T.variable('v1_0', 1), T.variable('v1_1', 1)]
      const of = <X>(pool: readonly X[], n: number): X => pool[Math.max(0, pool.length - 1 - (n % 12))]!
      for (const [kind, i, j, k] of picks) {
        const [a, b, c, d] = [of(words, i), of(words, j), k % 4 < 3 ? truths[k % 2]! : of(truths, k), of(truths, i)]
        if (kind < 3) words.push(T.ite<number>(c, a, b))
        else if (kind === 3) words.push(T.select(bank, T.extract<3>(T.add<number>(a, b), 2, 0)))
        else if (kind === 4) words.push(T.mul<number>(T.add<number>(a, b), T.xor<number>(a, T.constant<number>(8, 5))))
        else if (kind === 5) truths.push(T.ult(a, b))
        else truths.push(T.and(c, T.or(d, T.eq<number>(T.select(bank, T.extract<3>(a, 3, 1)) as Term, b))))
      }
      const all = [...words.slice(-5), ...truths.slice(-2)]
      expect(run(all, s)).toEqual(all.map((t) => evaluate(t, valuationOf(s))))
    }), { numRuns: 300 })
  })
  it('the law notices another meaning', () => {
    const wrong = fc.check(fc.property(term(36, 3), state, (t, s) => run([T.add<number>(t, T.constant<number>(36, 1))], s)[0] === evaluate(t, valuationOf(s))))
    expect(wrong.failed).toBe(true)
  })
  it('are refused by name where they are too wide', () => {
    const wide = T.zeroExtend<number>(T.variable<number>('v64_0', 64), 128)
    const s = fc.sample(state, 1)[0]!
    expect(() => run([T.extract(T.udiv<number>(wide, T.not<number>(wide)), 63, 0)], s)).toThrow(/udiv has 128 bits/)
    expect(() => run([T.extract(T.variable<number>('much', 128), 63, 0)], s)).toThrow(/much has 128 bits/)
  })
})
