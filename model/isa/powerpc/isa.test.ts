import { describe, expect, it } from 'vitest'
import { singleStep, type Contents } from '../../machine/single-step.ts'
import { powerpc, powerpc750 } from './isa.ts'

const isas = { '603e': powerpc(), 750: powerpc750() }
const problem = { 'MSR[PR]': 1n }
const run = (word: number, before: Contents = {}, processor: '603e' | '750' = '603e') => {
  const step = singleStep(isas[processor], BigInt(word), before)!
  return { name: step.instruction.name, cause: step.cause, ...step.after }
}

describe('encodings', () => {
  const words: readonly (readonly [number, string])[] = [
    [0x7c642a14, 'add'], [0x38640001, 'addi'], [0x3c600001, 'addis'], [0x80640004, 'lwz'], [0x90640004, 'stw'], [0x9421fff0, 'stwu'], [0xc8230000, 'lfd'],
    [0x7c0802a6, 'mfspr LR'], [0x7c0903a6, 'mtspr CTR'], [0x7c000026, 'mfcr'], [0x7c0ff120, 'mtcrf'], [0x4e800020, 'bclr'], [0x4e800420, 'bcctr'],
    [0x48000001, 'bl'], [0x41820008, 'bc'], [0x44000002, 'sc'], [0x4c000064, 'rfi'], [0x4c00012c, 'isync'], [0x7c0004ac, 'sync'], [0x7c0006ac, 'eieio'],
    [0x7c6000a6, 'mfmsr'], [0x7c600124, 'mtmsr'], [0x7c6c42e6, 'mftb TBL'], [0x7c6d42e6, 'mftb TBU'], [0x7c6c42a6, 'mfspr TBL'], [0x7c7c43a6, 'mtspr TBL'],
    [0x7c7f42a6, 'mfspr PVR'], [0x7c7042a6, 'mfspr SPRG0-SPRG3'], [0x7c7343a6, 'mtspr SPRG0-SPRG3'], [0x7c7a02a6, 'mfspr SRR0'], [0x7c7b03a6, 'mtspr SRR1'],
    [0x7c7602a6, 'mfspr DEC'], [0x7c7883a6, 'mtspr DBAT0U'], [0x7c7083a6, 'mtspr IBAT0U-IBAT3L'], [0x7c7b83a6, 'mtspr DBAT1U-DBAT1L'], [0x7c7e83a6, 'mtspr DBAT2U-DBAT3L'],
    [0x7c6001a4, 'mtsr'], [0x7c6004a6, 'mfsr'], [0x7c001a64, 'tlbie'], [0x7c00046c, 'tlbsync'], [0x7c001bac, 'dcbi'], [0x7c001fec, 'dcbz'], [0x7c0018ac, 'dcbf'],
    [0x7c001fac, 'icbi'], [0x7c602028, 'lwarx'], [0x7c60212d, 'stwcx.'], [0x7fe00008, 'tw'], [0xfc201090, 'fmr'], [0xfc00048e, 'mffs'], [0x2c030000, 'cmpi'],
    [0x7c032040, 'cmpl'], [0x4cc63182, 'crxor'], [0x5483103a, 'rlwinm'], [0x7c830e70, 'srawi'], [0x7c642a6c, 'eciwx'], [0x7c642b6c, 'ecowx'], [0x7c70faa6, 'mfspr HID0'],
    [0x7c001fa4, 'tlbld'], [0x7c001fe4, 'tlbli'],
  ]
  it.each(words)('%i is %s', (word, name) => { expect(run(word).name).toBe(name) })
  it('the performance monitor is the 750\'s, the table search registers are the 603e\'s', () => {
    expect(run(0x7c68eaa6, {}, '750').name).toBe('mfspr UMMCR0')
    expect(singleStep(isas['603e'], 0x7c68eaa6n, {})).toBeUndefined()
    expect(singleStep(isas[750], 0x7c001fa4n, {})).toBeUndefined()
  })
})

describe('privilege', () => {
  it('is taken by spr[0] of the number', () => {
    for (const word of [0x7c7f42a6, 0x7c7042a6, 0x7c7b03a6, 0x7c7c43a6, 0x7c6000a6, 0x7c600124, 0x4c000064, 0x7c6001a4, 0x7c001a64, 0x7c00046c, 0x7c001bac]) {
      expect(run(word).cause).toBeUndefined()
      expect(run(word, problem).cause).toBe('privileged instruction')
    }
    for (const word of [0x7c0802a6, 0x7c6c42e6, 0x7c6c42a6]) expect(run(word, problem).cause).toBeUndefined()
    expect(run(0x7c68eaa6, { ...problem, MMCR0: 5n }, '750')).toMatchObject({ cause: undefined, 'GPR 3': 5n })
  })
  it('of an undefined number is by spr[0] too: privileged, or illegal for all', () => {
    // SPRs 144 and 128
    expect(run(0x7c7022a6, problem).cause).toBe('privileged instruction')
    expect(run(0x7c7022a6).cause).toBeUndefined()
    expect(run(0x7c6022a6, problem).cause).toBe('illegal instruction')
    expect(run(0x7c6022a6).cause).toBe('illegal instruction')
  })
})

describe('machine state', () => {
  it('is moved bit by bit', () => {
    expect(run(0x7c6000a6, { 'MSR[POW]': 1n, 'MSR[EE]': 1n, 'MSR[DR]': 1n, 'MSR[LE]': 1n })).toMatchObject({ 'GPR 3': 0x48011n })
    expect(run(0x7c600124, { 'GPR 3': 0x14030n })).toMatchObject({ 'MSR[PR]': 1n, 'MSR[ILE]': 1n, 'MSR[IR]': 1n, 'MSR[DR]': 1n, 'MSR[EE]': 0n })
  })
  it('rfi restores all but POW and ILE', () => {
    const after = run(0x4c000064, { SRR0: 0x1234n, SRR1: 0x5c032n })
    expect(after).toMatchObject({ CIA: 0x48dn, 'MSR[PR]': 1n, 'MSR[EE]': 1n, 'MSR[RI]': 1n })
    expect(after['MSR[POW]' as keyof typeof after]).toBeUndefined()
  })
  it('is saved by an interrupt, which says what kind it is', () => {
    expect(run(0x44000002, { ...problem, 'MSR[EE]': 1n, 'MSR[DR]': 1n, 'MSR[IP]': 1n, CIA: 0x40n })).toMatchObject({
      cause: 'system call', SRR0: 0x104n, SRR1: 0xc050n, 'MSR[PR]': 0n, 'MSR[EE]': 0n, 'MSR[DR]': 0n, CIA: 0xfff00c00n >> 2n,
    })
    expect(run(0x7c6000a6, { ...problem, CIA: 0x40n })).toMatchObject({ SRR0: 0x100n, SRR1: 0x44000n, CIA: 0x700n >> 2n })
    expect(run(0x7fe00008, { 'MSR[ILE]': 1n })).toMatchObject({ cause: 'trap', SRR1: 0x20000n, 'MSR[LE]': 1n })
    expect(run(0x7c6022a6)).toMatchObject({ SRR1: 0x80000n, CIA: 0x700n >> 2n })
    expect(run(0xfc201090)).toMatchObject({ cause: 'floating-point unavailable', CIA: 0x800n >> 2n })
  })
})

describe('storage', () => {
  /** 128 KB at 0x10000000 to 0x20000000, read and write, for both states. */
  const block: Contents = { 'MSR[DR]': 1n, 'DBAT0U[BEPI]': 0x800n, 'DBAT0L[BRPN]': 0x1000n, 'DBAT0L[PP]': 2n, 'DBAT0U[Vs]': 1n, 'DBAT0U[Vp]': 1n }
  const cellAt = (address: number) => `E ${(address / 4).toString(8)}`
  it('is reached through the block of the mode', () => {
    const before = { ...block, 'GPR 4': 0x10000000n, [cellAt(0x20000004)]: 7n }
    expect(run(0x80640004, before)).toMatchObject({ 'GPR 3': 7n })
    expect(run(0x80640004, { ...before, ...problem, 'DBAT0U[Vp]': 0n }).cause).toBe('DSI')
    expect(run(0x80640004, { ...before, 'DBAT0U[Vp]': 0n }).cause).toBeUndefined()
    expect(run(0x90640004, { ...before, 'DBAT0L[PP]': 1n }).cause).toBe('DSI')
    expect(run(0x80640004, { ...before, 'GPR 4': 0x10020000n }).cause).toBe('DSI')
    expect(run(0x80640004, { ...before, 'GPR 4': 0x10020000n, 'DBAT0U[BL]': 1n, [cellAt(0x20020004)]: 9n })).toMatchObject({ 'GPR 3': 9n })
    expect(run(0x80640004, { 'GPR 4': 0x100n, [cellAt(0x104)]: 5n })).toMatchObject({ 'GPR 3': 5n })
  })
  it('is big-endian, and little-endian by changed addresses', () => {
    const before = { 'GPR 4': 0x100n, [cellAt(0x100)]: 0x11223344n, [cellAt(0x104)]: 0x55667788n }
    expect(run(0x88640001, before)).toMatchObject({ 'GPR 3': 0x22n })
    expect(run(0x88640001, { ...before, 'MSR[LE]': 1n })).toMatchObject({ 'GPR 3': 0x77n })
    expect(run(0x80640000, { ...before, 'MSR[LE]': 1n })).toMatchObject({ 'GPR 3': 0x55667788n })
    expect(run(0x98640003, { ...before, 'GPR 3': 0xffn })).toMatchObject({ [cellAt(0x100)]: 0x112233ffn })
    expect(run(0x80640001, { ...before, 'MSR[LE]': 1n }).cause).toBe('alignment')
  })
  it('stwcx. stores where the reservation holds', () => {
    const before = { 'GPR 4': 0x100n, 'GPR 3': 9n }
    expect(run(0x7c60212d, { ...before, RESERVE: 1n, 'reserved word': 0x40n })).toMatchObject({ [cellAt(0x100)]: 9n, CR: 0x20000000n, RESERVE: 0n })
    const lost = run(0x7c60212d, before)
    expect(lost).toMatchObject({ CR: 0n })
    expect(cellAt(0x100) in lost).toBe(false)
  })
  it('dcbz clears 32 bytes, where they are cached', () => {
    expect(run(0x7c001fec, { 'GPR 3': 0x107n, [cellAt(0x11c)]: 1n, [cellAt(0x120)]: 1n })).toMatchObject({ [cellAt(0x11c)]: 0n, [cellAt(0x120)]: 1n })
    expect(run(0x7c001fec, { ...block, 'GPR 3': 0x10000000n, 'DBAT0L[WIMG]': 4n }).cause).toBe('alignment')
  })
  it('external control needs EAR[E]', () => {
    expect(run(0x7c642a6c, problem).cause).toBe('DSI')
    expect(run(0x7c642a6c, { ...problem, 'EAR[E]': 1n, 'EAR[RID]': 3n, 'external device 3': 8n })).toMatchObject({ cause: undefined, 'GPR 3': 8n })
  })
})

describe('computation', () => {
  it('adds, compares, rotates', () => {
    expect(run(0x7c642e15, { 'GPR 4': 0x7fffffffn, 'GPR 5': 1n })).toMatchObject({ name: 'addo.', 'GPR 3': 0x80000000n, 'XER[OV]': 1n, 'XER[SO]': 1n, CR: 0x90000000n })
    expect(run(0x7c642114, { 'GPR 4': 0xffffffffn, 'XER[CA]': 1n })).toMatchObject({ name: 'adde', 'GPR 3': 0xffffffffn, 'XER[CA]': 1n })
    expect(run(0x2f83ffff, { 'GPR 3': 5n })).toMatchObject({ CR: 4n })
    expect(run(0x5483103a, { 'GPR 4': 0xc0000001n })).toMatchObject({ 'GPR 3': 4n })
    expect(run(0x54833e7e, { 'GPR 4': 0x80000000n })).toMatchObject({ 'GPR 3': 0x40n })
    expect(run(0x7c830e70, { 'GPR 4': 0x80000001n })).toMatchObject({ 'GPR 3': 0xc0000000n, 'XER[CA]': 1n })
    expect(run(0x7c008120, { 'GPR 0': 0xffffffffn })).toMatchObject({ name: 'mtcrf', CR: 0xf000n })
  })
  it('branches by condition and count', () => {
    expect(run(0x41820008, { CR: 0x20000000n, CIA: 16n })).toMatchObject({ CIA: 18n })
    expect(run(0x41820008, { CIA: 16n })).toMatchObject({ CIA: 17n })
    expect(run(0x4200fffc, { CTR: 2n, CIA: 16n })).toMatchObject({ CTR: 1n, CIA: 15n })
    expect(run(0x4200fffc, { CTR: 1n, CIA: 16n })).toMatchObject({ CTR: 0n, CIA: 17n })
    expect(run(0x4e800021, { LR: 0x100n, CIA: 16n })).toMatchObject({ name: 'bclrl', LR: 0x44n, CIA: 0x40n })
    expect(run(0x48000008, { CIA: 16n })).toMatchObject({ CIA: 18n })
  })
})
