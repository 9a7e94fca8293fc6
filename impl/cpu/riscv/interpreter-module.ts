// The interpreter's module: the loop, the functions beside it, and the handlers that it asks.
import { Code, encodeModule, i32, type Signature } from './encode.ts'
import { entrance, translation, type Handlers } from './handlers.ts'
import { loadFunction } from './interpreter-clock.ts'
import { decoderFunction } from './interpreter-decoder.ts'
import { guardedFunction } from './interpreter-guarded.ts'

const imports: readonly { readonly name: keyof Handlers, readonly type: number }[] = [
  { name: 'decode', type: 1 }, { name: 'fetch', type: 4 }, { name: 'cross', type: 4 }, { name: 'breakpoint', type: 4 }, { name: 'load', type: 3 }, { name: 'store', type: 3 },
  { name: 'handled', type: 2 }, { name: 'guarded', type: 2 }, { name: 'hot', type: 1 },
]
const types: readonly Signature[] = [
  translation,
  { parameters: [i32], results: [] },
  { parameters: [i32], results: [i32] },
  { parameters: [i32, i32, i32], results: [i32] },
  { parameters: [], results: [i32] },
  { parameters: [i32, i32], results: [i32] },
  entrance,
]
/** The functions after `run`, which is the first after the imported ones. */
export const guarded = imports.length + 1
export const decoder = guarded + 1
/** For each imported function one that calls it: of those it calls itself, `run` would keep the addresses at hand. */
export const handler = Object.fromEntries(imports.map(({ name }, index) => [name, decoder + 1 + index])) as Record<keyof Handlers, number>
const callers = imports.map(({ name, type }, index) => {
  if (name === 'load') return { name: 'call load', type, body: loadFunction(index) }
  const body = new Code(types[type]!.parameters.length)
  for (const parameter of types[type]!.parameters.keys()) body.get(parameter)
  return { name: `call ${name}`, type, body: body.call(index) }
})

/** The module of a loop, its function `run`, which takes the instructions of the slice and returns an outcome, and `enter`, by which translations of different modules go on with each other: only this module has the table. */
export const moduleOf = (run: Code): Uint8Array => encodeModule({
  types, imports, table: 'imported', functions: [
    { name: 'run', type: 2, body: run }, { name: 'guarded', type: 2, body: guardedFunction() }, { name: 'decoder', type: 5, body: decoderFunction() }, ...callers,
    { name: 'enter', type: 6, body: new Code(entrance.parameters.length).get(0).get(1).get(2).returnCallIndirect(0) },
  ],
})
