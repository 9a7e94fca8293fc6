// The machine compiled to WebAssembly and the staged one are the same machine: random programs, every component compared.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { set } from '../ir/instruction.ts'
import { add, constant } from '../ir/term.ts'
import { get, type Register } from '../ir/state.ts'
import { thirdGeneration } from '../isa/third-generation/isa.ts'
import { full } from '../isa/third-generation/state.ts'
import { variants } from '../vocab/index.ts'
import type { Isa } from './isa.ts'
import { StagedMachine } from './stage-machine.ts'
import { compileWasm, type WasmMachine } from './wasm-machine.ts'

const sizes = { ...full, storage: 64, disk: 8, diskAddress: 3, stream: 4 }
const programs = new Map(variants.map((v) => [v, compileWasm(thirdGeneration(v, sizes))]))

const opcodes = [0x10, 0x11, 0x12, 0x20, 0x22, 0x23, 0x28, 0x2a, 0x30, 0x31, 0x33, 0x40, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95]
const word = fc.oneof(
  fc.tuple(fc.constantFrom(...opcodes), fc.nat(15), fc.nat(15), fc.oneof(fc.nat(63), fc.integer({ min: 0xffc0, max: 0xffff }))).map(([op, r, x, a]) => ((op << 24) | (r << 20) | (x << 16) | a) >>> 0),
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.tuple(fc.nat(1), fc.nat(63), fc.nat(4), fc.nat(5)).map(([m, p, l, b]) => ((m << 31) | (p << 16) | (l << 8) | b) >>> 0),
)
const start = fc.record({
  cells: fc.array(word, { minLength: 64, maxLength: 64 }), registers: fc.array(word, { minLength: 16, maxLength: 16 }), variant: fc.constantFrom(...variants),
  M: fc.nat(1), P: fc.nat(40), L: fc.nat(2), B: fc.nat(5), TIMER: fc.nat(6), PENDING: fc.nat(1),
})
type Start = typeof start extends fc.Arbitrary<infer S> ? S : never
const names = ['M', 'P', 'L', 'B', 'TIMER', 'PENDING'] as const

const pairFrom = (s: Start, stagedIsa?: Isa): { compiled: WasmMachine, staged: StagedMachine } => {
  const program = programs.get(s.variant)!, compiled = program.start(), staged = new StagedMachine(stagedIsa ?? program.isa)
  for (const name of names) { compiled.setRegister(name, BigInt(s[name])); staged.state.registers[name] = BigInt(s[name]) }
  s.cells.forEach((v, i) => { compiled.setCell('E', i, BigInt(v)); staged.state.banks['E']![i] = BigInt(v) })
  s.registers.forEach((v, i) => { compiled.setCell('G', i, BigInt(v)); staged.state.banks['G']![i] = BigInt(v) })
  return { compiled, staged }
}
const contentOf = (m: WasmMachine): object => ({
  registers: Object.fromEntries([...m.layout.registers.keys()].map((name) => [name, m.register(name)])),
  banks: Object.fromEntries([...m.layout.banks].map(([name, { cells }]) => [name, Array.from({ length: cells }, (_, n) => m.cell(name, n))])),
})

test('they agree after every step, in state, steps, stop and cause', () => {
  fc.assert(fc.property(start, (s) => {
    const { compiled, staged } = pairFrom(s)
    for (let n = 0; n < 12; n++) {
      const before = staged.steps
      const [a, b] = [compiled.run(1, true), staged.run(1, true)]
      expect(a).toBe(b)
      expect(compiled.last.steps).toBe(staged.steps - before)
      expect(contentOf(compiled)).toEqual(staged.state)
      if (a === 1) expect(compiled.last.cause).toBe(staged.lastCause)
      if (a === 2) return
    }
  }), { numRuns: 150 })
})

test('a run of many steps is as many runs of one', () => {
  fc.assert(fc.property(start, fc.boolean(), (s, untilTrap) => {
    const [one, many] = [pairFrom(s).compiled, pairFrom(s).compiled]
    const stop = many.run(40, untilTrap)
    let steps = 0
    for (; steps < 40;) {
      const here = one.run(1, untilTrap)
      steps += one.last.steps
      if (here !== 0) break
    }
    expect([many.last.steps, contentOf(many)]).toEqual([steps, contentOf(one)])
    if (stop !== 0) expect(steps <= 40).toBe(true)
  }), { numRuns: 60 })
})

const plain: Start = { cells: Array.from({ length: 64 }, () => 0x10000001), registers: [], variant: 'sound', M: 0, P: 2, L: 0, B: 4, TIMER: 5, PENDING: 0 }
test('a machine whose tick, trap or instruction is another one is told apart', () => {
  const isa = programs.get('sound')!.isa, register = (name: string): Register => isa.components.find((c) => c.name === name) as Register
  const [TIMER, P] = [register('TIMER'), register('P')]
  const altered: readonly (readonly [Isa, Start])[] = [
    [{ ...isa, sequencing: { ...isa.sequencing!, tick: [set(TIMER, 7)] } }, plain],
    [{ ...isa, trap: (cause) => [...isa.trap(cause), set(TIMER, 7)] }, { ...plain, cells: plain.cells.map(() => 0x40000000) }],
    [{ ...isa, instructions: isa.instructions.map((i) => (i.name === 'LA' ? { ...i, body: [...i.body, set(P, add(get(P), constant<number>(P.width, 2)))] } : i)) }, plain],
  ]
  for (const [other, s] of altered) {
    const { compiled, staged } = pairFrom(s, other)
    compiled.run(1, false)
    staged.run(1, false)
    expect(contentOf(compiled)).not.toEqual(staged.state)
  }
})

test('what it cannot be is refused', () => {
  const isa = programs.get('sound')!.isa
  const { sequencing: _, ...without } = isa
  expect(() => compileWasm(without)).toThrow(/cannot be run/)
  expect(() => programs.get('sound')!.start().register('Q')).toThrow(RangeError)
  expect(() => programs.get('sound')!.start().setCell('E', 64, 0n)).toThrow(RangeError)
})
