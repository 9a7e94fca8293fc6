// Reads the tokens of one line: labels, a mnemonic or directive, and its operands as expressions.

import { Mistake, tokenize, type Token } from './tokens.ts'

export type Expression =
  | { readonly kind: 'number'; readonly value: number; readonly column: number }
  | { readonly kind: 'name'; readonly name: string; readonly column: number }
  | { readonly kind: 'negate'; readonly of: Expression; readonly column: number }
  | { readonly kind: '+' | '-' | '*'; readonly left: Expression; readonly right: Expression; readonly column: number }

/** What stands between two commas; `index` is the register in parentheses after an expression. */
export type Operand =
  | { readonly kind: 'register'; readonly number: number; readonly column: number }
  | { readonly kind: 'text'; readonly text: string; readonly column: number }
  | { readonly kind: 'expression'; readonly expression: Expression; readonly index?: number; readonly column: number }

export interface Name {
  readonly name: string
  readonly column: number
}

export interface Statement {
  readonly labels: readonly Name[]
  /** The mnemonic or directive as written, when the line has one. */
  readonly operation: Token | undefined
  readonly operands: readonly Operand[]
  /** The column just after the last token, for what is missing there. */
  readonly endColumn: number
  /** What is wrong with the part after the labels; the labels stand all the same. */
  readonly mistake: Mistake | undefined
}

/** The register number of `r0` to `r15`, undefined for any other name, a Mistake for a register that does not exist. */
export const registerNumber = (token: Token): number | undefined => {
  if (token.kind !== 'name' || !/^[rR][0-9]+$/.test(token.text)) return undefined
  const number = Number(token.text.slice(1))
  if (number > 15 || token.text !== token.text[0] + String(number)) {
    throw new Mistake(token.column, `'${token.text}'`, 'a register r0 to r15')
  }
  return number
}

export const describe = (token: Token): string =>
  token.kind === 'end' ? 'the end of the line' : token.kind === 'text' ? `the text "${token.text}"` : `'${token.text}'`

/** Adds the operands from token `from` on to `operands`, so that those before a Mistake are kept. */
const readOperands = (tokens: readonly Token[], from: number, operands: Operand[]): void => {
  let at = from
  const peek = (): Token => tokens[at]!
  const isMark = (mark: string): boolean => peek().kind === 'mark' && peek().text === mark

  const primary = (): Expression => {
    const token = peek()
    const { column } = token
    if (token.kind === 'number') {
      at++
      return { kind: 'number', value: token.value, column }
    }
    if (token.kind === 'name') {
      if (registerNumber(token) !== undefined) throw new Mistake(column, `the register '${token.text}'`, 'a number or a label')
      at++
      return { kind: 'name', name: token.text, column }
    }
    if (isMark('-')) {
      at++
      return { kind: 'negate', of: primary(), column }
    }
    if (isMark('(')) {
      at++
      const inner = sum()
      if (!isMark(')')) throw new Mistake(peek().column, describe(peek()), "')' or an operator")
      at++
      return inner
    }
    throw new Mistake(column, describe(token), 'a number, a label or an expression')
  }
  const product = (): Expression => {
    let left = primary()
    while (isMark('*')) {
      const { column } = tokens[at++]!
      left = { kind: '*', left, right: primary(), column }
    }
    return left
  }
  const sum = (): Expression => {
    let left = product()
    while (isMark('+') || isMark('-')) {
      const { text, column } = tokens[at++]!
      left = { kind: text as '+' | '-', left, right: product(), column }
    }
    return left
  }
  const index = (): number => {
    const token = tokens[++at]!
    const number = registerNumber(token)
    if (number === undefined) throw new Mistake(token.column, describe(token), 'an index register r1 to r15')
    if (number === 0) throw new Mistake(token.column, "'r0'", 'an index register r1 to r15 (register 0 cannot be an index)')
    at++
    if (!isMark(')')) throw new Mistake(peek().column, describe(peek()), "')'")
    at++
    return number
  }
  const operand = (): Operand => {
    const token = peek()
    const { column } = token
    if (token.kind === 'text') {
      at++
      return { kind: 'text', text: token.text, column }
    }
    const number = registerNumber(token)
    if (number !== undefined) {
      at++
      return { kind: 'register', number, column }
    }
    // `(r2)` alone is short for `0(r2)`.
    const next = tokens[at + 1]
    if (isMark('(') && next !== undefined && registerNumber(next) !== undefined) {
      return { kind: 'expression', expression: { kind: 'number', value: 0, column }, index: index(), column }
    }
    const expression = sum()
    return isMark('(') ? { kind: 'expression', expression, index: index(), column } : { kind: 'expression', expression, column }
  }

  if (peek().kind === 'end') return
  operands.push(operand())
  while (isMark(',')) {
    at++
    operands.push(operand())
  }
  if (peek().kind !== 'end') throw new Mistake(peek().column, describe(peek()), "',', an operator or the end of the line")
}

/** Reads one line; what is wrong with it comes back as its `mistake`. */
export const parse = (line: string): Statement => {
  const { tokens, mistake: misspelt } = tokenize(line)
  const labels: Name[] = []
  const operands: Operand[] = []
  const endColumn = tokens.at(-1)!.column
  let at = 0
  let operation: Token | undefined
  let mistake: Mistake | undefined
  try {
    while (tokens[at]!.kind === 'name' && tokens[at + 1]!.text === ':') {
      const token = tokens[at]!
      if (registerNumber(token) !== undefined) throw new Mistake(token.column, `the register '${token.text}'`, 'a label')
      if (token.text.startsWith('.')) throw new Mistake(token.column, `'${token.text}'`, "a label that does not start with '.'")
      labels.push({ name: token.text, column: token.column })
      at += 2
    }
    const token = tokens[at]!
    if (token.kind === 'name') {
      operation = token
      readOperands(tokens, at + 1, operands)
    } else if (token.kind !== 'end') {
      throw new Mistake(token.column, describe(token), 'a label, an instruction or a directive')
    }
  } catch (caught) {
    if (!(caught instanceof Mistake)) throw caught
    mistake = caught
  }
  // A misspelt token ends the line early: what the operands then miss is no second mistake.
  return { labels, operation, operands, endColumn, mistake: misspelt ?? mistake }
}
