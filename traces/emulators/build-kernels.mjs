// Assembles the test kernels: <folder>/kernel.S to <folder>/kernel.ts. Needs Debian's binutils for the targets; `--check` compares.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Prefix of the tools, options of the assembler and of the linker. */
const targets = {
  alpha: ['alpha-linux-gnu-', ['-mev67'], ['-Ttext=0x100000']],
  aarch64: ['aarch64-linux-gnu-', ['-march=armv8-a'], ['-Ttext=0']],
  'aarch64-el2': ['aarch64-linux-gnu-', ['-march=armv8-a'], ['-Ttext=0']],
  arm: ['arm-linux-gnueabi-', ['-march=armv6'], ['-Ttext=0']],
  'arm-virtualization': ['arm-linux-gnueabi-', ['-march=armv7ve', '-I', import.meta.dirname], ['-Ttext=0']],
  x86: ['', ['--32'], ['-m', 'elf_i386', '-Ttext=0x1000']],
  'x86-64': ['', ['--64'], ['-m', 'elf_x86_64', '-Ttext=0x1000']],
  mips: ['mips-linux-gnu-', ['-mips3', '-mabi=32', '-mgp32', '-mfp32', '-mno-pdr'], ['-Ttext=0']],
  'gxemul-r3000': ['mips-linux-gnu-', ['-mips1', '-mabi=32', '-mno-pdr'], ['-Ttext=0']],
  m68k: ['m68k-linux-gnu-', ['-m68000'], ['-Ttext=0']],
  powerpc: ['powerpc-linux-gnu-', ['-m750cl'], ['-Ttext=0']],
  sparc: ['sparc64-linux-gnu-', ['-Av8', '-32'], ['-m', 'elf32_sparc', '-Ttext=0x40000000']],
  s390x: ['s390x-linux-gnu-', ['-m64', '-march=z13'], ['-Ttext=0']],
  riscv: ['riscv64-linux-gnu-', ['-march=rv64imafdc_zicsr_zifencei', '-mabi=lp64d'], ['-m', 'elf64lriscv', '-Ttext=0x80000000']],
  riscv32: ['riscv64-linux-gnu-', ['-march=rv32imafdc_zicsr_zifencei', '-mabi=ilp32d', '-I', import.meta.dirname], ['-m', 'elf32lriscv', '-Ttext=0x80000000']],
  'hercules-s370': ['s390x-linux-gnu-', ['-m31', '-mesa', '-march=g5'], ['-m', 'elf_s390', '-Ttext=0']],
}

const folder = mkdtempSync(join(tmpdir(), 'popek-kernels-'))
const image = (name) => {
  const [prefix, assemble, link] = targets[name]
  const [object, linked, raw] = ['o', 'elf', 'bin'].map((end) => join(folder, `${name}.${end}`))
  execFileSync(`${prefix}as`, [...assemble, join(import.meta.dirname, name, 'kernel.S'), '-o', object])
  execFileSync(`${prefix}ld`, [...link, '-e', 'start', object, '-o', linked])
  execFileSync(`${prefix}objcopy`, ['-O', 'binary', '-j', '.text', linked, raw])
  const symbols = execFileSync(`${prefix}nm`, [linked], { encoding: 'utf8' }).split('\n').map((l) => l.split(' '))
    .filter(([, kind, symbol]) => kind === 'T' && !symbol.startsWith('_')).map(([address, , symbol]) => [symbol, Number.parseInt(address, 16)])
  return text(readFileSync(raw), symbols, 'kernel.S')
}
const text = (bytes, symbols, source) => {
  const lines = bytes.toString('base64').match(/.{1,120}/g).map((l) => `  '${l}',`)
  return [
    `// The test kernel of ${source}, assembled; written by build-kernels.mjs.`,
    `export const symbols = { ${symbols.sort(([, a], [, b]) => a - b).map(([s, a]) => `${s}: 0x${a.toString(16)}`).join(', ')} } as const`,
    "export const image: Uint8Array = Buffer.from([", ...lines, "].join(''), 'base64')", '',
  ].join('\n')
}

/** Debian has no assembler for LoongArch. */
const programs = { loongarch: { ...await import('./loongarch/kernel.mjs'), source: 'kernel.mjs' } }
const assembled = ({ kernel, exported, numbers, source }) => {
  const { image, labels } = kernel()
  return text(image, [...exported.map((name) => [name, labels.get(name)]), ...Object.entries(numbers)], source)
}

const chosen = process.argv.slice(2).filter((a) => !a.startsWith('--'))
try {
  for (const name of chosen.length ? chosen : [...Object.keys(targets), ...Object.keys(programs)]) {
    const file = join(import.meta.dirname, name, 'kernel.ts'), made = name in programs ? assembled(programs[name]) : image(name)
    if (!process.argv.includes('--check')) writeFileSync(file, made)
    else if (readFileSync(file, 'utf8') !== made) {
      console.error(`${file} is not what its source assembles to: node traces/emulators/build-kernels.mjs ${name}`)
      process.exitCode = 1
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}
