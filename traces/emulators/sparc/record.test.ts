import { expect, it } from 'vitest'
import { leon3 } from '../../../model/isa/sparc/isa.ts'
import { place, recordOf } from './record.ts'

const instruction = leon3().instructions.find((i) => i.name === 'LD')!
const wordsOf = (registers: readonly (readonly [string, bigint])[]): readonly (readonly [number, number])[] => {
  const record = recordOf({ instruction, word: 0xc4004000n, before: { registers: new Map(registers), cells: new Map([['E', new Map([[BigInt(place.storage / 4), 5n]])]]) } })
  const view = new DataView(record.buffer), word = (n: number): number => view.getUint32(4 * n)
  return Array.from({ length: word(185) }, (_, n) => [word(186 + 2 * n), word(187 + 2 * n)] as const)
}

it('with the MMU off only storage is written', () => {
  expect(wordsOf([['PPN - VPN', 0x12345n]])).toEqual([[place.storage, 5]])
})

it('with the MMU on, three levels of tables lead from each page to its frame, with its permissions', () => {
  const words = new Map(wordsOf([['MMU.E', 1n], ['PPN - VPN', BigInt.asUintN(20, BigInt((place.storage >>> 12) - 0x80123))], ['ACC', 3n]]))
  const [one, two, three] = place.levels
  expect(words.get(one + 4 * 0x80 + 1)).toBe(two >>> 4 | 1)
  expect(words.get(two + 4 * (0x123 >> 6) + 1)).toBe(three >>> 4 | 1)
  for (const n of [0, 15]) expect(words.get(three + 4 * ((0x123 & 63) + n) + 1)).toBe(((place.storage >>> 12) + n) * 256 + 3 * 4 + 2)
  expect(words.size).toBe(1 + 2 + 16)
})
