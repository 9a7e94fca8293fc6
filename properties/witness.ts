// A witness: the concrete states that show a verdict, and what the instruction does in each.
import { wordOf } from '../model/ir/instruction.ts'
import { evaluate, stage, type Valuation } from '../model/ir/stage.ts'
import { postorder, type Term } from '../model/ir/term.ts'
import { get, type Register } from '../model/ir/state.ts'
import type { Claim } from '../model/claims/claim.ts'
import { outcomeOf, type Run } from '../model/claims/run.ts'
import { termsOf } from '../model/machine/execute.ts'
import type { Isa } from '../model/machine/isa.ts'

/** Component name to hexadecimal value. */
export type Components = Readonly<Record<string, string>>
export interface WitnessState {
  readonly name: string
  readonly before: Components
  /** The cause by which it traps, or what it changes. */
  readonly trap?: string
  readonly changes: Components
}
export interface Witness {
  readonly isa: string
  readonly instruction: string
  readonly property: string
  /** The instruction word, in hexadecimal. */
  readonly word: string
  readonly operands: Components
  readonly states: readonly WitnessState[]
}

const hex = (value: bigint): string => `0x${value.toString(16)}`

export const witnessOf = (claim: Claim, valuation: Valuation): Witness => {
  const { isa, instruction } = claim
  const operands = Object.entries(instruction.operands).map(([name, t]) => [name, evaluate(t, valuation)] as const)
  const values = new Map(operands)
  return {
    isa: isa.name, instruction: instruction.name, property: claim.property,
    word: hex(wordOf(instruction.encoding, (name) => values.get(name)!)),
    operands: Object.fromEntries(operands.map(([name, v]) => [name, hex(v)])),
    states: claim.runs.map((r) => stateOf(isa, claim, r, valuation)),
  }
}

/** The terms of a run that a report shows, staged together: the state before, the traps, and what is written. */
const stateOf = (isa: Isa, claim: Claim, run: Run, valuation: Valuation): WitnessState => {
  const registers = isa.components.filter((c): c is Register => c.kind === 'register')
  const selects = postorder(termsOf(outcomeOf(isa, claim.instruction))).filter((t) => t.kind === 'select')
  const writes = [...run.outcome.banks].flatMap(([bank, list]) => list.map((w) => ({ bank, ...w })))
  const after = registers.flatMap((r) => {
    const term = run.outcome.registers.get(r.name)
    return term ? [{ name: r.name, term }] : []
  })
  const values = stage([
    ...registers.map((r) => run.at(get(r))), ...selects.flatMap((t) => [run.at(t.address), run.at(t) as Term]),
    ...run.outcome.traps.map((t) => t.when), ...after.map((r) => r.term), ...writes.flatMap((w) => [w.when, w.index, w.value]),
  ])(valuation)
  let next = 0
  const take = (): bigint => values[next++]!
  const before: Record<string, string> = Object.fromEntries(registers.map((r) => [r.name, hex(take())]))
  for (const t of selects) before[`${t.memory.name}[${hex(take())}]`] = hex(take())
  const trap = run.outcome.traps.filter(() => take() === 1n)[0]
  if (trap) return { name: run.from.label, before, trap: trap.cause, changes: {} }
  const changes: Record<string, string> = {}
  for (const { name } of after) {
    const value = hex(take())
    if (value !== before[name]) changes[name] = value
  }
  for (const { bank } of writes) {
    const [when, index, value] = [take(), take(), take()]
    if (when === 1n) changes[`${bank}[${hex(index)}]`] = hex(value)
  }
  return { name: run.from.label, before, changes }
}
