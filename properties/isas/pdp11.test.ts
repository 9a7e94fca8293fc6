// The verdicts on the PDP-11/45, deprivileged to user and to supervisor mode: instructions that do nothing where they should trap.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pdp11, pdp1145 } from '../../model/isa/pdp11/isa.ts'
import { modeSyntax } from '../../model/isa/pdp11/address.ts'
import { defineIsa, type Isa } from '../../model/machine/isa.ts'
import { Solver } from '../decide/solve.ts'
import { classify, type Classification, type ClassifyOptions, type PropertyName } from '../classify.ts'
import { judge } from '../claims.ts'
import { relocationLemmas } from '../lemmas.ts'

let solver: Solver
beforeAll(async () => { solver = await Solver.start() })
afterAll(() => solver.close())

const bySolver = (isa: Isa, options: ClassifyOptions = {}): Promise<Classification> => classify(isa, { solve: solver }, options)
const having = (c: Classification, property: PropertyName | 'userCritical'): string[] => c.instructions.filter((i) => i[property] === 'yes').map((i) => i.name)
const the = (c: Classification, name: string) => c.instructions.find((i) => i.name === name)!
const undecided = (c: Classification): string[] =>
  c.instructions.flatMap((i) => i.decisions.filter((d) => d.verdict === 'undecided').map((d) => `${i.name} ${d.property}`))

const previousSpace = modeSyntax.flatMap((m) => ['MFPI', 'MTPI', 'MFPD', 'MTPD'].map((name) => `${name} ${m}`))
const critical = ['WAIT', 'RESET', 'SPL', 'RTI', 'RTT', ...previousSpace]

describe('deprivileged from kernel to user', () => {
  let c: Classification
  beforeAll(async () => { c = await bySolver(pdp11, { joint: true }) }, 120_000)

  it('has nine critical instructions, four of them in each of eight addressing modes', () => {
    expect(having(c, 'critical')).toEqual(critical)
    expect(undecided(c)).toEqual([])
  })
  it('has HALT as its only privileged instruction', () => {
    expect(having(c, 'privileged')).toEqual(['HALT'])
    expect(having(c, 'alwaysTraps')).toEqual(expect.arrayContaining(['EMT', 'TRAP', 'BPT', 'IOT']))
  })
  it('shows why: what does nothing in user mode, what loads the modes, what reaches another mode\'s space and stack', () => {
    for (const name of ['RESET', 'SPL']) expect(the(c, name)).toMatchObject({ privileged: 'no', controlSensitive: 'yes', modeSensitive: 'no', userSensitive: 'no' })
    for (const name of ['RTI', 'RTT']) expect(the(c, name)).toMatchObject({ controlSensitive: 'yes', modeSensitive: 'yes', userSensitive: 'no' })
    expect(the(c, 'MFPI R')).toMatchObject({ modeSensitive: 'yes', locationSensitive: 'no', controlStateSensitive: 'yes', userSensitive: 'no' })
    expect(the(c, 'MFPI (R)')).toMatchObject({ modeSensitive: 'no', locationSensitive: 'yes', controlStateSensitive: 'yes', userSensitive: 'no' })
  })
  it('could carry a hybrid VMM but for WAIT, which stops the processor: it can where the processor is no resource', async () => {
    expect(having(c, 'userCritical')).toEqual(['WAIT'])
    expect(c.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'no' })
    const notOurs = await bySolver(pdp11, { reading: { control: 'intended', processorIsResource: false } })
    expect(having(notOurs, 'critical')).toEqual(critical.slice(1))
    expect(notOurs.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'yes' })
  })
  it('needs PM = user: with another previous mode, users reach its space and its stack pointer', async () => {
    const some = ['RTI', 'MFPI R', 'MTPI R', 'MFPI (R)', 'MTPI (R)']
    const without = await bySolver(pdp11, { without: ['PM = user'], instructions: some })
    expect(having(without, 'userCritical')).toEqual(some)
    for (const name of some) expect(the(c, name).userSensitive).toBe('no')
    const witness = the(without, 'MTPI R').decisions.find((d) => d.property === 'controlSensitive in user mode')!.witness!
    expect(['0x0', '0x1']).toContain(witness.states[0]!.before['PM'])
    expect(Object.keys(witness.states[0]!.changes).some((n) => n === 'KSP' || n === 'SSP')).toBe(true)
  })
  it('lets users change T and the register set by RTI and RTT: a hybrid VMM must let them, or these are user sensitive', async () => {
    const strict = await bySolver(pdp1145({ traceIsResource: true }), { instructions: ['RTI', 'RTT'] })
    expect(having(strict, 'userCritical')).toEqual(['RTI', 'RTT'])
  })
  // By the letter every instruction that stores is control sensitive and not privileged, for the status word is a word
  // of storage; what protects it is the mapping. The paper's model has no resource in storage but cells 0 and 1.
  it('is assumed not to map the I/O page: where it is mapped, MOV changes the mode', async () => {
    const mapped = await bySolver(defineIsa({ ...pdp11, assumptions: [] }), { instructions: ['MOV R,(R)', 'MOV R,R'] })
    expect(having(mapped, 'critical')).toEqual(['MOV R,(R)'])
    expect(the(c, 'MOV R,(R)')).toMatchObject({ innocuous: 'yes' })
  })
  it('agrees with what is published; of the forms of MFPI only the one with the stack pointer is mode sensitive', () => {
    // PM is control state here: two states that differ in the current mode alone have the same previous mode, so they
    // read the same space. Only the forms with the stack pointer tell the current mode from the previous one.
    const judgements = judge(c)
    expect(judgements.map((j) => j.opinion)).toEqual(judgements.map(() => 'agrees'))
    expect(judgements[0]!.found).toBe('MFPI: modeSensitive is yes (MFPI R)')
    expect(modeSyntax.slice(1).map((m) => the(c, `MFPI ${m}`).modeSensitive)).toEqual(modeSyntax.slice(1).map(() => 'no'))
  })
})

describe('deprivileged from kernel to supervisor', () => {
  it('is no better: RTI leaves the guest\'s kernel mode, and the previous mode cannot be kept from it', async () => {
    const c = await bySolver(pdp11, { deprivileging: 'kernel to supervisor', joint: true })
    expect(having(c, 'critical')).toEqual(critical)
    expect(having(c, 'userCritical')).toEqual(critical.filter((n) => n !== 'RESET' && n !== 'SPL'))
    expect(c.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'no' })
    expect(undecided(c)).toEqual([])
  }, 120_000)
})

describe('lemmas', () => {
  it('relocation has an inverse in both modes', async () => {
    for (const d of await relocationLemmas(pdp11, { solve: solver })) expect(d.verdict, d.property).toBe('yes')
  })
})
