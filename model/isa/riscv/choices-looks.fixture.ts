// What a step comes to, and what CSRs read after writes, of harts with some choices.
import type { Choices } from './choices-access.fixture.ts'
import { machineOf, said, type Given } from './running.fixture.ts'

/** csrw of a0; csrr to a0. */
export const write = (csr: number): number => (csr << 20) | 0x51073
export const read = (csr: number): number => (csr << 20) | 0x2573

/** What the first step comes to. */
export const stepped = (given: Given) => (choices: Choices): unknown => said(machineOf({ ...given, choices }).step())
/** What a CSR reads once these have been written, each from a0. */
export const reads = (csr: number, writes: readonly (readonly [csr: number, value: bigint])[], more: Given = {}) => (choices: Choices): unknown => {
  const m = machineOf({ ...more, words: [...writes.map(([n]) => write(n)), read(csr)], choices })
  for (const [, value] of writes) {
    m.bank('x').set(10n, value)
    const step = m.step()
    if (step.kind === 'trapped') return said(step)
  }
  const last = m.step()
  return last.kind === 'trapped' ? said(last) : m.bank('x').get(10n)
}
export const written = (csr: number, value: bigint, more?: Given) => reads(csr, [[csr, value]], more)
