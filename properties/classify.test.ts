// The theorem's verdicts on the paper's machine, on each flawed variant and on the PDP-10, by three deciders that must agree.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { thirdGeneration } from '../model/isa/third-generation/isa.ts'
import { pdp10 } from '../model/isa/pdp10/isa.ts'
import { literal } from '../model/claims/claim.ts'
import { defineIsa, type Isa } from '../model/machine/isa.ts'
import { get } from '../model/ir/state.ts'
import { open, set, trapIf, type Instruction } from '../model/ir/instruction.ts'
import { and } from '../model/ir/term.ts'
import { notation } from '../model/isa/third-generation/instructions.ts'
import { declareState, full } from '../model/isa/third-generation/state.ts'
import { variants, type Variant } from '../model/vocab/index.ts'
import { Solver } from './decide/solve.ts'
import { classify, type Classification, type ClassifyOptions, type PropertyName } from './classify.ts'
import { directExecutionLemmas, mapLemmas, relocationLemmas } from './lemmas.ts'
import { repairs } from './repair.ts'
import { Contradiction, join, type Verdict } from './verdict.ts'

let solver: Solver
beforeAll(async () => { solver = await Solver.start() })
afterAll(() => solver.close())

const everyDecider = (isa: Isa, options: ClassifyOptions = {}): Promise<Classification> =>
  classify(isa, { solve: solver, enumerate: true, sample: { runs: 60, seed: 42 } }, options)
const bySolver = (isa: Isa, options: ClassifyOptions = {}): Promise<Classification> => classify(isa, { solve: solver }, options)

const having = (c: Classification, property: PropertyName, verdict: Verdict = 'yes'): string[] =>
  c.instructions.filter((i) => i[property] === verdict).map((i) => i.name)
const the = (c: Classification, name: string) => c.instructions.find((i) => i.name === name)!

/** Section 8 of docs/third-generation.md: what each flaw breaks. */
const expected: Readonly<Record<Variant, { readonly critical: readonly string[]; readonly vmm: Verdict; readonly hybrid: Verdict; readonly because: PropertyName }>> = {
  sound: { critical: [], vmm: 'yes', hybrid: 'yes', because: 'innocuous' },
  'jump-to-user': { critical: ['JUM'], vmm: 'no', hybrid: 'yes', because: 'controlSensitive' },
  'read-relocation': { critical: ['SRB'], vmm: 'no', hybrid: 'no', because: 'locationSensitive' },
  'read-mode': { critical: ['RMOD'], vmm: 'no', hybrid: 'yes', because: 'modeSensitive' },
  'load-real-address': { critical: ['LRA'], vmm: 'no', hybrid: 'no', because: 'locationSensitive' },
  'silent-write': { critical: ['POPT'], vmm: 'no', hybrid: 'yes', because: 'controlSensitive' },
  'no-op-in-user': { critical: ['LRB'], vmm: 'no', hybrid: 'yes', because: 'controlSensitive' },
  'supervisor-only': { critical: ['SRBS'], vmm: 'no', hybrid: 'yes', because: 'supervisorSensitive' },
  'set-relocation-in-user': { critical: ['LRB'], vmm: 'no', hybrid: 'no', because: 'userSensitive' },
  'shrink-bounds': { critical: ['SHB'], vmm: 'no', hybrid: 'no', because: 'userSensitive' },
}

describe('the third-generation machine', () => {
  it.each(variants)('%s', async (variant) => {
    const c = await everyDecider(thirdGeneration(variant), { joint: true })
    const { critical, vmm, hybrid, because } = expected[variant]
    expect(having(c, 'critical')).toEqual(critical)
    expect(having(c, 'untrapped')).toEqual(critical)
    expect(c.sensitiveTraps).toBe(vmm)
    expect(c.theorems).toEqual({ vmm, recursive: vmm, hybrid })
    for (const name of critical) expect(the(c, name)[because]).toBe('yes')
    for (const i of c.instructions) for (const d of i.decisions) expect(d.verdict, `${i.name} ${d.property}`).not.toBe('undecided')
  })

  it('has exactly the privileged instructions of its manual', async () => {
    const c = await bySolver(thirdGeneration('sound'))
    expect(having(c, 'privileged')).toEqual(['LPSW', 'LRB', 'SRB', 'STIM', 'RTIM', 'IN', 'OUT', 'HALT'])
    expect(having(c, 'alwaysTraps')).toEqual(['SVC'])
  })

  it('every verdict comes from enumeration of the shrunk machine and from a proof at full size, or is a found state', async () => {
    const c = await everyDecider(thirdGeneration('sound'))
    const unenumerated = c.instructions.flatMap((i) => i.decisions.filter((d) => d.by.every((e) => e.decider !== 'enumerate')).map((d) => `${i.name} ${d.property}`))
    expect(unenumerated).toEqual(['IN controlStateSensitive in supervisor mode'])
    expect(c.instructions.every((i) => i.decisions.every((d) => d.by.some((e) => e.decider === 'solve')))).toBe(true)
  })

  it('fails Theorem 1 for its supervisor call under the literal reading of control sensitivity (W1)', async () => {
    const c = await bySolver(thirdGeneration('sound'), { reading: literal })
    expect(having(c, 'critical')).toContain('SVC')
    expect(c.theorems.vmm).toBe('no')
  })

  it('HALT changes no resource where the processor is none (W11)', async () => {
    const c = await bySolver(thirdGeneration('sound'), { reading: { control: 'intended', processorIsResource: false }, instructions: ['HALT'] })
    expect(the(c, 'HALT').controlSensitive).toBe('no')
    expect(the(await bySolver(thirdGeneration('sound'), { instructions: ['HALT'] }), 'HALT').controlSensitive).toBe('yes')
  })
})

describe('choices of the definitions', () => {
  const sound = thirdGeneration('sound')
  const stateOf = declareState(full)
  const { define, G } = notation(stateOf)
  const withInstruction = (i: Instruction): Isa => defineIsa({ ...sound, instructions: [...sound.instructions, i] })

  it('an outcome that the manual leaves open is behaviour sensitive, a trap that it leaves open is not privileged (W16)', async () => {
    const result = define(0xa0, 'OPENR', (o) => [set(G(o.r), open('result', 32))])
    const trap = define(0xa0, 'OPENT', () => [trapIf(and(get(stateOf.M), open('whether it traps', 1)), 'privileged')])
    expect(the(await bySolver(withInstruction(result), { instructions: ['OPENR'] }), 'OPENR')).toMatchObject({ modeSensitive: 'yes', critical: 'yes' })
    expect(the(await bySolver(withInstruction(trap), { instructions: ['OPENT'] }), 'OPENT').privileged).toBe('no')
  })

  it('whether b is a size or the last address changes no verdict', async () => {
    const last = await bySolver(thirdGeneration('sound', { ...full, bound: 'last address' }))
    expect(last.theorems).toEqual({ vmm: 'yes', recursive: 'yes', hybrid: 'yes' })
    for (const d of await relocationLemmas(last.isa, { solve: solver })) expect(d.verdict).toBe('yes')
  })
})

describe('the PDP-10 (KA10)', () => {
  let c: Classification
  beforeAll(async () => { c = await everyDecider(pdp10, { joint: true }) }, 120_000)

  it('cannot be shown to carry a VMM, but carries a hybrid one, as the paper says', () => {
    expect(c.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'yes' })
    expect(the(c, 'JRST 1,')).toMatchObject({ privileged: 'no', controlSensitive: 'yes', supervisorSensitive: 'yes', userSensitive: 'no', critical: 'yes', userCritical: 'no' })
    expect(the(c, 'DATAO APR,')).toMatchObject({ privileged: 'yes', controlSensitive: 'yes' })
  })

  it('has critical instructions that the paper does not name: whatever stores or loads the PC word shows or sets USER', () => {
    expect(having(c, 'critical').sort()).toEqual(['JRST 1,', 'JRST 2,', 'JRST 3,', 'JSP', 'JSR', 'PUSHJ'])
  })

  it('leaves nothing undecided', () => {
    expect(c.instructions.flatMap((i) => i.decisions).filter((d) => d.verdict === 'undecided')).toEqual([])
  })

  it('HALT is privileged only under H: without USER-IO = 0 a user may halt', async () => {
    expect(the(c, 'JRST 4,').privileged).toBe('yes')
    const without = await bySolver(pdp10, { without: ['USER-IO = 0'], instructions: ['JRST 4,'] })
    const halt = the(without, 'JRST 4,')
    expect(halt.privileged).toBe('no')
    const witness = halt.decisions.find((d) => d.property === 'privileged')!.witness!
    expect(witness.states.map((s) => s.before['USER-IO'])).toEqual(['0x1', '0x1'])
    expect(witness.states.map((s) => s.trap)).toEqual([undefined, undefined])
  })
})

describe('lemmas', () => {
  it.each([thirdGeneration('sound'), pdp10])('relocation of $name has an inverse in both modes', async (isa) => {
    for (const d of await relocationLemmas(isa, { solve: solver, enumerate: true, sample: { runs: 100, seed: 1 } })) expect(d.verdict, d.property).toBe('yes')
  })

  it('a relocation that maps two addresses to one cell is refused', async () => {
    const sound = thirdGeneration('sound')
    const broken = defineIsa({ ...sound, relocation: { ...sound.relocation, develop: (a, x) => ({ ...sound.relocation.develop(a, x), real: get(sound.counter) }) } })
    const verdicts = (await relocationLemmas(broken, { solve: solver })).map((d) => d.verdict)
    expect(verdicts).toEqual(['no', 'no'])
  })

  it('the map f is not one-one as printed, nor when the monitor keeps only the mode, and is when it keeps the PSW', async () => {
    const decisions = await mapLemmas({ solve: solver, enumerate: true, sample: { runs: 100, seed: 1 } })
    expect(decisions.map((d) => d.verdict)).toEqual(['no', 'no', 'yes'])
    for (const d of decisions) expect(d.by.map((e) => e.decider)).toEqual(['enumerate', 'sample', 'solve'])
  })
})

describe('Lemma 1, over all states', () => {
  const failing = async (variant: Variant, clipped = true): Promise<string[]> =>
    (await directExecutionLemmas(variant, 'equivalent', { solve: solver, enumerate: true }, { clipped })).filter((d) => d.verdict === 'no').map((d) => d.property.split(' ')[0]!)

  it('what the sound machine executes directly under f does what the bare machine does', async () => {
    const decisions = await directExecutionLemmas('sound', 'equivalent', { solve: solver, enumerate: true })
    for (const d of decisions) expect(d.verdict, d.property).toBe(/^(SVC|LPSW|LRB|SRB|STIM|RTIM|IN|OUT|HALT) /.test(d.property) ? 'vacuous' : 'yes')
  })

  it.each(variants.filter((v) => v !== 'sound' && v !== 'shrink-bounds'))('%s: it fails for the critical instruction and for no other', async (variant) => {
    expect(await failing(variant)).toEqual(expected[variant].critical)
  })

  it('shrink-bounds: the premise of Theorem 1 fails and Lemma 1 holds, which is why a monitor exists', async () => {
    expect(await failing('shrink-bounds')).toEqual([])
  })

  it('exactly the privileged instructions need an intervention where the bare machine does not trap', async () => {
    const decisions = await directExecutionLemmas('sound', 'efficient', { solve: solver, enumerate: true })
    const intervened = decisions.filter((d) => d.verdict !== 'yes').map((d) => `${d.property.split(' ')[0]} ${d.verdict}`)
    expect(intervened).toEqual(['SVC vacuous', ...['LPSW', 'LRB', 'SRB', 'STIM', 'RTIM', 'IN', 'OUT', 'HALT'].map((n) => `${n} no`)])
  })

  it('without the clip a program reaches past its window (W7)', async () => {
    expect(await failing('sound', false)).toContain('L')
    expect(await failing('sound', false)).toContain('ST')
  })
})

describe('deciders', () => {
  const says = (decider: 'enumerate' | 'sample' | 'solve', verdict: Verdict) => ({ decider, verdict, size: '', premise: '' })

  it('must not contradict each other', () => {
    expect(() => join('x', 'every', [says('enumerate', 'yes'), says('solve', 'no')])).toThrow(Contradiction)
    expect(() => join('x', 'some', [says('sample', 'yes'), says('solve', 'no')])).toThrow(Contradiction)
    expect(join('x', 'every', [says('enumerate', 'yes'), says('sample', 'undecided'), says('solve', 'yes')])).toBe('yes')
  })

  it('a sample alone never proves, and a premise that nothing meets is vacuous', () => {
    expect(join('x', 'every', [says('sample', 'undecided')])).toBe('undecided')
    expect(join('x', 'every', [says('solve', 'vacuous')])).toBe('vacuous')
  })
})

describe('repairs', () => {
  it.each(variants.filter((v) => v !== 'sound'))('%s: making the critical instruction privileged is enough', async (variant) => {
    const c = await bySolver(thirdGeneration(variant))
    const [vmm, hybrid] = await repairs(c, { solve: solver })
    expect(vmm).toEqual({ theorem: 'vmm', instructions: expected[variant].critical, applies: 'yes' })
    expect(hybrid!.applies).toBe('yes')
    expect(hybrid!.instructions).toEqual(expected[variant].hybrid === 'yes' ? [] : expected[variant].critical)
  })
})
