// Generated states for a bench: contents are drawn as the specification asks for them, and kept where the bench's limits hold.
import { termsOf } from '../../model/machine/execute.ts'
import { stage, type Staged, type Valuation } from '../../model/ir/stage.ts'
import { fieldsOf, wordOf, type Instruction } from '../../model/ir/instruction.ts'
import type { Bank, Register } from '../../model/ir/state.ts'
import { all } from '../../model/ir/term.ts'
import type { Isa } from '../../model/machine/isa.ts'
import { modelled, outcomeOf } from '../../model/claims/run.ts'
import type { Bench, Trial } from '../../traces/emulators/bench.ts'
import type { Random } from '../../traces/generate-random.ts'
import { named, valuationOf } from './expected.ts'

/** Tries before an instruction is given up for this time. */
const tries = 60

/** Draws trials of one instruction, in one of the ISA's modes. */
export class Generator {
  readonly #isa: Isa
  readonly #bench: Bench
  readonly #staged = new Map<Instruction, Staged>()
  readonly #components: ReadonlyMap<string, Register>
  readonly #banks: ReadonlyMap<string, Bank>

  constructor(isa: Isa, bench: Bench) {
    this.#isa = isa
    this.#bench = bench
    this.#components = new Map(isa.components.flatMap((c) => (c.kind === 'register' ? [[c.name, c] as const] : [])))
    this.#banks = new Map(isa.components.flatMap((c) => (c.kind === 'bank' ? [[c.name, c] as const] : [])))
  }

  /** Undefined when no state within the limits was found. */
  trial(instruction: Instruction, random: Random): Trial | undefined {
    const staged = this.#stagedOf(instruction)
    for (let attempt = 0; attempt < tries; attempt++) {
      const word = wordOf(instruction.encoding, (name, width) => BigInt.asUintN(width, this.#bench.draw.operand?.(name, random) ?? (BigInt(random.word() >>> 0) << 32n) | BigInt(random.word() >>> 0)))
      const trial = this.#drawn(instruction, word, staged, random)
      if (trial) return named(this.#isa, trial)
    }
    return undefined
  }

  /** Whether the bench can lay the trial's state down and come back from it. */
  within(trial: Trial): boolean {
    return this.#stagedOf(trial.instruction)(valuationOf(trial))[0] === 1n
  }

  #stagedOf(instruction: Instruction): Staged {
    const known = this.#staged.get(instruction)
    if (known) return known
    const outcome = outcomeOf(this.#isa, instruction)
    const limits = this.#bench.limits(instruction, outcome).map((l) => l.holds)
    const made = stage([all([...limits, modelled(this.#isa, [{ outcome }]), ...(this.#isa.assumptions ?? []).map((a) => a.holds)]), ...termsOf(outcome)])
    this.#staged.set(instruction, made)
    return made
  }

  #drawn(instruction: Instruction, word: bigint, staged: Staged, random: Random): Trial | undefined {
    const operands = fieldsOf(instruction.encoding, word)
    const registers = new Map<string, bigint>()
    const cells = new Map<string, Map<bigint, bigint>>()
    for (const [name, r] of this.#components) registers.set(name, this.#bench.draw.register(r, random))
    const state: Valuation = {
      variable: (name) => operands.get(name) ?? registers.get(name) ?? 0n,
      cell: (bank, index) => {
        const content = cells.get(bank) ?? new Map<bigint, bigint>()
        cells.set(bank, content)
        const value = content.get(index) ?? this.#bench.draw.cell(bank, index, this.#banks.get(bank)!.width, random)
        content.set(index, value)
        return value
      },
    }
    return staged(state)[0] === 1n ? { instruction, word, before: { registers, cells } } : undefined
  }
}
