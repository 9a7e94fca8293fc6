// Reading the trace that the user names, and the trace of a divergence.
import { readTrace } from '../traces/format.ts'
import { TraceError, type RunTrace, type Trace } from '../traces/trace.ts'
import type { Program } from '../traces/hart-program.ts'
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

/** The program for the RISC-V hart in a file; undefined where it is another file. Throws BadInput as `openTrace`. */
export const openHartProgram = async (path: string): Promise<{ readonly program: Program; readonly why: string } | undefined> => {
  const { isHartProgram, readHartProgram } = await import('../traces/hart-format.ts'), text = readText(path, 'trace')
  if (!isHartProgram(text)) return undefined
  try {
    const saved = readHartProgram(text, path), { programOf } = await import('../properties/hart/saved.ts'), program = programOf(saved)
    if (program === undefined) throw new BadInput(`${path}: the hart is not compared with these options: ${JSON.stringify(saved.options)}`)
    return { program, why: saved.why }
  } catch (error) {
    if (error instanceof TraceError) throw new BadInput(error.message)
    throw error
  }
}

/** The shortest program of a divergence, as the specification runs it; it names how the system was built. */
export const divergenceTrace = ({ shrunk: { trial, trace } }: Divergence): RunTrace => ({
  ...trace, system: builtText({ system: trace.system, quanta: trial.quanta, hardwareTrapCells: trial.hardwareTrapCells }),
})
