// Outcomes under assumptions: what becomes of an instruction's terms where an address is aligned and its page is remembered.
import { constant, not, operandsOf, rebuild, type Term } from '../ir/term.ts'
import { knownBits } from '../ir/wasm-known-bits.ts'
import type { CellWrite, Outcome, TrapCondition } from './execute.ts'

export type Rewrite = (t: Term) => Term

/** Replaces terms as wholes, those with replaced operands too; what `by` gives is not looked into. */
export const rewriting = (by: (t: Term) => Term | undefined): Rewrite => {
  const done = new Map<Term, Term>()
  const rewrite = (t: Term): Term => {
    const known = done.get(t)
    if (known) return known
    const whole = by(t)
    if (whole) { done.set(t, whole); return whole }
    const operands = operandsOf(t), next = operands.map(rewrite)
    const rebuilt = next.every((o, n) => o === operands[n]) ? t : rebuild(t, next)
    const result = rebuilt === t ? t : by(rebuilt) ?? rebuilt
    done.set(t, result)
    return result
  }
  return rewrite
}

/** Every term of an outcome rewritten; writes and traps that cannot be are left out. */
export const mapOutcome = (o: Outcome, f: Rewrite): Outcome => {
  const bool = (t: Term): Term<1> => f(t) as Term<1>
  const never = (t: Term): boolean => t.kind === 'const' && t.value === 0n
  const trap = (t: TrapCondition): TrapCondition => ({ cause: t.cause, when: bool(t.when), ...(t.value === undefined ? {} : { value: f(t.value) }), ...(t.also ? { also: mapOutcome(t.also, f) } : {}) })
  const write = (w: CellWrite): CellWrite => ({ index: f(w.index), value: f(w.value), when: bool(w.when) })
  return {
    traps: o.traps.map(trap).filter((t) => !never(t.when)),
    trapped: bool(o.trapped), memoryTrapped: bool(o.memoryTrapped),
    registers: new Map([...o.registers].map(([n, t]) => [n, f(t)])),
    banks: new Map([...o.banks].map(([n, ws]) => [n, ws.map(write).filter((w) => !never(w.when))])),
    written: new Map([...o.written].map(([n, t]) => [n, bool(t)])),
  }
}

/** Everything that an outcome needs to be computed for, but for `trapped`, `memoryTrapped` and what is done in spite of traps. */
export const rootsOf = (o: Outcome): Term[] => [
  ...o.traps.flatMap((t) => (t.value === undefined ? [t.when] : [t.when, t.value])), ...o.registers.values(),
  ...[...o.banks.values()].flat().flatMap((w) => [w.index, w.value, w.when]), ...o.written.values(),
]

/** Folds what is decided by the low bits of one variable being 0, whatever everything else is. */
export const foldAligned = (variable: Term, alignment: number): Rewrite => {
  const low = constant<number>(variable.width, alignment - 1)
  const decided = knownBits((name, width) => {
    const zero = constant<number>(width, 0)
    return { value: zero, unknown: variable.kind === 'var' && variable.name === name ? not<number>(low) : not<number>(zero) }
  }, (t) => t.kind === 'apply' || t.kind === 'select')
  return rewriting((t) => {
    if (t.width !== 1 || t.kind === 'const') return undefined
    const { value, unknown } = decided(t)
    return unknown.kind === 'const' && unknown.value === 0n && value.kind === 'const' ? value : undefined
  })
}
