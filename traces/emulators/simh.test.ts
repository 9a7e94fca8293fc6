import { describe, expect, it } from 'vitest'
import { EmulatorFailure } from './gdb-stub.ts'
import { Simh, valuesOf } from './simh.ts'
import { EmulatorMissing } from './qemu.ts'

describe('what SIMH prints', () => {
  it('is read as values by names and addresses', () => {
    const text = '\nStep expired, PC: 001004 (MOV @(R1),R2)\nPC:\t001004\nR00:\t000017\n1000:\t177777\n'
    expect([...valuesOf(text, 8)]).toEqual([['PC', 0o1004n], ['R00', 0o17n], ['1000', 0o177777n]])
    expect(valuesOf('7FC:\t0000000A\n', 16).get('7FC')).toBe(10n)
    expect(valuesOf('PC: 5\n', 8).size).toBe(0)
  })
  it('is a failure where a command was refused', () => {
    expect(() => valuesOf('/dev/fd/3> d r99 5\nNon-existent device\n', 8)).toThrow(EmulatorFailure)
  })
  it('comes from a program that is installed', async () => {
    await expect(new Simh({ program: 'no-such-emulator', setUp: [] }).version()).rejects.toThrow(EmulatorMissing)
  })
})
