import { describe, expect, it } from 'vitest'
import { r4000 } from '../../../model/isa/mips/isa.ts'
import type { Trial } from '../bench.ts'
import { answerOf, place, programs, recordOf } from './record.ts'

const isa = r4000()
const trial = (name: string, registers: Readonly<Record<string, bigint>>, cells: Readonly<Record<string, readonly (readonly [bigint, bigint])[]>> = {}): Trial => ({
  instruction: isa.instructions.find((i) => i.name === name)!, word: 0x1234n,
  before: { registers: new Map(Object.entries({ PC: BigInt(programs.kuseg), ...registers })), cells: new Map(Object.entries(cells).map(([bank, content]) => [bank, new Map(content)])) },
})
const words = (record: Uint8Array, from: number, count: number): number[] => Array.from({ length: count }, (_, n) => new DataView(record.buffer).getUint32(4 * (from + n)))
const returned = (t: Trial, vector: number, code: number, EPC: number, bad: number) => {
  const view = new DataView(recordOf(t).slice().buffer)
  for (const [index, value] of [[34, 2], [39, vector], [40, code << 2], [41, EPC], [42, bad]] as const) view.setUint32(4 * index, value)
  const answer = answerOf(t, new Uint8Array(view.buffer))
  return answer.kind === 'completed'
    ? { PC: answer.after.registers.get('PC'), EXL: answer.after.registers.get('EXL'), EPC: answer.after.cells.get('CP0')!.get(14n) }
    : answer.kind === 'trapped' ? answer.causes : answer.why
}
const PC = BigInt(programs.kuseg), sentinel = 0x7ff1

describe('a record of the R4000\'s kernel', () => {
  it('has a NOP in the delay slot of a branch, and the sentinel after', () => {
    expect(words(recordOf(trial('ADDU', {})), 36, 3)).toEqual([0x1234, 0x8c007ff1, 0x8c007ff1])
    expect(words(recordOf(trial('BEQ', {})), 36, 3)).toEqual([0x1234, 0, 0x8c007ff1])
    expect(words(recordOf(trial('ERET', {})), 36, 3)).toEqual([0x1234, 0x8c007ff1, 0x8c007ff1])
  })
  it('maps the pages of the data from where the program sees them to where they are', () => {
    const shifted = trial('LW', { 'PFN - VPN': 0x10n, V: 1n, D: 0n }, { E: [[(1n << 30n) + 0x1011400n / 4n, 7n]] })
    expect(words(recordOf(shifted), 88, 2)).toEqual([0xa1011400, 7])
    expect(words(recordOf(shifted), 98, 5)).toEqual([46, 0, 0x01000000, (0x1011 << 6) | 0x13, (0x1010 << 6) | 0x13])
  })
  it('has completed at the sentinel, or where a branch finds no page', () => {
    expect(returned(trial('ADDU', {}), 1, 4, place.userCode + 4, sentinel)).toMatchObject({ PC: PC + 1n })
    expect(returned(trial('BEQ', {}), 1, 4, place.userCode + 8, sentinel)).toMatchObject({ PC: PC + 1n })
    expect(returned(trial('BEQ', {}), 0, 2, 0x5000, 0x5000)).toMatchObject({ PC: 0x1400n })
    expect(returned(trial('LW', {}), 0, 2, place.userCode, 0x5000)).toEqual(['address error, TLB'])
    expect(returned(trial('BREAK', {}), 1, 9, place.userCode, 0)).toEqual(['breakpoint'])
  })
  it('tells by EPC and by the vector whether EXL was 0', () => {
    expect(returned(trial('ADDU', {}), 1, 4, place.userCode + 4, sentinel)).toEqual({ PC: PC + 1n, EXL: 0n, EPC: undefined })
    expect(returned(trial('ADDU', {}), 1, 4, 0x700, sentinel)).toEqual({ PC: PC + 1n, EXL: 1n, EPC: 0x700n })
    expect(returned(trial('JR', {}, { CP0: [[14n, 0x5000n]] }), 1, 2, 0x5000, 0x5000)).toEqual({ PC: 0x1400n, EXL: undefined, EPC: 0x5000n })
    expect(returned(trial('JR', {}, { CP0: [[14n, 0x5000n]] }), 0, 2, 0x5000, 0x5000)).toEqual({ PC: 0x1400n, EXL: 0n, EPC: undefined })
  })
})
