// Floating-point instructions: emitted code against the handler, rounding modes, boxes, FS and reserved encodings.
import { describe, expect, it } from 'vitest'
import { addi, b, base, bench, i, put, r, s } from './bench.fixture.ts'
import { add, double, flag, multiply, single } from './float.ts'
import type { Hart } from './hart.ts'
import { cause } from './traps.ts'

const box = 0xffff_ffff_0000_0000n
const fs = (hart: Hart): bigint => hart.csr(0x300)! >> 13n & 3n
const setFs = (hart: Hart, value: bigint): boolean => hart.setCsr(0x300, value << 13n)
const setFcsr = (hart: Hart, rounding: number, flags: number): boolean => hart.setCsr(0x003, BigInt(rounding << 5 | flags))
/** OP-FP with format S (0) or D (1). */
const f = (funct5: number, format: number, rounding: number, rd: number, rs1: number, rs2: number): number =>
  r(0x53, rounding, funct5 << 2 | format, rd, rs1, rs2)

const fused = (opcode: number, format: number, rs3: number): number =>
  (rs3 << 27 | format << 25 | 2 << 20 | 1 << 15 | 7 << 12 | 3 << 7 | opcode) >>> 0

const numbers = [
  0, 1, 0.1, 1e10, 2 ** 31, 2 ** 31 - 1, 2 ** 63, 1e-300, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e38, 1e-38,
  Infinity, NaN,
].flatMap((number) => [number, -number])
const bits = (number: number): bigint => new BigUint64Array(new Float64Array([number]).buffer)[0]!
const singleBits = (number: number): bigint => box | BigInt(new Uint32Array(new Float32Array([number]).buffer)[0]!)

/** What the product of two numbers is nearly cancelled by. */
const cancelling = (format: number, f1: bigint, f2: bigint): bigint => format === 1
  ? multiply(double, 0, f1, f2).value ^ double.sign ^ 1n
  : box | multiply(single, 0, f1 & ~box, f2 & ~box).value ^ single.sign

/** Each with operands in f1 and f2 or x1, and results in f3 or x3. */
const instructions: readonly (readonly [name: string, word: (format: number) => number])[] = [
  ['fadd', (format) => f(0x00, format, 0, 3, 1, 2)],
  ['fsub', (format) => f(0x01, format, 7, 3, 1, 2)],
  ['fmul', (format) => f(0x02, format, 0, 3, 1, 2)],
  ['fdiv', (format) => f(0x03, format, 7, 3, 1, 2)],
  ['fsqrt', (format) => f(0x0b, format, 0, 3, 1, 0)],
  ['fsgnj', (format) => f(0x04, format, 0, 3, 1, 2)],
  ['fsgnjn', (format) => f(0x04, format, 1, 3, 1, 2)],
  ['fsgnjx', (format) => f(0x04, format, 2, 3, 1, 2)],
  ['fle', (format) => f(0x14, format, 0, 3, 1, 2)],
  ['flt', (format) => f(0x14, format, 1, 3, 1, 2)],
  ['feq', (format) => f(0x14, format, 2, 3, 1, 2)],
  ['fcvt.w', (format) => f(0x18, format, 1, 3, 1, 0)],
  ['fcvt.l', (format) => f(0x18, format, 1, 3, 1, 2)],
  ['fcvt from w', (format) => f(0x1a, format, 0, 3, 1, 0)],
  ['fcvt from wu', (format) => f(0x1a, format, 0, 3, 1, 1)],
  ['fcvt from l', (format) => f(0x1a, format, 0, 3, 1, 2)],
  ['fcvt to the other', (format) => f(0x08, format, 0, 3, 1, 1 - format)],
  ['fmv to x', (format) => f(0x1c, format, 0, 3, 1, 0)],
  ['fmv to f', (format) => f(0x1e, format, 0, 3, 1, 0)],
  ['fmadd', (format) => fused(0x43, format, 4)],
  ['fmsub', (format) => fused(0x47, format, 4)],
  ['fnmsub', (format) => fused(0x4b, format, 4)],
  ['fnmadd', (format) => fused(0x4f, format, 2)],
]

describe('emitted code and handler agree', () => {
  const [quick, slow, translated] = [bench(), bench(), bench()]
  it.each(instructions)('%s', (_name, word) => {
    // Without the flag NX, with FS not dirty, everything is done by the handler; the third hart runs translated code.
    const rounds = 40
    const different: string[] = []
    for (const format of [0, 1]) {
      put(quick, base, [word(format)])
      put(slow, base, [word(format)])
      put(translated, base, [word(format), addi(31, 31, -1), b(1, 31, 0, -8)])
      const operands = numbers.map((number) => format === 1 ? bits(number) : singleBits(number))
      if (format === 0) operands.push(bits(1.5))
      let first = true
      for (const f1 of operands) {
        for (const f2 of operands) {
          for (const hart of first ? [quick, slow, translated] : [quick, slow]) {
            setFs(hart, hart === slow ? 1n : 3n)
            setFcsr(hart, 0, 1)
            if (hart === slow) setFs(hart, 1n)
            hart.pc = BigInt(base)
            hart.f[1] = hart.x[1] = f1
            hart.f[2] = f2
            hart.f[3] = 0n
            hart.f[4] = cancelling(format, f1, f2)
            hart.x[3] = 0n
            hart.x[31] = BigInt(rounds)
            hart.run(hart.steps() + (hart === translated ? 3 * rounds : 1))
          }
          const seen = (hart: Hart): string => `${f1} ${f2}: ${hart.f[3]} ${hart.x[3]} ${hart.csr(3)}`
          if (seen(quick) !== seen(slow)) different.push(`${seen(quick)}, handler ${seen(slow)}`)
          if (first) expect(seen(translated)).toEqual(seen(slow))
          first = false
        }
      }
    }
    expect(different).toEqual([])
  })
})

describe('floating-point instructions', () => {
  const ready = (word: number, fsValue = 3n): Hart => {
    const hart = bench()
    put(hart, base, [word])
    setFs(hart, fsValue)
    return hart
  }

  it('rounds as the instruction or frm says and sets flags', () => {
    const [x, y] = [bits(1), bits(2 ** -60)]
    for (const rounding of [0, 1, 2, 3, 4]) {
      for (const [field, frm] of [[rounding, 0], [7, rounding]] as const) {
        const hart = ready(f(0x00, 1, field, 3, 1, 2))
        setFcsr(hart, frm, 0)
        hart.f[1] = x
        hart.f[2] = y
        expect(hart.step()).toBe('retired')
        expect([hart.f[3], hart.csr(1)]).toEqual([add(double, rounding, x, y).value, BigInt(flag.NX)])
      }
    }
  })

  it('multiplies and adds with the four signs', () => {
    const values = [bits(3), bits(5), bits(7)] as const
    for (const [opcode, expected] of [[0x43, 22], [0x47, 8], [0x4b, -8], [0x4f, -22]] as const) {
      const hart = ready((4 << 27 | 1 << 25 | 2 << 20 | 1 << 15 | 3 << 7 | opcode) >>> 0)
      ;[hart.f[1], hart.f[2], hart.f[4]] = values
      hart.step()
      expect(hart.f[3]).toBe(bits(expected))
    }
  })

  it('takes a single out of its box, and a NaN where there is none', () => {
    const hart = ready(f(0x02, 0, 0, 3, 1, 2))
    hart.f[1] = singleBits(3)
    hart.f[2] = singleBits(0.5)
    hart.step()
    expect(hart.f[3]).toBe(box | multiply(single, 0, singleBits(3) & ~box, singleBits(0.5) & ~box).value)
    hart.pc = BigInt(base)
    hart.f[2] = singleBits(0.5) & ~box
    hart.step()
    expect(hart.f[3]).toBe(box | single.nan)
  })

  it('is illegal with FS off, and with reserved rounding modes and encodings', () => {
    const words = [f(0x00, 1, 0, 3, 1, 2), f(0x1c, 1, 0, 3, 1, 0), i(0x07, 3, 3, 1, 0), 0x0000_3027 | 1 << 15, 0x0030_2073]
    for (const word of words) {
      const hart = ready(word, 0n)
      expect(hart.step()).toBe('trapped')
      expect(hart.trap()).toMatchObject({ cause: cause.illegal, value: BigInt(word) })
    }
    const reserved = [f(0x00, 1, 5, 3, 1, 2), f(0x00, 2, 0, 3, 1, 2), f(0x0b, 1, 0, 3, 1, 1), f(0x04, 1, 3, 3, 1, 2), f(0x14, 1, 3, 3, 1, 2),
      f(0x1c, 1, 2, 3, 1, 0), f(0x08, 1, 0, 3, 1, 1), f(0x18, 1, 0, 3, 1, 4), i(0x07, 4, 3, 1, 0)]
    for (const word of reserved) expect([word, ready(word).step()]).toEqual([word, 'trapped'])
    const hart = ready(f(0x1a, 1, 7, 3, 1, 0))
    setFcsr(hart, 5, 0)
    expect(hart.step()).toBe('trapped')
  })

  it('makes FS dirty when a register or a flag is written, not otherwise', () => {
    const after = (word: number): bigint => {
      const hart = ready(word, 1n)
      hart.x[1] = BigInt(base)
      hart.step()
      return fs(hart)
    }
    expect(after(f(0x1e, 1, 0, 3, 1, 0))).toBe(3n)
    expect(after(i(0x07, 3, 3, 1, 0))).toBe(3n)
    expect(after(f(0x1c, 1, 0, 3, 1, 0))).toBe(1n)
    expect(after(f(0x14, 1, 2, 3, 1, 2))).toBe(1n)
  })

  it('loads and stores both widths', () => {
    const hart = ready(i(0x07, 2, 3, 1, 64))
    put(hart, base + 4, [i(0x07, 3, 4, 1, 64), (s(2, 1, 4, 80) & ~0x7f | 0x27) >>> 0, (s(3, 1, 4, 88) & ~0x7f | 0x27) >>> 0])
    hart.x[1] = BigInt(base)
    const view = new DataView(hart.ram.buffer, hart.ram.byteOffset)
    view.setBigUint64(64, 0x1122_3344_5566_7788n, true)
    for (let index = 0; index < 4; index++) expect(hart.step()).toBe('retired')
    expect([hart.f[3], hart.f[4]]).toEqual([0xffff_ffff_5566_7788n, 0x1122_3344_5566_7788n])
    expect([view.getBigUint64(80, true), view.getBigUint64(88, true)]).toEqual([0x5566_7788n, 0x1122_3344_5566_7788n])
  })
})
