// What a trial has in memory, without an emulator: gates of 16 bytes, and storage where its addresses are canonical.
import { describe, expect, it } from 'vitest'
import { reader } from '../x86/guest.ts'
import { cellsFrom, memoryOf, pagesOf, storageAddress } from './memory.ts'

const table = 0xffff_f000_0000_0000n
const state = (registers: Readonly<Record<string, bigint>>, cells: Readonly<Record<string, readonly (readonly [bigint, bigint])[]>>) =>
  reader({ registers: new Map(Object.entries({ 'GDTR.base': table, ...registers })), cells: new Map(Object.entries(cells).map(([bank, content]) => [bank, new Map(content)])) })

describe('memory of 64-bit mode', () => {
  it('a call gate has its offset in three places', () => {
    const gate = (0x23n << 64n) | 0x1234_5678_9abc_def0n
    const s = state({}, { 'DT.gate': [[4n, gate]], 'DT.rights': [[4n, 0xbecn]] }), memory = memoryOf(s)
    expect(memory.get(table + 16n, 8)).toBe(0x9abc_ec00_0023_def0n)
    expect(memory.get(table + 24n, 8)).toBe(0x1234_5678n)
    expect(cellsFrom(memory, memory, s).get('DT.gate')).toEqual(new Map([[4n, gate]]))
  })
  it('a segment has eight bytes, and what follows is not its own', () => {
    const s = state({}, { 'DT.rights': [[4n, 0xafbn]], 'DT.limit': [[4n, 0xffffffffn]], 'DT.base': [[4n, 0n]] })
    expect([...memoryOf(s).words.keys()]).toEqual([0xf000_0000_0010, 0xf000_0000_0014])
  })
  it('storage is where the program has it, and its pages are as the state says', () => {
    const index = (0xffff_8000_0000_1008n + 0x501000n & 0xffff_ffff_ffffn) / 8n, registers = { CR3: 0x501fffn, 'PAGES.user': 1n << 35n, 'PAGES.all': (1n << 35n) + 2n }
    const s = state(registers, { E: [[index, 7n]] })
    expect(storageAddress(index, s)).toBe(0xffff_8000_0000_1008n)
    expect([...pagesOf(memoryOf(s), s)]).toEqual([[0x8_0000_0001, 0x63]])
    expect([...pagesOf(memoryOf(s), state({ ...registers, 'PAGES.all': 1n << 35n }, { E: [[index, 7n]] }))]).toEqual([[0x8_0000_0001, 0]])
  })
})
