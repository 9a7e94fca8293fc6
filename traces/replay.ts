// Replays a saved run on every engine and compares each step with what was recorded.
import type { CauseName } from '../model/vocab/index.ts'
import { hexOf } from './component.ts'
import { install, type Engine, type GuestProgram } from './program.ts'
import { performStep } from './record.ts'
import { firstDifference, setComponent, type Snapshot } from './snapshot.ts'
import type { Hex, RunTrace } from './trace.ts'

/** Where an engine first parts from the trace; step 0 is the start. */
export interface Divergence {
  readonly step: number
  /** `P`, `G[3]`, `E[17]`; `cause` when only the trap's cause differs. */
  readonly component: string
  /** Undefined is a byte that is not printed, or no trap. */
  readonly expected: Hex | CauseName | undefined
  readonly found: Hex | CauseName | undefined
}

export interface Replayed {
  readonly engine: string
  /** Steps that agree with the trace. */
  readonly steps: number
  readonly divergence?: Divergence
}

/** One result for each engine: it agrees where there is no divergence. */
export const replay = (trace: RunTrace, engines: readonly Engine[]): readonly Replayed[] => engines.map((engine) => replayOn(trace, engine))

const replayOn = (trace: RunTrace, engine: Engine): Replayed => {
  const machine = engine.create(trace.program.options)
  install(trace.program, machine)
  const expected = startOf(trace.program)
  const parted = (step: number): Divergence | undefined => {
    const found = firstDifference(expected, machine)
    if (found === undefined) return undefined
    const { component, left, right } = found
    const shown = (value: number | undefined): Hex | undefined => (value === undefined ? undefined : hexOf(component, value))
    return { step, component, expected: shown(left), found: shown(right) }
  }
  const atStart = parted(0)
  if (atStart !== undefined) return { engine: engine.name, steps: 0, divergence: atStart }
  for (const { n, changes, cause } of trace.steps) {
    const found = performStep(machine)
    for (const [component, value] of Object.entries(changes)) setComponent(expected, component, Number(value))
    const divergence = parted(n) ?? (found === cause ? undefined : { step: n, component: 'cause', expected: cause, found })
    if (divergence !== undefined) return { engine: engine.name, steps: n - 1, divergence }
  }
  return { engine: engine.name, steps: trace.steps.length }
}

/** What a guest sees before the first step. */
const startOf = ({ options, cells, disk, registers, mode, counter, base, bound, timer, pending, diskPosition }: GuestProgram): Snapshot => {
  const state: Snapshot = {
    mode, counter, base, bound, timer, pending, diskPosition, halted: false, taken: 0, printed: [],
    registers: Int32Array.from(registers), storage: new Int32Array(options.size), disk: new Int32Array(options.diskSize ?? 1024),
  }
  for (const [address, word] of cells) state.storage[address] = word
  for (const [position, word] of disk) state.disk[position] = word
  return state
}
