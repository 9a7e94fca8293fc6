// The relocation mechanism is one-one: `reaches` inverts `develop`, on which the twins with equal mapped contents rest.
import { all, and, eq, implies, not, variable } from '../ir/term.ts'
import type { Deprivileging, Isa } from '../machine/isa.ts'
import type { Formula } from './claim.ts'
import { substitution } from '../ir/substitute.ts'
import { inMode, type ModeName } from './twins.ts'

export const relocationInverts = (isa: Isa, d: Deprivileging, mode: ModeName): Formula => {
  const { develop, reaches, storage, addressWidth } = isa.relocation
  const state = inMode(d, mode)
  const here = substitution({ variable: state.register })
  const address = variable('an address', addressWidth), real = variable('a real address', storage.addressWidth)
  const forth = develop(address, 'read')
  const back = reaches(forth.real)
  const again = develop(reaches(real).address, 'read')
  return {
    property: `relocation has an inverse in ${mode} mode`, isa, quantifier: 'every',
    premise: here(all((isa.assumptions ?? []).map((c) => c.holds))),
    conclusion: here(and(
      implies(not(forth.fault), and(back.mapped, eq(back.address, address))),
      implies(reaches(real).mapped, and(not(again.fault), eq(again.real, real))),
    )),
  }
}
