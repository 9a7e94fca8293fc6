// A divergence as a trace: what the specification does, step by step, so that any engine can be held against it.
import { disassemble, specificationEngine, type System } from '../../traces/adapters.ts'
import type { Trial } from '../../traces/generate-trial.ts'
import { guestProgram } from '../../traces/generate.ts'
import { record } from '../../traces/record.ts'
import type { RunTrace } from '../../traces/trace.ts'
import type { PropertyName } from '../monitor/property.ts'

export interface TraceAbout {
  readonly system: System
  readonly seed: number
  readonly property: PropertyName
  readonly what: string
}

/** The first guest's program, recorded on the specification for `length` steps. */
export const traceOf = (trial: Trial, length: number, { system, seed, property, what }: TraceAbout): RunTrace =>
  record(guestProgram(trial.programs[0]!, system.variant, length), specificationEngine, disassemble, {
    system: system.name, why: what, seed, property,
  })
