// Comparing machines after a step: fast when they agree, and in words when they do not.
import type { Machine, WordView } from '../../model/vocab/index.ts'
import { hexOf } from '../../traces/component.ts'
import { firstDifference } from '../../traces/snapshot.ts'

/** The typed array behind a view; every machine that is compared here holds its words in one. */
export const wordsOf = (view: WordView): Int32Array => {
  if (view instanceof Int32Array) return view
  throw new TypeError('the words of a machine under comparison are in an Int32Array')
}

export const sameWords = (one: Int32Array, other: Int32Array): boolean => {
  for (let i = 0; i < one.length; i += 1) if (one[i] !== other[i]) return false
  return true
}

/** Words two at a time: V8 compares elements of a BigInt64Array as machine words, in a third of the time. */
export type Pairs = BigInt64Array

/** The same memory; begins at an even place of its buffer and has an even length. */
export const pairsOf = (words: Int32Array): Pairs => new BigInt64Array(words.buffer, words.byteOffset, words.length >> 1)

/** Whether two arrays hold the same words as the first; the third from pair `start` on. */
export const sameInBoth = (expected: Pairs, one: Pairs, other: Pairs, start: number): boolean => {
  for (let i = 0; i < expected.length; i += 1) {
    const pair = expected[i]
    if (pair !== one[i] || pair !== other[start + i]) return false
  }
  return true
}

/** Whether the pairs `from` up to but not including `to` are the same. */
export const sameRange = (one: Pairs, other: Pairs, from: number, to: number): boolean => {
  for (let i = from; i < to; i += 1) if (one[i] !== other[i]) return false
  return true
}

export const samePairs = (one: Pairs, other: Pairs): boolean => sameRange(one, other, 0, one.length)

/** V8 keeps what it has learnt of the types for each closure: one comparison for each pair of classes stays fast. */
export const processorComparison = () => (one: Machine, other: Machine): boolean =>
  one.mode === other.mode && one.counter === other.counter && one.base === other.base && one.bound === other.bound
  && one.timer === other.timer && one.pending === other.pending && one.halted === other.halted

export const sameProcessor = processorComparison()

export const sameDevices = (one: Machine, other: Machine): boolean =>
  one.diskPosition === other.diskPosition && one.taken === other.taken

/** The first component in which a machine is not as expected. */
export const describeDifference = (expected: Machine, found: Machine): string => {
  const difference = firstDifference(expected, found, true)
  if (difference === undefined) return `${found.steps} steps are counted, expected ${expected.steps}`
  const { component, left, right } = difference
  const shown = (value: number | undefined): string => (value === undefined ? 'nothing' : hexOf(component, value))
  return `${component} is ${shown(right)}, expected ${shown(left)}`
}
