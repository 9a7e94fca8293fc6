// What the R of 1974 does not have: fetches and data through different mappings, as MPRV makes them.
import { all, and, eq, implies, not, True, variable, type Bool, type Term } from '../../ir/term.ts'
import { substitution } from '../../ir/substitute.ts'
import type { Deprivileging, Isa } from '../../machine/isa.ts'
import type { Formula } from '../../claims/claim.ts'
import { inMode } from '../../claims/twins.ts'

/**
 * Wherever the virtual mode may both fetch from an address and load from it, both reach the same cell. A VMM gives the real
 * mode one mapping for both; where this fails, no page table makes it execute the guest directly, although, loads and
 * fetches being memory traps when the VMM refuses one of them, no instruction is sensitive (W15).
 */
export const oneMapping = (isa: Isa, d: Deprivileging, where: Bool = True): Formula => {
  const here: <W extends number>(t: Term<W>) => Term<W> = substitution({ variable: inMode(d, 'supervisor').register })
  const { addressWidth, develop } = isa.relocation
  const address = variable('an address', addressWidth)
  const fetch = develop(address, 'fetch'), read = develop(address, 'read')
  return {
    property: `fetches and loads share one mapping in ${d.name.split(' ')[0]}-mode`, isa, quantifier: 'every',
    premise: here(all([where, ...(isa.assumptions ?? []).map((c) => c.holds)])),
    conclusion: here(implies(and(not(fetch.fault), not(read.fault)), eq<number>(fetch.real, read.real))),
  }
}
