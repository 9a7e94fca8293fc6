// RISC-V's verdicts: Theorem 1's premise holds from S to U and from M to U under H, not from M to S; which extension keeps it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { riscv } from '../../model/isa/riscv/isa.ts'
import { oneMapping } from '../../model/isa/riscv/one-mapping.ts'
import { defaults } from '../../model/isa/riscv/parameters.ts'
import { declareState } from '../../model/isa/riscv/state.ts'
import { get } from '../../model/ir/state.ts'
import { constant, eq, True } from '../../model/ir/term.ts'
import { intended } from '../../model/claims/claim.ts'
import { judge } from '../claims.ts'
import { classify, type Classification, type ClassifyOptions, type PropertyName } from '../classify.ts'
import { decide } from '../decide/decide.ts'
import { Solver } from '../decide/solve.ts'
import { relocationLemmas } from '../lemmas.ts'

let solver: Solver
beforeAll(async () => { solver = await Solver.start() })
afterAll(() => solver.close())

const having = (c: Classification, property: PropertyName | 'userCritical'): string[] => c.instructions.filter((i) => i[property] === 'yes').map((i) => i.name)
const the = (c: Classification, name: string) => c.instructions.find((i) => i.name === name)!
const isas = new Map<string, ReturnType<typeof riscv>>()
const isaOf = (name: string): ReturnType<typeof riscv> => {
  // Small cache blocks: the verdicts are those of 64 bytes, sooner.
  const isa = isas.get(name) ?? riscv(name, { cacheBlock: 8, zeroBlock: 8 })
  isas.set(name, isa)
  return isa
}
const some = (name: string, instructions: readonly string[], options: ClassifyOptions = {}): Promise<Classification> =>
  classify(isaOf(name), { solve: solver }, { ...options, instructions })

/** Instructions that differ from another one in what they compute or in how many bytes they access. */
const alike = /^(AMO(?!SWAP\.W|MAXU\.D)|(X?OR|AND|SUB|S[LR][LA]|SLT|MUL|DIV|REM)|L[BHW]U|LH|S[HB]$|[LS]R?[LC]?\.D|C\.(S[WD]|LD|BEQZ)|B(NE|LT|GE)|FSGNJ[NX]|F[LS]W|CSRR(C|WI|SI|CI) )/

describe('riscv64, S to U', () => {
  let c: Classification
  beforeAll(async () => { c = await some('riscv64', isaOf('riscv64').instructions.map((i) => i.name).filter((name) => !alike.test(name))) }, 60_000)

  it('has no critical instruction: the premises of all three theorems hold, as published', () => {
    expect(having(c, 'critical')).toEqual([])
    expect(c.theorems).toEqual({ vmm: 'yes', recursive: 'yes', hybrid: 'yes' })
    expect(judge(c).map((j) => j.opinion)).toEqual(['agrees', 'agrees', 'agrees', 'agrees', 'agrees'])
  })
  it('is sensitive in what it refuses to U-mode, and in nothing else', () => {
    const sensitive = c.instructions.filter((i) => i.innocuous !== 'yes').map((i) => i.name)
    expect(sensitive).toEqual(['CSRRS counter', 'CSRRW supervisor', 'CSRRS supervisor', 'SRET', 'WFI'])
    expect(having(c, 'privileged')).toEqual(['SRET', 'SFENCE.VMA', 'WFI'])
  })
  it('leaves nothing undecided, and its relocation has an inverse in every deprivileging', async () => {
    for (const i of c.instructions) for (const d of i.decisions) expect(d.verdict, `${i.name} ${d.property}`).not.toBe('undecided')
    for (const d of await relocationLemmas(c.isa, { solve: solver })) expect(d.verdict).toBe('yes')
  })
})

const telling = ['LW', 'CSRRS counter', 'CSRRW supervisor', 'SRET', 'MRET', 'SFENCE.VMA', 'WFI']

describe('other deprivilegings, and RV32', () => {
  it.each([['riscv64', 'M to U'], ['riscv32', 'S to U']] as const)('%s, %s: none of these is critical, nor jointly', async (name, deprivileging) => {
    const c = await some(name, telling, { deprivileging, joint: true })
    expect(c.theorems).toEqual({ vmm: 'yes', recursive: 'yes', hybrid: 'yes' })
    expect(having(c, 'privileged')).toEqual(deprivileging === 'M to U' ? ['SRET', 'SFENCE.VMA', 'MRET', 'WFI'] : ['SRET', 'SFENCE.VMA', 'WFI'])
  })
  it('riscv64, M to S: firmware reads and writes the CSRs of S-mode, which are the VMM\'s', async () => {
    const c = await some('riscv64', ['LW', 'CSRRW supervisor', 'SRET'], { deprivileging: 'M to S' })
    expect(having(c, 'critical')).toEqual(['CSRRW supervisor'])
    expect(having(c, 'userCritical')).toEqual(['CSRRW supervisor'])
  })
  it('needs one mapping for fetches and loads: S-mode has it, M-mode only without MPRV', async () => {
    const isa = isaOf('riscv64')
    const noMPRV = eq(get(declareState({ ...defaults, xlen: 64 }).fields['mstatus.MPRV']!), constant<number>(1, 0))
    const claims = ([['S to U', True], ['M to U', True], ['M to U', noMPRV]] as const).map(([name, where]) => oneMapping(isa, isa.deprivilegings.find((d) => d.name === name)!, where))
    const decisions = await decide(claims.map((claim) => ({ claim, small: undefined })), { solve: solver })
    expect(decisions.map((d) => d.verdict)).toEqual(['yes', 'no', 'yes'])
  })
})

/*
 * What each conjunct of H protects: the instructions that are critical without it and not with it. The counters' mcounteren,
 * TVM, TSR, TW and the menvcfg, mseccfg bits that let S-mode use a thing are needed by the letter only: without them the
 * instruction traps in S-mode too, which no VMM minds, but which the definition does not call privileged.
 */
const conjuncts: readonly (readonly [isa: string, deprivileging: string, conjunct: string, which: 'critical' | 'userCritical', protectedBy: readonly string[]])[] = [
  ['riscv64', 'S to U', 'scounteren = 0', 'userCritical', ['CSRRS counter']],
  ['riscv64', 'S to U', 'mcounteren = all ones', 'critical', ['CSRRS counter']],
  ['riscv64', 'S to U', 'mstatus.TVM = 0', 'critical', ['CSRRS supervisor']],
  ['riscv64', 'S to U', 'mstatus.TSR = 0', 'critical', ['SRET']],
  ['riscv64', 'S to U', 'mstatus.TW = 0', 'critical', ['WFI']],
  ['riscv64', 'S to U', 'WFI traps', 'critical', ['WFI']],
  ['riscv64', 'M to U', 'mcounteren & scounteren = 0', 'userCritical', ['CSRRS counter']],
  ['riscv64', 'M to U', 'WFI traps', 'critical', ['WFI']],
  ['riscv64', 'M to S', 'mcounteren = 0', 'userCritical', ['CSRRS counter']],
  ['riscv64', 'M to S', 'mstatus.TSR = 1', 'userCritical', ['SRET']],
  ['riscv64', 'M to S', 'mstatus.TW = 1', 'userCritical', ['WFI']],
  ['riscv64', 'M to S', 'WFI traps', 'critical', ['WFI']],
  ['riscv64/fs-tracked', 'S to U', 'FS = Off or Dirty', 'userCritical', ['FSGNJ.D']],
  ['riscv64/fs-tracked', 'M to U', 'FS = Off or Dirty', 'userCritical', ['FSGNJ.D']],
  ['riscv64/svadu', 'M to U', 'menvcfg.ADUE = 0', 'userCritical', ['LB']],
  ['riscv64/svadu', 'S to U', 'menvcfg.ADUE = 0', 'userCritical', ['LB']],
  ['riscv64/zicbo', 'S to U', 'senvcfg.CBIE = 0', 'userCritical', ['CBO.INVAL']],
  ['riscv64/zicbo', 'S to U', 'menvcfg.CBIE<0> = 1', 'critical', ['CBO.INVAL']],
  ['riscv64/zicbo', 'M to U', 'menvcfg.CBIE = 0 or senvcfg.CBIE = 0', 'userCritical', ['CBO.INVAL']],
  ['riscv64/zawrs', 'S to U', 'mstatus.TW = 1', 'userCritical', ['WRS.NTO']],
  ['riscv64/zawrs', 'M to U', 'mstatus.TW = 1', 'userCritical', ['WRS.NTO']],
  ['riscv64/zkr', 'S to U', 'mseccfg.USEED = 0', 'userCritical', ['CSRRW unprivileged']],
  ['riscv64/zkr', 'S to U', 'mseccfg.SSEED = 1', 'critical', ['CSRRW unprivileged']],
  ['riscv64/zkr', 'M to U', 'mseccfg.USEED = 0', 'userCritical', ['CSRRW unprivileged']],
  ['riscv64/sstc', 'S to U', 'menvcfg.STCE = 1', 'critical', ['CSRRS supervisor']],
  ['riscv64/zicfiss', 'S to U', 'senvcfg.SSE = menvcfg.SSE', 'critical', ['SSPUSH x1', 'SSRDP']],
  ['riscv64/zicfiss', 'M to U', 'menvcfg.SSE = 0 or senvcfg.SSE = 0', 'critical', ['SSRDP']],
  ['riscv64/bi-endian', 'S to U', 'UBE = SBE', 'critical', ['LH']],
]

describe('H', () => {
  const under = new Map<string, Promise<Classification>>()
  /** Everything that a conjunct protects, under the whole H. */
  const underH = (name: string, deprivileging: string): Promise<Classification> => {
    const names = [...new Set(conjuncts.flatMap(([n, d, , , protectedBy]) => (n === name && d === deprivileging ? protectedBy : [])))]
    const known = under.get(`${name}, ${deprivileging}`) ?? some(name, names, { deprivileging })
    under.set(`${name}, ${deprivileging}`, known)
    return known
  }
  it.each(conjuncts)('%s, %s, without %s: what it protects is %s, with a witness', async (name, deprivileging, conjunct, which, protectedBy) => {
    const c = await some(name, protectedBy, { deprivileging, without: [conjunct] })
    expect(having(c, which)).toEqual(protectedBy)
    for (const n of protectedBy) expect(the(c, n).witness).toBeDefined()
    const whole = await underH(name, deprivileging)
    expect(having(whole, which).filter((n) => protectedBy.includes(n))).toEqual([])
  })
  it('riscv64/bi-endian, M to U, without UBE = MBE: loads depend on the mode; with it they still depend on MPRV, which lends M-mode another byte order', async () => {
    const LH = async (without: readonly string[]) => the(await some('riscv64/bi-endian', ['LH'], { deprivileging: 'M to U', without }), 'LH')
    const [whole, less] = [await LH([]), await LH(['UBE = MBE'])]
    expect([whole.modeSensitive, less.modeSensitive]).toEqual(['no', 'yes'])
    expect([whole.locationSensitive, whole.critical, whole.userCritical]).toEqual(['yes', 'yes', 'no'])
  })
  it('has no other conjunct', () => {
    for (const [name, isa] of isas)
      for (const d of isa.deprivilegings)
        if (d.name !== 'M to S' || name === 'riscv64') for (const c of d.invariant)
          expect(conjuncts.some(([n, from, conjunct]) => (n === name || n === 'riscv64') && from === d.name && conjunct === c.name) || c.name === 'UBE = MBE', `${name}, ${d.name}: ${c.name}`).toBe(true)
  })
})

describe('what an extension or a choice of the implementation changes, under H', () => {
  const floating = ['FSGNJ.D', 'FEQ.D', 'C.FLD']
  const loads = ['LB', 'SC.W', 'C.LW']
  const changes: readonly (readonly [isa: string, decided: readonly string[], critical: readonly string[], hybrid: 'yes' | 'no'])[] = [
    ['riscv64/fs-tracked', [...floating, 'FMV.X.D', 'CSRRSI unprivileged'], [...floating, 'CSRRSI unprivileged'], 'yes'],
    ['riscv64/svadu', [...loads, 'SRET'], loads, 'yes'],
    ['riscv64/reserved-csr', ['CSRRS unprivileged custom', 'CSRRW hypervisor', 'SRET'], ['CSRRS unprivileged custom', 'CSRRW hypervisor'], 'no'],
    ['riscv64/zicbo', ['CBO.INVAL', 'CBO.FLUSH', 'CBO.ZERO'], [], 'yes'],
    ['riscv64/zawrs', ['WRS.NTO', 'WRS.STO', 'WFI'], ['WFI', 'WRS.NTO'], 'yes'],
    ['riscv64/zkr', ['CSRRW unprivileged', 'CSRRSI unprivileged'], [], 'yes'],
    ['riscv64/sstc', ['CSRRS supervisor', 'WFI'], [], 'yes'],
    ['riscv64/zicfiss', ['SSPUSH x1', 'SSRDP', 'CSRRW unprivileged'], [], 'yes'],
    ['riscv64/bi-endian', ['LW', 'SH'], [], 'yes'],
  ]
  it.each(changes)('%s', async (name, decided, critical, hybrid) => {
    const c = await some(name, decided)
    expect(having(c, 'critical').sort()).toEqual([...critical].sort())
    expect(c.theorems).toEqual({ vmm: critical.length ? 'no' : 'yes', recursive: critical.length ? 'no' : 'yes', hybrid })
    for (const i of c.instructions) for (const d of i.decisions) expect(d.verdict, `${i.name} ${d.property}`).not.toBe('undecided')
  })
  it('Zawrs keeps both theorems where the processor is no resource', async () => {
    const c = await some('riscv64/zawrs', ['WRS.NTO', 'WRS.STO', 'WFI'], { reading: { ...intended, processorIsResource: false }, without: ['mstatus.TW = 1', 'WFI traps'] })
    expect(having(c, 'critical')).toEqual([])
  })
  const chosen = (parameters: Parameters<typeof riscv>[1], instructions: readonly string[], deprivileging = 'S to U') => classify(riscv('riscv64', parameters), { solve: solver }, { instructions, deprivileging })
  it('hardware that sets A and D without a way to forbid it makes critical what Svadu makes so with ADUE = 1', async () => {
    const instructions = ['LB', 'SC.W', 'C.LW', 'ADD', 'SRET']
    for (const deprivileging of ['S to U', 'M to U']) {
      const always = await chosen({ accessedDirty: 'hardware' }, instructions, deprivileging), svadu = await some('riscv64/svadu', instructions, { deprivileging, without: ['menvcfg.ADUE = 0'] })
      expect([having(always, 'critical'), having(always, 'userCritical')]).toEqual([['LB', 'SC.W', 'C.LW'], ['LB', 'SC.W', 'C.LW']])
      expect([having(svadu, 'critical'), having(svadu, 'userCritical')]).toEqual([having(always, 'critical'), having(always, 'userCritical')])
    }
    expect((await chosen({ accessedDirty: 'hardware' }, instructions)).theorems.hybrid).toBe('no')
  })
  it('where FS becomes Dirty with each instruction of F and D, those that only read f registers are critical too', async () => {
    const words = ['FLD', 'FSW', 'FEQ.D', 'FMV.X.D'], tracked = { dirtiness: 'tracked' } as const
    expect(having(await chosen({ ...tracked, becomesDirty: 'where changed' }, words), 'critical')).toEqual(['FLD', 'FEQ.D'])
    expect(having(await chosen({ ...tracked, becomesDirty: 'with each floating-point instruction' }, words), 'critical')).toEqual(words)
  })
  it('extensions that misa turns off are off in both machines; only M-mode turns them off', async () => {
    const alike = ['JAL', 'JALR', 'MUL', 'AMOADD.D', 'FLD', 'C.J'], writableExtensions = ['A', 'C', 'D', 'F', 'M'] as const
    for (const deprivileging of ['S to U', 'M to U']) {
      const c = await chosen({ writableExtensions }, [...alike, 'CSRRW machine', 'MRET'], deprivileging)
      expect([having(c, 'critical'), having(c, 'innocuous').filter((name) => alike.includes(name))]).toEqual([[], alike])
    }
  })
  it('more interrupts, and fewer bits of addresses, change nothing', async () => {
    const words = ['CSRRW supervisor', 'CSRRS machine', 'SRET', 'ECALL', 'LW']
    const choices = { interruptPriority: [40, 11, 3, 7, 9, 1, 5], delegableInterrupts: 1n << 40n, platformPending: 'writable', heldAddressBits: 40, mtvec: 0x8000_0000n } as const
    for (const deprivileging of ['S to U', 'M to U']) expect(having(await chosen(choices, words, deprivileging), 'critical')).toEqual([])
  })
  it('CBO.INVAL that S-mode cannot be given traps in S-mode and in U-mode; where it only flushes, H needs nothing of senvcfg', async () => {
    const zicbo = { extensions: ['Zicbom'], cacheBlock: 8 } as const, INVAL = async (parameters: Parameters<typeof riscv>[1]) => the(await chosen({ ...zicbo, ...parameters }, ['CBO.INVAL']), 'CBO.INVAL')
    const [whole, never, flushes] = [await INVAL({}), await INVAL({ CBIE: [] }), await INVAL({ CBIE: ['flush'] })]
    expect([whole, never, flushes].map((i) => [i.privileged, i.alwaysTraps, i.innocuous, i.critical])).toEqual([['yes', 'no', 'no', 'no'], ['no', 'yes', 'yes', 'no'], ['yes', 'no', 'yes', 'no']])
  })
  it('managing cache blocks of code makes nothing critical, nor do bits that cannot be set; without that of menvcfg it traps in both modes', async () => {
    const CLEAN = async (parameters: Parameters<typeof riscv>[1]) => the(await chosen({ extensions: ['Zicbom'], cacheBlock: 8, ...parameters }, ['CBO.CLEAN']), 'CBO.CLEAN')
    const all = [await CLEAN({}), await CLEAN({ executableBlocks: 'managed' }), await CLEAN({ cacheBlockBits: ['menvcfg.CBCFE'] }), await CLEAN({ cacheBlockBits: [] })]
    expect(all.map((i) => [i.privileged, i.alwaysTraps, i.innocuous, i.critical])).toEqual([['no', 'no', 'yes', 'no'], ['no', 'no', 'yes', 'no'], ['no', 'no', 'yes', 'no'], ['no', 'yes', 'yes', 'no']])
  })
  it('what state is when misa has extensions on again, and which go together, is M-mode\'s affair', async () => {
    const words = ['CSRRW machine', 'CSRRS machine', 'FLD', 'MUL'], writableExtensions = ['A', 'C', 'D', 'F', 'M'] as const
    for (const stateOfEnabled of ['0', 'all ones'] as const) expect(having(await chosen({ writableExtensions, jointExtensions: ['A', 'M'], stateOfEnabled }, words, 'M to U'), 'critical')).toEqual([])
  })
  it('misaligned accesses that trap change nothing', async () => {
    expect(having(await chosen({ misaligned: 'trapped' }, ['LH', 'C.SD']), 'innocuous')).toEqual(['LH', 'C.SD'])
  })
  it('without TSR and TW firmware in S-mode leaves it, and stalls, unseen: no state of H has them, so H does not ask for them', async () => {
    const words = ['SRET', 'SFENCE.VMA', 'WFI'], without = await chosen({ virtualizationBits: [] }, words, 'M to S')
    expect([having(without, 'critical'), having(await chosen({}, words, 'M to S'), 'critical')]).toEqual([['SRET', 'WFI'], []])
    expect(having(await chosen({ virtualizationBits: [] }, words), 'privileged')).toEqual(words)
  })
  it('VS is one more field of sstatus, which traps; a CSR that traps by what is written to it is not privileged by the letter, and always traps in U-mode all the same', async () => {
    const supervisor = ['CSRRW supervisor', 'CSRRS supervisor']
    expect(having(await chosen({ vectorStatus: 'writable' }, supervisor), 'critical')).toEqual([])
    const trapping = await chosen({ supervisorCauseBits: 5, unsupportedCause: 'illegal instruction' }, supervisor)
    expect([having(trapping, 'critical'), having(trapping, 'untrapped'), having(trapping, 'userCritical')]).toEqual([supervisor, [], []])
  })
  it('absent counters that trap, and absent interrupts, change nothing', async () => {
    expect(having(await chosen({ performanceCounters: 8n, absentCounters: 'traps', interrupts: 0x222n }, ['CSRRS counter', 'WFI']), 'critical')).toEqual([])
  })
  it('one byte order for all is none; U-mode that always has another one than S-mode cannot stand for it', async () => {
    expect(having(await chosen({ MBE: 'read-only 1', SBE: 'read-only 1', UBE: 'read-only 1' }, ['LH', 'SH']), 'innocuous')).toEqual(['LH', 'SH'])
    expect(having(await chosen({ UBE: 'read-only 1' }, ['LH', 'SH', 'LB']), 'critical')).toEqual(['LH', 'SH'])
    expect(having(await chosen({ MBE: 'writable', SBE: 'copy of MBE', UBE: 'copy of SBE' }, ['LH', 'SH']), 'innocuous')).toEqual(['LH', 'SH'])
    expect(having(await chosen({ SBE: 'writable', UBE: 'read-only 0' }, ['LH']), 'critical')).toEqual([])
  })
  it('writable UXL and SXL change nothing where all modes have 64 bits, which is said', async () => {
    const instructions = ['LH', 'ADDW', 'CSRRW supervisor', 'SRET'], isa = riscv('riscv64', { SXL: 'writable', UXL: 'writable' })
    const [c, usual] = [await classify(isa, { solve: solver }, { instructions }), await some('riscv64', instructions)]
    for (const property of ['innocuous', 'privileged', 'critical', 'controlSensitive'] as const) expect(having(c, property)).toEqual(having(usual, property))
    expect([isa.assumptions!.map(({ name }) => name), Object.keys(isa.leftOut)]).toEqual([expect.arrayContaining(['SXLEN = 64', 'UXLEN = 64']), expect.arrayContaining(['modes with XLEN = 32'])])
  })
})
