// The codecs that trace files are made of; the name of each says in words what it expects.
import * as t from 'io-ts'
import { hex } from './component.ts'

const define = <A, O>(name: string, is: (u: unknown) => u is A, read: (u: unknown) => A | undefined, write: (a: A) => O): t.Type<A, O> =>
  new t.Type(name, is, (u, context) => {
    const value = read(u)
    return value === undefined ? t.failure(u, context) : t.success(value)
  }, write)

const plain = <A>(name: string, is: (u: unknown) => u is A): t.Type<A, unknown> => define(name, is, (u) => (is(u) ? u : undefined), (a): unknown => a)

/** Accepts nothing: for a key that must not be there. */
const nothing = (name: string): t.Type<never> => new t.Type(name, t.never.is, t.never.validate, t.never.encode)

export const text = plain('text', (u): u is string => typeof u === 'string')

/** An integer from `low` to `high`, a multiple of `unit`. */
export const integer = (low: number, high: number, unit = 1): t.Type<number, unknown> =>
  plain(`an integer from ${low} to ${high}${unit === 1 ? '' : `, a multiple of ${unit}`}`,
    (u): u is number => Number.isInteger(u) && (u as number) >= low && (u as number) <= high && (u as number) % unit === 0)

/** One of a few values. */
export const names = <A extends string | number>(values: readonly A[]): t.Type<A, unknown> =>
  plain(values.map((v) => JSON.stringify(v)).join(' or '), (u): u is A => values.includes(u as A))

/** The full width in hexadecimal, lower case; stays text. */
export const hexText = (bits: number): t.Type<string, unknown> => {
  const digits = Math.ceil(bits / 4)
  const pattern = new RegExp(`^0x[0-9a-f]{${digits}}$`)
  const fits = (u: string): boolean => bits % 4 === 0 || Number.parseInt(u.slice(2), 16) < 2 ** bits
  return plain(`a number of ${bits} bit${bits === 1 ? '' : 's'} as 0x and ${digits} hexadecimal digit${digits === 1 ? '' : 's'}`,
    (u): u is string => typeof u === 'string' && pattern.test(u) && fits(u))
}

/** A number of any width in hexadecimal, lower case; stays text. */
export const hexDigits = plain('a number as 0x and hexadecimal digits', (u): u is string => typeof u === 'string' && /^0x[0-9a-f]+$/.test(u))

const word = hexText(32)
/** A signed 32-bit integer, in the file as 8 hexadecimal digits. */
export const hexWord: t.Type<number, unknown> = define(word.name,
  (u): u is number => typeof u === 'number' && (u | 0) === u,
  (u) => (word.is(u) ? Number(u) | 0 : undefined),
  (value): unknown => hex(value, 32))

export const listOf = <A>(of: t.Type<A, unknown>, least: number, most: number): t.Type<readonly A[], unknown> => {
  const size = least === most ? `${most}` : least === 0 ? `at most ${most}` : `${least} to ${most}`
  const list = t.readonlyArray(of)
  return new t.Type<readonly A[], unknown>(`a list of ${size}`, list.is,
    (u, context) => (Array.isArray(u) && u.length >= least && u.length <= most ? list.validate(u, context) : t.failure(u, context)),
    list.encode)
}

/** An object whose keys are checked one by one: `codecFor` gives undefined for a name that must not be there. */
export const recordOf = (keys: string, codecFor: (name: string) => t.Type<string, unknown> | undefined): t.Type<Readonly<Record<string, string>>, unknown> => {
  const unknownKey = nothing(keys)
  const is = (u: unknown): u is Readonly<Record<string, string>> =>
    isObject(u) && Object.entries(u).every(([name, value]) => codecFor(name)?.is(value) === true)
  return new t.Type<Readonly<Record<string, string>>, unknown>('an object', is, (u, context) => {
    if (!isObject(u)) return t.failure(u, context)
    for (const [name, value] of Object.entries(u)) {
      const codec = codecFor(name)
      if (codec === undefined) return t.failure(name, t.appendContext(context, name, unknownKey))
      if (!codec.is(value)) return t.failure(value, t.appendContext(context, name, codec))
    }
    return t.success(u as Readonly<Record<string, string>>)
  }, (a): unknown => a)
}

const isObject = (u: unknown): u is Readonly<Record<string, unknown>> => typeof u === 'object' && u !== null && !Array.isArray(u)

type Codecs = Readonly<Record<string, t.Mixed>>
type Closed<R extends Codecs, O extends Codecs> = { readonly [K in keyof R]: t.TypeOf<R[K]> } & { readonly [K in keyof O]?: t.TypeOf<O[K]> }

/** An object with these fields and no others. */
export const closed = <R extends Codecs, O extends Codecs>(required: R, optional: O): t.Type<Closed<R, O>, Readonly<Record<string, unknown>>> => {
  const codecs = new Map<string, t.Mixed>([...Object.entries(required), ...Object.entries(optional)])
  const unknownField = nothing(`one of the fields ${[...codecs.keys()].join(', ')}`)
  const is = (u: unknown): u is Closed<R, O> =>
    isObject(u) && Object.keys(u).every((key) => codecs.has(key)) &&
    [...codecs].every(([key, codec]) => (key in optional && !Object.hasOwn(u, key)) || codec.is(u[key]))
  return new t.Type<Closed<R, O>, Readonly<Record<string, unknown>>>('an object', is, (u, context) => {
    if (!isObject(u)) return t.failure(u, context)
    for (const key of Object.keys(u)) if (!codecs.has(key)) return t.failure(key, t.appendContext(context, key, unknownField))
    const value: Record<string, unknown> = {}
    for (const [key, codec] of codecs) {
      if (key in optional && !Object.hasOwn(u, key)) continue
      const found = Object.hasOwn(u, key) ? u[key] : undefined
      const result = codec.validate(found, t.appendContext(context, key, codec, found))
      if (result._tag === 'Left') return result
      value[key] = result.right
    }
    return t.success(value as Closed<R, O>)
  }, (a) => {
    const written: Record<string, unknown> = {}
    for (const [key, codec] of codecs) if (a[key] !== undefined) written[key] = codec.encode(a[key])
    return written
  })
}
