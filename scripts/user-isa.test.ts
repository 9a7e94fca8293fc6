// An ISA from a file of the user's, in processes of their own: it works, and each mistake in it is named with its line.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'popek-isa-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}
const node = (args: readonly string[]): Promise<Ran> =>
  new Promise((done) => {
    execFile(process.execPath, ['--import', 'tsx', 'scripts/popek.ts', ...args], { maxBuffer: 1 << 26 }, (error, out, err) =>
      done({ code: error === null ? 0 : Number(error.code), out, err }))
  })

const toy = `import { add, bank, cell, concat, constant, defineIsa, encode, get, instruction, not, register, set, trapIf, ule, zeroExtend, type Isa } from 'popek'

const E = bank('E', 4, 8, 'storage')
const A = register('A', 8, 'general')
const M = register('M', 1, 'mode')
const P = register('P', 4, 'counter')
const B = register('B', 4, 'mapping')
const format = { op: 4, a: 4 }

const isa: Isa = defineIsa({
  name: 'toy', title: 'a toy', source: 'none', wordWidth: 8, size: '16 cells of 8 bits',
  components: [E, A, M, P, B], counter: P,
  relocation: {
    storage: E, addressWidth: 4,
    develop: (address) => ({ fault: ule(get(B), address as never), real: address }),
    reaches: (real) => ({ mapped: not(ule(get(B), real as never)), address: real }),
  },
  causes: { memory: 1, privileged: 2 }, causeWidth: 2, memoryCauses: ['memory'],
  trap: (cause) => [set(cell(E, constant(4, 0)), zeroExtend(concat<7>(get(M), get(P), cause), 8)), set(M, 0), set(P, 1)],
  instructions: [
    instruction({ name: 'INC', source: 'none', encoding: encode(format, { op: 1 }), does: ({ a }) => [set(A, add(get(A), zeroExtend(a, 8)))] }),
    instruction({ name: 'SETB', source: 'none', encoding: encode(format, { op: 2 }), does: ({ a }) => [trapIf(get(M), 'privileged'), set(B, a as never)] }),
    instruction({ name: 'GETM', source: 'none', encoding: encode(format, { op: 3 }), does: () => [set(A, zeroExtend(get(M), 8))] }),
  ],
  deprivilegings: [{ name: 'supervisor to user', virtual: [[M, 0n]], real: [[M, 1n]], mapping: [B], control: [], invariant: [] }],
  leftOut: {}, published: [],
})
export default isa
`
const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const changed = (name: string, from: string, to: string): string => {
  if (!toy.includes(from)) throw new Error(`the toy has no ${from}`)
  return file(name, toy.replace(from, to))
}

const classified = (path: string, ...more: readonly string[]) => node(['classify', path, '--by', 'solve', '--json', ...more])
const criticals = ({ code, out, err }: Ran): unknown => {
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return (JSON.parse(out) as { instructions: { name: string; critical: string }[] }).instructions.filter((i) => i.critical === 'yes').map((i) => i.name)
}

describe('a file that is an ISA', () => {
  test.concurrent('TypeScript, decided by two threads', async () => {
    expect(criticals(await classified(file('toy.ts', toy), '--threads', '2'))).toEqual(['GETM'])
  })
  test.concurrent('JavaScript, exported by name', async () => {
    const plain = toy.replace(', type Isa', '').replace('const isa: Isa', 'export const isa').replaceAll(' as never', '').replace('concat<7>', 'concat').replace('export default isa\n', '')
    expect(criticals(await classified(file('toy.mjs', plain)))).toEqual(['GETM'])
  })
  test.concurrent('a repaired toy has no critical instruction', async () => {
    expect(criticals(await classified(changed('repaired.ts', "does: () => [set(A", "does: () => [trapIf(get(M), 'privileged'), set(A")))).toEqual([])
  })
})

test('each mistake: one message with the place, exit code 2', async () => {
  const cases: readonly (readonly [path: string, expected: RegExp])[] = [
    [changed('overlap.ts', 'op: 2 }', 'op: 1 }'), /overlap\.ts:10:\d+: IsaError: toy: the encodings of INC and SETB overlap: both match the word 10/],
    [changed('width.ts', 'set(B, a as never)', 'set(A, a as never)'), /width\.ts:22:\d+: WidthError: SETB: A has 8 bits, the value written to it 4/],
    [changed('syntax.ts', 'const M =', 'const const M ='), /syntax\.ts:5:\d+: .*const/],
    [changed('throws.ts', 'const A =', 'nonsense()\nconst A ='), /throws\.ts:4:\d+: ReferenceError: nonsense is not defined/],
    [changed('none.ts', 'export default isa', 'export const machine = isa'), /none\.ts exports no ISA: expected .*, found machine/],
    [changed('number.ts', 'export default isa', 'export default 42'), /exports a number where an ISA was expected/],
    [changed('almost.ts', 'export default isa', "export default { ...isa, trap: 'none' }"), /its field 'trap' is not what was expected/],
    [changed('cause.ts', "trapIf(get(M), 'privileged')", "trapIf(get(M), 'priviledged')"), /IsaError: toy: SETB traps with the cause 'priviledged', which is not one of memory, privileged/],
    [changed('package.ts', "from 'popek'", "from 'popekk'"), /Cannot find package 'popekk'/],
    [file('isa.json', '{}'), /unknown ISA|is not a TypeScript or JavaScript module/],
  ]
  const results = await Promise.all(cases.map(([path]) => node(['classify', path])))
  for (const [i, [, expected]] of cases.entries()) {
    expect(results[i]!.err).toMatch(expected)
    expect(results[i]!.err).not.toMatch(/^ +at /m)
    expect({ code: results[i]!.code, out: results[i]!.out }).toEqual({ code: 2, out: '' })
  }
})

test('a reader that goes away is no error', async () => {
  const ran = await new Promise<Ran>((done) => {
    execFile('bash', ['-c', `set -o pipefail; '${process.execPath}' --import tsx scripts/popek.ts isas --json | head -c 1`], (error, out, err) => done({ code: error === null ? 0 : Number(error.code), out, err }))
  })
  expect(ran).toEqual({ code: 0, out: '{', err: '' })
})

test.skipIf(!existsSync('/dev/full'))('standard output that is full is told, with 2', async () => {
  const ran = await new Promise<Ran>((done) => {
    execFile('bash', ['-c', `'${process.execPath}' --import tsx scripts/popek.ts run --help > /dev/full`], (error, out, err) => done({ code: error === null ? 0 : Number(error.code), out, err }))
  })
  expect(ran).toEqual({ code: 2, out: '', err: 'popek: cannot write standard output: no space is left\n' })
})

test('the listing of docs/adding-an-isa.md is an ISA, and its verdicts are those that the page tells', async () => {
  const listing = /```ts\n([\s\S]*?)```/.exec(readFileSync('docs/adding-an-isa.md', 'utf8'))![1]!
  const file = join(folder, 'listing.ts')
  writeFileSync(file, listing)
  const { code, out } = await node(['classify', file, '--json'])
  const { theorems, instructions } = JSON.parse(out) as { theorems: object; instructions: { name: string; critical: string }[] }
  expect(code).toBe(0)
  expect(instructions.filter((i) => i.critical === 'yes').map((i) => i.name)).toEqual(['GETR'])
  expect(theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'no' })
  expect(criticals(await classified(file, '--without', 'KEY = 0'))).toEqual(['SETR', 'GETR', 'RET'])
})
