// A remembered model is only used as far as it is a state of the formula at hand.
import { expect, test } from 'vitest'
import { constant, eq, select, ult, variable } from '../../model/ir/term.ts'
import { evaluate } from '../../model/ir/stage.ts'
import { assignment } from './assignment.ts'
import { Recollection } from './recollection.ts'

const E = { name: 'E', addressWidth: 4, width: 8, cells: 16 } as const

test('a value that is too wide for a name or a cell is cut to its width', () => {
  const recent = new Recollection()
  recent.remember(assignment([['x', 200n]], [['E', 3n, 0x1ffn]]))
  expect(recent.find(ult(constant(3, 6), variable('x', 3)))).toBeUndefined()
  expect(recent.find(ult(constant(8, 254), select(E, constant(4, 3))))!.cell('E', 3n)).toBe(255n)
  const found = recent.find(eq(variable('x', 9), constant(9, 200)))!
  expect(evaluate(variable('x', 9), found)).toBe(200n)
})
