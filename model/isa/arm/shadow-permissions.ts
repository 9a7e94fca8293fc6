// What the 1974 definitions do not see of LDRT and its kin: under shadow permissions they abort elsewhere than on the bare machine.
import { concat, eq, implies, not, or, and, select, extract, type Bool, type Term } from '../../ir/term.ts'
import type { Instruction } from '../../ir/instruction.ts'
import type { Deprivileging, Isa } from '../../machine/isa.ts'
import type { Claim } from '../../claims/claim.ts'
import { holdIn, runFrom } from '../../claims/run.ts'
import { inMode } from '../../claims/twins.ts'

/** The permissions under which User mode may do what the virtual privileged mode may: a part of the map f. */
const shadow = (ap: Term<2>): Term<2> => {
  const privileged = or(extract<1>(ap, 1, 1), extract<1>(ap, 0, 0))
  return concat<2>(privileged, privileged)
}

/**
 * Lemma 1 for memory traps: the virtual machine in its privileged mode and the real one in User mode, with shadow
 * permissions, abort alike. Memory traps are outside the definition of sensitive (W15), so an innocuous instruction can fail this.
 */
export const abortsAlike = (isa: Isa, d: Deprivileging, instruction: Instruction): Claim => {
  const user = inMode(d, 'user')
  const virtual = runFrom(isa, instruction, inMode(d, 'supervisor'))
  const real = runFrom(isa, instruction, {
    ...user, label: 'user mode, shadow permissions',
    cell: (bank, index) => (bank.name === 'AP' ? shadow(select(bank, index) as Term<2>) : undefined),
  })
  const intervenes: Bool = and(real.outcome.trapped, not(real.outcome.memoryTrapped))
  return {
    property: 'aborts alike', isa, instruction, runs: [virtual, real], quantifier: 'every',
    premise: holdIn(real, d.invariant),
    conclusion: implies(not(intervenes), eq(virtual.outcome.memoryTrapped, real.outcome.memoryTrapped)),
  }
}
