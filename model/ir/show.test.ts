// Pseudo-code says which operand belongs to which operator.
import { expect, test } from 'vitest'
import { bank } from './state.ts'
import { add, and, constant, eq, extract, ite, load, not, select, variable, zeroExtend } from './term.ts'
import { show } from './show.ts'

const x = variable('x', 8), y = variable('y', 8), c = variable('c', 1)
const E = bank('E', 8, 8, 'storage')

test.each([
  [add(ite(c, x, select(E, x)), y), ['(if c then x else E[x]) + y', 'y + (if c then x else E[x])']],
  [ite(eq(x, constant(8, 0)), constant(8, 0), add(x, y)), ['if x = 0 then 0 else (x + y)', 'if x = 0 then 0 else (y + x)']],
  [not(eq(x, y)), ['x ≠ y', 'y ≠ x']],
  [and(not(eq(x, constant(8, 3))), c), ['(x ≠ 3) ∧ c', 'c ∧ (x ≠ 3)']],
  [extract(add(x, y), 3, 0), ['(x + y)<3:0>', '(y + x)<3:0>']],
  [load(E, x), ['(E/R)[x]']],
  [zeroExtend(x, 12), ['x']],
])('%#', (term, allowed) => {
  expect(allowed).toContain(show(term))
})
