import { describe, expect, it } from 'vitest'
import { createHart } from '../../impl/cpu/riscv/hart.ts'
import { choicesOfHart, compareSteps, type Compared } from './lock-step.ts'
import { ram } from './trial.ts'

const hartWith = (accessedDirty: 'fault' | 'update'): Compared => {
  const hart = createHart(
    { ramBytes: ram.size, ramBase: Number(ram.base), accessedDirty, sv48: true, translate: false },
    { load: () => undefined, store: () => false, time: () => 0n },
  )
  const clean = hart.save()
  return { hart, reset: () => hart.restore(clean, 0) }
}

describe('the hart and its specification', () => {
  it('do the same, with A and D by fault', () => {
    const { differences, steps, reached } = compareSteps(hartWith('fault'), 1, 0, 40)
    expect(differences).toEqual([])
    expect([steps > 200, reached.size > 60]).toEqual([true, true])
  })
  it('do the same with A and D by hardware', () => {
    expect(compareSteps(hartWith('update'), 2, 0, 30, { ...choicesOfHart, accessedDirty: 'hardware' }).differences).toEqual([])
  })
  it('differ where the specification makes another choice', () => {
    const { differences } = compareSteps(hartWith('fault'), 1, 0, 30, { ...choicesOfHart, illegalValue: 'zero' })
    expect(differences.length).toBeGreaterThan(0)
    expect(differences[0]!.differences.join()).toMatch(/^CSR (343|143) is 0;/)
  })
})
