// Answers of one solver are found by the next, a half-written line is not, and a wrong one does not become a verdict.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { constant, eq, mul, variable } from '../../model/ir/term.ts'
import { evaluate } from '../../model/ir/stage.ts'
import { Solver } from './solve.ts'

const before = process.env['POPEK_ANSWERS']
let folder: string
beforeEach(() => { process.env['POPEK_ANSWERS'] = folder = mkdtempSync(join(tmpdir(), 'popek-answers-')) })
afterEach(() => {
  rmSync(folder, { recursive: true })
  if (before === undefined) delete process.env['POPEK_ANSWERS']
  else process.env['POPEK_ANSWERS'] = before
})

const x = variable('x', 16)
const square = (n: number) => eq(mul(x, x), constant(16, n))
const ask = async (n: number) => {
  const solver = await Solver.start()
  const [answer] = await solver.ask([square(n)])
  const { asked } = solver
  solver.close()
  return { answer: answer!, asked }
}
const file = (): string => join(folder, readdirSync(folder)[0]!)

test('the second solver asks nothing, and a model that does not fit is refused', async () => {
  const first = await ask(49), second = await ask(49)
  expect([first.asked, second.asked]).toEqual([1, 0])
  expect(second.answer.kind === 'satisfiable' && evaluate(square(49), second.answer.valuation)).toBe(1n)
  writeFileSync(file(), readFileSync(file(), 'utf8').replace(/#x[0-9a-f]{4}\)\)\.$/m, '#x0003)).'))
  await expect(ask(49)).rejects.toThrow(/does not satisfy/)
})

test('a half-written line counts as none', async () => {
  await ask(3)
  writeFileSync(file(), readFileSync(file(), 'utf8').slice(0, -3))
  expect((await ask(3)).asked).toBe(1)
})
