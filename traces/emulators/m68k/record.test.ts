import { describe, expect, it } from 'vitest'
import { m68k } from '../../../model/isa/m68k/isa.ts'
import type { Model } from '../../../model/isa/m68k/state.ts'
import type { Trial } from '../bench.ts'
import { answerOf, place, recordOf } from './record.ts'

const trial = (model: Model, name: string, word: bigint, registers: Readonly<Record<string, bigint>>, cells: Readonly<Record<string, readonly (readonly [bigint, bigint])[]>>): Trial => ({
  instruction: m68k(model).instructions.find((i) => i.name === name)!, word,
  before: { registers: new Map(Object.entries(registers)), cells: new Map(Object.entries(cells).map(([bank, content]) => [bank, new Map(content)])) },
})
const word = (record: Uint8Array, index: number): number => new DataView(record.buffer).getUint32(4 * index)
/** What the kernel leaves in the record: the vector, the frame's address and its first words, the supervisor's stack pointers. */
const returned = (record: Uint8Array, vector: number, SR: number, PC: number, format: number, SSP: number, MSP = 0): Uint8Array => {
  const view = new DataView(record.slice().buffer)
  for (const [index, value] of [[27, vector], [28, MSP || SSP], [16, SSP], [17, MSP]] as const) view.setUint32(4 * index, value)
  view.setUint16(4 * 29, SR)
  view.setUint32(4 * 29 + 2, PC)
  view.setUint16(4 * 29 + 6, format)
  return new Uint8Array(view.buffer)
}

describe('a record of the 68000\'s kernel', () => {
  const nop = trial('68000', 'NOP', 0x4e71n, { S: 1n, USP: 5n, SSP: 7n }, { A: [[7n, 0x900000n]], E: [[0x480000n, 9n], [0x47fffen, 3n]] })
  it('has A7 in the stack pointer in force, and ILLEGAL after a short instruction', () => {
    const record = recordOf(nop, '68000')
    expect([15, 16, 20, 21].map((n) => word(record, n))).toEqual([5, 0x900000, 0x4e714afc, 0x4afc4afc])
    expect(word(recordOf({ ...nop, before: { ...nop.before, registers: new Map([['S', 0n], ['SSP', 7n]]) } }, '68000'), 15)).toBe(0x900000)
    const master = trial('68020', 'NOP', 0x4e71n, { S: 1n, M: 1n, ISP: 7n, MSP: 8n }, { A: [[7n, 0x2000000n]] })
    expect([16, 17].map((n) => word(recordOf(master, '68020'), n))).toEqual([7, 0x2000000])
  })
  it('has completed when ILLEGAL comes elsewhere, and trapped when it is the instruction', () => {
    const after = (vector: number, PC: number) => answerOf(nop, returned(recordOf(nop, '68000'), vector, 0x2000, PC, 0, 0x8ffffa), '68000', false)
    expect(after(4, place.code)).toMatchObject({ kind: 'trapped', causes: ['illegal instruction'] })
    expect(after(8, place.code)).toMatchObject({ kind: 'trapped', causes: ['privilege violation'] })
    expect(after(4, place.code + 2).kind).toBe('completed')
    expect(after(9, place.code + 2).kind).toBe('completed')
    expect(after(24, place.code).kind).toBe('lost')
  })
  it('gives the stack pointer without the frame, and no cells under it', () => {
    const answer = answerOf(nop, returned(recordOf(nop, '68000'), 4, 0x2000, place.code + 2, 0, 0x8ffffa), '68000', false)
    if (answer.kind !== 'completed') throw new Error(answer.kind)
    expect(answer.after.cells.get('A')!.get(7n)).toBe(0x900000n)
    expect([...answer.after.cells.get('E')!.keys()]).toEqual([0x480000n])
    expect(answer.after.registers.has('SSP')).toBe(false)
  })
  it('tells the length of a frame by its format', () => {
    const plain = trial('68020', 'NOP', 0x4e71n, { S: 1n, M: 1n }, { A: [[7n, 0x2000000n]] })
    const a7 = (format: number, length: number) => {
      const answer = answerOf(plain, returned(recordOf(plain, '68020'), 4, 0x3000, place.code + 2, format, 0x40, 0x2000000 - length), '68020', true)
      return answer.kind === 'completed' ? [answer.after.cells.get('A')!.get(7n), answer.after.registers.get('ISP')] : answer
    }
    expect(a7(0x0010, 8)).toEqual([0x2000000n, 0x40n])
    expect(a7(0x2010, 12)).toEqual([0x2000000n, 0x40n])
  })
})
