// The generators: the same seed gives the same bytes, another seed another program, and what is generated is well formed.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { variants } from '../model/vocab/index.ts'
import { findSystem, specificationEngine } from './adapters.ts'
import { Random, streamSeed } from './generate-random.ts'
import { trialFrom } from './generate-trial.ts'
import { guestProgram, programFrom, type Shape } from './generate.ts'
import { firstDifference } from './snapshot.ts'
import { install } from './program.ts'

const shapes = fc.record({
  size: fc.integer({ min: 3, max: 8 }).map((blocks) => 16 * blocks), trapCells: fc.constantFrom('low' as const, 'high' as const),
  diskSize: fc.constantFrom(1, 8), variant: fc.constantFrom(...variants),
})

describe('generated programs', () => {
  test('the same seed gives the same program', () => {
    fc.assert(fc.property(fc.integer(), shapes, (seed, shape) => {
      expect(programFrom(seed, shape)).toEqual(programFrom(seed, shape))
    }), { numRuns: 50 })
  })

  test('another seed gives another program', () => {
    const shape: Shape = { size: 48, trapCells: 'low', diskSize: 8, variant: 'sound' }
    const texts = new Set(Array.from({ length: 500 }, (_, index) => programFrom(streamSeed(1, index), shape).cells.join()))
    expect(texts.size).toBe(500)
  })

  test('every field is in its range, and a trace keeps all of them', () => {
    fc.assert(fc.property(fc.integer(), shapes, (seed, shape) => {
      const program = programFrom(seed, shape)
      const { cells, counter, base, bound, timer, diskPosition, keyboard } = program
      expect(cells.length).toBe(shape.size)
      for (const [value, limit] of [[counter, 4096], [base, 256], [bound, 256], [timer, 2 ** 32], [diskPosition, 2 ** 32]] as const) {
        expect(value).toBeGreaterThanOrEqual(0)
        expect(value).toBeLessThan(limit)
      }
      expect(keyboard.every((byte) => byte >= 0 && byte < 256)).toBe(true)
      const kept = specificationEngine.create(guestProgram(program, shape.variant, 1).options)
      install(guestProgram(program, shape.variant, 1), kept)
      expect(firstDifference({ ...program, halted: false, taken: 0, printed: [], storage: cells }, kept)).toBeUndefined()
    }), { numRuns: 50 })
  })

  test('a trial depends on its number only', () => {
    const system = findSystem('third-generation/two-guests')!
    const backwards = [5, 4, 3, 2, 1, 0].map((index) => trialFrom(system, 7, index)).toReversed()
    expect(backwards).toEqual([0, 1, 2, 3, 4, 5].map((index) => trialFrom(system, 7, index)))
    expect(trialFrom(system, 8, 0)).not.toEqual(trialFrom(system, 7, 0))
  })

  test('below(n) reaches every number and no other', () => {
    const random = new Random(1)
    expect(new Set(Array.from({ length: 200 }, () => random.below(5)))).toEqual(new Set([0, 1, 2, 3, 4]))
  })
})
