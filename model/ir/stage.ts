// Staged execution: a term becomes a list of closures, run once per state; bigint throughout, any width.
import { applyBinary, applyCompare, operandsOf, postorder, type BinaryOperator, type NamedFunction, type Term } from './term.ts'

/** A concrete state: what each variable and each cell holds, as unsigned values. */
export interface Valuation {
  readonly variable: (name: string, width: number) => bigint
  readonly cell: (bank: string, address: bigint) => bigint
}

/** Runs the terms on a state and returns their values in order. */
export type Staged = (state: Valuation) => bigint[]

/** Works out once which closure computes which shared term. Loads must have been replaced before. */
export const stage = (terms: readonly Term[]): Staged => {
  const order = postorder(terms)
  const slot = new Map(order.map((t, i) => [t, i]))
  const steps = order.map((t) => closure(t, operandsOf(t).map((o) => slot.get(o)!)))
  const results = terms.map((t) => slot.get(t)!)
  return (state) => {
    const values: bigint[] = new Array(steps.length)
    for (let i = 0; i < steps.length; i++) values[i] = steps[i]!(values, state)
    return results.map((r) => values[r]!)
  }
}

/** One term on one state, for single questions; `stage` once and run often otherwise. */
export const evaluate = (term: Term, state: Valuation): bigint => stage([term])(state)[0]!

type Closure = (values: readonly bigint[], state: Valuation) => bigint

const closure = (t: Term, from: readonly number[]): Closure => {
  const [x, y, z] = from as [number, number, number]
  const mask = (1n << BigInt(t.width)) - 1n
  switch (t.kind) {
    case 'const': return () => t.value
    case 'var': return (_, s) => s.variable(t.name, t.width)
    case 'not': return (v) => v[x]! ^ mask
    case 'binary': return binary(t.op, x, y, t.width)
    case 'compare': return (v) => (applyCompare(t.op, v[x]!, v[y]!, t.a.width) ? 1n : 0n)
    case 'ite': return (v) => (v[x] === 1n ? v[y]! : v[z]!)
    case 'concat': return (v) => (v[x]! << BigInt(t.b.width)) | v[y]!
    case 'extract': return (v) => (v[x]! >> BigInt(t.low)) & mask
    case 'sext': return (v) => BigInt.asUintN(t.width, BigInt.asIntN(t.a.width, v[x]!))
    case 'select': return (v, s) => s.cell(t.memory.name, v[x]!)
    case 'apply': {
      const call = callOf(t.function)
      return (v, s) => call(s, from.map((n) => v[n]!))
    }
    case 'load': throw new Error(`a load of ${t.memory.name} cannot be staged: execute the instruction first`)
  }
}

/** A function of the state and of unsigned operands. */
export type Call = (state: Valuation, operands: readonly bigint[]) => bigint
const calls = new WeakMap<NamedFunction, Call>()

/** What a named function does; a defined one is staged when it is first called. */
export const callOf = (f: NamedFunction): Call => {
  const known = calls.get(f)
  if (known) return known
  const made = f.meaning.kind === 'computed' ? callComputed(f.meaning.evaluate) : callDefined(f.meaning)
  calls.set(f, made)
  return made
}
const callComputed = (evaluate: (...operands: bigint[]) => bigint): Call => (_, operands) => evaluate(...operands)
const callDefined = ({ parameters, body }: NamedFunction['meaning'] & { kind: 'defined' }): Call => {
  const slots = new Map(parameters.map((p, n) => [p.kind === 'var' ? p.name : '', n]))
  let run: Staged | undefined
  return (state, operands) => {
    run ??= stage([body])
    const variable = (name: string, width: number): bigint => {
      const n = slots.get(name)
      return n === undefined ? state.variable(name, width) : operands[n]!
    }
    return run({ variable, cell: state.cell })[0]!
  }
}

const binary = (op: BinaryOperator, x: number, y: number, width: number): Closure => {
  const mask = (1n << BigInt(width)) - 1n
  switch (op) {
    case 'and': return (v) => v[x]! & v[y]!
    case 'or': return (v) => v[x]! | v[y]!
    case 'xor': return (v) => v[x]! ^ v[y]!
    case 'add': return (v) => (v[x]! + v[y]!) & mask
    case 'sub': return (v) => (v[x]! - v[y]!) & mask
    default: return (v) => applyBinary(op, v[x]!, v[y]!, width)
  }
}
