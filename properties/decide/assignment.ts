// Concrete states as deciders find them: values of variables and of the cells that were read, zero elsewhere.
import type { Valuation } from '../../model/ir/stage.ts'

export const assignment = (
  variables: readonly (readonly [name: string, value: bigint])[],
  cells: readonly (readonly [bank: string, address: bigint, value: bigint])[],
): Valuation => {
  const named = new Map(variables)
  const stored = new Map(cells.map(([bank, address, value]) => [`${bank}@${address}`, value]))
  return {
    variable: (name) => named.get(name) ?? 0n,
    cell: (bank, address) => stored.get(`${bank}@${address}`) ?? 0n,
  }
}
