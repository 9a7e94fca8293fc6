import { describe, expect, it } from 'vitest'
import type { Isa } from '../../machine/isa.ts'
import { singleStep, type Contents, type Step } from '../../machine/single-step.ts'
import { s360, s36067, s370, s370Das, system360 } from './isa.ts'

/** The word of the named instruction in hexadecimal, executed at 1000; cells by the octal number of their word. */
const step = (isa: Isa, name: string, word: string, before: Contents = {}): Step =>
  singleStep({ ...isa, instructions: isa.instructions.filter((i) => i.name === name) }, BigInt(`0x${word}`), { IA: 0x1000n, ...before })!
const after = (isa: Isa, name: string, word: string, before: Contents = {}): Contents => step(isa, name, word, before).after
const cause = (isa: Isa, name: string, word: string, before: Contents = {}): string | undefined => step(isa, name, word, before).cause
/** Word 100 octal is at byte address 100 hexadecimal. */
const at100 = 'E 100'

describe('System/360', () => {
  it('bytes and halfwords lie in a word from the left', () => {
    expect(after(s360, 'STC', '42100101', { 'GR 1': 0xabn, [at100]: 0x11223344n })).toMatchObject({ [at100]: 0x11ab3344n, IA: 0x1004n })
    expect(after(s360, 'IC', '43100103', { 'GR 1': 0xffffffffn, [at100]: 0x11223344n })).toMatchObject({ 'GR 1': 0xffffff44n })
    expect(after(s360, 'LH', '48100100', { [at100]: 0x80000001n })).toMatchObject({ 'GR 1': 0xffff8000n })
    expect(after(s360, 'STH', '40100102', { 'GR 1': 0xbeefn, [at100]: 0x11223344n })).toMatchObject({ [at100]: 0x1122beefn })
    expect(after(s360, 'UNPK', 'f31001000104', { [at100]: 0n, 'E 101': 0x5c000000n })).toMatchObject({ [at100]: 0xf0c50000n })
    expect(after(s360, 'UNPK', 'f31001000104', { A: 1n, 'E 101': 0x5c000000n })).toMatchObject({ [at100]: 0x50c50000n })
  })
  it('addition sets the condition code, and interrupts where the program mask asks for it', () => {
    const overflowing = { 'GR 1': 0x7fffffffn, 'GR 2': 1n }
    expect(after(s360, 'AR', '1a12', overflowing)).toMatchObject({ 'GR 1': 0x80000000n, CC: 3n, IA: 0x1002n })
    expect(cause(s360, 'AR', '1a12', { ...overflowing, 'PROGRAM-MASK': 8n })).toBe('fixed-point-overflow')
  })
  it('BAL and BALR keep length, condition code, program mask and address; SPM brings two of them back', () => {
    const before = { CC: 2n, 'PROGRAM-MASK': 5n, 'GR 2': 0x2000n }
    expect(after(s360, 'BALR', '0512', before)).toMatchObject({ 'GR 1': 0x65001002n, IA: 0x2000n })
    expect(after(s360, 'BALR', '0510', before)).toMatchObject({ 'GR 1': 0x65001002n, IA: 0x1002n })
    expect(after(s360, 'BAL', '45100300', before)).toMatchObject({ 'GR 1': 0xa5001004n, IA: 0x300n })
    expect(after(s360, 'SPM', '0410', { 'GR 1': 0x2a000000n })).toMatchObject({ CC: 2n, 'PROGRAM-MASK': 10n })
    expect(after(s360, 'EX', '44100100', { 'GR 1': 0x12n, [at100]: 0x18000000n, 'GR 2': 9n })).toMatchObject({ 'GR 1': 9n, IA: 0x1004n })
  })
  it('LPSW loads each field, an interruption stores it again', () => {
    const loaded = after(s360, 'LPSW', '82000100', { [at100]: 0xff4d0000n, 'E 101': 0x15003000n })
    expect(loaded).toMatchObject({ 'SYSTEM-MASK': 0xffn, KEY: 4n, A: 1n, M: 1n, W: 0n, P: 1n, CC: 1n, 'PROGRAM-MASK': 5n, IA: 0x3000n })
    // Old PSW at 32, new PSW at 96.
    expect(after(s360, 'SVC', '0a00', { ...loaded, 'E 30': 0n, 'E 31': 0x4000n })).toMatchObject({ 'E 10': 0xff4d0000n, 'E 11': 0x15003000n, P: 0n, IA: 0x4000n })
  })
  it('refuses privileged instructions in the problem state, stores to other keys, and odd operands', () => {
    expect(cause(s360, 'LPSW', '82000100', { P: 1n })).toBe('privileged-operation')
    expect(cause(s360, 'LPSW', '82000104')).toBe('specification')
    expect(cause(s360, 'ST', '50100100', { KEY: 4n })).toBe('access')
    expect(cause(s360, 'ST', '50100100', { KEY: 4n, 'STORAGE-KEYS 0': 0x20n })).toBeUndefined()
  })
})

describe('translation', () => {
  // Length 0 (one segment), origin 5000 hexadecimal.
  it('LRA gives the real address, or a condition code', () => {
    expect(after(s36067, 'LRA', 'b1100123', { CR0: 0x00005000n })).toMatchObject({ 'GR 1': 0x5123n, CC: 0n })
    expect(after(s370, 'LRA', 'b1100123', { CR1: 0x00005000n, 'GR 1': 7n })).toMatchObject({ 'GR 1': 0x5123n, CC: 0n })
    expect(after(s370, 'LRA', 'b1120123', { CR1: 0x00005000n, 'GR 2': 0x10000n })).toMatchObject({ CC: 1n })
  })
  it('is in force where T is 1', () => {
    // 5100 hexadecimal is word 12100 octal.
    const before = { CR1: 0x00005000n, 'E 12100': 9n, [at100]: 7n }
    expect(after(s370, 'L', '58100100', before)).toMatchObject({ 'GR 1': 7n })
    expect(after(s370, 'L', '58100100', { ...before, T: 1n })).toMatchObject({ 'GR 1': 9n })
  })
})

describe('System/370', () => {
  it('STNSM and STOSM store the mask and change it, T with it', () => {
    expect(after(s370, 'STOSM', 'ad040100', { 'SYSTEM-MASK': 0x7fn })).toMatchObject({ [at100]: 0xfb000000n, T: 1n, 'SYSTEM-MASK': 0x7fn })
    expect(after(s370, 'STNSM', 'acf80100', { 'SYSTEM-MASK': 0x7fn, T: 1n })).toMatchObject({ [at100]: 0xff000000n, T: 0n, 'SYSTEM-MASK': 0x7cn })
  })
  it('MC interrupts for the classes in CR8', () => {
    expect(cause(s370, 'MC', 'af030000', { CR8: 0x1000n })).toBe('monitor-event')
    expect(cause(s370, 'MC', 'af030000', { CR8: 0xefffn })).toBeUndefined()
  })
  it('the change bit is set by a store of the variant that records', () => {
    const recording = system360({ model: 's370', recording: true })
    expect(after(recording, 'ST', '50100100')).toMatchObject({ 'STORAGE-KEYS 0': 3n })
    expect(after(s370, 'ST', '50100100')).not.toHaveProperty('STORAGE-KEYS 0')
  })
  it('authority bits let the problem state through', () => {
    const user = { P: 1n, T: 1n, KEY: 9n }
    expect(cause(s370Das, 'IPK', 'b20b0000', user)).toBe('privileged-operation')
    expect(after(s370Das, 'IPK', 'b20b0000', { ...user, CR0: 0x08000000n })).toMatchObject({ 'GR 2': 0x90n })
    expect(cause(s370Das, 'SPKA', 'b20a0040', { ...user, CR3: 0x7fff0000n & ~0x08000000n })).toBe('privileged-operation')
    expect(after(s370Das, 'SPKA', 'b20a0040', { ...user, CR3: 0x08000000n })).toMatchObject({ KEY: 4n })
    expect(cause(s370Das, 'SAC', 'b2190100', user)).toBe('special-operation')
    expect(after(s370Das, 'SAC', 'b2190100', { ...user, CR0: 0x04000000n })).toMatchObject({ S: 1n })
    expect(cause(s370Das, 'PT', 'b2280012', { ...user, CR5: 0x80000000n, 'GR 2': 0x2000n })).toBe('privileged-operation')
    expect(after(s370Das, 'PT', 'b2280012', { ...user, CR5: 0x80000000n, 'GR 2': 0x2001n })).toMatchObject({ P: 1n, IA: 0x2000n })
  })
  it('PC finds linkage index 1 and entry index 2 in the tables', () => {
    // The linkage table is at 1000 hexadecimal, the entry table at 2000.
    const tables = { CR5: 0x80001000n, 'E 2001': 0x2000n, 'E 4010': 0x80000000n, 'E 4011': 0x3000n, 'E 4012': 7n, 'E 4013': 0x00400000n }
    const user = { P: 1n, T: 1n, CR3: 0x80000000n, CR4: 5n, ...tables }
    expect(after(s370Das, 'PC', 'b2180102', user)).toMatchObject({ P: 0n, IA: 0x3000n, CR3: 0x80400005n, 'GR 3': 0x80000005n, 'GR 4': 7n })
    expect(cause(s370Das, 'PC', 'b2180102', { ...user, CR3: 0x7fff0000n })).toBe('privileged-operation')
    expect(cause(s370Das, 'PC', 'b2180102', { ...user, 'E 2001': 0x80002000n })).toBe('LX-translation')
    expect(cause(s370Das, 'PC', 'b2180104', user)).toBe('EX-translation')
    expect(cause(s370Das, 'PC', 'b2180102', { ...user, 'E 2001': 0x01002000n })).toBe('PC-translation-specification')
  })
})
