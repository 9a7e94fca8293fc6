// What a compiled machine remembers of pages: tables of answers, one for each question, and the contexts in which they were given.
//
// Why remembering is sound. An answer is a function of (a) the address, (b) the registers that the question's terms read,
// (c) the banks that they read, (d) the cells of storage that they read. An entry answers for a page only where the terms
// themselves, worked out with the bits of the offset in the page unknown (wasm-known-bits.ts), give the same answer for every
// aligned address in it: (a). Entries carry the number of the context in which they were made, and a context is a tuple of
// values of all those registers: when one changes, another number is in force before the next step looks anything up: (b).
// A write to one of the banks forgets all numbers: (c). Every page of RAM that the terms read for an answer is marked before
// the answer is kept; no table lets a program write directly to a marked page, marking one forgets the tables that did, and a
// write to it forgets all numbers: (d). Answers that were read from devices, and answers that something is the matter, are
// never kept. So what is found in a table is what the terms would give now.
import { all, and, constant, eq, extract, not, postorder, type Bool, type NamedFunction, type Term } from '../ir/term.ts'
import { knownBits } from '../ir/wasm-known-bits.ts'
import { TermCode } from '../ir/wasm-terms.ts'
import type { Code } from '../ir/wasm-encode.ts'
import { pageBytes, type Layout } from './wasm-layout.ts'
import { isDefined, pageBits, type Question } from './wasm-pages.ts'
import { Attention, type Unit } from './wasm-unit.ts'

const entries = 256, entryBytes = 32
/** In an entry: the page and the context's number, exclusive-ored; the real page; what is added to an address to find it in RAM. */
const tagAt = 0, pageAt = 8, addendAt = 16
/** The addend of pages that are reached by functions: devices, and RAM that answers depend on. */
const byFunction = 1
const contexts = 8
/** Numbers are multiples of it, so that an address that is not aligned never has the tag of one that is. */
const numberStep = 16, lastNumber = pageBytes - numberStep

interface Table {
  readonly question: Question
  readonly at: number
  readonly fill: number
}

export class Remembered {
  readonly #unit: Unit
  readonly #tables = new Map<string, Table>()
  readonly #registers = new Set<string>()
  /** The number of the context in force (i64), the highest in use, and which context is overwritten next. */
  readonly #number: number
  readonly #highest: number
  readonly #victim: number
  readonly recall: number
  readonly #forgetTables: number
  readonly #ram: NonNullable<Layout['ram']>

  constructor(unit: Unit) {
    this.#unit = unit
    this.#ram = unit.layout.ram!
    const { module } = unit
    this.#number = module.global('i64', 0)
    this.#highest = module.global('i32', 0)
    this.#victim = module.global('i32', 0)
    this.recall = unit.later([], [], (code) => this.#writeRecall(code))
    this.#forgetTables = unit.later([], [], (code) => this.#writeForgetTables(code))
    unit.forgetTables = this.#forgetTables
    unit.writeForget = (code) => this.#writeForget(code)
  }

  /** Everything that the answers depend on, once all tables are known. */
  watch(): void {
    const seen = new Set<NamedFunction>()
    const visit = (roots: readonly Term[], parameters: ReadonlySet<Term>): void => {
      for (const t of postorder(roots)) {
        if (t.kind === 'var' && !parameters.has(t)) this.#registers.add(t.name)
        if (t.kind === 'select' && t.memory.name !== this.#unit.layout.storage.name) this.#unit.watchedBanks.add(t.memory.name)
        if (isDefined(t) && !seen.has(t.function) && t.function.meaning.kind === 'defined') {
          seen.add(t.function)
          visit([t.function.meaning.body], new Set(t.function.meaning.parameters))
        }
      }
    }
    for (const { question } of this.#tables.values()) visit([question.located, ...question.others], new Set([question.address]))
    for (const name of this.#registers) this.#unit.watched.set(name, (this.#unit.watched.get(name) ?? 0) | Attention.context)
  }

  #contextBytes(): number { return 8 + 8 * this.#registers.size }
  /** Tables come first, then contexts: their size is known last. */
  #contextsAt(): number { return this.#unit.layout.remembered + this.#tables.size * entries * entryBytes }

  #tableOf(question: Question): Table {
    const key = [question.alignment, question.located.id, ...question.others.map((t) => t.id).sort()].join(' ')
    const known = this.#tables.get(key)
    if (known) return known
    const at = this.#unit.layout.remembered + this.#tables.size * entries * entryBytes
    const made: Table = { question, at, fill: this.#unit.later(['i64'], ['i32'], (code) => this.#writeFill(code, made)) }
    this.#tables.set(key, made)
    return made
  }
  /** Makes the table of a question; all must be asked before any code is written. */
  prepare(question: Question): void {
    this.#tableOf(question)
  }

  /**
   * Looks up the address in the local `address` (i64): leaves the addend in a new local, and jumps to the block `otherwise`
   * where there is no answer or where bytes up to `reach` are not all in the page.
   */
  lookUp(code: Code, question: Question, address: number, reach: number, otherwise: number): { readonly addend: number, readonly pushReal: () => void } {
    const { at, fill } = this.#tableOf(question), entry = code.local('i32'), addend = code.local('i32')
    const { alignment } = question
    if (reach > alignment)
      code.get(address).op('i32.wrap_i64').constant('i32', pageBytes - 1).op('i32.and').constant('i32', pageBytes - reach).op('i32.le_u', 'i32.eqz').brIfTo(otherwise)
    code.get(address).constant('i64', pageBits).op('i64.shr_u', 'i32.wrap_i64').constant('i32', entries - 1).op('i32.and')
    code.constant('i32', Math.log2(entryBytes)).op('i32.shl').tee(entry).access('i64.load', at + tagAt)
    code.get(address).constant('i64', -pageBytes | (alignment - 1)).op('i64.and').getGlobal(this.#number).op('i64.xor', 'i64.ne').if()
    code.get(address).call(fill).op('i32.eqz').brIfTo(otherwise).op('end')
    code.get(entry).access('i32.load', at + addendAt).set(addend)
    const pushReal = (): void => {
      code.get(entry).access('i64.load', at + pageAt).get(address).constant('i64', pageBytes - 1).op('i64.and', 'i64.or')
    }
    return { addend, pushReal }
  }
  /** Pushes whether the page is reached by functions. */
  isByFunction(code: Code, addend: number): Code {
    return code.get(addend).constant('i32', byFunction).op('i32.and')
  }

  /** Works out the answer for the page of an address; 1 where it was kept. */
  #writeFill(code: Code, { question, at }: Table): void {
    const { address, alignment, located, others } = question, { storage } = this.#unit.layout
    const aw = storage.addressWidth
    const open = constant<number>(address.width, (pageBytes - 1) & ~(alignment - 1))
    const known = knownBits((name, width) => (address.kind === 'var' && name === address.name
      ? { value: and<number>(address, not(open)), unknown: constant<number>(width, open.kind === 'const' ? open.value : 0n) } : undefined))
    const answer = known(located)
    const offset = constant<number>(located.width, pageBytes - 1)
    const isZero = (t: Term): Bool => eq<number>(t, constant<number>(t.width, 0))
    const above = (t: Term): Bool => (t.width > aw ? isZero(extract(t, t.width - 1, aw)) : constant(1, 1))
    const good = all([
      isZero(and<number>(answer.unknown, not(offset))), above(answer.value),
      ...others.map((t) => { const o = known(t); return and(isZero(o.unknown), above(o.value)) }),
    ])
    const page = and<number>(extract(answer.value, aw - 1, 0), not(constant<number>(aw, pageBytes - 1)))
    const variable = (name: string): (() => void) | undefined => (address.kind === 'var' && name === address.name
      ? () => { code.get(0); if (address.width <= 32) code.op('i32.wrap_i64') } : undefined)
    const terms = new TermCode(code, this.#unit.state({ variable }, true), [good, page])
    const entry = code.local('i32'), real = code.local('i64'), place = code.local('i64'), addend = code.local('i32')
    code.get(0).constant('i64', alignment - 1).op('i64.and').constant('i64', 0).op('i64.ne').if().constant('i32', 0).op('return', 'end')
    code.constant('i32', 0).setGlobal(this.#unit.volatile)
    terms.push(good)
    code.op('i32.eqz').if().constant('i32', 0).op('return', 'end')
    terms.push(page)
    code.set(real)
    code.getGlobal(this.#unit.volatile).if().constant('i32', 0).op('return', 'end')
    code.get(0).constant('i64', pageBits).op('i64.shr_u', 'i32.wrap_i64').constant('i32', entries - 1).op('i32.and').constant('i32', Math.log2(entryBytes)).op('i32.shl').set(entry)
    code.get(entry).get(0).constant('i64', -pageBytes).op('i64.and').getGlobal(this.#number).op('i64.xor').access('i64.store', at + tagAt)
    code.get(entry).get(real).access('i64.store', at + pageAt)
    code.constant('i32', byFunction).set(addend)
    const { base, size, marks } = this.#ram
    code.get(real).constant('i64', base).op('i64.sub').tee(place).constant('i64', size).op('i64.lt_u').if()
    code.get(place).constant('i64', pageBits).op('i64.shr_u', 'i32.wrap_i64').access('i32.load8_u', marks).op('i32.eqz').if()
    code.get(place).op('i32.wrap_i64').get(0).op('i32.wrap_i64').constant('i32', -pageBytes).op('i32.and', 'i32.sub').set(addend).op('end', 'end')
    code.get(entry).get(addend).access('i32.store', at + addendAt).constant('i32', 1)
  }

  /** Puts the number of the context of the registers' values in force; a new one where it is not among the last ones. */
  #writeRecall(code: Code): void {
    const at = this.#contextsAt(), size = this.#contextBytes(), here = code.local('i32')
    const registers = [...this.#registers].map((name) => this.#unit.layout.registers.get(name)!)
    code.constant('i32', 0).set(here).loop()
    code.get(here).access('i64.load', at).constant('i64', 0).op('i64.ne')
    registers.forEach((r, n) => {
      code.get(here).access('i64.load', at + 8 + 8 * n).constant('i32', 0).access('i64.load', r.at).op('i64.eq', 'i32.and')
    })
    code.if().get(here).access('i64.load', at).setGlobal(this.#number).op('return', 'end')
    code.get(here).constant('i32', size).op('i32.add').tee(here).constant('i32', size * contexts).op('i32.lt_u').brIf(0).op('end')
    this.#writeNewNumber(code)
    code.getGlobal(this.#victim).set(here)
    code.get(here).getGlobal(this.#number).access('i64.store', at)
    registers.forEach((r, n) => {
      code.get(here).constant('i32', 0).access('i64.load', r.at).access('i64.store', at + 8 + 8 * n)
    })
    code.get(here).constant('i32', size).op('i32.add').set(here)
    code.constant('i32', 0).get(here).get(here).constant('i32', size * contexts).op('i32.eq', 'select').setGlobal(this.#victim)
  }

  /** When the numbers are used up, the tables are cleared and they begin again. */
  #writeNewNumber(code: Code): void {
    const at = this.#contextsAt(), tables = this.#unit.layout.remembered, here = code.local('i32')
    code.getGlobal(this.#highest).constant('i32', lastNumber).op('i32.eq').if()
    code.constant('i32', 0).set(here).loop()
    code.get(here).constant('i64', 0).access('i64.store', tables + tagAt)
    code.get(here).constant('i32', entryBytes).op('i32.add').tee(here).constant('i32', at - tables).op('i32.lt_u').brIf(0).op('end')
    this.#writeNoContexts(code, here)
    code.constant('i32', 0).setGlobal(this.#highest).op('end')
    code.getGlobal(this.#highest).constant('i32', numberStep).op('i32.add').setGlobal(this.#highest)
    code.getGlobal(this.#highest).op('i64.extend_i32_u').setGlobal(this.#number)
  }

  #writeNoContexts(code: Code, here: number): void {
    const at = this.#contextsAt(), size = this.#contextBytes()
    code.constant('i32', 0).set(here).loop()
    code.get(here).constant('i64', 0).access('i64.store', at)
    code.get(here).constant('i32', size).op('i32.add').tee(here).constant('i32', size * contexts).op('i32.lt_u').brIf(0).op('end')
  }

  #writeForgetTables(code: Code): void {
    this.#writeNoContexts(code, code.local('i32'))
    code.call(this.recall)
  }

  /** Forgets all answers, and which pages they were read from. */
  #writeForget(code: Code): void {
    const { marked } = this.#unit.layout, { marks } = this.#ram, here = code.local('i32')
    code.constant('i32', marked).access('i32.load').set(here)
    code.block().loop().get(here).op('i32.eqz').brIf(1)
    code.get(here).constant('i32', 1).op('i32.sub').tee(here).constant('i32', 2).op('i32.shl').access('i32.load', marked + 8)
    code.constant('i32', 0).access('i32.store8', marks).br(0).op('end', 'end')
    code.constant('i32', marked).constant('i32', 0).access('i32.store')
    code.call(this.#forgetTables)
  }
  /** Bytes of tables and contexts. */
  get bytes(): number { return this.#tables.size * entries * entryBytes + contexts * this.#contextBytes() }
}
