// ARM version 7 with the Virtualization Extensions: what its verdicts have become against those without.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { armv7Virtualization } from '../../model/isa/arm/isa.ts'
import { abortsAlikeUnder } from '../../model/isa/arm/shadow-permissions.ts'
import { intended } from '../../model/claims/claim.ts'
import type { Isa } from '../../model/machine/isa.ts'
import { judge } from '../claims.ts'
import { classify, type Classification, type ClassifyOptions, type PropertyName } from '../classify.ts'
import { decide } from '../decide/decide.ts'
import { Solver } from '../decide/solve.ts'
import { relocationLemmas } from '../lemmas.ts'

const isa = armv7Virtualization()
const notProcessor = { reading: { ...intended, processorIsResource: false } }
let solver: Solver
let verdicts: Classification
beforeAll(async () => {
  solver = await Solver.start()
  verdicts = await classify(isa, { solve: solver }, notProcessor)
}, 120_000)
afterAll(() => solver.close())

const some = (instructions: readonly string[], options: ClassifyOptions = {}, of: Isa = isa): Promise<Classification> => classify(of, { solve: solver }, { instructions, ...options })
const having = (c: Classification, property: PropertyName | 'userCritical'): string[] => c.instructions.filter((i) => i[property] === 'yes').map((i) => i.name)

/** Critical in armv7, as its own test says. */
const wereCritical = ['CPS', 'MRS', 'MSR (register)', 'MSR (immediate)', 'RFE', 'SRS', 'LDM (2)', 'LDM (3)', 'STM (2)', 'MOVS PC', 'SUBS PC', 'ANDS PC', 'MRC p15 PMUSERENR']
const shared = ['CTR', 'TLBTR', 'ID_PFR0', 'ACTLR', 'PMCCNTR', 'PMUSERENR'].map((n) => `MRC p15 ${n}`)

describe('PL1 to Non-secure PL1', () => {
  it('meets both premises where the processor is not a resource', () => {
    expect(verdicts.theorems).toEqual({ vmm: 'yes', recursive: 'yes', hybrid: 'yes' })
    expect(judge(verdicts).map((j) => j.opinion)).toEqual(['agrees'])
  })
  it('has as critical the hints alone where it is: they trap just where they would wait, and SEV never', async () => {
    expect(having(await some(['WFE', 'WFI', 'SEV', 'YIELD', 'CPS', 'MRS']), 'critical')).toEqual(['WFE', 'WFI', 'SEV'])
  })
  it('makes what was critical innocuous, being about what a virtual machine has to itself, or privileged', () => {
    for (const n of wereCritical) {
      const v = verdicts.instructions.find((i) => i.name === n)!
      expect(n === 'MRC p15 PMUSERENR' ? v.privileged : v.innocuous, n).toBe('yes')
    }
  })
  it('has privileged what a virtual machine shares with the real one, and nothing else', () => {
    expect(having(verdicts, 'privileged').sort()).toEqual([...shared, 'MCR p15 ACTLR', 'MCR p15 PMCCNTR', 'MCR p15 PMUSERENR', 'MRC p14 DBGDSCRint'].sort())
  })
  it('leaves nothing undecided, and its relocation has an inverse', async () => {
    expect(verdicts.instructions.flatMap((i) => i.decisions).filter((d) => d.verdict === 'undecided')).toEqual([])
    for (const d of await relocationLemmas(isa, { solve: solver })) expect(d.verdict).toBe('yes')
  })
  it('decides the joint definition as the union', async () => { await some(['MRC p15 MIDR', 'MRC p15 CTR', 'MCR p15 TTBR0', 'LDR', 'LDRT', 'CPS', 'RFE', 'WFI'], { joint: true }) })
})

describe('each conjunct of H is needed', () => {
  it.each([
    ['VPIDR = MIDR', ['MRC p15 MIDR']],
    ['HCR.TID1 = 1', ['MRC p15 TLBTR']],
    ['HCR.TID2 = 1', ['MRC p15 CTR']],
    ['HCR.TID3 = 1', ['MRC p15 ID_PFR0']],
    ['HCR.TAC = 1', ['MRC p15 ACTLR', 'MCR p15 ACTLR']],
    ['HDCR.TPM = 1', ['MRC p15 PMCCNTR', 'MCR p15 PMCCNTR', 'MRC p15 PMUSERENR', 'MCR p15 PMUSERENR']],
    ['HDCR.TDA = 1', ['MRC p14 DBGDSCRint']],
  ] as const)('without %s, what it protects is critical, with a witness', async (conjunct, protectedBy) => {
    const c = await some(protectedBy, { without: [conjunct] })
    expect(having(c, 'critical').sort()).toEqual([...protectedBy].sort())
    for (const i of c.instructions) expect(i.witness).toBeDefined()
    expect(having(verdicts, 'critical')).toEqual([])
  })
  it('without HCR.TWI = 1, a virtual machine stops the processor', async () => {
    expect(having(await some(['WFI']), 'userCritical')).toEqual([])
    expect(having(await some(['WFI'], { without: ['HCR.TWI = 1'] }), 'userCritical')).toEqual(['WFI'])
  })
  it('has eight conjuncts', () => { expect(verdicts.deprivileging.invariant).toHaveLength(8) })
})

describe('what a virtual machine has to itself', () => {
  it('without interrupts of its own, the masks are the real machine\'s: what writes them is critical', async () => {
    const masks = new Set(['A', 'I', 'F'])
    const without: Isa = { ...isa, components: isa.components.map((c) => (masks.has(c.name) ? { ...c, role: 'control' } : c)) }
    expect(having(await some(['CPS', 'MSR (register)', 'RFE', 'MOVS PC', 'MRS', 'ADD'], {}, without), 'critical').sort()).toEqual(['CPS', 'MOVS PC', 'MSR (register)', 'RFE'])
  })
  it('without a second stage of translation, TTBR0 is the real machine\'s: writing it is critical', async () => {
    const without: Isa = { ...isa, components: isa.components.map((c) => (c.name === 'TTBR0' ? { ...c, role: 'mapping' } : c)) }
    expect(having(await some(['MCR p15 TTBR0', 'MCR p15 DACR'], {}, without), 'critical')).toEqual(['MCR p15 TTBR0'])
  })
  it('includes its permissions: LDRT and its kin abort as on the bare machine, without shadow permissions', async () => {
    const claims = isa.instructions.filter((i) => /^(LDR|STR)/.test(i.name)).map((i) => abortsAlikeUnder({ cell: () => undefined })(isa, isa.deprivilegings[0], i))
    const decisions = await decide(claims.map((claim) => ({ claim, small: undefined })), { solve: solver })
    expect(claims.length).toBeGreaterThan(16)
    expect(decisions.map((d) => d.verdict)).toEqual(claims.map(() => 'yes'))
  })
})
