// What the records of the LoongArch kernel say, without an emulator: whether the instruction completed, where it went, what is known afterwards.
import { describe, expect, it } from 'vitest'
import { loongarch } from '../../../model/isa/loongarch/isa.ts'
import { symbols } from './kernel.ts'
import { answerOf, programAt, recordOf } from './record.ts'

const isa = loongarch()
const trialOf = (name: string, word: number, registers: Readonly<Record<string, bigint>> = {}) => ({
  instruction: isa.instructions.find((i) => i.name === name)!, word: BigInt(word),
  before: { registers: new Map(Object.entries({ 'CRMD.PG': 1n, PC: BigInt(programAt / 4), ...registers })), cells: new Map([['GR', new Map([[31n, 0x123456789abcdef0n]])]]) },
})
/** In doublewords: how control came back, ESTAT, PRMD, ERA, TLBRPRMD, TLBRERA. */
const at = { how: 69, CRMD: 70, ESTAT: 75, PRMD: 77, ERA: 78, TLBRERA: 98, TLBRPRMD: 103 } as const
const answer = (trial: ReturnType<typeof trialOf>, words: Partial<Record<keyof typeof at, bigint | number>>) => {
  const record = recordOf(trial), view = new DataView(record.buffer)
  for (const [name, value] of Object.entries(words)) view.setBigUint64(8 * at[name as keyof typeof at], BigInt(value), true)
  return answerOf(trial, record)
}
const add = trialOf('ADD.W', 0x00100000)
const after = (a: ReturnType<typeof answerOf>, name: string) => (a.kind === 'completed' ? a.after.registers.get(name) : a.kind)

describe('records', () => {
  it('build r31 from the four words before the instruction', () => {
    const view = new DataView(recordOf(add).buffer)
    const field = (word: number, low: number, width: number): bigint => (BigInt(view.getUint32(8 * 66 + 4 * word, true)) >> BigInt(low)) & ((1n << BigInt(width)) - 1n)
    expect((field(3, 10, 12) << 52n) | (field(2, 5, 20) << 32n) | (field(0, 5, 20) << 12n) | field(1, 10, 12)).toBe(0x123456789abcdef0n)
  })
  it('an instruction that completes at level 0 leaves everything to be read', () => {
    const a = answer(add, { how: 0, PRMD: 7n, CRMD: 0x10n })
    expect(['PC', 'CRMD.PG', 'PRMD.PPLV', 'PRMD.PIE'].map((n) => after(a, n))).toEqual([BigInt(programAt / 4 + 1), 1n, 3n, 1n])
  })
  it('below it the first instruction after it traps, which hides what exceptions write', () => {
    const a = answer(add, { how: 1, ESTAT: 14n << 16n, ERA: symbols.back, PRMD: 3n })
    expect(['PC', 'CRMD.PLV', 'PRMD.PPLV'].map((n) => after(a, n))).toEqual([BigInt(programAt / 4 + 1), 3n, undefined])
  })
  it('the same exception at the instruction is its own', () => {
    expect(answer(add, { how: 1, ESTAT: 14n << 16n, ERA: programAt })).toMatchObject({ kind: 'trapped', causes: ['IPE'] })
    expect(answer(add, { how: 1, ESTAT: 11n << 16n, ERA: symbols.back }).kind).toBe('lost')
  })
  it('a fetch that fails elsewhere is where a branch went', () => {
    const a = answer(add, { how: 2, TLBRERA: 0x7654321000n | 1n, TLBRPRMD: 3n })
    expect(['PC', 'CRMD.PLV', 'CRMD.DA', 'TLBRERA.IsTLBR'].map((n) => after(a, n))).toEqual([0x7654321000n >> 2n, 3n, 0n, undefined])
    expect(answer(add, { how: 2, TLBRERA: programAt | 1 })).toMatchObject({ kind: 'trapped', causes: ['address translation'] })
  })
})
