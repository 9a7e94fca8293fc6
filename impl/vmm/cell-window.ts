// A part of a machine's cells or disk, seen from its own position 0.
import type { WordView } from '../../model/vocab/index.ts'

/** A live view of `length` words from `start`; an Int32Array when the words are held in one. */
export const cellWindow = (words: WordView, start: number, length: number): WordView => {
  if (words instanceof Int32Array) return words.subarray(start, start + length)
  return new Proxy<WordView>({ length }, {
    get: (target, key) => {
      const index = typeof key === 'string' ? Number(key) : Number.NaN
      return Number.isInteger(index) && index >= 0 && index < length ? words[start + index] : Reflect.get(target, key)
    },
  })
}
