// Where a shared term is worked out: as late as it can be, so that the branch of an ite that is not taken costs nothing.
// Conditionals of one condition in one place share their branches: what the first has worked out in one, the others find there.
import { operandsOf, postorder, type Term } from './term.ts'

/** A place in the code: the root, or one branch of an ite (or the right side of an and or an or) whose value is not always needed. */
export interface Scope {
  readonly parent: Scope | undefined
  readonly depth: number
  /** Terms to be kept in locals at the beginning of the scope, operands before the terms that use them. */
  readonly kept: Term[]
}

export interface Scopes {
  readonly root: Scope
  /** The scope of an operand of `t` that is evaluated only on demand; undefined where it is always evaluated. */
  readonly branch: (t: Term, operand: number) => Scope | undefined
  readonly isKept: (t: Term) => boolean
}

/** Where evaluating both sides costs more than a jump. */
const costly = 10

/** `lazy` terms are worth a jump by themselves; `always` are kept wherever they occur. */
export const scopesOf = (roots: readonly Term[], lazy: (t: Term) => boolean, always: (t: Term) => boolean): Scopes => {
  const order = postorder(roots), root: Scope = { parent: undefined, depth: 0, kept: [] }
  const weights = new Map<Term, number>()
  for (const t of order) {
    const own = t.kind === 'const' || t.kind === 'var' ? 0 : lazy(t) ? costly : 1
    weights.set(t, Math.min(1000, operandsOf(t).reduce((n, o) => n + weights.get(o)!, own)))
  }
  const heavy = (t: Term): boolean => weights.get(t)! >= costly
  const positive = (t: Term): Term => (t.kind === 'not' ? positive(t.a) : t)
  const conditions = new Set(order.flatMap((t) => (t.kind === 'ite' ? [positive(t.c)] : [])))
  /**
   * The side of an and or an or that is evaluated only where the other does not decide. What both sides share with conditionals
   * must find the same branches, so the other side is one of their conditions, or it costs little.
   */
  const late = (t: Term): number | undefined => {
    if (t.kind !== 'binary' || t.width !== 1 || (t.op !== 'and' && t.op !== 'or')) return undefined
    const decides = [t.a, t.b].map((o) => conditions.has(positive(o)))
    const last = decides[0] !== decides[1] ? (decides[0] ? 1 : 0) : weights.get(t.a)! > weights.get(t.b)! ? 0 : 1
    const first = last === 0 ? t.b : t.a
    return heavy(last === 0 ? t.a : t.b) && (conditions.has(positive(first)) || !heavy(first)) ? last : undefined
  }
  const branches = new Map<Term, ReadonlyMap<number, Scope>>()
  const scopes = new Map<Term, Scope>(roots.map((t) => [t, root]))
  const uses = new Map<Term, number>()
  const rootSet = new Set(roots)
  /** One scope for all branches of one scope that are taken where a condition is 1, or 0. */
  const taken = new Map<Scope, Map<string, Scope>>()
  const branchOf = (here: Scope, condition: Term, holds: boolean): Scope => {
    if (condition.kind === 'not') return branchOf(here, condition.a, !holds)
    const of = taken.get(here) ?? new Map<string, Scope>(), key = `${condition.id} ${holds}`
    taken.set(here, of)
    const at = of.get(key) ?? { parent: here, depth: here.depth + 1, kept: [] }
    of.set(key, at)
    return at
  }
  for (const t of order.toReversed()) {
    const here = scopes.get(t)!, last = late(t), of = new Map<number, Scope>()
    for (const [n, o] of operandsOf(t).entries()) {
      const onDemand = t.kind === 'ite' ? t.width <= 64 && n > 0 && (heavy(t.a) || heavy(t.b)) : n === last
      const at = onDemand ? branchOf(here, operandsOf(t)[t.kind === 'ite' ? 0 : 1 - n]!, t.kind === 'ite' ? n === 1 : t.kind === 'binary' && t.op === 'and') : here
      if (onDemand) of.set(n, at)
      const before = scopes.get(o)
      scopes.set(o, before ? meet(before, at) : at)
      uses.set(o, (uses.get(o) ?? 0) + 1)
    }
    if (of.size) branches.set(t, of)
  }
  const kept = new Set<Term>()
  for (const t of order) {
    if (t.kind === 'const' || !(always(t) || ((uses.get(t) ?? 0) + (rootSet.has(t) ? 1 : 0) > 1 && t.kind !== 'var'))) continue
    kept.add(t)
    scopes.get(t)!.kept.push(t)
  }
  return { root, branch: (t, n) => branches.get(t)?.get(n), isKept: (t) => kept.has(t) }
}

const meet = (a: Scope, b: Scope): Scope => {
  let [x, y] = [a, b]
  while (x !== y) {
    if (x.depth >= y.depth) x = x.parent!
    else y = y.parent!
  }
  return x
}
