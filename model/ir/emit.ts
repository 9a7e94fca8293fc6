// Terms as JavaScript text: unsigned numbers up to 32 bits, bigint above; the compiled form of the specification.
import { match } from 'ts-pattern'
import { callOf, type Call, type Staged, type Valuation } from './stage.ts'
import { operandsOf, postorder, type Bool, type Memory, type NamedFunction, type Term } from './term.ts'

/**
 * How the text names state: expressions that read a variable and a cell. Width 1 reads 0 or 1. The index is a number, or a
 * bigint where the memory's addresses are wider than 32 bits.
 */
export interface Naming {
  readonly variable: (name: string, width: number) => string
  readonly cell: (memory: Memory, index: string) => string
  /** A call of a named function, on bigints; the text is a bigint. Without it, terms that apply one cannot be compiled. */
  readonly call?: (f: NamedFunction, operands: readonly string[]) => string
}

/** Whether values of this width are bigint in the text. */
export const isBig = (width: number): boolean => width > 32

const ones = (width: number): number => (width === 32 ? 0xffff_ffff : 2 ** width - 1)
/**
 * Of bigints, by masks: the optimizing compiler of V8 11.3 (Node 20) ends the process on some functions in which the results
 * of `BigInt.asUintN` meet in a conditional.
 */
const wrapBig = (width: number, e: string): string => `((${e}) & ${(1n << BigInt(width)) - 1n}n)`
const signedBig = (width: number, e: string): string => `((${e} ^ ${1n << BigInt(width - 1)}n) - ${1n << BigInt(width - 1)}n)`
const wrap = (width: number, e: string): string => (width === 32 ? `((${e}) >>> 0)` : `((${e}) & ${ones(width)})`)

/**
 * Writes terms as expressions. A term that is used more than once becomes a constant, defined in `lines` before
 * the first expression that needs it; so `lines` must be placed before each expression that was asked for after them.
 */
export class Emitter {
  lines: string[] = []
  readonly #naming: Naming
  readonly #shared = new Set<Term>()
  readonly #defined = new Map<Term, string>()

  constructor(naming: Naming, roots: readonly Term[]) {
    this.#naming = naming
    const uses = new Map<Term, number>()
    const count = (t: Term): void => {
      const n = (uses.get(t) ?? 0) + 1
      uses.set(t, n)
      if (n === 2 && t.kind !== 'const' && t.kind !== 'var') this.#shared.add(t)
    }
    for (const t of postorder(roots)) operandsOf(t).forEach(count)
    roots.forEach(count)
  }

  /** The lines gathered so far, which are then forgotten. */
  take(): string[] {
    const taken = this.lines
    this.lines = []
    return taken
  }

  /** Keeps the value in a constant, whatever the number of its uses; for values that must be read before writes. */
  keep(t: Term): string {
    if (t.kind === 'const') return this.value(t)
    this.#define(t)
    return this.value(t)
  }

  /** An unsigned number (0 or 1 for width 1), or a bigint above 32 bits. */
  value(t: Term): string {
    if (t.width === 1 && t.kind !== 'const' && t.kind !== 'var' && t.kind !== 'select') return `(${this.truth(t)} ? 1 : 0)`
    if (this.#shared.has(t)) this.#define(t)
    return this.#defined.get(t) ?? (isBig(t.width) ? this.#big(t) : this.#small(t))
  }

  /** A JavaScript boolean for a term of width 1. */
  truth(t: Term): string {
    if (t.kind === 'const') return t.value === 1n ? 'true' : 'false'
    if (t.kind === 'var' || t.kind === 'select') return `${this.value(t)} !== 0`
    if (this.#shared.has(t)) this.#define(t)
    return this.#defined.get(t) ?? this.#boolean(t)
  }

  #define(t: Term): void {
    if (this.#defined.has(t)) return
    const boolean = t.width === 1 && t.kind !== 'var' && t.kind !== 'select'
    const text = boolean ? this.#boolean(t) : isBig(t.width) ? this.#big(t) : this.#small(t)
    this.lines.push(`const t${t.id} = ${text}`)
    this.#defined.set(t, `t${t.id}`)
  }

  #boolean(t: Term): string {
    return match(t)
      .with({ kind: 'not' }, (n) => `!(${this.truth(n.a)})`)
      .with({ kind: 'compare' }, (c) => this.#compare(c.op, c.a, c.b))
      .with({ kind: 'ite' }, (i) => `(${this.truth(i.c)} ? ${this.truth(i.a)} : ${this.truth(i.b)})`)
      .with({ kind: 'binary', op: 'and' }, (b) => `(${this.truth(b.a)} && ${this.truth(b.b)})`)
      .with({ kind: 'binary', op: 'or' }, (b) => `(${this.truth(b.a)} || ${this.truth(b.b)})`)
      .with({ kind: 'binary', op: 'xor' }, (b) => `((${this.truth(b.a)}) !== (${this.truth(b.b)}))`)
      .otherwise((x) => `${this.#small(x)} !== 0`)
  }

  #compare(op: string, a: Term, b: Term): string {
    const [x, y] = [this.value(a), this.value(b)]
    const w = a.width
    const asSigned = (e: string): string => (isBig(w) ? signedBig(w, e) : w === 32 ? `(${e} | 0)` : `(${e} << ${32 - w})`)
    switch (op) {
      case 'eq': return `(${x} === ${y})`
      case 'ult': return `(${x} < ${y})`
      case 'ule': return `(${x} <= ${y})`
      case 'slt': return `(${asSigned(x)} < ${asSigned(y)})`
      default: return `(${asSigned(x)} <= ${asSigned(y)})`
    }
  }


  #small(t: Term): string {
    const w = t.width
    return match(t)
      .with({ kind: 'const' }, (c) => `${c.value}`)
      .with({ kind: 'var' }, (v) => this.#naming.variable(v.name, w))
      .with({ kind: 'select' }, (s) => this.#naming.cell(s.memory, this.value(s.address)))
      .with({ kind: 'not' }, (n) => wrap(w, `~${this.value(n.a)}`))
      .with({ kind: 'ite' }, (i) => `(${this.truth(i.c)} ? ${this.value(i.a)} : ${this.value(i.b)})`)
      .with({ kind: 'binary' }, (b) => this.#smallBinary(b.op, b.a, b.b, w))
      .with({ kind: 'concat', a: { kind: 'const', value: 0n } }, (c) => this.value(c.b))
      .with({ kind: 'concat' }, (c) => wrap(w, `(${this.value(c.a)} << ${c.b.width}) | ${this.value(c.b)}`))
      .with({ kind: 'extract' }, (e) =>
        isBig(e.a.width)
          ? `Number(${wrapBig(w, `${this.value(e.a)} >> ${e.low}n`)})`
          : e.high === e.a.width - 1 ? `(${this.value(e.a)} >>> ${e.low})` : wrap(w, `${this.value(e.a)} >>> ${e.low}`))
      .with({ kind: 'sext' }, (s) => wrap(w, `${this.value(s.a)} << ${32 - s.a.width} >> ${32 - s.a.width}`))
      .with({ kind: 'apply' }, (a) => `Number(${this.#call(a)})`)
      .otherwise((x) => { throw new Error(`a ${x.kind} of width ${w} cannot be compiled`) })
  }

  #call({ function: f, operands }: Term & { kind: 'apply' }): string {
    if (!this.#naming.call) throw new Error(`an application of ${f.name} cannot be compiled`)
    return this.#naming.call(f, operands.map((o) => this.#asBig(o)))
  }

  #smallBinary(op: string, a: Term, b: Term, w: number): string {
    const [x, y] = [this.value(a), this.value(b)]
    const inRange = atMost(b) < BigInt(w)
    switch (op) {
      case 'and': return w === 32 ? wrap(w, `${x} & ${y}`) : `(${x} & ${y})`
      case 'or': return w === 32 ? wrap(w, `${x} | ${y}`) : `(${x} | ${y})`
      case 'xor': return w === 32 ? wrap(w, `${x} ^ ${y}`) : `(${x} ^ ${y})`
      case 'add': return wrap(w, `${x} + ${y}`)
      case 'sub': return wrap(w, `${x} - ${y}`)
      case 'mul': return wrap(w, `Math.imul(${x}, ${y})`)
      case 'udiv': return `(${y} === 0 ? ${ones(w)} : (${x} / ${y}) >>> 0)`
      case 'urem': return `(${y} === 0 ? ${x} : ${x} % ${y})`
      case 'shl': return inRange ? wrap(w, `${x} << ${y}`) : `(${y} >= ${w} ? 0 : ${wrap(w, `${x} << ${y}`)})`
      case 'lshr': return inRange ? `(${x} >>> ${y})` : `(${y} >= ${w} ? 0 : ${x} >>> ${y})`
      default: return wrap(w, `${x} << ${32 - w} >> ${32 - w} >> ${inRange ? y : `Math.min(${y}, 31)`}`)
    }
  }

  #asBig(t: Term): string {
    return isBig(t.width) ? this.value(t) : t.kind === 'const' ? `${t.value}n` : `BigInt(${this.value(t)})`
  }

  #big(t: Term): string {
    const w = t.width
    return match(t)
      .with({ kind: 'const' }, (c) => `${c.value}n`)
      .with({ kind: 'var' }, (v) => this.#naming.variable(v.name, w))
      .with({ kind: 'select' }, (s) => this.#naming.cell(s.memory, this.value(s.address)))
      .with({ kind: 'not' }, (n) => `(${this.value(n.a)} ^ ${(1n << BigInt(w)) - 1n}n)`)
      .with({ kind: 'ite' }, (i) => `(${this.truth(i.c)} ? ${this.value(i.a)} : ${this.value(i.b)})`)
      .with({ kind: 'binary' }, (b) => this.#bigBinary(b.op, this.value(b.a), this.value(b.b), w))
      .with({ kind: 'concat' }, (c) => `((${this.#asBig(c.a)} << ${c.b.width}n) | ${this.#asBig(c.b)})`)
      .with({ kind: 'extract' }, (e) => wrapBig(w, `${this.value(e.a)} >> ${e.low}n`))
      .with({ kind: 'sext' }, (s) => wrapBig(w, signedBig(s.a.width, this.#asBig(s.a))))
      .with({ kind: 'apply' }, (a) => this.#call(a))
      .otherwise((x) => { throw new Error(`a ${x.kind} of width ${w} cannot be compiled`) })
  }

  #bigBinary(op: string, x: string, y: string, w: number): string {
    switch (op) {
      case 'and': return `(${x} & ${y})`
      case 'or': return `(${x} | ${y})`
      case 'xor': return `(${x} ^ ${y})`
      case 'add': return wrapBig(w, `${x} + ${y}`)
      case 'sub': return wrapBig(w, `${x} - ${y}`)
      case 'mul': return wrapBig(w, `${x} * ${y}`)
      case 'udiv': return `(${y} === 0n ? ${(1n << BigInt(w)) - 1n}n : ${x} / ${y})`
      case 'urem': return `(${y} === 0n ? ${x} : ${x} % ${y})`
      case 'shl': return `(${y} >= ${w}n ? 0n : ${wrapBig(w, `${x} << ${y}`)})`
      case 'lshr': return `(${y} >= ${w}n ? 0n : ${x} >> ${y})`
      default: return wrapBig(w, `${signedBig(w, x)} >> (${y} >= ${w}n ? ${w - 1}n : ${y})`)
    }
  }
}

/** An upper bound of a term's value, by its shape. */
const atMost = (t: Term): bigint => {
  if (t.kind === 'const') return t.value
  if (t.kind === 'binary' && t.op === 'and' && t.b.kind === 'const') return t.b.value
  if (t.kind === 'concat' && t.a.kind === 'const' && t.a.value === 0n) return atMost(t.b)
  return (1n << BigInt(t.width)) - 1n
}

const read = (width: number, text: string): string => (isBig(width) ? text : `Number(${text})`)
/** The functions called are gathered in `calls`, by their numbers in the text. */
const ofState = (calls: Call[]): Naming => ({
  variable: (name, width) => read(width, `state.variable(${JSON.stringify(name)}, ${width})`),
  cell: (m, index) => read(m.width, `state.cell(${JSON.stringify(m.name)}, ${isBig(m.addressWidth) ? index : `BigInt(${index})`})`),
  call: (f, operands) => `calls[${calls.push(callOf(f)) - 1}](state, [${operands.join(', ')}])`,
})
const keepReads = (e: Emitter, terms: readonly Term[]): void => {
  for (const t of postorder(terms)) if (t.kind === 'var' || t.kind === 'select') e.keep(t)
}

/** The staged form's compiled counterpart; it too reads each variable and each cell that occurs, once. */
export const compileTerms = (terms: readonly Term[]): Staged => {
  const calls: Call[] = []
  const e = new Emitter(ofState(calls), terms)
  keepReads(e, terms)
  const results = terms.map((t) => (isBig(t.width) ? e.keep(t) : `BigInt(${e.keep(t)})`))
  return loaded([...e.take(), `return [${results.join(', ')}]`], calls) as Staged
}

/** Whether all of them hold; a state is asked for what one of them reads only where those before it hold. */
export const compileConjunction = (terms: readonly Bool[]): ((state: Valuation) => boolean) => {
  const calls: Call[] = []
  const e = new Emitter(ofState(calls), terms)
  const text = terms.flatMap((t) => {
    keepReads(e, [t])
    const holds = e.truth(t)
    return [...e.take(), `if (!(${holds})) return false`]
  })
  return loaded([...text, 'return true'], calls) as (state: Valuation) => boolean
}

const loaded = (lines: readonly string[], calls: readonly Call[]): unknown =>
  new Function('calls', `return (state) => {\n${lines.join('\n')}\n}`)(calls)
