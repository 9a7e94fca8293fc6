// Itanium: what its levels show a deprivileged kernel, what Privify rewrote, and what VT-i repairs.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { itanium, itaniumVti } from '../../model/isa/itanium/isa.ts'
import { privified } from '../../model/isa/itanium/published.ts'
import type { Deprivileging, Isa } from '../../model/machine/isa.ts'
import { judge } from '../claims.ts'
import { classify, type Classification, type ClassifyOptions, type PropertyName } from '../classify.ts'
import { Solver } from '../decide/solve.ts'
import { relocationLemmas } from '../lemmas.ts'
import { repairs } from '../repair.ts'

const long = 60_000
let solver: Solver
let c: Classification, vti: Classification
beforeAll(async () => {
  solver = await Solver.start()
  c = await decided(itanium)
  vti = await decided(itaniumVti)
}, long)
afterAll(() => solver.close())

const decided = (isa: Isa, options: ClassifyOptions = {}): Promise<Classification> => classify(isa, { solve: solver }, options)
const having = (x: Classification, property: PropertyName | 'userCritical'): string[] => x.instructions.filter((i) => i[property] === 'yes').map((i) => i.name)
const the = (x: Classification, name: string) => x.instructions.find((i) => i.name === name)!
const none = { vmm: 'no', recursive: 'no', hybrid: 'no' }

const probes = ['probe.r', 'probe.w', 'probe.r #', 'probe.w #']
const shown = ['mov =ar.k', 'mov =ar.cflg', 'mov =pmd', 'thash', 'ttag', ...probes]
const critical = ['br.call', 'br.ret', 'cover', 'mov =ar.k', 'mov ar.rsc=', 'mov =ar.cflg', 'mov =pmd', 'thash', 'ttag', ...probes]
const [toLevel3, toLevel1, withPsr, otherProcessor] = itanium.deprivilegings.map((d) => d.name) as [string, string, string, string]

describe('itanium', () => {
  it('has these critical instructions, for these reasons', () => {
    expect(having(c, 'critical')).toEqual(critical)
    expect(having(c, 'userCritical')).toEqual(shown)
    expect(c.theorems).toEqual(none)
    expect(having(c, 'modeSensitive')).toEqual(['br.call', 'mov ar.rsc=', 'mov =pmd', ...probes])
    for (const name of ['br.ret', 'cover']) expect(the(c, name), name).toMatchObject({ controlSensitive: 'yes', modeSensitive: 'no' })
    for (const name of ['mov =ar.k', 'mov =ar.cflg', 'thash', 'ttag']) expect(the(c, name), name).toMatchObject({ controlSensitive: 'no', controlStateSensitive: 'yes' })
    for (const name of critical) expect(the(c, name).witness, name).toBeDefined()
  })
  it('refuses what is privileged; itc and itr are illegal while interruptions are collected', () => {
    expect(having(c, 'privileged')).toEqual([
      'rfi', 'bsw.0', 'bsw.1', 'mov ar.k=', 'mov ar.cflg=', 'mov =ar.itc', 'mov ar.itc=', 'mov =cr', 'mov cr=', 'ssm', 'rsm', 'mov =psr', 'mov psr.l=', 'mov =rr', 'mov rr=',
      ...['dbr', 'ibr', 'pkr', 'pmc'].flatMap((r) => [`mov =${r}`, `mov ${r}=`]), 'mov pmd=', 'tpa', 'tak', 'ptc.l', 'ptc.g', 'ptc.ga', 'ptc.e', 'ptr.d', 'ptr.i',
    ])
    expect(having(c, 'alwaysTraps')).toEqual(['break.m', 'break.i', 'break.b', 'itc.d', 'itc.i', 'itr.d', 'itr.i'])
  })
  it('has the same ones at level 1, where br.ret lowers the level of the guest\'s kernel itself', async () => {
    const x = await decided(itanium, { deprivileging: toLevel1, instructions: [...critical, 'epc', 'mov =ar.itc', 'add', 'ld8'] })
    expect(having(x, 'critical')).toEqual(critical)
    expect(having(x, 'userCritical')).toEqual(['br.ret', ...shown])
  })
  it('has sum, rum and the user mask critical where PSR.sp is the VMM\'s, and cpuid where the processor is another (W14)', async () => {
    const mask = ['sum', 'rum', 'mov psr.um=']
    expect(having(await decided(itanium, { deprivileging: withPsr, instructions: [...mask, 'mov =psr.um', 'add'] }), 'critical')).toEqual(mask)
    expect(having(await decided(itanium, { deprivileging: otherProcessor, instructions: ['mov =cpuid', 'add'] }), 'critical')).toEqual(['mov =cpuid'])
  })
  it.each([
    [toLevel3, 'PSR.si = 1', 'userCritical', 'mov =ar.itc'], [toLevel3, 'PSR.ic = 1', 'userCritical', 'cover'],
    [toLevel3, 'PSR.it = 1', 'userCritical', 'epc'], [toLevel3, 'no promotion above level 3', 'userCritical', 'epc'],
    [toLevel1, 'no promotion above level 1', 'userCritical', 'epc'],
  ] as const)('%s: without %s there is one more %s: %s', async (deprivileging, conjunct, property, name) => {
    const asked = { deprivileging, instructions: ['mov =ar.itc', 'cover', 'epc', 'add'] }
    expect(having(await decided(itanium, asked), property)).toEqual([])
    const x = await decided(itanium, { ...asked, without: [conjunct] })
    expect(having(x, property)).toEqual([name])
    expect(the(x, name).witness).toBeDefined()
  })
  it('needs every conjunct', () => {
    for (const [n, level] of [[0, 3], [1, 1]] as const)
      expect(itanium.deprivilegings[n]!.invariant.map((x) => x.name)).toEqual(['PSR.si = 1', 'PSR.ic = 1', 'PSR.it = 1', `no promotion above level ${level}`])
  })
  /**
   * Privify rewrote eight instructions into trapping ones. Two of them are not critical here:
   * - fc refers to storage as a load does, and what it does to the cache is seen by no program;
   * - mov =cpuid tells the processor's identity, which only a VMM that presents another processor need hide (W14).
   * Five kinds are critical and were not rewritten, because Xen's guests had been changed to expect them:
   * - br.call leaves the level in PFS.ppl, mov ar.rsc= cuts RSC.pl to the level: both are read back by anyone;
   * - br.ret lowers the level without a trap;
   * - probe asks at the program's level at least, and of the page's rights as they really are.
   */
  it('Privify\'s list lacks br.call, br.ret, mov ar.rsc= and probe, and has fc and cpuid too many', () => {
    expect(privified.filter((n) => !critical.includes(n))).toEqual(['fc', 'mov =cpuid'])
    expect(critical.filter((n) => !privified.includes(n))).toEqual(['br.call', 'br.ret', 'mov ar.rsc=', ...probes])
    expect(judge(c).map((j) => j.opinion)).toEqual(['agrees', 'disagrees', 'disagrees'])
  })
  it('is repaired by making the critical ones privileged', async () => {
    expect((await repairs(c, { solve: solver })).map((r) => [r.instructions, r.applies])).toEqual([[critical, 'yes'], [shown, 'yes']])
  }, long)
})

describe('itanium with VT-i', () => {
  it('leaves a virtual machine to read the monitors, and to probe pages, which later revisions intercept', () => {
    expect(having(vti, 'critical')).toEqual(['mov =pmd', ...probes])
    expect(vti.theorems).toEqual(none)
    expect(having(vti, 'modeSensitive')).toEqual([])
    for (const name of probes) expect(the(vti, name)).toMatchObject({ locationSensitive: 'yes', controlStateSensitive: 'no' })
  })
  it('intercepts all that its list of causes says', () => {
    expect(judge(vti).filter((j) => j.opinion !== 'agrees')).toEqual([])
  })
  it('needs PSR.si', async () => {
    const x = await decided(itaniumVti, { without: ['PSR.si = 1'], instructions: ['mov =ar.itc', 'add'] })
    expect(having(x, 'critical')).toEqual(['mov =ar.itc'])
    expect(itaniumVti.deprivilegings[0].invariant.map((d) => d.name)).toEqual(['PSR.si = 1'])
  })
})

describe('both', () => {
  it('leave nothing undecided', () => {
    for (const x of [c, vti]) for (const i of x.instructions) for (const d of i.decisions) expect(d.verdict, `${i.name} ${d.property}`).not.toBe('undecided')
  })
  it('relocate one-one', async () => {
    const [first, second] = itanium.deprivilegings as [Deprivileging, Deprivileging]
    for (const isa of [{ ...itanium, deprivilegings: [first, second] as const }, itaniumVti])
      for (const d of await relocationLemmas(isa, { solve: solver })) expect(d.verdict, d.property).toBe('yes')
  })
  it('decide the joint definition as the union', async () => {
    const x = await decided(itanium, { joint: true, instructions: [...critical, 'epc', 'ld8', 'st1', 'rfi', 'mov =cr', 'mov =cpuid', 'fc', 'sum'] })
    for (const i of x.instructions) expect(the(c, i.name).critical, i.name).toBe(i.critical)
  }, long)
})
