// What the 1974 definitions do not see of LDRT and its kin: under shadow permissions they abort elsewhere than on the bare machine.
import { concat, eq, implies, not, or, and, select, extract, type Bool, type Memory, type Term } from '../../ir/term.ts'
import type { Instruction } from '../../ir/instruction.ts'
import type { Deprivileging, Isa } from '../../machine/isa.ts'
import type { Claim } from '../../claims/claim.ts'
import { holdIn, runFrom } from '../../claims/run.ts'
import { inMode } from '../../claims/twins.ts'

/** The part of the map f that says what User mode may do: what the real machine has in a cell or a register, by the virtual one's. */
export interface Shadow {
  readonly cell: (bank: Memory, index: Term) => Term | undefined
  readonly register?: (name: string) => Term | undefined
}

/**
 * Lemma 1 for memory traps: the virtual machine in its privileged mode and the real one in User mode, with shadow
 * permissions, abort alike. Memory traps are outside the definition of sensitive (W15), so an innocuous instruction can fail this.
 */
export const abortsAlikeUnder = (shadow: Shadow) => (isa: Isa, d: Deprivileging, instruction: Instruction): Claim => {
  const user = inMode(d, 'user')
  const virtual = runFrom(isa, instruction, inMode(d, 'supervisor'))
  const real = runFrom(isa, instruction, {
    label: 'user mode, shadow permissions', cell: shadow.cell,
    register: (name, width) => user.register(name, width) ?? shadow.register?.(name),
  })
  const intervenes: Bool = and(real.outcome.trapped, not(real.outcome.memoryTrapped))
  return {
    property: 'aborts alike', isa, instruction, runs: [virtual, real], quantifier: 'every',
    premise: holdIn(real, d.invariant),
    conclusion: implies(not(intervenes), eq(virtual.outcome.memoryTrapped, real.outcome.memoryTrapped)),
  }
}

/** User mode may do what the virtual privileged mode may. */
const shadowAP = (ap: Term<2>): Term<2> => {
  const privileged = or(extract<1>(ap, 1, 1), extract<1>(ap, 0, 0))
  return concat<2>(privileged, privileged)
}
export const abortsAlike = abortsAlikeUnder({ cell: (bank, index) => (bank.name === 'AP' ? shadowAP(select(bank, index) as Term<2>) : undefined) })
