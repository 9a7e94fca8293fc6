import { expect, test } from 'vitest'
import { Disk } from './disk.ts'

test('words are written and read one after the other', () => {
  const disk = new Disk(3)
  disk.position = 1
  disk.write(-5)
  disk.write(6)
  expect(disk.position).toBe(3)
  disk.position = 0
  expect([disk.read(), disk.read(), disk.read(), disk.position]).toEqual([0, -5, 6, 3])
})

test('past the end words read 0 and are not written, and the position advances', () => {
  const disk = new Disk(2)
  disk.position = 2
  disk.write(9)
  expect([disk.read(), disk.position, ...disk.words]).toEqual([0, 4, 0, 0])
})

test('the position is an unsigned word and wraps', () => {
  const disk = new Disk(2)
  disk.position = -1
  expect(disk.position).toBe(0xffffffff)
  disk.write(9)
  expect([disk.position, ...disk.words]).toEqual([0, 0, 0])
  disk.position = 0xffffffff
  expect([disk.read(), disk.position]).toEqual([0, 0])
})

test.each([0, -1, 1.5, Number.NaN])('a disk of %d words is refused', (size) => {
  expect(() => new Disk(size)).toThrow(new RangeError(`the disk must have at least 1 word, and has ${size}`))
  expect(() => new Disk(1)).not.toThrow()
})
