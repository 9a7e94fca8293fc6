// Control sensitive: from some state it does not trap and changes a resource (literal reading: does not memory-trap).
import { all, ite, not } from '../ir/term.ts'
import type { Instruction } from '../ir/instruction.ts'
import type { Deprivileging, Isa } from '../machine/isa.ts'
import type { Claim, Reading } from './claim.ts'
import { holdIn, modelled, noMemoryTraps, noTraps, resourcesKept, resourcesKeptByTrap, runFrom } from './run.ts'
import { inMode, type ModeName } from './twins.ts'

export const controlSensitive = (isa: Isa, d: Deprivileging, instruction: Instruction, mode: ModeName, reading: Reading): Claim => {
  const run = runFrom(isa, instruction, inMode(d, mode))
  const kept = resourcesKept(isa, run, reading.processorIsResource)
  const literally = reading.control === 'literal'
  // H is what the VMM keeps on the real machine, where guests run in user mode only.
  const invariant = mode === 'user' ? holdIn(run, d.invariant) : all([])
  return {
    property: `controlSensitive in ${mode} mode`, isa, instruction, runs: [run], quantifier: 'some',
    premise: all([modelled(isa, [run]), holdIn(run, isa.assumptions ?? []), invariant, literally ? noMemoryTraps([run]) : noTraps([run])]),
    conclusion: not(literally ? ite(run.outcome.trapped, resourcesKeptByTrap(isa, run, reading.processorIsResource), kept) : kept),
  }
}
