#!/usr/bin/env node
// The executable; bundle.mjs makes a script of it, which a process starts sooner than a module. A run of the hart has all modules of its own in one file, when that is as new as they are.
import { statSync } from 'node:fs'
import { loadBundle } from './bundle.ts'

const changed = (file: string): number => statSync(new URL(file, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0

const argv = process.argv.slice(2)
const bundled = argv[0] === 'run' && argv[1] === 'riscv64/cpu'
  && changed('hart.bundle.cjs') > Math.max(...['tsconfig.tsbuildinfo', '../impl/tsconfig.tsbuildinfo', '../model/vocab/tsconfig.tsbuildinfo'].map(changed))
const loaded = bundled ? Promise.resolve(loadBundle(new URL('.', import.meta.url))) : import('./main.ts')
void loaded.then(({ main }) => main(argv))
