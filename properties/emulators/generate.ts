// Generated states for a bench: contents are drawn as the specification asks for them, and kept where the bench's limits hold.
import type { Valuation } from '../../model/ir/stage.ts'
import { tieredConjunction } from '../../model/ir/tiered.ts'
import { fieldsOf, wordOf, type Instruction } from '../../model/ir/instruction.ts'
import type { Bank, Register } from '../../model/ir/state.ts'
import type { Isa } from '../../model/machine/isa.ts'
import { modelled, outcomeOf } from '../../model/claims/run.ts'
import type { Bench, Drawn, Trial } from '../../traces/emulators/bench.ts'
import { Random, streamSeed } from '../../traces/generate-random.ts'
import { named, valuationOf } from './expected.ts'

/** Tries before an instruction is given up for this time. */
const tries = 60

/** Draws trials of one instruction, in one of the ISA's modes. */
export class Generator {
  readonly #isa: Isa
  readonly #bench: Bench
  readonly #limits = new Map<Instruction, (state: Valuation) => boolean>()
  readonly #registers: ReadonlyMap<string, { readonly register: Register; readonly number: number }>
  readonly #banks: ReadonlyMap<string, { readonly bank: Bank; readonly number: number }>

  constructor(isa: Isa, bench: Bench) {
    this.#isa = isa
    this.#bench = bench
    this.#registers = new Map(isa.components.flatMap((c, number) => (c.kind === 'register' ? [[c.name, { register: c, number }] as const] : [])))
    this.#banks = new Map(isa.components.flatMap((c, number) => (c.kind === 'bank' ? [[c.name, { bank: c, number }] as const] : [])))
  }

  /** Undefined when no state within the limits was found. */
  trial(instruction: Instruction, random: Random): Trial | undefined {
    const holds = this.#limitsOf(instruction)
    for (let attempt = 0; attempt < tries; attempt++) {
      const word = wordOf(instruction.encoding, (name, width) => BigInt.asUintN(width, this.#bench.draw.operand?.(name, random) ?? (BigInt(random.word() >>> 0) << 32n) | BigInt(random.word() >>> 0)))
      const drawn = this.#drawn(instruction, word, random.word())
      if (!holds(drawn.state)) continue
      for (const name of this.#registers.keys()) drawn.state.variable(name, 0)
      return named(this.#isa, drawn.trial, drawn.state)
    }
    return undefined
  }

  /** Whether the bench can lay the trial's state down and come back from it. */
  within(trial: Trial): boolean {
    return this.#limitsOf(trial.instruction)(valuationOf(trial))
  }

  #limitsOf(instruction: Instruction): (state: Valuation) => boolean {
    const known = this.#limits.get(instruction)
    if (known) return known
    const outcome = outcomeOf(this.#isa, instruction)
    const limits = this.#bench.limits(instruction, outcome).map((l) => l.holds)
    const made = tieredConjunction([...limits, modelled(this.#isa, [{ outcome }]), ...(this.#isa.assumptions ?? []).map((a) => a.holds)])
    this.#limits.set(instruction, made)
    return made
  }

  /** A state of which each register and cell is drawn when it is first read, from a stream of its own: the order is of no matter. */
  #drawn(instruction: Instruction, word: bigint, seed: number): { readonly trial: Trial; readonly state: Valuation } {
    const { draw } = this.#bench
    const registers = new Map<string, bigint>()
    const cells = new Map<string, Map<bigint, bigint>>()
    const operands = fieldsOf(instruction.encoding, word)
    const drawn: Drawn = { seed, register: (name) => state.variable(name, 0) }
    const state: Valuation = {
      variable: (name) => {
        const known = registers.get(name)
        if (known !== undefined) return known
        const of = this.#registers.get(name)
        if (!of) return operands.get(name) ?? 0n
        const value = draw.register(of.register, new Random(streamSeed(seed, of.number)), drawn)
        registers.set(name, value)
        return value
      },
      cell: (name, index) => {
        let content = cells.get(name)
        if (!content) cells.set(name, content = new Map())
        const known = content.get(index)
        if (known !== undefined) return known
        const { bank, number } = this.#banks.get(name)!
        const value = draw.cell(name, index, bank.width, new Random(streamSeed(streamSeed(seed, number), Number(index & 0xffff_ffffn))), drawn)
        content.set(index, value)
        return value
      },
    }
    return { trial: { instruction, word, before: { registers, cells } }, state }
  }
}
