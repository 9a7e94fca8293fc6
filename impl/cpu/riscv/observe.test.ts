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
      word: addi(3, 2, 5), raised: 0, dirtied: false,
    })
  })
  it.each([
    [s(3, 1, 2, -8), undefined, { kind: 'store', address: BigInt(base + 0x1f8), bytes: 8, offset: 0x1f8, read: undefined, written: 7n }],
    [load(4, 3, 1, 1), { file: 'x', number: 3, value: 0n }, { kind: 'load', address: BigInt(base + 0x201), bytes: 1, offset: 0x201, read: 0n, written: undefined }],
    [r(0x2f, 2, 0, 3, 1, 2), { file: 'x', number: 3, value: 0n }, { kind: 'atomic', address: BigInt(base + 0x200), bytes: 4, offset: 0x200, read: 0n, written: 7n }],
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
  it('of SC has written only when it succeeded', () => {
    const hart = bench()
    put(hart, base, [r(0x2f, 2, 0x08, 3, 1, 0), r(0x2f, 2, 0x0c, 0, 1, 2), r(0x2f, 2, 0x0c, 0, 1, 2)])
    hart.x[1] = BigInt(base + 0x200)
    hart.x[2] = 0x1_0000_0007n
    expect([observe(hart), observe(hart), observe(hart)].map(({ memory }) => [memory?.kind, memory?.read, memory?.written]))
      .toEqual([['load', 0n, undefined], ['store', undefined, 7n], ['store', undefined, undefined]])
  })
  it('takes what a device gave from the register', () => {
    const hart = bench()
    put(hart, base, [load(0, 3, 1, 0), s(2, 1, 2, 4), load(2, 0, 1, 4)])
    hart.device.set(0x1000_0000, 0xffn)
    hart.x[1] = 0x1000_0000n
    hart.x[2] = 5n
    expect([observe(hart), observe(hart), observe(hart)].map(({ memory }) => [memory?.offset, memory?.read, memory?.written]))
      .toEqual([[-1, 0xffn, undefined], [-1, undefined, 5n], [-1, undefined, undefined]])
  })
  it('has no bits where nothing can be fetched', () => {
    const hart = at(nop)
    hart.pc = 0x5000_0000n
    expect(observe(hart)).toMatchObject({ outcome: 'trapped', bits: undefined, trap: { cause: 1, value: 0x5000_0000n } })
  })
})

describe('an injected instruction', () => {
  it('is executed instead of what is there, and the next step fetches again', () => {
    const hart = at(addi(3, 2, 5))
    hart.step()
    hart.pc = BigInt(base)
    expect(observe(hart, addi(4, 2, 1))).toMatchObject({ bits: addi(4, 2, 1), nextPc: BigInt(base + 4), destination: { number: 4, value: 8n } })
    hart.pc = BigInt(base)
    expect(observe(hart)).toMatchObject({ bits: addi(3, 2, 5), destination: { number: 3, value: 12n } })
  })
  it('may be short, and be where there is no memory', () => {
    const hart = at(nop)
    hart.pc = 0x5000_0ffen
    expect(observe(hart, 0xffff_0505)).toMatchObject({ outcome: 'retired', nextPc: 0x5000_1000n, destination: { number: 10, value: 1n } })
    expect(observe(hart, b(0, 0, 0, -8))).toMatchObject({ outcome: 'retired', nextPc: 0x5000_0ff8n })
  })
  it('that is illegal leaves its own bits in mtval', () => {
    const hart = at(nop)
    expect(observe(hart, 0xffff_ffff)).toMatchObject({ outcome: 'trapped', trap: { cause: 2, value: 0xffff_ffffn } })
    expect(observe(hart, 0x1234_0000)).toMatchObject({ outcome: 'trapped', trap: { cause: 2, value: 0n, pc: BigInt(base + 0x100) } })
  })
  it('is reached through the page table, and ends a wait', () => {
    const hart = at(nop)
    hart.setCsr(0x3b0, -1n)
    hart.setCsr(0x3a0, 0x1fn)
    hart.setCsr(0x180, 8n << 60n | BigInt(base + 0x1_0000 >>> 12))
    hart.mode = 1
    expect(observe(hart, nop)).toMatchObject({ outcome: 'trapped', trap: { cause: 12, value: BigInt(base) } })
    expect([hart.inject(0x1050_0073), hart.step(), hart.inject(nop)]).toEqual(['retired', 'waiting', 'retired'])
  })
})
