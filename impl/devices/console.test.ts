import { expect, test } from 'vitest'
import { Console } from './console.ts'

test('the keyboard delivers its bytes oldest first, then -1 for ever', () => {
  const console = new Console([0, 255])
  expect([console.take(), console.taken, console.take(), console.taken]).toEqual([0, 1, 255, 2])
  expect([console.take(), console.take(), console.taken]).toEqual([-1, -1, 2])
})

test('the keyboard is copied', () => {
  const bytes = [1]
  const console = new Console(bytes)
  bytes[0] = 2
  expect(console.take()).toBe(1)
})

test('the printer keeps the low 8 bits of every word, and its view grows', () => {
  const console = new Console([])
  const { printed } = console
  expect(printed.length).toBe(0)
  console.print(-1)
  console.print(0x141)
  expect(Array.from(printed)).toEqual([255, 65])
})

test('a byte of the full range is taken, anything else refused', () => {
  expect(() => new Console([0, 128, 255])).not.toThrow()
  for (const byte of [-1, 256, 1.5, Number.NaN]) {
    expect(() => new Console([7, byte])).toThrow(new RangeError(`keyboard[1] must be a byte, 0 to 255, and is ${byte}`))
  }
})
