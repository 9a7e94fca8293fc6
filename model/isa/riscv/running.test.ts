import { describe, expect, it } from 'vitest'
import { SpecificationMachine } from '../../machine/specification-machine.ts'
import { riscvMachine } from './isa.ts'

const isa = riscvMachine('riscv64')
const base = 0x8000_0000n
const machineWith = (words: readonly number[], at = base): SpecificationMachine => {
  const m = new SpecificationMachine(isa)
  m.setRegister('pc', at)
  m.setRegister('priv', 3n)
  words.forEach((w, n) => m.bank('memory').write(at + BigInt(4 * n), new Uint8Array([w, w >> 8, w >> 16, w >> 24])))
  return m
}

describe('programs', () => {
  it('sum the numbers from 1 to 100', () => {
    // li t0, 100; li t1, 0; add t1, t1, t0; addi t0, t0, -1; bnez t0, -8; ebreak
    const m = machineWith([0x06400293, 0x00000313, 0x00530333, 0xfff28293, 0xfe029ce3, 0x00100073])
    const steps = m.run(1000, (s) => s.kind === 'trapped')
    expect([steps, m.bank('x').get(6n), m.register('mcause'), m.register('mtval'), m.register('minstret'), m.register('mcycle')])
      .toEqual([303, 5050n, 3n, base + 20n, 302n, 303n])
  })
})
