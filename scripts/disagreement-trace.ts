// A disagreement with an emulator as a trace: what the specification does beside what the emulator did.
import { expected } from '../properties/emulators/expected.ts'
import type { EmulatorCheck } from '../properties/emulators/check.ts'
import { didOf, plainContents, type PlainContents } from '../properties/emulators/session.ts'
import type { Disagreement } from '../properties/emulators/shrink.ts'
import { fieldsOf } from '../model/ir/instruction.ts'
import type { Isa } from '../model/machine/isa.ts'
import type { WitnessTrace } from '../traces/trace.ts'

export const disagreementTrace = (isa: Isa, { emulator, seed }: Pick<EmulatorCheck, 'emulator' | 'seed'>, { trial, answer, differences }: Disagreement): WitnessTrace => {
  const before = plainContents(trial.before), said = expected(isa, trial), did = didOf(answer)
  const changes = (after: PlainContents): PlainContents => Object.fromEntries(Object.entries(after).filter(([name, value]) => value !== (before[name] ?? '0x0')))
  return {
    kind: 'witness', isa: isa.name, engine: emulator, seed, why: differences.join('; '), property: 'agreesWithTheEmulator',
    instruction: trial.instruction.name, word: `0x${trial.word.toString(16)}`,
    operands: Object.fromEntries([...fieldsOf(trial.instruction.encoding, trial.word)].map(([name, v]) => [name.replace('operand ', ''), `0x${v.toString(16)}`])),
    states: [
      { name: 'specification', before, ...(said.cause === undefined ? { changes: changes(plainContents(said.writes)) } : { trap: said.cause, changes: {} }) },
      { name: emulator, before, ...('completed' in did ? { changes: changes(did.completed) } : { trap: 'trapped' in did ? did.trapped : `lost: ${did.lost}`, changes: {} }) },
    ],
  }
}
