import { describe, expect, it } from 'vitest'
import { singleStep, type Contents, type Step } from '../../machine/single-step.ts'
import { z } from './isa.ts'

/** The word of the named instruction in hexadecimal, executed at 1000; doublewords of storage by their octal number. */
const step = (name: string, word: string, before: Contents = {}): Step =>
  singleStep({ ...z, instructions: z.instructions.filter((i) => i.name === name) }, BigInt(`0x${word}`), { IA: 0x1000n, ...before })!
const after = (name: string, word: string, before: Contents = {}): Contents => step(name, word, before).after
const cause = (name: string, word: string, before: Contents = {}): string | undefined => step(name, word, before).cause
/** Doubleword 40 octal is at byte address 100 hexadecimal. */
const at100 = 'E 40'
const user = { P: 1n, T: 1n }

describe('z/Architecture', () => {
  it('bytes, halfwords and words lie in a doubleword from the left', () => {
    expect(after('STC', '42100101', { 'GR 1': 0xabn, [at100]: 0x1122334455667788n })).toMatchObject({ [at100]: 0x11ab334455667788n, IA: 0x1004n })
    expect(after('STH', '40100106', { 'GR 1': 0xbeefn, [at100]: 0x1122334455667788n })).toMatchObject({ [at100]: 0x112233445566beefn })
    expect(after('L', '58100104', { 'GR 1': 0xffffffff00000000n, [at100]: 0x1122334455667788n })).toMatchObject({ 'GR 1': 0xffffffff55667788n })
  })
  it('displacements of 20 bits are signed, branches are relative in halfwords', () => {
    // The low 12 bits of the displacement, then the high 8.
    expect(after('LG', 'e31020f8ff04', { 'GR 2': 0x1008n, 'E 40': 9n })).toMatchObject({ IA: 0x1006n })
    expect(after('LG', 'e3102ff8ff04', { 'GR 2': 0x108n, [at100]: 9n })).toMatchObject({ 'GR 1': 9n })
    expect(after('BRC', 'a7f4fffe')).toMatchObject({ IA: 0xffcn })
    expect(after('LARL', 'c01000000010')).toMatchObject({ 'GR 1': 0x1020n })
  })
  it('LPSWE loads each field, an interruption stores it again', () => {
    const first = 0x0705e50180000000n
    const loaded = after('LPSWE', 'b2b20100', { [at100]: first, 'E 41': 0x4000n })
    expect(loaded).toMatchObject({ 'PER-MASK': 0n, T: 1n, 'IO-MASK': 1n, 'EXTERNAL-MASK': 1n, KEY: 0n, M: 1n, W: 0n, P: 1n, AS: 3n, CC: 2n, 'PROGRAM-MASK': 5n, IA: 0x4000n })
    // The supervisor call has its old PSW at 140 hexadecimal, its new one at 1C0.
    expect(after('SVC', '0a00', { ...loaded, 'E 70': 0n, 'E 71': 0x5000n })).toMatchObject({ 'E 50': first, 'E 51': 0x4000n, P: 0n, IA: 0x5000n })
    expect(cause('LPSWE', 'b2b20100', user)).toBe('privileged-operation')
    expect(cause('LPSWE', 'b2b20104')).toBe('specification')
  })
  it('EPSW shows the problem state to any program', () => {
    expect(after('EPSW', 'b98d0012', { ...user, KEY: 9n, M: 1n })).toMatchObject({ 'GR 1': 0x04950001n, 'GR 2': 0x80000000n })
  })
  it('LRA and LRAG show real addresses, where a table has them', () => {
    const before = { CR1: 0x500cn, 'GR 2': 0x123n }
    expect(after('LRAG', 'e31020000003', before)).toMatchObject({ 'GR 1': 0x5123n, CC: 0n })
    expect(after('LRAG', 'e31020000003', { ...before, 'GR 1': 7n << 32n, 'GR 2': 1n << 63n })).toMatchObject({ 'GR 1': 0x7_80000039n, CC: 3n })
    expect(after('LRA', 'b1102000', { ...before, CR1: 0x80000000_0000500cn })).toMatchObject({ 'GR 1': 0x80000000_00005123n, CC: 0n })
  })
  it('authority bits let the problem state through', () => {
    expect(cause('IPK', 'b20b0000', user)).toBe('privileged-operation')
    expect(after('IPK', 'b20b0000', { ...user, KEY: 9n, CR0: 1n << 27n })).toMatchObject({ 'GR 2': 0x90n })
    expect(cause('SPKA', 'b20a0040', { ...user, CR3: 0xf7ff0000n })).toBe('privileged-operation')
    expect(after('SPKA', 'b20a0040', { ...user, CR3: 0x08000000n })).toMatchObject({ KEY: 4n })
    expect(cause('SAC', 'b2190100', user)).toBe('special-operation')
    expect(after('SAC', 'b2190100', { ...user, CR0: 1n << 26n })).toMatchObject({ AS: 2n })
    expect(cause('SAC', 'b2190300', { ...user, CR0: 1n << 26n })).toBe('privileged-operation')
    expect(after('IAC', 'b2240010', { ...user, AS: 2n, CR0: 1n << 27n })).toMatchObject({ 'GR 1': 0x100n, CC: 1n })
    expect(cause('PT', 'b2280012', { ...user, 'LTD.V': 1n, 'GR 2': 0x2000n })).toBe('privileged-operation')
    expect(after('PT', 'b2280012', { ...user, 'LTD.V': 1n, 'GR 2': 0x2001n })).toMatchObject({ P: 1n, IA: 0x2000n })
  })
  it('PTFF lets the problem state query, not adjust', () => {
    expect(after('PTFF', '0104', { ...user, 'GR 0': 1n, 'GR 1': 0x100n, 'TOD-CLOCK': 9n, 'TOD-OFFSET': 4n })).toMatchObject({ [at100]: 5n, 'E 41': 4n })
    expect(cause('PTFF', '0104', { ...user, 'GR 0': 0x40n })).toBe('privileged-operation')
    expect(after('PTFF', '0104', { 'GR 0': 0x40n, 'GR 1': 0x100n, 'TOD-CLOCK': 9n, 'TOD-OFFSET': 4n, [at100]: 3n })).toMatchObject({ 'TOD-CLOCK': 12n, 'TOD-OFFSET': 7n })
  })
  it('LASP loads key mask and numbers, the authorization index only when told to', () => {
    const before = { CR14: 0x80000n, CR4: 0x10005n, CR1: 0x500cn, [at100]: 0xabcd_0005_0009_0005n }
    expect(after('LASP', 'e50001000000', before)).toMatchObject({ CR3: 0xabcd0005n, CR7: 0x500cn })
    expect(after('LASP', 'e50001000002', before)).toMatchObject({ CR4: 0x90005n })
    expect(cause('LASP', 'e50001000004', before)).toBe('unmodelled')
  })
})
