// Of the choices about cache blocks: their sizes, and what CBO.INVAL may be made to do.
import type { Choices, Look } from './choices-access.fixture.ts'
import { base, machineOf, said, stepOf } from './running.fixture.ts'

const zicbo = { extensions: ['Zicbom', 'Zicboz'] } as const
const clean = 0x0015a00f, zero = 0x0045a00f, menvcfg = 0x30a, senvcfg = 0x10a, page = base + 0x1000n

/** Which of the bytes at these offsets into a page are still 1 once the block of the one at 0x48 is zeroed. */
const left = (choices: Choices): unknown => {
  const offsets = [0n, 0x20n, 0x3fn, 0x40n, 0x48n, 0x5fn, 0x60n, 0x7fn, 0x80n, 0xff8n], m = machineOf({ words: [zero], x: { 11: page + 0x48n }, memory: [[page + 0x1000n, 1n]], choices: { ...zicbo, ...choices } })
  for (const offset of offsets) m.bank('memory').set(page + offset, 1n)
  return [said(m.step()), ...offsets.filter((offset) => m.bank('memory').get(page + offset) === 1n)]
}
/** Cleaning the same block, where eight bytes at 0x20 are protected. */
const cleaned = (choices: Choices): unknown =>
  stepOf({ words: [clean], x: { 11: page + 0x48n }, pmp: [[0x98n, (page + 0x20n) >> 2n], [0x1fn, -1n]], choices: { ...zicbo, ...choices } })
/** What CBIE is after a write of each value. */
const enables = (csr: number) => (choices: Choices): unknown => [1n, 2n, 3n].map((CBIE) => {
  const m = machineOf({ words: [(csr << 20) | 0x51073, (csr << 20) | 0x2573], x: { 10: CBIE << 4n }, choices: { ...zicbo, ...choices } })
  m.run(2)
  return (m.bank('x').get(10n) >> 4n) & 3n
})
const both = [1n, 0n, 3n], flush = [1n, 0n, 0n], invalidate = [0n, 0n, 3n], none = [0n, 0n, 0n]

export const blockCases = {
  cacheBlock: [[cleaned, [{}, 'CBO.CLEAN'], [{ cacheBlock: 128 }, 'store/AMO access fault, 80001048'], [{ zeroBlock: 4096 }, 'CBO.CLEAN'], [{ cacheBlock: 4096 }, 'store/AMO access fault, 80001048']]],
  zeroBlock: [[
    left, [{}, ['CBO.ZERO', 0n, 0x20n, 0x3fn, 0x80n, 0xff8n]], [{ zeroBlock: 32 }, ['CBO.ZERO', 0n, 0x20n, 0x3fn, 0x60n, 0x7fn, 0x80n, 0xff8n]], [{ zeroBlock: 4096 }, ['CBO.ZERO']],
    [{ cacheBlock: 128 }, ['CBO.ZERO', 0n, 0x20n, 0x3fn, 0x80n, 0xff8n]],
  ]],
  CBIE: [[enables(menvcfg), [{}, both], [{ CBIE: ['flush'] }, flush], [{ CBIE: ['invalidate'] }, invalidate], [{ CBIE: [] }, none], [{ supervisorCBIE: [] }, both]]],
  supervisorCBIE: [[enables(senvcfg), [{}, both], [{ supervisorCBIE: ['flush'] }, flush], [{ supervisorCBIE: ['invalidate'] }, invalidate], [{ supervisorCBIE: [] }, none], [{ CBIE: [] }, both]]],
} as const satisfies Readonly<Record<string, readonly Look[]>>
