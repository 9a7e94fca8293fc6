// Zicfiss: the bits of ssp, where SSE can be set, and the software check with its value and its delegation.
import { describe, expect, it } from 'vitest'
import { machineOf, said, type Given } from './running.fixture.ts'

type Choices = NonNullable<Given['choices']>
const zicfiss = { extensions: ['Zicfiss'] } as const satisfies Choices
const write = (number: number): number => ((number << 20) | (11 << 15) | (1 << 12) | 0x73) >>> 0, read = (number: number): number => ((number << 20) | (2 << 12) | (10 << 7) | 0x73) >>> 0
const all = (1n << 64n) - 1n

/** What a CSR is read as, once all bits were written to it. */
const written = (number: number, registers: Given['registers'] = {}, choices: Choices = {}, name: Given['name'] = 'riscv64'): bigint => {
  const m = machineOf({ name, words: [write(number), read(number)], x: { 11: name === 'riscv64' ? all : 0xffff_ffffn }, registers, choices: { ...zicfiss, ...choices } })
  m.run(2)
  return m.bank('x').get(10n)
}

describe('ssp', () => {
  it('is a multiple of the least XLEN / 8', () => {
    expect([written(0x011), written(0x011, {}, {}, 'riscv32'), written(0x011, {}, { UXL: 'writable' })]).toEqual([all - 7n, 0xffff_fffcn, all - 3n])
  })
})

describe('SSE', () => {
  it('of senvcfg is read-only 0 while that of menvcfg is 0', () => {
    expect([0n, 1n].map((SSE) => written(0x10a, { 'menvcfg.SSE': SSE }) & 8n)).toEqual([0n, 8n])
  })
})

describe('a software check', () => {
  const sspopchk = 0xcdc0_c073 | 0, stack = 0x8000_0100n
  const given = (registers: Given['registers'], x1 = 0x77n, choices: Choices = {}): Given =>
    ({ words: [sspopchk], x: { 1: x1 }, registers: { priv: 1n, 'menvcfg.SSE': 1n, ssp: stack, ...registers }, memory: [[stack, 0x77n]], choices: { ...zicfiss, ...choices } })
  const after = (registers: Given['registers'], choices: Choices = {}): readonly unknown[] => {
    const m = machineOf(given(registers, 0x78n, choices)), step = said(m.step())
    return [step, ...['priv', 'mcause', 'mtval', 'scause', 'stval'].map((name) => m.register(name))]
  }
  it('is raised where the addresses differ, with the value of a shadow-stack fault', () => {
    expect(said(machineOf(given({})).step())).toBe('SSPOPCHK x1')
    expect(after({})).toEqual(['software check, 3', 3n, 18n, 3n, 0n, 0n])
    expect(after({}, { addressValues: [], illegalValue: 'zero', breakpointValue: 'zero' })).toEqual(['software check, 3', 3n, 18n, 3n, 0n, 0n])
  })
  it('goes to S-mode where bit 18 of medeleg says so', () => {
    expect(after({ 'medeleg[18]': 1n })).toEqual(['software check, 3', 1n, 0n, 0n, 18n, 3n])
    expect([written(0x302), written(0x302, {}, { extensions: [] }), written(0x302, {}, { delegableExceptions: 0xb3ffn })]).toEqual([0x4_b3ffn, 0xb3ffn, 0xb3ffn])
  })
})
