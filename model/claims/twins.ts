// Pairs of states: equal but for the mode, but for the mapping with equal mapped contents, or but for control state.
import { ite, select, variable, constant, type Memory, type Term } from '../ir/term.ts'
import { substitution } from '../ir/substitute.ts'
import { openPrefix } from '../ir/instruction.ts'
import type { Component } from '../ir/state.ts'
import type { Deprivileging, Isa } from '../machine/isa.ts'
import { seenStorage } from '../machine/execute.ts'
import type { Symbolic } from './run.ts'

export type ModeName = 'supervisor' | 'user'

const modeOf = (d: Deprivileging, mode: ModeName): ReadonlyMap<string, Term> =>
  new Map((mode === 'supervisor' ? d.virtual : d.real).map(([r, v]) => [r.name, constant<number>(r.width, v)]))

/** Any state in the virtual supervisor's mode, or in the mode that guests really run in. */
export const inMode = (d: Deprivileging, mode: ModeName): Symbolic => {
  const fixed = modeOf(d, mode)
  return { label: `${mode} mode`, register: (name) => fixed.get(name) }
}

/** Two states that are equal but for the mode. */
export const modeTwins = (d: Deprivileging): [Symbolic, Symbolic] => [inMode(d, 'supervisor'), inMode(d, 'user')]

/** What differs in the second state of a pair besides the mode. */
interface Difference {
  readonly mapping: boolean
  readonly control: boolean
}

/**
 * Two states in the given modes that agree on everything but what may differ. What the program sees of storage, E/R,
 * is equal; where the mapping or the mode that selects it differs, the rest of storage is each state's own.
 */
export const twins = (isa: Isa, d: Deprivileging, modes: readonly [ModeName, ModeName], differ: Difference): [Symbolic, Symbolic] => {
  const differing: Component[] = [...(differ.mapping ? d.mapping : []), ...(differ.control ? d.control : [])]
  const names = new Set(differing.map((c) => c.name))
  const storage = isa.relocation.storage.name
  const ownRest = differ.mapping || (d.sameMapping !== undefined && modes[0] !== modes[1])
  const state = (which: 0 | 1): Symbolic => {
    const fixed = modeOf(d, modes[which])
    const prime = which === 1 ? "'" : ''
    const register = (name: string, width: number): Term | undefined =>
      fixed.get(name) ?? (prime !== '' && (names.has(name) || name.startsWith(openPrefix)) ? variable(name + prime, width) : undefined)
    const here = substitution({ variable: register })
    const cell = (bank: Memory, index: Term): Term | undefined => {
      if (bank.name === storage) {
        const through = isa.relocation.reaches(index)
        const rest = select(ownRest ? { ...bank, name: storage + prime } : bank, index)
        return ite(here(through.mapped), select<number, number>(seenStorage(isa), here(through.address)), rest)
      }
      return prime !== '' && names.has(bank.name) ? select({ ...bank, name: bank.name + prime }, index) : undefined
    }
    return { label: `${modes[which]} mode${prime === '' || differing.length === 0 ? '' : `, other ${differing.map((c) => c.name).join(', ')}`}`, register, cell, seesStorage: true }
  }
  return [state(0), state(1)]
}

/** Ends the names of the second pair of states in a formula that is about two. */
export const apartSuffix = '″'

/** The same state with every variable renamed: a second pair that shares only the operand word with the first. */
export const apart = (suffix: string): (<W extends number>(t: Term<W>) => Term<W>) =>
  substitution({
    variable: (name, width) => (name.startsWith('operand ') ? undefined : variable(name + suffix, width)),
    cell: (memory, index) => select({ ...memory, name: memory.name + suffix }, index),
  })

