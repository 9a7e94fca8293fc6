// System/360, its Model 67 and System/370: Theorem 1 applies, until clocks, authority bits or change bits are looked at.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { s360, s36067, s370, s370Das, system360 } from '../../model/isa/s360/isa.ts'
import type { Isa } from '../../model/machine/isa.ts'
import { classify, type Classification, type ClassifyOptions, type PropertyName } from '../classify.ts'
import { Solver } from '../decide/solve.ts'
import { relocationLemmas } from '../lemmas.ts'

let solver: Solver
beforeAll(async () => { solver = await Solver.start() })
afterAll(() => solver.close())

const classified = (isa: Isa, options: ClassifyOptions = {}): Promise<Classification> => classify(isa, { solve: solver }, options)
const having = (c: Classification, property: PropertyName | 'userCritical'): string[] =>
  c.instructions.filter((i) => i[property] === 'yes').map((i) => i.name).sort()
const undecided = (c: Classification): string[] =>
  c.instructions.flatMap((i) => i.decisions.filter((d) => d.verdict === 'undecided').map((d) => `${i.name} ${d.property}`))

const statusSwitching = ['SSM', 'LPSW', 'SSK', 'ISK', 'DIAGNOSE', 'WRD', 'RDD']
const allTheorems = { vmm: 'yes', recursive: 'yes', hybrid: 'yes' }

describe('System/360', () => {
  it.each([
    ['s360', s360, [...statusSwitching, 'SIO', 'TIO', 'HIO', 'TCH']],
    ['s360/67', s36067, [...statusSwitching, 'SIO', 'TIO', 'HIO', 'TCH', 'LRA', 'LMC', 'STMC']],
  ] as const)('%s meets Theorem 1 and has exactly the privileged instructions of its manual', async (_, isa, privileged) => {
    const c = await classified(isa, { joint: true })
    expect(c.theorems).toEqual(allTheorems)
    expect(having(c, 'critical')).toEqual([])
    expect(having(c, 'privileged')).toEqual([...privileged].sort())
    expect(having(c, 'alwaysTraps')).toEqual(['SVC'])
    expect(undecided(c)).toEqual([])
  })

  it('LRA is location sensitive, as the paper says; BAL and BALR show no state of the machine, SPM sets none', async () => {
    const c = await classified(s36067, { instructions: ['LRA', 'BAL', 'BALR', 'SPM', 'BAS', 'BASR', 'EX'] })
    expect(having(c, 'locationSensitive')).toEqual(['LRA'])
    expect(having(c, 'innocuous')).toEqual(['BAL', 'BALR', 'BAS', 'BASR', 'EX', 'SPM'])
  })

  // Not in any published list: the A bit of the PSW selects the codes of decimal results in the problem state too. A VMM
  // must load the guest's own bit; one that keeps it off makes the decimal instructions critical.
  it('decimal instructions are critical where the VMM withholds the ASCII bit', async () => {
    const c = await classified(s360, { deprivileging: 'supervisor to problem state, own ASCII bit', joint: true })
    expect(having(c, 'critical')).toEqual(['UNPK'])
    expect(c.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'no' })
  })

  // By the letter: the word of an EX fits a state in which its subject is privileged and one in which it is not.
  it('EX is critical where it is classified apart from its subject, though each subject is privileged or innocuous', async () => {
    const c = await classified(system360({ privilegedSubjects: true }), { instructions: ['EX', 'SSK', 'LR'] })
    expect(having(c, 'critical')).toEqual(['EX'])
    expect(having(c, 'userCritical')).toEqual([])
  })
})

describe('System/370', () => {
  const added = [
    'SIOF', 'CLRIO', 'HDV', 'CLRCH', 'CONCS', 'DISCS', 'STNSM', 'STOSM', 'SIGP', 'LRA', 'STCTL', 'LCTL', 'STIDP', 'STIDC', 'SCK', 'SCKC',
    'STCKC', 'SPT', 'STPT', 'PTLB', 'SPX', 'STPX', 'STAP', 'RRB', 'IPTE', 'ISKE', 'RRBE', 'SSKE', 'TB', 'TPROT',
  ]
  const all = [...statusSwitching, 'SIO', 'TIO', 'HIO', 'TCH', ...added]

  it('meets Theorem 1; of the B2xx group all but STCK is privileged', async () => {
    const c = await classified(s370, { joint: true })
    expect(c.theorems).toEqual(allTheorems)
    expect(having(c, 'privileged')).toEqual([...all, 'SPKA', 'IPK'].sort())
    expect(having(c, 'alwaysTraps')).toEqual(['SVC'])
    expect(undecided(c)).toEqual([])
    // MC interrupts or not by CR8 and does nothing else: runs that trap are outside the definitions (W4), so they call it
    // innocuous, and yet a VMM must keep the guest's own monitor masks in the real CR8.
    expect(having(c, 'innocuous')).toContain('MC')
  })

  it('SSM is privileged only under H: with SSM suppression it traps in the supervisor state too', async () => {
    const c = await classified(s370, { without: ['SSM suppression = 0'], instructions: ['SSM', 'STOSM'] })
    expect(having(c, 'privileged')).toEqual(['STOSM'])
    expect(having(c, 'critical')).toEqual(['SSM'])
    const ssm = c.instructions.find((i) => i.name === 'SSM')!.decisions.find((d) => d.property === 'privileged')!
    expect(ssm.witness!.states.map((s) => s.trap)).toEqual(['special-operation', 'privileged-operation'])
  })

  // Beyond the published list, which has no critical instruction: VM/370 lets guests read the real clock and not set it.
  it('STCK is critical, in user mode too, as soon as a guest\'s clock is its own', async () => {
    const c = await classified(s370, { deprivileging: 'supervisor to problem state, own clock', joint: true })
    expect(having(c, 'critical')).toEqual(['STCK'])
    expect(having(c, 'userCritical')).toEqual(['STCK'])
    expect(undecided(c)).toEqual([])
  })

  // The argument by which every store of a VAX is called sensitive holds here: storage keys are the machine's.
  it('every store is critical where its change bit counts as control state', async () => {
    const c = await classified(system360({ model: 's370', recording: true }))
    expect(having(c, 'critical')).toEqual(['CS', 'MVC', 'MVI', 'ST', 'STC', 'STCK', 'STH', 'STM', 'TR', 'TS', 'UNPK'])
    expect(having(c, 'userCritical')).toEqual(having(c, 'critical'))
  })

  describe('with the dual-address-space facility', () => {
    /** What traps in both states where the authority bits are 0, so is not privileged by the letter, nor ever executed by a guest. */
    const refused = ['LASP', 'MVCP', 'MVCS', 'PC', 'PT', 'SAC', 'SSAR']
    const semiprivileged = ['EPAR', 'ESAR', 'IAC', 'IPK', 'IVSK', 'MVCK', 'SPKA']

    it('the authority bits make seven instructions privileged and seven always trap', async () => {
      const c = await classified(s370Das, { joint: true })
      expect(having(c, 'privileged')).toEqual([...all, ...semiprivileged].sort())
      expect(having(c, 'alwaysTraps')).toEqual([...refused, 'SVC'])
      expect(having(c, 'critical')).toEqual(refused)
      expect(c.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'yes' })
      // Critical by the letter only: what the proof of Theorem 1 uses holds.
      expect([having(c, 'untrapped'), c.sensitiveTraps]).toEqual([[], 'yes'])
      expect(undecided(c)).toEqual([])
    })

    it.each<[string, { notPrivileged?: string[]; userCritical?: string[] }]>([
      ['SSM suppression = 0', { notPrivileged: ['SSM'] }],
      ['DAT on', { notPrivileged: ['EPAR', 'ESAR', 'IAC', 'IVSK'] }],
      ['extraction authority = 0', {
        notPrivileged: ['EPAR', 'ESAR', 'IAC', 'IPK', 'IVSK'], userCritical: ['EPAR', 'ESAR', 'IAC', 'IPK', 'IVSK'],
      }],
      ['PSW-key mask = 0', { notPrivileged: ['MVCK', 'SPKA'], userCritical: ['SPKA'] }],
      ['secondary space = 0', { userCritical: ['SAC'] }],
      ['subsystem linkage = 0', { userCritical: ['PT'] }],
      ['ASN translation = 0', { userCritical: ['SSAR'] }],
    ])('without %s', async (conjunct, { notPrivileged = [], userCritical = [] }) => {
      const instructions = ['SSM', ...semiprivileged, ...refused]
      const c = await classified(s370Das, { without: [conjunct], instructions })
      const expected = ['SSM', ...semiprivileged].filter((n) => !notPrivileged.includes(n)).sort()
      expect(having(c, 'privileged')).toEqual(expected)
      expect(having(c, 'userCritical')).toEqual(userCritical)
    })
  })
})

it.each([s360, s36067, s370, s370Das])('relocation of $name has an inverse in both states', async (isa) => {
  for (const d of await relocationLemmas(isa, { solve: solver })) expect(d.verdict, d.property).toBe('yes')
})
