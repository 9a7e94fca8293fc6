#!/usr/bin/env node
// The executable. Modules take their time to load and to compile: a run of the hart has all of its own in one file, when that is as new as they are.
import { statSync } from 'node:fs'

const changed = (file: string): number => statSync(new URL(file, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0

const argv = process.argv.slice(2)
const bundled = argv[0] === 'run' && argv[1] === 'riscv64/cpu'
  && changed('hart.bundle.cjs') > Math.max(...['tsconfig.tsbuildinfo', '../impl/tsconfig.tsbuildinfo', '../model/vocab/tsconfig.tsbuildinfo'].map(changed))
const { main } = bundled ? (await import('./bundle.ts')).loadBundle(new URL('.', import.meta.url)) : await import('./main.ts')
await main(argv)
