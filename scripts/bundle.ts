// The modules of a run of the hart in one file, which bundle.mjs makes, with what V8 compiled of them.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import type * as Main from './main.ts'

/** The bundle of a folder, as a script, and what it exports. A cache of another V8 is left alone by V8. */
export const loadScript = (folder: URL): { readonly script: Script; readonly exports: typeof Main } => {
  const file = new URL('hart.bundle.cjs', folder), filename = fileURLToPath(file), cache = new URL('hart.bundle.cache', folder)
  const script = new Script(`(require, exports, __filename, importOutside) => {${readFileSync(file, 'utf8')}\n}`, {
    filename, ...(existsSync(cache) ? { cachedData: readFileSync(cache) } : {}),
  })
  const exports = {} as typeof Main
  script.runInThisContext()(createRequire(file), exports, filename, (module: string) => import(new URL(module, file).href))
  return { script, exports }
}

export const loadBundle = (folder: URL): typeof Main => loadScript(folder).exports
