// The simplest state near a disagreement on which specification and emulator still differ.
import type { Isa } from '../../model/machine/isa.ts'
import type { Answer, Bench, Contents, Trial } from '../../traces/emulators/bench.ts'
import { deviationOf, type Deviation } from '../../traces/emulators/deviations.ts'
import { differences, named } from './expected.ts'
import type { Generator } from './generate.ts'

export interface Disagreement {
  readonly instruction: string
  readonly trial: Trial
  readonly answer: Answer
  readonly differences: readonly string[]
}

/**
 * Clears every register and cell that the disagreement does not need, then every bit of what is left. What must still be
 * seen is a difference that no deviation explains, or one that the given deviation does.
 */
export const shrink = async (isa: Isa, bench: Bench, generator: Generator, from: Trial, deviation?: Deviation): Promise<Disagreement> => {
  const differing = async (trial: Trial): Promise<Disagreement | undefined> => {
    const [answer] = await bench.run([trial])
    const found = differences(isa, trial, answer!).filter((text) => deviationOf(bench.deviations, bench.emulator, isa.name, trial.instruction.name, text) === deviation)
    return found.length > 0 ? { instruction: trial.instruction.name, trial, answer: answer!, differences: found } : undefined
  }
  let best = await differing(from)
  if (!best) return { instruction: from.instruction.name, trial: from, answer: (await bench.run([from]))[0]!, differences: ['it does not differ when it is executed again'] }
  // A trial that does not come back costs seconds: it is left as it is.
  if (best.answer.kind === 'lost') return best
  const attempt = async (part: Part, value: bigint): Promise<boolean> => {
    const trial = named(isa, { ...best!.trial, before: part.with(best!.trial.before, value) })
    if (!generator.within(trial)) return false
    const still = await differing(trial)
    if (!still || still.answer.kind === 'lost') return false
    best = still
    return true
  }
  for (const part of partsOf(best.trial.before)) {
    const value = part.of(best.trial.before)
    if (value === 0n || await attempt(part, 0n)) continue
    for (let bit = 1n << BigInt(value.toString(2).length - 1); bit > 0n; bit >>= 1n) {
      const now = part.of(best.trial.before)
      if ((now & bit) !== 0n) await attempt(part, now & ~bit)
    }
  }
  return best
}

interface Part {
  readonly of: (c: Contents) => bigint
  readonly with: (c: Contents, value: bigint) => Contents
}

const partsOf = ({ registers, cells }: Contents): Part[] => [
  ...[...registers.keys()].map((name): Part => ({
    of: (c) => c.registers.get(name) ?? 0n,
    with: (c, value) => ({ ...c, registers: new Map([...c.registers, [name, value]]) }),
  })),
  ...[...cells].flatMap(([bank, content]) => [...content.keys()].map((index): Part => ({
    of: (c) => c.cells.get(bank)?.get(index) ?? 0n,
    with: (c, value) => ({ ...c, cells: new Map([...c.cells, [bank, new Map([...c.cells.get(bank) ?? [], [index, value]])]]) }),
  }))),
]
