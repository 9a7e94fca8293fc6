import { describe, expect, it } from 'vitest'
import { EmulatorMissing } from '../../traces/emulators/qemu.ts'
import { choicesOfQemu, compareSignatures, type Signatures } from './signatures.ts'

/** Undefined on a user's machine that lacks the emulator; in CI that is a failure. */
const unlessMissing = async (run: () => Promise<Signatures>): Promise<Signatures | undefined> => {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof EmulatorMissing) || process.env['CI']) throw error
    console.warn(`RISC-V programs are not compared with QEMU: ${error.message}`)
    return undefined
  }
}

describe('QEMU and the specification, by programs that write down what happens to them', () => {
  it.each([32, 64] as const)('agree on RV%i', async (xlen) => {
    const found = await unlessMissing(() => compareSignatures(xlen, 1, 0, 12))
    if (!found) return
    expect(found.differences).toEqual([])
    expect([found.compared > 3, found.traps > 40]).toEqual([true, true])
  })
  it('do not where the specification makes another choice', async () => {
    const found = await unlessMissing(() => compareSignatures(64, 1, 0, 6, { ...choicesOfQemu, illegalValue: 'zero' }))
    if (found) expect(found.differences.length).toBeGreaterThan(0)
  })
})
