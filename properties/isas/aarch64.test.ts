// AArch64's verdicts, EL1 deprivileged to EL0: what is critical, what each conjunct of H is for, and what the definitions do not see of LDTR.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aarch64 } from '../../model/isa/aarch64/isa.ts'
import { abortsAlike, abortsAlikeByPermissions } from '../../model/isa/aarch64/shadow-permissions.ts'
import { intended } from '../../model/claims/claim.ts'
import { classify, type Classification, type ClassifyOptions, type PropertyName } from '../classify.ts'
import { decide } from '../decide/decide.ts'
import { Solver } from '../decide/solve.ts'
import { relocationLemmas } from '../lemmas.ts'
import { repairs } from '../repair.ts'

const isa = aarch64()
let solver: Solver
let verdicts: Classification
beforeAll(async () => {
  solver = await Solver.start()
  verdicts = await classify(isa, { solve: solver })
}, 120_000)
afterAll(() => solver.close())

const some = (instructions: readonly string[], options: ClassifyOptions = {}): Promise<Classification> => classify(isa, { solve: solver }, { instructions, ...options })
const having = (c: Classification, property: PropertyName | 'userCritical'): string[] => c.instructions.filter((i) => i[property] === 'yes').map((i) => i.name)
const the = (name: string) => verdicts.instructions.find((i) => i.name === name)!

const hints = ['WFE', 'WFI', 'SEV', 'SEVL']
const notProcessor = { reading: { ...intended, processorIsResource: false } }
const sizes = ['B', 'H', 'SB X', 'SB W', 'SH X', 'SH W', ' X', ' W', 'SW']
const unprivileged = [...sizes.map((n) => `LDTR${n}`), 'STTRB', 'STTRH', 'STTR X', 'STTR W']

describe('EL1 to EL0', () => {
  it('meets neither premise: PMUSERENR_EL0 can be read, and the hints that wait or wake', () => {
    expect(verdicts.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'no' })
    expect(having(verdicts, 'critical')).toEqual(['MRS PMUSERENR_EL0', ...hints])
    expect(having(verdicts, 'userCritical')).toEqual(['WFE', 'SEV', 'SEVL'])
    expect(the('MRS PMUSERENR_EL0')).toMatchObject({ modeSensitive: 'no', controlSensitive: 'no', controlStateSensitive: 'yes', userSensitive: 'no' })
  })
  it('leaves nothing undecided, and its relocation has an inverse', async () => {
    expect(verdicts.instructions.flatMap((i) => i.decisions).filter((d) => d.verdict === 'undecided')).toEqual([])
    for (const d of await relocationLemmas(isa, { solve: solver })) expect(d.verdict).toBe('yes')
  })
  it('has all registers of EL1, PSTATE, address translation, cache and TLB maintenance of EL1 privileged', () => {
    const privileged = having(verdicts, 'privileged')
    const ofEL1 = isa.instructions.map((i) => i.name).filter((n) => /^(MRS|MSR) \w+_EL1$|^(AT|TLBI) |^IC IALLU|^DC (IVAC|.*SW)$/.test(n))
    expect(privileged).toEqual(expect.arrayContaining([...ofEL1, 'ERET', 'MRS CurrentEL', 'MRS SPSel', 'MSR SPSel', 'MRS DAIF', 'MSR DAIF', 'MSR DAIFSet', 'MSR DAIFClr', 'MRS SP_EL0', 'MSR TPIDRRO_EL0']))
  })
  it('has exceptions that always trap, those of levels that are not there among them', () => {
    expect(having(verdicts, 'alwaysTraps')).toEqual(['SVC', 'HVC', 'SMC', 'BRK', 'HLT', 'DCPS1', 'DCPS2', 'DCPS3', 'DRPS', 'UDF', 'MRS or MSR of EL2', 'MRS or MSR of EL3'])
  })
  it('has no critical hints where the processor is not a resource: then Theorem 3 applies, and Theorem 1 but for one register', async () => {
    const c = await some(having(verdicts, 'critical'), notProcessor)
    expect(having(c, 'critical')).toEqual(['MRS PMUSERENR_EL0'])
    expect(c.theorems.hybrid).toBe('yes')
  })
  it('is repaired by trapping exactly those', async () => {
    expect(await repairs(verdicts, { solve: solver })).toEqual([
      { theorem: 'vmm', instructions: ['MRS PMUSERENR_EL0', ...hints], applies: 'yes' }, { theorem: 'hybrid', instructions: ['WFE', 'SEV', 'SEVL'], applies: 'yes' },
    ])
  })
  it('decides the joint definition as the union', async () => {
    await some(['MRS PMUSERENR_EL0', 'MRS DCZID_EL0', 'MRS DAIF', 'MRS CTR_EL0', 'MRS TPIDRRO_EL0', 'LDR W', 'LDTR X', 'STP X', 'DC ZVA', 'STXR', 'ERET', 'WFE', 'BLR', 'FMOV D to X'], { joint: true })
  })
})

describe('each conjunct of H is needed', () => {
  const conjuncts: readonly (readonly [string, readonly string[]])[] = [
    ['SCTLR_EL1.UMA = 0', ['MRS DAIF', 'MSR DAIF', 'MSR DAIFSet', 'MSR DAIFClr']],
    ['SCTLR_EL1.UCT = 0', ['MRS CTR_EL0']],
    ['SCTLR_EL1.DZE = 1', ['MRS DCZID_EL0']],
    ['SCTLR_EL1.E0E = EE', ['LDR X', 'LDRH', 'STR W', 'STTR X', 'LDR D', 'LDAR']],
    ['CNTKCTL_EL1.EL0PCTEN = 0', ['MRS CNTFRQ_EL0', 'MRS CNTPCT_EL0']],
    ['CNTKCTL_EL1.EL0VCTEN = 0', ['MRS CNTFRQ_EL0', 'MRS CNTVCT_EL0']],
    ['CNTKCTL_EL1.EL0VTEN = 0', ['MRS CNTV_CTL_EL0', 'MSR CNTV_CVAL_EL0']],
    ['CNTKCTL_EL1.EL0PTEN = 0', ['MRS CNTP_TVAL_EL0', 'MSR CNTP_CTL_EL0']],
    ['PMUSERENR_EL0.EN = 0', ['MSR PMCR_EL0', 'MRS PMCNTENSET_EL0', 'MSR PMCCNTR_EL0', 'MSR PMXEVCNTR_EL0', 'MRS PMCEID0_EL0']],
    ['PMUSERENR_EL0.SW = 0', ['MSR PMSWINC_EL0']],
    ['PMUSERENR_EL0.CR = 0', ['MRS PMCCNTR_EL0']],
    ['PMUSERENR_EL0.ER = 0', ['MSR PMSELR_EL0', 'MRS PMXEVCNTR_EL0']],
    ['MDSCR_EL1.TDCC = 1', ['MRS MDCCSR_EL0', 'MRS DBGDTR_EL0', 'MSR DBGDTR_EL0']],
  ]
  it.each(conjuncts)('without %s, what it protects is critical, with a witness', async (conjunct, protectedBy) => {
    const c = await some(protectedBy, { without: [conjunct] })
    expect(having(c, 'critical').sort()).toEqual([...protectedBy].sort())
    for (const i of c.instructions) expect(i.witness).toBeDefined()
    for (const n of protectedBy) expect(the(n).critical).toBe('no')
  })
  it('bytes have no order', async () => {
    expect(having(await some(['LDRB', 'STRB', 'DC ZVA'], { without: ['SCTLR_EL1.E0E = EE'] }), 'innocuous')).toEqual(['STRB', 'LDRB', 'DC ZVA'])
  })
  it('without SCTLR_EL1.nTWI = 0, users stop the processor', async () => {
    expect(having(await some(['WFI'], { without: ['SCTLR_EL1.nTWI = 0'] }), 'userCritical')).toEqual(['WFI'])
  })
  it('has no other conjunct', () => {
    expect(verdicts.deprivileging.invariant.map((c) => c.name).sort()).toEqual([...conjuncts.map(([name]) => name), 'SCTLR_EL1.nTWI = 0'].sort())
  })
  it('DCZID_EL0 is mode sensitive where EL0 may not execute DC ZVA', async () => {
    const c = await some(['MRS DCZID_EL0', 'DC ZVA'], { without: ['SCTLR_EL1.DZE = 1'] })
    expect(c.instructions[0]).toMatchObject({ name: 'MRS DCZID_EL0', modeSensitive: 'yes', critical: 'yes' })
    expect(c.instructions[1]).toMatchObject({ name: 'DC ZVA', innocuous: 'yes' })
  })
})

/*
 * LDTR and its kin access storage with the permissions of EL0 at either level: by the definitions innocuous, since their only
 * difference is where they abort (W15). Lemma 1 fails for them, as for LDRT of armv7.
 */
describe('loads and stores with the permissions of EL0', () => {
  const failing = async (claim: typeof abortsAlike, among = having(verdicts, 'innocuous')): Promise<string[]> => {
    const claims = isa.instructions.filter((i) => among.includes(i.name)).map((i) => claim(isa, isa.deprivilegings[0], i))
    const decisions = await decide(claims.map((c) => ({ claim: c, small: undefined })), { solve: solver })
    return claims.filter((_, n) => decisions[n]!.verdict !== 'yes').map((c) => c.instruction.name)
  }
  it('abort elsewhere than on the bare machine under shadow permissions; nothing else that is innocuous does', async () => {
    expect((await failing(abortsAlike)).sort()).toEqual([...unprivileged].sort())
  })
  it('besides, every access by SP does where SA0 is not what SA is', async () => {
    expect(await failing(abortsAlikeByPermissions, ['LDR X', 'STP X', 'STLR', 'LDR X (literal)'])).toEqual(['LDR X', 'STP X', 'STLR'])
  })
  it('are innocuous by the definitions', () => { for (const n of unprivileged) expect(the(n)).toMatchObject({ innocuous: 'yes' }) })
})
