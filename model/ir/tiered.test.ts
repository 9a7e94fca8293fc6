// Both tiers ask a state for the same things in the same order, so that a state drawn as it is read does not tell them apart.
import { expect, test } from 'vitest'
import type { Valuation } from './stage.ts'
import { add, and, constant, eq, ite, not, select, ult, variable, type Bool, type Memory } from './term.ts'
import { tiered, tieredConjunction } from './tiered.ts'

const memory: Memory = { name: 'E', addressWidth: 40, width: 36, cells: 2 ** 40 }
const x = variable('x', 40), y = variable('y', 40), z = variable('z', 8)
const first = eq(select<number, number>(memory, x), select<number, number>(memory, add(x, constant(40, 1))))
const second = ult(select<number, number>(memory, y), select<number, number>(memory, ite(eq(z, constant(8, 3)), x, y)))

/** What is asked for in one run, each thing once; cells hold a number that their address makes. */
const asked = (run: (state: Valuation) => unknown, from: bigint): string[] => {
  const seen = new Set<string>()
  run({
    variable: (name) => {
      seen.add(name)
      return name === 'x' ? from : name === 'y' ? from * 7n : from & 3n
    },
    cell: (_, address) => {
      seen.add(`E ${address}`)
      return (address >> 2n) & 15n
    },
  })
  return [...seen]
}

test.each([
  ['terms', () => tiered([first, second])],
  ['a conjunction', () => tieredConjunction([second, and(first, not(eq(z, constant(8, 1)) as Bool))])],
])('%s', (_, make) => {
  const warm = make()
  for (let n = 0; n < 200; n++) asked(warm, BigInt(n))
  const orders = new Set<number>()
  for (let n = 0n; n < 30n; n++) {
    const read = asked(warm, n)
    expect(read).toEqual(asked(make(), n))
    orders.add(read.length)
  }
  expect(orders.size).toBeGreaterThan(1)
})
