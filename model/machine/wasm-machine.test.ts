// The machine compiled to WebAssembly and the staged one are the same machine: random programs, every component compared.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { set } from '../ir/instruction.ts'
import { add, constant } from '../ir/term.ts'
import { get, type Register } from '../ir/state.ts'
import { thirdGeneration } from '../isa/third-generation/isa.ts'
import { variants } from '../vocab/index.ts'
import type { Isa } from './isa.ts'
import { sizes, start, type Start } from './random-state.fixture.ts'
import { StagedMachine } from './stage-machine.ts'
import { compileWasm, type WasmMachine } from './wasm-machine.ts'

const programs = new Map(variants.map((v) => [v, compileWasm(thirdGeneration(v, sizes))]))

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
