// A thread that confirms one ISA after another on emulators, with its own solver.
import { confirmOn } from '../../properties/emulators/session.ts'
import { Solver } from '../../properties/decide/solve.ts'
import type { EmulatorName } from '../../traces/emulators/index.ts'

export interface ConfirmTask {
  readonly isa: string
  readonly emulator: EmulatorName
  readonly instructions?: readonly string[]
}

let solver: Promise<Solver> | undefined

export default async ({ isa, emulator, instructions }: ConfirmTask): ReturnType<typeof confirmOn> => {
  const started = await (solver ??= Solver.start())
  started.forget()
  return confirmOn(isa, emulator, started, instructions ? { instructions } : {})
}
