// Every trace of the corpus replays on the specification and on the processor.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Cpu } from '../../impl/cpu/third-generation/cpu.ts'
import { ReferenceMachine } from '../../model/isa/third-generation/reference.ts'
import { readTrace, writeTrace } from '../format.ts'
import type { Engine } from '../program.ts'
import { replay } from '../replay.ts'
import type { RunTrace } from '../trace.ts'

const engines: readonly Engine[] = [
  { name: 'specification', create: (options) => new ReferenceMachine(options) },
  { name: 'cpu', create: (options) => new Cpu(options) },
]
const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ndjson'))
const runOf = (file: string): RunTrace => {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8')
  const trace = readTrace(text, file)
  expect(writeTrace(trace)).toBe(text)
  if (trace.kind !== 'run') throw new Error(`${file} is no run`)
  return trace
}

/** A processor that breaks the rule of one trace. */
const broken: Readonly<Record<string, Engine>> = {
  'popt-ticks-only-in-user-mode.ndjson': {
    name: 'ticks in both modes',
    create: (options) => new class extends Cpu {
      protected override loadTimer(word: number): void {
        super.loadTimer(word)
        this.tick(1)
      }
    }(options),
  },
  'halt-ticks.ndjson': {
    name: 'a halted timer',
    create: (options) => new class extends Cpu {
      protected override tick(count: number): void {
        if (!this.halted) super.tick(count)
      }
    }(options),
  },
  'timer-waits-in-supervisor-mode.ndjson': {
    name: 'interrupts supervisors',
    create: (options) => new class extends Cpu {
      protected override timerTrapDue(): boolean {
        return this.pending
      }
    }(options),
  },
  'trap-cells-high.ndjson': { name: 'trap cells low', create: (options) => new Cpu({ ...options, trapCells: 'low' }) },
  'privilege-before-storage.ndjson': {
    name: 'no privilege check',
    create: (options) => new class extends Cpu {
      protected override privileged(): boolean {
        return false
      }
    }(options),
  },
}

describe('the corpus', () => {
  it.each(files)('%s', (file) => {
    const trace = runOf(file)
    expect(trace.steps.length).toBeGreaterThan(0)
    expect(replay(trace, engines)).toEqual(engines.map(({ name }) => ({ engine: name, steps: trace.steps.length })))
  })
  it.each(Object.entries(broken))('%s catches a processor without its rule', (file, engine) => {
    expect(replay(runOf(file), [engine])[0]?.divergence).toBeDefined()
  })
})
