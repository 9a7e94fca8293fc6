// z/Architecture: what System/370 kept virtualizable, EXTRACT PSW gives away; and each conjunct of H.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from '../../model/isa/z/isa.ts'
import { judge } from '../claims.ts'
import { classify, type Classification, type ClassifyOptions, type PropertyName } from '../classify.ts'
import { Solver } from '../decide/solve.ts'
import { relocationLemmas } from '../lemmas.ts'

let solver: Solver
let plain: Classification
beforeAll(async () => {
  solver = await Solver.start()
  plain = await classified({})
}, 120_000)
afterAll(() => solver.close())

const classified = (options: ClassifyOptions): Promise<Classification> => classify(z, { solve: solver }, options)
const having = (c: Classification, property: PropertyName | 'userCritical'): string[] => c.instructions.filter((i) => i[property] === 'yes').map((i) => i.name).sort()

const semiprivileged = ['EPAIR', 'EPAR', 'ESAIR', 'ESAR', 'IAC', 'IPK', 'IVSK', 'MVCDK', 'MVCK', 'MVCSK', 'SPKA']
/** What traps in both states where the authority bits are 0, so is not privileged by the letter, nor ever executed by a guest. */
const refused = ['LASP', 'MVCP', 'MVCS', 'PC', 'PT', 'PTI', 'SAC', 'SACF', 'SSAIR', 'SSAR']
const privileged = [
  'CSCH', 'CSP', 'DIAG', 'HSCH', 'IDTE', 'IPTE', 'ISKE', 'LCTL', 'LCTLG', 'LPSW', 'LPSWE', 'LRA', 'LRAG', 'LURA', 'LURAG', 'MSCH', 'PALB', 'PTLB', 'RCHP', 'RRBE', 'RSCH',
  'SAL', 'SCHM', 'SCK', 'SCKC', 'SCKPF', 'SERVC', 'SIE', 'SIGP', 'SPT', 'SPX', 'SSCH', 'SSKE', 'SSM', 'STAP', 'STCKC', 'STCPS', 'STCRW', 'STCTG', 'STCTL', 'STFL', 'STIDP',
  'STNSM', 'STOSM', 'STPT', 'STPX', 'STSCH', 'STSI', 'STURA', 'STURG', 'TB', 'TPI', 'TPROT', 'TRACG', 'TSCH', 'XSCH',
]

describe('z/Architecture, supervisor to problem state', () => {
  it('does not meet the condition of Theorem 1, nor of Theorem 3', () => expect(plain.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'no' }))

  // Beyond every published list. EPSW shows the problem state, keys and masks to any program, as MOVE from SR does on the
  // 68000; STCKE shows the programmable field, ECTG the CPU timer, which only the supervisor sets and STPT shows.
  it('breaks at EPSW, STCKE and ECTG in user mode', () => {
    expect(having(plain, 'userCritical')).toEqual(['ECTG', 'EPSW', 'STCKE'])
    expect(plain.instructions.find((i) => i.name === 'EPSW')).toMatchObject({ modeSensitive: 'yes', locationSensitive: 'yes', controlStateSensitive: 'yes' })
    // One word of PTFF queries or adjusts by register 0: privileged in one state, not in another.
    expect(having(plain, 'critical')).toEqual(['ECTG', 'EPSW', ...refused, 'STCKE', 'PTFF'].sort())
  })

  it('has these privileged instructions', () => {
    expect(having(plain, 'privileged')).toEqual([...privileged, ...semiprivileged].sort())
    expect(having(plain, 'alwaysTraps')).toEqual([...refused, 'SVC'].sort())
  })

  it('leaves nothing undecided, relocates one-one, and agrees with the paper', async () => {
    expect(plain.instructions.flatMap((i) => i.decisions).filter((d) => d.verdict === 'undecided')).toEqual([])
    for (const d of await relocationLemmas(z, { solve: solver })) expect(d.verdict, d.property).toBe('yes')
    expect(judge(plain).map((j) => j.opinion)).toEqual(z.published.map(() => 'agrees'))
  })

  it('decides the joint definition as the union', async () => {
    const c = await classified({ joint: true, instructions: ['EPSW', 'STCKE', 'ECTG', 'STCK', 'STG', 'MVC', 'IPM', 'SSM', 'LRAG'] })
    for (const i of c.instructions) expect(i.critical).toBe(plain.instructions.find((x) => x.name === i.name)!.critical)
  })
})

describe('other monitors', () => {
  const clocks = ['EPSW', 'STCK', 'STCKF', 'STCKE', 'ECTG', 'PTFF']
  it('one that hides the clock loses STCK, STCKF and the queries of PTFF too', async () => {
    const c = await classified({ deprivileging: 'supervisor to problem state, own clock', instructions: clocks })
    expect(having(c, 'userCritical')).toEqual([...clocks].sort())
  })
  it('one that loads the guest\'s CPU timer and programmable field is left with EPSW', async () => {
    const c = await classified({ deprivileging: 'supervisor to problem state, real clocks', instructions: clocks })
    expect(having(c, 'userCritical')).toEqual(['EPSW'])
  })
})

describe('each conjunct of H is needed', () => {
  const cases: [string, { notPrivileged?: string[]; userCritical?: string[] }][] = [
    ['SSM suppression = 0', { notPrivileged: ['SSM'] }],
    ['DAT on', { notPrivileged: ['EPAIR', 'EPAR', 'ESAIR', 'ESAR', 'IAC', 'IVSK'] }],
    ['extraction authority = 0', {
      notPrivileged: ['EPAIR', 'EPAR', 'ESAIR', 'ESAR', 'IAC', 'IPK', 'IVSK'], userCritical: ['EPAIR', 'EPAR', 'ESAIR', 'ESAR', 'IAC', 'IPK', 'IVSK'],
    }],
    ['PSW-key mask = 0', { notPrivileged: ['MVCDK', 'MVCK', 'MVCSK', 'SPKA'], userCritical: ['SPKA'] }],
    ['secondary space = 0', { userCritical: ['SAC', 'SACF'] }],
    ['subsystem linkage = 0', { userCritical: ['PT', 'PTI'] }],
    ['ASN translation = 0', { userCritical: ['SSAIR', 'SSAR'] }],
  ]
  it.each(cases)('without %s', async (conjunct, { notPrivileged = [], userCritical = [] }) => {
    const kept = ['STOSM', 'IPK', 'SPKA'].filter((n) => !notPrivileged.includes(n))
    const c = await classified({ without: [conjunct], instructions: [...notPrivileged, ...userCritical, ...kept] })
    expect(having(c, 'privileged')).toEqual(kept.sort())
    expect(having(c, 'userCritical')).toEqual(userCritical)
  })
  it('every conjunct is in one of these cases', () => expect(z.deprivilegings[0].invariant.map((c) => c.name)).toEqual(cases.map(([name]) => name)))
})
