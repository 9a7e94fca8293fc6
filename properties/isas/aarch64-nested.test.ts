// A hypervisor at EL1 in place of EL2: critical before ARMv8.3, and what HCR_EL2.NV, NV1 and AT repair.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aarch64EL2, aarch64NV } from '../../model/isa/aarch64/nested.ts'
import { intended } from '../../model/claims/claim.ts'
import { judge } from '../claims.ts'
import { classify, type Classification, type ClassifyOptions, type PropertyName } from '../classify.ts'
import { Solver } from '../decide/solve.ts'
import { relocationLemmas } from '../lemmas.ts'

const before = aarch64EL2(), after = aarch64NV()
let solver: Solver
let el2: Classification
beforeAll(async () => {
  solver = await Solver.start()
  el2 = await classify(before, { solve: solver })
}, 120_000)
afterAll(() => solver.close())

const some = (instructions: readonly string[], options: ClassifyOptions = {}, isa = after): Promise<Classification> => classify(isa, { solve: solver }, { instructions, ...options })
const having = (c: Classification, property: PropertyName | 'userCritical'): string[] => c.instructions.filter((i) => i[property] === 'yes').map((i) => i.name)

const hints = ['WFE', 'WFI', 'SEV', 'SEVL']
const exceptionRegisters = ['VBAR_EL1', 'SPSR_EL1', 'ELR_EL1'].flatMap((r) => [`MRS ${r}`, `MSR ${r}`])
const notProcessor = { reading: { ...intended, processorIsResource: false } }

/*
 * The KVM commit: of what HCR_EL2.NV traps, only ERET was not undefined at EL1 before.
 * Found: ERET, and besides what NV changes without a trap (CurrentEL) and what NV1 and AT trap (VBAR_EL1, SPSR_EL1, ELR_EL1, AT S1E1R).
 */
describe('before ARMv8.3', () => {
  it('is critical: ERET, CurrentEL, the registers by which EL1 takes exceptions, and AT', () => {
    expect(el2.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'no' })
    expect(having(el2, 'critical').sort()).toEqual([...exceptionRegisters, 'MRS CurrentEL', 'ERET', 'AT S1E1R', ...hints].sort())
    expect(el2.instructions.find((i) => i.name === 'MRS CurrentEL')).toMatchObject({ modeSensitive: 'yes', userCritical: 'no' })
  })
  it('agrees with what is published', () => { expect(judge(el2).map((j) => j.opinion)).toEqual(el2.isa.published.map(() => 'agrees')) })
  it('leaves nothing undecided, and its relocation has an inverse', async () => {
    expect(el2.instructions.flatMap((i) => i.decisions).filter((d) => d.verdict === 'undecided')).toEqual([])
    for (const isa of [before, after]) for (const d of await relocationLemmas(isa, { solve: solver })) expect(d.verdict).toBe('yes')
  })
  it('decides the joint definition as the union', async () => { await some(['ERET', 'MRS CurrentEL', 'AT S1E1R', 'MSR VBAR_EL1', 'LDR X', 'MRS TPIDR_EL1'], { joint: true }, before) })
})

describe('with nested virtualization', () => {
  it('has none of these critical; the hints alone where the processor is a resource', async () => {
    const changed = after.instructions.filter((i) => having(el2, 'critical').includes(i.name) || having(el2, 'privileged').includes(i.name)).map((i) => i.name)
    const nv = await some(changed)
    expect(having(nv, 'critical')).toEqual(hints)
    expect(having(nv, 'privileged')).toEqual(expect.arrayContaining([...exceptionRegisters, 'ERET', 'AT S1E1R']))
    expect(having(nv, 'innocuous')).toContain('MRS CurrentEL')
    expect(judge(nv).map((j) => j.opinion)).toEqual(after.published.map(() => 'agrees'))
    expect(having(await some(hints, notProcessor), 'critical')).toEqual([])
  })
  it('changes no other instruction', () => {
    const unchanged = (isa: typeof before): string[] => isa.instructions.filter((i) => having(el2, 'innocuous').includes(i.name) && !/CurrentEL/.test(i.name)).map((i) => i.name)
    expect(unchanged(after)).toEqual(unchanged(before))
  })
})

describe('each conjunct of H is needed', () => {
  const ofMemory = ['SCTLR_EL1', 'TTBR0_EL1', 'TTBR1_EL1', 'TCR_EL1', 'ESR_EL1', 'FAR_EL1', 'MAIR_EL1', 'CONTEXTIDR_EL1']
  it.each<[string, readonly string[]]>([
    ['SCTLR_EL1.EE = SCTLR_EL2.EE', ['LDR X', 'STR W']],
    ['HCR_EL2.TVM = 1', ofMemory.map((r) => `MSR ${r}`)],
    ['HCR_EL2.TRVM = 1', ofMemory.map((r) => `MRS ${r}`)],
    ['CPTR_EL2.TCPAC = 1', ['MRS CPACR_EL1', 'MSR CPACR_EL1']],
    ['HCR_EL2.NV = 1', ['MRS CurrentEL', 'ERET', ...exceptionRegisters]],
    ['HCR_EL2.NV1 = 1', exceptionRegisters],
    ['HCR_EL2.AT = 1', ['AT S1E1R']],
  ])('without %s, what it protects is critical', async (conjunct, protectedBy) => {
    expect(having(await some(protectedBy), 'critical')).toEqual([])
    const c = await some(protectedBy, { without: [conjunct] })
    expect(having(c, 'critical').sort()).toEqual([...protectedBy].sort())
    for (const i of c.instructions) expect(i.witness).toBeDefined()
  })
  it('without HCR_EL2.TWI = 1, the guest stops the processor', async () => {
    expect(having(await some(['WFI']), 'userCritical')).toEqual([])
    expect(having(await some(['WFI'], { without: ['HCR_EL2.TWI = 1'] }), 'userCritical')).toEqual(['WFI'])
  })
  it('has no other conjunct', () => { expect(after.deprivilegings[0].invariant).toHaveLength(8) })
})
