// ARM's verdicts against the lists of Dall and Nieh and of Penneman and others: what each version lacks and has besides.
import { termsOf } from '../../model/machine/execute.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { abortsAlike } from '../../model/isa/arm/shadow-permissions.ts'
import { armv5, armv6, armv7, armv7Undefined, dallAndNieh } from '../../model/isa/arm/isa.ts'
import { intended } from '../../model/claims/claim.ts'
import { outcomeOf } from '../../model/claims/run.ts'
import { postorder } from '../../model/ir/term.ts'
import type { Isa } from '../../model/machine/isa.ts'
import { judge } from '../claims.ts'
import { classify, type Classification, type ClassifyOptions, type PropertyName } from '../classify.ts'
import { decide } from '../decide/decide.ts'
import { Solver } from '../decide/solve.ts'
import { relocationLemmas } from '../lemmas.ts'

let solver: Solver
beforeAll(async () => { solver = await Solver.start() })
afterAll(() => solver.close())

const bySolver = (isa: Isa, options: ClassifyOptions = {}): Promise<Classification> => classify(isa, { solve: solver }, options)
const having = (c: Classification, property: PropertyName | 'userCritical'): string[] => c.instructions.filter((i) => i[property] === 'yes').map((i) => i.name)
const the = (c: Classification, name: string) => c.instructions.find((i) => i.name === name)!
const opinions = (c: Classification): string[] => judge(c).map((j) => j.opinion)

const speakingOf = (isa: Isa, register: string): string[] => isa.instructions
  .filter((i) => postorder(termsOf(outcomeOf(isa, i))).some((t) => t.kind === 'var' && t.name.startsWith(register)) || i.name.includes(register)).map((i) => i.name)

const userPermission = ['LDRT', 'LDRBT', 'STRT', 'STRBT']
const hints = ['WFE', 'WFI', 'SEV']
const isas: readonly (readonly [string, () => Isa])[] = [['armv5', armv5], ['armv6', armv6], ['armv7', armv7], ['armv7/undefined', armv7Undefined]]
const verdicts = new Map<string, Classification>()
beforeAll(async () => {
  for (const [name, isa] of isas) verdicts.set(name, await bySolver(isa()))
}, 120_000)
const of = (name: string): Classification => verdicts.get(name)!

describe.each(isas)('%s', (name) => {
  it('meets neither theorem\'s premise, by its critical instructions', () => {
    expect(of(name).theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'no' })
  })
  it('leaves nothing undecided, and its relocation has an inverse', async () => {
    for (const i of of(name).instructions) for (const d of i.decisions) expect(d.verdict, `${i.name} ${d.property}`).not.toBe('undecided')
    for (const d of await relocationLemmas(of(name).isa, { solve: solver })) expect(d.verdict).toBe('yes')
  })
  it('has coprocessor instructions that are privileged, and exceptions that always trap', () => {
    expect(having(of(name), 'privileged')).toEqual(expect.arrayContaining(['MRC p15 SCTLR', 'MCR p15 SCTLR', 'MRC p15 TTBR0', 'MCR p15 TTBR0', 'MCR p15 TLBIALL']))
    expect(having(of(name), 'alwaysTraps')).toEqual([/7/.test(name) ? 'SVC' : 'SWI', 'BKPT', 'UDF'])
  })
})

/*
 * Dall and Nieh, 24:  CPS MRS MSR RFE SRS LDM(2) LDM(3) STM(2) LDRT LDRBT STRT STRBT and the twelve data-processing operations
 *                     with S = 1 and the PC as destination.
 * Found in version 6: CPS MRS MSR RFE SRS LDM(2) LDM(3) STM(2) and the twelve: 20, counting MSR's two encodings once.
 * The four of LDRT depend on the mode only by where they abort, and the definitions leave memory traps out (W15): innocuous.
 * They are nevertheless in the way of a VMM: Lemma 1 fails for them, below.
 */
it.each(['armv6', 'armv7'])('%s: the joint definition is decided as the union', async (name) => {
  const instructions = ['ADD', 'MOVS PC', 'BX', 'LDR', 'LDRT', 'STM (2)', 'SRS', 'RFE', 'CPS', 'MRS', 'MSR (register)', 'MRC p15 SCTLR', 'MCR p15 TTBR0', 'MRC p14 DBGDSCRint', 'WFE']
  await bySolver(of(name).isa, { instructions: instructions.filter((i) => of(name).isa.instructions.some((j) => j.name === i)), joint: true })
})

describe('the list of Dall and Nieh', () => {
  it.each([['armv5', 5], ['armv6', 6]] as const)('%s: all of it but the loads and stores with user permission, and nothing else', (name, version) => {
    expect(having(of(name), 'critical').sort()).toEqual(dallAndNieh({ version }).filter((n) => !userPermission.includes(n)).sort())
    for (const n of userPermission) expect(the(of(name), n).innocuous).toBe('yes')
    expect(opinions(of(name))).toEqual(['agrees', 'disagrees'])
  })
  it('counts 24 with MSR once', () => { expect(dallAndNieh({ version: 6 })).toHaveLength(25) })
})

describe('loads and stores with user permission', () => {
  const failing = async (isa: Isa): Promise<string[]> => {
    const claims = isa.instructions.map((i) => abortsAlike(isa, isa.deprivilegings[0], i))
    const decisions = await decide(claims.map((claim) => ({ claim, small: undefined })), { solve: solver })
    return claims.filter((_, n) => decisions[n]!.verdict !== 'yes').map((c) => c.instruction.name)
  }
  it('abort elsewhere than on the bare machine under shadow permissions; no other instruction that is innocuous does', async () => {
    const innocuous = async (name: string) => (await failing(of(name).isa)).filter((n) => the(of(name), n).innocuous === 'yes')
    expect(await innocuous('armv6')).toEqual(['LDRT', 'STRT', 'LDRBT', 'STRBT'])
    expect(await innocuous('armv7')).toEqual(['LDRT', 'STRT', 'LDRBT', 'STRBT', 'STRHT', 'LDRHT', 'LDRSBT', 'LDRSHT'])
  })
})

describe('version 7', () => {
  it('agrees with Penneman and others', () => { expect(opinions(of('armv7'))).toEqual(['agrees']) })
  it('has critical instructions besides: the hints that wait or wake, and a control register that User mode may read', () => {
    const more = having(of('armv7'), 'critical').filter((n) => !dallAndNieh({ version: 7 }).includes(n))
    expect(more.sort()).toEqual(['MRC p15 PMUSERENR', ...hints].sort())
  })
  it('has no critical hints where the processor is not a resource', async () => {
    const c = await bySolver(of('armv7').isa, { reading: { ...intended, processorIsResource: false }, instructions: hints })
    expect(having(c, 'critical')).toEqual([])
  })
})

describe('H', () => {
  it.each([
    ['armv6', 'DBGDSCR.UDCCdis = 1', ['MRC p14 DBGDSCRint']],
    ['armv7', 'DBGDSCR.UDCCdis = 1', ['MRC p14 DBGDSCRint']],
    ['armv7', 'PMUSERENR.EN = 0', ['MRC p15 PMCCNTR', 'MCR p15 PMCCNTR']],
  ] as const)('%s without %s: what it protects is critical, with a witness', async (name, conjunct, protectedBy) => {
    // The others do not speak of the register that the conjunct is about.
    const c = await bySolver(of(name).isa, { without: [conjunct], instructions: speakingOf(of(name).isa, conjunct.split(/[ .]/)[0]!) })
    expect(having(c, 'critical').filter((n) => the(of(name), n).critical === 'no')).toEqual(protectedBy)
    for (const n of protectedBy) expect(the(c, n).witness).toBeDefined()
  })
  it('has no other conjunct', () => {
    expect(['armv5', 'armv6', 'armv7'].map((n) => of(n).deprivileging.invariant.length)).toEqual([0, 1, 2])
  })
})

describe('version 7 with every UNPREDICTABLE of User mode undefined', () => {
  it('keeps as critical what is defined and silent', () => {
    expect(having(of('armv7/undefined'), 'critical').sort()).toEqual(['CPS', 'MRC p15 PMUSERENR', 'MRS', 'MSR (immediate)', 'MSR (register)', ...hints].sort())
  })
  it('could carry a hybrid VMM where the processor is not a resource: users see nothing', async () => {
    const notProcessor = { reading: { ...intended, processorIsResource: false } }
    expect((await bySolver(of('armv7/undefined').isa, notProcessor)).theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'yes' })
    const inTheWay = having(of('armv7'), 'userCritical').filter((n) => !hints.includes(n))
    expect((await bySolver(of('armv7').isa, { ...notProcessor, instructions: inTheWay })).theorems.hybrid).toBe('no')
  })
})

it('version 6 cannot carry a hybrid VMM even so: MRS shows users the real masks', () => {
  expect(the(of('armv6'), 'MRS').decisions.find((d) => d.property === 'controlStateSensitive in user mode')!.verdict).toBe('yes')
  expect(having(of('armv6'), 'userCritical')).toContain('MRS')
})
