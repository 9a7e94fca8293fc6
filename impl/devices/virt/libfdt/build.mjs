// Compiles libfdt to WebAssembly: bytes.ts. Needs Debian's clang and lld, version 14, and fetches Debian's package linux-source-6.12 (150 MB), which has libfdt's sources; `--check` compares.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const sourcePackage = 'linux-source-6.12', version = '14.0.6', commit = 'bcd02b52'
/** SHA-256, as Linux 6.12 took them over from dtc. */
const sources = {
  'fdt.c': '3cbcd38b08f16025a81086dbf24fb920fb752435dcb9d852595d407b1d09dd9e',
  'fdt_sw.c': 'e9d193f023880f4359c3ed9954d678b51a87b1d66b783318a9d69a8122378122',
  'fdt_strerror.c': '4a1de9eb7eadefe07cfe53c238785aa9bdd54e5387903c2faa7e42006027c137',
  'fdt.h': '60269146c0f49a3da5e260763f4c59ff3257bc1ca01d0b11784ded6d2cb07492',
  'libfdt.h': 'e3c9e605a1fd3ac4030b9480b8d45d102dac26e9bbc5c558528981a9e23f84eb',
  'libfdt_env.h': '273bb264cacd60bb005cfa558bee084558469b9107eaf40d7e1362571ed1bc94',
  'libfdt_internal.h': '7c29a6e30115cdd0a30fb4014c7674ead0d4bd39b9989bed46acb4f838bbd4e8',
}
const names = [
  'fdt_create', 'fdt_resize', 'fdt_finish_reservemap', 'fdt_begin_node', 'fdt_property_placeholder', 'fdt_end_node', 'fdt_finish', 'fdt_strerror', 'set_boot_hart', '__heap_base',
]

const here = import.meta.dirname, folder = mkdtempSync(join(tmpdir(), 'popek-libfdt-'))
const run = (command, ...rest) => execFileSync(command, rest, { cwd: folder, maxBuffer: 2 ** 30 })

const fetchSources = () => {
  run('apt-get', '-qq', 'download', sourcePackage)
  const archive = run('dpkg-deb', '--fsys-tarfile', readdirSync(folder).find((name) => name.endsWith('.deb')))
  const linux = execFileSync('tar', ['-xO', `./usr/src/${sourcePackage}.tar.xz`], { input: archive, maxBuffer: 2 ** 30 })
  execFileSync('tar', ['-xJ', '-C', folder, '--strip-components=4', ...Object.keys(sources).map((name) => `${sourcePackage}/scripts/dtc/libfdt/${name}`)], { input: linux })
  for (const [name, wanted] of Object.entries(sources)) {
    const found = createHash('sha256').update(readFileSync(join(folder, name))).digest('hex')
    if (found !== wanted) throw new Error(`${name} of ${sourcePackage} is ${found}, and not ${wanted}`)
  }
}

const compile = () => {
  for (const tool of ['clang', 'wasm-ld']) if (!run(tool, '--version').includes(version)) throw new Error(`${tool} is not version ${version}`)
  writeFileSync(join(folder, 'stdlib.h'), '')
  run('clang', '--target=wasm32', '-nostdlib', '-ffreestanding', '-mbulk-memory', '-Os', '-flto', '-I', here, '-I', folder, ...Object.keys(sources).filter((name) => name.endsWith('.c')),
    join(here, 'boot-hart.c'), '-o', 'libfdt.wasm', `-Wl,--no-entry,--strip-all,--stack-first,-z,stack-size=4096,${names.map((name) => `--export=${name}`).join()}`)
  return [...readFileSync(join(folder, 'libfdt.wasm'))]
}

try {
  fetchSources()
  const text = [
    `// libfdt, of dtc at its commit ${commit} (after 1.7.0), compiled by clang ${version} for WebAssembly; written by build.mjs, which has the sources' hashes. Copyright and conditions: LICENSE.`,
    'export const libfdtBytes = (): Uint8Array => new Uint8Array([', ...compile().join().match(/.{1,120},|.{1,120}$/g).map((line) => `  ${line}`), '])', '',
  ].join('\n')
  const file = join(here, 'bytes.ts')
  if (!process.argv.includes('--check')) writeFileSync(file, text)
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${file} is not what its sources compile to: node impl/devices/virt/libfdt/build.mjs`)
    process.exitCode = 1
  }
} finally {
  rmSync(folder, { recursive: true })
}
