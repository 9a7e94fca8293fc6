// How the records of the Alpha's test kernel lay a register down without storage.
import { describe, expect, it } from 'vitest'
import { alpha } from '../../../model/isa/alpha/isa.ts'
import { singleStep } from '../../../model/machine/single-step.ts'
import { Random } from '../../generate-random.ts'
import { loads } from './record.ts'

/** SLL R5, 32, R5: the model has no shifts by literals. */
const shift = 0x48a41725n
const held = (words: readonly bigint[]): bigint => words.reduce(
  (value, word) => (word === shift ? BigInt.asUintN(64, value << 32n) : singleStep(alpha, word, { 'R 5': value })!.after['R 5'] ?? 0n), 0x123456789n)

describe('instructions that make a register hold a number', () => {
  const random = new Random(1), word = (): bigint => BigInt(random.word() >>> 0)
  const numbers = [0n, 1n, 0x7fffn, 0x8000n, 0xffffn, 0x7fffffffn, 0x80000000n, 0x7fff8000n, 1n << 63n, (1n << 64n) - 1n, (1n << 63n) - 1n, ...Array.from({ length: 200 }, () => (word() << 32n) | word())]
  it('make it hold it, all of them', () => {
    for (const n of numbers) {
      const words = loads(5n, n)
      expect(held(words)).toBe(n)
      if (n & 0xffffn) expect(held(words.slice(0, -1))).not.toBe(n)
    }
  })
})
