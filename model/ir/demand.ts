// Execution on demand: a term is worked out when its value is asked for, and only the parts that the value depends on.
import type { Valuation } from './stage.ts'
import { applyBinary, applyCompare, operandsOf, postorder, type NamedFunction, type Term } from './term.ts'

/** Terms on one state after another; the values are those of `stage`. */
export interface Demand {
  /** Takes up a state; values worked out before are forgotten. */
  readonly on: (state: Valuation) => void
  /** The value of root n on the state that `on` has taken up last. */
  readonly value: (n: number) => bigint
}

/** One evaluation: shared terms keep their value as long as their stamp is the present one. */
interface Frame {
  state: Valuation
  operands: readonly bigint[]
  stamp: number
  readonly values: bigint[]
  readonly stamps: number[]
}
type Node = (frame: Frame) => bigint

const nowhere: Valuation = { variable: () => 0n, cell: () => 0n }

/** Works out once how each of the terms is computed. */
export const demand = (terms: readonly Term[]): Demand => {
  const { nodes, frame } = build(terms, [])
  return {
    on: (state) => {
      frame.state = state
      frame.stamp++
    },
    value: (n) => nodes[n]!(frame),
  }
}

const build = (roots: readonly Term[], parameters: readonly Term[]): { readonly nodes: Node[]; readonly frame: Frame } => {
  const frame: Frame = { state: nowhere, operands: [], stamp: 0, values: [], stamps: [] }
  const uses = new Map<Term, number>()
  const order = postorder(roots)
  for (const t of order) for (const o of operandsOf(t)) uses.set(o, (uses.get(o) ?? 0) + 1)
  for (const t of roots) uses.set(t, (uses.get(t) ?? 0) + 1)
  const made = new Map<Term, Node>()
  for (const t of order) {
    const p = parameters.indexOf(t)
    const node = p >= 0 ? (f: Frame) => f.operands[p]! : nodeOf(t, operandsOf(t).map((o) => made.get(o)!))
    made.set(t, p < 0 && t.kind !== 'const' && uses.get(t)! > 1 ? kept(node, frame.values.push(0n) - 1, frame) : node)
  }
  return { nodes: roots.map((t) => made.get(t)!), frame }
}

const kept = (node: Node, slot: number, { stamps }: Frame): Node => {
  stamps[slot] = 0
  return (f) => {
    if (f.stamps[slot] === f.stamp) return f.values[slot]!
    const value = node(f)
    f.values[slot] = value
    f.stamps[slot] = f.stamp
    return value
  }
}

const nodeOf = (t: Term, from: readonly Node[]): Node => {
  const [x, y, z] = from as [Node, Node, Node]
  const mask = (1n << BigInt(t.width)) - 1n
  switch (t.kind) {
    case 'const': return () => t.value
    case 'var': return (f) => f.state.variable(t.name, t.width)
    case 'not': return (f) => x(f) ^ mask
    case 'binary':
      if (t.width === 1 && t.op === 'and') return (f) => (x(f) === 0n ? 0n : y(f))
      if (t.width === 1 && t.op === 'or') return (f) => (x(f) === 1n ? 1n : y(f))
      if (t.op === 'add') return (f) => (x(f) + y(f)) & mask
      return (f) => applyBinary(t.op, x(f), y(f), t.width)
    case 'compare':
      if (t.op === 'eq') return (f) => (x(f) === y(f) ? 1n : 0n)
      return (f) => (applyCompare(t.op, x(f), y(f), t.a.width) ? 1n : 0n)
    case 'ite': return (f) => (x(f) === 1n ? y(f) : z(f))
    case 'concat': {
      const shift = BigInt(t.b.width)
      return (f) => (x(f) << shift) | y(f)
    }
    case 'extract': {
      const low = BigInt(t.low)
      return (f) => (x(f) >> low) & mask
    }
    case 'sext': return (f) => BigInt.asUintN(t.width, BigInt.asIntN(t.a.width, x(f)))
    case 'select': return (f) => f.state.cell(t.memory.name, x(f))
    case 'apply': return call(t.function, from)
    case 'load': throw new Error(`a load of ${t.memory.name} cannot be executed: execute the instruction first`)
  }
}

const bodies = new WeakMap<NamedFunction, { readonly nodes: readonly Node[]; readonly frame: Frame }>()
/** A defined function has one frame: no function applies itself. */
const call = (f: NamedFunction, operands: readonly Node[]): Node => {
  const { meaning } = f
  if (meaning.kind === 'computed') return (at) => meaning.evaluate(...operands.map((o) => o(at)))
  return (at) => {
    const values = operands.map((o) => o(at))
    let body = bodies.get(f)
    if (!body) bodies.set(f, body = build([meaning.body], meaning.parameters))
    const { frame, nodes } = body
    frame.state = at.state
    frame.operands = values
    frame.stamp++
    return nodes[0]!(frame)
  }
}
