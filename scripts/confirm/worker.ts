// A thread that confirms one ISA after another on emulators, with its own solver.
import { confirmOn, deviationsOn, type PlainConfirmation, type PlainDeviation, type Session } from '../../properties/emulators/session.ts'
import { Solver } from '../../properties/decide/solve.ts'
import type { EmulatorName } from '../../traces/emulators/index.ts'

export interface ConfirmTask {
  readonly isa: string
  readonly emulator: EmulatorName
  readonly deprivileging?: string
  readonly instructions?: readonly string[]
  /** Also looks for the simplest state that shows each known deviation. */
  readonly reproduce?: boolean
}

export interface ConfirmResult {
  readonly session: Session<PlainConfirmation[]>
  readonly deviations?: readonly PlainDeviation[]
}

const trials = 6144

let solver: Promise<Solver> | undefined

export default async ({ isa, emulator, deprivileging, instructions, reproduce }: ConfirmTask): Promise<ConfirmResult> => {
  const started = await (solver ??= Solver.start())
  started.forget()
  const session = await confirmOn(isa, emulator, started, { ...(deprivileging === undefined ? {} : { deprivileging }), ...(instructions ? { instructions } : {}) })
  if (!reproduce || session.kind !== 'done') return { session }
  const found = await deviationsOn(isa, emulator, { seed: 1974, trials })
  return found.kind === 'done' ? { session, deviations: found.result } : { session: found }
}
