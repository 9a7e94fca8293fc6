import { describe, expect, it } from 'vitest'
import { singleStep, type Contents } from '../../machine/single-step.ts'
import { loongarch, loongarch32r } from './isa.ts'

const isas = { la64: loongarch(), la32r: loongarch32r() }
const direct = { 'CRMD.DA': 1n }, user = { 'CRMD.PLV': 3n }
const run = (word: number, before: Contents = {}, architecture: 'la64' | 'la32r' = 'la64') => {
  const step = singleStep(isas[architecture], BigInt(word), { ...direct, ...before })!
  return { name: step.instruction.name, cause: step.cause, after: step.after }
}

describe('encodings', () => {
  const words: readonly (readonly [number, string])[] = [
    [0x0400000c, 'CSRRD'], [0x0400002c, 'CSRWR'], [0x040001ac, 'CSRXCHG r8-r15'], [0x002b0000, 'SYSCALL'], [0x002a0000, 'BREAK'], [0x06483800, 'ERTN'], [0x06488000, 'IDLE'],
    [0x06482800, 'TLBSRCH'], [0x06482c00, 'TLBRD'], [0x06483000, 'TLBWR'], [0x06483400, 'TLBFILL'], [0x06498000, 'INVTLB 0-3'], [0x38720000, 'DBAR'], [0x00006804, 'RDTIME.D'],
    [0x4c000020, 'JIRL'], [0x28c02064, 'LD.D'], [0x29c02064, 'ST.D'], [0x02ffc063, 'ADDI.D'], [0x54000000, 'BL'], [0x50000000, 'B'], [0x001000a4, 'ADD.W'], [0x00150004, 'OR'],
  ]
  it.each(words)('%i is %s', (word, name) => { expect(run(word).name).toBe(name) })
  it('the reduced edition has none of the 64-bit words, and RDCNTID for RDTIMEL', () => {
    for (const word of [0x28c02064n, 0x02ffc063n, 0x00006804n]) expect(singleStep(isas.la32r, word, direct)).toBeUndefined()
    expect(run(0x00006080, {}, 'la32r').name).toBe('RDCNTID.W')
    expect(run(0x00006004, {}, 'la32r').name).toBe('RDCNTVL.W r4-r7')
  })
})

describe('levels', () => {
  it('refuse privileged instructions at PLV3, but the counters where RPCNTL3 is 1', () => {
    const counter = 0x0400000c | (0x201 << 10)
    expect(run(0x0400000c, user).cause).toBe('IPE')
    expect(run(0x0400000c).cause).toBeUndefined()
    expect(run(counter, user).cause).toBe('IPE')
    expect(run(counter, { ...user, 'MISC.RPCNTL3': 1n }).cause).toBeUndefined()
    expect(run(0x0400000c, { ...user, 'MISC.RPCNTL3': 1n }).cause).toBe('IPE')
  })
  it('refuse the time where DRDTL3 is 1', () => {
    expect(run(0x00006804, user).cause).toBeUndefined()
    expect(run(0x00006804, { ...user, 'MISC.DRDTL3': 1n }).cause).toBe('IPE')
    expect(run(0x00006804, { 'MISC.DRDTL3': 1n }).cause).toBeUndefined()
  })
})

describe('registers', () => {
  it('CSRRD shows CRMD, CSRWR exchanges it, CSRXCHG changes the bits of its mask', () => {
    expect(run(0x0400000c, { 'CRMD.IE': 1n }).after['GR 14']).toBe(0b1100n)
    expect(run(0x0400400c, { 'TLBIDX.NE': 1n }).after['GR 14']).toBe(0xffffffff80000000n)
    expect(run(0x0400002c, { 'GR 14': 0b0110111n }).after).toMatchObject({ 'GR 14': 0b1000n, 'CRMD.PLV': 3n, 'CRMD.IE': 1n, 'CRMD.DA': 0n, 'CRMD.PG': 1n })
    expect(run(0x040001ac, { 'GR 14': 0b111n, 'GR 15': 0b100n }).after).toMatchObject({ 'CRMD.PLV': 0n, 'CRMD.IE': 1n, 'CRMD.DA': 1n })
  })
  it('ERTN restores the level and clears LLbit unless KLO keeps it', () => {
    const before = { 'PRMD.PPLV': 3n, 'PRMD.PIE': 1n, 'ERA.PC': 0x120n, LLbit: 1n }
    expect(run(0x06483800, before).after).toMatchObject({ 'CRMD.PLV': 3n, 'CRMD.IE': 1n, PC: 0x48n, LLbit: 0n })
    expect(run(0x06483800, { ...before, 'LLBCTL.KLO': 1n }).after).toMatchObject({ LLbit: 1n, 'LLBCTL.KLO': 0n })
    expect(run(0x06483800, { ...before, 'TLBRERA.IsTLBR': 1n, 'TLBRERA.PC': 7n }).after).toMatchObject({ 'CRMD.PLV': 0n, 'CRMD.PG': 1n, 'CRMD.DA': 0n, PC: 7n })
  })
})

describe('translation', () => {
  const load = (address: bigint, before: Contents) => run(0x28c00084, { 'GR 4': address, 'CRMD.DA': 0n, 'CRMD.PG': 1n, ...before }).cause
  const window = { 'DMW0.VSEG': 9n, 'DMW0.PLV0': 1n }, page = { 'page.V': 1n, 'page.PLV': 0n }
  it('goes through windows of the level and pages of the level', () => {
    expect(load(0x9000000000000000n, window)).toBeUndefined()
    expect(load(0x9000000000000000n, { ...window, ...user })).toBe('address translation')
    expect(load(0x1000n, page)).toBeUndefined()
    expect(load(0x1000n, { ...page, ...user })).toBe('address translation')
    expect(load(0x1000n, { ...page, ...user, 'page.PLV': 3n })).toBeUndefined()
    expect(load(0x0008000000000000n, page)).toBe('address translation')
    expect(load(0x1004n, page)).toBe('ALE')
  })
})

describe('what an emulator made certain', () => {
  it('ASRTLE.D compares with signs', () => {
    expect(run(0x00011480, { 'GR 4': 2n ** 64n - 1n, 'GR 5': 0n }).cause).toBeUndefined()
    expect(run(0x00011480, { 'GR 4': 0n, 'GR 5': 2n ** 64n - 1n }).cause).toBe('BCE')
  })
  it('CSRRD extends TLBEHI by the sign of its page number, in LA64', () => {
    expect(run(0x0400440c, { 'TLBEHI.VPPN': 1n << 34n }).after['GR 14']).toBe(0xffff800000000000n)
    expect(run(0x0400440c, { 'TLBEHI.VPPN': 1n << 18n }, 'la32r').after['GR 14']).toBe(0x80000000n)
  })
  it('TLBSRCH looks for the refill\'s page while a refill is handled', () => {
    const entry = { 'TLB.E': 0b100n, 'TLB.VPPN 2': 7n, 'TLBREHI.VPPN': 7n, 'TLBIDX.NE': 1n }
    expect(run(0x06482800, { ...entry, 'TLBRERA.IsTLBR': 1n }).after).toMatchObject({ 'TLBIDX.Index': 2n, 'TLBIDX.NE': 0n })
    expect(run(0x06482800, entry).after['TLBIDX.NE']).toBe(1n)
  })
  it('TLBRD shows the ASID and the G of an entry', () => {
    const after = (exists: bigint) => run(0x06482c00, { 'TLB.E': exists, 'TLB.ASID 0': 5n, 'TLB.G 0': 1n, 'ASID.ASID': 3n }).after
    expect(after(1n)).toMatchObject({ 'ASID.ASID': 5n, 'TLBELO0.G-V': 1n << 6n, 'TLBELO1.G-V': 1n << 6n })
    expect(after(0n)).toMatchObject({ 'ASID.ASID': 3n, 'TLBELO0.G-V': 0n })
  })
  it('LDDIR steps by entries of 1 to 4 doublewords', () => {
    const E = Object.fromEntries([1n, 2n, 3n, 4n].map((n) => [`E ${(0x200n + n).toString(8)}`, n]))
    const step = (PTEWidth: bigint) => run(0x06400485, { ...E, 'GR 4': 0x1000n, 'PWCL.PTEWidth': PTEWidth, 'PWCL.Dir1_width': 1n, 'TLBRBADV.VAddr': 1n }).after['GR 5']
    expect([0n, 1n, 2n, 3n].map(step)).toEqual([1n, 2n, 3n, 4n])
  })
})
