// The staged form of a machine: the same steps as the compiled form, by closures over bigints; slow, any width.
import { any, type Bool, type Term, variable } from '../ir/term.ts'
import { stage, type Staged, type Valuation } from '../ir/stage.ts'
import { get, type Bank, type Register } from '../ir/state.ts'
import { operand, type Instruction } from '../ir/instruction.ts'
import { select } from '../ir/term.ts'
import { execute, executeBody, type Outcome } from './execute.ts'
import { sequencingOf, type Isa } from './isa.ts'
import type { RunStop } from './compile.ts'

export interface StagedState {
  readonly registers: Record<string, bigint>
  readonly banks: Record<string, bigint[]>
}

/** An outcome whose terms are staged: traps in order, then registers, then cells, then the condition asked for besides. */
interface StagedOutcome {
  readonly causes: readonly bigint[]
  readonly registers: readonly string[]
  readonly writes: readonly string[]
  readonly run: Staged
}

const causeVariable = 'the cause'

/** A machine that steps through the ISA's own terms; the ISA must have a `sequencing`. */
export class StagedMachine {
  readonly state: StagedState
  /** Steps of all runs, and the code of the cause of the last trap, 0 for none. */
  steps = 0
  lastCause = 0
  readonly #isa: Isa
  readonly #instructions = new Map<Instruction, StagedOutcome>()
  readonly #operands = new Map<string, bigint>()
  readonly #state: Valuation
  readonly #head: Staged
  readonly #interrupts: readonly { readonly cause: bigint; readonly also: StagedOutcome }[]
  readonly #tick: StagedOutcome
  readonly #trap: StagedOutcome

  constructor(isa: Isa) {
    const sequencing = sequencingOf(isa)
    this.#isa = isa
    const banks = isa.components.filter((c): c is Bank => c.kind === 'bank')
    const registers = isa.components.filter((c): c is Register => c.kind === 'register')
    this.state = {
      registers: Object.fromEntries(registers.map((r) => [r.name, 0n])),
      banks: Object.fromEntries(banks.map((b) => [b.name, Array.from({ length: b.cells }, () => 0n)])),
    }
    this.#state = {
      variable: (name) => this.state.registers[name] ?? this.#operands.get(name)!,
      cell: (bank, address) => this.state.banks[bank]![Number(address)] ?? 0n,
    }
    const fetch = isa.relocation.develop(get(isa.counter), 'fetch')
    this.#head = stage([sequencing.halted, ...sequencing.interrupts.map((i) => i.when), fetch.fault, select(isa.relocation.storage, fetch.real)])
    this.#interrupts = sequencing.interrupts.map(({ cause, also }) => ({ cause: BigInt(isa.causes[cause]!), also: this.#staged(executeBody(isa, also), []) }))
    this.#tick = this.#staged(executeBody(isa, sequencing.tick), [])
    this.#trap = this.#staged(executeBody(isa, isa.trap(variable(causeVariable, isa.causeWidth))), [])
  }

  /** Performs at most `limit` steps; with `untilTrap` stops after the first trap. */
  run(limit: number, untilTrap: boolean): RunStop {
    for (let n = 0; n < limit; n++) {
      const [halted, ...rest] = this.#head(this.#state)
      if (halted === 1n) return 2
      const { cause, wrote } = this.#perform(rest)
      this.steps++
      if (cause !== 0n) {
        this.lastCause = Number(cause)
        this.#operands.set(causeVariable, cause)
        this.#commit(this.#trap)
        if (untilTrap) return 1
      } else if (!wrote) this.#commit(this.#tick)
    }
    return 0
  }

  #perform(head: readonly bigint[]): { readonly cause: bigint; readonly wrote: boolean } {
    for (const [i, { cause, also }] of this.#interrupts.entries())
      if (head[i] === 1n) {
        this.#commit(also)
        return { cause, wrote: false }
      }
    const { causes, memoryCauses, sequencing } = this.#isa
    const [fault, word] = head.slice(this.#interrupts.length) as [bigint, bigint]
    const code = (name: string): bigint => BigInt(causes[name]!)
    if (fault === 1n) return { cause: code(memoryCauses[0]!), wrote: false }
    const instruction = this.#isa.instructions.find((i) => (word & i.encoding.mask) === i.encoding.match)
    if (!instruction) return { cause: code(sequencing!.undefinedCause), wrote: false }
    this.#cutOperands(instruction, word)
    const outcome = this.#instructions.get(instruction) ?? this.#stageInstruction(instruction)
    const { cause, asked } = this.#commit(outcome)
    return { cause, wrote: asked === 1n }
  }

  #stageInstruction(instruction: Instruction): StagedOutcome {
    const outcome = execute(this.#isa, instruction)
    const clock = new Set(this.#isa.sequencing!.clock.map((r) => r.name))
    const wrote: Bool = any([...outcome.written].filter(([name]) => clock.has(name)).map(([, when]) => when))
    const staged = this.#staged(outcome, [wrote])
    this.#instructions.set(instruction, staged)
    return staged
  }

  #cutOperands({ encoding }: Instruction, word: bigint): void {
    let rest = word
    for (const [name, width] of Object.entries(encoding.format).reverse()) {
      this.#operands.set(operandName(name, width), rest & ((1n << BigInt(width)) - 1n))
      rest >>= BigInt(width)
    }
  }

  #staged(o: Outcome, also: readonly Term[]): StagedOutcome {
    const writes = [...o.banks].flatMap(([bank, list]) => list.map((w) => ({ bank, w })))
    return {
      causes: o.traps.map((t) => BigInt(this.#isa.causes[t.cause]!)),
      registers: [...o.registers.keys()],
      writes: writes.map(({ bank }) => bank),
      run: stage([...o.traps.map((t) => t.when), ...o.registers.values(), ...writes.flatMap(({ w }) => [w.when, w.index, w.value]), ...also]),
    }
  }

  /** All new values are worked out before the first is written; nothing is where it traps. */
  #commit({ causes, registers, writes, run }: StagedOutcome): { readonly cause: bigint; readonly asked: bigint | undefined } {
    const values = run(this.#state)
    for (const [i, cause] of causes.entries()) if (values[i] === 1n) return { cause, asked: 0n }
    let at = causes.length
    for (const name of registers) this.state.registers[name] = values[at++]!
    for (const bank of writes) {
      const [when, index, value] = [values[at]!, Number(values[at + 1]!), values[at + 2]!]
      at += 3
      const cells = this.state.banks[bank]!
      if (when === 1n && index < cells.length) cells[index] = value
    }
    return { cause: 0n, asked: values[at] }
  }
}

const operandName = (name: string, width: number): string => {
  const term = operand(name, width)
  return term.kind === 'var' ? term.name : name
}
