import { describe, expect, it } from 'vitest'
import { singleStep, type Contents } from '../../machine/single-step.ts'
import { leon3, sparc } from './isa.ts'

const isas = { v8: sparc(), leon3: leon3() }
const supervisor = { 'PSR.S': 1n }
const run = (word: number, before: Contents = {}, processor: 'v8' | 'leon3' = 'v8') => {
  const step = singleStep(isas[processor], BigInt(word), before)!
  return { name: step.instruction.name, cause: step.cause, ...step.after }
}
const cellAt = (address: number) => `E ${(address / 4).toString(8)}`
/** Register n of a window: outs 8 to 15, locals 16 to 23, ins 24 to 31. */
const inWindow = (window: number, n: number) => `windows ${((window * 16 + n - 8) % 128).toString(8)}`

describe('encodings', () => {
  const words: readonly (readonly [number, string])[] = [
    [0x86004002, 'ADD'], [0x80a04002, 'SUBcc'], [0x01000000, 'SETHI'], [0x9de3bfa0, 'SAVE'], [0x81e80000, 'RESTORE'], [0xc4004000, 'LD'], [0xc4204000, 'ST'], [0xc4084000, 'LDUB'],
    [0xc4184000, 'LDD'], [0xc4384000, 'STD'], [0xc4684000, 'LDSTUB'], [0xc4784000, 'SWAP'], [0xc4804160, 'LDA'], [0xc4a04160, 'STA'], [0xc4e84160, 'LDSTUBA'],
    [0xc4f84160, 'SWAPA'], [0x85480000, 'RDPSR'], [0x85500000, 'RDWIM'], [0x85580000, 'RDTBR'], [0x85400000, 'RDY'], [0x81888000, 'WRPSR'], [0x81908000, 'WRWIM'],
    [0x81988000, 'WRTBR'], [0x81808000, 'WRY'], [0x81c44000, 'JMPL'], [0x81cc8000, 'RETT'], [0x40000000, 'CALL'], [0x10800000, 'Bicc'], [0x13800000, 'FBfcc'],
    [0x91d02000, 'Ticc'], [0x00000000, 'UNIMP'], [0x8143c000, 'STBAR'], [0x81d84000, 'FLUSH'], [0x81a00021, 'FMOVs'], [0xc1004000, 'LDF'], [0xc1084000, 'LDFSR'], [0x81b00000, 'CPop1'],
    [0xc1304000, 'STDFQ'],
  ]
  it.each(words)('%i is %s', (word, name) => { expect(run(word).name).toBe(name) })
  it('%asr17 and CASA are the LEON3\'s', () => {
    expect(run(0x83444000, {}, 'leon3').name).toBe('RDASR %asr17')
    expect(run(0xc7e04142, {}, 'leon3').name).toBe('CASA (ASI 0xA)')
    for (const word of [0x83444000n, 0xc7e04142n]) expect(singleStep(isas.v8, word, {})).toBeUndefined()
  })
})

describe('privilege', () => {
  it('refuses users the state registers and the alternate spaces', () => {
    for (const word of [0x85480000, 0x85500000, 0x85580000, 0x81888000, 0x81908000, 0x81988000, 0x81cc8000, 0xc4804160, 0xc4a04160, 0xc4e84160, 0xc4f84160]) {
      expect(run(word, supervisor).cause).toBeUndefined()
      expect(run(word).cause).toBe('privileged_instruction')
    }
    for (const word of [0x85400000, 0x81808000, 0x8143c000, 0x81d84000, 0x9de3bfa0]) expect(run(word).cause).toBeUndefined()
    expect(run(0x83444000, { '%asr17': 0x107n }, 'leon3')).toMatchObject({ cause: undefined, 'globals 1': 0x107n })
    expect(run(0xa3844000, {}, 'leon3')).toMatchObject({ name: 'WRASR %asr17', cause: 'privileged_instruction' })
  })
  it('comes before alignment, and an enabled unit after it', () => {
    expect(run(0xc4804160, { 'globals 1': 1n }).cause).toBe('privileged_instruction')
    expect(run(0xc4804160, { ...supervisor, 'globals 1': 1n }).cause).toBe('mem_address_not_aligned')
    expect(run(0xc1304000, { ...supervisor }).cause).toBe('fp_disabled')
    expect(run(0x81a00021).cause).toBe('fp_disabled')
    expect(run(0x81a00021, { 'PSR.EF': 1n, 'f 1': 5n })).toMatchObject({ 'f 0': 5n })
  })
})

describe('PSR', () => {
  it('is read and written in its fields', () => {
    expect(run(0x85480000, { ...supervisor, 'PSR.impl': 0xfn, 'PSR.ver': 3n, 'PSR.z': 1n, 'PSR.EF': 1n, 'PSR.PIL': 5n, 'PSR.CWP': 6n })).toMatchObject({ 'globals 2': 0xf3401586n })
    expect(run(0x81888000, { ...supervisor, 'globals 2': 0xffc010e2n })).toMatchObject({
      'PSR.n': 1n, 'PSR.c': 0n, 'PSR.EF': 1n, 'PSR.S': 1n, 'PSR.PS': 1n, 'PSR.ET': 1n, 'PSR.CWP': 2n, 'PSR.PIL': 0n,
    })
    expect(run(0x81888000, { ...supervisor, 'globals 2': 8n }).cause).toBe('illegal_instruction by state')
  })
  it('has no EC on the LEON3', () => {
    expect(run(0x81888000, { ...supervisor, 'globals 2': 0x20a0n })).toMatchObject({ 'PSR.EC': 1n })
    expect(run(0x81888000, { ...supervisor, 'globals 2': 0x20a0n }, 'leon3')).not.toHaveProperty('PSR.EC')
    expect(run(0x81b00000, { 'PSR.EC': 1n }).cause).toBeUndefined()
    expect(run(0x81b00000, { 'PSR.EC': 1n }, 'leon3').cause).toBe('cp_disabled')
  })
  it('RETT returns to the window above, in the previous mode, with traps enabled', () => {
    const before = { ...supervisor, 'PSR.CWP': 7n, 'PSR.PS': 0n, nPC: 5n, [inWindow(7, 18)]: 0x100n }
    expect(run(0x81cc8000, before)).toMatchObject({ cause: undefined, 'PSR.CWP': 0n, 'PSR.S': 0n, 'PSR.ET': 1n, PC: 5n, nPC: 0x40n })
    expect(run(0x81cc8000, { ...before, 'PSR.ET': 1n }).cause).toBe('illegal_instruction by state')
    expect(run(0x81cc8000, { ...before, WIM: 1n }).cause).toBe('window_underflow by RETT')
    expect(run(0x81cc8000, { ...before, 'PSR.S': 0n, 'PSR.ET': 1n, WIM: 1n }).cause).toBe('privileged_instruction')
  })
})

describe('windows', () => {
  it('SAVE computes in the old one and writes in the new one, whose ins are the old one\'s outs', () => {
    const saved = run(0x9de3bfa0, { 'PSR.CWP': 0n, [inWindow(0, 14)]: 0x1000n })
    expect(saved).toMatchObject({ 'PSR.CWP': 7n, [inWindow(7, 14)]: 0xfa0n })
    expect(inWindow(7, 30)).toBe(inWindow(0, 14))
    expect(run(0x9de3bfa0, { WIM: 0x80n }).cause).toBe('window_overflow')
    expect(run(0x81e80000, { 'PSR.CWP': 7n })).toMatchObject({ 'PSR.CWP': 0n })
    expect(run(0x81e80000, { 'PSR.CWP': 7n, WIM: 1n }).cause).toBe('window_underflow')
  })
  // What makes a VMM keep the window below out of its guest's reach: there what the guest has is lost by any trap.
  it('a trap takes the one below, valid or not, and overwrites two of its locals', () => {
    const before = { 'PSR.ET': 1n, 'PSR.CWP': 3n, 'TBR.TBA': 0x12345n, PC: 0x40n, nPC: 0x41n, [inWindow(2, 17)]: 7n, [inWindow(2, 18)]: 8n }
    expect(run(0x91d02000, before)).toMatchObject({
      cause: 'trap_instruction', 'PSR.CWP': 2n, 'PSR.S': 1n, 'PSR.PS': 0n, 'PSR.ET': 0n, 'TBR.tt': 0x80n,
      [inWindow(2, 17)]: 0x100n, [inWindow(2, 18)]: 0x104n, PC: 0x12345800n >> 2n, nPC: (0x12345800n >> 2n) + 1n,
    })
  })
})

it('a trap that finds traps disabled stops the processor, and goes nowhere', () => {
  const stopped = run(0x91d02000, { PC: 0x40n, 'PSR.CWP': 3n, 'TBR.TBA': 0x12345n })
  expect(stopped).toMatchObject({ error_mode: 1n, PC: 0x40n, 'PSR.CWP': 3n, 'PSR.S': 0n })
  expect(run(0x91d02000, { PC: 0x40n, 'PSR.ET': 1n })).toMatchObject({ error_mode: 0n, 'PSR.S': 1n })
})

describe('storage', () => {
  it('is big-endian, and mapped with the permissions of ACC', () => {
    const before = { 'globals 1': 0x101n, [cellAt(0x100)]: 0x11f23344n }
    expect(run(0xc4084000, before)).toMatchObject({ 'globals 2': 0xf2n })
    expect(run(0xc4484000, before)).toMatchObject({ name: 'LDSB', 'globals 2': 0xfffffff2n })
    expect(run(0xc4684000, before)).toMatchObject({ 'globals 2': 0xf2n, [cellAt(0x100)]: 0x11ff3344n })
    expect(run(0xc4184000, { 'globals 1': 0x108n, [cellAt(0x108)]: 1n, [cellAt(0x10c)]: 2n })).toMatchObject({ 'globals 2': 1n, 'globals 3': 2n })
    expect(run(0xc4004000, { 'MMU.E': 1n, 'PPN - VPN': 1n, ACC: 3n, 'globals 1': 0x100n, [cellAt(0x1100)]: 9n })).toMatchObject({ 'globals 2': 9n })
    const causes = (acc: bigint, mode: Contents) => [0xc4004000, 0xc4204000].map((w) => run(w, { 'MMU.E': 1n, ACC: acc, 'globals 1': 0x100n, ...mode }).cause === undefined)
    expect([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].map((acc) => causes(acc, {}))).toEqual([[true, false], [true, true], [true, false], [true, true], [false, false], [true, false], [false, false], [false, false]])
    expect([4n, 5n, 6n, 7n].map((acc) => causes(acc, supervisor))).toEqual([[false, false], [true, true], [true, false], [true, true]])
  })
  it('LDA reads storage as a user, or what is not storage; STA to the MMU\'s control register enables it', () => {
    const before = { ...supervisor, 'MMU.E': 1n, ACC: 7n, 'globals 1': 0x100n, [cellAt(0x100)]: 9n }
    expect(run(0xc4804160, before)).toMatchObject({ 'globals 2': 9n })
    expect(run(0xc4804140, before).cause).toBe('data_access_exception')
    expect(run(0xc4804040, { ...supervisor, 'globals 1': 4n, [`alternate spaces ${(2n * 2n ** 30n + 1n).toString(8)}`]: 3n })).toMatchObject({ 'globals 2': 3n })
    expect(run(0xc4a04080, { ...supervisor, 'globals 2': 1n })).toMatchObject({ 'MMU.E': 1n })
  })
  it('CASA compares and swaps', () => {
    const before = { 'globals 1': 0x100n, 'globals 2': 5n, 'globals 3': 6n }
    expect(run(0xc7e04142, { ...before, [cellAt(0x100)]: 5n }, 'leon3')).toMatchObject({ 'globals 3': 5n, [cellAt(0x100)]: 6n })
    expect(run(0xc7e04142, { ...before, [cellAt(0x100)]: 4n }, 'leon3')).toMatchObject({ 'globals 3': 4n, [cellAt(0x100)]: 4n })
  })
})

describe('computation and control transfer', () => {
  it('computes', () => {
    expect(run(0x86804002, { 'globals 1': 0x7fffffffn, 'globals 2': 1n })).toMatchObject({ name: 'ADDcc', 'globals 3': 0x80000000n, 'PSR.n': 1n, 'PSR.v': 1n, 'PSR.c': 0n, 'PSR.z': 0n })
    expect(run(0x80a04002, { 'globals 1': 1n, 'globals 2': 2n })).toMatchObject({ 'PSR.n': 1n, 'PSR.c': 1n, 'PSR.v': 0n })
    expect(run(0x86504002, { 'globals 1': 0xffffffffn, 'globals 2': 2n })).toMatchObject({ name: 'UMUL', 'globals 3': 0xfffffffen, Y: 1n })
    expect(run(0x86704002, { Y: 1n, 'globals 1': 0n, 'globals 2': 2n })).toMatchObject({ name: 'UDIV', 'globals 3': 0x80000000n })
    expect(run(0x86704002, { Y: 1n }).cause).toBe('division_by_zero')
    expect(run(0x87104002, { 'globals 1': 1n, 'globals 2': 4n }).cause).toBe('tag_overflow')
    expect(run(0x80004002, { 'globals 1': 1n })).not.toHaveProperty('globals 0')
  })
  it('branches after the delay slot, or annuls it', () => {
    const at = { PC: 0x40n, nPC: 0x41n }
    expect(run(0x10800004, at)).toMatchObject({ PC: 0x41n, nPC: 0x44n })
    expect(run(0x30800004, at)).toMatchObject({ PC: 0x44n, nPC: 0x45n })
    expect(run(0x12800004, { ...at, 'PSR.z': 1n })).toMatchObject({ PC: 0x41n, nPC: 0x42n })
    expect(run(0x32800004, { ...at, 'PSR.z': 1n })).toMatchObject({ PC: 0x42n, nPC: 0x43n })
    expect(run(0x32800004, at)).toMatchObject({ PC: 0x41n, nPC: 0x44n })
    expect(run(0x40000004, at)).toMatchObject({ PC: 0x41n, nPC: 0x44n, [inWindow(0, 15)]: 0x100n })
    expect(run(0x81c04000, { ...at, 'globals 1': 0x200n })).toMatchObject({ PC: 0x41n, nPC: 0x80n })
    expect(run(0x81c04000, { ...at, 'globals 1': 0x202n }).cause).toBe('mem_address_not_aligned')
    expect(run(0x93d02000, at)).toMatchObject({ name: 'Ticc', cause: 'trap_instruction' })
    expect(run(0x83d02000, at).cause).toBeUndefined()
    expect(run(0x83d02000, { ...at, 'PSR.z': 1n }).cause).toBe('trap_instruction')
    expect(run(0x13800004, { ...at, 'PSR.EF': 1n, FSR: 0x400n })).toMatchObject({ name: 'FBfcc', nPC: 0x42n })
    expect(run(0x03800004, { ...at, 'PSR.EF': 1n, FSR: 0x400n })).toMatchObject({ nPC: 0x44n })
    expect(run(0x1b800004, { ...at, 'PSR.EF': 1n, FSR: 0x800n })).toMatchObject({ nPC: 0x42n })
  })
})
