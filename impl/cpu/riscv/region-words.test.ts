// Results that are left loose, against a calculation in which their high halves are anything.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decode } from './decode.ts'
import { operationNames } from './operations.ts'
import type { Block, Instruction } from './region.ts'
import { writes } from './region-flow.ts'
import { looseResults } from './region-words.ts'

const long = (value: bigint): bigint => BigInt.asUintN(64, value)
const extended = (value: bigint): bigint => long(BigInt.asIntN(32, value))
const lowHalf = (value: bigint): bigint => BigInt.asUintN(32, value)
const anything = 0x5a5a_5a5an << 32n

type Compute = (a: bigint, b: bigint) => bigint
const onWords: Readonly<Record<string, Compute>> = {
  ADDW: (a, b) => a + b, SUBW: (a, b) => a - b, MULW: (a, b) => a * b, SLLW: (a, b) => a << (b & 31n), SRLW: (a, b) => lowHalf(a) >> (b & 31n),
  SRAW: (a, b) => BigInt.asIntN(32, a) >> (b & 31n), REMUW: (a, b) => lowHalf(b) === 0n ? a : lowHalf(a) % lowHalf(b),
}
const onLongs: Readonly<Record<string, Compute>> = {
  ADD: (a, b) => a + b, SUB: (a, b) => a - b, MUL: (a, b) => a * b, XOR: (a, b) => a ^ b, OR: (a, b) => a | b, AND: (a, b) => a & b, SRL: (a, b) => a >> (b & 63n),
  SLTU: (a, b) => BigInt(a < b), MULHU: (a, b) => a * b >> 64n,
}
const immediates: Readonly<Record<string, string>> = { ADDIW: 'ADDW', SRLIW: 'SRLW', SLLIW: 'SLLW', SRAIW: 'SRAW', ADDI: 'ADD', XORI: 'XOR', ORI: 'OR', ANDI: 'AND', SRLI: 'SRL', SLTIU: 'SLTU' }
const loadedValues: Readonly<Record<string, bigint>> = { LB: long(-3n), LH: long(-30_000n), LW: extended(0x8765_4321n), LD: 0x1234_5678_9abc_def0n, LBU: 0xf3n, LHU: 0xf234n, LWU: 0xf765_4321n }
const storedBits: Readonly<Record<string, number>> = { SB: 8, SH: 16, SW: 32, SD: 64 }

const compute = ({ name, immediate }: Instruction, a: bigint, b: bigint): bigint => {
  if (name === 'LUI') return long(BigInt(immediate))
  if (name === 'AUIPC') return long(0x1_8000_0000n + BigInt(immediate))
  if (name in loadedValues) return loadedValues[name]!
  const second = name in immediates ? long(BigInt(immediate)) : b, of = immediates[name] ?? name
  return of in onWords ? extended(onWords[of]!(a, second)) : long(onLongs[of]!(a, second))
}

/** What a block says that it needs, checked where the registers are to be seen: before each access, and at its end. */
const check = (body: readonly Instruction[]): void => {
  const block: Block = { start: 0, body, ending: { kind: 'stop', to: 0 }, count: body.length }
  const results = looseResults(block)
  const whole = Array.from({ length: 32 }, (_, n) => n === 0 ? 0n : long(BigInt(n) * 0x9e37_79b9_7f4a_7c15n)), real = [...whole]
  const lacking = new Set<number>()
  for (const [index, at] of body.entries()) {
    const { name, rd, rs1, rs2 } = at
    if (name in loadedValues || name in storedBits) {
      expect(real.map((value, n) => lacking.has(n) ? extended(value) : value)).toEqual(whole)
      expect(real[rs1]).toBe(whole[rs1])
    }
    if (name in storedBits) expect(BigInt.asUintN(storedBits[name]!, real[rs2]!)).toBe(BigInt.asUintN(storedBits[name]!, whole[rs2]!))
    if (!writes(at)) continue
    whole[rd] = compute(at, whole[rs1]!, whole[rs2]!)
    const isCopy = name === 'ADDI' || name === 'ADD'
    real[rd] = compute(at, real[rs1]!, real[rs2]!)
    if (results[index] && !isCopy) real[rd] = lowHalf(real[rd]) | anything
    if (results[index]) lacking.add(rd)
    else lacking.delete(rd)
  }
  expect(real).toEqual(whole)
}

const register = fc.integer({ min: 0, max: 5 })
const small = fc.oneof(fc.constant(0), fc.integer({ min: -2048, max: 2047 }))
const named = (names: readonly string[]) => fc.record({ name: fc.constantFrom(...names), rd: fc.integer({ min: 1, max: 5 }), rs1: register, rs2: register, immediate: small, upper: fc.integer({ min: -(2 ** 19), max: 2 ** 19 - 1 }) })
const instruction = fc.oneof(
  { weight: 4, arbitrary: named(Object.keys(onWords)) }, { weight: 3, arbitrary: named(Object.keys(onLongs)) }, { weight: 5, arbitrary: named(Object.keys(immediates)) },
  { weight: 2, arbitrary: named(Object.keys(loadedValues)) }, { weight: 1, arbitrary: named(Object.keys(storedBits)) }, { weight: 1, arbitrary: named(['LUI', 'AUIPC']) },
).map(({ name, upper, ...rest }): Instruction => ({
  offset: 0, bytes: 4, name: name as Instruction['name'], ...rest,
  immediate: name === 'LUI' || name === 'AUIPC' ? upper << 12 : /^S[LR][LA]IW?$/.test(name) ? rest.immediate & 31 : rest.immediate,
}))

it('nothing sees a high half that is missing', () => {
  fc.assert(fc.property(fc.array(instruction, { minLength: 1, maxLength: 32 }), check), { numRuns: 6000 })
})

it('a rotation by words is loose up to the sum that it goes into', () => {
  const [SRLIW, SLLIW, OR, ADDW, LI] = [0x0065_d51b, 0x01a5_959b, 0x00b5_6533, 0x00a6_863b, 0x0000_0513].map((word): Instruction => {
    const { operation, ...rest } = decode(word)
    return { offset: 0, bytes: 4, name: operationNames[operation]!, ...rest }
  }) as [Instruction, Instruction, Instruction, Instruction, Instruction]
  const looseIn = (body: readonly Instruction[]) => looseResults({ start: 0, body, ending: { kind: 'stop', to: 0 }, count: body.length })
  expect(looseIn([SRLIW, SLLIW, OR, ADDW, LI])).toEqual([true, false, true, false, false])
  expect(looseIn([SRLIW, SLLIW, OR, ADDW])).toEqual([false, false, false, false])
})
