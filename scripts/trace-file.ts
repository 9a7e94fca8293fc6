// Reading the trace that the user names, and making one of a failing trial.
import { readTrace } from '../traces/format.ts'
import { record } from '../traces/record.ts'
import { TraceError, type RunTrace, type Trace } from '../traces/trace.ts'
import type { GuestProgram } from '../traces/program.ts'
import type { Trial } from '../traces/generate-trial.ts'
import type { Program } from '../traces/generate.ts'
import type { Divergence } from '../properties/check/check.ts'
import { findSystem } from '../traces/adapters.ts'
import { builtText, disassemble, specification } from './engines.ts'
import { BadInput } from './terminal/failure.ts'
import { readText } from './terminal/files.ts'

/** Throws BadInput that names the file, line and field at fault. */
export const openTrace = (path: string): Trace => {
  const text = readText(path, 'trace')
  try {
    return readTrace(text, path)
  } catch (error) {
    if (error instanceof TraceError) throw new BadInput(error.message)
    throw error
  }
}

const placed = (words: ArrayLike<number>): (readonly [number, number])[] =>
  Array.from(words).flatMap((word, place) => (word === 0 ? [] : [[place, word] as const]))

/** A generated program as the plain start that a trace keeps. */
export const guestProgram = (program: Program, system: string, steps: number): GuestProgram => {
  const { size, trapCells, diskSize, keyboard, cells, disk, registers, ...rest } = program
  const variant = findSystem(system)?.variant ?? 'sound'
  return { options: { size, trapCells, diskSize, keyboard, variant }, ...rest, registers: Array.from(registers), cells: placed(cells), disk: placed(disk), steps }
}

export const builtOf = (system: string, trial: Trial): string => builtText({ system, quanta: trial.quanta, hardwareTrapCells: trial.hardwareTrapCells })

/** The shortest program of a divergence, as the specification runs it. */
export const divergenceTrace = (system: string, seed: number, { property, what, shrunk }: Divergence): RunTrace =>
  record(guestProgram(shrunk.trial.programs[0]!, system, Math.max(1, shrunk.length)), specification, disassemble, {
    system: builtOf(system, shrunk.trial), property, seed, why: `${property}: ${shrunk.what === '' ? what : shrunk.what}`,
  })
