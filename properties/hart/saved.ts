// A failing program as it is saved, and saved programs run again.
import type { SavedProgram } from '../../traces/hart-format.ts'
import type { Program } from '../../traces/hart-program.ts'
import { benchOfThread } from './batch.ts'
import type { Cells } from './cells.ts'
import { configurations } from './configurations.ts'
import type { Difference, Pair, Pairs } from './pair.ts'
import { emptyTally, Run, runProgram, type Failure } from './run.ts'

export const savedOf = (program: Program, why: string, seed: number): SavedProgram => {
  const { configuration, ...rest } = program
  return { why, seed, options: configurations[configuration]!.options, program: rest }
}

/** The program with the number of its configuration; undefined when there is none with these options. */
export const programOf = ({ options, program }: SavedProgram): Program | undefined => {
  const configuration = configurations.findIndex((c) => Object.entries(options).every(([name, value]) => c.options[name as keyof typeof options] === value))
  return configuration < 0 ? undefined : { ...program, configuration }
}

/** Runs a program on hart and specification: how they differ, if they do. */
export const runSaved = (program: Program): Failure | undefined => {
  const { pairs, cells } = benchOfThread()
  return runProgram(pairs, program, cells, emptyTally(cells))
}

/** A step as the specification does it. */
export interface ListedStep {
  readonly pc: string
  readonly mode: 'U' | 'S' | 'M'
  /** The instruction's name and its word; none where a trap comes before. */
  readonly instruction: string
  readonly trap: string
  /** Registers that it changed, with their new contents. */
  readonly changes: readonly (readonly [register: string, content: string])[]
}

export interface Listing {
  readonly steps: readonly ListedStep[]
  /** Steps before those that are listed. */
  readonly before: number
  readonly differences: readonly Difference[]
}

/** The last steps of a failing program up to where the two differ; those that prepare are left out. */
export const listing = (program: Program, failure: Failure, most: number, { pairs, cells }: { readonly pairs: Pairs; readonly cells: Cells } = benchOfThread()): Listing => {
  const steps: ListedStep[] = []
  const pair = pairs.of(program), { isa, machine, csrs } = pair.specification
  const causes = new Map(Object.entries(isa.causes).map(([name, code]) => [code, name]))
  let before = 0, first = true
  const registers = (): Map<string, bigint> => new Map([
    ...Array.from({ length: 31 }, (_, n): [string, bigint] => [`x${n + 1}`, machine.cell('x', n + 1)]), ...Array.from({ length: 32 }, (_, n): [string, bigint] => [`f${n}`, machine.cell('f', n)]),
    ...observed(pair, csrs.map(({ name }) => name)),
  ])
  let last = new Map<string, bigint>()
  new Run(pair, program, cells, emptyTally(cells), { preciseFrom: failure.start, listener: {
    stepped: (_, { start, pc, mode, cause, counts }) => {
      if (start !== failure.start || !counts) return
      const now = registers(), untold = first
      first = false
      steps.push({
        pc: `0x${(pc >>> 0).toString(16)}`, mode: ([['U'], ['S'], [], ['M']] as const)[mode]![0]!, trap: cause === 0 ? '' : causes.get(cause) ?? '',
        instruction: cause >= 32 || cause === 1 || cause === 12 ? '' : `${cells.rows[cells.row(machine.word | 0)]} (${machine.word.toString(16).padStart(8, '0')})`,
        changes: untold ? [] : [...now].filter(([name, value]) => !/cycle|instret/.test(name) && last.get(name) !== value).map(([name, value]) => [name, `0x${value.toString(16)}`]),
      })
      last = now
      if (steps.length > most) {
        steps.shift()
        before++
      }
    },
  } }).run()
  return { steps, before, differences: failure.differences }
}

const observed = ({ specification: { machine } }: Pair, names: readonly string[]): [string, bigint][] => {
  machine.observe()
  return names.map((name, n) => [name, machine.observed[n]!])
}
