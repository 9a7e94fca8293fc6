// Terms and instructions as pseudo-code, for documents and reports.
import { match, P } from 'ts-pattern'
import { True, type Term } from './term.ts'
import { placeName, type Place } from './state.ts'
import type { Instruction, Statement } from './instruction.ts'

const infix = {
  and: '∧', or: '∨', xor: '⊕', add: '+', sub: '−', mul: '·', udiv: '÷', urem: 'mod', shl: '<<', lshr: '>>', ashr: '>>ₛ',
  eq: '=', ult: '<', ule: '≤', slt: '<ₛ', sle: '≤ₛ',
} as const

const literal = (value: bigint, width: number): string => (value < 10n ? `${value}` : width === 1 ? `${value}` : `0x${value.toString(16)}`)
const operandName = (name: string): string => name.replace(/^operand /, '')

/** A term as the manual would write it, without needless parentheses. */
export const show = (t: Term): string =>
  match(t)
    .with({ kind: 'const' }, (c) => literal(c.value, c.width))
    .with({ kind: 'var' }, (v) => operandName(v.name))
    .with({ kind: 'not', a: { kind: 'compare', op: 'eq' } }, (n) => `${inner(n.a.a)} ≠ ${inner(n.a.b)}`)
    .with({ kind: 'not' }, (n) => `¬${inner(n.a)}`)
    .with({ kind: P.union('binary', 'compare') }, (b) => `${inner(b.a)} ${infix[b.op]} ${inner(b.b)}`)
    .with({ kind: 'ite' }, (i) => `if ${show(i.c)} then ${inner(i.a)} else ${inner(i.b)}`)
    .with({ kind: 'concat', a: { kind: 'const', value: 0n } }, (c) => show(c.b))
    .with({ kind: 'concat' }, (c) => `${inner(c.a)} : ${inner(c.b)}`)
    .with({ kind: 'extract' }, (e) => `${inner(e.a)}<${e.high === e.low ? e.high : `${e.high}:${e.low}`}>`)
    .with({ kind: 'sext' }, (s) => `signextend(${show(s.a)})`)
    .with({ kind: 'select' }, (s) => `${s.memory.name}[${show(s.address)}]`)
    .with({ kind: 'apply' }, (a) => `${a.function.name}(${a.operands.map(show).join(', ')})`)
    .with({ kind: 'load' }, (l) => `(${l.memory.name}/R)[${show(l.address)}]`)
    .exhaustive()

/** In parentheses where it is more than one word. */
const inner = (t: Term): string => (isWord(t) ? show(t) : `(${show(t)})`)

const isWord = (t: Term): boolean => {
  switch (t.kind) {
    case 'const': case 'var': case 'extract': case 'sext': case 'select': case 'load': case 'apply': return true
    case 'concat': return t.a.kind === 'const' && t.a.value === 0n && isWord(t.b)
    case 'not': return !(t.a.kind === 'compare' && t.a.op === 'eq')
    case 'binary': case 'compare': case 'ite': return false
  }
}

const placeText = (p: Place): string => (p.kind === 'cell' ? `${p.bank.name}[${show(p.index)}]` : placeName(p))
const onlyIf = (when: Term): string => (when === True ? '' : `  if ${show(when)}`)

/** One statement on one line. */
export const showStatement = (s: Statement): string =>
  match(s)
    .with({ kind: 'trap' }, (x) => (x.when === True ? `trap ${x.cause}` : `trap ${x.cause} if ${show(x.when)}`))
    .with({ kind: 'set' }, (x) => `${placeText(x.place)} := ${show(x.value)}${onlyIf(x.when)}`)
    .with({ kind: 'store' }, (x) => `(${x.bank.name}/R)[${show(x.address)}] := ${show(x.value)}${onlyIf(x.when)}`)
    .exhaustive()

/** The instruction as pseudo-code: reads are of the state before it. */
export const showInstruction = (i: Instruction): string => i.body.map(showStatement).join('\n')
