import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { singleStep, type Contents } from '../../machine/single-step.ts'
import { pdp10 } from './isa.ts'

const w = (left: string, right = '0'): bigint => (BigInt(`0o${left}`) << 18n) | BigInt(`0o${right}`)
const codes = new Map(pdp10.instructions.map((i) => [i.name, i.encoding.match]))
/** The instruction by its name, with accumulator 1 and address 100 unless said otherwise. */
const run = (name: string, before: Contents, { ac = 1n, y = 0o100n } = {}): Contents =>
  singleStep(pdp10, codes.get(name)! | (ac << 23n) | y, { PC: 0o1000n, PL: 0xffn, ...before })!.after

const mostNegative = 1n << 35n
const signed = (v: bigint): bigint => BigInt.asIntN(36, v)
const unsigned = (v: bigint): bigint => BigInt.asUintN(36, v)
const fits = (v: bigint): boolean => v === signed(v)
const anyWord = fc.oneof(fc.bigInt(0n, (1n << 36n) - 1n), fc.constantFrom(0n, 1n, 2n, mostNegative, mostNegative - 1n, (1n << 36n) - 1n), fc.bigInt(0n, 1000n))
const absolute = (v: bigint): bigint => (v < 0n ? -v : v)

describe('full words', () => {
  it('MOVE and its kin', () => {
    const before = { 'E 100': w('777777', '777775'), 'AC 1': w('000001', '000002') }
    expect(run('MOVE', before)).toMatchObject({ 'AC 1': w('777777', '777775'), PC: 0o1001n })
    expect(run('MOVEI', before)).toMatchObject({ 'AC 1': 0o100n })
    expect(run('MOVSI', before)).toMatchObject({ 'AC 1': w('000100') })
    expect(run('MOVSM', before)).toMatchObject({ 'E 100': w('000002', '000001') })
    expect(run('MOVN', before)).toMatchObject({ 'AC 1': 3n, OV: 0n, CRY0: 0n, CRY1: 0n })
    expect(run('MOVMS', before)).toMatchObject({ 'AC 1': 3n, 'E 100': 3n })
    expect(run('MOVMS', before, { ac: 0n })).toMatchObject({ 'E 100': 3n, 'AC 1': w('000001', '000002') })
    expect(run('MOVN', { 'E 100': mostNegative })).toMatchObject({ 'AC 1': mostNegative, OV: 1n, CRY0: 0n, CRY1: 1n })
    expect(run('MOVN', { 'E 100': 0n })).toMatchObject({ 'AC 1': 0n, OV: 0n, CRY0: 1n, CRY1: 1n })
    expect(run('EXCH', before)).toMatchObject({ 'AC 1': before['E 100'], 'E 100': before['AC 1'] })
  })
  it('BLT moves a word and stays until the last', () => {
    const from = { 'AC 1': w('000200', '000100'), 'E 200': 7n }
    expect(run('BLT', from, { y: 0o101n })).toMatchObject({ 'E 100': 7n, 'AC 1': w('000201', '000101'), PC: 0o1000n })
    expect(run('BLT', from)).toMatchObject({ 'E 100': 7n, 'AC 1': from['AC 1'], PC: 0o1001n })
  })
})

describe('half words', () => {
  it('are moved to a half, and the other half is kept, zeros, ones or sign', () => {
    const before = { 'E 100': w('400001', '200002'), 'AC 1': w('123456', '765432') }
    expect(run('HLL', before)).toMatchObject({ 'AC 1': w('400001', '765432') })
    expect(run('HRL', before)).toMatchObject({ 'AC 1': w('200002', '765432') })
    expect(run('HLRZ', before)).toMatchObject({ 'AC 1': w('000000', '400001') })
    expect(run('HLRE', before)).toMatchObject({ 'AC 1': w('777777', '400001') })
    expect(run('HRRE', before)).toMatchObject({ 'AC 1': w('000000', '200002') })
    expect(run('HRLO', before)).toMatchObject({ 'AC 1': w('200002', '777777') })
    expect(run('HRRZI', before)).toMatchObject({ 'AC 1': 0o100n })
    expect(run('HRRM', before)).toMatchObject({ 'E 100': w('400001', '765432') })
    expect(run('HRLS', before)).toMatchObject({ 'E 100': w('200002', '200002'), 'AC 1': w('200002', '200002') })
  })
})

describe('arithmetic agrees with whole numbers', () => {
  const both = (name: string, check: (a: bigint, b: bigint, after: Contents) => void) =>
    fc.assert(fc.property(anyWord, anyWord, (a, b) => {
      check(signed(a), signed(b), run(name, { 'AC 1': a, 'E 100': b }))
    }), { numRuns: 60 })
  it('ADD and SUB', () => {
    both('ADD', (a, b, after) => expect(after).toMatchObject({
      'AC 1': unsigned(a + b), OV: fits(a + b) ? 0n : 1n, CRY0: unsigned(a) + unsigned(b) >= 1n << 36n ? 1n : 0n,
    }))
    both('SUB', (a, b, after) => expect(after).toMatchObject({ 'AC 1': unsigned(a - b), OV: fits(a - b) ? 0n : 1n }))
    expect(run('ADDB', { 'AC 1': 2n, 'E 100': 3n })).toMatchObject({ 'AC 1': 5n, 'E 100': 5n })
  })
  it('MUL and IMUL', () => {
    both('MUL', (a, b, after) => {
      expect(after['OV']).toBe(a === -mostNegative && b === -mostNegative ? 1n : 0n)
      if (after['OV'] === 0n) expect(signed(after['AC 1']!) * mostNegative + (after['AC 2']! & (mostNegative - 1n))).toBe(a * b)
    })
    both('IMUL', (a, b, after) => {
      expect(after['OV']).toBe(fits(a * b) ? 0n : 1n)
      if (fits(a * b)) expect(signed(after['AC 1']!)).toBe(a * b)
    })
  })
  it('IDIV', () => {
    both('IDIV', (a, b, after) => {
      const impossible = b === 0n || (a === -mostNegative && absolute(b) === 1n)
      expect([after['OV'], after['DCK']]).toEqual(impossible ? [1n, 1n] : [0n, 0n])
      expect(after['AC 1']).toBe(impossible ? unsigned(a) : unsigned(a / b))
      if (!impossible) expect(after['AC 2']).toBe(unsigned(a % b))
    })
  })
  it('DIV', () => {
    fc.assert(fc.property(anyWord, anyWord, anyWord, (high, low, b) => {
      const after = run('DIV', { 'AC 1': high, 'AC 2': low, 'E 100': b })
      const dividend = signed(high) * mostNegative + (low & (mostNegative - 1n)), divisor = signed(b)
      const impossible = divisor === 0n || absolute(dividend) / absolute(divisor) >= mostNegative
      expect(after['DCK']).toBe(impossible ? 1n : 0n)
      expect(after['AC 1']).toBe(impossible ? high : unsigned(dividend / divisor))
      expect(after['AC 2']).toBe(impossible ? low : unsigned(dividend % divisor))
    }), { numRuns: 100 })
  })
})

describe('shifts', () => {
  const by = (n: number): bigint => BigInt.asUintN(18, BigInt(n))
  it('ASH and LSH agree with multiplication by powers of two', () => {
    fc.assert(fc.property(anyWord, fc.integer({ min: -40, max: 40 }), (a, n) => {
      const ash = run('ASH', { 'AC 1': a }, { y: by(n) }), exact = n < 0 ? signed(a) >> BigInt(-n) : signed(a) << BigInt(n)
      expect(ash['OV']).toBe(fits(exact) ? 0n : 1n)
      if (fits(exact)) expect(signed(ash['AC 1']!)).toBe(exact)
      expect(run('LSH', { 'AC 1': a }, { y: by(n) })['AC 1']).toBe(n < 0 ? a >> BigInt(-n) : unsigned(a << BigInt(n)))
    }), { numRuns: 80 })
  })
  it('rotations lose nothing', () => {
    expect(run('ROT', { 'AC 1': w('400000', '000001') }, { y: by(1) })).toMatchObject({ 'AC 1': 3n })
    expect(run('ROT', { 'AC 1': 3n }, { y: by(-1) })).toMatchObject({ 'AC 1': w('400000', '000001') })
    expect(run('ROT', { 'AC 1': 5n }, { y: by(37) })).toMatchObject({ 'AC 1': 10n })
    expect(run('ROTC', { 'AC 1': 5n, 'AC 2': 6n }, { y: by(36) })).toMatchObject({ 'AC 1': 6n, 'AC 2': 5n })
    expect(run('LSHC', { 'AC 1': 1n, 'AC 2': 0n }, { y: by(-1) })).toMatchObject({ 'AC 1': 0n, 'AC 2': mostNegative })
    expect(run('ASHC', { 'AC 1': 1n, 'AC 2': 0n }, { y: by(-1) })).toMatchObject({ 'AC 1': 0n, 'AC 2': mostNegative >> 1n })
    expect(run('ASHC', { 'AC 1': unsigned(-1n), 'AC 2': 0n }, { y: by(0) })).toMatchObject({ 'AC 2': 0n })
  })
  it('JFFO counts the zeros before the first one', () => {
    for (const n of [0, 1, 17, 18, 35]) expect(run('JFFO', { 'AC 1': mostNegative >> BigInt(n) })).toMatchObject({ 'AC 2': BigInt(n), PC: 0o100n })
    expect(run('JFFO', { 'AC 1': 0n, 'AC 2': 9n })).toMatchObject({ 'AC 2': 0n, PC: 0o1001n })
  })
})

describe('boolean functions', () => {
  it('are the sixteen of two variables', () => {
    const before = { 'AC 1': 0b0011n, 'E 100': 0b0101n }
    const table = (name: string): string => (run(name, before)['AC 1']! & 15n).toString(2).padStart(4, '0')
    const names = ['SETZ', 'AND', 'ANDCA', 'SETM', 'ANDCM', 'SETA', 'XOR', 'IOR', 'ANDCB', 'EQV', 'SETCA', 'ORCA', 'SETCM', 'ORCM', 'ORCB', 'SETO']
    expect(names.map(table)).toEqual([
      '0000', '0001', '0100', '0101', '0010', '0011', '0110', '0111', '1000', '1001', '1100', '1101', '1010', '1011', '1110', '1111',
    ])
    expect(run('ANDM', before)).toMatchObject({ 'AC 1': 0b0011n, 'E 100': 1n })
  })
})

describe('skips, jumps and tests', () => {
  const suffixes: readonly [string, (a: bigint, b: bigint) => boolean][] = [
    ['', () => false], ['L', (a, b) => a < b], ['E', (a, b) => a === b], ['LE', (a, b) => a <= b], ['A', () => true], ['GE', (a, b) => a >= b],
    ['N', (a, b) => a !== b], ['G', (a, b) => a > b],
  ]
  it('compare signed', () => {
    for (const [suffix, holds] of suffixes) for (const a of [-1n, 0n, 0o100n, 1n]) for (const b of [-1n, 1n]) {
      expect(run(`CAM${suffix}`, { 'AC 1': unsigned(a), 'E 100': unsigned(b) })['PC']).toBe(holds(a, b) ? 0o1002n : 0o1001n)
      expect(run(`CAI${suffix}`, { 'AC 1': unsigned(a) })['PC']).toBe(holds(a, 0o100n) ? 0o1002n : 0o1001n)
      expect(run(`JUMP${suffix}`, { 'AC 1': unsigned(a) })['PC']).toBe(holds(a, 0n) ? 0o100n : 0o1001n)
      expect(run(`SOJ${suffix}`, { 'AC 1': unsigned(a) })).toMatchObject({ 'AC 1': unsigned(a - 1n), PC: holds(a - 1n, 0n) ? 0o100n : 0o1001n })
      expect(run(`AOS${suffix}`, { 'E 100': unsigned(a) })).toMatchObject({ 'E 100': unsigned(a + 1n), 'AC 1': unsigned(a + 1n), PC: holds(a + 1n, 0n) ? 0o1002n : 0o1001n })
    }
    expect(run('SKIP', { 'E 100': 5n }, { ac: 0n })).not.toHaveProperty('AC 0')
  })
  it('AOBJN counts both halves', () => {
    expect(run('AOBJN', { 'AC 1': w('777776', '5') })).toMatchObject({ 'AC 1': w('777777', '6'), PC: 0o100n })
    expect(run('AOBJN', { 'AC 1': w('777777', '5') })).toMatchObject({ 'AC 1': w('0', '6'), PC: 0o1001n })
    expect(run('AOBJP', { 'AC 1': w('0', '777777') })).toMatchObject({ 'AC 1': w('2', '0'), PC: 0o100n })
  })
  it('test masked bits before changing them', () => {
    const before = { 'AC 1': w('000100', '000001'), 'E 100': w('000001', '000100') }
    expect(run('TRNE', before)['PC']).toBe(0o1002n)
    expect(run('TLNE', before)['PC']).toBe(0o1001n)
    expect(run('TLZN', before)).toMatchObject({ 'AC 1': 1n, PC: 0o1002n })
    expect(run('TDOA', before)).toMatchObject({ 'AC 1': w('000101', '000101'), PC: 0o1002n })
    expect(run('TSC', before)).toMatchObject({ 'AC 1': 0n, PC: 0o1001n })
    expect(run('TSN', before)).toMatchObject({ 'AC 1': before['AC 1'], PC: 0o1001n })
  })
})

describe('stacks and subroutines', () => {
  it('PUSH and POP, and the count that runs out', () => {
    expect(run('PUSH', { 'AC 1': w('777776', '200'), 'E 100': 5n })).toMatchObject({ 'AC 1': w('777777', '201'), 'E 201': 5n, 'PDL-OV': 0n })
    expect(run('PUSH', { 'AC 1': w('777777', '200'), 'E 100': 5n })).toMatchObject({ 'AC 1': w('0', '201'), 'PDL-OV': 1n })
    expect(run('POP', { 'AC 1': w('1', '201'), 'E 201': 5n })).toMatchObject({ 'AC 1': w('0', '200'), 'E 100': 5n, 'PDL-OV': 0n })
    expect(run('POP', { 'AC 1': w('0', '201'), 'E 201': 5n })).toMatchObject({ 'AC 1': w('777777', '200'), 'PDL-OV': 1n })
    expect(run('POP', { 'AC 1': w('1', '201'), 'E 201': 5n }, { y: 1n })).toMatchObject({ 'AC 1': 5n })
  })
  it('subroutine calls save the flags, with the modes', () => {
    const modes = { USER: 1n, 'USER-IO': 1n, CRY0: 1n, BIS: 1n }
    expect(run('PUSHJ', { 'AC 1': w('0', '200'), ...modes })).toMatchObject({ 'E 201': w('234000', '1001'), PC: 0o100n, BIS: 0n })
    expect(run('JSP', { ...modes })).toMatchObject({ 'AC 1': w('234000', '1001'), PC: 0o100n, BIS: 0n })
    expect(run('JSP', {})).toMatchObject({ 'AC 1': w('0', '1001') })
    expect(run('JSR', modes)).toMatchObject({ 'E 100': w('234000', '1001'), PC: 0o101n })
    expect(run('POPJ', { 'AC 1': w('1', '201'), 'E 201': w('777777', '500') })).toMatchObject({ 'AC 1': w('0', '200'), PC: 0o500n })
    expect(run('JSA', { 'AC 1': 9n })).toMatchObject({ 'AC 1': w('100', '1001'), 'E 100': 9n, PC: 0o101n })
    expect(run('JRA', { 'AC 1': w('100', '1001'), 'E 100': 9n }, { y: 0o300n })).toMatchObject({ 'AC 1': 9n, PC: 0o300n })
  })
})

describe('bytes', () => {
  const text = { 'E 200': w('101102', '103104') }
  it('are loaded and deposited where the pointer says', () => {
    expect(run('LDB', { ...text, 'E 100': w('220600', '200') })).toMatchObject({ 'AC 1': 0o2n })
    expect(run('DPB', { ...text, 'E 100': w('000600', '200'), 'AC 1': 0o777n })).toMatchObject({ 'E 200': w('101102', '103177') })
    expect(run('LDB', { ...text, 'E 100': w('220601', '0'), 'AC 1': 0o200n })).toMatchObject({ 'AC 1': 0o2n })
  })
  it('pointers go on to the next byte, and to the next word', () => {
    expect(run('IBP', { 'E 100': w('440600', '200') })).toMatchObject({ 'E 100': w('360600', '200') })
    expect(run('IBP', { 'E 100': w('000600', '200') })).toMatchObject({ 'E 100': w('360600', '201') })
    expect(run('ILDB', { ...text, 'E 100': w('440600', '200') })).toMatchObject({ 'AC 1': 0o10n, 'E 100': w('360600', '200') })
    expect(run('IDPB', { ...text, 'E 100': w('000600', '177'), 'AC 1': 0o77n })).toMatchObject({ 'E 200': w('771102', '103104'), 'E 100': w('360600', '200') })
  })
  it('do not increment the pointer again after an interrupt', () => {
    expect(run('ILDB', { ...text, BIS: 1n, 'E 100': w('360600', '200') })).toMatchObject({ 'AC 1': 0o10n, 'E 100': w('360600', '200'), BIS: 0n })
  })
})
