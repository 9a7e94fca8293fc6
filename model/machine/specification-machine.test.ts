// The specification as a machine against its compiled form, on random programs of the third-generation machine.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { set } from '../ir/instruction.ts'
import { full } from '../isa/third-generation/state.ts'
import { thirdGeneration } from '../isa/third-generation/isa.ts'
import { Cells } from './cells.ts'
import { compileMachine, freshState, type CompiledState } from './compile.ts'
import type { Isa } from './isa.ts'
import { SpecificationMachine } from './specification-machine.ts'

const isa = thirdGeneration('sound', { ...full, storage: 64, disk: 8, diskAddress: 3, stream: 4 })
const word = fc.oneof(
  fc.tuple(fc.constantFrom(0x10, 0x11, 0x20, 0x28, 0x30, 0x40, 0x80, 0x81, 0x82, 0x83, 0x84, 0x90, 0x91, 0x92), fc.nat(15), fc.nat(15), fc.nat(63)).map(([op, r, x, a]) => ((op << 24) | (r << 20) | (x << 16) | a) >>> 0),
  fc.integer({ min: 0, max: 0xffffffff }),
)
const registers = fc.record({ M: fc.nat(1), P: fc.nat(40), L: fc.nat(2), B: fc.nat(5), TIMER: fc.nat(6), PENDING: fc.nat(1) })

const compiledFrom = (cells: readonly number[], given: Readonly<Record<string, number>>): CompiledState => {
  const state = freshState(isa)
  Object.assign(state.registers, given)
  cells.forEach((v, i) => { state.banks['E']![i] = v })
  return state
}
const specified = (of: Isa, from: CompiledState): SpecificationMachine => {
  const m = new SpecificationMachine(of)
  for (const [name, value] of Object.entries(from.registers)) m.setRegister(name, BigInt(value))
  for (const [name, cells] of Object.entries(from.banks)) cells.forEach((v: number | bigint, i: number) => { m.bank(name).set(BigInt(i), BigInt(v)) })
  return m
}
const contents = (m: SpecificationMachine, like: CompiledState): readonly bigint[] => [
  ...Object.keys(like.registers).map((name) => m.register(name)), ...Object.entries(like.banks).flatMap(([name, cells]) => Array.from({ length: cells.length }, (_, i) => m.bank(name).get(BigInt(i)))),
]
const plain = ({ registers: r, banks }: CompiledState): readonly bigint[] => [...Object.values(r).map(BigInt), ...Object.values(banks).flatMap((cells) => Array.from<number | bigint, bigint>(cells, BigInt))]

describe('the specification as a machine', () => {
  it('does what its compiled form does, step by step', () => {
    fc.assert(fc.property(fc.array(word, { minLength: 64, maxLength: 64 }), registers, (cells, given) => {
      const compiled = compileMachine(isa, compiledFrom(cells, given)), m = specified(isa, compiled.state)
      for (let n = 0; n < 12; n++) {
        const stop = compiled.run(1, true), stepped = m.step()
        expect(stepped.kind).toBe(['completed', 'trapped', 'halted'][stop])
        expect(contents(m, compiled.state)).toEqual(plain(compiled.state))
        if (stepped.kind === 'trapped') expect(isa.causes[stepped.cause]).toBe(compiled.last.cause)
        if (stepped.kind === 'halted') return
      }
    }), { numRuns: 40 })
  })
  it('does something else where its time passes otherwise', () => {
    const timer = isa.components.find((c) => c.name === 'TIMER')!
    const altered: Isa = { ...isa, sequencing: { ...isa.sequencing!, tick: timer.kind === 'register' ? [set(timer, 7)] : [] } }
    const compiled = compileMachine(isa, compiledFrom(Array.from({ length: 64 }, () => 0x10000001), { M: 0, P: 2, L: 0, B: 4, TIMER: 5 })), m = specified(altered, compiled.state)
    compiled.run(1, false)
    m.step()
    expect(contents(m, compiled.state)).not.toEqual(plain(compiled.state))
  })
  it('refuses names that it does not have', () => {
    const m = new SpecificationMachine(isa)
    expect(() => m.register('R99')).toThrow(/no register R99/)
    expect(() => m.setRegister('R99', 0n)).toThrow(RangeError)
    expect(() => m.bank('Z')).toThrow(/no bank Z/)
    expect(() => new SpecificationMachine({ ...isa, variableLength: true })).toThrow(/cannot be run/)
  })
})

describe('cells', () => {
  const bank = { kind: 'bank', name: 'memory', addressWidth: 56, width: 8, cells: 2 ** 56, role: 'storage' } as const
  it('are 0 until they are written, wherever they are', () => {
    const cells = new Cells(bank), far = (1n << 56n) - 3n
    cells.write(far, new Uint8Array([1, 2, 3, 4]))
    expect([cells.number(far, 3), cells.get(far + 3n), cells.get(0n)]).toEqual([0x030201n, 0n, 0n])
    expect([...cells.blocks()].map(([at]) => at)).toEqual([(1n << 56n) - 4096n])
    cells.clear()
    expect(cells.get(far)).toBe(0n)
  })
  it('keep as many bits as they have', () => {
    const cells = new Cells({ ...bank, width: 54 })
    cells.set(1n, -1n)
    expect(cells.get(1n)).toBe((1n << 54n) - 1n)
    expect(() => new Cells({ ...bank, width: 65 })).toThrow(/at most 64/)
  })
})
