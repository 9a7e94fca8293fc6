import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { evaluate } from '../../ir/stage.ts'
import { True, variable, type Term } from '../../ir/term.ts'
import { IsaError, defineIsa, type Relocation } from '../../machine/isa.ts'
import { decode, singleStep, type Contents } from '../../machine/single-step.ts'
import { ka10, pdp10 } from './isa.ts'
import { tiny } from './state.ts'

/** A word of two halves in octal, as the manual writes it: `w('254040', '100')`. */
const w = (left: string, right = '0'): bigint => (BigInt(`0o${left}`) << 18n) | BigInt(`0o${right}`)
const run = (word: bigint, before: Contents = {}) => {
  const step = singleStep(pdp10, word, { PC: 0o1000n, PL: 0xffn, ...before })!
  return { name: step.instruction.name, cause: step.cause, ...step.after }
}

/** Operation codes that neither an instruction nor an entry of `leftOut` covers. */
const uncovered = (isa: typeof pdp10): string[] => {
  const low = BigInt(isa.wordWidth - 9)
  const left = Object.keys(isa.leftOut).flatMap((key) => {
    const [, first, last] = /(\d{3})(?:-(\d{3}))?$/.exec(key) ?? []
    return first === undefined ? [] : [[parseInt(first, 8), parseInt(last ?? first, 8)] as const]
  })
  return Array.from({ length: 0o1000 }, (_, op) => op).filter((op) =>
    !left.some(([first, last]) => first <= op && op <= last) &&
    !isa.instructions.some((i) => ((BigInt(op) ^ (i.encoding.match >> low)) & (i.encoding.mask >> low)) === 0n),
  ).map((op) => op.toString(8))
}

describe('the instruction set', () => {
  it('covers every operation code with an instruction or a reason', () => {
    expect(uncovered(pdp10)).toEqual([])
    expect(uncovered({ ...pdp10, leftOut: {} })).toHaveLength(0o37 + 3 + 0o40 + 1)
    expect(uncovered({ ...pdp10, instructions: pdp10.instructions.filter((i) => i.name !== 'HRRZI') })).toEqual(['551'])
  })
  it('decodes every word of a covered code, devices and accumulator fields included, to one instruction', () => {
    fc.assert(fc.property(fc.bigInt(0n, (1n << 36n) - 1n), (word) => {
      const matching = pdp10.instructions.filter((i) => (word & i.encoding.mask) === i.encoding.match)
      const op = Number(word >> 27n)
      expect(matching.length).toBe((op >= 1 && op <= 0o37) || (op >= 0o130 && op <= 0o132) || (op >= 0o140 && op < 0o200) || op === 0o256 ? 0 : 1)
    }), { numRuns: 300 })
  })
  it('has the codes of the manual', () => {
    const codes: readonly [string, string][] = [
      ['133000', 'IBP'], ['137040', 'DPB'], ['200040', 'MOVE'], ['217000', 'MOVMS'], ['223000', 'IMULB'], ['235000', 'DIVI'], ['244000', 'ASHC'],
      ['251000', 'BLT'], ['254040', 'JRST 1,'], ['254500', 'JRST 12,'], ['255400', 'JFCL 10,'], ['260740', 'PUSHJ'], ['267000', 'JRA'],
      ['275000', 'SUBI'], ['315000', 'CAMGE'], ['326000', 'JUMPN'], ['334000', 'SKIPA'], ['347000', 'AOJG'], ['353000', 'AOSLE'], ['377000', 'SOSG'],
      ['403000', 'SETZB'], ['420000', 'ANDCM'], ['434000', 'IOR'], ['447000', 'EQVB'], ['475000', 'SETOI'], ['501000', 'HLLI'], ['505000', 'HRLI'],
      ['516000', 'HRLZM'], ['551000', 'HRRZI'], ['544000', 'HLR'], ['577000', 'HLRES'], ['602000', 'TRNE'], ['635000', 'TSZA'], ['674000', 'TDOA'],
      ['651000', 'TSC'], ['700140', 'DATAO APR,'], ['700200', 'CONO APR,'], ['700640', 'CONI PI,'], ['700700', 'CONSZ PI,'], ['712140', 'DATAO 100-174,'],
      ['051140', 'MUUO 040-077'], ['000000', '000'],
    ]
    for (const [left, name] of codes) expect(decode(pdp10, w(left))?.name).toBe(name)
    expect(decode(pdp10, w('256000'))).toBeUndefined()
  })
  it('is the same on the shrunk machine, but for what has no room', () => {
    const names = new Set(pdp10.shrunk!().instructions.map((i) => i.name))
    expect(pdp10.instructions.map((i) => i.name).filter((n) => !names.has(n))).toEqual(['IBP', 'ILDB', 'LDB', 'IDPB', 'DPB'])
  })
  it('is refused with an encoding given twice', () => {
    const again = { ...pdp10.instructions[0]!, name: 'again' }
    expect(() => defineIsa({ ...pdp10, instructions: [...pdp10.instructions, again] })).toThrow(IsaError)
  })
})

describe('relocation', () => {
  const bit = [0n, 1n]
  /** In how many states of the shrunk machine `reaches` is not the inverse of `develop`. */
  const notInverse = ({ develop, reaches }: Relocation): number => {
    const address = variable('address', 1), real = variable('real', 1)
    const there = develop(address, 'read'), back = reaches(real)
    return bit.flatMap((USER) => bit.flatMap((PL) => bit.filter((RL) => {
      const value = (t: Term, name: string, v: bigint): bigint => evaluate(t, { variable: (n) => ({ USER, PL, RL, [name]: v })[n]!, cell: () => 0n })
      const reached = bit.filter((r) => value(back.mapped, 'real', r) === 1n)
      const developed = bit.filter((a) => value(there.fault, 'address', a) === 0n).map((a) => value(there.real, 'address', a))
      return String(reached) !== String(developed.sort()) || reached.some((r) => value(there.real, 'address', value(back.address, 'real', r)) !== r)
    }))).length
  }
  it('is inverted exactly by what a state reaches, on every state of the shrunk machine', () => {
    const { relocation } = ka10(tiny)
    expect(notInverse(relocation)).toBe(0)
    expect(notInverse({ ...relocation, reaches: (address) => ({ mapped: True, address }) })).toBeGreaterThan(0)
  })
  it('is for users only, by whole blocks, and leaves the accumulators alone', () => {
    const cells = { 'E 2000': 1n, 'E 6000': 2n, RL: 2n, PL: 1n }
    expect(run(w('200040', '2000'), cells)).toMatchObject({ 'AC 1': 1n })
    expect(run(w('200040', '2000'), { ...cells, USER: 1n })).toMatchObject({ 'AC 1': 2n })
    expect(run(w('200040', '4000'), { ...cells, USER: 1n }).cause).toBe('protection')
    expect(run(w('200040', '4000'), cells).cause).toBeUndefined()
    expect(run(w('200040', '17'), { ...cells, USER: 1n, 'AC 17': 3n, 'E 4017': 4n })).toMatchObject({ 'AC 1': 3n })
  })
})

describe('addresses', () => {
  it('are indexed, then indirect, and reach the accumulators below 20', () => {
    expect(run(w('200042', '100'), { 'AC 2': w('777777', '5'), 'E 105': 7n })).toMatchObject({ 'AC 1': 7n })
    expect(run(w('200062', '100'), { 'AC 2': 5n, 'E 105': w('000003', '200'), 'AC 3': 1n, 'E 201': 9n })).toMatchObject({ 'AC 1': 9n })
    expect(run(w('200040', '17'), { 'AC 17': 7n, 'E 17': 8n })).toMatchObject({ 'AC 1': 7n })
    expect(run(w('202040', '2'), { 'AC 1': 7n })).toMatchObject({ 'AC 2': 7n })
    expect(run(w('202040', '2'), { 'AC 1': 7n })).not.toHaveProperty('E 2')
  })
  it('leave the model where a second word is indirect too', () => {
    expect(run(w('200060', '100'), { 'E 100': w('000020', '200') }).cause).toBe('unmodelled')
    expect(run(w('200040', '100'), { 'E 100': w('000020', '200') }).cause).toBeUndefined()
  })
})
