import { describe, expect, it } from 'vitest'
import { evaluate } from '../../ir/stage.ts'
import { interruptCell, interrupting } from './interrupts.ts'
import { declareState, full } from './state.ts'
import { singleStep, type Contents } from '../../machine/single-step.ts'
import { pdp10 } from './isa.ts'

const w = (left: string, right = '0'): bigint => (BigInt(`0o${left}`) << 18n) | BigInt(`0o${right}`)
const run = (word: bigint, before: Contents = {}) => {
  const step = singleStep(pdp10, word, { PC: 0o1000n, PL: 0xffn, ...before })!
  return { name: step.instruction.name, cause: step.cause, ...step.after }
}
const user = { USER: 1n }, userInOut = { USER: 1n, 'USER-IO': 1n }

describe('JRST', () => {
  it('JRST 1, enters user mode and never traps', () => {
    expect(run(w('254040', '100'))).toMatchObject({ name: 'JRST 1,', cause: undefined, PC: 0o100n, USER: 1n })
    expect(run(w('254040', '100'), user)).toMatchObject({ cause: undefined, PC: 0o100n, USER: 1n })
    expect(run(w('254000', '100'))).not.toHaveProperty('USER')
  })
  it('HALT and JEN trap in user mode, unless user in-out is on', () => {
    for (const word of [w('254200', '100'), w('254500', '100')]) {
      expect(run(word, user).cause).toBe('UUO')
      expect(run(word, userInOut).cause).toBeUndefined()
      expect(run(word).cause).toBeUndefined()
    }
    expect(run(w('254200', '100'))).toMatchObject({ name: 'JRST 4,', HALTED: 1n, PC: 0o100n })
  })
  it('JRSTF takes the modes from the word in executive mode, and may only clear user in-out in user mode', () => {
    const both = { 'AC 3': w('014000', '200') }
    expect(run(w('254103', '0'), both)).toMatchObject({ PC: 0o200n, USER: 1n, 'USER-IO': 1n })
    expect(run(w('254103', '0'), { ...both, ...user })).toMatchObject({ USER: 1n, 'USER-IO': 0n })
    expect(run(w('254103', '0'), { 'AC 3': 0o200n, ...userInOut })).toMatchObject({ USER: 1n, 'USER-IO': 0n })
    expect(run(w('254120', '50'), { 'E 50': w('740140', '200') })).toMatchObject({
      PC: 0o200n, OV: 1n, CRY0: 1n, CRY1: 1n, FOV: 1n, BIS: 0n, FXU: 1n, DCK: 1n, USER: 0n,
    })
  })
  it('JEN dismisses the highest interrupt in progress', () => {
    expect(run(w('254500', '100'), { PIH: 0b0101000n, PIR: 0b0100001n, 'PI-ON': 1n })).toMatchObject({ PIH: 0b0001000n, PIR: 1n })
    expect(run(w('254500', '100'), { PIH: 0b0101000n })).toMatchObject({ PIH: 0b0101000n })
  })
})

describe('JFCL', () => {
  it('jumps on a chosen flag and clears the chosen flags only', () => {
    const flags = { OV: 1n, CRY0: 1n, FOV: 1n }
    expect(run(w('255400', '100'), flags)).toMatchObject({ name: 'JFCL 10,', PC: 0o100n, OV: 0n, CRY0: 1n, FOV: 1n })
    expect(run(w('255100', '100'), flags)).toMatchObject({ PC: 0o1001n, OV: 1n, CRY0: 1n })
    expect(run(w('255000', '100'), flags)).toMatchObject({ PC: 0o1001n, OV: 1n })
  })
})

describe('input and output', () => {
  it('traps in user mode, unless user in-out is on', () => {
    for (const left of ['700000', '700140', '700600', '712240', '777740']) {
      expect(run(w(left, '100'), user).cause).toBe('UUO')
      expect(run(w(left, '100'), userInOut).cause).toBeUndefined()
      expect(run(w(left, '100')).cause).toBeUndefined()
    }
  })
  it('DATAO APR, sets protection and relocation', () => {
    expect(run(w('700140', '100'), { 'E 100': w('044000', '010000') })).toMatchObject({ PL: 0o22n, RL: 0o4n })
  })
  it('CONO and CONI move the conditions', () => {
    expect(run(w('700200', '002013'), { OV: 1n, CLK: 1n })).toMatchObject({ 'APR-PIA': 3n, OV: 0n, CLK: 1n, 'CLK-ENABLED': 1n })
    expect(run(w('700240', '100'), { 'APR-PIA': 3n, OV: 1n, 'USER-IO': 1n, 'PDL-OV': 1n })).toMatchObject({ 'E 100': 0o300013n })
    expect(run(w('700600', '002377'), { PIE: 1n })).toMatchObject({ 'PI-ON': 1n, PIE: 0o177n })
    expect(run(w('700600', '010000'), { PIE: 1n, PIH: 2n, PIR: 4n, 'PI-ON': 1n })).toMatchObject({ 'PI-ON': 0n, PIE: 0n, PIH: 0n, PIR: 0n })
    expect(run(w('700640', '100'), { PIE: 0o125n, PIH: 0o20n, 'PI-ON': 1n })).toMatchObject({ 'E 100': 0o10325n })
    expect(run(w('700700', '200'), { 'PI-ON': 1n })).toMatchObject({ PC: 0o1001n })
    expect(run(w('700700', '200'))).toMatchObject({ PC: 0o1002n })
    expect(run(w('700740', '200'), { 'PI-ON': 1n })).toMatchObject({ PC: 0o1002n })
  })
  it('block transfers count their pointer and skip until it is exhausted', () => {
    const word = w('712100', '100')
    expect(run(word, { 'E 100': w('777775', '177'), 'E 200': 5n })).toMatchObject({ 'E 100': w('777776', '200'), 'DATA 24': 5n, PC: 0o1002n })
    expect(run(word, { 'E 100': w('777777', '177'), 'E 200': 5n })).toMatchObject({ 'E 100': w('000000', '200'), PC: 0o1001n })
  })
})

describe('traps', () => {
  it('save the flags and modes where 41 or 61 points, and enter the executive', () => {
    const vectors = { 'E 41': w('264000', '500'), 'E 61': w('264000', '600') }
    expect(run(w('047040', '3'), { ...vectors, ...user, OV: 1n, RL: 4n })).toMatchObject({
      cause: 'UUO', USER: 0n, PC: 0o501n, 'E 500': w('410000', '1001'),
    })
    expect(run(w('100000', '3'), vectors)).toMatchObject({ cause: 'unassigned', PC: 0o601n, 'E 600': w('000000', '1001') })
  })
  it('of protection are interrupts on the channel of the processor', () => {
    expect(run(w('200000', '2000'), { ...user, PL: 0n, 'APR-PIA': 2n, 'E 44': w('264000', '700') })).toMatchObject({
      cause: 'protection', USER: 0n, PC: 0o701n, MPV: 1n, PIH: 0b0100000n, 'E 700': w('010000', '1001'),
    })
  })
  it('interrupts go to the highest channel that is free, in the cell at twice its number from 40', () => {
    const s = declareState(full)
    const value = (state: Contents) => {
      const valuation = { variable: (name: string) => state[name] ?? 0n, cell: () => 0n }
      return [evaluate(interrupting(s), valuation), evaluate(interruptCell(s, interrupting(s)), valuation)]
    }
    expect(value({ 'PI-ON': 1n, PIR: 0b0011000n })).toEqual([0b0010000n, 0o46n])
    expect(value({ 'PI-ON': 1n, PIR: 0b0011000n, PIH: 0b0010000n })).toEqual([0n, 0o40n])
    expect(value({ 'PI-ON': 1n, PIR: 0b0011000n, PIH: 0b0000100n })).toEqual([0b0010000n, 0o46n])
    expect(value({ PIR: 0b0011000n })[0]).toBe(0n)
    const overflow = { 'PI-ON': 1n, 'APR-PIA': 7n, OV: 1n, 'OV-ENABLED': 1n, PIE: 1n }
    expect(value(overflow)).toEqual([1n, 0o56n])
    expect(value({ ...overflow, PIE: 2n })[0]).toBe(0n)
    expect(value({ ...overflow, 'OV-ENABLED': 0n })[0]).toBe(0n)
  })
})
