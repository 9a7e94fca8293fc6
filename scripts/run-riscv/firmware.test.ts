// Debian's OpenSBI and U-Boot on the hart and its board, where they are installed.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { popek } from '../in-process.fixture.ts'
import { fatDisk } from './fat.fixture.ts'

const machineUboot = '/usr/lib/u-boot/qemu-riscv64/u-boot.bin'
const supervisorUboot = '/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin'
const opensbi = '/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.elf'

/** Whether to skip for want of a file: not in CI, which installs the packages. */
const skipped = (files: readonly string[], packages: string): boolean => {
  const missing = files.filter((f) => !existsSync(f))
  if (missing.length === 0 || process.env['CI']) return false
  console.warn(`not tried: ${missing.join(' and ')}, which Debian has in the package ${packages}`)
  return true
}

const folder = mkdtempSync(join(tmpdir(), 'popek-firmware-'))
afterAll(() => rmSync(folder, { recursive: true }))
const disk = join(folder, 'disk.img')
writeFileSync(disk, fatDisk('HELLO.TXT', 'hello from the disk\n'))

/** Types the lines once the boot can be stopped, and switches the machine off. A command that looks for Ctrl-C while it prints eats keys: spaces. */
const typed = (...lines: readonly string[]): readonly string[] => ['--keyboard', ` ${[...lines, 'poweroff'].join(`\n${' '.repeat(16)}`)}\n`]
const lastLines = (out: string): readonly string[] => out.split(/\r?\n/)

test.skipIf(skipped([machineUboot], 'u-boot-qemu')).each([['modern', []], ['legacy', ['--legacy-virtio']]])('U-Boot in machine mode reads a file from a %s virtio disk', async (_, more) => {
  const { code, out } = await popek(['run', 'riscv64/cpu', machineUboot, '--disk', disk, ...more, ...typed('version', 'virtio scan', 'fatload virtio 0 80200000 other.txt', 'fatload virtio 0 80200000 hello.txt', 'md.b 80200000 14', 'bdinfo')])
  expect(code).toBe(0)
  const lines = lastLines(out)
  expect(lines).toContain('Model: riscv-virtio,qemu')
  expect(lines).toContain('DRAM:  128 MiB')
  expect(lines).toContain('Flash: 32 MiB')
  expect(out).toMatch(/=> +version\s+U-Boot 20/)
  expect(out.match(/bytes read/g)).toHaveLength(1)
  expect(out).toMatch(/80200000: 68 65 6c 6c 6f 20 66 72/)
  expect(lines).toContain('-> size     = 0x0000000008000000')
  expect(lines.slice(-2)).toEqual(['poweroff ...', ''])
})

test.skipIf(skipped([opensbi, supervisorUboot], 'opensbi, or u-boot-qemu'))('OpenSBI that is told where to go starts U-Boot in supervisor mode', async () => {
  const { code, out } = await popek(['run', 'riscv64/cpu', opensbi, '--kernel', supervisorUboot, '--disk', disk, ...typed('virtio scan', 'fatload virtio 0 80200000 hello.txt')])
  expect(code).toBe(0)
  const lines = lastLines(out)
  expect(lines).toContain('Platform Name             : riscv-virtio,qemu')
  expect(lines).toContain('Platform Timer Device     : aclint-mtimer @ 10000000Hz')
  expect(lines).toContain('Domain0 Next Mode         : S-mode')
  expect(out).toMatch(/20 bytes read/)
})
