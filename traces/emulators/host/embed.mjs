// Writes ring3.c into ring3.ts, so that it goes where the compiled modules go; `--check` compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [source, file] = ['ring3.c', 'ring3.ts'].map((name) => join(import.meta.dirname, name))
const text = ['// The text of ring3.c; written by embed.mjs.', `export const source = String.raw\`${readFileSync(source, 'utf8')}\``, ''].join('\n')
if (!process.argv.includes('--check')) writeFileSync(file, text)
else if (readFileSync(file, 'utf8') !== text) {
  console.error(`${file} is not ring3.c: node traces/emulators/host/embed.mjs`)
  process.exitCode = 1
}
