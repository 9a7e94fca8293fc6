// Values of parameters as text, both ways: `trapped`, `0x1f`, `Sv39+Sv48`.

export interface Values<T> {
  /** What is expected, in words. */
  readonly expected: string
  /** Where there are few values: all of them. */
  readonly all?: readonly T[]
  /** undefined where the text is none of them. */
  readonly read: (text: string) => T | undefined
  readonly write: (value: T) => string
}

export const oneOf = <const T extends string>(...all: readonly T[]): Values<T> => ({ expected: `one of ${all.join('; ')}`, all, read: (text) => all.find((value) => value === text), write: (value) => value })
export const oneOfNumbers = <const T extends number>(...all: readonly T[]): Values<T> => ({ expected: `one of ${all.join(', ')}`, all, read: (text) => all.find((value) => `${value}` === text), write: String })
export const number: Values<number> = { expected: 'a number', read: (text) => (/^\d{1,12}$/.test(text) ? Number(text) : undefined), write: String }
export const bits: Values<bigint> = { expected: 'a number, 0x1f or 31', read: (text) => (/^(0x[\da-f]{1,16}|\d{1,20})$/i.test(text) ? BigInt(text) : undefined), write: (value) => `0x${value.toString(16)}` }
/** One of few words, or something that is none of them. */
export const orElse = <const T extends string, B extends number | bigint>(words: Values<T>, other: Values<B>): Values<T | B> => ({
  expected: `${words.expected}; or ${other.expected}`, read: (text) => words.read(text) ?? other.read(text), write: (value) => (typeof value === 'string' ? words.write(value) : other.write(value)),
})

const every = <T>(texts: readonly string[], read: (text: string) => T | undefined): T[] | undefined => {
  const found = texts.map(read)
  return found.some((value) => value === undefined) ? undefined : found as T[]
}
const partsOf = (text: string): readonly string[] => (text === 'none' ? [] : text.split('+'))
/** Several with + between them, or `none`. */
export const several = <T>(one: Values<T>): Values<readonly T[]> => ({
  expected: `${one.expected}: several with + between them, or none`, read: (text) => every(partsOf(text), one.read), write: (values) => values.map(one.write).join('+') || 'none',
})
/** The same with names of their own. */
export const byName = <T>(name: string, of: Values<T>): Values<Readonly<Record<string, T>>> => {
  const pair = (text: string): readonly [string, T] | undefined => {
    const at = text.indexOf(':'), value = at < 1 ? undefined : of.read(text.slice(at + 1))
    return value === undefined ? undefined : [text.slice(0, at), value]
  }
  return {
    expected: `${name}:${of.expected}, several with + between them, or none`,
    read: (text) => {
      const pairs = every(partsOf(text), pair)
      return pairs && Object.fromEntries(pairs)
    },
    write: (values) => Object.entries(values).map(([key, value]) => `${key}:${of.write(value)}`).join('+') || 'none',
  }
}
