// The Alpha under OSF/1 PALcode: two instructions outside PALcode's guard keep it from the theorems.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alpha } from '../../model/isa/alpha/isa.ts'
import { judge } from '../claims.ts'
import { classify, type Classification, type ClassifyOptions, type PropertyName } from '../classify.ts'
import { Solver } from '../decide/solve.ts'
import { relocationLemmas } from '../lemmas.ts'
import { repairs } from '../repair.ts'

const long = 60_000
let solver: Solver
let c: Classification
beforeAll(async () => {
  solver = await Solver.start()
  c = await decided()
}, long)
afterAll(() => solver.close())

const decided = (options: ClassifyOptions = {}): Promise<Classification> => classify(alpha, { solve: solver }, options)
const having = (x: Classification, property: PropertyName | 'userCritical'): string[] => x.instructions.filter((i) => i[property] === 'yes').map((i) => i.name)
const the = (x: Classification, name: string) => x.instructions.find((i) => i.name === name)!

const privileged = [
  'halt', 'cflush', 'draina', 'wripir', 'rdmces', 'wrmces', 'wrfen', 'wrvptptr', 'swpctx', 'wrval', 'rdval', 'tbi', 'wrent', 'swpipl', 'rdps', 'wrkgp', 'wrusp',
  'wrperfmon', 'rdusp', 'whami', 'retsys', 'wtint', 'rti',
].map((n) => `CALL_PAL ${n}`)
const critical = ['RPCC', 'CALL_PAL clrfen']

describe('alpha', () => {
  it('has two critical instructions, in user mode too', () => {
    expect(having(c, 'critical')).toEqual(critical)
    expect(having(c, 'userCritical')).toEqual(critical)
    expect(c.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'no' })
    expect(the(c, 'RPCC')).toMatchObject({ controlSensitive: 'no', modeSensitive: 'no', locationSensitive: 'no', controlStateSensitive: 'yes' })
    expect(the(c, 'CALL_PAL clrfen')).toMatchObject({ controlSensitive: 'yes' })
    for (const n of critical) expect(the(c, n).witness).toBeDefined()
  })
  it('refuses the privileged functions of PALcode in user mode; its own opcodes always trap', () => {
    expect(having(c, 'privileged')).toEqual(privileged)
    expect(having(c, 'alwaysTraps')).toEqual(['CALL_PAL bpt', 'CALL_PAL bugchk', 'CALL_PAL callsys', 'CALL_PAL gentrap', 'HW_MFPR', 'HW_LD', 'HW_MTPR', 'HW_RET', 'HW_ST'])
  })
  it('is repaired by these two: clrfen is one line of a VMM\'s own PALcode, RPCC is the processor\'s', async () => {
    expect((await repairs(c, { solve: solver })).map((r) => [r.instructions, r.applies])).toEqual([[critical, 'yes'], [critical, 'yes']])
  }, long)
  it('has clrfen alone critical where guests may see the processor\'s cycles (W18)', async () => {
    const x = await decided({ deprivileging: alpha.deprivilegings[1]!.name, instructions: [...critical, 'ADDQ', 'CALL_PAL swpctx'] })
    expect(having(x, 'critical')).toEqual(['CALL_PAL clrfen'])
  })
  it('has AMASK and IMPLVER critical where the virtual processor is another one than the real (W14)', async () => {
    const x = await decided({ deprivileging: alpha.deprivilegings[2]!.name, instructions: [...critical, 'AMASK', 'IMPLVER', 'ADDQ'] })
    expect(having(x, 'critical')).toEqual(['AMASK', 'IMPLVER', ...critical])
  })
  it('leaves nothing undecided, and its relocation has an inverse', async () => {
    for (const i of c.instructions) for (const d of i.decisions) expect(d.verdict, `${i.name} ${d.property}`).not.toBe('undecided')
    for (const d of await relocationLemmas({ ...alpha, deprivilegings: [alpha.deprivilegings[0]] }, { solve: solver })) expect(d.verdict, d.property).toBe('yes')
  }, long)
  it('decides the joint definition as the union', async () => {
    const x = await decided({ joint: true, instructions: [...critical, 'ADDQ', 'LDL', 'STB', 'STQ_C', 'BSR', 'CALL_PAL rdps', 'CALL_PAL rti', 'CALL_PAL rdunique'] })
    for (const i of x.instructions) expect(the(c, i.name).critical, i.name).toBe(i.critical)
  })
  /**
   * Karger's reason for an easy virtualization is that sensitive instructions are in PALcode. They are, with two
   * exceptions by the letter: RPCC is no PALcode instruction and reads the offset that PALcode's swpctx writes, and
   * clrfen is PALcode, but of the functions that user mode may call. The manual's list of privileged functions is agreed with.
   */
  it('disagrees with one published claim: that all sensitive instructions are in PALcode\'s hands', () => {
    expect(judge(c).filter((j) => j.opinion !== 'agrees').map((j) => j.published.about)).toEqual([{ theorem: 'vmm', applies: true }])
  })
})
