import { describe, expect, it } from 'vitest'
import { r3000 } from '../../../model/isa/mips/isa.ts'
import type { Trial } from '../bench.ts'
import { answerOf, place, programs, recordOf } from './record.ts'

const isa = r3000()
const trial = (name: string, PC: number, registers: Readonly<Record<string, bigint>> = {}, cells: Readonly<Record<string, readonly (readonly [bigint, bigint])[]>> = {}): Trial => ({
  instruction: isa.instructions.find((i) => i.name === name)!, word: 0x1234n,
  before: { registers: new Map(Object.entries({ PC: BigInt(PC), ...registers })), cells: new Map(Object.entries(cells).map(([bank, content]) => [bank, new Map(content)])) },
})
const words = (record: Uint8Array, from: number, count: number): number[] => Array.from({ length: count }, (_, n) => new DataView(record.buffer).getUint32(4 * (from + n)))
const returned = (t: Trial, said: Readonly<Record<number, number>>) => {
  const view = new DataView(recordOf(t).slice().buffer)
  for (const [index, value] of Object.entries(said)) view.setUint32(4 * Number(index), value)
  return answerOf(t, new Uint8Array(view.buffer))
}
const [status, cause, EPC, bad, savedStatus, savedEPC] = [34, 44, 45, 46, 53, 54]
const breakpoint = 9 << 2, { kuseg, kseg0 } = programs
const statusOf = (answer: ReturnType<typeof returned>) => (answer.kind === 'completed' ? ['KUc', 'KUp', 'KUo'].map((n) => answer.after.registers.get(n)) : answer)

describe('a record of the R3000\'s kernel', () => {
  it('has BREAK after the instruction, after the delay slot of a branch, and after the program has saved Status in kseg0', () => {
    expect(words(recordOf(trial('ADDU', kuseg)), 37, 2)).toEqual([0x1234, 0xd])
    expect(words(recordOf(trial('BEQ', kseg0)), 37, 3)).toEqual([0x1234, 0, 0xd])
    expect(words(recordOf(trial('ADDU', kseg0)), 37, 7)).toEqual([0x1234, 0xac1afff4, 0x401a6000, 0xac1afff0, 0x401a7000, 0xac1affec, 0xd])
  })
  it('maps the page of the data from where the program sees it to where it is', () => {
    const shifted = trial('LW', kseg0, { 'PFN - VPN': 0x10n, V: 1n, D: 0n }, { E: [[(1n << 30n) + 0x1011400n / 4n, 7n]] })
    expect(words(recordOf(shifted), 90, 2)).toEqual([0xa1011400, 7])
    expect(words(recordOf(shifted), 100, 3)).toEqual([20, 0x01001000, 0x01011300])
  })
  it('has Random one ahead of the entry that TLBWR is to write', () => {
    const random = (name: string, value: bigint): number[] => words(recordOf(trial(name, kseg0, {}, { CP0: [[1n, value]] })), 48, 1)
    expect(['TLBWR', 'MFC0'].map((name) => random(name, 0x0900n)[0])).toEqual([0x0a00, 0x0900])
    expect(random('TLBWR', 0x3f00n)).toEqual([0x0800])
  })
  it('has completed at the BREAK, or where a branch finds no page', () => {
    const after = (t: Trial, said: Readonly<Record<number, number>>) => {
      const answer = returned(t, said)
      return answer.kind === 'completed' ? answer.after.registers.get('PC') : answer.kind === 'trapped' ? answer.causes : answer.kind
    }
    expect(after(trial('ADDU', kuseg), { [cause]: breakpoint, [EPC]: 4 * kuseg + 4 })).toBe(BigInt(kuseg + 1))
    expect(after(trial('ADDU', kseg0), { [cause]: breakpoint, [EPC]: 4 * kseg0 + 24 })).toBe(BigInt(kseg0 + 1))
    expect(after(trial('ADDU', kseg0), { [cause]: breakpoint, [EPC]: 4 * kseg0 + 20 })).toBe('lost')
    expect(after(trial('BEQ', kuseg), { [cause]: 2 << 2, [EPC]: 0x8000, [bad]: 0x8000 })).toBe(0x2000n)
    expect(after(trial('LW', kuseg), { [cause]: 2 << 2, [EPC]: 4 * kuseg, [bad]: 0x8000 })).toEqual(['address error, TLB'])
    expect(after(trial('BREAK', kuseg), { [cause]: breakpoint, [EPC]: 4 * kuseg })).toEqual(['breakpoint'])
  })
  it('shows the modes before the exception, the old ones where the program has saved them', () => {
    expect(statusOf(returned(trial('RFE', kuseg), { [cause]: breakpoint, [EPC]: 4 * kuseg + 4, [status]: 0x28 }))).toEqual([1n, 1n, undefined])
    expect(statusOf(returned(trial('RFE', kseg0), { [cause]: breakpoint, [EPC]: 4 * kseg0 + 24, [status]: 0x28, [savedStatus]: 0x20, [savedEPC]: 4 }))).toEqual([0n, 0n, 1n])
  })
  it('writes the instruction to where it is uncached', () => {
    expect([kuseg, kseg0].map((PC) => words(recordOf(trial('ADDU', PC)), 36, 1)[0])).toEqual([0xa0000000 + place.userCode, 0xa0000000 + place.kernelCode])
  })
})
