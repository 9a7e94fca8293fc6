import { describe, expect, it } from 'vitest'
import { singleStep, type Contents } from '../../machine/single-step.ts'
import { itanium, itaniumVti } from './isa.ts'

const units = { M: 0n, I: 1n, B: 2n } as const
const run = (unit: keyof typeof units, slot: bigint, before: Contents = {}, isa = itanium) => {
  const step = singleStep(isa, (units[unit] << 41n) | slot, { 'PSR.it': 1n, ...before })!
  return { name: step.instruction.name, cause: step.cause, after: step.after }
}
const level3 = { 'PSR.cpl': 3n }
/** An M instruction of major opcode 1 with x6, and registers. */
const m = (x6: bigint, r3 = 0n, r2 = 0n, r1 = 0n): bigint => (1n << 37n) | (x6 << 27n) | (r3 << 20n) | (r2 << 13n) | (r1 << 6n)
const returns = 0x108001100n, cover = 2n << 27n, epc = 0x10n << 27n

describe('encodings', () => {
  const words: readonly (readonly [keyof typeof units, bigint, string])[] = [
    ['M', 0x2c0040a880n, 'alloc'], ['B', returns, 'br.ret'], ['M', 0x8000000n, 'nop.m'], ['M', 0x180000000n, 'srlz.d'], ['B', 0n, 'break.b'], ['B', 8n << 27n, 'rfi'],
    ['B', cover, 'cover'], ['B', epc, 'epc'], ['M', m(0x22n, 7n, 0n, 8n), 'mov =ar.k'], ['M', m(0x1an, 9n, 0n, 8n), 'thash'], ['M', m(0x30n, 9n), 'fc'], ['M', m(0x17n, 9n, 0n, 8n), 'mov =cpuid'],
  ]
  it.each(words)('%s %i is %s', (unit, slot, name) => { expect(run(unit, slot).name).toBe(name) })
})

describe('levels', () => {
  it('a call keeps the level in PFS, a return may lower it and never raises it', () => {
    expect(run('B', 5n << 37n, level3).after['AR.PFS.ppl']).toBe(3n)
    expect(run('B', returns, { 'AR.PFS.ppl': 3n }).after['PSR.cpl']).toBe(3n)
    expect(run('B', returns, { ...level3, 'AR.PFS.ppl': 0n }).after['PSR.cpl']).toBe(3n)
  })
  it('epc enters the level of an execute-only page, and level 0 without translation', () => {
    const before = { ...level3, 'AR.PFS.ppl': 3n, 'code page.ar': 7n, 'code page.pl': 1n }
    expect(run('B', epc, before).after['PSR.cpl']).toBe(1n)
    expect(run('B', epc, { ...before, 'code page.ar': 1n }).after['PSR.cpl']).toBe(3n)
    expect(run('B', epc, { ...before, 'PSR.it': 0n }).after['PSR.cpl']).toBe(0n)
    expect(run('B', epc, { ...before, 'AR.PFS.ppl': 0n }).cause).toBe('illegal operation')
  })
  it('RSC takes no level above the program\'s', () => {
    const slot = m(0x2an, 16n, 8n)
    expect(run('M', slot, {}).after['AR.RSC.pl']).toBe(0n)
    expect(run('M', slot, level3).after['AR.RSC.pl']).toBe(3n)
  })
  it('cover writes IFS only where interruptions are not collected', () => {
    expect(run('B', cover, { CFM: 5n }).after).toMatchObject({ CFM: 0n, 'CR 27': (1n << 63n) | 5n })
    expect(run('B', cover, { CFM: 5n, 'PSR.ic': 1n }).after['CR 27']).toBeUndefined()
  })
  it('probe asks at the program\'s level at least', () => {
    const slot = m(0x18n, 9n, 0n, 8n), page = { 'page.p': 1n, 'page.pl': 0n, 'page.ar': 2n }
    expect(run('M', slot, page).after['GR 10']).toBe(1n)
    expect(run('M', slot, { ...page, ...level3 }).after['GR 10']).toBe(0n)
    expect(run('M', slot, { ...page, ...level3, 'page.pl': 3n }).after['GR 10']).toBe(1n)
  })
  it('a virtual machine is left by cover and thash, and not by reading a monitor', () => {
    const vm = { 'PSR.vm': 1n }
    for (const [unit, slot] of [['B', cover], ['M', m(0x1an, 9n, 0n, 8n)], ['M', m(0x17n, 9n, 0n, 8n)]] as const) {
      expect(run(unit, slot, vm, itaniumVti).cause).toBe('virtualization')
      expect(run(unit, slot, {}, itaniumVti).cause).toBeUndefined()
    }
    expect(run('M', m(0x15n, 9n, 0n, 8n), vm, itaniumVti).cause).toBeUndefined()
  })
})

describe('translation', () => {
  const load = (before: Contents) => run('M', (4n << 37n) | (3n << 30n) | (9n << 20n) | (8n << 6n), before).cause
  it('goes by the page\'s rights, and by none where data is not translated', () => {
    expect(load({})).toBeUndefined()
    expect(load({ 'PSR.dt': 1n })).toBe('data reference')
    expect(load({ 'PSR.dt': 1n, 'page.p': 1n })).toBeUndefined()
    expect(load({ 'PSR.dt': 1n, 'page.p': 1n, ...level3 })).toBe('data reference')
    expect(load({ 'PSR.dt': 1n, 'page.p': 1n, 'page.pl': 3n, ...level3 })).toBeUndefined()
  })
})
