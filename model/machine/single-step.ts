// One instruction word on one concrete state, by staged execution: what the examples of the manual are checked with.
import { evaluate, type Valuation } from '../ir/stage.ts'
import { fieldsOf, type Instruction } from '../ir/instruction.ts'
import { constant } from '../ir/term.ts'
import { execute, executeBody, type Outcome } from './execute.ts'
import type { Isa } from './isa.ts'

/** Contents by component: registers by name, cells as `E 100` or `AC 3`, address in octal; what is not there is 0. */
export type Contents = Readonly<Record<string, bigint>>

export interface Step {
  readonly instruction: Instruction
  /** The trap's cause; undefined where the instruction was completed. */
  readonly cause: string | undefined
  /** Contents that the step wrote, with those that it left as they were. */
  readonly after: Contents
}

export const decode = (isa: Isa, word: bigint): Instruction | undefined =>
  isa.instructions.find((i) => (word & i.encoding.mask) === i.encoding.match)

const cellName = (bank: string, address: bigint): string => `${bank} ${address.toString(8)}`

/** Executes the word as the instruction at C(PC); undefined where no instruction has that encoding. */
export const singleStep = (isa: Isa, word: bigint, before: Contents): Step | undefined => {
  const instruction = decode(isa, word)
  if (!instruction) return undefined
  const fields = fieldsOf(instruction.encoding, word)
  const valuation: Valuation = {
    variable: (name) => fields.get(name) ?? before[name] ?? 0n,
    cell: (bank, address) => before[cellName(bank, address)] ?? 0n,
  }
  const outcome = execute(isa, instruction)
  const cause = outcome.traps.find((t) => evaluate(t.when, valuation) === 1n)?.cause
  const taken = cause === undefined ? outcome : executeBody(isa, isa.trap(constant(isa.causeWidth, isa.causes[cause]!)))
  return { instruction, cause, after: { ...before, ...written(taken, valuation) } }
}

const written = (outcome: Outcome, valuation: Valuation): Contents => {
  const contents: Record<string, bigint> = {}
  for (const [name, value] of outcome.registers) contents[name] = evaluate(value, valuation)
  for (const [bank, writes] of outcome.banks)
    for (const w of writes.filter(({ when }) => evaluate(when, valuation) === 1n))
      contents[cellName(bank, evaluate(w.index, valuation))] = evaluate(w.value, valuation)
  return contents
}
