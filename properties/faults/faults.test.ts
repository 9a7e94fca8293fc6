// Every planted fault is caught by the property that it names, with a short program; the sound system is not.
import { describe, expect, test } from 'vitest'
import { findSystem } from '../../traces/adapters.ts'
import { check } from '../check/check.ts'
import { propertiesOf } from '../monitor/applies.ts'
import { places } from './fault.ts'
import { faults } from './faults.ts'
import { runFaults } from './run-faults.ts'

describe('planted faults', () => {
  test('each is caught by its own property, with a short program', async () => {
    const { faults: results, caught, total, programLength } = await runFaults({ faults, workers: 2 })
    expect(results.filter((result) => !result.caught).map(({ name, property, by }) => ({ name, property, by }))).toEqual([])
    expect(caught).toBe(total)
    expect(total).toBeGreaterThanOrEqual(45)
    expect(programLength.most).toBeLessThanOrEqual(8)
    expect(programLength.median).toBeLessThanOrEqual(4)
  })

  test('no system that a fault is planted in fails without it', async () => {
    for (const name of new Set(faults.map(({ system }) => system))) {
      const { divergence } = await check(name, { programs: 150 })
      expect({ name, divergence }).toEqual({ name, divergence: undefined })
    }
  })

  test('names, places and properties', () => {
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length)
    expect(new Set(faults.map(({ where }) => where))).toEqual(new Set(places))
    for (const { name, system, property } of faults) {
      expect({ name, has: propertiesOf(findSystem(system)!).some((of) => of.name === property) }).toEqual({ name, has: true })
    }
  })

  test('an unknown system', async () => {
    await expect(runFaults({ system: 'third-generation/none' })).rejects.toThrow(RangeError)
  })
})
