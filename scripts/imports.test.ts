// The import rules of .oxlintrc.json: each forbidden import is refused, each allowed one is not.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'popek-imports-'))
afterAll(() => rmSync(folder, { recursive: true }))
copyFileSync('.oxlintrc.json', join(folder, '.oxlintrc.json'))

const refused: readonly (readonly [file: string, imported: string])[] = [
  ['impl/cpu/a.ts', '../../model/ir/term.ts'], ['impl/cpu/b.ts', '../../model/machine/isa.ts'], ['impl/vmm/c.ts', '../../model/isa/index.ts'],
  ['impl/vmm/d.ts', 'node:fs'], ['impl/vmm/e.ts', '../../traces/format.ts'], ['impl/vmm/f.test.ts', '../../model/claims/run.ts'],
  ['model/isa/g.ts', 'node:fs'], ['model/isa/h.ts', 'fast-check'], ['model/isa/i.ts', '../../impl/cpu/cpu.ts'], ['model/claims/j.ts', '../../properties/verdict.ts'],
  ['model/ir/k.ts', '../machine/isa.ts'], ['model/machine/l.ts', '../claims/run.ts'], ['model/vocab/m.ts', '../ir/term.ts'],
  ['traces/n.ts', '../impl/cpu/cpu.ts'], ['traces/o.ts', '../properties/verdict.ts'], ['traces/p.ts', 'z3-solver'],
  ['properties/check/q.ts', '../../impl/cpu/cpu.ts'], ['properties/check/r.ts', 'z3-solver'], ['properties/decide/s.ts', '../../impl/cpu/cpu.ts'], ['properties/check/t.ts', '../../scripts/isas.ts'],
  ['scripts/u.ts', 'z3-solver'],
]
const allowed: readonly (readonly [file: string, imported: string])[] = [
  ['impl/cpu/z1.ts', '../../model/vocab/index.ts'], ['impl/cpu/z2.test.ts', 'vitest'], ['model/ir/z3.ts', 'ts-pattern'], ['traces/adapters.ts', '../impl/cpu/cpu.ts'],
  ['traces/z4.ts', 'io-ts'], ['properties/decide/z5.ts', 'z3-solver'], ['properties/decide/z6.ts', 'fast-check'], ['scripts/z7.ts', '../impl/cpu/cpu.ts'], ['model/isa/z8.test.ts', 'fast-check'],
]

test('each forbidden import is refused, and no other', () => {
  for (const [file, imported] of [...refused, ...allowed]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), `import { x } from '${imported}'\nexport const y = x\n`)
  }
  const { stdout } = spawnSync(resolve('node_modules/.bin/oxlint'), ['-c', join(folder, '.oxlintrc.json'), '--format', 'json', '.'], { cwd: folder, encoding: 'utf8' })
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] }
  const files = new Set(diagnostics.filter((d) => /restricted-imports|nodejs-modules/.test(d.code)).map((d) => d.filename.replace(/^\.\//, '')))
  expect([...files].sort()).toEqual(refused.map(([file]) => file).sort())
})
