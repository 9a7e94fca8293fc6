// A claim is a formula: a premise and a conclusion over all states and all operand words, for all of them or for some.
import { and, not, type Bool } from '../ir/term.ts'
import type { Instruction } from '../ir/instruction.ts'
import type { Isa } from '../machine/isa.ts'
import type { Run } from './run.ts'

export interface Formula {
  /** The property's name in verdicts: `privileged`, `controlSensitive in user mode`. */
  readonly property: string
  readonly isa: Isa
  /** `every`: all states that meet the premise meet the conclusion. `some`: one of them does. */
  readonly quantifier: 'every' | 'some'
  readonly premise: Bool
  readonly conclusion: Bool
}

/** A claim about one instruction. */
export interface Claim extends Formula {
  readonly instruction: Instruction
  /** The runs that the formula speaks about, for reports of a witness. */
  readonly runs: readonly Run[]
}

/** The states that a decider looks for: counterexamples of `every`, examples of `some`. */
export const sought = (claim: Formula): Bool =>
  and(claim.premise, claim.quantifier === 'every' ? not(claim.conclusion) : claim.conclusion)

/** Where the printed definitions leave a choice (docs/design.md, readings). */
export interface Reading {
  /** `intended` excludes every trap from control sensitivity, `literal` memory traps only (W1 to W3). */
  readonly control: 'intended' | 'literal'
  /** Whether the processor is a resource, so that HALT changes one (W11). */
  readonly processorIsResource: boolean
}
export const intended: Reading = { control: 'intended', processorIsResource: true }
export const literal: Reading = { control: 'literal', processorIsResource: true }
