import { expect, test } from 'vitest'
import { escapes } from './keyboard.ts'

const sorted = (...chunks: readonly string[]): readonly (string | number)[] => {
  const seen: (string | number)[] = []
  const sort = escapes({ typed: (bytes) => void seen.push(...bytes), leave: () => void seen.push('leave'), save: () => void seen.push('save'), help: () => void seen.push('help') })
  for (const chunk of chunks) sort(Buffer.from(chunk))
  return seen
}

test('keys go to the guest, and those after Ctrl-A do not', () => {
  expect(sorted('ab\u0003')).toEqual([97, 98, 3])
  expect(sorted('a\u0001xb')).toEqual([97, 'leave'])
  expect(sorted('\u0001', 'X')).toEqual(['leave'])
  expect(sorted('\u0001\u0001', 'a\u0001s\u0001hb')).toEqual([1, 97, 'save', 'help', 98])
  expect(sorted('\u0001zx')).toEqual([120])
})
