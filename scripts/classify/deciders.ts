// The deciders that a command's options choose.
import type { Deciders } from '../../properties/decide/decide.ts'
import type { DeciderName } from '../../properties/verdict.ts'
import { MissingTool, messageOf } from '../terminal/failure.ts'

export interface DeciderChoice {
  readonly by: readonly DeciderName[]
  readonly seed: number
  /** Samples for each claim. */
  readonly runs: number
}

/** Starts what the choice needs; throws MissingTool when the solver does not start. */
export const openDeciders = async ({ by, seed, runs }: DeciderChoice): Promise<{ readonly deciders: Deciders; readonly close: () => void }> => {
  const solver = by.includes('solve') ? await startSolver() : undefined
  return {
    deciders: {
      ...(solver ? { solve: solver } : {}),
      ...(by.includes('sample') ? { sample: { runs, seed } } : {}),
      enumerate: by.includes('enumerate'),
    },
    close: () => solver?.close(),
  }
}

const startSolver = async () => {
  try {
    const { Solver } = await import('../../properties/decide/solve.ts')
    return await Solver.start()
  } catch (error) {
    throw new MissingTool(`the solver Z3 does not start (${messageOf(error)}); \`--by enumerate,sample\` does without it`)
  }
}
