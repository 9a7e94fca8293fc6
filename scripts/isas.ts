// Finding the ISA that the user means: by the name of one that comes with popek, or in a file.
import { findIsa, isaNames } from '../model/isa/index.ts'
import type { Isa } from '../model/machine/isa.ts'
import { BadInput } from './terminal/failure.ts'
import { looksLikeFile, loadUserIsa } from './user-isa.ts'
import { knownName } from './terminal/nearest.ts'

export { isaNames } from '../model/isa/index.ts'

/** Throws BadInput when there is no such ISA. */
export const resolveIsa = async (reference: string): Promise<Isa> => {
  const exact = await findIsa(reference).catch((error: unknown) => { throw error instanceof RangeError ? new BadInput(`${reference}: ${error.message}`) : error })
  if (exact) return exact
  if (looksLikeFile(reference)) return loadUserIsa(reference)
  return (await findIsa(knownName('ISA', reference, isaNames, 'see popek isas')))!
}

/** The deprivileging and conjuncts of H that options name. */
export const checkedChoice = (isa: Isa, options: { deprivileging?: string; without?: readonly string[] }): { deprivileging: string; without: readonly string[] } => {
  const names = isa.deprivilegings.map((d) => d.name)
  const deprivileging = options.deprivileging === undefined ? names[0]! : knownName(`deprivileging of ${isa.name}`, options.deprivileging, names)
  const conjuncts = isa.deprivilegings.find((d) => d.name === deprivileging)!.invariant.map((c) => c.name)
  const without = (options.without ?? []).map((c) => knownName(`conjunct of the invariant of ${isa.name}`, c, conjuncts))
  return { deprivileging, without }
}
