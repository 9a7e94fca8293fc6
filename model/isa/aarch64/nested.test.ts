import { describe, expect, it } from 'vitest'
import { singleStep, type Contents } from '../../machine/single-step.ts'
import { aarch64EL2, aarch64NV } from './nested.ts'

const el1: Contents = { EL: 1n, SPSel: 1n }, el2: Contents = { ...el1, 'at EL2': 1n }
const [v8, v83] = [aarch64EL2(), aarch64NV()]
const run = (word: number, before: Contents = {}, isa = v8) => {
  const step = singleStep(isa, BigInt(word), before)!
  return { name: step.instruction.name, cause: step.cause, ...step.after }
}

describe('EL2', () => {
  it.each([
    [0xd53c1100, 'MRS HCR_EL2'], [0xd51cc000, 'MSR VBAR_EL2'], [0xd53c4100, 'MRS SP_EL1'], [0xd53c4020, 'MRS ELR_EL2'], [0xd51c2100, 'MSR VTTBR_EL2'],
    [0xd50c871f, 'TLBI ALLE2'], [0xd50c7880, 'AT S12E1R'],
  ])('%i is %s, and undefined at EL1', (word, name) => {
    expect(run(word, el2)).toMatchObject({ name, cause: undefined })
    expect(run(word, el1).cause).toBe('undefined')
    expect(run(word, { ...el1, 'HCR_EL2.NV': 1n }, v83).cause).toBe('trap to EL2')
  })
  it('has CurrentEL, which HCR_EL2.NV gives EL1 too', () => {
    expect(run(0xd5384240, el2)).toMatchObject({ 'X 0': 8n })
    expect(run(0xd5384240, el1)).toMatchObject({ 'X 0': 4n })
    expect(run(0xd5384240, { ...el1, 'HCR_EL2.NV': 1n }, v83)).toMatchObject({ 'X 0': 8n })
  })
  it('returns by its own registers', () => {
    const returns = { SPSR_EL2: 0x40000005n, ELR_EL2: 0x40n, 'SPSR_EL1.M': 0n, ELR_EL1: 0x80n }
    expect(run(0xd69f03e0, { ...el2, ...returns })).toMatchObject({ cause: undefined, 'at EL2': 0n, EL: 1n, SPSel: 1n, Z: 1n, PC: 0x10n })
    expect(run(0xd69f03e0, { ...el1, ...returns })).toMatchObject({ cause: undefined, EL: 0n, PC: 0x20n })
    expect(run(0xd69f03e0, { ...el1, ...returns, 'SPSR_EL1.M': 9n })).toMatchObject({ EL: 1n, IL: 1n })
    expect(run(0xd69f03e0, { ...el1, 'HCR_EL2.NV': 1n, 'VBAR_EL2<63:11>': 1n, PC: 4n }, v83)).toMatchObject({ cause: 'trap to EL2', 'at EL2': 1n, ELR_EL2: 0x10n, SPSR_EL2: 5n, PC: 0xc00n / 4n })
  })
  it('takes hypervisor calls', () => {
    expect(run(0xd4000002, { ...el1, PC: 4n })).toMatchObject({ cause: 'hypervisor call', 'at EL2': 1n, ELR_EL2: 0x14n })
  })
  it('reads and writes HCR_EL2 by its bits', () => {
    expect(run(0xd53c1100, { ...el2, 'HCR_EL2.TWI': 1n, 'HCR_EL2.TVM': 1n })).toMatchObject({ 'X 0': (1n << 13n) | (1n << 26n) })
    expect(run(0xd51c1100, { ...el2, 'X 0': 1n << 30n })).toMatchObject({ 'HCR_EL2.TRVM': 1n, 'HCR_EL2.TVM': 0n })
  })
})

it('EL2 has one stage of translation and EL1 two', () => {
  const before = { 'valid 0': 1n, 'X 1': 0n, 'TTBR0_EL1.BADDR': 1n, VTTBR_EL2: 2n, TTBR0_EL2: 4n, 'Memory 3000': 7n, 'Memory 4000': 8n }
  expect(run(0xf9400020, { ...before, ...el1 })).toMatchObject({ 'X 0': 7n })
  expect(run(0xf9400020, { ...before, ...el2 })).toMatchObject({ 'X 0': 8n })
})
