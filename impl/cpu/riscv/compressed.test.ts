// Compressed instructions: what each stands for, as GNU objdump names both.
import { describe, expect, it } from 'vitest'
import { expand } from './compressed.ts'

/** One of each, with as many different operand bits as it has; 0 for what is reserved. */
const pairs: readonly (readonly [half: number, word: number])[] = [
  [0x1030, 0x02810613],
  [0x2ad8, 0x0906b707],
  [0x5a6c, 0x07462583],
  [0x7a6c, 0x0f063583],
  [0xba6c, 0x0eb63827],
  [0xda6c, 0x06b62a23],
  [0xfa6c, 0x0eb63823],
  [0x1535, 0xfed50513],
  [0x3535, 0xfed5051b],
  [0x5535, 0xfed00513],
  [0x7155, 0xf3010113],
  [0x7535, 0xfffed537],
  [0x9135, 0x02d55513],
  [0x9535, 0x42d55513],
  [0x9935, 0xfed57513],
  [0x8d15, 0x40d50533],
  [0x8d35, 0x00d54533],
  [0x8d55, 0x00d56533],
  [0x8d75, 0x00d57533],
  [0x9d15, 0x40d5053b],
  [0x9d35, 0x00d5053b],
  [0xb555, 0xea5ff06f],
  [0xd555, 0xfa0506e3],
  [0xf555, 0xfa0516e3],
  [0x1536, 0x02d51513],
  [0x3536, 0x16813507],
  [0x5536, 0x06c12503],
  [0x7536, 0x16813503],
  [0x8536, 0x00d00533],
  [0x9536, 0x00d50533],
  [0x8502, 0x00050067],
  [0x9502, 0x000500e7],
  [0x9002, 0x00100073],
  [0xb536, 0x0ad13427],
  [0xd536, 0x0ad12423],
  [0xf536, 0x0ad13423],
  [0x0001, 0x00000013],
  [0x0000, 0x00000000],
  [0x6001, 0x00000000],
  [0x6101, 0x00000000],
  [0x2001, 0x00000000],
  [0x4002, 0x00000000],
  [0x6002, 0x00000000],
  [0x8002, 0x00000000],
  [0x9c41, 0x00000000],
  [0x8000, 0x00000000],
]

/** FNV-1a over the words of all halves in order: those that objdump's text of each was found equal to. */
const checked = 0x8ceb6f13

const sumOf = (meaning: (half: number) => number): number => {
  let sum = 0x811c_9dc5
  for (let half = 0; half < 0x1_0000; half++) {
    if ((half & 3) === 3) continue
    const word = meaning(half)
    for (let byte = 0; byte < 4; byte++) sum = Math.imul(sum ^ (word >>> 8 * byte & 255), 0x0100_0193) >>> 0
  }
  return sum
}

describe('compressed instructions', () => {
  it.each(pairs)('%i', (half, word) => {
    expect(expand(half)).toBe(word)
  })
  it('are all as they were checked', () => {
    expect(sumOf(expand)).toBe(checked)
  })
  it('are not when one bit differs', () => {
    expect(sumOf((half) => half === 0x9536 ? expand(half) ^ 0x80 : expand(half))).not.toBe(checked)
  })
})
