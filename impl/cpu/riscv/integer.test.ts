// Each integer operation against the same operation on big integers, interpreted and translated.
import { describe, expect, it } from 'vitest'
import { add, addi, b, base, bench, i, jal, jalr, load, put, r, s } from './bench.fixture.ts'
import type { Hart } from './hart.ts'

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value)
const s64 = (value: bigint): bigint => BigInt.asIntN(64, value)
const s32 = (value: bigint): bigint => BigInt.asIntN(32, value)
const u32 = (value: bigint): bigint => BigInt.asUintN(32, value)
const truth = (value: boolean): bigint => value ? 1n : 0n

type Binary = (a: bigint, b: bigint) => bigint
/** Operands are unsigned; results are taken modulo 2^64. */
const registerForms: Readonly<Record<string, readonly [opcode: number, funct3: number, funct7: number, meaning: Binary]>> = {
  add: [0x33, 0, 0, (a, b) => a + b],
  sub: [0x33, 0, 0x20, (a, b) => a - b],
  sll: [0x33, 1, 0, (a, b) => a << (b & 63n)],
  slt: [0x33, 2, 0, (a, b) => truth(s64(a) < s64(b))],
  sltu: [0x33, 3, 0, (a, b) => truth(a < b)],
  xor: [0x33, 4, 0, (a, b) => a ^ b],
  srl: [0x33, 5, 0, (a, b) => a >> (b & 63n)],
  sra: [0x33, 5, 0x20, (a, b) => s64(a) >> (b & 63n)],
  or: [0x33, 6, 0, (a, b) => a | b],
  and: [0x33, 7, 0, (a, b) => a & b],
  addw: [0x3b, 0, 0, (a, b) => s32(a + b)],
  subw: [0x3b, 0, 0x20, (a, b) => s32(a - b)],
  sllw: [0x3b, 1, 0, (a, b) => s32(a << (b & 31n))],
  srlw: [0x3b, 5, 0, (a, b) => s32(u32(a) >> (b & 31n))],
  sraw: [0x3b, 5, 0x20, (a, b) => s32(a) >> (b & 31n)],
  mul: [0x33, 0, 1, (a, b) => a * b],
  mulh: [0x33, 1, 1, (a, b) => s64(a) * s64(b) >> 64n],
  mulhsu: [0x33, 2, 1, (a, b) => s64(a) * b >> 64n],
  mulhu: [0x33, 3, 1, (a, b) => a * b >> 64n],
  div: [0x33, 4, 1, (a, b) => b === 0n ? -1n : s64(a) / s64(b)],
  divu: [0x33, 5, 1, (a, b) => b === 0n ? -1n : a / b],
  rem: [0x33, 6, 1, (a, b) => b === 0n ? a : s64(a) % s64(b)],
  remu: [0x33, 7, 1, (a, b) => b === 0n ? a : a % b],
  mulw: [0x3b, 0, 1, (a, b) => s32(a * b)],
  divw: [0x3b, 4, 1, (a, b) => s32(b) === 0n ? -1n : s32(s32(a) / s32(b))],
  divuw: [0x3b, 5, 1, (a, b) => u32(b) === 0n ? -1n : s32(u32(a) / u32(b))],
  remw: [0x3b, 6, 1, (a, b) => s32(b) === 0n ? s32(a) : s32(s32(a) % s32(b))],
  remuw: [0x3b, 7, 1, (a, b) => u32(b) === 0n ? s32(a) : s32(u32(a) % u32(b))],
}
const immediateForms: Readonly<Record<string, readonly [opcode: number, funct3: number, meaning: Binary, amounts?: readonly number[]]>> = {
  addi: [0x13, 0, (a, b) => a + b],
  slti: [0x13, 2, (a, b) => truth(s64(a) < b)],
  sltiu: [0x13, 3, (a, b) => truth(a < u64(b))],
  xori: [0x13, 4, (a, b) => a ^ u64(b)],
  ori: [0x13, 6, (a, b) => a | u64(b)],
  andi: [0x13, 7, (a, b) => a & u64(b)],
  addiw: [0x1b, 0, (a, b) => s32(a + b)],
  slli: [0x13, 1, (a, b) => a << b, [0, 1, 31, 32, 63]],
  srli: [0x13, 5, (a, b) => a >> b, [0, 1, 31, 32, 63]],
  srai: [0x13, 5, (a, b) => s64(a) >> (b & 63n), [0x400, 0x401, 0x43f]],
  slliw: [0x1b, 1, (a, b) => s32(a << b), [0, 1, 31]],
  srliw: [0x1b, 5, (a, b) => s32(u32(a) >> b), [0, 1, 31]],
  sraiw: [0x1b, 5, (a, b) => s32(a) >> (b & 31n), [0x400, 0x401, 0x41f]],
}
const values = [
  0n, 1n, 2n, 7n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, 0x1234_5678_9abc_def0n, 0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n, 0xffff_ffff_8000_0000n, 0xffff_ffff_ffff_ffffn, 0xfedc_ba98_7654_3210n,
]

/** The words in a loop, so that the last rounds are translated. */
const rounds = 40
const repeated = (hart: Hart, words: readonly number[]): void => {
  put(hart, base, [...words, addi(31, 31, -1), b(1, 31, 0, -4 * (words.length + 1))])
  hart.pc = BigInt(base)
  hart.x[31] = BigInt(rounds)
  hart.run(hart.steps() + rounds * (words.length + 2))
  expect(hart.pc).toBe(BigInt(base + 4 * (words.length + 2)))
}

describe('integer operations', () => {
  const hart = bench()
  for (const [name, [opcode, funct3, funct7, meaning]] of Object.entries(registerForms)) {
    it(name, () => {
      const word = r(opcode, funct3, funct7, 3, 1, 2)
      put(hart, base, [word])
      for (const x1 of values) {
        for (const x2 of values) {
          hart.pc = BigInt(base)
          hart.x[1] = x1
          hart.x[2] = x2
          expect(hart.step()).toBe('retired')
          expect([x1, x2, hart.x[3]]).toEqual([x1, x2, u64(meaning(x1, x2))])
        }
      }
      hart.x[1] = values[8]!
      hart.x[2] = values[13]!
      repeated(hart, [word])
      expect(hart.x[3]).toBe(u64(meaning(values[8]!, values[13]!)))
    })
  }

  for (const [name, [opcode, funct3, meaning, amounts = [0, 1, -1, 2047, -2048]]] of Object.entries(immediateForms)) {
    it(name, () => {
      for (const amount of amounts) {
        put(hart, base, [i(opcode, funct3, 3, 1, amount)])
        for (const x1 of values) {
          hart.pc = BigInt(base)
          hart.x[1] = x1
          expect(hart.step()).toBe('retired')
          expect([amount, x1, hart.x[3]]).toEqual([amount, x1, u64(meaning(x1, BigInt(amount)))])
        }
      }
    })
  }

  it('fails where the meaning is another one', () => {
    put(hart, base, [r(0x33, 0, 0, 3, 1, 2)])
    hart.pc = BigInt(base)
    hart.x[1] = 1n
    hart.x[2] = 1n
    hart.step()
    expect(hart.x[3]).not.toBe(registerForms['sub']![3](1n, 1n))
  })

  it('lui and auipc', () => {
    put(hart, base + 4, [0x8000_01b7, 0xffff_f197])
    hart.pc = BigInt(base + 4)
    hart.step()
    expect(hart.x[3]).toBe(0xffff_ffff_8000_0000n)
    hart.step()
    expect(hart.x[3]).toBe(0x7fff_f008n)
  })

  it('never changes x0', () => {
    put(hart, base, [add(0, 1, 2), 0x8000_0037, load(3, 0, 10, 0), jal(0, 4), jalr(0, 5, 0)])
    hart.pc = BigInt(base)
    hart.x[10] = BigInt(base)
    hart.x[5] = BigInt(base + 64)
    for (let index = 0; index < 5; index++) expect(hart.step()).toBe('retired')
    expect([hart.x[0], hart.pc]).toEqual([0n, BigInt(base + 64)])
  })
})

describe('branches and jumps', () => {
  const conditions: readonly (readonly [funct3: number, meaning: (a: bigint, b: bigint) => boolean])[] = [
    [0, (a, b) => a === b], [1, (a, b) => a !== b], [4, (a, b) => s64(a) < s64(b)], [5, (a, b) => s64(a) >= s64(b)],
    [6, (a, b) => a < b], [7, (a, b) => a >= b],
  ]
  const hart = bench()
  it.each([-16, 4092, -4096, 2048])('takes a branch of %i bytes when its condition holds', (offset) => {
    for (const [funct3, meaning] of conditions) {
      put(hart, base + 0x2010, [b(funct3, 1, 2, offset)])
      for (const x1 of values) {
        for (const x2 of values) {
          hart.pc = BigInt(base + 0x2010)
          hart.x[1] = x1
          hart.x[2] = x2
          hart.step()
          expect([funct3, x1, x2, hart.pc]).toEqual([funct3, x1, x2, BigInt(base + 0x2010 + (meaning(x1, x2) ? offset : 4))])
        }
      }
    }
  })

  it('links the next instruction and clears bit 0 of an indirect target', () => {
    put(hart, base, [jal(1, 0x8_0000), jalr(5, 5, 3)])
    hart.pc = BigInt(base)
    hart.step()
    expect([hart.pc, hart.x[1]]).toEqual([BigInt(base + 0x8_0000), BigInt(base + 4)])
    hart.pc = BigInt(base + 4)
    hart.x[5] = BigInt(base + 0x100)
    hart.step()
    expect([hart.pc, hart.x[5]]).toEqual([BigInt(base + 0x102), BigInt(base + 8)])
  })
})

describe('loads and stores', () => {
  const hart = bench()
  const place = base + 0x8000
  const value = 0xf1e2_d3c4_b5a6_9788n
  it.each([
    ['lb', 0, 8, true], ['lh', 1, 16, true], ['lw', 2, 32, true], ['ld', 3, 64, false], ['lbu', 4, 8, false],
    ['lhu', 5, 16, false], ['lwu', 6, 32, false],
  ] as const)('%s', (_name, funct3, width, signed) => {
    const expected = u64(signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value))
    for (const offset of [0, 1, 7, -8]) {
      const view = new DataView(hart.ram.buffer, hart.ram.byteOffset)
      view.setBigUint64(place + offset - base, value, true)
      put(hart, base, [load(funct3, 3, 1, offset)])
      hart.x[1] = BigInt(place)
      hart.pc = BigInt(base)
      expect(hart.step()).toBe('retired')
      expect(hart.x[3]).toBe(expected)
      repeated(hart, [load(funct3, 3, 1, offset)])
      expect(hart.x[3]).toBe(expected)
    }
  })

  it.each([['sb', 0, 8], ['sh', 1, 16], ['sw', 2, 32], ['sd', 3, 64]] as const)('%s', (_name, funct3, width) => {
    const view = new DataView(hart.ram.buffer, hart.ram.byteOffset)
    for (const offset of [0, 1, 7, -8]) {
      put(hart, base, [s(funct3, 1, 2, offset)])
      for (const run of [() => hart.step(), () => repeated(hart, [s(funct3, 1, 2, offset)])]) {
        view.setBigUint64(place + offset - base, 0x1111_1111_1111_1111n, true)
        hart.x[1] = BigInt(place)
        hart.x[2] = value
        hart.pc = BigInt(base)
        run()
        const mask = (1n << BigInt(width)) - 1n
        expect(view.getBigUint64(place + offset - base, true)).toBe(value & mask | 0x1111_1111_1111_1111n & ~mask)
      }
    }
  })
})
