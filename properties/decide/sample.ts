// The sample decider: states drawn by fast-check at full width, from a seed; a failing state is shrunk.
import fc from 'fast-check'
import { postorder, type Bool, type Term } from '../../model/ir/term.ts'
import { stage, type Valuation } from '../../model/ir/stage.ts'

export interface Sampling {
  readonly runs: number
  /** Samples that met the premise. */
  readonly premise: number
  readonly found?: Valuation
}

/** Values near the edges of a width as often as uniform ones. */
const word = (width: number): fc.Arbitrary<bigint> => {
  const max = (1n << BigInt(width)) - 1n
  const edges = [0n, 1n, 2n, 3n, max, max - 1n, 1n << BigInt(width - 1)].filter((v) => v <= max)
  return fc.oneof(fc.constantFrom(...edges), fc.bigInt({ min: 0n, max }), fc.bigInt({ min: 0n, max: max < 40n ? max : 40n }))
}

/** Looks for a state that meets the premise and the formula sought. */
export const sample = (premise: Bool, sought: Bool, options: { runs: number; seed: number }): Sampling => {
  const order = postorder([premise, sought])
  const variables = order.filter((t): t is Term & { kind: 'var' } => t.kind === 'var')
  const widths = new Map(order.flatMap((t) => (t.kind === 'select' ? [[t.memory.name, t.memory.width] as const] : [])))
  const run = stage([premise, sought])
  let met = 0, drawn = 0
  const states = fc.tuple(fc.tuple(...variables.map((v) => word(v.width))), fc.array(word(64), { minLength: 4, maxLength: 4 }))
  const names = new Map(variables.map((v, i) => [v.name, i]))
  const valuationOf = ([values, contents]: [bigint[], bigint[]]): Valuation => ({
    // What the formula does not read cannot matter, and is 0.
    variable: (name) => values[names.get(name) ?? -1] ?? 0n,
    cell: (bank, address) => contents[Number((address + BigInt(bank.length)) & 3n)]! & ((1n << BigInt(widths.get(bank) ?? 0)) - 1n),
  })
  const result = fc.check(fc.property(states, (state) => {
    const [p, s] = run(valuationOf(state as [bigint[], bigint[]]))
    drawn++
    if (p === 1n) met++
    return s !== 1n
  }), { numRuns: options.runs, seed: options.seed })
  const counterexample = result.counterexample?.[0] as [bigint[], bigint[]] | undefined
  return { runs: drawn, premise: met, ...(counterexample ? { found: valuationOf(counterexample) } : {}) }
}
