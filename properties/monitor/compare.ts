// Comparing machines after a step: fast when they agree, and in words when they do not.
import type { Machine, WordView } from '../../model/vocab/index.ts'
import { hexOf } from '../../traces/component.ts'
import { firstDifference } from '../../traces/snapshot.ts'

/** The typed array behind a view; every machine that is compared here holds its words in one. */
export const wordsOf = (view: WordView): Int32Array => {
  if (view instanceof Int32Array) return view
  throw new TypeError('the words of a machine under comparison are in an Int32Array')
}

/** Lengths are equal and multiples of 8. */
export const sameWords = (one: Int32Array, other: Int32Array): boolean => sameRange(one, other, 0, one.length)

/** Whether two arrays hold the same words as the first; the third from `start` on. The first's length is a multiple of 4. */
export const sameInBoth = (expected: Int32Array, one: Int32Array, other: Int32Array, start: number): boolean => {
  for (let i = 0; i < expected.length; i += 4) {
    const j = start + i
    const a = expected[i]!
    const b = expected[i + 1]!
    const c = expected[i + 2]!
    const d = expected[i + 3]!
    const difference = (a ^ one[i]!) | (b ^ one[i + 1]!) | (c ^ one[i + 2]!) | (d ^ one[i + 3]!)
      | (a ^ other[j]!) | (b ^ other[j + 1]!) | (c ^ other[j + 2]!) | (d ^ other[j + 3]!)
    if (difference !== 0) return false
  }
  return true
}

/** Whether words `from` up to but not including `to`, multiples of 8, are the same. */
export const sameRange = (one: Int32Array, other: Int32Array, from: number, to: number): boolean => {
  for (let i = from; i < to; i += 8) {
    const difference = (one[i]! ^ other[i]!) | (one[i + 1]! ^ other[i + 1]!) | (one[i + 2]! ^ other[i + 2]!) | (one[i + 3]! ^ other[i + 3]!)
      | (one[i + 4]! ^ other[i + 4]!) | (one[i + 5]! ^ other[i + 5]!) | (one[i + 6]! ^ other[i + 6]!) | (one[i + 7]! ^ other[i + 7]!)
    if (difference !== 0) return false
  }
  return true
}

/** The same memory as bytes: for a machine's whole storage, comparing memory is faster than a loop. */
export const bytesOf = (words: Int32Array): Buffer => Buffer.from(words.buffer, words.byteOffset, words.byteLength)

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
