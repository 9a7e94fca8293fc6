// A clock is told by the value that it has come from.
import { expect, it } from 'vitest'
import { setTo } from './clock.ts'

const millisecond = 1n << 22n, hour = 3600n << 32n
it('a clock that has run for less than a second is told by its start, up or down and across zero', () => {
  expect(setTo(100n + millisecond, [7n * hour, 100n], 'up')).toBe(100n)
  expect(setTo((1n << 64n) - 5n, [7n * hour, millisecond], 'down')).toBe(millisecond)
})
it('one that none of the candidates explains shows itself', () => {
  expect(setTo(hour, [100n, 2n * hour], 'up')).toBe(hour)
  expect(setTo(hour, [100n], 'down')).toBe(hour)
})
