// Checking the specification against an emulator: generated single instructions from generated states, all of them compared.
import type { Isa } from '../../model/machine/isa.ts'
import type { Answer, Bench, Trial } from '../../traces/emulators/bench.ts'
import { deviationOf, type Deviation } from '../../traces/emulators/deviations.ts'
import { Random, streamSeed } from '../../traces/generate-random.ts'
import { differences, expected } from './expected.ts'
import { Generator } from './generate.ts'
import { shrink, type Disagreement } from './shrink.ts'

export interface EmulatorCheckOptions {
  readonly seed: number
  /** Trials in all, over the instructions in turn. */
  readonly trials: number
  /** Ends before all trials are done. */
  readonly seconds?: number | undefined
  /** Number of the first batch: a run that was interrupted goes on. */
  readonly from?: number
  /** Also looks for the simplest state that shows each known deviation. */
  readonly reproduce?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
}

/** How often an instruction was executed, and how it ended by the specification. */
export interface InstructionCount {
  readonly name: string
  completed: number
  readonly traps: Map<string, number>
  /** Trials on which specification and emulator differ, and what the first difference is. */
  differing: number
  /** Draws that found no state within the bench's limits. */
  outside: number
}

export interface EmulatorCheck {
  readonly isa: string
  readonly emulator: string
  readonly seed: number
  readonly from: number
  /** The batch with which to go on. */
  readonly next: number
  readonly trials: number
  readonly seconds: number
  readonly instructions: readonly InstructionCount[]
  readonly excluded: readonly (readonly [instruction: string, reason: string])[]
  /** The first of each instruction, shrunk. */
  readonly disagreements: readonly Disagreement[]
  readonly deviations: readonly { readonly deviation: Deviation; readonly trials: number; readonly shown?: Disagreement }[]
  readonly interrupted: boolean
}

const batchSize = 256

export const checkEmulator = async (isa: Isa, bench: Bench, options: EmulatorCheckOptions): Promise<EmulatorCheck> => {
  const generator = new Generator(isa, bench)
  const tried = isa.instructions.filter((i) => !bench.excluded.has(i.name))
  const counts = new Map(tried.map((i): [string, InstructionCount] => [i.name, { name: i.name, completed: 0, traps: new Map(), differing: 0, outside: 0 }]))
  const disagreements: Disagreement[] = []
  const deviations = new Map<Deviation, { trials: number; shown?: Disagreement }>()
  const started = performance.now()
  const seconds = (): number => (performance.now() - started) / 1000
  let batch = options.from ?? 0, done = 0
  const due = (): boolean => done < options.trials && options.signal?.aborted !== true && !(options.seconds !== undefined && seconds() >= options.seconds)
  /** The deviations that account for every difference; undefined where some are left, none where there is no difference. */
  const explanation = (trial: Trial, answer: Answer): ReadonlySet<Deviation> | undefined => {
    const known = differences(isa, trial, answer).map((text) => deviationOf(bench.deviations, bench.emulator, isa.name, trial.instruction.name, text))
    return known.every((d) => d !== undefined) ? new Set(known) : undefined
  }
  const batchOf = (number: number): { readonly trials: readonly Trial[]; readonly outside: readonly string[] } => {
    const random = new Random(streamSeed(options.seed, number))
    const trials: Trial[] = [], outside: string[] = []
    for (let n = 0; n < batchSize; n++) {
      const instruction = tried[(number * batchSize + n) % tried.length]!
      const trial = generator.trial(instruction, random)
      if (trial) trials.push(trial)
      else outside.push(instruction.name)
    }
    return { trials, outside }
  }
  let drawn = tried.length > 0 && due() ? batchOf(batch) : undefined
  for (; drawn && due(); batch++) {
    const { trials, outside } = drawn
    for (const name of outside) counts.get(name)!.outside++
    const answering = bench.run(trials)
    // The emulator is at work meanwhile.
    drawn = done + batchSize < options.trials ? batchOf(batch + 1) : undefined
    const answers = await answering
    for (const [n, trial] of trials.entries()) {
      const count = counts.get(trial.instruction.name)!
      const { cause } = expected(isa, trial)
      if (cause === undefined) count.completed++
      else count.traps.set(cause, (count.traps.get(cause) ?? 0) + 1)
      const explained = explanation(trial, answers[n]!)
      if (explained?.size === 0) continue
      // A trial that ran wild may have spoiled those after it: what nothing explains is executed again by itself.
      const known = explained ?? explanation(trial, (await bench.run([trial]))[0]!)
      if (!known) {
        if (count.differing++ === 0) disagreements.push(await shrink(isa, bench, generator, trial))
      } else for (const d of known) {
        const seen = deviations.get(d) ?? { trials: 0, ...(options.reproduce ? { shown: await shrink(isa, bench, generator, trial, d) } : {}) }
        seen.trials++
        deviations.set(d, seen)
      }
    }
    done += batchSize
    options.onProgress?.(Math.min(done, options.trials), options.trials)
  }
  return {
    isa: isa.name, emulator: bench.emulator, seed: options.seed, from: options.from ?? 0, next: batch,
    trials: [...counts.values()].reduce((n, c) => n + c.completed + [...c.traps.values()].reduce((a, b) => a + b, 0), 0),
    seconds: seconds(), instructions: [...counts.values()], excluded: [...bench.excluded], disagreements,
    deviations: [...deviations].map(([deviation, seen]) => ({ deviation, ...seen })), interrupted: options.signal?.aborted === true,
  }
}
