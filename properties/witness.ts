// A witness: the concrete states that show a verdict, and what the instruction does in each.
import { evaluate, type Valuation } from '../model/ir/stage.ts'
import { postorder, type Term } from '../model/ir/term.ts'
import { get, type Register } from '../model/ir/state.ts'
import type { Claim } from '../model/claims/claim.ts'
import { outcomeOf, registerAfter, type Run } from '../model/claims/run.ts'
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
  return {
    isa: isa.name, instruction: instruction.name, property: claim.property,
    word: hex(wordOf(claim, new Map(operands))),
    operands: Object.fromEntries(operands.map(([name, v]) => [name, hex(v)])),
    states: claim.runs.map((r) => stateOf(isa, claim, r, valuation)),
  }
}

const wordOf = ({ instruction: { encoding } }: Claim, operands: ReadonlyMap<string, bigint>): bigint => {
  let word = 0n
  for (const [name, width] of Object.entries(encoding.format))
    word = (word << BigInt(width)) | (encoding.fixed[name] ?? operands.get(name) ?? 0n)
  return word
}

const stateOf = (isa: Isa, claim: Claim, run: Run, valuation: Valuation): WitnessState => {
  const value = (t: Term): bigint => evaluate(t, valuation)
  const registers = isa.components.filter((c): c is Register => c.kind === 'register')
  const before: Record<string, string> = Object.fromEntries(registers.map((r) => [r.name, hex(value(run.at(get(r))))]))
  for (const t of postorder(termsOf(isa, claim)))
    if (t.kind === 'select') before[`${t.memory.name}[${hex(value(run.at(t.address)))}]`] = hex(value(run.at(t)))
  const trap = run.outcome.traps.find((t) => value(t.when) === 1n)
  if (trap) return { name: run.from.label, before, trap: trap.cause, changes: {} }
  const changes: Record<string, string> = {}
  for (const r of registers) {
    const after = hex(value(registerAfter(run, r)))
    if (after !== before[r.name]) changes[r.name] = after
  }
  for (const [bank, writes] of run.outcome.banks)
    for (const w of writes) if (value(w.when) === 1n) changes[`${bank}[${hex(value(w.index))}]`] = hex(value(w.value))
  return { name: run.from.label, before, changes }
}

const termsOf = (isa: Isa, claim: Claim): Term[] => {
  const o = outcomeOf(isa, claim.instruction)
  return [...o.traps.map((t) => t.when), ...o.registers.values(), ...[...o.banks.values()].flat().flatMap((w) => [w.index, w.value, w.when])]
}
