// The code of an outcome: its traps in order, then all new values, then the writes.
import { concat, constant, extract, ite, variable, type Bool, type Term } from '../ir/term.ts'
import type { Code } from '../ir/wasm-encode.ts'
import { baseAndOffset } from '../ir/wasm-neighbours.ts'
import { TermCode, valueType } from '../ir/wasm-terms.ts'
import type { CellWrite, Outcome } from './execute.ts'
import type { Isa } from './isa.ts'
import { rootsOf } from './wasm-fold.ts'
import { storeOf } from './wasm-layout.ts'
import type { Answered } from './wasm-pages.ts'
import type { Remembered } from './wasm-remember.ts'
import { always, sizes, type Local, type Size, type Unit } from './wasm-unit.ts'

/** Storage reached by what is remembered of a page: the address and the addend are in locals. */
export interface Reached {
  readonly answer: Answered
  readonly remembered: Remembered
  /** i64. */
  readonly address: number
  readonly addend: number
  readonly pushReal: () => void
}

/** Cells `offset` on from the real address that was answered, `count` of them; undefined for others. */
const offsetIn = (reached: Reached | undefined, base: Term, offset: bigint, count: number): number | undefined =>
  reached && base === reached.answer.real && offset + BigInt(count) <= BigInt(reached.answer.reach) ? Number(offset) : undefined

/** The place in RAM, less `layout.ram.at`. */
export const pushPlace = (code: Code, { address, addend }: Reached): Code => code.get(address).op('i32.wrap_i64').get(addend).op('i32.add')

/** How terms of the answered outcome read the state: the address, the real address, and cells from there. */
export const reachedLocal = (unit: Unit, code: Code, reached: Reached, others: Local): Local => {
  const { answer, remembered, pushReal, address } = reached
  return {
    variable: (name) => {
      if (answer.real.kind === 'var' && name === answer.real.name) return pushReal
      if (answer.address.kind === 'var' && name === answer.address.name)
        return () => { code.get(address); if (answer.address.width <= 32) code.op('i32.wrap_i64') }
      return others.variable?.(name)
    },
    cells: (base, offset, count) => {
      const k = offsetIn(reached, base, offset, count)
      if (k === undefined || !sizes.includes(count as Size)) return false
      const size = count as Size, type = size === 8 ? 'i64' : 'i32'
      remembered.isByFunction(code, reached.addend).if(type)
      pushReal()
      code.constant('i64', k).op('i64.add').call(unit.reads![size]).op('else')
      pushPlace(code, reached).access(size === 8 ? 'i64.load' : size === 4 ? 'i32.load' : size === 2 ? 'i32.load16_u' : 'i32.load8_u', unit.layout.ram!.at + k).op('end')
      return true
    },
    ...(others.apply ? { apply: others.apply } : {}),
  }
}

/** Writes to neighbouring cells of storage as one. */
interface Store {
  readonly base: Term
  readonly offset: bigint
  readonly index: Term
  readonly size: Size
  readonly value: Term
  readonly when: Bool
}

const storesOf = (writes: readonly CellWrite[]): Store[] => {
  const stores: Store[] = []
  for (let n = 0; n < writes.length;) {
    const w = writes[n]!, { base, offset } = baseAndOffset(w.index)
    const size = [8, 4, 2].find((s) => s <= writes.length - n && Array.from({ length: s }, (_, k) => writes[n + k]!).every((x, k) => {
      const at = baseAndOffset(x.index)
      return x.when === w.when && at.base === base && at.offset === offset + BigInt(k)
    })) ?? 1
    const value = joined(writes.slice(n, n + size).map((x) => x.value))
    // Where nothing is written, nothing that the value needs may be read.
    stores.push({ base, offset, index: w.index, size: size as Size, value: ite<number>(w.when, value, constant<number>(value.width, 0)), when: w.when })
    n += size
  }
  return stores
}
/** Values as one, the first in the low bits; conditionals that they share are put around. */
const joined = (parts: readonly Term[]): Term => {
  const [first, ...rest] = parts as [Term, ...Term[]]
  if (!rest.length) return first
  if (first.kind === 'ite' && rest.every((p) => p.kind === 'ite' && p.c === first.c))
    return ite<number>(first.c, joined(parts.map((p) => (p as typeof first).a)), joined(parts.map((p) => (p as typeof first).b)))
  return rest.reduce<Term>((low, high) => concat(high, low), first)
}

/** What comes after the writes: `before` is worked out before them, into locals. */
export interface Afterwards {
  readonly before: readonly Term[]
  readonly write: (locals: readonly number[]) => void
}

/**
 * Writes the outcome's code. Where it traps, what is done all the same is done, the cause and the value are stored and `trap` is written; `reached` is how the
 * outcome, rewritten by an answer, gets at storage.
 */
export const writeOutcome = (
  unit: Unit, isa: Isa, code: Code, outcome: Outcome, local: Local, trap: () => void, after: Afterwards = { before: [], write: () => {} }, reached?: Reached,
): void => {
  const { layout } = unit
  const sparse = layout.ram ? layout.storage.name : undefined
  const stores = sparse === undefined ? [] : storesOf(outcome.banks.get(sparse) ?? [])
  const traps = outcome.traps
  const others = { ...outcome, banks: new Map([...outcome.banks].filter(([name]) => name !== sparse)) }
  const terms = new TermCode(code, unit.state(local), [...rootsOf(others), ...stores.flatMap((s) => [s.when, s.index, s.value]), ...after.before])
  for (const t of traps) {
    // What a branch works out is not there for what follows it: the value comes first.
    const value = t.value && terms.keep(t.value)
    terms.push(t.when)
    code.if()
    if (t.also) writeOutcome(unit, isa, code, t.also, local, () => code.op('unreachable'))
    writeCause(unit, isa, code, t.cause, value === undefined ? undefined : () => code.get(value), t.value?.width)
    trap()
    code.op('end')
  }
  const kept = after.before.map((t) => terms.keep(t))
  const writes: (() => void)[] = []
  const guarded = (when: Bool, write: () => void): (() => void) => {
    if (always(when)) return write
    const c = terms.keep(when)
    return () => { code.get(c).if(); write(); code.op('end') }
  }
  for (const [name, value] of outcome.registers) {
    if (value.kind === 'var' && value.name === name) continue
    const local = terms.keep(value)
    writes.push(() => unit.storeRegister(code, name, local))
  }
  for (const [name, list] of others.banks)
    for (const w of list) {
      const index = terms.keep(w.index), value = terms.keep(w.value)
      let narrow = index
      if (w.index.width > 32) { narrow = code.local('i32'); code.get(index).op('i32.wrap_i64').set(narrow) }
      writes.push(guarded(w.when, () => unit.storeCell(code, name, narrow, value)))
    }
  for (const s of stores) {
    const value = terms.keep(s.value), k = offsetIn(reached, s.base, s.offset, s.size)
    if (k === undefined) {
      const index = terms.keep(s.index)
      writes.push(guarded(s.when, () => code.get(index).get(value).call(unit.writes![s.size])))
    } else {
      writes.push(guarded(s.when, () => {
        reached!.remembered.isByFunction(code, reached!.addend).if()
        reached!.pushReal()
        code.constant('i64', k).op('i64.add').get(value).call(unit.writes![s.size]).op('else')
        pushPlace(code, reached!).get(value).access(storeOf(s.size, 8 * s.size), layout.ram!.at + k).op('end')
      }))
    }
  }
  for (const write of writes) write()
  after.write(kept)
}

/** Stores a trap's cause, and the value that goes with it, 0 where there is none. */
export const writeCause = (unit: Unit, isa: Isa, code: Code, cause: string, value?: () => void, width = 64): void => {
  const { layout } = unit
  code.constant('i32', 0).constant('i32', isa.causes[cause]!).access('i32.store', layout.cause)
  if (isa.valueWidth === undefined) return
  code.constant('i32', 0)
  if (value) {
    value()
    if (width <= 32) code.op('i64.extend_i32_u')
  } else code.constant('i64', 0)
  code.access('i64.store', layout.value)
}

export const theCause = 'the cause', theValue = 'the value', theWord = 'the word'
export const causeOf = (isa: Isa): Term => variable<number>(theCause, isa.causeWidth)
export const valueOf = (isa: Isa): Term | undefined => (isa.valueWidth === undefined ? undefined : variable<number>(theValue, isa.valueWidth))

/** The fields of the fetched word, by the names of the operands that stand for them. */
export const fieldOfWord = (isa: Isa, format: Readonly<Record<string, number>>): ((name: string) => Term | undefined) => {
  const word = variable<number>(theWord, isa.wordWidth), fields = new Map<string, Term>()
  let top = isa.wordWidth
  for (const [name, width] of Object.entries(format)) {
    fields.set(`operand ${name}`, extract(word, top - 1, top - width))
    top -= width
  }
  return (name) => fields.get(name)
}

/** Reads what a trap stored. */
export const trapLocal = (unit: Unit, isa: Isa, code: Code): Local => ({
  variable: (name) => {
    if (name === theCause) return () => code.constant('i32', 0).access('i32.load', unit.layout.cause)
    if (name === theValue) return () => {
      code.constant('i32', 0).access(valueType(isa.valueWidth!) === 'i32' ? 'i32.load' : 'i64.load', unit.layout.value)
    }
    return undefined
  },
})
