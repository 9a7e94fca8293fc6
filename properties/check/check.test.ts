// The check itself: it passes what is sound, finds and shrinks what is not, and says the same on any number of workers.
import { describe, expect, test } from 'vitest'
import { check } from './check.ts'

const counted = ({ programs, steps, properties, coverage, divergence }: Awaited<ReturnType<typeof check>>) =>
  ({ programs, steps, properties, coverage, divergence })

describe('check', () => {
  test('the same result from one worker and from two', async () => {
    const options = { programs: 550, seed: 3 }
    const [one, two] = [await check('third-generation/trap-and-emulate', options), await check('third-generation/trap-and-emulate', { ...options, workers: 2 })]
    expect(counted(two)).toEqual(counted(one))
    expect(one.divergence).toBeUndefined()
  })

  test('the same divergence from one worker and from two', async () => {
    const options = { programs: 2000, seed: 3 }
    const name = 'third-generation/set-relocation-in-user/hybrid'
    const [one, two] = [await check(name, options), await check(name, { ...options, workers: 2 })]
    expect(one.divergence?.shrunk.length).toBe(1)
    expect(counted(two)).toEqual(counted(one))
  })

  test('a property that no step met is vacuous, and the check does not pass', async () => {
    const { properties, passed } = await check('third-generation/trap-and-emulate', { programs: 0 })
    expect(new Set(properties.map(({ holds }) => holds))).toEqual(new Set(['vacuous']))
    expect(passed).toBe(false)
  })

  test('an interrupted run says so and counts what ran', async () => {
    const controller = new AbortController()
    const { interrupted, programs, steps } = await check('third-generation/cpu', {
      programs: 1_000_000, signal: controller.signal, onProgress: () => controller.abort(),
    })
    expect(interrupted).toBe(true)
    expect(programs).toBeGreaterThan(0)
    expect(programs).toBeLessThan(1_000_000)
    expect(steps).toBeGreaterThan(programs)
  })

  test('an unknown system', async () => {
    await expect(check('third-generation/none')).rejects.toThrow(RangeError)
  })
})
