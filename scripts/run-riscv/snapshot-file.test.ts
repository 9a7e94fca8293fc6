import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { outputFile } from '../terminal/files.ts'
import { openContent } from './content.ts'
import { openDisk } from './disk-file.ts'
import { bootMachine, type Configuration } from './machine.ts'
import { raw } from './programs.fixture.ts'
import { openSnapshot, resumeSnapshot, saveSnapshot } from './snapshot-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'popek-snapshot-'))
afterAll(() => rmSync(folder, { recursive: true }))
const { isTTY } = process.stderr
afterEach(() => {
  vi.restoreAllMocks()
  process.stderr.isTTY = isTTY
})

const configuration: Configuration = { memory: 16, seed: 1, legacyVirtio: false, rng: false, virtioConsole: false, readOnly: false, hart: { mmu: 'sv39', misaligned: 'done', misalignedAtomics: 'trap', accessedDirty: 'update', timer: 'supervisor' } }

/** What is written to standard error, as if it were a terminal, by saving a machine and resuming it. */
const shownBy = (showsProgress: boolean): string => {
  const shown: string[] = [], path = join(folder, 'snapshot'), disk = join(folder, 'disk')
  process.stderr.isTTY = true
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => (shown.push(String(text)), true))
  writeFileSync(disk, '')
  truncateSync(disk, 3 * 2 ** 20)
  const disks = [openDisk(disk, false)], files = { image: { path: 'image', bytes: 4, read: () => raw([0x0000_006f]) } }
  const machine = bootMachine(configuration, files, { disks, print: () => {} })
  crypto.getRandomValues(machine.hart.ram.subarray(2 ** 20, 2 ** 20 + 2 ** 16))
  saveSnapshot(outputFile(path, 'snapshot'), machine, files, disks, { configuration, steps: 0 }, { showsProgress })
  const file = openContent(path, 'snapshot')
  const resumed = resumeSnapshot(openSnapshot(file, { showsProgress }), { disks, print: () => {} }, { showsProgress })
  expect(Buffer.from(resumed.hart.ram).equals(machine.hart.ram)).toBe(true)
  for (const each of [file, ...disks]) each.close()
  expect(statSync(path).size).toBeGreaterThan(0)
  return shown.join('')
}

test('a terminal shows how far saving, checking and resuming are, each in MiB', () => {
  const shown = shownBy(true), bar = (what: string, total: number): RegExp => new RegExp(`${what} ${folder}/snapshot [█░]+ 0/${total} MiB`)
  expect(shown).toMatch(bar('saving', 3))
  expect(shown).toMatch(bar('checking', 1))
  expect(shown).toMatch(bar('resuming', 3))
})
test('what is no terminal is left alone', () => expect(shownBy(false)).toBe(''))
