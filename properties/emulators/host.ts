// What instructions do in level 3 of the processor that popek runs on: those that are critical do not trap there.
import type { Isa } from '../../model/machine/isa.ts'
import type { Bench, Trial } from '../../traces/emulators/bench.ts'
import { Random, streamSeed } from '../../traces/generate-random.ts'
import { differences } from './expected.ts'
import { Generator } from './generate.ts'

/** One instruction over generated states of a program. */
export interface AtLevel3 {
  readonly instruction: string
  readonly completed: number
  /** Traps by what the processor said, and, with user-mode instruction prevention, what Linux did then. */
  readonly trapped: ReadonlyMap<string, number>
  /** What specification and processor differ in, one line for each state where they do. */
  readonly differences: readonly string[]
}

/** Executes `trials` states of each instruction that the bench does not exclude; a row for each, in the ISA's order. */
export const atLevel3 = async (isa: Isa, bench: Bench, seed: number, trials: number): Promise<AtLevel3[]> => {
  const generator = new Generator(isa, bench), rows: AtLevel3[] = []
  for (const [n, instruction] of isa.instructions.entries()) {
    if (bench.excluded.has(instruction.name)) continue
    const random = new Random(streamSeed(seed, n))
    const drawn = Array.from({ length: trials }, () => generator.trial(instruction, random)).filter((t): t is Trial => t !== undefined)
    const answers = await bench.run(drawn)
    const trapped = new Map<string, number>()
    for (const a of answers) if (a.kind === 'trapped') trapped.set(a.said, (trapped.get(a.said) ?? 0) + 1)
    rows.push({
      instruction: instruction.name, completed: answers.filter((a) => a.kind === 'completed').length, trapped,
      differences: answers.flatMap((a, i) => differences(isa, drawn[i]!, a)),
    })
  }
  return rows
}
