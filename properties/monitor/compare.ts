// Comparing machines after a step: fast when they agree, and in words when they do not.
import type { Machine, WordView } from '../../model/vocab/index.ts'

/** The typed array behind a view; every machine that is compared here holds its words in one. */
export const wordsOf = (view: WordView): Int32Array => {
  if (view instanceof Int32Array) return view
  throw new TypeError('the words of a machine under comparison are in an Int32Array')
}

/** Lengths are equal and multiples of 8. */
export const sameWords = (one: Int32Array, other: Int32Array): boolean => {
  for (let i = 0; i < one.length; i += 8) {
    const difference = (one[i]! ^ other[i]!) | (one[i + 1]! ^ other[i + 1]!) | (one[i + 2]! ^ other[i + 2]!) | (one[i + 3]! ^ other[i + 3]!)
      | (one[i + 4]! ^ other[i + 4]!) | (one[i + 5]! ^ other[i + 5]!) | (one[i + 6]! ^ other[i + 6]!) | (one[i + 7]! ^ other[i + 7]!)
    if (difference !== 0) return false
  }
  return true
}

export const sameProcessor = (one: Machine, other: Machine): boolean =>
  one.mode === other.mode && one.counter === other.counter && one.base === other.base && one.bound === other.bound
  && one.timer === other.timer && one.pending === other.pending && one.halted === other.halted

export const sameDevices = (one: Machine, other: Machine): boolean =>
  one.diskPosition === other.diskPosition && one.taken === other.taken

const scalars = ['mode', 'counter', 'base', 'bound', 'timer', 'pending', 'halted', 'diskPosition', 'taken'] as const

const firstWord = (name: string, expected: Int32Array, found: Int32Array): string | undefined => {
  const index = expected.findIndex((word, i) => word !== found[i])
  return index < 0 ? undefined : `${name}[${index}] is ${hex(found[index]!)}, expected ${hex(expected[index]!)}`
}

const hex = (word: number): string => (word >>> 0).toString(16).toUpperCase().padStart(8, '0')

/** The first component in which a machine is not as expected. */
export const describeDifference = (expected: Machine, found: Machine): string => {
  for (const name of scalars) {
    if (expected[name] !== found[name]) return `${name} is ${String(found[name])}, expected ${String(expected[name])}`
  }
  return firstWord('G', wordsOf(expected.registers), wordsOf(found.registers))
    ?? firstWord('E', wordsOf(expected.storage), wordsOf(found.storage))
    ?? firstWord('disk', wordsOf(expected.disk), wordsOf(found.disk))
    ?? `${found.printed.length} bytes are printed, expected ${expected.printed.length}`
}
