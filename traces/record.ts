// Records a run: the steps that a machine makes of a program, with everything that each of them changed.
import { Cause, USER, type CauseName, type Machine } from '../model/vocab/index.ts'
import { hex, hexOf, registerWidths } from './component.ts'
import { install, type Engine, type GuestProgram } from './program.ts'
import { differences, snapshot, type Visible } from './snapshot.ts'
import type { RunTrace, TraceStep } from './trace.ts'

/** Shows one word, a signed 32-bit integer, as an instruction. */
export type Disassembler = (word: number) => string

/** What a trace says about itself besides what was run. */
export type About = Pick<RunTrace, 'system' | 'why'> & Partial<Pick<RunTrace, 'seed' | 'property'>>

/** Runs the program for its steps, or until it halts, on a new machine of the engine's. */
export const record = (program: GuestProgram, engine: Engine, disassemble: Disassembler, about: About): RunTrace => {
  const machine = engine.create(program.options)
  install(program, machine)
  const { variant } = machine.options
  const steps: TraceStep[] = []
  while (steps.length < program.steps && !machine.halted) steps.push(recordStep(machine, steps.length + 1, disassemble))
  return {
    kind: 'run', isa: variant === 'sound' ? 'third-generation' : `third-generation/${variant}`, engine: engine.name, ...about,
    // The defaults are written out: they may change, the trace may not.
    program: { ...program, options: machine.options },
    steps,
  }
}

const recordStep = (machine: Machine, n: number, disassemble: Disassembler): TraceStep => {
  const before = snapshot(machine)
  const word = fetched(machine)
  const cause = performStep(machine)
  return {
    n, pc: hex(before.counter, registerWidths.P), mode: before.mode,
    ...(word === undefined ? {} : { word: hex(word, 32), instruction: disassemble(word) }),
    ...(cause === undefined ? {} : { cause }),
    // No step takes back what was printed, so there is always a right side.
    changes: Object.fromEntries(differences(before, machine).map(({ component, right }) => [component, hexOf(component, right!)])),
  }
}

/** The word that the next step will fetch; undefined when a timer trap comes first or P is not mapped. */
export const fetched = ({ mode, pending, counter, base, bound, storage }: Visible): number | undefined => {
  if (mode === USER && pending) return undefined
  return counter < 16 * bound ? storage[counter + 16 * base] : undefined
}

const causeNames: ReadonlyMap<number, CauseName> = new Map(Object.entries(Cause).map(([name, code]) => [code, name as CauseName]))

/** Makes one step; the cause of the trap that it took, if it took one. */
export const performStep = (machine: Machine): CauseName | undefined => {
  if (machine.run(1, 'trap') !== 'trap') return undefined
  const oldPsw = machine.storage[machine.options.trapCells === 'high' ? machine.options.size - 2 : 0]!
  return causeNames.get(oldPsw >>> 28 & 7)
}
