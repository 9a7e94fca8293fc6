// Rotations that are found, against a calculation by the shifts; what is none; and what is made of them, against the interpreter.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { base, bench, i, jal, put, r } from './bench.fixture.ts'
import type { Instruction } from './region.ts'
import { rotationsIn } from './region-rotations.ts'

const long = (value: bigint): bigint => BigInt.asUintN(64, value)
const compute: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  SLLI: (a, b) => long(a << b), SRLI: (a, b) => a >> b, ADDI: (a, b) => long(a + b), OR: (a, b) => a | b, XOR: (a, b) => a ^ b, ADD: (a, b) => long(a + b), AND: (a, b) => a & b,
}
const at = (name: string, rd: number, rs1: number, second: number): Instruction => ({
  offset: 0, bytes: 4, name: name as Instruction['name'], rd, rs1, ...(name.endsWith('I') ? { rs2: 0, immediate: second } : { rs2: second, immediate: 0 }),
})

/** The registers after a body, its rotations done as such or by the shifts. */
const run = (body: readonly Instruction[], rotate: boolean): readonly bigint[] => {
  const x = [0n, 0x0123_4567_89ab_cdefn, 0xfedc_ba98_7654_3211n, 0x8000_0000_0000_0001n]
  const rotations = rotate ? rotationsIn(body) : new Map(), before: bigint[][] = []
  for (const [index, { name, rd, rs1, rs2, immediate }] of body.entries()) {
    before.push([...x])
    const rotation = rotations.get(index), source = rotation && before[rotation.first]![body[rotation.first]!.rs1]!
    x[rd] = rotation ? source! >> BigInt(rotation.right) | long(source! << BigInt(64 - rotation.right)) : compute[name]!(x[rs1]!, name.endsWith('I') ? BigInt(immediate) : x[rs2]!)
  }
  return x
}

const register = fc.integer({ min: 1, max: 3 })
const between = fc.array(fc.record({ name: fc.constantFrom('ADDI', 'SLLI', 'SRLI'), rd: register, rs1: register, second: fc.constantFrom(1, 14, 32) }), { maxLength: 1 })
  .map((all) => all.map(({ name, rd, rs1, second }) => at(name, rd, rs1, second)))
/** What may be a rotation: two shifts and what joins their results, and another instruction in between. */
const group = fc.record({
  shifts: fc.constantFrom(['SRLI', 'SLLI'], ['SLLI', 'SRLI'], ['SLLI', 'SLLI']), amounts: fc.constantFrom([14, 50], [50, 14], [32, 32], [14, 49]), rd: fc.tuple(register, register, register),
  source: fc.oneof({ weight: 4, arbitrary: register.map((n) => [n, n] as const) }, fc.tuple(register, register)), join: fc.constantFrom('OR', 'XOR', 'ADD', 'AND'), between: fc.tuple(between, between),
}).map(({ shifts, amounts, rd: [one, other, joined], source: [of, from], join, between: [first, second] }) =>
  [at(shifts[0]!, one, of, amounts[0]!), ...first, at(shifts[1]!, other, from, amounts[1]!), ...second, at(join, joined, one, other)])

describe('rotations', () => {
  it('compute what their shifts do', () => {
    let found = 0
    fc.assert(fc.property(fc.array(group, { maxLength: 5 }), (groups) => {
      const body = groups.flat()
      found += rotationsIn(body).size
      expect(run(body, true)).toEqual(run(body, false))
    }), { numRuns: 5000, seed: 4 })
    expect(found).toBeGreaterThan(500)
  })

  it('are translated so', () => {
    const funct3: Readonly<Record<string, number>> = { SLLI: 1, SRLI: 5, ADDI: 0, OR: 6, XOR: 4, ADD: 0, AND: 7 }
    const words = (body: readonly Instruction[]): number[] => body.map(({ name, rd, rs1, rs2, immediate }) =>
      name.endsWith('I') ? i(0x13, funct3[name]!, rd, rs1, immediate) : r(0x33, funct3[name]!, 0, rd, rs1, rs2))
    let translations = 0, found = 0
    fc.assert(fc.property(fc.array(group, { minLength: 1, maxLength: 5 }), (groups) => {
      const body = groups.flat(), code = words(body)
      const [translated, interpreted] = [true, false].map((translate) => {
        const hart = bench({ translate, hotAfter: 4 })
        put(hart, base, [...code, jal(0, -4 * code.length)])
        // After a round they hold nothing of interest: the registers are set anew.
        for (let round = 1; round < 12; round++) {
          Object.assign(hart.x, { 1: 0x0123_4567_89ab_cdefn * BigInt(round), 2: 0xfedc_ba98_7654_3211n, 3: 0x8000_0000_0000_0001n })
          hart.run(round * (code.length + 1))
        }
        return hart
      }) as [ReturnType<typeof bench>, ReturnType<typeof bench>]
      translations += translated.translations()
      found += rotationsIn(body).size
      expect([...translated.x]).toEqual([...interpreted.x])
    }), { numRuns: 60, seed: 4 })
    expect([translations >= 60, found > 10]).toEqual([true, true])
  })

  const right = at('SRLI', 1, 3, 14), left = at('SLLI', 2, 3, 50)
  it.each([
    ['a shift to each side', [right, left, at('OR', 1, 1, 2)], [[2, { first: 0, right: 14 }]]],
    ['the other way round, into the source', [left, right, at('ADD', 3, 1, 2)], [[2, { first: 0, right: 14 }]]],
    ['a source that the second shift overwrites', [right, at('SLLI', 3, 3, 50), at('XOR', 3, 3, 1)], [[2, { first: 0, right: 14 }]]],
    ['another operation', [right, left, at('AND', 1, 1, 2)], []],
    ['amounts that are not 64 together', [right, at('SLLI', 2, 3, 49), at('OR', 1, 1, 2)], []],
    ['two shifts to one side', [at('SRLI', 1, 3, 32), at('SRLI', 2, 3, 32), at('OR', 1, 1, 2)], []],
    ['a source written in between', [right, at('ADDI', 3, 3, 1), left, at('OR', 1, 1, 2)], []],
    ['a half written in between', [right, left, at('ADDI', 1, 1, 1), at('OR', 1, 1, 2)], []],
  ] as const)('%s', (_, body, expected) => expect([...rotationsIn(body)]).toEqual(expected))
})
