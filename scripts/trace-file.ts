// Reading the trace that the user names, and the trace of a divergence.
import { readTrace } from '../traces/format.ts'
import { TraceError, type RunTrace, type Trace } from '../traces/trace.ts'
import type { Divergence } from '../properties/check/check.ts'
import { builtText } from './engines.ts'
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

/** The shortest program of a divergence, as the specification runs it; it names how the system was built. */
export const divergenceTrace = ({ shrunk: { trial, trace } }: Divergence): RunTrace => ({
  ...trace, system: builtText({ system: trace.system, quanta: trial.quanta, hardwareTrapCells: trial.hardwareTrapCells }),
})
