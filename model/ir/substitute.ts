// Replacing the variables, cells and loads of a term: symbolic execution is substitution.
import { operandsOf, rebuild, type Memory, type Term } from './term.ts'

export interface Replacement {
  /** What stands for a variable; undefined keeps it. */
  readonly variable?: (name: string, width: number) => Term | undefined
  /** What stands for a cell, given its address after replacement; undefined keeps the select. */
  readonly cell?: (memory: Memory, address: Term) => Term | undefined
  /** What stands for a relocated read, given its operands after replacement; undefined keeps the load. */
  readonly load?: (memory: Memory, address: Term, when: Term<1>, original: Term) => Term | undefined
}

/** A substitution that remembers what it has replaced, so that shared terms are visited once. */
export const substitution = (by: Replacement): (<W extends number>(t: Term<W>) => Term<W>) => {
  const done = new Map<Term, Term>()
  const replace = (t: Term): Term => {
    const known = done.get(t)
    if (known) return known
    const operands = operandsOf(t).map(replace)
    const result = replacement(t, operands) ?? (operands.every((o, i) => o === operandsOf(t)[i]) ? t : rebuild(t, operands))
    done.set(t, result)
    return result
  }
  const replacement = (t: Term, operands: readonly Term[]): Term | undefined => {
    switch (t.kind) {
      case 'var': return by.variable?.(t.name, t.width)
      case 'select': return by.cell?.(t.memory, operands[0]!)
      case 'load': return by.load?.(t.memory, operands[0]!, operands[1] as Term<1>, t)
      default: return undefined
    }
  }
  return replace as <W extends number>(t: Term<W>) => Term<W>
}
