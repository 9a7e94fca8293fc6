#!/usr/bin/env node
// The executable; bundle.mjs makes a script of it, which a process starts sooner than a module. A run of the hart has all modules of its own in one file, when that is as new as they are.
import { statSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { loadBundle } from './bundle.ts'

const changed = (file: string): number => statSync(new URL(file, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0

/** The flag is known to be there in V8 11, Node 20; another V8 may complain of it, or needs none. */
const hintedBranches = process.versions.v8.startsWith('11.') ? '--experimental-wasm-branch-hinting' : undefined

const argv = process.argv.slice(2)
const bundled = argv[0] === 'run' && argv[1] === 'riscv64/cpu'
  && changed('hart.bundle.cjs') > Math.max(...['tsconfig.tsbuildinfo', '../impl/tsconfig.tsbuildinfo', '../model/vocab/tsconfig.tsbuildinfo'].map(changed))
const loaded = bundled ? Promise.resolve(loadBundle(new URL('.', import.meta.url))) : import('./main.ts')
void loaded.then(({ main }) => {
  // Not before: a cache of compiled code is only taken under the flags that it was made with.
  if (hintedBranches !== undefined) setFlagsFromString(hintedBranches)
  return main(argv)
})
