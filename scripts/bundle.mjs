// Puts the modules of `popek run riscv64/cpu` in dist into one file, and beside it what V8 compiles of them when a program runs; and makes a script of the executable.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const dist = new URL('../dist/', import.meta.url)
const folder = new URL('scripts/', dist)
/** What other commands and systems need is loaded from its own files. */
const elsewhere = /\/(commands\/(?!run\.)|engines\.|guest-image\.|snapshot(-file)?\.|commit-log\.|gdb-server\.|traces\/|assembler\/)/
/** Parts of Node that few runs need, and that take milliseconds to load. */
const seldom = /= require\("(node:crypto|node:child_process)"\)/g

const { interpreterBytes } = await import(new URL('impl/cpu/riscv/interpreter.js', dist))
const plugin = {
  name: 'popek',
  // The interpreter does not depend on anything: its bytes stand for what emits it.
  load: (id) => id.endsWith('/impl/cpu/riscv/interpreter.js')
    ? `export const interpreterBytes = () => Buffer.from('${Buffer.from(interpreterBytes()).toString('base64')}', 'base64')` : undefined,
  // A script from V8's cache cannot import.
  renderChunk: (code) => code.replaceAll(/\bimport\((?="\.)/g, 'importOutside(').replaceAll(seldom, '= new Proxy({}, { get: (_, name) => require("$1")[name] })'),
}

/** One script of a module in dist and of what it imports. */
const makeScript = (entry, name, external, plugins) => build({
  configFile: false, logLevel: 'warn', publicDir: false, plugins,
  build: {
    ssr: fileURLToPath(new URL(entry, folder)), outDir: fileURLToPath(folder), emptyOutDir: false, target: 'node20',
    rollupOptions: { external: (id) => external.test(id), output: { format: 'cjs', entryFileNames: name, codeSplitting: false } },
  },
  ssr: { noExternal: true },
})

const cache = fileURLToPath(new URL('hart.bundle.cache', folder))
rmSync(cache, { force: true })
await makeScript('popek.js', 'popek.cjs', /\/main\.js$/, [])
// Node reads the certificates of this variable at its start, in 80 ms, and a guest's run asks for none: a shell takes them away, which skips what is behind the colon.
const executable = fileURLToPath(new URL('popek.cjs', folder))
const started = `#!/bin/sh\n':' //; [ "$1 $2" = 'run riscv64/cpu' ] && unset NODE_EXTRA_CA_CERTS; exec node "$0" "$@"\n`
writeFileSync(executable, readFileSync(executable, 'utf8').replace(/^#!.*\n/, started))
chmodSync(executable, 0o755)
await makeScript('main.js', 'hart.bundle.cjs', elsewhere, [plugin])

const [{ loadScript }, { images }] = await Promise.all([import(new URL('bundle.js', folder)), import(new URL('bench/riscv/images.js', folder))])
const { script, exports } = loadScript(folder)
const work = mkdtempSync(join(tmpdir(), 'popek-bundle-'))
try {
  const image = join(work, 'image')
  writeFileSync(image, Buffer.from(images.records, 'base64'))
  const silent = { out: () => {}, full: () => undefined, err: () => {}, columns: 100, colors: {}, showsProgress: false, interrupted: new AbortController().signal }
  const code = await exports.run(['run', 'riscv64/cpu', image, '--keyboard', '', '--steps', '5000000'], silent)
  if (code !== 0) throw new Error(`the bundle does not run a program: exit code ${code}`)
  writeFileSync(cache, script.createCachedData())
} finally {
  rmSync(work, { recursive: true })
}
