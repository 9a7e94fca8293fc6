import { describe, expect, it } from 'vitest'
import { riscvMachine } from './isa.ts'
import { base, code, machineOf, said, type Given } from './running.fixture.ts'

/** An x register after one instruction; the name of what was done where it was not that. */
const x = (name: string, word: number, n: number, given: Given = {}): bigint | string => {
  const m = machineOf({ ...given, words: [word] }), what = said(m.step())
  return what === name ? m.bank('x').get(BigInt(n)) : what
}
const on32 = { name: 'riscv32' } as const

describe('C', () => {
  const results: readonly (readonly [name: string, word: number, register: number, before: Record<number, bigint>, result: bigint, given?: Given])[] = [
    ['C.ADDI4SPN', 0x0868, 10, { 2: 0x1000n }, 0x101cn], ['C.ADDIW', 0x2505, 10, { 10: 0x7fffffffn }, 0xffffffff80000000n], ['C.ADDI16SP', 0x7139, 2, { 2: 0x1000n }, 0xfc0n],
    ['C.LUI', 0x657d, 10, {}, 0x1f000n], ['C.LUI', 0x757d, 10, {}, 0xfffffffffffff000n], ['C.SRLI', 0x9171, 10, { 10: (1n << 64n) - 1n }, 0xfn],
    ['C.SRAI', 0x8541, 10, { 10: 1n << 63n }, 0xffff800000000000n], ['C.ANDI', 0x897d, 10, { 10: 0x1ffn }, 0x1fn], ['C.SUB', 0x8d0d, 10, { 10: 5n, 11: 7n }, (1n << 64n) - 2n],
    ['C.XOR', 0x8d2d, 10, { 10: 5n, 11: 7n }, 2n], ['C.OR', 0x8d4d, 10, { 10: 5n, 11: 8n }, 13n], ['C.SUBW', 0x9d0d, 10, { 10: 1n << 32n, 11: 1n }, (1n << 64n) - 1n],
    ['C.ADDW', 0x9d2d, 10, { 10: 0x7fffffffn, 11: 1n }, 0xffffffff80000000n], ['C.MV', 0x852e, 10, { 11: 9n }, 9n], ['C.ADD', 0x952e, 10, { 10: 1n, 11: 9n }, 10n],
    ['C.JALR', 0x9502, 1, { 10: 0x4001n }, code + 2n], ['C.JAL', 0x2001, 1, {}, code + 2n, on32], ['C.LWSP', 0x4522, 10, { 2: base }, 0xffffffff80000001n, { memory: [[base + 8n, 0x80000001n]] }],
    ['C.LDSP', 0x6522, 10, { 2: base }, 77n, { memory: [[base + 8n, 77n]] }],
  ]
  it.each(results.map(([name, word, register, before, result, given]) => ({ name, word, register, before, result, given })))('$name $word', ({ name, word, register, before, result, given = {} }) => { expect(x(name, word, register, { ...given, x: before })).toBe(result) })
  it('stores by the stack pointer, and floating-point numbers', () => {
    const m = machineOf({ words: [0xe42a, 0xa82a], x: { 2: base, 10: 5n }, f: { 10: 6n }, registers: { 'mstatus.FS': 3n } })
    expect([said(m.step()), said(m.step()), m.bank('memory').number(base + 8n, 8), m.bank('memory').number(base + 16n, 8)]).toEqual(['C.SDSP', 'C.FSDSP', 5n, 6n])
    const n = machineOf({ words: [0x6522, 0xe42a], x: { 2: base }, memory: [[base + 8n, 0x3f800000n]], registers: { 'mstatus.FS': 3n }, ...on32 })
    expect([said(n.step()), n.bank('f').get(10n)]).toEqual(['C.FLWSP', 0xffffffff3f800000n])
  })
  it('has reserved encodings that are illegal, and hints that do nothing', () => {
    const words: readonly (readonly [number, Given?])[] = [[0x0000], [0x2005], [0x6101], [0x6501], [0x4002], [0x6002], [0x8002], [0x8000], [0x9c41], [0x9c61], [0x9141, on32]]
    expect(words.map(([word, given]) => { const m = machineOf({ ...given, words: [word] }); return m.step().kind })).toEqual(words.map(() => 'trapped'))
    const hints = [0x0001, 0x4001, 0x6005, 0x8001, 0x8006, 0x9006, 0x0002, 0x0505]
    expect(hints.map((word) => machineOf({ words: [word] }).step().kind)).toEqual(hints.map(() => 'completed'))
  })
  it('has no words in common with others, but where one is a special case of the next', () => {
    const { instructions } = riscvMachine('riscv64')
    const pairs = instructions.flatMap((a, n) => instructions.slice(n + 1).filter((b) => ((a.encoding.match ^ b.encoding.match) & a.encoding.mask & b.encoding.mask) === 0n).map((b) => `${a.name} before ${b.name}`))
    expect(pairs.sort()).toEqual(['C.ADDI16SP before C.LUI', 'C.EBREAK before C.ADD', 'C.EBREAK before C.JALR', 'C.JALR before C.ADD', 'C.JR before C.MV'])
  })
})

describe('F and D', () => {
  const one = 0x3ff0000000000000n, two = 0x4000000000000000n, three = 0x4008000000000000n, boxed = (bits: bigint): bigint => 0xffffffff00000000n | bits
  const one32 = boxed(0x3f800000n), nan32 = boxed(0x7fc00000n)
  const on = { registers: { 'mstatus.FS': 3n } }
  const f = (word: number, operands: Record<number, bigint>, registers: Record<string, bigint> = {}, name = 'riscv64'): readonly (bigint | string)[] => {
    const m = machineOf({ words: [word], f: operands, registers: { ...on.registers, ...registers }, name: name as 'riscv64' })
    const what = said(m.step())
    return [what, m.bank('f').get(10n), m.register('fflags')]
  }
  it('compute', () => {
    expect(f(0x02c5f553, { 11: one, 12: two })).toEqual(['FADD.D', three, 0n])
    expect(f(0x1ac5f553, { 11: one, 12: three })).toEqual(['FDIV.D', 0x3fd5555555555555n, 1n])
    expect(f(0x1ac5b553, { 11: one, 12: three })).toEqual(['FDIV.D', 0x3fd5555555555556n, 1n])
    expect(f(0x18c5f553, { 11: one32, 12: boxed(0n) })).toEqual(['FDIV.S', boxed(0x7f800000n), 8n])
    expect(f(0x5a05f553, { 11: 0x4010000000000000n })).toEqual(['FSQRT.D', two, 0n])
    expect(f(0x6ac5f543, { 11: two, 12: two, 13: one })).toEqual(['FMADD.D', 0x4014000000000000n, 0n])
    expect(f(0x6ac5f547, { 11: two, 12: two, 13: one })).toEqual(['FMSUB.D', three, 0n])
    expect(f(0x6ac5f54b, { 11: two, 12: two, 13: one })).toEqual(['FNMSUB.D', three | (1n << 63n), 0n])
    expect(f(0x6ac5f54f, { 11: two, 12: two, 13: one })).toEqual(['FNMADD.D', 0xc014000000000000n, 0n])
    expect(f(0x4015f553, { 11: three })).toEqual(['FCVT.S.D', boxed(0x40400000n), 0n])
    expect(f(0x42058553, { 11: one32 })).toEqual(['FCVT.D.S', one, 0n])
    expect(f(0x2ac58553, { 11: one, 12: two })).toEqual(['FMIN.D', one, 0n])
    expect(f(0x20c58553, { 11: one32, 12: boxed(1n << 31n) })).toEqual(['FSGNJ.S', boxed(0xbf800000n), 0n])
  })
  it('take a register that holds no single as a NaN', () => {
    expect(f(0x00c5f553, { 11: 0x3f800000n, 12: one32 })).toEqual(['FADD.S', nan32, 0n])
    expect(f(0x00c5f553, { 11: one32, 12: one32 })).toEqual(['FADD.S', boxed(0x40000000n), 0n])
    expect(f(0x20c58553, { 11: 0x3f800000n, 12: one32 })[1]).toBe(nan32)
  })
  it('round as frm says, and refuse reserved modes', () => {
    const third = { 11: one, 12: three }
    expect(f(0x1ac5f553, third, { frm: 3n })[1]).toBe(0x3fd5555555555556n)
    expect(f(0x1ac5f553, third, { frm: 5n })[0]).toBe('illegal instruction, 1ac5f553')
    expect(f(0x1ac5d553, third)[0]).toBe('illegal instruction, 1ac5d553')
    expect(f(0x1ac5f553, third, { 'mstatus.FS': 0n })[0]).toBe('illegal instruction, 1ac5f553')
  })
  it('write x registers, and make FS dirty only by flags', () => {
    const clean = { registers: { 'mstatus.FS': 1n } }
    expect(x('FLT.D', 0xa2c59553, 10, { ...on, f: { 11: one, 12: two } })).toBe(1n)
    expect(x('FCLASS.D', 0xe2059553, 10, { ...on, f: { 11: one } })).toBe(1n << 6n)
    expect(x('FCVT.W.D', 0xc2059553, 10, { ...on, f: { 11: three | (1n << 63n) } })).toBe((1n << 64n) - 3n)
    expect(x('FCVT.WU.D', 0xc2159553, 10, { ...on, f: { 11: 0x41efffffffe00000n } })).toBe((1n << 64n) - 1n)
    const FS = (word: number, value: bigint): bigint => {
      const m = machineOf({ words: [word], f: { 11: value, 12: two }, choices: { dirtiness: 'tracked' }, ...clean })
      m.step()
      return m.register('mstatus.FS')
    }
    expect([FS(0xa2c59553, one), FS(0xa2c59553, 0x7ff8000000000000n), FS(0x02c5f553, one)]).toEqual([1n, 3n, 3n])
  })
  it('of RV32 have no conversions of 64 bits', () => {
    expect(f(0xc2259553, { 11: one })[0]).toBe('FCVT.L.D')
    expect(f(0xc2259553, { 11: one }, {}, 'riscv32')[0]).toBe('illegal instruction, c2259553')
  })
})
