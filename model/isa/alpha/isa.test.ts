import { describe, expect, it } from 'vitest'
import { singleStep, type Contents } from '../../machine/single-step.ts'
import { alpha } from './isa.ts'

const user = { 'PS.CM': 1n }
const run = (word: number, before: Contents = {}) => {
  const step = singleStep(alpha, BigInt(word), before)!
  return { name: step.instruction.name, cause: step.cause, after: step.after }
}

describe('encodings', () => {
  const words: readonly (readonly [number, string])[] = [
    [0x00000083, 'CALL_PAL callsys'], [0x0000003f, 'CALL_PAL rti'], [0x603fc000, 'RPCC'], [0x60004000, 'MB'], [0x60000000, 'TRAPB'], [0xa43e0008, 'LDQ'], [0xb43e0008, 'STQ'],
    [0x23defff0, 'LDA'], [0x6bfa8001, 'RET'], [0xd3400000, 'BSR'], [0xc3e00000, 'BR'], [0x40220403, 'ADDQ'], [0x40221403, 'ADDQ #'], [0x47ff041f, 'BIS'], [0x47e03d80, 'IMPLVER'],
    [0x47e20c21, 'AMASK'], [0xaca30000, 'LDQ_L'], [0xbca30000, 'STQ_C'], [0xe4200001, 'BEQ'], [0x64000000, 'HW_MFPR'], [0x2ffe0000, 'LDQ_U'],
  ]
  it.each(words)('%i is %s', (word, name) => { expect(run(word).name).toBe(name) })
})

describe('PALcode', () => {
  it('refuses privileged functions in user mode, and its own opcodes in both', () => {
    for (const word of [0x00, 0x30, 0x35, 0x36]) {
      expect(run(word, user).cause).toBe('opDec')
      expect(run(word).cause).toBeUndefined()
    }
    for (const mode of [{}, user]) expect(run(0x64000000, mode).cause).toBe('opDec')
  })
  it('clears FEN from user mode, in the process control block too', () => {
    const flags = `E ${((0xfffffc0000000000n >> 3n) + 0x205n).toString(8)}`
    const { after, cause } = run(0xae, { ...user, FEN: 1n, PCBB: 0x200n, [flags]: 0x8000000000000001n })
    expect(cause).toBeUndefined()
    expect(after).toMatchObject({ FEN: 0n, [flags]: 0x8000000000000000n })
  })
  it('swaps the priority, and returns to user mode with the stacks exchanged', () => {
    expect(run(0x35, { 'R 20': 5n, 'PS.IPL': 2n }).after).toMatchObject({ 'R 0': 2n, 'PS.IPL': 5n })
    expect(run(0x3d, { 'R 36': 0xfffffc0000000000n, USP: 0x2000n }).after).toMatchObject({ 'PS.CM': 1n, 'R 36': 0x2000n, KSP: 0xfffffc0000000030n })
  })
  it('reads from the block that it swaps to what it has written there', () => {
    const block = (n: bigint) => `E ${((0xfffffc0000000000n >> 3n) + 0x200n + n).toString(8)}`
    const before: Contents = { 'R 20': 0x1000n, 'R 36': 0xfffffc0000004000n, USP: 5n, unique: 6n, [block(0n)]: 1n, [block(1n)]: 2n, [block(4n)]: 3n }
    expect(run(0x30, { ...before, PCBB: 0x200n }).after).toMatchObject({ 'R 36': 0xfffffc0000004000n, USP: 5n, unique: 6n })
    expect(run(0x30, { ...before, PCBB: 0x300n }).after).toMatchObject({ 'R 36': 1n, USP: 2n, unique: 3n })
  })
})

describe('what the manual says of register 31 and FPCR', () => {
  it('has no exceptions for loads of it', () => {
    for (const word of [0xa7e20001, 0xa3e20001, 0x2fe20001, 0x8fe20001]) expect(run(word, { FEN: 1n }).cause).toBeUndefined()
    expect(run(0xa4220001).cause).toBe('unaligned')
  })
  it('keeps the defined bits of FPCR, with a summary of the exceptions', () => {
    const written = (value: bigint) => run(0x5c210481, { FEN: 1n, 'F 1': value }).after['FPCR']
    expect(written((1n << 64n) - 1n)).toBe(0xffff800000000000n)
    expect(written(1n << 63n)).toBe(0n)
    expect(written(1n << 52n)).toBe((1n << 63n) | (1n << 52n))
  })
})

describe('protection', () => {
  const load = (address: bigint, before: Contents) => run(0xa4220000, { 'R 2': address, ...before }).cause
  it('kseg is the kernel\'s, pages are by their bits', () => {
    expect(load(0xfffffc0000000000n, {})).toBeUndefined()
    expect(load(0xfffffc0000000000n, user)).toBe('memory management')
    expect(load(0xfffffc0000000000n, { 'TB.V': 1n, 'TB.URE': 1n, ...user })).toBe('memory management')
    expect(load(0x2000n, { 'TB.V': 1n, 'TB.KRE': 1n })).toBeUndefined()
    expect(load(0x2000n, { 'TB.V': 1n, 'TB.KRE': 1n, ...user })).toBe('memory management')
    expect(load(0x2000n, { 'TB.V': 1n, 'TB.URE': 1n, ...user })).toBeUndefined()
    expect(load(0x2004n, { 'TB.V': 1n, 'TB.KRE': 1n })).toBe('unaligned')
    expect(load(0x0000100000000000n, { 'TB.V': 1n, 'TB.KRE': 1n })).toBe('memory management')
  })
})
