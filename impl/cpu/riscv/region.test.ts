// Which blocks make a region: with translations that are there already, and without.
import { describe, expect, it } from 'vitest'
import { record, recordBytes } from './layout.ts'
import { operation } from './operations.ts'
import { findRegion, type Source } from './region.ts'

/** Code of so many instructions that are no jumps, and the jumps that stand in their places: from an instruction to another, by their indices. */
const code = (length: number, jumps: readonly (readonly [from: number, to: number])[], translated: Source['translated']): Source => {
  const view = new DataView(new ArrayBuffer(2 * (length + 1) * recordBytes))
  for (let index = 0; index <= length; index++) {
    const place = 2 * index * recordBytes, to = jumps.find(([from]) => from === index)?.[1]
    view.setUint16(place + record.operation, index === length ? operation.handled : to === undefined ? operation.ADDI : operation['BNE near'], true)
    view.setUint8(place + record.size, 2 * recordBytes)
    view.setInt32(place + record.immediate, to === undefined ? 1 : 4 * (to - index) * recordBytes / 2, true)
  }
  return { view, pages: [0], decode: () => undefined, cross: () => undefined, translated }
}

const starts = (source: Source, entry: number): readonly number[] => findRegion(source, 4 * entry)!.map(({ start }) => start / 4).sort((a, b) => a - b)

describe('a region', () => {
  // Instructions 2 to 9 are a loop, 12 to 19 another after it, and both are in one from 0 to 30.
  const jumps = [[9, 2], [19, 12]] as const, around = [...jumps, [30, 0]] as const
  const from = (index: number, instructions: number) => (offset: number): number => offset === 4 * index ? instructions : 0
  it('is what is reached', () => expect(starts(code(40, jumps, () => 0), 2)).toEqual([2, 10, 12, 20]))
  it('ends before a long translation', () => expect(starts(code(40, jumps, from(12, 64)), 2)).toEqual([2, 10]))
  it('goes on into a short one', () => expect(starts(code(40, jumps, from(12, 63)), 2)).toEqual([2, 10, 12, 20]))
  it('goes on where a way leads back', () => expect(starts(code(40, around, from(12, 64)), 0)).toEqual([0, 2, 10, 12, 20, 31]))
  it('is that of its own entry, translated before or not', () => expect(starts(code(40, jumps, from(12, 64)), 12)).toEqual([12, 20]))
})
