// Makes a witness small: clears every bit of a found state that its formula does not need.
import { stage, type Valuation } from '../../model/ir/stage.ts'
import type { Bool } from '../../model/ir/term.ts'
import { assignment } from './assignment.ts'

type Named = readonly [name: string, value: bigint]
type Stored = readonly [bank: string, address: bigint, value: bigint]

/** A state in which the formula still holds; variables first, in order, then cells, each from its highest bit. */
export const tidy = (formula: Bool, variables: readonly Named[], cells: readonly Stored[]): Valuation => {
  const holds = stage([formula])
  let names = [...variables], contents = [...cells]
  const stillHolds = (n: readonly Named[], c: readonly Stored[]): boolean => holds(assignment(n, c))[0] === 1n
  for (const [i, [name]] of variables.entries())
    names = cleared(names, i, (value): Named => [name, value], (changed) => stillHolds(changed, contents))
  for (const [i, [bank, address]] of cells.entries())
    contents = cleared(contents, i, (value): Stored => [bank, address, value], (changed) => stillHolds(names, changed))
  return assignment(names, contents)
}

/** The list with as many bits as possible cleared in the value of entry i. */
const cleared = <E extends Named | Stored>(list: E[], i: number, entry: (value: bigint) => E, accepts: (list: E[]) => boolean): E[] => {
  const attempt = (value: bigint): boolean => {
    const changed = list.with(i, entry(value))
    if (!accepts(changed)) return false
    list = changed
    return true
  }
  const now = (): bigint => list[i]!.at(-1) as bigint
  if (now() === 0n || attempt(0n)) return list
  for (let bit = 1n << BigInt(now().toString(2).length - 1); bit > 0n; bit >>= 1n) if ((now() & bit) !== 0n) attempt(now() & ~bit)
  return list
}
