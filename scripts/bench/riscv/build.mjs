// Compiles the programs of `popek bench --only hart`: programs.c to images.ts. Needs Debian's gcc-riscv64-unknown-elf; `--check` compares.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const names = ['CALLS', 'SORT', 'SIEVE', 'COPY', 'RECORDS', 'CORE', 'CHECKSUM', 'DOUBLES', 'PAGES', 'TRAPS']
const here = import.meta.dirname, folder = mkdtempSync(join(tmpdir(), 'popek-programs-'))
const image = (name) => {
  const [elf, raw] = [join(folder, `${name}.elf`), join(folder, `${name}.bin`)]
  execFileSync('riscv64-unknown-elf-gcc', ['-O2', '-march=rv64gc', '-mabi=lp64d', '-mcmodel=medany', '-nostdlib', '-ffreestanding',
    '-fno-tree-loop-distribute-patterns', '-ffp-contract=off', '-Wl,--build-id=none', `-D${name}`, join(here, 'start.S'), join(here, 'programs.c'), '-T', join(here, 'link.ld'), '-o', elf])
  execFileSync('riscv64-unknown-elf-objcopy', ['-O', 'binary', elf, raw])
  return readFileSync(raw).toString('base64')
}
try {
  const text = [
    '// The programs of programs.c for 0x80000000, compiled; written by build.mjs.',
    'export const images: Readonly<Record<string, string>> = {', ...names.flatMap((n) => [`  ${n.toLowerCase()}: [`, ...image(n).match(/.{1,120}/g).map((line) => `    '${line}',`), '  ].join(\'\'),']), '}', '',
  ].join('\n')
  const file = join(here, 'images.ts')
  if (!process.argv.includes('--check')) writeFileSync(file, text)
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${file} is not what its sources compile to: node scripts/bench/riscv/build.mjs`)
    process.exitCode = 1
  }
} finally {
  rmSync(folder, { recursive: true })
}
