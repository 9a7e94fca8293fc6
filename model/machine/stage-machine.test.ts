// The staged and the compiled form of a machine are the same machine: random programs, every component compared.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { set } from '../ir/instruction.ts'
import { thirdGeneration } from '../isa/third-generation/isa.ts'
import { variants } from '../vocab/index.ts'
import { compileMachine, freshState, type CompiledState } from './compile.ts'
import type { Isa } from './isa.ts'
import { sizes, start, type Start } from './random-state.fixture.ts'
import { StagedMachine } from './stage-machine.ts'

const isas = new Map(variants.map((v) => [v, thirdGeneration(v, sizes)]))

const compiledFrom = (isa: Isa, s: Start): CompiledState => {
  const state = freshState(isa)
  for (const name of ['M', 'P', 'L', 'B', 'TIMER', 'PENDING'] as const) state.registers[name] = s[name]
  s.cells.forEach((v, i) => { state.banks['E']![i] = v })
  s.registers.forEach((v, i) => { state.banks['G']![i] = v })
  return state
}

const stagedFrom = (isa: Isa, from: CompiledState): StagedMachine => {
  const machine = new StagedMachine(isa)
  for (const [name, value] of Object.entries(from.registers)) machine.state.registers[name] = BigInt(value)
  for (const [name, cells] of Object.entries(from.banks)) cells.forEach((v: number | bigint, i: number) => { machine.state.banks[name]![i] = BigInt(v) })
  return machine
}

const plain = (state: { registers: Readonly<Record<string, number | bigint>>; banks: Readonly<Record<string, ArrayLike<number | bigint>>> }): object => ({
  registers: Object.fromEntries(Object.entries(state.registers).map(([n, v]) => [n, BigInt(v)])),
  banks: Object.fromEntries(Object.entries(state.banks).map(([n, c]) => [n, Array.from(c, BigInt)])),
})

test('they agree after every step, in state, steps, stop and cause', () => {
  fc.assert(fc.property(start, (s) => {
    const isa = isas.get(s.variant)!
    const compiled = compileMachine(isa, compiledFrom(isa, s))
    const staged = stagedFrom(isa, compiled.state)
    for (let n = 0; n < 12; n++) {
      const before = staged.steps
      const [a, b] = [compiled.run(1, true), staged.run(1, true)]
      expect(b).toBe(a)
      expect(staged.steps - before).toBe(compiled.last.steps)
      expect(plain(staged.state)).toEqual(plain(compiled.state))
      if (a === 1) expect(staged.lastCause).toBe(compiled.last.cause)
      if (a === 2) return
    }
  }), { numRuns: 150 })
})

test('a machine whose tick is another one is told apart', () => {
  const isa = isas.get('sound')!
  const timer = isa.components.find((c) => c.name === 'TIMER')!
  const altered: Isa = { ...isa, sequencing: { ...isa.sequencing!, tick: timer.kind === 'register' ? [set(timer, 7)] : [] } }
  const s: Start = { cells: Array.from({ length: 64 }, () => 0x10000001), registers: [], variant: 'sound', M: 0, P: 2, L: 0, B: 4, TIMER: 5, PENDING: 0 }
  const compiled = compileMachine(isa, compiledFrom(isa, s as Start))
  const staged = stagedFrom(altered, compiled.state)
  compiled.run(1, false)
  staged.run(1, false)
  expect(plain(staged.state)).not.toEqual(plain(compiled.state))
})
