// Terms as SMT-LIB text: one definition per shared term, so that the text stays as small as the term.
import { match } from 'ts-pattern'
import { operandsOf, postorder, type Memory, type NamedFunction, type Term } from './term.ts'

export interface SmtText {
  /** Declarations and definitions, in order. */
  readonly text: string
  /** The SMT-LIB expression of a root or of any of its subterms. */
  readonly expression: (t: Term) => string
  readonly variables: readonly (Term & { readonly kind: 'var' })[]
  readonly selects: readonly (Term & { readonly kind: 'select' })[]
}

const symbol = (name: string): string => `|${name}|`
const sort = (width: number): string => `(_ BitVec ${width})`
const bits = (value: bigint, width: number): string =>
  width % 4 === 0 ? `#x${value.toString(16).padStart(width / 4, '0')}` : `#b${value.toString(2).padStart(width, '0')}`

/** Prints the terms below the roots; Booleans are bit-vectors of width 1, as in the terms. */
export const smtlib = (roots: readonly Term[]): SmtText => {
  const order = postorder(roots)
  const uses = new Map<Term, number>()
  for (const t of order) for (const o of operandsOf(t)) uses.set(o, (uses.get(o) ?? 0) + 1)
  for (const t of roots) uses.set(t, (uses.get(t) ?? 0) + 2)
  const named = new Map<Term, string>()
  const lines: string[] = []
  const memories = new Map<string, Memory>()
  const functions = new Set<NamedFunction>()
  for (const t of order) {
    if (t.kind === 'select') memories.set(t.memory.name, t.memory)
    if (t.kind === 'apply') functions.add(t.function)
    if (t.kind === 'var') lines.push(`(declare-const ${symbol(t.name)} ${sort(t.width)})`)
  }
  for (const m of memories.values()) lines.push(`(declare-const ${symbol(m.name)} (Array ${sort(m.addressWidth)} ${sort(m.width)}))`)
  for (const f of functions) lines.push(declaration(f))
  const print = (t: Term): string => named.get(t) ?? render(t, print)
  for (const t of order) {
    if (t.kind === 'const' || t.kind === 'var' || (uses.get(t)! < 2 && t.kind !== 'select')) continue
    const name = `t${named.size}`
    lines.push(`(define-fun ${name} () ${sort(t.width)} ${render(t, print)})`)
    named.set(t, name)
  }
  return {
    text: lines.join('\n'),
    expression: print,
    variables: order.filter((t) => t.kind === 'var') as (Term & { kind: 'var' })[],
    selects: order.filter((t) => t.kind === 'select') as (Term & { kind: 'select' })[],
  }
}

/** A computed function is uninterpreted: what holds for every function holds for it. */
const declaration = (f: NamedFunction): string => {
  if (f.meaning.kind === 'defined') throw new Error(`${f.name} has no SMT-LIB text: a definition reads the state`)
  return `(declare-fun ${symbol(f.name)} (${f.operands.map(sort).join(' ')}) ${sort(f.width)})`
}

const smtOperator = {
  and: 'bvand', or: 'bvor', xor: 'bvxor', add: 'bvadd', sub: 'bvsub', mul: 'bvmul', udiv: 'bvudiv', urem: 'bvurem',
  shl: 'bvshl', lshr: 'bvlshr', ashr: 'bvashr', eq: '=', ult: 'bvult', ule: 'bvule', slt: 'bvslt', sle: 'bvsle',
} as const

const render = (t: Term, p: (t: Term) => string): string =>
  match(t)
    .with({ kind: 'const' }, (c) => bits(c.value, c.width))
    .with({ kind: 'var' }, (v) => symbol(v.name))
    .with({ kind: 'not' }, (n) => `(bvnot ${p(n.a)})`)
    .with({ kind: 'binary' }, (b) => `(${smtOperator[b.op]} ${p(b.a)} ${p(b.b)})`)
    .with({ kind: 'compare' }, (c) => `(ite (${smtOperator[c.op]} ${p(c.a)} ${p(c.b)}) #b1 #b0)`)
    .with({ kind: 'ite' }, (i) => `(ite (= ${p(i.c)} #b1) ${p(i.a)} ${p(i.b)})`)
    .with({ kind: 'concat' }, (c) => `(concat ${p(c.a)} ${p(c.b)})`)
    .with({ kind: 'extract' }, (e) => `((_ extract ${e.high} ${e.low}) ${p(e.a)})`)
    .with({ kind: 'sext' }, (s) => `((_ sign_extend ${s.width - s.a.width}) ${p(s.a)})`)
    .with({ kind: 'select' }, (s) => `(select ${symbol(s.memory.name)} ${p(s.address)})`)
    .with({ kind: 'apply' }, (a) => `(${symbol(a.function.name)} ${a.operands.map(p).join(' ')})`)
    .with({ kind: 'load' }, (l) => { throw new Error(`a load of ${l.memory.name} has no SMT-LIB text: execute the instruction first`) })
    .exhaustive()
