import { expect, test } from 'vitest'
import { BadInput } from '../terminal/failure.ts'
import { havingMemory } from './having-memory.ts'

const failing = (message: string) => (): never => { throw new RangeError(message) }

test('memory that the system does not give is bad input, and another error is not', () => {
  expect(havingMemory(1, () => 7)).toBe(7)
  expect(() => havingMemory(4032, failing('WebAssembly.Memory(): could not allocate memory'))).toThrow(new BadInput('the system has no room for 4032 MiB of memory (--memory sets it)'))
  expect(() => havingMemory(4032, failing('Invalid array length'))).toThrow(RangeError)
})
