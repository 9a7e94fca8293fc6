import { describe, expect, it } from 'vitest'
import { singleStep, type Contents } from './single-step.ts'
import { pdp10 } from './isa.ts'

/** A word of two halves in octal, as the manual writes it: `w('254040', 100)`. */
const w = (left: string, right = '0'): bigint => (BigInt(`0o${left}`) << 18n) | BigInt(`0o${right}`)
const run = (word: bigint, before: Contents = {}) => {
  const step = singleStep(pdp10, word, { PC: 0o1000n, PL: 0xffn, ...before })!
  return { name: step.instruction.name, cause: step.cause, ...step.after }
}

describe('JRST', () => {
  it('JRST 1, enters user mode and never traps', () => {
    expect(run(w('254040', '100'))).toMatchObject({ name: 'JRST 1,', cause: undefined, PC: 0o100n, USER: 1n })
    expect(run(w('254040', '100'), { USER: 1n })).toMatchObject({ cause: undefined, PC: 0o100n, USER: 1n })
    expect(run(w('254000', '100'))).not.toHaveProperty('USER')
  })
  it('HALT and JEN trap in user mode, unless user in-out is on', () => {
    for (const word of [w('254200', '100'), w('254500', '100')]) {
      expect(run(word, { USER: 1n }).cause).toBe('UUO')
      expect(run(word, { USER: 1n, 'USER-IO': 1n }).cause).toBeUndefined()
      expect(run(word).cause).toBeUndefined()
    }
    expect(run(w('254200', '100'))).toMatchObject({ name: 'JRST 4,', HALTED: 1n, PC: 0o100n })
  })
  it('JRSTF takes the modes from the word in executive mode, and may only clear user in-out in user mode', () => {
    const both = { 'AC 3': w('014000', '200') }
    expect(run(w('254103', '0'), both)).toMatchObject({ PC: 0o200n, USER: 1n, 'USER-IO': 1n })
    expect(run(w('254103', '0'), { ...both, USER: 1n })).toMatchObject({ USER: 1n, 'USER-IO': 0n })
    expect(run(w('254103', '0'), { 'AC 3': 0o200n, USER: 1n, 'USER-IO': 1n })).toMatchObject({ USER: 1n, 'USER-IO': 0n })
  })
  it('JEN dismisses the highest interrupt in progress', () => {
    expect(run(w('254500', '100'), { PIH: 0b0101000n, PIR: 0b0100001n, 'PI-ON': 1n })).toMatchObject({ PIH: 0b0001000n, PIR: 1n })
    expect(run(w('254500', '100'), { PIH: 0b0101000n })).toMatchObject({ PIH: 0b0101000n })
  })
})

describe('addresses', () => {
  it('are indexed, then indirect, and reach the accumulators below 20', () => {
    expect(run(w('200040', '100'), { 'E 100': 7n })).toMatchObject({ name: 'MOVE', 'AC 1': 7n })
    expect(run(w('200042', '100'), { 'AC 2': 5n, 'E 105': 7n })).toMatchObject({ 'AC 1': 7n })
    expect(run(w('200062', '100'), { 'AC 2': 5n, 'E 105': w('000003', '200'), 'AC 3': 1n, 'E 201': 9n })).toMatchObject({ 'AC 1': 9n })
    expect(run(w('200040', '17'), { 'AC 17': 7n, 'E 17': 8n })).toMatchObject({ 'AC 1': 7n })
    expect(run(w('202040', '2'), { 'AC 1': 7n })).toMatchObject({ 'AC 2': 7n })
    expect(run(w('202040', '2'), { 'AC 1': 7n })).not.toHaveProperty('E 2')
  })
  it('leave the model where a second word is indirect too', () => {
    expect(run(w('200060', '100'), { 'E 100': w('000020', '200') }).cause).toBe('unmodelled')
    expect(run(w('200040', '100'), { 'E 100': w('000020', '200') }).cause).toBeUndefined()
  })
  it('of users are relocated and protected, those of the executive are real', () => {
    const cells = { 'E 2000': 1n, 'E 6000': 2n, RL: 2n, PL: 1n }
    expect(run(w('200040', '2000'), cells)).toMatchObject({ 'AC 1': 1n })
    expect(run(w('200040', '2000'), { ...cells, USER: 1n })).toMatchObject({ 'AC 1': 2n })
    expect(run(w('200040', '4000'), { ...cells, USER: 1n }).cause).toBe('protection')
    expect(run(w('200040', '4000'), cells).cause).toBeUndefined()
    expect(run(w('200040', '17'), { ...cells, USER: 1n, 'AC 17': 3n })).toMatchObject({ 'AC 1': 3n })
  })
})

describe('input and output', () => {
  it('DATAO APR, sets protection and relocation, in executive mode', () => {
    const word = { 'E 100': w('044000', '010000') }
    expect(run(w('700140', '100'), word)).toMatchObject({ name: 'DATAO APR,', PL: 0o22n, RL: 0o4n })
    expect(run(w('700140', '100'), { ...word, USER: 1n }).cause).toBe('UUO')
    expect(run(w('700140', '100'), { ...word, USER: 1n, 'USER-IO': 1n }).cause).toBeUndefined()
  })
})
