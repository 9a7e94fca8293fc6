// The bundle that a build leaves in dist does what the modules do; tried where a build precedes the tests.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { loadScript } from './bundle.ts'
import { popek } from './in-process.fixture.ts'
import { echoes, raw } from './run-riscv/programs.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'popek-bundle-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.skipIf(!process.env['CI'])('runs a guest, and says what is wrong, in the same words', async () => {
  expect(existsSync('dist/scripts/hart.bundle.cjs')).toBe(true)
  const image = join(folder, 'echo.bin')
  writeFileSync(image, raw(echoes))
  for (const more of [[image, '--keyboard', 'abq'], [image, '--memory', '4', '--keyboard', 'q', '--signature', join(folder, 's')], [image, '--keyboard', '', '--steps', '100000', '--save', join(folder, 'snapshot')], [join(folder, 'snapshot'), '--keyboard', 'q', '--steps', '100000'], [image, '--memory', '4', '--keyboard', 'q', '--commit-log', '-'], [join(folder, 'none')], [image, '--size', '32'], [image, '--nonsense']]) {
    const argv = ['run', 'riscv64/cpu', ...more]
    const { stdout, stderr, status } = spawnSync('dist/scripts/popek.cjs', argv, { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } })
    const plain = (text: string): string => text.replace(/\d+\.\d+ (s|\(?million)|\(\d+\.\d+ million/g, '…')
    const { code, out, err } = await popek(argv)
    expect([stdout, plain(stderr), status]).toEqual([out, plain(err), code])
  }
})

test('a cache that V8 refuses does no harm', () => {
  writeFileSync(join(folder, 'hart.bundle.cjs'), 'exports.main = () => 1974')
  writeFileSync(join(folder, 'hart.bundle.cache'), 'not of V8')
  const { script, exports } = loadScript(pathToFileURL(`${folder}/`))
  expect(script.cachedDataRejected).toBe(true)
  expect((exports.main as unknown as () => number)()).toBe(1974)
})
