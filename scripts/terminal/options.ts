// Option values as numbers and durations, refused with what was expected.
import { InvalidArgumentError } from 'commander'
import { BadInput } from './failure.ts'

/** An integer in a range, refused with what was expected. */
export const integer = (low: number, high: number, expected: string) => (value: string): number => {
  const number = Number(value)
  if (!/^[+-]?\d+$/.test(value) || !Number.isSafeInteger(number) || number < low || number > high) throw new InvalidArgumentError(`Expected ${expected}.`)
  return number
}

/** A 32-bit seed. */
export const seed = integer(-(2 ** 31), 2 ** 32 - 1, 'an integer from -2147483648 to 4294967295')
export const count = integer(1, Number.MAX_SAFE_INTEGER, 'an integer, at least 1')

/** 0 is any free port. */
export const tcpPort = integer(0, 65535, 'a port, from 0 to 65535')

/** The number of a program. */
export const position = integer(0, Number.MAX_SAFE_INTEGER, 'an integer, at least 0')

/** Seconds of `30s`, `2m`, `500ms`; a plain number is seconds. */
export const duration = (value: string): number => {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(value)
  if (!parts || Number(parts[1]) <= 0) throw new InvalidArgumentError('Expected a time such as 30s, 500ms or 2m.')
  return Number(parts[1]) * { ms: 0.001, s: 1, m: 60, h: 3600 }[(parts[2] ?? 's') as 'ms' | 's' | 'm' | 'h']
}

/** Collects a repeatable option. */
export const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value]

/** The pieces of `a,b,c`. */
export const list = (value: string): readonly string[] => value.split(',').map((v) => v.trim()).filter((v) => v !== '')

/** The seed of a run: as given, else POPEK_SEED, else 1: two runs of the same command do the same. */
export const chosenSeed = (given: number | undefined): number => {
  if (given !== undefined) return given
  const set = process.env['POPEK_SEED']
  if (set === undefined || set === '') return 1
  try {
    return seed(set)
  } catch {
    throw new BadInput(`POPEK_SEED is '${set}': expected an integer from -2147483648 to 4294967295`)
  }
}
