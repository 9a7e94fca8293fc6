// LoongArch's verdicts: the 64-bit architecture closes what its manual lets PLV3 read, the reduced edition cannot.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loongarch, loongarch32r } from '../../model/isa/loongarch/isa.ts'
import { judge } from '../claims.ts'
import { classify, type Classification, type ClassifyOptions, type PropertyName } from '../classify.ts'
import { Solver } from '../decide/solve.ts'
import { relocationLemmas } from '../lemmas.ts'
import type { Isa } from '../../model/machine/isa.ts'

const long = 60_000
const la64 = loongarch(), la32r = loongarch32r()
let solver: Solver
let wide: Classification, reduced: Classification
beforeAll(async () => {
  solver = await Solver.start()
  wide = await decided(la64)
  reduced = await decided(la32r)
}, long)
afterAll(() => solver.close())

let asked: Isa | undefined
/** The solver for one architecture: registers of the other have the same names and other widths. */
const about = (isa: Isa): { readonly solve: Solver } => {
  if (asked !== undefined && asked !== isa) solver.forget()
  asked = isa
  return { solve: solver }
}
const decided = (isa: Isa, options: ClassifyOptions = {}): Promise<Classification> => classify(isa, about(isa), options)
const having = (c: Classification, property: PropertyName): string[] => c.instructions.filter((i) => i[property] === 'yes').map((i) => i.name)
const the = (c: Classification, name: string) => c.instructions.find((i) => i.name === name)!

const exchanges = ['r16-r31', 'r8-r15', 'r4-r7', 'r2-r3'].map((r) => `CSRXCHG ${r}`)
const ioCsrs = ['B', 'H', 'W', 'D'].flatMap((w) => [`IOCSRRD.${w}`, `IOCSRWR.${w}`])
const time = ['RDTIMEL.W', 'RDTIMEH.W', 'RDTIME.D']
const invalidations = ['0-3', '4-5', '6'].map((n) => `INVTLB ${n}`)

describe('LoongArch, 64-bit', () => {
  it('meets the premises of all three theorems', () => {
    expect(having(wide, 'critical')).toEqual([])
    expect(wide.theorems).toEqual({ vmm: 'yes', recursive: 'yes', hybrid: 'yes' })
  })
  it('refuses these below PLV0, and the time', () => {
    expect(having(wide, 'privileged')).toEqual([
      ...time, 'CSRRD', 'CSRWR', ...exchanges, ...ioCsrs, 'CACOP StoreTag', 'CACOP Index Invalidate', 'CACOP Hit Invalidate',
      'TLBSRCH', 'TLBRD', 'TLBWR', 'TLBFILL', 'TLBCLR', 'TLBFLUSH', ...invalidations, 'LDDIR', 'LDPTE', 'ERTN', 'IDLE',
    ])
    expect(having(wide, 'alwaysTraps')).toEqual(['SYSCALL', 'BREAK', 'DBCL'])
  })
  /** One of each kind: an address is a result, a target or where data is. */
  const addresses = ['PCADDI', 'BLTU', 'JIRL', 'BL', 'LD.W', 'ST.D']
  it.each([['MISC.DRDTL3 = 1', time], ['MISC.RPCNTL3 = 0', ['CSRRD']], ['MISC.VA32L3 = 0', addresses]])('without %s some are critical, with a witness', async (conjunct, critical) => {
    const c = await decided(la64, { without: [conjunct], instructions: [...critical, 'ADD.D', 'IOCSRRD.W', 'SYSCALL'] })
    expect(having(c, 'critical').sort()).toEqual([...critical].sort())
    for (const n of critical) expect(the(c, n).witness).toBeDefined()
  }, long)
  it('every conjunct is in one of these cases', () => {
    for (const d of la64.deprivilegings) expect(d.invariant.map((x) => x.name)).toEqual(['MISC.DRDTL3 = 1', 'MISC.RPCNTL3 = 0', 'MISC.VA32L3 = 0'])
  })
  it('has CPUCFG critical, for a hybrid monitor too, where the virtual processor is another one than the real (W14)', async () => {
    const c = await decided(la64, { deprivileging: la64.deprivilegings[1]!.name, instructions: ['CPUCFG', 'ADD.D'] })
    expect(having(c, 'critical')).toEqual(['CPUCFG'])
    expect(c.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'no' })
  })
  /**
   * Two claims are not agreed with. DBCL is on the manual's list of privileged instructions: it is a trap in either
   * mode, to the debugger at PLV0. CPUCFG enters KVM because KVM shows its guests other processors than the real (W14).
   */
  it('agrees with the manual on every instruction but DBCL, and with KVM on all but CPUCFG', () => {
    expect(judge(wide).filter((j) => j.opinion !== 'agrees').map((j) => j.published.claim.split(' ')[0])).toEqual(['DBCL', 'CPUCFG'])
  })
})

describe('LoongArch, 32-bit reduced edition', () => {
  const counters = ['RDCNTID.W', ...['r16-r31', 'r8-r15', 'r4-r7', 'r2-r3', 'r1'].map((r) => `RDCNTVL.W ${r}`), 'RDCNTVH.W']
  it('has no register to keep PLV3 from the time, and so no theorem applies', () => {
    expect(having(reduced, 'critical')).toEqual(counters)
    expect(reduced.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'no' })
  })
  it('refuses the rest', () => {
    expect(having(reduced, 'privileged')).toEqual([
      'CSRRD', 'CSRWR', ...exchanges, 'CACOP StoreTag', 'CACOP Index Invalidate', 'TLBSRCH', 'TLBRD', 'TLBWR', 'TLBFILL', ...invalidations, 'ERTN', 'IDLE',
    ])
    expect(judge(reduced).map((j) => j.opinion)).toEqual(['agrees', 'agrees', 'agrees'])
  })
})

describe('both', () => {
  it('leave nothing undecided', () => {
    for (const c of [wide, reduced]) for (const i of c.instructions) for (const d of i.decisions) expect(d.verdict, `${i.name} ${d.property}`).not.toBe('undecided')
  })
  it('relocate one-one', async () => {
    for (const isa of [{ ...la64, deprivilegings: [la64.deprivilegings[0]] as const }, la32r]) for (const d of await relocationLemmas(isa, about(isa))) expect(d.verdict, d.property).toBe('yes')
  })
  it('decide the joint definition as the union', async () => {
    const c = await decided(la64, { joint: true, instructions: ['RDTIME.D', 'CSRRD', 'LD.W', 'ST.W', 'BL', 'ERTN', 'CPUCFG', 'TLBRD', 'IDLE', 'SC.W', 'IOCSRRD.D'] })
    for (const i of c.instructions) expect(the(wide, i.name).critical).toBe(i.critical)
  }, long)
})
