// The solve decider: SMT-LIB text to Z3, over all states and all operand words, many questions in one call.
import { init } from 'z3-solver'
import { smtlib } from '../../model/ir/smtlib.ts'
import { evaluate, type Valuation } from '../../model/ir/stage.ts'
import { False, True, type Bool } from '../../model/ir/term.ts'
import { AnswerBook } from './answer-book.ts'
import { assignment } from './assignment.ts'
import { Recollection } from './recollection.ts'
import { tidy } from './tidy.ts'

export type Answer =
  | { readonly kind: 'satisfiable'; readonly valuation: Valuation }
  | { readonly kind: 'unsatisfiable' }
  | { readonly kind: 'unknown'; readonly reason: string }

/**
 * The parts of z3-solver that are used. Its own `eval_smtlib2_string` hands a text on the WebAssembly stack to another
 * thread, which may find it overwritten; so the text goes to the heap and Z3 runs on this thread.
 */
interface Z3Module {
  _malloc(bytes: number): number
  _free(address: number): void
  _Z3_del_context(context: number): void
  _Z3_eval_smtlib2_string(context: number, text: number): number
  UTF8ToString(address: number): string
  readonly HEAPU8: Uint8Array
  readonly PThread: { terminateAllThreads(): void }
}

/** The solver and the evaluator disagree about a model: a fault of popek or of Z3, never a verdict. */
export class SolverContradiction extends Error {
  override readonly name = 'SolverContradiction'
}

interface Table {
  readonly length: number
  get(this: Table, index: number): unknown
}

/**
 * z3-solver's build asks the engine for a function's table entry at each call that may throw, only to compare it with
 * its own copy: a quarter of all the time. The first table asked while `first` runs, which is Z3's, remembers its entries.
 */
const withRememberedTable = <T>(first: () => T): T => {
  const { prototype } = (globalThis as unknown as { WebAssembly: { Table: { prototype: Table } } }).WebAssembly.Table
  const { get } = prototype
  prototype.get = function (index) {
    const entries = Array.from({ length: this.length }, (_, i) => get.call(this, i))
    this.get = (i) => entries[i]
    return this.get(index)
  }
  try {
    return first()
  } finally {
    prototype.get = get
  }
}

const separator = 'popek--'
const batchSize = 40

export class Solver {
  readonly #z3: Z3Module
  readonly #newContext: () => number
  #context: number
  readonly #effort: number
  readonly #answered = new Map<Bool, Answer>()
  readonly #recent = new Recollection()
  readonly #book = AnswerBook.open()
  /** Questions that reached Z3; the rest were answered by simplification, by memory or by a recent model. */
  asked = 0
  milliseconds = 0

  constructor(z3: Z3Module, newContext: () => number, effort: number) {
    this.#z3 = z3
    this.#newContext = newContext
    this.#context = newContext()
    this.#effort = effort
  }

  /** `effort` bounds each question in Z3's own resource units, so that a verdict does not depend on the machine's speed. */
  static async start(effort = 40_000_000): Promise<Solver> {
    const { Z3, em } = await init()
    return withRememberedTable(() => new Solver(em as Z3Module, () => Z3.mk_context(Z3.mk_config()) as unknown as number, effort))
  }

  close(): void {
    this.#z3.PThread.terminateAllThreads()
  }

  /** Forgets every answer and takes a new context, so that the next models do not depend on what was asked before. */
  forget(): void {
    this.#z3._Z3_del_context(this.#context)
    this.#context = this.#newContext()
    this.#answered.clear()
    this.#recent.forget()
  }

  /** Whether some state makes each formula true, with such a state; every model is checked by evaluation. */
  async ask(formulas: readonly Bool[]): Promise<Answer[]> {
    const fresh = [...new Set(formulas)].filter((f) => !this.#answered.has(f))
    const hard: Bool[] = []
    for (const f of fresh) {
      if (f === True) this.#answered.set(f, { kind: 'satisfiable', valuation: assignment([], []) })
      else if (f === False) this.#answered.set(f, { kind: 'unsatisfiable' })
      else hard.push(f)
    }
    const started = performance.now()
    while (hard.length > 0) {
      const batch = this.#unguessed(hard)
      if (batch.length > 0) this.#batch(batch)
      await new Promise(setImmediate)
    }
    this.milliseconds += performance.now() - started
    return formulas.map((f) => this.#answered.get(f)!)
  }

  /** Takes formulas from the list until enough of them cannot be answered from recent models. */
  #unguessed(hard: Bool[]): Bool[] {
    const batch: Bool[] = []
    while (hard.length > 0 && batch.length < batchSize) {
      const formula = hard.shift()!
      const valuation = this.#recent.find(formula)
      if (valuation) this.#answered.set(formula, { kind: 'satisfiable', valuation })
      else batch.push(formula)
    }
    return batch
  }

  #batch(formulas: readonly Bool[]): void {
    const questions = formulas.map((f) => question(f))
    const known = questions.map((q) => this.#book?.find(this.#asWritten(q)))
    const replies = this.#repliesTo(questions.filter((_, i) => known[i] === undefined))
    for (const [i, f] of formulas.entries()) {
      const answer = readAnswer(f, questions[i]!, known[i] ?? replies.shift()!)
      this.#answered.set(f, answer)
      if (answer.kind === 'satisfiable') this.#recent.remember(answer.valuation)
    }
  }

  #repliesTo(questions: readonly Question[]): string[] {
    if (questions.length === 0) return []
    const text = questions.map((q) => `(push)\n${q.text}\n(pop)\n(echo "${separator}")`).join('\n')
    const replies = this.#evaluate(`(set-option :rlimit ${this.#effort})\n${text}`).split(separator).slice(0, questions.length).map((r) => r.trim().replaceAll(/\s+/g, ' '))
    this.asked += questions.length
    this.#book?.add(questions.map((q, i) => [this.#asWritten(q), replies[i] ?? '']))
    return questions.map((_, i) => replies[i] ?? '')
  }

  #asWritten(q: Question): string {
    return `${this.#effort}\n${q.text}`
  }

  #evaluate(text: string): string {
    const bytes = new TextEncoder().encode(text)
    const address = this.#z3._malloc(bytes.length + 1)
    this.#z3.HEAPU8.set(bytes, address)
    this.#z3.HEAPU8[address + bytes.length] = 0
    const reply = this.#z3.UTF8ToString(this.#z3._Z3_eval_smtlib2_string(this.#context, address))
    this.#z3._free(address)
    return reply
  }
}

interface Question {
  readonly text: string
  readonly names: readonly string[]
  readonly cells: readonly { readonly bank: string }[]
}

const question = (formula: Bool): Question => {
  const smt = smtlib([formula])
  const reads = smt.selects.flatMap((s) => [smt.expression(s.address), smt.expression(s)])
  const wanted = [...smt.variables.map((v) => smt.expression(v)), ...reads]
  return {
    text: [smt.text, `(assert (= ${smt.expression(formula)} #b1))`, '(check-sat)', ...(wanted.length ? [`(get-value (${wanted.join(' ')}))`] : [])].join('\n'),
    names: smt.variables.map((v) => v.name),
    cells: smt.selects.map((s) => ({ bank: s.memory.name })),
  }
}

const readAnswer = (formula: Bool, q: Question, text: string): Answer => {
  if (text.startsWith('unsat')) return { kind: 'unsatisfiable' }
  if (text.startsWith('unknown')) return { kind: 'unknown', reason: 'the solver gave up at its limit of effort' }
  if (!text.startsWith('sat')) throw new Error(`Z3 did not understand popek's question:\n${text.slice(0, 500)}\n${q.text}`)
  if (text.includes('(error')) throw new Error(`Z3 did not give its model:\n${text.slice(0, 500)}\n${q.text}`)
  const values = pairValues(text.slice(3))
  const variables = q.names.map((name, i) => [name, values[i]!] as const)
  const cells = q.cells.map(({ bank }, i) => [bank, values[q.names.length + 2 * i]!, values[q.names.length + 2 * i + 1]!] as const)
  const valuation = assignment(variables, cells)
  if (evaluate(formula, valuation) !== 1n) throw new SolverContradiction(`Z3's model does not satisfy the formula when it is evaluated:\n${q.text}\n${text}`)
  return { kind: 'satisfiable', valuation: tidy(formula, variables, cells) }
}

/** The value of each pair in `((e1 v1) (e2 v2) …)`: the last word of the pair. */
const pairValues = (text: string): bigint[] => {
  const values: bigint[] = []
  let depth = 0, quoted = false, last = ''
  for (const token of text.match(/\||[()]|[^\s()|]+/g) ?? []) {
    if (token === '|') quoted = !quoted
    else if (quoted) continue
    else if (token === '(') depth++
    else if (token === ')') {
      if (depth === 2) values.push(BigInt(last.replace('#', '0')))
      depth--
    } else last = token
  }
  return values
}
