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

describe('what EL2 has otherwise than EL1', () => {
  it('LDTR has its privilege', () => {
    const page = { 'valid 0': 1n, 'AP 0': 0n, 'Memory 0': 7n }
    expect(run(0xf8400820, { ...el2, ...page })).toMatchObject({ name: 'LDTR X', cause: undefined, 'X 0': 7n })
    expect(run(0xf8400820, { ...el1, ...page }).cause).toBe('data abort')
    expect(run(0xf8400820, { ...el1, ...page, 'AP 0': 1n }).cause).toBeUndefined()
  })
  it('floating point is enabled by CPTR_EL2.TFP, which goes for EL1 too, and not by CPACR_EL1', () => {
    expect(run(0xd53b4400, el2)).toMatchObject({ name: 'MRS FPCR', cause: undefined })
    expect(run(0xd53b4400, el1).cause).toBe('floating point')
    for (const level of [el1, el2]) expect(run(0xd53b4400, { ...level, 'CPACR_EL1.FPEN': 3n, 'CPTR_EL2.TFP': 1n }).cause).toBe('floating point')
  })
  it('SP is checked by SCTLR_EL2.SA', () => {
    const before = { 'valid 0': 1n, SP: 8n }
    expect(run(0xf94003e0, { ...el2, ...before, 'SCTLR_EL2.SA': 1n }).cause).toBe('SP alignment')
    expect(run(0xf94003e0, { ...el2, ...before, 'SCTLR_EL1.SA': 1n }).cause).toBeUndefined()
  })
  it('its registers read as they are, with what is reserved as 1', () => {
    expect(run(0xd53c1000, { ...el2, 'SCTLR_EL2.M': 1n })).toMatchObject({ name: 'MRS SCTLR_EL2', 'X 0': 0x30c50831n })
    expect(run(0xd53c1140, el2)).toMatchObject({ name: 'MRS CPTR_EL2', 'X 0': 0x33ffn })
    expect(run(0xd51cc000, { ...el2, 'X 0': 0xfffn })).toMatchObject({ name: 'MSR VBAR_EL2', 'VBAR_EL2<63:11>': 1n })
  })
})

it('a return has the stack pointer of its level', () => {
  const stacks = { SP: 1n, SP_EL0: 2n, SP_ELx: 3n, SP_EL1: 4n }
  expect(run(0xd69f03e0, { ...el2, ...stacks, SPSR_EL2: 5n })).toMatchObject({ SP: 4n, SP_EL0: 2n })
  expect(run(0xd69f03e0, { ...el2, ...stacks, SPSR_EL2: 4n })).toMatchObject({ SP: 2n, SP_ELx: 4n })
  expect(run(0xd69f03e0, { ...el2, ...stacks, SPSR_EL2: 8n })).toMatchObject({ SP: 2n, SP_ELx: 1n })
  expect(run(0xd69f03e0, { ...el1, ...stacks, 'SPSR_EL1.M': 4n })).toMatchObject({ SP: 2n, SP_ELx: 1n })
  expect(run(0xd69f03e0, { ...el1, SPSel: 0n, ...stacks, 'SPSR_EL1.M': 5n })).toMatchObject({ SP: 3n, SP_EL0: 1n })
})

it('HCR_EL2 has HVC undefined, and TLBI and WFE at EL1 trapped', () => {
  expect(run(0xd4000002, { ...el1, 'HCR_EL2.HCD': 1n }).cause).toBe('undefined')
  expect(run(0xd508871f, { ...el1, 'HCR_EL2.TTLB': 1n })).toMatchObject({ name: 'TLBI VMALLE1', cause: 'trap to EL2' })
  expect(run(0xd508871f, { ...el2, 'HCR_EL2.TTLB': 1n }).cause).toBeUndefined()
})

it('AT gives the page and what the walk tells of it', () => {
  const page = { 'valid 5': 1n, 'walk 5': 0x7f800000000005c0n, 'X 0': 0x5008n, 'TTBR0_EL1.BADDR': 2n, VTTBR_EL2: 3n }
  expect(run(0xd5087800, { ...el1, ...page })).toMatchObject({ name: 'AT S1E1R', PAR_EL1: 0xff00000000007b80n })
  expect(run(0xd50c7880, { ...el2, ...page })).toMatchObject({ name: 'AT S12E1R', PAR_EL1: 0xff0000000000ab80n })
  expect(run(0xd5087800, { ...el1, ...page, 'valid 5': 0n, 'walk 5': 0x407n })).toMatchObject({ PAR_EL1: 0x80fn })
})

it('EL2 has one stage of translation and EL1 two', () => {
  const before = { 'valid 0': 1n, 'X 1': 0n, 'TTBR0_EL1.BADDR': 1n, VTTBR_EL2: 2n, TTBR0_EL2: 4n, 'Memory 3000': 7n, 'Memory 4000': 8n }
  expect(run(0xf9400020, { ...before, ...el1 })).toMatchObject({ 'X 0': 7n })
  expect(run(0xf9400020, { ...before, ...el2 })).toMatchObject({ 'X 0': 8n })
})
