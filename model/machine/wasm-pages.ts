// Which accesses of an instruction can be answered by what is remembered of their page, and the instruction under that assumption.
import { add, apply, concat, constant, extract, operandsOf, postorder, variable, type NamedFunction, type Term } from '../ir/term.ts'
import { baseAndOffset } from '../ir/wasm-neighbours.ts'
import { foldAligned, mapOutcome, rewriting, rootsOf, type Rewrite } from './wasm-fold.ts'
import type { Outcome } from './execute.ts'

export const pageBits = 12

/**
 * Answers of functions about a page, for accesses at multiples of `alignment` in it: applications over the variable `address`.
 * `located` gives the real address, whose low bits are those of the address; all others of its bits, and the high bits of
 * `others` above a real address, say that something is the matter, and must be 0.
 */
export interface Question {
  readonly address: Term
  readonly alignment: number
  readonly located: Term & { kind: 'apply' }
  readonly others: readonly Term[]
}

/** What the accesses have become where the answers are at hand: cells from `real` up. */
export interface Answered {
  readonly question: Question
  /** The address of the access, in terms of the state. */
  readonly asked: Term
  /** Bytes from the address up that are reached; they must lie in one page. */
  readonly reach: number
  /** Bytes of one access, of which there may be several in a row. */
  readonly size: number
  readonly real: Term
  readonly address: Term
}

/** Whether an application is of a function that terms define. */
export const isDefined = (t: Term): t is Term & { kind: 'apply' } => t.kind === 'apply' && t.function.meaning.kind === 'defined'

/** The operand whose low bits are the low bits of the result. */
const locating = (f: NamedFunction): number => {
  if (f.meaning.kind !== 'defined' || f.width < pageBits) return -1
  const low = extract(f.meaning.body, pageBits - 1, 0)
  return f.meaning.parameters.findIndex((p) => p.width >= pageBits && extract(p, pageBits - 1, 0) === low)
}

/** Depends on registers only. */
const isOfState = (t: Term): boolean => postorder([t]).every((x) => x.kind !== 'select' && x.kind !== 'apply' && x.kind !== 'load' && !(x.kind === 'var' && /^(operand |the |open )/.test(x.name)))

const alignments = [1, 2, 4, 8, 16] as const

/** An outcome and further terms, with what an answer makes of them. */
export interface AnsweredOutcome {
  readonly answer: Answered
  readonly outcome: Outcome
  readonly more: readonly Term[]
}

/** The assumption about one address under which all that the outcome asks is answered by one page, and least is left to do. */
export const answeredOutcome = (outcome: Outcome, more: readonly Term[], addressWidth: number): AnsweredOutcome | undefined => {
  const asked = new Set<Term>()
  for (const t of postorder([...rootsOf(outcome), ...more])) if (isDefined(t)) {
    const n = locating(t.function)
    if (n >= 0) asked.add(t.operands[n]!)
  }
  for (const a of asked) {
    const found = alignments.flatMap((n) => {
      const made = assume(outcome, more, a, n, addressWidth)
      return made ? [{ made, left: postorder([...rootsOf(made.outcome), ...made.more]).length }] : []
    })
    const least = Math.min(...found.map((f) => f.left))
    const best = found.find(({ left, made: { answer } }) => left === least && answer.question.alignment >= answer.size)
    if (best) return best.made
  }
  return undefined
}

const assume = (outcome: Outcome, more: readonly Term[], asked: Term, alignment: number, addressWidth: number): AnsweredOutcome | undefined => {
  const address = variable<number>(theAddress, asked.width), real = variable<number>('the real address', addressWidth)
  const named = rewriting((t) => (t === asked ? address : partOf(asked, address, t))), folded = foldAligned(address, alignment)
  // Bytes further on are in the same page, as far as the access reaches.
  let furthest = 0
  const paged = rewriting((t) => {
    if (t.kind !== 'extract' || t.low < pageBits) return undefined
    const { base, offset } = baseAndOffset(t.a)
    if (base !== address || offset === 0n || offset > 64n) return undefined
    furthest = Math.max(furthest, Number(offset))
    return extract(address, t.high, t.low)
  })
  const assumed: Rewrite = (t) => paged(folded(named(t)))
  const applications = postorder([...rootsOf(mapOutcome(outcome, assumed)), ...more.map(assumed)]).filter(isDefined)
  const located = applications.filter((t) => locating(t.function) >= 0)
  const others = applications.filter((t) => locating(t.function) < 0)
  const places = located.map((t) => placeOf(t, address))
  const [first] = places
  if (!first || places.some((p) => p === undefined || p.at !== first.at) || !others.every((t) => isOfPage(t, address))) return undefined
  const offsets = places.map((p) => Number(p!.offset))
  if (offsets.some((o) => o % alignment !== 0 || o > 64)) return undefined
  const good = (t: Term, byte: Term): Term => (t.width > addressWidth ? concat(constant<number>(t.width - addressWidth, 0), byte) : byte)
  const replaced = rewriting((t) => {
    if (!isDefined(t)) return undefined
    const n = located.indexOf(t)
    if (n >= 0) return good(t, offsets[n] === 0 ? real : add<number>(real, constant<number>(addressWidth, offsets[n]!)))
    const k = others.indexOf(t)
    return k < 0 || t.width <= addressWidth ? undefined : good(t, variable<number>(`${absent} ${k}`, addressWidth))
  })
  const rewrite: Rewrite = (t) => folded(replaced(assumed(t)))
  const after = { outcome: mapOutcome(outcome, rewrite), more: more.map(rewrite) }
  if (postorder([...rootsOf(after.outcome), ...after.more]).some((t) => isDefined(t) || (t.kind === 'var' && t.name.startsWith(absent)))) return undefined
  const question = { address, alignment, located: first.at, others }
  const reach = reachOf(after.outcome, after.more, real)
  if (furthest >= reach) return undefined
  return { answer: { question, asked, address, real, reach, size: reach - Math.max(...offsets) }, ...after }
}

/** Bytes from the real address up that are read or written. */
const reachOf = (outcome: Outcome, more: readonly Term[], real: Term): number => {
  const read = postorder([...rootsOf(outcome), ...more]).flatMap((t) => (t.kind === 'select' ? [t.address] : []))
  const written = [...outcome.banks.values()].flat().map((w) => w.index)
  const offsets = [...read, ...written].map(baseAndOffset).filter(({ base }) => base === real).map(({ offset }) => Number(offset))
  return Math.max(0, ...offsets) + 1
}
const theAddress = 'the address'
/** A part of the address, where it is not an extract of it: of a conditional with a constant the conditional of the parts. */
const partOf = (asked: Term, address: Term, t: Term): Term | undefined => {
  for (const o of operandsOf(t))
    if (o.kind === 'extract' && operandsOf(asked).includes(o.a) && o.high < asked.width && extract(asked, o.high, o.low) === t) return extract(address, o.high, o.low)
  return undefined
}
/** What the high bits say is not the matter needs no address. */
const absent = 'the address of nothing'

/** The application with the address itself in place of the address and an offset. */
const placeOf = (t: Term & { kind: 'apply' }, address: Term): { readonly at: Term & { kind: 'apply' }, readonly offset: bigint } | undefined => {
  const n = locating(t.function), { base, offset } = baseAndOffset(t.operands[n]!)
  if (base !== address || !t.operands.every((o, k) => k === n || isOfState(o) && !postorder([o]).includes(address))) return undefined
  return { at: apply(t.function, ...t.operands.map((o, k) => (k === n ? address : o))) as Term & { kind: 'apply' }, offset }
}

/** Depends on registers and on the page's number only. */
const isOfPage = (t: Term & { kind: 'apply' }, address: Term): boolean =>
  operandsOf(t).every((o) => (o.kind === 'extract' && o.a === address && o.low >= pageBits) || (isOfState(o) && !postorder([o]).includes(address)))
