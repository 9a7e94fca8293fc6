// The specification as a machine: it steps through an ISA's own terms, on demand; any width, sparse storage, every kind of sequencing.
import { demand, type Demand } from '../ir/demand.ts'
import { fieldsOf, openPrefix, type Instruction } from '../ir/instruction.ts'
import type { Valuation } from '../ir/stage.ts'
import { get, type Register } from '../ir/state.ts'
import { any, select, variable, type Bool, type Term } from '../ir/term.ts'
import { Cells } from './cells.ts'
import { execute, executeBody, type Outcome } from './execute.ts'
import type { Fetch, Isa, Sequencing } from './isa.ts'

/** What one step came to; the value is 0 where the trap has none. */
export type Stepped =
  | { readonly kind: 'halted' }
  | { readonly kind: 'completed'; readonly instruction: Instruction }
  | { readonly kind: 'trapped'; readonly cause: string; readonly value: bigint; readonly instruction: Instruction | undefined }

/** An outcome whose parts are asked for in turn: traps and their values, then registers, then cells. */
interface Prepared {
  readonly terms: Demand
  readonly traps: readonly { readonly cause: string; readonly when: number; readonly value: number | undefined; readonly also: Prepared | undefined }[]
  readonly registers: readonly { readonly name: string; readonly value: number }[]
  readonly writes: readonly { readonly cells: Cells; readonly when: number; readonly index: number; readonly value: number }[]
  /** By counter of the sequencing: whether the instruction writes it. */
  readonly counters: readonly number[]
  readonly clock: number
}
interface Trapped {
  readonly cause: string
  readonly value: bigint
}
interface Decoded {
  readonly prepared: Prepared
  readonly instruction: Instruction
  readonly operands: ReadonlyMap<string, bigint>
}

const causeVariable = 'the cause', valueVariable = 'the value'
const mostDecoded = 1 << 16

/** A machine in the state in which everything is 0; the ISA must have a `sequencing` and words of one length. */
export class SpecificationMachine {
  readonly isa: Isa
  /** Steps that were not halted. */
  steps = 0
  readonly #registers = new Map<string, bigint>()
  readonly #banks = new Map<string, Cells>()
  readonly #sequencing: Sequencing
  readonly #codes: ReadonlyMap<string, bigint>
  readonly #prepared = new Map<Instruction, Prepared>()
  readonly #decoded = new Map<bigint, Decoded | undefined>()
  #operands: ReadonlyMap<string, bigint> = new Map()
  readonly #state: Valuation
  /** By counter, whether the last commit wrote it; and whether it wrote a register of the clock. */
  #written: readonly boolean[] = []
  #wroteClock = false
  /** halted, then the interrupts. */
  readonly #head: Demand
  /** The counters that go up, as they are before the step. */
  readonly #counts: Demand
  readonly #fetch: Fetch
  readonly #fetched: Demand
  readonly #begin: Prepared
  readonly #also: Prepared
  /** By fault of the fetch, what is done all the same. */
  readonly #despite: readonly (Prepared | undefined)[]
  readonly #interrupts: readonly { readonly cause: string; readonly also: Prepared }[]
  readonly #tick: Prepared
  readonly #trap: Prepared

  constructor(isa: Isa) {
    const { sequencing } = isa
    if (!sequencing || isa.variableLength) throw new Error(`${isa.name} does not say how its instructions follow one another, so it cannot be run`)
    this.isa = isa
    this.#sequencing = sequencing
    for (const c of isa.components) {
      if (c.kind === 'register') this.#registers.set(c.name, 0n)
      else this.#banks.set(c.name, new Cells(c))
    }
    this.#codes = new Map(Object.entries(isa.causes).map(([name, code]) => [name, BigInt(code)]))
    this.#state = {
      variable: (name) => this.#registers.get(name) ?? this.#operands.get(name) ?? this.#open(name),
      cell: (bank, index) => this.#banks.get(bank)!.get(index),
    }
    const { fetch = this.#plainFetch(), counters = [] } = sequencing
    this.#head = demand([sequencing.halted, ...sequencing.interrupts.map((i) => i.when)])
    this.#counts = demand(counters.map((c) => c.when))
    this.#fetch = fetch
    this.#fetched = demand([fetch.word, ...fetch.faults.flatMap((f) => [f.when, ...(f.value ? [f.value] : [])])])
    const body = (statements: Parameters<typeof executeBody>[1]): Prepared => this.#prepare(executeBody(isa, statements))
    this.#begin = body(sequencing.begin ?? [])
    this.#also = body(fetch.also)
    this.#despite = fetch.faults.map(({ also }) => also && body(also))
    this.#interrupts = sequencing.interrupts.map(({ cause, also }) => ({ cause, also: body(also) }))
    this.#tick = body(sequencing.tick)
    const value = isa.valueWidth === undefined ? [] : [variable(valueVariable, isa.valueWidth)] as const
    this.#trap = body(isa.trap(variable(causeVariable, isa.causeWidth), ...value))
  }

  /** The content of a register; a RangeError where there is none of that name. */
  register(name: string): bigint {
    const content = this.#registers.get(name)
    if (content === undefined) throw new RangeError(`${this.isa.name} has no register ${name}`)
    return content
  }
  setRegister(name: string, content: bigint): void {
    this.register(name)
    const { width } = this.isa.components.find((c) => c.name === name) as Register
    this.#registers.set(name, BigInt.asUintN(width, content))
  }

  /** The cells of a bank; a RangeError where there is none of that name. */
  bank(name: string): Cells {
    const cells = this.#banks.get(name)
    if (!cells) throw new RangeError(`${this.isa.name} has no bank ${name}`)
    return cells
  }

  /** Back to the state in which everything is 0. */
  clear(): void {
    for (const name of this.#registers.keys()) this.#registers.set(name, 0n)
    for (const cells of this.#banks.values()) cells.clear()
    this.steps = 0
  }

  /** At most `limit` steps; stops before where the machine is halted or `until` says so. Returns the steps that it did. */
  run(limit: number, until: (stepped: Stepped) => boolean = () => false): number {
    for (let n = 0; n < limit; n++) {
      const stepped = this.step()
      if (stepped.kind === 'halted') return n
      if (until(stepped)) return n + 1
    }
    return limit
  }

  step(): Stepped {
    this.#head.on(this.#state)
    if (this.#head.value(0) === 1n) return { kind: 'halted' }
    this.steps++
    const counting = this.#counting()
    this.#commit(this.#begin)
    const interrupt = this.#interrupt()
    if (interrupt) {
      this.#take(interrupt)
      return interrupt
    }
    const stepped = this.#perform()
    if (stepped.kind === 'trapped') this.#take(stepped)
    this.#count(counting, stepped)
    return stepped
  }

  #interrupt(): (Stepped & { readonly kind: 'trapped' }) | undefined {
    this.#head.on(this.#state)
    for (const [i, { cause, also }] of this.#interrupts.entries()) {
      if (this.#head.value(i + 1) !== 1n) continue
      this.#commit(also)
      return { kind: 'trapped', cause, value: 0n, instruction: undefined }
    }
    return undefined
  }

  #perform(): Exclude<Stepped, { kind: 'halted' }> {
    this.#fetched.on(this.#state)
    let at = 1
    for (const [n, { cause, value }] of this.#fetch.faults.entries()) {
      const valueAt = at + 1
      if (this.#fetched.value(at) === 1n) {
        const trapped = { kind: 'trapped', cause, value: value ? this.#fetched.value(valueAt) : 0n, instruction: undefined } as const
        if (this.#despite[n]) this.#commit(this.#despite[n])
        return trapped
      }
      at += value ? 2 : 1
    }
    const word = this.#fetched.value(0)
    this.#commit(this.#also)
    const decoded = this.#decode(word)
    if (!decoded) return { kind: 'trapped', cause: this.#sequencing.undefinedCause, value: this.#undefinedValue(word), instruction: undefined }
    const { instruction, prepared } = decoded
    this.#operands = decoded.operands
    const trapped = this.#commit(prepared)
    if (trapped) return { kind: 'trapped', ...trapped, instruction }
    return { kind: 'completed', instruction }
  }

  #counting(): readonly boolean[] {
    this.#counts.on(this.#state)
    return (this.#sequencing.counters ?? []).map((_, n) => this.#counts.value(n) === 1n)
  }

  /** What the instruction wrote is what the last commit did, which was that of the trap where there was one. */
  #count(counting: readonly boolean[], stepped: Stepped): void {
    const completed = stepped.kind === 'completed', written = completed ? this.#written : []
    if (completed && !this.#wroteClock) this.#commit(this.#tick)
    for (const [n, { register, at, by = 1 }] of (this.#sequencing.counters ?? []).entries()) {
      if (!counting[n] || (at === 'completion' && !completed) || written[n]) continue
      this.setRegister(register.name, this.register(register.name) + BigInt(by))
    }
  }

  #take({ cause, value }: Trapped): void {
    this.#operands = new Map([[causeVariable, this.#codes.get(cause)!], [valueVariable, value]])
    this.#commit(this.#trap)
  }

  #decode(word: bigint): Decoded | undefined {
    if (this.#decoded.has(word)) return this.#decoded.get(word)
    const instruction = this.isa.instructions.find(({ encoding: e }) => (word & e.mask) === e.match)
    if (this.#decoded.size >= mostDecoded) this.#decoded.clear()
    const decoded = instruction && { instruction, operands: fieldsOf(instruction.encoding, word), prepared: this.#instruction(instruction) }
    this.#decoded.set(word, decoded)
    return decoded
  }

  #instruction(instruction: Instruction): Prepared {
    const made = this.#prepared.get(instruction) ?? this.#prepare(execute(this.isa, instruction))
    this.#prepared.set(instruction, made)
    return made
  }

  #undefinedValue(word: bigint): bigint {
    const of = this.#sequencing.undefinedValue
    if (!of) return 0n
    const d = demand([of(variable('the word', this.isa.wordWidth))])
    d.on({ ...this.#state, variable: (name, width) => (name === 'the word' ? word : this.#state.variable(name, width)) })
    return d.value(0)
  }

  /** One cell of storage at the counter, with the first of the memory causes where it cannot be reached. */
  #plainFetch(): Fetch {
    const { relocation, memoryCauses, counter } = this.isa
    const { fault, real } = relocation.develop(get(counter), 'fetch')
    return { faults: [{ kind: 'trap', when: fault, cause: memoryCauses[0]! }], word: select(relocation.storage, real), also: [] }
  }

  /** What the manual leaves open is 0. */
  #open(name: string): bigint {
    if (name.startsWith(openPrefix)) return 0n
    throw new Error(`${this.isa.name} reads ${name}, which is no part of its state`)
  }

  #prepare(o: Outcome): Prepared {
    const terms: Term[] = []
    const put = (t: Term): number => terms.push(t) - 1
    const written = (names: readonly string[]): Bool => any([...o.written].filter(([name]) => names.includes(name)).map(([, when]) => when))
    const { counters = [], clock } = this.#sequencing
    const prepared = {
      traps: o.traps.map(({ cause, when, value, also }) => ({ cause, when: put(when), value: value && put(value), also: also && this.#prepare(also) })),
      registers: [...o.registers].map(([name, value]) => ({ name, value: put(value) })),
      writes: [...o.banks].flatMap(([bank, list]) => list.map((w) => ({ cells: this.bank(bank), when: put(w.when), index: put(w.index), value: put(w.value) }))),
      counters: counters.map(({ register }) => put(written([register.name]))),
      clock: put(written(clock.map((r) => r.name))),
    }
    return { ...prepared, terms: demand(terms) }
  }

  /** All new values are worked out before the first is written; where it traps, what is done all the same. */
  #commit({ terms, traps, registers, writes, counters, clock }: Prepared): Trapped | undefined {
    terms.on(this.#state)
    for (const { cause, when, value, also } of traps) {
      if (terms.value(when) !== 1n) continue
      const trapped = { cause, value: value === undefined ? 0n : terms.value(value) }
      if (also) this.#commit(also)
      return trapped
    }
    const contents = registers.map((r) => terms.value(r.value))
    const cells = writes.filter((w) => terms.value(w.when) === 1n).map((w) => ({ cells: w.cells, index: terms.value(w.index), value: terms.value(w.value) }))
    this.#written = counters.map((n) => terms.value(n) === 1n)
    this.#wroteClock = terms.value(clock) === 1n
    registers.forEach(({ name }, n) => this.#registers.set(name, contents[n]!))
    for (const w of cells) w.cells.set(w.index, w.value)
    return undefined
  }
}
