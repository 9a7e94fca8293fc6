// One trial: a generated program and everything else that a run of it depends on, from one seed.
import { Random, streamSeed } from './generate-random.ts'
import { programFrom, type Program, type Shape } from './generate.ts'
import type { System } from './adapters.ts'

/** Plain data, so that a worker can be told which trial failed. */
export interface Trial {
  /** One for each guest. */
  readonly programs: readonly Program[]
  /** What the second guest runs instead, in the run that isolation is compared with. */
  readonly other?: Program
  /** Guest steps between two turns of the monitor, one for each level. */
  readonly quanta: readonly number[]
  readonly hardwareTrapCells: 'low' | 'high'
  /** Whether another guest had the window before. */
  readonly predecessor: boolean
  /** Whose console the first guest has. */
  readonly console: 'own' | 'hardware'
  /** At most so many guest steps. */
  readonly steps: number
  /** How many steps at a time, by turns; [1] compares after every step. A negative number also stops at the first trap. */
  readonly strides: readonly number[]
}

const everyStep = [1]

/** Trial number `index` of a run. */
export const trialFrom = (system: System, seed: number, index: number): Trial => {
  const random = new Random(streamSeed(seed, index))
  const shape = (): Shape => ({
    size: random.chance(97) ? 48 : 64, trapCells: random.chance(70) ? 'low' : 'high', diskSize: 8, variant: system.variant,
  })
  const programs = Array.from({ length: system.guests }, () => programFrom(random.word(), shape()))
  const quanta = Array.from({ length: system.depth }, () => (random.chance(12) ? random.between(1, 12) : random.between(20, 200)))
  return {
    programs,
    ...(system.guests > 1 ? { other: programFrom(random.word(), shape()) } : {}),
    quanta,
    hardwareTrapCells: system.trapCells === 'both' ? (random.chance(70) ? 'low' : 'high') : system.trapCells,
    predecessor: random.chance(20),
    console: random.chance(15) ? 'hardware' : 'own',
    steps: 600,
    strides: random.chance(95) ? everyStep : Array.from({ length: 5 }, () => random.between(2, 20) * (random.chance(30) ? -1 : 1)),
  }
}
