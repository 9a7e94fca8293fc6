import { expect, it } from 'vitest'
import { powerpc } from '../../../model/isa/powerpc/isa.ts'
import { declareState } from '../../../model/isa/powerpc/state.ts'
import { recordOf } from './record.ts'

const isa = powerpc(), s = declareState({ processor: '603e', undefinedSpr: 'illegal' })
const codeOf = (name: string, word: bigint, registers: readonly (readonly [string, bigint])[]): number[] => {
  const record = recordOf({ instruction: isa.instructions.find((i) => i.name === name)!, word, before: { registers: new Map(registers), cells: new Map() } }, s)
  const view = new DataView(record.buffer)
  return [185, 186, 187, 188].map((n) => view.getUint32(4 * n))
}

it('the program is written as the byte order in force reads it, and nothing follows it', () => {
  expect(codeOf('add', 0x7c642a14n, [])).toEqual([0x7c1342a6, 0x7c642a14, 0, 0])
  expect(codeOf('add', 0x7c642a14n, [['MSR[LE]', 1n]])).toEqual([0xa642137c, 0x142a647c, 0, 0])
})

it('after a write of what an interrupt saves, both are read into registers that it does not name', () => {
  expect(codeOf('mtspr SRR0', 0x7c7a03a6n, [])).toEqual([0x7c1342a6, 0x7c7a03a6, 0x7c9a02a6, 0x7cbb02a6])
  expect(codeOf('mtspr SRR1', 0x7c9b03a6n, []).slice(2)).toEqual([0x7c5a02a6, 0x7c7b02a6])
})
