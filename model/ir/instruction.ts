// An instruction as a record: name, source, encoding, and what it does as guards, conditional writes and stores.
import { constant, True, variable, WidthError, type Bool, type Term } from './term.ts'
import { placeName, type Bank, type Place } from './state.ts'

/**
 * `value` says more about the trap, such as the address at fault; 0 where it is absent. `also` is what is done in spite of the
 * trap, before it is taken, on the state in which the instruction starts; the machines that run do it, claims do not look at it.
 */
export interface TrapStatement {
  readonly kind: 'trap'
  readonly when: Bool
  readonly cause: string
  readonly value?: Term
  readonly also?: readonly Statement[]
}

export type Statement =
  | TrapStatement
  | { readonly kind: 'set'; readonly place: Place; readonly value: Term; readonly when: Bool }
  | { readonly kind: 'store'; readonly bank: Bank; readonly address: Term; readonly value: Term; readonly when: Bool }

/** A guard: where the condition holds, the instruction traps and nothing else of it happens, but for what the guard has besides. */
export const trapIf = (when: Bool, cause: string, value?: Term, also: readonly Statement[] = []): TrapStatement =>
  ({ kind: 'trap', when, cause, ...(value === undefined ? {} : { value }), ...(also.length === 0 ? {} : { also }) })

/** A write; where `when` is 0 the place silently keeps its content. */
export const set = <W extends number>(place: Place<W>, value: Term<NoInfer<W>> | number | bigint, when: Bool = True): Statement => {
  const term = typeof value === 'object' ? value : constant<number>(place.width, value)
  if (term.width !== place.width)
    throw new WidthError(`${placeName(place)} has ${place.width} bits, the value written to it ${term.width}`)
  return { kind: 'set', place, value: term, when }
}

/** A relocated write to storage, which can memory-trap; several stores happen in the order written. */
export const store = <W extends number>(
  to: Bank<number, W>, address: Term, value: Term<NoInfer<W>>, when: Bool = True,
): Statement => {
  if (value.width !== to.width) throw new WidthError(`${to.name} has cells of ${to.width} bits, the value stored ${value.width}`)
  return { kind: 'store', bank: to, address, value, when }
}

/** Fields of an instruction word, most significant first, with their widths in bits. */
export type Format = Readonly<Record<string, number>>

export interface Encoding<O extends string = string> {
  readonly format: Format
  /** Fields with one value: what the decoder looks at. */
  readonly fixed: Readonly<Record<string, bigint>>
  readonly operands: readonly O[]
  readonly width: number
  readonly mask: bigint
  readonly match: bigint
}

/** The encoding in which the named fields have the given values; the other fields are the instruction's operands. */
export const encode = <F extends Format, K extends keyof F & string>(
  format: F, fixed: Readonly<Record<K, number | bigint>>,
): Encoding<Exclude<keyof F & string, K>> => {
  let mask = 0n, match = 0n, width = 0
  const given = fixed as Readonly<Record<string, number | bigint>>
  const operands: string[] = []
  for (const name of Object.keys(given)) if (!(name in format)) throw new WidthError(`encoding: the format has no field ${name}`)
  for (const [name, bits] of Object.entries(format)) {
    const value = given[name]
    const ones = (1n << BigInt(bits)) - 1n
    if (value !== undefined && (BigInt(value) < 0n || BigInt(value) > ones))
      throw new WidthError(`encoding: ${name} = ${value} does not fit ${bits} bits`)
    mask = (mask << BigInt(bits)) | (value === undefined ? 0n : ones)
    match = (match << BigInt(bits)) | BigInt(value ?? 0)
    width += bits
    if (value === undefined) operands.push(name)
  }
  const values = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, BigInt(value)]))
  return { format, fixed: values, operands: operands as Exclude<keyof F & string, K>[], width, mask, match }
}

const operandPrefix = 'operand '

interface Field {
  readonly variable: string
  readonly low: bigint
  readonly ones: bigint
}
const layouts = new WeakMap<Encoding, readonly Field[]>()
const layoutOf = (encoding: Encoding): readonly Field[] => {
  const known = layouts.get(encoding)
  if (known) return known
  let low = BigInt(encoding.width)
  const made = Object.entries(encoding.format).map(([name, bits]) => {
    low -= BigInt(bits)
    return { variable: operandPrefix + name, low, ones: (1n << BigInt(bits)) - 1n }
  })
  layouts.set(encoding, made)
  return made
}

/** The operand fields of a word, by the names of the variables that stand for them. */
export const fieldsOf = (encoding: Encoding, word: bigint): ReadonlyMap<string, bigint> =>
  new Map(layoutOf(encoding).map(({ variable, low, ones }) => [variable, (word >> low) & ones]))

/** The word with the given values in its operand fields. */
export const wordOf = (encoding: Encoding, value: (operand: string, width: number) => bigint): bigint =>
  Object.entries(encoding.format).reduce((word, [name, width]) => (word << BigInt(width)) | (encoding.fixed[name] ?? value(name, width)), 0n)

export interface Instruction {
  readonly name: string
  /** Where the manual says it. */
  readonly source: string
  readonly encoding: Encoding
  /** The operand fields as variables; the same in every run that a claim compares. */
  readonly operands: Readonly<Record<string, Term>>
  readonly body: readonly Statement[]
  readonly note?: string
}

/** The variable that stands for an operand field, apart from the state's variables by its name. */
export const operand = (name: string, width: number): Term => variable(operandPrefix + name, width)

/**
 * A value that the manual leaves open (unpredictable, reserved): every run may have its own, so an instruction whose
 * effect depends on it is a relation (W16). `name` tells it from the instruction's other open values.
 */
export const open = <W extends number>(name: string, width: W): Term<W> => variable(openPrefix + name, width)
export const openPrefix = 'open '

export interface InstructionRecord<O extends string> {
  readonly name: string
  readonly source: string
  readonly encoding: Encoding<O>
  readonly does: (operands: Readonly<Record<O, Term>>) => readonly Statement[]
  readonly note?: string
}

/** Checks the record and works out its body once; throws a WidthError that names the instruction. */
export const instruction = <O extends string>(record: InstructionRecord<O>): Instruction => {
  const { name, source, encoding, note } = record
  const operands = Object.fromEntries(encoding.operands.map((o) => [o, operand(o, encoding.format[o]!)])) as Record<O, Term>
  try {
    const body = record.does(operands)
    refuseDoubleWrites(body)
    return { name, source, encoding, operands, body, ...(note === undefined ? {} : { note }) }
  } catch (error) {
    if (error instanceof WidthError) throw new WidthError(`${name}: ${error.message}`)
    throw error
  }
}

const refuseDoubleWrites = (body: readonly Statement[]): void => {
  const written = body.flatMap((s) => (s.kind === 'set' ? [s.place] : []))
  written.forEach((a, i) => {
    if (written.slice(0, i).some((b) => overlap(a, b))) throw new WidthError(`two writes to ${placeName(a)}`)
  })
}
const overlap = (a: Place, b: Place): boolean => {
  if (a.kind === 'cell' || b.kind === 'cell') return a.kind === 'cell' && b.kind === 'cell' && a.bank === b.bank && a.index === b.index
  const [x, y] = [bitsOf(a), bitsOf(b)]
  return x.name === y.name && x.low <= y.high && y.low <= x.high
}
const bitsOf = (p: Exclude<Place, { kind: 'cell' }>): { name: string; high: number; low: number } =>
  p.kind === 'register' ? { name: p.name, high: p.width - 1, low: 0 } : { name: p.register.name, high: p.high, low: p.low }
