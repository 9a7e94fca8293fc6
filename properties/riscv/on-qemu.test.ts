import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Stopped } from '../../model/machine/wasm-loop.ts'
import { EmulatorMissing } from '../../traces/emulators/qemu.ts'
import { deviations } from './known-of-qemu.ts'
import { choicesOfQemu, OnQemu } from './on-qemu.ts'
import { leafOf, place } from './program.ts'
import { compareSignatures } from './signatures.ts'
import { compareSteps } from './steps.ts'

/** Undefined on a user's machine that lacks the emulator; in CI that is a failure. */
const open = async (...given: Parameters<typeof OnQemu.open>): Promise<OnQemu | undefined> => {
  try {
    return await OnQemu.open(...given)
  } catch (error) {
    if (!(error instanceof EmulatorMissing) || process.env['CI']) throw error
    console.warn(`RISC-V programs are not compared with QEMU: ${error.message}`)
    return undefined
  }
}

describe.each([32, 64] as const)('QEMU and the specification of RV%i', (xlen) => {
  let on: OnQemu | undefined
  beforeAll(async () => { on = await open(xlen, choicesOfQemu) })
  afterAll(() => on?.end())

  it('agree on what programs write down', async ({ skip }) => {
    if (!on) return skip()
    const found = await compareSignatures(on, 1, { from: 0, programs: 40 })
    expect(found.differences).toEqual([])
    expect([found.compared > 30, found.traps > 300, found.explained[deviations.amo.does]! > 20]).toEqual([true, true, true])
  })
  it('agree in lock step', async ({ skip }) => {
    if (!on) return skip()
    const found = await compareSteps(on, 1, { from: 0, programs: 12 })
    expect(found.differences).toEqual([])
    expect([found.steps > 400, found.reached.size > 60]).toEqual([true, true])
  })
})

describe('a specification that makes another choice', () => {
  let on: OnQemu | undefined
  beforeAll(async () => { on = await open(64, { ...choicesOfQemu, illegalValue: 'zero' }) })
  afterAll(() => on?.end())

  it('is told from QEMU by what programs write down, and at which step', async ({ skip }) => {
    if (!on) return skip()
    const { differences } = await compareSignatures(on, 1, { from: 0, programs: 6 })
    expect(differences.length).toBeGreaterThan(0)
    expect(differences[0]!.difference).toMatch(/cause 2, value 0;.* step by step: .*illegal instruction: CSR 343 is 0/)
  })
  it('is told from QEMU in lock step', async ({ skip }) => {
    if (!on) return skip()
    const { differences } = await compareSteps(on, 1, { from: 0, programs: 6 })
    expect(differences[0]?.difference).toMatch(/illegal instruction: CSR [31]43 is 0/)
  })
})

describe('a specification that sets A and D otherwise in accesses that fault', () => {
  let on: OnQemu | undefined
  beforeAll(async () => { on = await open(32, { ...choicesOfQemu, updatesBeforeFaults: 'A' }) })
  afterAll(() => on?.end())

  it('is told from QEMU where it does not set D', async ({ skip }) => {
    if (!on) return skip()
    const { differences: [written] } = await compareSignatures(on, 1, { from: 57, programs: 1 })
    expect(written?.difference).toMatch(/^memory: 2000884f at 80042088; the emulator's 200088cf; step by step: .*access fault: memory/)
    const { differences: [step] } = await compareSteps(on, 1, { from: 21, programs: 1 })
    expect(step?.difference).toMatch(/80010012 FSD: store\/AMO access fault: memory: 2000804f at 80042080; the emulator's 200080cf$/)
  })
  it('is told from QEMU where it sets D at a trap of its own accord', async ({ skip }) => {
    if (!on) return skip()
    const { specified } = on, run = specified.run.bind(specified)
    specified.run = (...given) => {
      const stopped = run(...given)
      if (stopped === Stopped.trapped) specified.ram[leafOf(32, BigInt(place.data)) - place.boot]! |= 0x80
      return stopped
    }
    const { differences } = await compareSteps(on, 1, { from: 0, programs: 2 })
    expect(differences[0]?.difference).toMatch(/: memory: \w+ at 80042080; the emulator's \w+$/)
  })
})

describe('a specification that writes something else when it runs many steps at once', () => {
  let on: OnQemu | undefined
  beforeAll(async () => { on = await open(64, choicesOfQemu) })
  afterAll(() => on?.end())

  it('is told from QEMU although deviations of QEMU are met on the way', async ({ skip }) => {
    if (!on) return skip()
    const { specified } = on, run = specified.run.bind(specified)
    specified.run = (...given) => {
      const stopped = run(...given)
      if (given[0] > 1) specified.ram[place.data - place.boot]! ^= 1
      return stopped
    }
    const { differences, explained } = await compareSignatures(on, 1, { from: 0, programs: 2 })
    expect(explained[deviations.amo.does]).toBeUndefined()
    expect(differences.map(({ difference }) => difference)).toEqual(differences.map(() => expect.stringMatching(/^memory: \w+ at 80020000; the emulator's \w+; step by step: the specification writes something else$/) as unknown))
    expect(differences.length).toBeGreaterThan(0)
  })
})
