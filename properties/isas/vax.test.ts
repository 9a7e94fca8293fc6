// The VAX: what it is that keeps it from Theorem 1, and what Hall and Robinson's changes repair.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { intended } from '../../model/claims/claim.ts'
import { vax, vaxWith, virtualVax } from '../../model/isa/vax/isa.ts'
import type { Isa } from '../../model/machine/isa.ts'
import { classify, type Classification, type ClassifyOptions, type PropertyName } from '../classify.ts'
import { Solver } from '../decide/solve.ts'
import { relocationLemmas } from '../lemmas.ts'

let solver: Solver
beforeAll(async () => { solver = await Solver.start() })
afterAll(() => solver.close())

const classified = (isa: Isa, options: ClassifyOptions = {}): Promise<Classification> => classify(isa, { solve: solver }, options)
const having = (c: Classification, property: PropertyName | 'userCritical'): string[] =>
  c.instructions.filter((i) => i[property] === 'yes').map((i) => i.name).sort()
const the = (c: Classification, name: string) => c.instructions.find((i) => i.name === name)!
const undecided = (c: Classification): string[] =>
  c.instructions.flatMap((i) => i.decisions.filter((d) => d.verdict === 'undecided').map((d) => `${i.name} ${d.property}`))

const processorIsNone = { ...intended, processorIsResource: false }
const changeMode = ['CHME', 'CHMK', 'CHMS', 'CHMU']
const stores = ['BSBB', 'CLRL', 'MOVL Rn,(Rn)', 'PUSHL']
const listed = ['MOVPSL', 'PROBER', 'PROBEW', 'REI']
const privileged = ['HALT', 'LDPCTX', 'MFPR', 'MTPR', 'SVPCTX']
const none = { vmm: 'no', recursive: 'no', hybrid: 'no' }

describe('the VAX', () => {
  // The list attributed to Hall and Robinson: CHM, REI, MOVPSL, PROBE, and stores by PTE<M>. Ours is the same, with one
  // difference of kind: CHMK is critical only because it halts the processor on the interrupt stack. Elsewhere it
  // enters the kernel, so it is the trap of the paper; it is the three others that change the mode on their own.
  it.each([
    ['kernel to executive', ['MOVPSL']],
    ['kernel to executive, called by the kernel', ['MOVPSL', 'PROBER', 'PROBEW']],
    ['kernel to user', ['MOVPSL']],
  ])('%s: the published instructions and every store are critical', async (deprivileging, modeSensitive) => {
    const c = await classified(vax, { deprivileging, joint: true })
    expect(having(c, 'critical')).toEqual([...changeMode, ...listed, ...stores].sort())
    expect(having(c, 'userCritical')).toEqual([...changeMode, ...listed, ...stores].filter((n) => n !== 'CHMK').sort())
    expect(having(c, 'privileged')).toEqual(privileged)
    expect(having(c, 'alwaysTraps')).toEqual(['BPT', 'CHMK', 'XFC'])
    expect(having(c, 'modeSensitive')).toEqual(modeSensitive)
    expect(c.theorems).toEqual(none)
    expect(undecided(c)).toEqual([])
  })

  it('CHMK is no longer critical where the processor is no resource (W11); CHME, CHMS and CHMU are', async () => {
    const c = await classified(vax, { reading: processorIsNone, instructions: changeMode })
    expect(having(c, 'critical')).toEqual(['CHME', 'CHMS', 'CHMU'])
  })

  it('says why: PROBE by the pages\' protection, MOVPSL by the mode, REI and CHME by what they set', async () => {
    const c = await classified(vax, { instructions: ['PROBER', 'MOVPSL', 'REI', 'CHME'] })
    expect(the(c, 'PROBER')).toMatchObject({ controlSensitive: 'no', modeSensitive: 'no', locationSensitive: 'yes' })
    expect(the(c, 'MOVPSL')).toMatchObject({ controlSensitive: 'no', modeSensitive: 'yes', controlStateSensitive: 'yes' })
    expect(the(c, 'REI')).toMatchObject({ controlSensitive: 'yes', userSensitive: 'yes' })
    expect(the(c, 'CHME')).toMatchObject({ controlSensitive: 'yes', userSensitive: 'yes' })
  })

  it('without IS = 0 CHMK could halt the processor from an outer mode', async () => {
    const c = await classified(vax, { without: ['IS = 0'], instructions: ['CHMK'] })
    expect(the(c, 'CHMK')).toMatchObject({ alwaysTraps: 'no', userCritical: 'yes' })
  })
})

describe('the VAX of Hall and Robinson', () => {
  it('carries a hybrid monitor by the letter, and any where the processor is no resource', async () => {
    const c = await classified(virtualVax, { joint: true })
    // In a virtual machine CHM always goes to the VMM; by the letter it is critical all the same, because a kernel that
    // executes it on the interrupt stack is halted without a trap, and on another stack traps in both modes.
    expect(having(c, 'critical')).toEqual(changeMode)
    expect(c.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'yes' })
    expect(having(c, 'privileged')).toEqual([...privileged, 'PROBER', 'PROBEW', 'REI'].sort())
    expect(having(c, 'innocuous')).toEqual(expect.arrayContaining(['MOVPSL', ...stores]))
    expect(undecided(c)).toEqual([])
    const repaired = await classified(virtualVax, { reading: processorIsNone })
    expect(repaired.theorems).toEqual({ vmm: 'yes', recursive: 'yes', hybrid: 'yes' })
  })

  it('takes a modify fault in every mode, or the kernel\'s stores are critical by the letter', async () => {
    const inVm = await classified(vaxWith({ virtual: true, modify: 'fault in virtual machines' }), { reading: processorIsNone })
    expect(having(inVm, 'critical')).toEqual(stores)
    expect(having(inVm, 'userCritical')).toEqual([])
    const silent = await classified(vaxWith({ virtual: true, modify: 'silent' }), { reading: processorIsNone })
    expect(having(silent, 'userCritical')).toEqual(stores)
  })

  it.each(['VMPSL-PRV = PRV', 'VMPSL-IPL = IPL', 'VMPSL-IS = IS'])('without %s MOVPSL shows the difference', async (conjunct) => {
    const c = await classified(virtualVax, { without: [conjunct], instructions: ['MOVPSL'] })
    expect(the(c, 'MOVPSL')).toMatchObject({ modeSensitive: 'yes', critical: 'yes' })
    expect(the(await classified(virtualVax, { instructions: ['MOVPSL'] }), 'MOVPSL').innocuous).toBe('yes')
  })
})

it.each([['vax', vax], ['vax/virtual', virtualVax]])('relocation of %s has an inverse in both modes', async (_, isa) => {
  for (const d of await relocationLemmas(isa, { solve: solver })) expect(d.verdict, d.property).toBe('yes')
})
