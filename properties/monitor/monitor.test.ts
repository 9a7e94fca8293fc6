// Coverage of the default run, vacuity, and the checks that only one system has; their failing twins are the planted faults.
import { describe, expect, test } from 'vitest'
import { variants } from '../../model/vocab/index.ts'
import { decode, engineOf, findSystem, specificationEngine, systems } from '../../traces/adapters.ts'
import { trialFrom } from '../../traces/generate-trial.ts'
import { guestProgram } from '../../traces/generate.ts'
import { record } from '../../traces/record.ts'
import { replay } from '../../traces/replay.ts'
import { runTrials, runnerFor } from '../check/batch.ts'
import { coverageOf } from '../check/coverage.ts'
import { propertiesOf } from './applies.ts'
import { checkDecoders } from './decoders.ts'
import { instructionTable } from './instruction-table.ts'

const cpu = findSystem('third-generation/cpu')!
const sound = ['cpu', 'trap-and-emulate', 'hybrid', 'nested', 'two-guests', 'on-reference', 'shrink-bounds/monitor', 'high-core']

describe('coverage', () => {
  test.each(sound)('a part of the default run of %s exercises everything, and meets every premise', (name) => {
    const system = findSystem(`third-generation/${name}`)!
    const { tally, failed } = runTrials(system, runnerFor(system), { seed: 1, from: 0, to: 700 })
    expect(failed).toBeUndefined()
    expect(coverageOf(system, tally).uncovered).toEqual([])
    const met = propertiesOf(system).filter((of) => of.name !== 'decoders').map((of) => [of.name, tally.met[of.name] > 0])
    expect(met.filter(([, any]) => !any)).toEqual([])
  })

  test('what no program reached is named', () => {
    const system = findSystem('third-generation/trap-and-emulate')!
    const { tally } = runTrials(system, runnerFor(system), { seed: 1, from: 0, to: 1 })
    expect(coverageOf(system, tally).uncovered.length).toBeGreaterThan(0)
  })
})

describe('decoders', () => {
  test.each(variants)('of %s agree', (variant) => {
    const { met, failure } = checkDecoders({ ...cpu, variant }, 1)
    expect(failure).toBeUndefined()
    expect(met).toBeGreaterThan(256 * 200)
  })

  test('of two variants do not', () => {
    const other = { ...cpu, parts: { ...cpu.parts, decode: (word: number) => decode(word, 'read-mode') } }
    expect(checkDecoders(other, 1).failure).toMatchObject({ property: 'decoders' })
  })
})

test('the table of instructions says which trap in user mode', () => {
  const { names, trapsInUser, completes } = instructionTable('shrink-bounds')
  const kinds = names.flatMap((name, opcode) => (name === undefined ? [] : [[name, trapsInUser[opcode]] as const]))
  expect(kinds.filter(([, kind]) => kind === 1).map(([name]) => name)).toEqual(['LPSW', 'LRB', 'SRB', 'STIM', 'RTIM', 'IN', 'OUT', 'HALT'])
  expect(kinds.filter(([, kind]) => kind === 2).map(([name]) => name)).toEqual(['SHB'])
  expect(names.filter((name, opcode) => name !== undefined && !completes[opcode])).toEqual(['SVC'])
})

test('every sound system replays a generated program as the specification recorded it', () => {
  for (const system of systems.filter(({ name, guests }) => guests === 1 && sound.includes(name.slice('third-generation/'.length)))) {
    for (let index = 0; index < 5; index += 1) {
      const program = guestProgram(trialFrom(system, 1, index).programs[0]!, system.variant, 40)
      const trace = record(program, specificationEngine, String, { system: system.name, why: 'test' })
      expect(replay(trace, [engineOf(system)])).toEqual([{ engine: system.name, steps: trace.steps.length }])
    }
  }
})
