// Loading an image into a machine.

import { expect, test } from 'vitest'
import { Cpu } from '../cpu/third-generation/cpu.ts'
import { assemble } from './assemble.ts'
import { load } from './load.ts'

test('load writes the cells and P, or nothing at all', () => {
  const image = assemble('.org 46\n.entry go\ngo: HALT\n.word 7')
  const machine = new Cpu({ size: 48 })
  load(image, machine)
  expect([machine.storage[46], machine.storage[47], machine.counter]).toEqual([0x8700_0000 | 0, 7, 46])
  expect(machine.run(10)).toBe('halt')
  const small = new Cpu({ size: 32 })
  expect(() => load(image, small)).toThrow(new RangeError('the image needs 48 cells, but the machine has 32'))
  expect([...Array.from({ length: 32 }, (_, cell) => small.storage[cell]), small.counter]).toEqual(Array(33).fill(0))
})
