// An ISA from a file of the user's: TypeScript or JavaScript, run as code, then checked to be an ISA.
import { createRequire, register as registerHooks } from 'node:module'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Isa } from '../model/machine/isa.ts'
import { BadInput, messageOf } from './terminal/failure.ts'
import { isFile } from './terminal/files.ts'

export const isaFileExtensions = ['.ts', '.mts', '.js', '.mjs']

/** Whether what the user wrote is a path and not the name of an ISA. */
export const looksLikeFile = (text: string): boolean =>
  /^(\.{0,2}[/\\]|[A-Za-z]:[/\\])/.test(text) || isaFileExtensions.includes(extname(text)) || isFile(text)

// The user's `import … from 'popek'` must reach these very modules, because terms are shared by identity; and a TypeScript
// file is a module, whatever the package around it says. tsx can promise neither, so its compiler is used without its
// loader. Hooks run in a thread of their own, from this text.
const hooks = (index: string, esbuild: string): string => `data:text/javascript,${encodeURIComponent(`
import { createRequire } from 'node:module'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
const { transform } = createRequire('file:///')(${JSON.stringify(esbuild)})
const typescript = /[.]m?ts$/
const source = (specifier, parent) => {
  if (!/^[.][.]?[/]/.test(specifier) || !typescript.test(parent ?? '')) return specifier
  const without = specifier.replace(/[.]m?js$/, '')
  return [specifier, without + '.ts', without + '.mts'].find((name) => existsSync(new URL(name, parent))) ?? specifier
}
export const resolve = (specifier, context, next) =>
  specifier === 'popek' ? { url: ${JSON.stringify(index)}, format: 'module', shortCircuit: true } : next(source(specifier, context.parentURL), context)
export const load = async (url, context, next) => {
  if (!typescript.test(url) || !url.startsWith('file:') || url.includes('/node_modules/')) return next(url, context)
  const path = fileURLToPath(url)
  const { code } = await transform(await readFile(path, 'utf8'), { loader: 'ts', format: 'esm', target: 'es2022', sourcefile: path, sourcemap: 'inline' })
  return { format: 'module', source: code, shortCircuit: true }
}`)}`

let prepared = false
const prepare = (): void => {
  if (prepared) return
  prepared = true
  const require = createRequire(import.meta.url)
  const esbuild = createRequire(require.resolve('tsx/package.json')).resolve('esbuild')
  registerHooks(hooks(new URL(`./index${extname(import.meta.url)}`, import.meta.url).href, esbuild))
  process.setSourceMapsEnabled(true)
}

/** Loads and checks the file; throws BadInput that says what is wrong with it. */
export const loadUserIsa = async (path: string): Promise<Isa> => {
  if (!isFile(path)) throw new BadInput(`cannot read the ISA file ${path}: there is no such file`)
  if (!isaFileExtensions.includes(extname(path))) throw new BadInput(`${path} is not a TypeScript or JavaScript module: expected a name that ends in ${isaFileExtensions.join(', ')}`)
  const module = await importFile(path)
  const exported = module['default'] ?? module['isa']
  if (exported === undefined) {
    const names = Object.keys(module)
    throw new BadInput(`${path} exports no ISA: expected \`export default defineIsa({ … })\` or \`export const isa = …\`${names.length ? `, found ${names.join(', ')}` : ', found no export'}`)
  }
  return checked(path, exported)
}

const importFile = async (path: string): Promise<Readonly<Record<string, unknown>>> => {
  prepare()
  const restore = printToStandardError()
  try {
    return await import(pathToFileURL(resolve(path)).href) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw new BadInput(explain(path, error))
  } finally {
    restore()
  }
}

/** What the file prints while it is loaded must not mix with a document on standard output. */
const printToStandardError = (): (() => void) => {
  const { log, info, debug } = console
  Object.assign(console, { log: console.error, info: console.error, debug: console.error })
  return () => void Object.assign(console, { log, info, debug })
}

/** What went wrong while the file was loaded, with the line in the file where there is one. */
const explain = (path: string, error: unknown): string => {
  const { name, code, stack } = error as { name?: string; code?: string; stack?: string }
  const message = messageOf(error)
  // esbuild's own form already names file, line and column.
  if (name === 'TransformError' || /Transform failed/.test(message)) {
    const place = /(?:^|\n)(?:.*?):(\d+):(\d+): ERROR: (.*)/.exec(message)
    return place ? `${path}:${place[1]}:${Number(place[2]) + 1}: ${place[3]}` : `${path}: ${message}`
  }
  const line = stack === undefined ? null : new RegExp(`${escaped(resolve(path))}:(\\d+)(?::(\\d+))?`).exec(stack)
  const where = line ? `${path}:${line[1]}${line[2] === undefined ? '' : `:${line[2]}`}` : path
  if (code === 'ERR_MODULE_NOT_FOUND') return `${where}: ${message.split('\n')[0]}`
  return `${where}: ${name === undefined || name === 'Error' ? '' : `${name}: `}${message}`
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** The fields of an Isa that every command relies on, and what each must be. */
const shape: Readonly<Record<string, (value: unknown) => boolean>> = {
  name: (v) => typeof v === 'string' && v !== '',
  wordWidth: (v) => Number.isInteger(v),
  components: Array.isArray,
  counter: (v) => typeof v === 'object' && v !== null,
  relocation: (v) => typeof v === 'object' && v !== null,
  trap: (v) => typeof v === 'function',
  instructions: Array.isArray,
  deprivilegings: (v) => Array.isArray(v) && v.length > 0,
  memoryCauses: (v) => Array.isArray(v) && v.length > 0,
  published: Array.isArray,
}

const checked = async (path: string, exported: unknown): Promise<Isa> => {
  if (typeof exported !== 'object' || exported === null) throw new BadInput(`${path} exports ${typeof exported === 'object' ? 'null' : `a ${typeof exported}`} where an ISA was expected: use defineIsa`)
  const value = exported as Readonly<Record<string, unknown>>
  for (const [field, holds] of Object.entries(shape))
    if (!holds(value[field])) throw new BadInput(`${path}: what is exported is not an ISA made by defineIsa: its field '${field}' is ${value[field] === undefined ? 'missing' : 'not what was expected'}`)
  const { defineIsa } = await import('../model/machine/isa.ts')
  try {
    // Also for an object that did not come from defineIsa.
    return defineIsa(exported as Isa)
  } catch (error) {
    throw new BadInput(`${path}: ${(error as Error).name}: ${messageOf(error)}`)
  }
}
