// One ISA on one emulator, as plain data that a thread can send: confirmed or checked, or why there is none.
import { findIsa } from '../../model/isa/index.ts'
import { outcomeOf } from '../../model/claims/run.ts'
import type { Isa } from '../../model/machine/isa.ts'
import type { Answer, Bench, Contents, Trial } from '../../traces/emulators/bench.ts'
import { benchesOf, type EmulatorName } from '../../traces/emulators/index.ts'
import { EmulatorFailure } from '../../traces/emulators/gdb-stub.ts'
import { EmulatorMissing, type EmulatorProgram } from '../../traces/emulators/qemu.ts'
import type { Solver } from '../decide/solve.ts'
import { checkEmulator, type EmulatorCheck, type EmulatorCheckOptions } from './check.ts'
import { atLevel3 } from './host.ts'
import { confirm, type Confirmation, type ConfirmOptions, type Standing } from './confirm.ts'

/** Contents by name, in hexadecimal: registers as `CPSR`, cells as `R[0x1]`. */
export type PlainContents = Readonly<Record<string, string>>
export interface PlainState {
  readonly label: string
  readonly word: string
  readonly before: PlainContents
  /** What the emulator did: trapped, completed with these contents, or lost. */
  readonly did: { readonly trapped: string } | { readonly completed: PlainContents } | { readonly lost: string }
}
export interface PlainConfirmation {
  /** None where a program was run in the user's mode only. */
  readonly deprivileging?: string
  readonly instruction: string
  readonly property: string
  readonly outcome: Standing
  readonly why: string
  readonly deviations: readonly { readonly does: string; readonly manual: string }[]
  readonly states: readonly PlainState[]
}

/** A deviation from the manual, with the simplest state that showed it, where one did. */
export interface PlainDeviation {
  readonly does: string
  readonly manual: string
  readonly instructions: readonly string[]
  readonly shown?: { readonly instruction: string; readonly state: PlainState; readonly differences: readonly string[] }
}

export type Session<T> =
  | { readonly kind: 'done'; readonly emulator: string; readonly result: T }
  | { readonly kind: 'missing'; readonly needed: EmulatorProgram }
  | { readonly kind: 'failed'; readonly why: string }

/** Opens the bench, does the work, and ends the emulator whatever happens. */
const withBench = async <T>(isa: Isa, name: EmulatorName, work: (bench: Bench) => Promise<T>): Promise<Session<T>> => {
  const entry = benchesOf(isa.name).find((b) => b.emulator === name)
  if (!entry) throw new RangeError(`${isa.name} has no bench on ${name}`)
  let bench: Bench | undefined
  try {
    bench = await (await entry.load())(isa, (i) => outcomeOf(isa, i))
    return { kind: 'done', emulator: bench.emulator, result: await work(bench) }
  } catch (error) {
    if (error instanceof EmulatorMissing) return { kind: 'missing', needed: error.needed }
    if (error instanceof EmulatorFailure) return { kind: 'failed', why: error.message }
    throw error
  } finally {
    bench?.end()
  }
}

const isaNamed = async (name: string): Promise<Isa> => {
  const isa = await findIsa(name)
  if (!isa) throw new RangeError(`there is no ISA ${name}`)
  return isa
}

export const confirmOn = async (isa: string, emulator: EmulatorName, solver: Solver, options: ConfirmOptions = {}): Promise<Session<PlainConfirmation[]>> => {
  const of = await isaNamed(isa)
  return withBench(of, emulator, async (bench) => (emulator === 'host' ? onHost(of, bench, options) : (await confirm(of, bench, solver, options)).map(plain)))
}

const statesAtLevel3 = 24

/** A program cannot lay down a supervisor's state: what is confirmed is which instructions trap at level 3, and which run there. */
const onHost = async (isa: Isa, bench: Bench, { instructions, onProgress }: ConfirmOptions): Promise<PlainConfirmation[]> => {
  const rows = (await atLevel3(isa, bench, 1974, statesAtLevel3)).filter((r) => instructions?.includes(r.instruction) ?? true)
  onProgress?.(rows.length, rows.length)
  return rows.map(({ instruction, completed, trapped, differences }) => ({
    instruction, property: completed > 0 ? 'runs at level 3' : 'traps at level 3', deviations: [], states: [],
    outcome: differences.length > 0 ? 'differs' : completed + trapped.size > 0 ? 'confirmed' : 'notReachable',
    why: differences.length > 0 ? differences[0]! : completed + trapped.size > 0 ? [...trapped].map(([said, n]) => `${said}, ${n} of ${statesAtLevel3} states`).join('; ') : 'no state was drawn within the limits',
  }))
}

export const checkOn = async (isa: string, emulator: EmulatorName, options: EmulatorCheckOptions): Promise<Session<EmulatorCheck>> => {
  const of = await isaNamed(isa)
  return withBench(of, emulator, (bench) => checkEmulator(of, bench, options))
}

/** Every deviation that the bench has written down, those that generated trials meet with the simplest state. */
export const deviationsOn = async (isa: string, emulator: EmulatorName, options: { readonly seed: number; readonly trials: number }): Promise<Session<PlainDeviation[]>> => {
  const of = await isaNamed(isa)
  return withBench(of, emulator, async (bench) => {
    const { deviations } = await checkEmulator(of, bench, { ...options, reproduce: true })
    return bench.deviations.filter((d) => d.isas.includes(isa)).map(({ does, manual, instructions }) => {
      const shown = deviations.find((x) => x.deviation.does === does && x.deviation.manual === manual)?.shown
      return {
        does, manual, instructions,
        ...(shown ? { shown: { instruction: shown.instruction, differences: shown.differences, state: plainState('', shown.trial, shown.answer) } } : {}),
      }
    })
  })
}

const plainState = (label: string, trial: Trial, answer: Answer): PlainState =>
  ({ label, word: hex(trial.word), before: plainContents(trial.before), did: didOf(answer) })

const hex = (value: bigint): string => `0x${value.toString(16)}`
export const plainContents = ({ registers, cells }: Contents): PlainContents => Object.fromEntries([
  ...[...registers].map(([name, v]) => [name, hex(v)] as const),
  ...[...cells].flatMap(([bank, content]) => [...content].map(([index, v]) => [`${bank}[${hex(index)}]`, hex(v)] as const)),
])
export const didOf = (answer: Answer): PlainState['did'] => {
  switch (answer.kind) {
    case 'trapped': return { trapped: answer.said }
    case 'completed': return { completed: plainContents(answer.after) }
    case 'lost': return { lost: answer.why }
  }
}

const plain = ({ deprivileging, instruction, property, outcome, why, deviations, executed }: Confirmation): PlainConfirmation => ({
  deprivileging, instruction, property, outcome, why, deviations: deviations.map(({ does, manual }) => ({ does, manual })),
  states: executed.map(({ label, trial, answer }) => plainState(label, trial, answer)),
})
