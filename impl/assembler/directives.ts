// The directives and what each does to the place where the next word goes.

import { nearest } from './nearest.ts'
import type { Expression, Name, Operand, Statement } from './parse.ts'
import { Mistake } from './tokens.ts'

/** Where the next word goes: `relative` cells after the real cell `origin`, and below `bound` cells. */
export interface Place {
  readonly origin: number
  readonly bound: number
  readonly relative: number
}

/**
 * The directives, with `e` an expression of numbers (`12`, `0x1F`, `'c'`), names, `.` (here), + - * and parentheses:
 *
 *     .org e          the next word goes to address e of this window
 *     .window l, b    what follows stands in the window R = (l, b), in blocks of 16 cells: labels count from 16·l
 *     .align e        the next word goes to the next real cell that is a multiple of e
 *     .space e        e cells of 0
 *     .word e, …      a cell each
 *     .ascii "…", …   one character per cell; an expression is a cell too
 *     .psw m, p, l, b a PSW with cause 0; the mode m is s or u
 *     .equ name, e    a name for a number
 *     .entry e        where P starts
 *
 * What decides where a word goes (.org, .window, .align, .space) and .equ use only names defined above them.
 */
const directives = ['.org', '.word', '.space', '.ascii', '.psw', '.equ', '.align', '.entry', '.window'] as const
export type Directive = (typeof directives)[number]
export const directiveNames: ReadonlyMap<string, Directive> = new Map(directives.map((name) => [name, name]))

/** What each directive is followed by, for messages. */
const forms: Readonly<Record<Directive, string>> = {
  '.org': 'an address',
  '.word': 'one or more words',
  '.space': 'a number of cells',
  '.ascii': 'a text in double quotes, or more texts and numbers',
  '.psw': 'mode (s or u), p, l, b',
  '.equ': 'a name and its value',
  '.align': 'a number of cells',
  '.entry': 'an address',
  '.window': 'l, b in blocks of 16 cells',
}

/** An operand in words, for messages. */
export const shown = (operand: Operand): string => {
  switch (operand.kind) {
    case 'register':
      return `the register r${operand.number}`
    case 'text':
      return `the text "${operand.text}"`
    case 'expression': {
      const { expression, index } = operand
      if (index !== undefined) return 'an index register'
      if (expression.kind === 'number') return String(expression.value)
      return expression.kind === 'name' ? `'${expression.name}'` : 'an expression'
    }
  }
}

export const expressionOf = (operand: Operand, expected: string): Expression => {
  if (operand.kind === 'expression' && operand.index === undefined) return operand.expression
  throw new Mistake(operand.column, shown(operand), expected)
}

/** The value of a plain expression between `least` and `most`, or NaN when it is spoilt; throws a Mistake otherwise. */
export const ranged = (
  operand: Operand, least: number, most: number, expected: string, value: (expression: Expression) => number,
): number => {
  const number = value(expressionOf(operand, expected))
  if (number < least || number > most) throw new Mistake(operand.column, String(number), `${expected}, ${least} to ${most}`)
  return number
}

/** The operands, when there are `count` of them (undefined: one or more). */
export const operandsOf = (statement: Statement, count: number | undefined, form: string): readonly Operand[] => {
  const { operands, endColumn, operation } = statement
  const extra = count === undefined ? undefined : operands[count]
  const expected = `${operation!.text} ${form === '' ? 'alone' : form}`
  if (extra !== undefined) throw new Mistake(extra.column, `operand ${count! + 1}`, expected)
  if (operands.length < (count ?? 1)) throw new Mistake(endColumn, 'the end of the operands', expected)
  return operands
}

const nameOf = (operand: Operand, expected: string): Name => {
  if (operand.kind === 'expression' && operand.index === undefined && operand.expression.kind === 'name') {
    if (!operand.expression.name.startsWith('.')) return operand.expression
  }
  throw new Mistake(operand.column, shown(operand), expected)
}

/** The name that an `.equ` defines, when one can be read. */
export const equated = ({ operands: [target] }: Statement): Name | undefined => {
  if (target?.kind !== 'expression' || target.expression.kind !== 'name') return undefined
  return target.expression.name.startsWith('.') ? undefined : target.expression
}

/** First pass: where the next word goes after this directive; `.equ` defines its name. */
export const perform = (
  directive: Directive,
  statement: Statement,
  place: Place,
  value: (expression: Expression) => number,
  define: (name: Name, value: number) => void,
): Place => {
  const form = forms[directive]
  const { origin, bound, relative } = place
  const one = (): Operand => operandsOf(statement, 1, form)[0]!
  /** Spoilt values leave the place as it is. */
  const moved = (to: number): Place => (Number.isNaN(to) ? place : { ...place, relative: to })
  switch (directive) {
    case '.org':
      return moved(ranged(one(), 0, bound - 1, form, value))
    case '.word':
      return moved(relative + operandsOf(statement, undefined, form).length)
    case '.space':
      return moved(relative + ranged(one(), 0, bound, form, value))
    case '.ascii': {
      const lengths = operandsOf(statement, undefined, form).map((operand) => (operand.kind === 'text' ? operand.text.length : 1))
      return moved(lengths.reduce((sum, length) => sum + length, relative))
    }
    case '.psw':
      operandsOf(statement, 4, form)
      return moved(relative + 1)
    case '.equ': {
      const [target, expression] = operandsOf(statement, 2, form)
      define(nameOf(target!, form), value(expressionOf(expression!, form)))
      return place
    }
    case '.align': {
      const cells = ranged(one(), 1, bound, form, value)
      return moved(Math.ceil((origin + relative) / cells) * cells - origin)
    }
    case '.entry':
      operandsOf(statement, 1, form)
      return place
    case '.window': {
      const [l, b] = operandsOf(statement, 2, form).map((operand) => ranged(operand, 0, 255, form, value))
      return Number.isNaN(l! + b!) ? place : { origin: 16 * l!, bound: 16 * b!, relative: 0 }
    }
  }
}

/** Second pass: the words of a directive, and the entry of `.entry`. */
export const wordsOf = (
  directive: Directive, statement: Statement, value: (expression: Expression) => number,
): { readonly words: readonly number[]; readonly entry?: number } => {
  const form = forms[directive]
  const { operands } = statement
  const word = (operand: Operand): number => ranged(operand, -0x8000_0000, 0xffff_ffff, 'a 32-bit word', value)
  switch (directive) {
    case '.word':
      return { words: operands.map(word) }
    case '.space':
      return { words: Array.from({ length: ranged(operands[0]!, 0, 4080, form, value) }, () => 0) }
    case '.ascii':
      return {
        words: operands.flatMap((operand) =>
          operand.kind === 'text' ? Array.from(operand.text, (one) => one.charCodeAt(0)) : [word(operand)],
        ),
      }
    case '.psw': {
      const [mode, p, l, b] = operands
      const { name, column } = nameOf(mode!, form)
      const letter = name.toLowerCase()
      if (letter !== 's' && letter !== 'u') throw new Mistake(column, `the mode '${name}'`, "'s' or 'u'", nearest(name, ['s', 'u']))
      const counter = ranged(p!, 0, 0xfff, 'an address', value)
      const base = ranged(l!, 0, 0xff, 'l in blocks', value)
      const size = ranged(b!, 0, 0xff, 'b in blocks', value)
      return { words: [((letter === 'u' ? 0x8000 : 0) + counter) * 0x1_0000 + base * 0x100 + size] }
    }
    case '.entry':
      return { words: [], entry: ranged(operands[0]!, 0, 0xfff, form, value) }
    case '.org':
    case '.equ':
    case '.align':
    case '.window':
      return { words: [] }
  }
}
