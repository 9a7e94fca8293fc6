// Every command: the shape of its document, and its exit code as expected and not.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { propertyNames } from '../properties/classify.ts'
import { readTrace, writeTrace } from '../traces/format.ts'
import { json, popek } from './in-process.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'popek-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

const verdicts = ['yes', 'no', 'vacuous', 'undecided']
const one = ['--threads', '1']

describe('isas', () => {
  test('lists every ISA with what is left out', async () => {
    const { code, isas } = await json<{ isas: { name: string; instructions: string[]; leftOut: object }[] }>(['isas'])
    expect(code).toBe(0)
    expect(isas.map((i) => i.name)).toEqual(expect.arrayContaining(['third-generation', 'third-generation/read-mode', 'pdp10']))
    expect(Object.keys(isas.find((i) => i.name === 'pdp10')!.leftOut).length).toBeGreaterThan(0)
    expect((await popek(['isas'])).out).toContain('left out:')
    const one = await popek(['isas', 'riscv64'])
    expect(one.out).toMatch(/the manual leaves open: misaligned = supported, else trapped; access fault \(/)
    expect(one.out).not.toContain('pdp10')
  })
})

describe('classify', () => {
  interface Document {
    readonly isa: string
    readonly deprivileging: string
    readonly assuming: readonly string[]
    readonly reading: string
    readonly instructions: readonly Readonly<Record<string, unknown>>[]
    readonly theorems: Readonly<Record<string, string>>
  }

  test('the contract: all verdicts of all instructions, and the theorems', async () => {
    const c = await json<Document>(['classify', 'third-generation/read-mode', '--by', 'solve', ...one])
    expect(c).toMatchObject({ code: 0, isa: 'third-generation/read-mode', deprivileging: 'supervisor to user', reading: 'intended', complete: true, theorems: { vmm: 'no', recursive: 'no', hybrid: 'yes' } })
    expect(Array.isArray(c.assuming)).toBe(true)
    expect(c.instructions).toHaveLength(30)
    for (const i of c.instructions) {
      for (const property of propertyNames) expect(verdicts).toContain(i[property])
      expect(i['by']).toEqual(['solve'])
    }
    const rmod = c.instructions.find((i) => i['name'] === 'RMOD')!
    expect(rmod).toMatchObject({ modeSensitive: 'yes', privileged: 'no', critical: 'yes', witness: { states: expect.any(Array) } })
    expect(c.instructions.find((i) => i['name'] === 'LA')!['critical']).toBe('no')
  })

  test('one instruction denies a theorem and never establishes one', async () => {
    const denies = await json<Document>(['classify', 'third-generation/read-mode', '--instruction', 'RMOD', '--by', 'solve', ...one])
    expect(denies.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'undecided' })
    const silent = await json<Document>(['classify', 'third-generation/read-mode', '--instruction', 'la', '--by', 'solve', ...one])
    expect(silent.theorems).toEqual({ vmm: 'undecided', recursive: 'undecided', hybrid: 'undecided' })
  })

  test('the literal reading makes a supervisor call control sensitive', async () => {
    const of = async (reading: string) => (await json<Document>(['classify', 'third-generation', '--instruction', 'SVC', '--reading', reading, '--by', 'solve', ...one])).instructions[0]!
    expect((await of('literal'))['controlSensitive']).toBe('yes')
    expect((await of('intended'))['controlSensitive']).not.toBe('yes')
  })

  test('a conjunct of H that is dropped brings its witness', async () => {
    const of = async (more: readonly string[]) => (await json<Document>(['classify', 'pdp10', '--instruction', 'CONO PI,', '--by', 'solve', ...one, ...more])).instructions[0]!
    expect((await of([]))['privileged']).toBe('yes')
    expect((await of(['--without', 'USER-IO = 0']))['privileged']).toBe('no')
  })

  test('undecided claims end with 3', async () => {
    expect((await json<Document>(['classify', 'third-generation', '--instruction', 'LA', '--by', 'sample', ...one])).code).toBe(3)
  })

  test('samples follow the seed, and text names table, theorem and deciders', async () => {
    const args = ['classify', 'third-generation/jump-to-user', '--instruction', 'JUM', '--by', 'sample,enumerate', '--seed', '7', ...one]
    const [a, b] = [await json<Document>(args), await json<Document>(args)]
    expect(a.instructions).toEqual(b.instructions)
    const { out } = await popek(['classify', 'third-generation/jump-to-user', '--by', 'solve', ...one])
    expect(out).toContain('Theorem 1 (VMM) does not apply: critical: JUM')
    expect(out).toContain('Theorem 3 (hybrid VMM) applies')
    expect(out).toMatch(/solve +\d+ of \d+ claims settled/)
  })

  test('an interrupt ends with what was decided', async () => {
    const interrupt = new AbortController()
    interrupt.abort()
    const c = await json<Document & { complete: boolean }>(['classify', 'third-generation', '--by', 'enumerate', ...one], { signal: interrupt.signal })
    expect(c).toMatchObject({ code: 130, complete: false, instructions: [], theorems: { vmm: 'undecided' } })
  })
})

describe('claims', () => {
  test('each with its source, opinion and evidence', async () => {
    const c = await json<{ agrees: number; disagrees: number; claims: { claim: string; source: string; opinion: string; rests: unknown[] }[] }>(['claims', 'third-generation/jump-to-user', ...one])
    expect(c).toMatchObject({ code: 0, disagrees: 0, undecided: 0 })
    expect(c.claims.length).toBe(c.agrees)
    for (const claim of c.claims) expect(claim).toMatchObject({ claim: expect.any(String), source: expect.stringContaining('1974'), opinion: 'agrees' })
  })
})

describe('check, replay and explain', () => {
  interface Checked {
    readonly system: string
    readonly seed: number
    readonly programs: number
    readonly steps: number
    readonly properties: readonly { readonly name: string; readonly holds: string; readonly allowances: readonly string[] }[]
    readonly divergence?: { readonly property: string; readonly trace: string; readonly shrunk: { readonly length: number } }
  }
  const few = ['--runs', '100', '--workers', '1', '--seed', '3']

  test('a sound system holds, and the same seed gives the same document', async () => {
    const of = async () => {
      const { seconds: _, ...rest } = await json<Checked & { seconds: number }>(['check', 'third-generation/trap-and-emulate', ...few])
      return rest
    }
    const c = await of()
    expect(c).toMatchObject({ code: 0, system: 'third-generation/trap-and-emulate', seed: 3, programs: 100 })
    for (const p of c.properties) expect(p).toMatchObject({ holds: 'yes', allowances: expect.any(Array) })
    expect(await of()).toEqual(c)
  })

  test('a flawed one ends with 1, a short trace and a JUnit report; the trace parts on replay', async () => {
    const report = join(folder, 'junit.xml')
    const c = await json<Checked>(['check', 'third-generation/jump-to-user/trap-and-emulate', '--runs', '500', '--workers', '1', '--seed', '3', '--save', folder, '--junit', report])
    expect(c.code).toBe(1)
    expect(c.divergence).toMatchObject({ property: 'equivalence' })
    expect(c.divergence!.shrunk.length).toBeLessThanOrEqual(8)
    expect(readFileSync(report, 'utf8')).toContain('<failure type="equivalence"')
    const { code, agree, engines } = await json<{ agree: boolean; engines: { engine: string; divergence?: object }[] }>(['replay', c.divergence!.trace])
    expect({ code, agree }).toEqual({ code: 1, agree: false })
    expect(engines.filter((e) => e.divergence).map((e) => e.engine)).toEqual(['third-generation/jump-to-user/trap-and-emulate'])
    const page = join(folder, 'page.html')
    expect((await popek(['explain', c.divergence!.trace, '--html', page])).code).toBe(0)
    expect(readFileSync(page, 'utf8')).toContain('<!doctype html>')
    expect((await popek(['explain', c.divergence!.trace])).out).toContain('they part here')
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test('an interrupt reports what was run', async () => {
    const interrupt = new AbortController()
    setTimeout(() => interrupt.abort(), 50)
    const c = await json<Checked & { interrupted: boolean }>(['check', 'third-generation/cpu', '--time', '1h', '--workers', '1'], { signal: interrupt.signal })
    expect(c).toMatchObject({ code: 130, interrupted: true })
  })

  test('a kept trace agrees on every engine', async () => {
    expect(await json<object>(['replay', 'traces/corpus/halt-ticks.ndjson'])).toMatchObject({ code: 0, agree: true, kind: 'run' })
  })

  test('the witness of an instruction', async () => {
    const scene = await json<{ partsAt: number; steps: unknown[]; verdict: string }>(['explain', 'third-generation/read-mode/RMOD'])
    expect(scene).toMatchObject({ code: 0, partsAt: 0, steps: [{ instruction: 'RMOD' }] })
  })
})

describe('a saved witness', () => {
  test('agrees when it is replayed, and no longer when the instruction does something else', async () => {
    const path = join(folder, 'rmod.ndjson')
    expect((await popek(['explain', 'third-generation/read-mode/RMOD', '--save', path])).out).toBe(`wrote ${path}\n`)
    expect(await json<object>(['replay', path])).toMatchObject({ code: 0, kind: 'witness', agrees: true })
    const trace = readTrace(readFileSync(path, 'utf8'), path)
    if (trace.kind !== 'witness') throw new Error('a witness was expected')
    const wrong = trace.states.map((s) => ({ ...s, changes: { ...s.changes, P: '0xfff' } }))
    writeFileSync(path, writeTrace({ ...trace, states: wrong }))
    expect(await json<object>(['replay', path])).toMatchObject({ code: 1, agrees: false })
  })
})

test('faults: each with its property, time and length', async () => {
  const { code, caught, total, faults } = await json<{ caught: number; total: number; faults: object[] }>(['faults', 'third-generation/nested', '--workers', '1'])
  expect(code).toBe(0)
  expect(caught).toBe(total)
  for (const f of faults) expect(f).toMatchObject({ name: expect.any(String), property: expect.any(String), caught: true, seconds: expect.any(Number), programLength: expect.any(Number) })
})

test('faults that nothing looks for survive, and end with 1', async () => {
  const { code, caught, total } = await json<{ caught: number; total: number }>(['faults', 'third-generation/hybrid', '--workers', '1', '--runs', '1', '--seed', '5'])
  expect(caught).toBeLessThan(total)
  expect(code).toBe(1)
})

describe('run', () => {
  test('prints the same on every stack, keyboard from standard input', async () => {
    const piped = [...Buffer.from('typed\n')]
    for (const system of ['cpu', 'trap-and-emulate', 'hybrid', 'nested', 'high-core', 'on-reference'])
      expect(await popek(['run', `third-generation/${system}`, 'echo'], { piped })).toEqual({ code: 0, out: 'typed\n', err: '' })
  })

  test('stops at its limit and says so', async () => {
    const r = await json<{ stop: string; steps: number }>(['run', 'third-generation/cpu', 'primes', '--steps', '1000'])
    expect(r).toMatchObject({ code: 0, stop: 'limit', steps: 1000 })
  })
})

test('bench: each measure beside its baseline', async () => {
  const { code, measures } = await json<{ measures: object[] }>(['bench', '--only', 'vmm-trap-heavy'])
  expect(code).toBe(0)
  expect(measures).toEqual([expect.objectContaining({ name: 'vmm-trap-heavy', value: expect.any(Number), baseline: expect.objectContaining({ value: expect.any(Number) }), ratio: expect.any(Number) })])
})
