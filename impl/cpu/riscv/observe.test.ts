// What a step is reported to have done.
import { describe, expect, it } from 'vitest'
import { addi, b, base, bench, csr, ecall, load, nop, put, r, s } from './bench.fixture.ts'
import { observe } from './observe.ts'

const at = (word: number) => {
  const hart = bench()
  put(hart, base, [word])
  hart.setCsr(0x300, 0x6000n)
  hart.setCsr(0x305, BigInt(base + 0x100))
  hart.x[1] = BigInt(base + 0x200)
  hart.x[2] = 7n
  return hart
}

describe('an observed step', () => {
  it('names the register and its value', () => {
    expect(observe(at(addi(3, 2, 5)))).toEqual({
      outcome: 'retired', pc: BigInt(base), mode: 3, bits: addi(3, 2, 5), nextPc: BigInt(base + 4), nextMode: 3, trap: undefined,
      destination: { file: 'x', number: 3, value: 12n }, memory: undefined,
    })
  })
  it.each([
    [s(3, 1, 2, -8), undefined, { kind: 'store', address: BigInt(base + 0x1f8), bytes: 8 }],
    [load(4, 3, 1, 1), { file: 'x', number: 3, value: 0n }, { kind: 'load', address: BigInt(base + 0x201), bytes: 1 }],
    [r(0x2f, 2, 0, 3, 1, 2), { file: 'x', number: 3, value: 0n }, { kind: 'atomic', address: BigInt(base + 0x200), bytes: 4 }],
    [r(0x53, 0, 0x79, 3, 2, 0), { file: 'f', number: 3, value: 7n }, undefined],
    [r(0x53, 0, 0x71, 3, 2, 0), { file: 'x', number: 3, value: 0n }, undefined],
    [addi(0, 2, 5), undefined, undefined], [b(0, 1, 1, 8), undefined, undefined], [csr(2, 3, 0x340, 0), { file: 'x', number: 3, value: 0n }, undefined],
    [nop, undefined, undefined], [0x4188, { file: 'x', number: 10, value: 0n }, { kind: 'load', address: 0n, bytes: 4 }],
  ] as const)('of %i', (word, destination, memory) => {
    const hart = at(word)
    if (word === 0x4188) {
      hart.x[11] = BigInt(base + 0x300)
      expect(observe(hart)).toMatchObject({ bits: word, destination, memory: { ...memory, address: BigInt(base + 0x300) } })
    } else {
      const { destination: register, memory: access, outcome } = observe(hart)
      expect([outcome, register, access]).toEqual(['retired', destination, memory])
    }
  })
  it('tells a trap, and an interrupt that precedes the instruction', () => {
    expect(observe(at(ecall))).toMatchObject({ outcome: 'trapped', bits: ecall, nextPc: BigInt(base + 0x100), trap: { cause: 11, interrupt: false }, destination: undefined })
    const hart = at(nop)
    hart.setCsr(0x300, 8n)
    hart.setCsr(0x304, 0x80n)
    hart.drive('MTIP', true)
    expect(observe(hart)).toMatchObject({ outcome: 'interrupted', bits: undefined, trap: { cause: 7, interrupt: true, pc: BigInt(base) } })
    expect(hart.steps()).toBe(0)
  })
  it('has no bits where nothing can be fetched', () => {
    const hart = at(nop)
    hart.pc = 0x5000_0000n
    expect(observe(hart)).toMatchObject({ outcome: 'trapped', bits: undefined, trap: { cause: 1, value: 0x5000_0000n } })
  })
})
