// SPARC V8's verdicts: nothing is critical, as long as the window pointer is the program's own; the LEON3 shows users one register.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leon3, sparc, sparcWith } from '../../model/isa/sparc/isa.ts'
import { defineIsa, type Isa } from '../../model/machine/isa.ts'
import { abortsAlike } from '../../model/isa/sparc/shadow-permissions.ts'
import { declareState } from '../../model/isa/sparc/state.ts'
import { judge } from '../claims.ts'
import { classify, type Classification, type ClassifyOptions, type PropertyName } from '../classify.ts'
import { decide } from '../decide/decide.ts'
import { Solver } from '../decide/solve.ts'
import { relocationLemmas } from '../lemmas.ts'
import { repairs } from '../repair.ts'

let solver: Solver
const isas = { v8: sparc(), leon3: leon3() } as const
const classified = new Map<Isa, Classification>()
const bySolver = (isa: Isa, options: ClassifyOptions = {}): Promise<Classification> => classify(isa, { solve: solver }, options)
beforeAll(async () => {
  solver = await Solver.start()
  for (const isa of Object.values(isas)) classified.set(isa, await bySolver(isa, { joint: isa === isas.v8 }))
}, 60_000)
afterAll(() => solver.close())

const having = (c: Classification, property: PropertyName): string[] => c.instructions.filter((i) => i[property] === 'yes').map((i) => i.name)
const the = (c: Classification, name: string) => c.instructions.find((i) => i.name === name)!
const refused = ['LDA', 'LDUBA', 'LDDA', 'STA', 'STBA', 'STDA', 'LDSTUBA', 'SWAPA', 'RDPSR', 'RDWIM', 'RDTBR', 'WRPSR', 'WRWIM', 'WRTBR', 'RETT']

describe.each([
  { name: 'v8', critical: [], more: [], absent: [] },
  { name: 'leon3', critical: ['RDASR %asr17'], more: ['WRASR %asr17'], absent: ['CPop1', 'CPop2'] },
] as const)('$name', ({ name, critical, more, absent }) => {
  const isa = isas[name]
  let c: Classification
  beforeAll(() => { c = classified.get(isa)! })

  it(`has ${critical.length === 0 ? 'no critical instruction' : `${critical} as its only critical instruction`}`, () => {
    const applies = critical.length === 0 ? 'yes' : 'no'
    expect(having(c, 'critical')).toEqual(critical)
    expect(c.theorems).toEqual({ vmm: applies, recursive: applies, hybrid: applies })
  })
  it('refuses users the state registers, the alternate spaces and the return from traps', () => {
    expect(having(c, 'privileged')).toEqual([...refused, ...more])
    expect(having(c, 'alwaysTraps')).toEqual(['STDFQ', ...absent, 'UNIMP'])
  })
  it('leaves nothing undecided, and its relocation has an inverse', async () => {
    for (const i of c.instructions) for (const d of i.decisions) expect(d.verdict, `${i.name} ${d.property}`).not.toBe('undecided')
    for (const d of await relocationLemmas(isa, { solve: solver })) expect(d.verdict, d.property).toBe('yes')
  })
  it('SAVE and RESTORE are innocuous, whatever bits the real WIM has more', () => {
    for (const n of ['SAVE', 'RESTORE']) expect(the(c, n)).toMatchObject({ innocuous: 'yes', privileged: 'no' })
  })
  it('agrees or disagrees with what is published by its critical instructions alone', () => {
    const [vmm, ...privileged] = judge(c).map((j) => j.opinion)
    expect(vmm).toBe(critical.length === 0 ? 'agrees' : 'disagrees')
    expect(new Set(privileged)).toEqual(new Set(['agrees']))
  })
})

/*
 * PSR holds the window pointer, which SAVE and RESTORE change in every mode without a trap. Where a VMM keeps it for itself, as it
 * keeps the rest of PSR, they are control sensitive, every instruction finds its registers by it, and nothing is left of the claim.
 */
describe('the window pointer', () => {
  it('must be the guest\'s own: as a resource it makes SAVE and RESTORE critical, and all that use a windowed register', async () => {
    const kept = await bySolver(sparcWith({ processor: 'v8', windowPointer: 'resource' }), { instructions: ['SAVE', 'RESTORE', 'ADD', 'LD', 'CALL', 'SETHI', 'WRPSR', 'STBAR', 'Bicc'] })
    expect(having(kept, 'critical')).toEqual(['ADD', 'SETHI', 'SAVE', 'RESTORE', 'LD', 'CALL'])
    expect(the(kept, 'SAVE')).toMatchObject({ controlSensitive: 'yes', privileged: 'no', critical: 'yes' })
    expect(the(kept, 'ADD')).toMatchObject({ controlSensitive: 'no', controlStateSensitive: 'yes', critical: 'yes' })
    expect(kept.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'no' })
    expect(the(kept, 'SAVE').witness).toBeDefined()
  })
})

/*
 * Beyond what is published: RETT with traps enabled or to an invalid window, and WRPSR with a window that is not there, trap in
 * supervisor mode too, for reasons that the paper's definition of privileged does not foresee (as RTE of the 68010).
 */
describe('by the letter', () => {
  it('RETT and WRPSR are critical, because a supervisor can meet a trap of its own there', async () => {
    const literally = await bySolver(defineIsa({ ...isas.v8, unmodelledCauses: [] }), { instructions: refused })
    expect(having(literally, 'critical')).toEqual(['WRPSR', 'RETT'])
    const traps = (n: string) => the(literally, n).decisions.find((d) => d.property === 'privileged')!.witness!.states.map((x) => x.trap)
    expect(traps('WRPSR')).toEqual(['illegal_instruction by state', 'privileged_instruction'])
    expect(traps('RETT')[1]).toBe('privileged_instruction')
    expect(literally.theorems.hybrid).toBe('yes')
  })
})

/*
 * A supervisor's CASA of user data takes the user's permissions, and users may execute it: as LDRT of ARM it is innocuous by the
 * definitions, which leave memory traps out (W15), and Lemma 1 fails for it. V8 has nothing like it: there LDA is privileged.
 */
describe('CASA of user data', () => {
  const failing = async (processor: 'v8' | 'leon3'): Promise<string[]> => {
    const isa = isas[processor], claim = abortsAlike(declareState({ processor, windowPointer: 'program' }))
    const claims = isa.instructions.filter((i) => the(classified.get(isa)!, i.name).innocuous === 'yes').map((i) => claim(isa, isa.deprivilegings[0], i))
    const decisions = await decide(claims.map((c) => ({ claim: c, small: undefined })), { solve: solver })
    return claims.filter((_, n) => decisions[n]!.verdict !== 'yes').map((c) => c.instruction.name)
  }
  it('alone faults elsewhere than on the bare machine', async () => {
    expect(the(classified.get(isas.leon3)!, 'CASA (ASI 0xA)')).toMatchObject({ innocuous: 'yes', privileged: 'no' })
    expect(await failing('leon3')).toEqual(['CASA (ASI 0xA)'])
    expect(await failing('v8')).toEqual([])
  })
})

describe('the repair', () => {
  it('of the LEON3 is a privileged read of %asr17', async () => {
    for (const repair of await repairs(classified.get(isas.leon3)!, { solve: solver }))
      expect(repair).toMatchObject({ instructions: ['RDASR %asr17'], applies: 'yes' })
  })
})
