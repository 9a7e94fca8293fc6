// The shrinker: what it gives fails, is no longer than what it was given, and is as plain as the failure allows.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findSystem } from './adapters.ts'
import { trialFrom, type Trial } from './generate-trial.ts'
import { shrink, type Subject } from './shrink.ts'

const system = findSystem('third-generation/trap-and-emulate')!

/** Fails at a fixed step whenever one cell holds the word it has in the trial. */
const subjectOf = (trial: Trial, cell: number, step: number): Subject => {
  const word = trial.programs[0]!.cells[cell]
  return { fails: ({ programs: [program], steps }) => (program?.cells[cell] === word && steps >= step ? step : undefined), after: () => undefined }
}

describe('shrink', () => {
  test('keeps what the failure needs and nothing else', () => {
    fc.assert(fc.property(fc.nat(10_000), fc.integer({ min: 2, max: 31 }), fc.integer({ min: 1, max: 2 }), (index, cell, step) => {
      const trial = trialFrom(system, 1, index)
      const word = trial.programs[0]!.cells[cell]!
      const { trial: shrunk, length } = shrink(trial, subjectOf(trial, cell, step))
      expect(length).toBe(step)
      expect(shrunk.steps).toBe(step)
      const [program] = shrunk.programs
      expect(program!.cells.filter((of) => of !== 0)).toEqual(word === 0 ? new Int32Array() : Int32Array.of(word))
      expect(program!.registers.every((of) => of === 0)).toBe(true)
      expect(program!.size).toBe(32)
      expect(program).toMatchObject({ mode: 0, base: 0, bound: 2, timer: 0, pending: false, keyboard: [], diskPosition: 0 })
      expect(shrunk).toMatchObject({ predecessor: false, hardwareTrapCells: 'low', console: 'own', strides: [1] })
    }), { numRuns: 30 })
  })

  test('begins at the failing step when the trial from there fails too', () => {
    const trial = trialFrom(system, 1, 3)
    const at = (of: Trial): number => 40 - of.programs[0]!.timer
    const start: Trial = { ...trial, programs: [{ ...trial.programs[0]!, timer: 0 }] }
    const { length } = shrink(start, {
      fails: (of) => at(of),
      after: (of, steps) => ({ ...of, programs: [{ ...of.programs[0]!, timer: of.programs[0]!.timer + steps }] }),
    })
    expect(length).toBe(1)
  })

  test('stops within its budget', () => {
    const trial = trialFrom(system, 1, 3)
    expect(shrink(trial, { fails: () => 1, after: () => undefined }, 10).runs).toBeLessThanOrEqual(10)
  })
})
