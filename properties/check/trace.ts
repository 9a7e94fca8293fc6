// A divergence as a trace: what the specification does, step by step, and all that the failing trial was, so that it fails again.
import { disassemble, specificationEngine, type System } from '../../traces/adapters.ts'
import type { Trial } from '../../traces/generate-trial.ts'
import { guestProgram, programOf, type Program } from '../../traces/generate.ts'
import { record } from '../../traces/record.ts'
import type { RunTrace } from '../../traces/trace.ts'
import type { PropertyName } from '../monitor/property.ts'
import { runnerFor } from './batch.ts'

export interface TraceAbout {
  readonly system: System
  readonly seed: number
  readonly property: PropertyName
  readonly what: string
}

/** The first guest's program, recorded on the specification for `length` steps, with the trial that it was part of. */
export const traceOf = (trial: Trial, length: number, { system, seed, property, what }: TraceAbout): RunTrace => {
  const kept = (program: Program) => guestProgram(program, system.variant, trial.steps)
  const { programs: [first, ...others], other, quanta, hardwareTrapCells, predecessor, console, strides } = trial
  const run = record(guestProgram(first!, system.variant, length), specificationEngine, disassemble, { system: system.name, why: what, seed, property })
  const setting = { neighbours: others.map(kept), quanta, hardwareTrapCells, predecessor, console, strides, ...(other ? { other: kept(other) } : {}) }
  return { ...run, trial: setting }
}

/** Runs the property of a saved divergence again, on the trial that the trace holds; undefined when it holds now. */
export const failsAgain = (trace: RunTrace, system: System, property: PropertyName): string | undefined => {
  const { program, trial: setting } = trace
  if (!setting) throw new RangeError('the trace does not hold a trial')
  const { neighbours, other, ...rest } = setting
  const trial: Trial = {
    ...rest, programs: [program, ...neighbours].map(programOf), ...(other ? { other: programOf(other) } : {}),
    steps: Math.max(program.steps, ...neighbours.map((n) => n.steps), other?.steps ?? 0),
  }
  return runnerFor(system, property).run(trial)?.what
}
