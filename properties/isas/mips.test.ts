// MIPS's verdicts: Theorem 1's premise holds under H, and what the unmapped segments cost is efficiency.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { r3000, r4000 } from '../../model/isa/mips/isa.ts'
import { executesDirectly, type Relinked } from '../../model/isa/mips/segments.ts'
import { declareState } from '../../model/isa/mips/state.ts'
import type { Isa } from '../../model/machine/isa.ts'
import { judge } from '../claims.ts'
import { classify, type Classification, type PropertyName } from '../classify.ts'
import { decide } from '../decide/decide.ts'
import { Solver } from '../decide/solve.ts'
import { relocationLemmas } from '../lemmas.ts'

let solver: Solver
beforeAll(async () => { solver = await Solver.start() })
afterAll(() => solver.close())

const having = (c: Classification, property: PropertyName): string[] => c.instructions.filter((i) => i[property] === 'yes').map((i) => i.name)
const the = (c: Classification, name: string) => c.instructions.find((i) => i.name === name)!

const cases = [
  { processor: 'r3000', isa: r3000, deprivileging: 'kernel to user' },
  { processor: 'r4000', isa: r4000, deprivileging: 'kernel to user' },
  { processor: 'r4000', isa: r4000, deprivileging: 'kernel to supervisor' },
] as const
const refused = {
  r3000: ['MFC0', 'MTC0', 'TLBR', 'TLBWI', 'TLBWR', 'TLBP', 'RFE'],
  r4000: ['MFC0', 'MTC0', 'TLBR', 'TLBWI', 'TLBWR', 'TLBP', 'ERET', 'CACHE'],
}
/** Loads and stores whose result depends on the byte order; words of the R3000 do not. */
const ordered = {
  r3000: ['LB', 'LH', 'LBU', 'LHU', 'SB', 'SH'],
  r4000: ['LB', 'LH', 'LW', 'LBU', 'LHU', 'SB', 'SH', 'SW', 'LWC1', 'LL', 'SC'],
}
const conjuncts = {
  'r3000, kernel to user': { 'CU0 = 0': refused.r3000, 'RE = 0': ordered.r3000 },
  'r4000, kernel to user': { 'CU0 = 0': refused.r4000, 'EXL = 0': refused.r4000, 'ERL = 0': refused.r4000, 'RE = 0': ordered.r4000 },
  'r4000, kernel to supervisor': { 'CU0 = 0': refused.r4000, 'EXL = 0': refused.r4000, 'ERL = 0': refused.r4000 },
} as const
const storage = { r3000: ['LB', 'LH', 'LW', 'LBU', 'LHU', 'SB', 'SH', 'SW', 'LWC1'], r4000: ['LB', 'LH', 'LW', 'LBU', 'LHU', 'SB', 'SH', 'SW', 'LWC1', 'LL', 'SC'] }

describe.each(cases)('$processor, $deprivileging', ({ processor, isa: make, deprivileging }) => {
  const isa: Isa = make()
  let c: Classification
  beforeAll(async () => { c = await classify(isa, { solve: solver }, { deprivileging, joint: true }) }, 60_000)

  it('has no critical instruction: the premises of all three theorems hold', () => {
    expect(having(c, 'critical')).toEqual([])
    expect(c.theorems).toEqual({ vmm: 'yes', recursive: 'yes', hybrid: 'yes' })
  })
  it('refuses exactly the instructions of coprocessor 0', () => {
    expect(having(c, 'privileged')).toEqual(refused[processor])
    expect(having(c, 'alwaysTraps')).toEqual(['SYSCALL', 'BREAK'])
  })
  it('leaves nothing undecided, and its relocation has an inverse', async () => {
    for (const i of c.instructions) for (const d of i.decisions) expect(d.verdict, `${i.name} ${d.property}`).not.toBe('undecided')
    for (const d of await relocationLemmas(isa, { solve: solver })) expect(d.verdict).toBe('yes')
  })
  it.each(Object.entries(conjuncts[`${processor}, ${deprivileging}` as keyof typeof conjuncts]))('without %s some are critical, with a witness', async (conjunct, critical) => {
    const less = await classify(isa, { solve: solver }, { deprivileging, without: [conjunct] })
    expect(having(less, 'critical')).toEqual(critical)
    for (const n of critical) expect(the(less, n).witness).toBeDefined()
  })

  /*
   * The book on Disco calls references to kseg0 and kseg1 location sensitive, and the machine therefore not virtualizable.
   * By the definitions of 1974 they are innocuous: outside kernel mode such a reference is an address error, a memory trap,
   * which the definitions leave out (W15). What is lost is the efficiency property, decided here.
   */
  it('disagrees with the book on Theorem 1 and on loads, and agrees that what is privileged traps', () => {
    expect(judge(c).map((j) => j.opinion)).toEqual(['disagrees', 'disagrees', 'agrees'])
  })
  const intervened = async (relinked: Relinked): Promise<string[]> => {
    const d = isa.deprivilegings.find((x) => x.name === deprivileging)!
    const claims = isa.instructions.map((i) => executesDirectly(declareState(processor), isa, d, i, relinked))
    const decisions = await decide(claims.map((claim) => ({ claim, small: undefined })), { solve: solver })
    return claims.filter((_, n) => decisions[n]!.verdict === 'no').map((x) => x.instruction.name)
  }
  it('executes no instruction of a kernel in kseg0 directly', async () => {
    const completing = isa.instructions.map((i) => i.name).filter((n) => the(c, n).alwaysTraps !== 'yes')
    expect(await intervened({ program: false, data: true })).toEqual(completing)
  })
  it('executes all but loads and stores directly where the program is relinked to mapped segments', async () => {
    expect((await intervened({ program: true, data: false })).sort()).toEqual([...storage[processor], ...refused[processor]].sort())
  })
  it('executes everything but the privileged directly where program and data are relinked', async () => {
    expect(await intervened({ program: true, data: true })).toEqual(refused[processor])
  })
})
