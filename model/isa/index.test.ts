// The registry: every name leads to the ISA of that name, and no other name to any.
import { expect, test } from 'vitest'
import { findIsa, isaNames } from './index.ts'

test('every name is that of its ISA', async () => {
  for (const name of isaNames) expect((await findIsa(name))?.name).toBe(name)
})

test('another name has none', async () => {
  expect(await findIsa('pdp12')).toBeUndefined()
})
