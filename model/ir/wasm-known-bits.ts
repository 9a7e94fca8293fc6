// What of a term's value is known where some bits of its variables are not: each term becomes two, by abstract interpretation.
import {
  add, and, concat, constant, eq, extract, False, ite, ne, not, operandsOf, or, postorder, rebuild, signExtend, sub, True, ult, xor,
  type BinaryOperator, type Bool, type CompareOperator, type NamedFunction, type Term,
} from './term.ts'

/** `unknown` has a 1 for each bit that may differ; `value` has the others, and 0 in those. */
export interface KnownBits {
  readonly value: Term
  readonly unknown: Term
  /** Of sums: bounds that the carries out of unknown bits, which make other bits unknown, do not widen. */
  readonly bounds?: { readonly least: Term, readonly most: Term }
}

const zero = (t: Term): Term => constant<number>(t.width, 0)
const allOnes = (t: Term): Term => not<number>(zero(t))
const and3 = (a: Term, b: Term, c: Term): Term => and<number>(and<number>(a, b), c)
const known = (value: Term): KnownBits => ({ value, unknown: zero(value) })
/** Everything is unknown where a bit of an operand is. */
const strict = (value: Term, operands: readonly KnownBits[]): KnownBits => {
  const certain = operands.reduce<Bool>((c, o) => and(c, eq<number>(o.unknown, zero(o.unknown))), True)
  return { value: ite<number>(certain, value, zero(value)), unknown: ite<number>(certain, zero(value), allOnes(value)) }
}

/** What is known of a variable; undefined where all of it is. */
export type Knowledge = (name: string, width: number) => KnownBits | undefined

/**
 * Whatever the unknown bits of the variables are, the bits of each term that are not in its `unknown` are those of its `value`.
 * Nothing is known of `opaque` terms.
 */
export const knownBits = (of: Knowledge, opaque: (t: Term) => boolean = () => false): ((t: Term) => KnownBits) => {
  const done = new Map<Term, KnownBits>()
  const visit = (t: Term): KnownBits => {
    const before = done.get(t)
    if (before) return before
    if (opaque(t)) return { value: zero(t), unknown: allOnes(t) }
    const operands = operandsOf(t).map(visit)
    const made = t.kind !== 'var' && !(t.kind === 'apply' && readsUnknown(t.function, of)) && operands.every((o) => o.unknown.kind === 'const' && o.unknown.value === 0n)
      ? known(operands.length ? rebuild(t, operands.map((o) => o.value)) : t)
      : abstract(t, operands, of)
    done.set(t, made)
    return made
  }
  return visit
}

const abstract = (t: Term, operands: readonly KnownBits[], of: Knowledge): KnownBits => {
  const [a, b, c] = operands as [KnownBits, KnownBits, KnownBits]
  switch (t.kind) {
    case 'const': return known(t)
    case 'var': return of(t.name, t.width) ?? known(t)
    case 'not': return { value: and<number>(not(a.value), not(a.unknown)), unknown: a.unknown }
    case 'concat': return { value: concat(a.value, b.value), unknown: concat(a.unknown, b.unknown) }
    case 'extract': return { value: extract(a.value, t.high, t.low), unknown: extract(a.unknown, t.high, t.low) }
    case 'sext': {
      // The sign is unknown where its bit is: the value of an unknown bit is 0.
      return { value: signExtend<number>(a.value, t.width), unknown: signExtend<number>(a.unknown, t.width) }
    }
    case 'ite': return choose(a, b, c)
    case 'compare': return compare(t.op, a, b)
    case 'binary': return binary(t.op, a, b, t)
    case 'apply': return t.function.meaning.kind === 'defined' ? inside(t.function.meaning, operands, of) : strict(rebuild(t, operands.map((o) => o.value)), operands)
    case 'select': case 'load': return strict(rebuild(t, operands.map((o) => o.value)), operands)
  }
}

/** Whether a definition reads a variable of the state that is not known. */
const readsUnknown = (f: NamedFunction, of: Knowledge): boolean => variablesOf(f).some((v) => of(v.name, v.width) !== undefined)

const variables = new WeakMap<NamedFunction, readonly { readonly name: string, readonly width: number }[]>()
/** The variables of the state that a definition reads, itself or by the functions that it applies. */
const variablesOf = (f: NamedFunction): readonly { readonly name: string, readonly width: number }[] => {
  const known = variables.get(f)
  if (known) return known
  const found = new Map<string, number>()
  if (f.meaning.kind === 'defined') {
    const parameters = new Set<Term>(f.meaning.parameters)
    for (const t of postorder([f.meaning.body])) {
      if (t.kind === 'var' && !parameters.has(t)) found.set(t.name, t.width)
      if (t.kind === 'apply') for (const v of variablesOf(t.function)) found.set(v.name, v.width)
    }
  }
  const made = [...found].map(([name, width]) => ({ name, width }))
  variables.set(f, made)
  return made
}

/** A definition is looked into only where something about its operands is unknown. */
const inside = ({ parameters, body }: { readonly parameters: readonly Term[], readonly body: Term }, operands: readonly KnownBits[], of: Knowledge): KnownBits => {
  const given = new Map(parameters.map((p, n) => [p.kind === 'var' ? p.name : '', operands[n]!]))
  return knownBits((name, width) => given.get(name) ?? of(name, width))(body)
}

const choose = (c: KnownBits, a: KnownBits, b: KnownBits): KnownBits => {
  const either = or<number>(or<number>(a.unknown, b.unknown), xor<number>(a.value, b.value))
  const open = c.unknown as Bool, holds = c.value as Bool
  return {
    value: ite<number>(open, and<number>(a.value, not(either)), ite<number>(holds, a.value, b.value)),
    unknown: ite<number>(open, either, ite<number>(holds, a.unknown, b.unknown)),
  }
}

/** With every unknown bit 1. */
const filled = (a: KnownBits): Term => or<number>(a.value, a.unknown)
const least = (a: KnownBits): Term => a.bounds?.least ?? a.value
const most = (a: KnownBits): Term => a.bounds?.most ?? filled(a)
/** From conditions under which the comparison holds and fails whatever the unknown bits are. */
const verdict = (holds: Bool, fails: Bool): KnownBits => ({ value: holds, unknown: and(not(holds), not(fails)) })

const compare = (op: CompareOperator, a: KnownBits, b: KnownBits): KnownBits => {
  switch (op) {
    case 'eq': {
      const either = or<number>(a.unknown, b.unknown), certain = eq<number>(either, zero(either))
      const differ = ne<number>(and<number>(xor<number>(a.value, b.value), not(either)), zero(either))
      return verdict(and(certain, eq<number>(a.value, b.value)), differ)
    }
    case 'ult': return verdict(ult(most(a), least(b)), not(ult(least(a), most(b))))
    case 'ule': return opposite(compare('ult', b, a))
    case 'slt': return compare('ult', flipped(a), flipped(b))
    case 'sle': return opposite(compare('ult', flipped(b), flipped(a)))
  }
}
const opposite = ({ value, unknown }: KnownBits): KnownBits => ({ value: and<number>(not(value), not(unknown)), unknown })
/** With the other sign bit: the order of signed numbers becomes that of unsigned ones. */
const flipped = ({ value, unknown }: KnownBits): KnownBits => {
  const sign = constant<number>(value.width, 1n << BigInt(value.width - 1))
  return { value: and<number>(xor<number>(value, sign), not(unknown)), unknown }
}

const binary = (op: BinaryOperator, a: KnownBits, b: KnownBits, t: Term): KnownBits => {
  const either = or<number>(a.unknown, b.unknown)
  switch (op) {
    case 'and': {
      const unknown = and3(either, filled(a), filled(b))
      return { value: and<number>(a.value, b.value), unknown }
    }
    case 'or': {
      const value = or<number>(a.value, b.value)
      return { value, unknown: and<number>(either, not(value)) }
    }
    case 'xor': return { value: and<number>(xor<number>(a.value, b.value), not(either)), unknown: either }
    // Sums of what is known and of what may be besides: a bit is known where both agree.
    case 'add': {
      const low = add<number>(a.value, b.value), high = add<number>(filled(a), filled(b))
      const unknown = or<number>(xor<number>(low, high), either), value = and<number>(low, not(unknown))
      const greatest = add<number>(most(a), most(b)), wraps = ult<number>(greatest, most(a))
      return { value, unknown, bounds: { least: ite<number>(wraps, value, add<number>(least(a), least(b))), most: ite<number>(wraps, or<number>(value, unknown), greatest) } }
    }
    case 'sub': {
      const high = sub<number>(filled(a), b.value), low = sub<number>(a.value, filled(b))
      const unknown = or<number>(xor<number>(low, high), either)
      return { value: and<number>(sub<number>(a.value, b.value), not(unknown)), unknown }
    }
    case 'shl': case 'lshr': case 'ashr': {
      const amount = eq<number>(b.unknown, zero(b.unknown))
      const shift = (x: Term): Term => rebuild(t, [x, b.value])
      return { value: ite<number>(amount, shift(a.value), zero(t)), unknown: ite<number>(amount, shift(a.unknown), allOnes(t)) }
    }
    case 'mul': case 'udiv': case 'urem': return strict(rebuild(t, [a.value, b.value]), [a, b])
  }
}

/** Whether all bits are known. */
export const certain = ({ unknown }: KnownBits): Bool => (unknown.kind === 'const' ? (unknown.value === 0n ? True : False) : eq<number>(unknown, zero(unknown)))
