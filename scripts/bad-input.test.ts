// Hostile and mistaken input: one clear message, exit code 2, nothing on standard output, no stack trace.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { popek } from './in-process.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'popek-bad-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const corpus = readFileSync('traces/corpus/halt-ticks.ndjson', 'utf8')
const truncated = file('truncated.ndjson', corpus.split('\n').slice(0, 2).join('\n'))
const altered = file('altered.ndjson', corpus.replace(/"G\[1\]":"0x0000000\d"/, '"G[1]":"0x00000007"'))
const notJson = file('not.ndjson', 'hello\n')
const source = file('bad.s', 'start: LA r1, 1\n       ADDD r1, 2\n')
const large = file('large.s', '        .org 4000\n        HALT\n')

const cases: readonly (readonly [line: readonly string[], ...expected: readonly string[]])[] = [
  [['classifi', 'pdp10'], "unknown command 'classifi'", 'Did you mean classify?'],
  [['classify'], "missing required argument 'isa or file'"],
  [['classify', 'pdp1'], "unknown ISA 'pdp1'", "did you mean 'pdp10'"],
  [['classify', 'third-generation', '--instruction', 'LPSV'], "unknown instruction of third-generation 'LPSV'", "did you mean 'LPSW'"],
  [['classify', 'third-generation', '--reading', 'litteral'], 'Allowed choices are literal, intended'],
  [['classify', 'third-generation', '--by', 'sovle'], "unknown decider 'sovle'", "did you mean 'solve'"],
  [['classify', 'pdp10', '--without', 'USERIO = 0'], "did you mean 'USER-IO = 0'"],
  [['classify', 'third-generation', '--without', 'H'], 'unknown conjunct', 'there is none'],
  [['classify', 'third-generation', '--deprivileging', 'x'], 'unknown deprivileging', 'supervisor to user'],
  [['classify', 'third-generation', '--seed', 'abc'], "argument 'abc' is invalid", 'an integer'],
  [['classify', 'third-generation', '--seed', '1e3'], 'is invalid', 'an integer'],
  [['classify', 'third-generation', '--threads', '0'], 'is invalid', 'at least 1'],
  [['classify', './no-such-isa.ts'], 'cannot read the ISA file ./no-such-isa.ts'],
  [['classify', 'riscv64:asidBits=17'], 'riscv64:asidBits=17: asidBits of a RISC-V hart must be 0 to 16'],
  [['isas', 'riscv64:asid=1'], 'riscv64:asid=1: expected name=value', 'found "asid=1"'],
  [['explain', 'riscv64:misaligned=no/LW'], 'misaligned is "no"', 'one of supported; trapped; access fault'],
  [['claims', 'third-generaton'], "did you mean 'third-generation'"],
  [['check', 'third-generation/trap-and-emulat'], "did you mean 'third-generation/trap-and-emulate'"],
  [['check', 'third-generation/cpu', '--property', 'processr'], "did you mean 'processor'"],
  [['check', 'third-generation/cpu', '--time', 'soon'], 'Expected a time such as 30s'],
  [['check', 'third-generation/cpu', '--runs', '-1'], 'is invalid'],
  [['check', 'third-generation/cpu', '--junit', join(folder, 'none', 'report.xml')], 'cannot write the JUnit report', 'no such file or folder'],
  [['check', 'third-generation/cpu', '--junit', folder], 'it is a folder'],
  [['check', 'third-generation/cpu', '--save', join(source, 'x')], 'cannot write to the folder'],
  [['faults', 'third-generation/hybird'], "did you mean 'third-generation/hybrid'"],
  [['replay', truncated], `${truncated}:2: expected`, 'truncated'],
  [['replay', altered], `${altered}:4: sum: expected`, 'altered'],
  [['replay', notJson], `${notJson}:1: expected one JSON value`],
  [['replay', join(folder, 'none.ndjson')], 'cannot read the trace'],
  [['replay', '/dev/zero'], 'the trace /dev/zero is no file'],
  [['check', 'third-generation/cpu', '--save', source], 'there is a file in its place'],
  [['explain', folder], 'unknown ISA or trace file'],
  [['explain', truncated], 'truncated'],
  [['explain', 'pdp10/JRST 1'], "did you mean 'JRST 1,'"],
  [['explain', 'riscv64/csrrw'], "unknown instruction of riscv64 'csrrw'\nexpected one of CSRRW unprivileged, "],
  [['explain', 'third-generation/LA', '--html', join(folder, 'none', 'x.html')], 'cannot write the page'],
  [['run', 'third-generation/cpu', 'kernal'], "did you mean 'kernel'"],
  [['run', 'third-generation/cpu', source], `${source}:2:8: found 'ADDD'`, "did you mean 'ADD'"],
  [['run', 'third-generation/cpu', join(folder, 'none.s')], 'cannot read the assembly source'],
  [['run', 'third-generation/cpu', 'kernel', '--size', '32'], 'cannot be run on third-generation/cpu', 'needs'],
  [['run', 'third-generation/nested', large, '--size', '4080'], 'cannot be run on third-generation/nested'],
  [['run', 'third-generation/cpu', 'hello', '--size', '33'], 'a multiple of 16'],
  [['bench', '--only', 'cpus'], "did you mean 'cpu'"],
  [['isas', '--jsn'], "unknown option '--jsn'"],
  [['isas', 'extra'], "unknown ISA 'extra'"],
]

test.each(cases.map(([line, ...expected]) => ({ line, expected })))('popek $line', async ({ line, expected }) => {
  const { code, out, err } = await popek(line)
  for (const text of expected) expect(err).toContain(text)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).not.toMatch(/^ +at /m)
})

test('a wrong POPEK_SEED is named', async () => {
  const before = process.env['POPEK_SEED']
  process.env['POPEK_SEED'] = 'x'
  try {
    expect(await popek(['check', 'third-generation/cpu', '--runs', '1'])).toMatchObject({ code: 2, out: '', err: expect.stringContaining("POPEK_SEED is 'x'") })
  } finally {
    if (before === undefined) delete process.env['POPEK_SEED']
    else process.env['POPEK_SEED'] = before
  }
})

test('help is help: exit code 0, with the exit codes and an example for every command', async () => {
  const { code, out } = await popek(['--help'])
  expect(code).toBe(0)
  expect(out).toContain('Exit codes:')
  for (const command of ['isas', 'classify', 'claims', 'check', 'faults', 'replay', 'explain', 'run', 'bench', 'start']) {
    const help = await popek([command, '--help'])
    expect(help.code).toBe(0)
    expect(help.out).toMatch(/Examples?:\n {2}/)
  }
})
