// The verdicts on the 68000, the 68010 and the 68020: MOVE from SR is critical, and its repair is what the 68010 did.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { m68k, moveFromSr } from '../../model/isa/m68k/isa.ts'
import { models, type Model } from '../../model/isa/m68k/state.ts'
import { defineIsa, type Isa } from '../../model/machine/isa.ts'
import { Solver } from '../decide/solve.ts'
import { classify, type Classification, type ClassifyOptions, type PropertyName } from '../classify.ts'
import { judge } from '../claims.ts'
import { relocationLemmas } from '../lemmas.ts'

let solver: Solver
const classified = new Map<Model, Classification>()
beforeAll(async () => {
  solver = await Solver.start()
  for (const model of models) classified.set(model, await bySolver(isas[model], { joint: true }))
}, 120_000)
afterAll(() => solver.close())

const isas = Object.fromEntries(models.map((m) => [m, m68k(m)])) as Record<Model, Isa>
const bySolver = (isa: Isa, options: ClassifyOptions = {}): Promise<Classification> => classify(isa, { solve: solver }, options)
const having = (c: Classification, property: PropertyName): string[] => c.instructions.filter((i) => i[property] === 'yes').map((i) => i.name)
const the = (c: Classification, name: string) => c.instructions.find((i) => i.name === name)!
const undecided = (c: Classification): string[] =>
  c.instructions.flatMap((i) => i.decisions.filter((d) => d.verdict === 'undecided').map((d) => `${i.name} ${d.property}`))
const kept = 'supervisor to user, system byte kept'

/** Names without their addressing modes and control registers. */
const groups = (names: readonly string[]): string[] => [...new Set(names.map((n) =>
  /^MOVE .*,SR$/.test(n) ? 'MOVE to SR' : n.startsWith('MOVE SR,') ? 'MOVE from SR' : /USP/.test(n) && n.startsWith('MOVE ') ? 'MOVE USP'
    : n.endsWith(',SR') ? `${n.split(' ')[0]!} to SR` : n.split(/[ .]/)[0]!))].sort()

describe('the 68000', () => {
  let c: Classification
  beforeAll(() => { c = classified.get('68000')! })

  it('has MOVE from SR as its only critical instruction, in all eight addressing modes', () => {
    expect(having(c, 'critical')).toEqual(moveFromSr)
    expect(having(c, 'critical')).toHaveLength(8)
    expect(c.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'no' })
    expect(undecided(c)).toEqual([])
  })
  it('shows the mode and the interrupt mask by it, and no address', () => {
    expect(the(c, 'MOVE SR,Dn')).toMatchObject({
      privileged: 'no', controlSensitive: 'no', modeSensitive: 'yes', locationSensitive: 'no', controlStateSensitive: 'yes', userSensitive: 'yes',
    })
  })
  it('has the privileged instructions of its manual', () => {
    expect(groups(having(c, 'privileged'))).toEqual(['ANDI to SR', 'EORI to SR', 'MOVE USP', 'MOVE to SR', 'ORI to SR', 'RESET', 'RTE', 'STOP'])
  })
  it('always traps where it may not stop in user mode, and by the instructions that are there to trap', () => {
    expect(having(c, 'alwaysTraps')).toEqual(['STOP #<data> (S = 0)', 'TRAP #<vector>', 'ILLEGAL', 'BKPT #<data>', 'line A', 'line F'])
  })
  it('carries a hybrid VMM where the real mask and trace bit are the virtual ones: MOVE from SR then shows users nothing', async () => {
    const shared = await bySolver(isas[68000], { deprivileging: kept, joint: true })
    expect(shared.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'yes' })
    expect(having(shared, 'critical')).toEqual(moveFromSr)
    expect(undecided(shared)).toEqual([])
  })
})

describe.each(['68010', '68020'] as const)('the %s', (model) => {
  let c: Classification
  beforeAll(() => { c = classified.get(model)! })

  it('has no critical instruction', () => {
    expect(having(c, 'critical')).toEqual([])
    expect(c.theorems).toEqual({ vmm: 'yes', recursive: 'yes', hybrid: 'yes' })
    expect(undecided(c)).toEqual([])
  })
  it('has the privileged instructions of its manual', () => {
    expect(groups(having(c, 'privileged'))).toEqual(
      ['ANDI to SR', 'EORI to SR', 'MOVE USP', 'MOVE from SR', 'MOVE to SR', 'MOVEC', 'MOVES', 'ORI to SR', 'RESET', 'RTE', 'STOP'])
  })
  it('leaves its users the condition codes: MOVE from CCR is innocuous', () => {
    expect(the(c, 'MOVE CCR,Dn')).toMatchObject({ innocuous: 'yes', privileged: 'no' })
  })
  // Beyond the published lists: the format check of RTE makes it trap in supervisor mode too, for a reason that the
  // paper's definition of privileged does not foresee. Every RTE of a guest traps, so a VMM loses nothing by it.
  it('has RTE critical by the letter, because a frame of unknown format traps in both modes', async () => {
    const literally = defineIsa({ ...isas[model], unmodelledCauses: ['unmodelled'] })
    const rte = the(await bySolver(literally, { instructions: ['RTE'] }), 'RTE')
    expect(rte).toMatchObject({ privileged: 'no', critical: 'yes', userCritical: 'no' })
    expect(rte.decisions.find((d) => d.property === 'privileged')!.witness!.states.map((s) => s.trap)).toEqual(['format error', 'privilege violation'])
    expect(the(c, 'RTE')).toMatchObject({ privileged: 'yes', critical: 'no' })
  })
})

describe('the assumption about the 68020', () => {
  // Beyond the published lists: modules with access levels, which the 68020 alone has.
  it('is needed: where hardware grants access levels, CALLM and RTM change them without a trap, from user mode too', async () => {
    const modules = isas[68020].instructions.map((i) => i.name).filter((n) => /^(CALLM|RTM)/.test(n))
    const without = await bySolver(defineIsa({ ...isas[68020], assumptions: [] }), { instructions: modules })
    expect(having(without, 'critical')).toEqual(modules)
    expect(without.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'no' })
    const change = the(without, 'RTM Rn').decisions.find((d) => d.property === 'controlSensitive in user mode')!.witness!
    expect(change.states[0]!.before['access control']).toBe('0x1')
    expect(Object.keys(change.states[0]!.changes)).toContain('CAL')
    expect(having(classified.get('68020')!, 'alwaysTraps')).toEqual(expect.arrayContaining(modules))
  })
})

describe('the repair', () => {
  it('is what the 68010 did: among common instructions, MOVE from SR became privileged and nothing else changed', () => {
    const [before, after] = [classified.get('68000')!, classified.get('68010')!]
    const changed = before.instructions.filter((i) => {
      const now = after.instructions.find((x) => x.name === i.name)!
      return now.privileged !== i.privileged || now.alwaysTraps !== i.alwaysTraps
    })
    expect(changed.map((i) => i.name)).toEqual(moveFromSr)
    expect(before.instructions.every((i) => after.instructions.some((x) => x.name === i.name))).toBe(true)
  })
})

describe('published claims and lemmas', () => {
  it.each(models)('all that is published about the %s is found', (model) => {
    for (const j of judge(classified.get(model)!)) expect(j.opinion, `${j.published.claim}: ${j.found}`).toBe('agrees')
  })
  it('relocation has an inverse in both modes', async () => {
    for (const d of await relocationLemmas(isas[68000], { solve: solver })) expect(d.verdict, d.property).toBe('yes')
  })
})
