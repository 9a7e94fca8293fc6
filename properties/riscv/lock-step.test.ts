import { describe, expect, it } from 'vitest'
import { choicesOfHart, compareSteps } from './lock-step.ts'

describe('the hart and its specification', () => {
  it('do the same, with A and D by fault', () => {
    const { differences, steps, reached } = compareSteps(1, 0, 40)
    expect(differences).toEqual([])
    expect([steps > 200, reached.size > 60]).toEqual([true, true])
  })
  it('do the same with A and D by hardware', () => {
    expect(compareSteps(2, 0, 30, { ...choicesOfHart, accessedDirty: 'hardware' }).differences).toEqual([])
  })
  it('differ where the specification makes another choice', () => {
    const { differences } = compareSteps(1, 0, 30, { ...choicesOfHart, illegalValue: 'zero' })
    expect(differences.length).toBeGreaterThan(0)
    expect(differences[0]!.differences.join()).toMatch(/^CSR (343|143) is 0;/)
  })
})
