import { expect, test } from 'vitest'
import { AwaitedText } from './awaited-text.ts'

const seenAt = (text: string, ...pieces: readonly string[]): number => {
  const awaited = new AwaitedText(text)
  return pieces.findIndex((piece) => awaited.print(Buffer.from(piece)))
}

test('a text is seen with the piece that completes it', () => {
  expect([seenAt('abab', ...'xaababab'), seenAt('abab', 'xaab', 'ab'), seenAt('ab', 'xabx'), seenAt('b', 'a', 'b'), seenAt('ü', 'ü')]).toEqual([5, 1, 0, 1, 0])
  expect([seenAt('abab', 'aba', 'ab'), seenAt('ab', 'b', 'a'), seenAt('abc', 'ab', ' c')]).toEqual([-1, -1, -1])
})

test('it is seen once', () => {
  const awaited = new AwaitedText('ab')
  expect([awaited.print(Buffer.from('ab')), awaited.seen, awaited.print(Buffer.from('ab'))]).toEqual([true, true, false])
})
