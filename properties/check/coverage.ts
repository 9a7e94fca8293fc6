// What a run exercised against all that the system has: an instruction, trap or path that no program reached is a gap.
import { Cause, type CauseName } from '../../model/vocab/index.ts'
import { allPaths, pathsOf, type System } from '../../traces/adapters.ts'
import { ALWAYS, instructionTable } from '../monitor/instruction-table.ts'
import type { Tally } from '../monitor/tally.ts'

export interface Coverage {
  /** Completed instructions of the bare machine, by mode. */
  readonly instructions: readonly { readonly name: string; readonly mode: 'supervisor' | 'user'; readonly count: number }[]
  /** Traps of the bare machine, by the mode they came from. */
  readonly traps: readonly { readonly cause: CauseName; readonly mode: 'supervisor' | 'user'; readonly count: number }[]
  /** Named ways through the monitors. */
  readonly paths: readonly { readonly name: string; readonly count: number }[]
  /** Exits to the monitor for each guest step. */
  readonly interventionRatio: number
  /** What no program reached. */
  readonly uncovered: readonly string[]
}

const modes = ['supervisor', 'user'] as const

/** A supervisor never takes the privileged trap, and the timer waits for user mode. */
const onlyUser: readonly CauseName[] = ['privileged', 'timer']

export const coverageOf = (system: System, tally: Tally): Coverage => {
  const { names, trapsInUser, completes } = instructionTable(system.variant)
  const instructions = modes.flatMap((mode, bit) => names.flatMap((name, opcode) =>
    name === undefined || !completes[opcode] || bit === 1 && trapsInUser[opcode] === ALWAYS
      ? [] : [{ name, mode, count: tally.completed[bit << 8 | opcode]! }]))
  const traps = modes.flatMap((mode, bit) => (Object.keys(Cause) as CauseName[]).flatMap((cause) =>
    mode === 'supervisor' && onlyUser.includes(cause) ? [] : [{ cause, mode, count: tally.traps[bit << 3 | Cause[cause]]! }]))
  const own = new Set(system.depth === 0 ? [] : pathsOf(system.technique, system.variant))
  const paths = allPaths.map((name, index) => ({ name, count: tally.paths[index]! })).filter(({ name }) => own.has(name))
  const uncovered = [
    ...instructions.filter(({ count }) => count === 0).map(({ name, mode }) => `instruction ${name} in ${mode} mode`),
    ...traps.filter(({ count }) => count === 0).map(({ cause, mode }) => `${cause} trap from ${mode} mode`),
    ...paths.filter(({ count }) => count === 0).map(({ name }) => `monitor path '${name}'`),
  ]
  return { instructions, traps, paths, interventionRatio: tally.steps === 0 ? 0 : tally.interventions / tally.steps, uncovered }
}
