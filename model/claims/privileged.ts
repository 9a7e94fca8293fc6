// Privileged: traps in user mode and does not in supervisor mode, in every pair equal but for the mode. Always trapping: in every state.
import { all, and, not, type Bool } from '../ir/term.ts'
import type { Instruction } from '../ir/instruction.ts'
import type { Deprivileging, Isa } from '../machine/isa.ts'
import type { Claim } from './claim.ts'
import { holdIn, modelled, noMemoryTraps, runFrom, type Run } from './run.ts'
import { modeTwins } from './twins.ts'

/** What every pair must meet: H in user mode, the model's own assumptions, nothing unmodelled. */
export const assumed = (isa: Isa, d: Deprivileging, runs: readonly Run[]): Bool =>
  all([modelled(isa, runs), ...runs.map((r) => holdIn(r, isa.assumptions ?? [])), ...runs.map((r) => holdIn(r, d.invariant))])

export const privileged = (isa: Isa, d: Deprivileging, instruction: Instruction): Claim => {
  const [supervisor, user] = modeTwins(d).map((s) => runFrom(isa, instruction, s)) as [Run, Run]
  const runs = [supervisor, user]
  return {
    property: 'privileged', isa, instruction, runs, quantifier: 'every',
    premise: and(assumed(isa, d, runs), noMemoryTraps(runs)),
    conclusion: and(user.outcome.trapped, not(supervisor.outcome.trapped)),
  }
}

/** Traps wherever a guest really runs: what Theorem 1's proof needs of a sensitive instruction. */
export const trapsInUserMode = (isa: Isa, d: Deprivileging, instruction: Instruction): Claim => {
  const run = runFrom(isa, instruction, modeTwins(d)[1])
  return {
    property: 'trapsInUserMode', isa, instruction, runs: [run], quantifier: 'every',
    premise: and(assumed(isa, d, [run]), noMemoryTraps([run])),
    conclusion: run.outcome.trapped,
  }
}

export const alwaysTraps = (isa: Isa, d: Deprivileging, instruction: Instruction): Claim => {
  const runs = modeTwins(d).map((s) => runFrom(isa, instruction, s))
  return {
    property: 'alwaysTraps', isa, instruction, runs, quantifier: 'every',
    premise: assumed(isa, d, runs),
    conclusion: all(runs.map((r) => r.outcome.trapped)),
  }
}
