// Cuts one line of assembly into tokens.

export type TokenKind = 'name' | 'number' | 'text' | 'mark' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** As it stands in the source; for a text, what it spells. */
  readonly text: string
  /** Of a number; 0 otherwise. */
  readonly value: number
  /** Counts from 1. */
  readonly column: number
}

/** Thrown inside the assembler for what is wrong with one statement; becomes a Problem with file and line. */
export class Mistake {
  readonly column: number
  readonly found: string
  readonly expected: string
  readonly suggestion: string | undefined

  constructor(column: number, found: string, expected: string, suggestion?: string) {
    this.column = column
    this.found = found
    this.expected = expected
    this.suggestion = suggestion
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', '0': '\0', '\\': '\\', "'": "'", '"': '"' }

const blank = /[ \t\r]/
const nameStart = /[A-Za-z_.]/
const nameRest = /[A-Za-z0-9_.]/
const digit = /[0-9]/

/** The tokens of a line up to its comment or its first mistake, the last one of kind `end`. */
export const tokenize = (line: string): { readonly tokens: readonly Token[]; readonly mistake?: Mistake } => {
  const tokens: Token[] = []
  let at = 0
  let mistake: Mistake | undefined

  /** One character of a text or character constant, escapes resolved; each becomes one byte of the console. */
  const character = (quote: string, start: number): string => {
    const one = line[at]
    if (one === undefined) throw new Mistake(start + 1, 'the end of the line', `a closing ${quote}`)
    at++
    if (one !== '\\') {
      if (one.charCodeAt(0) > 0xff) throw new Mistake(at, `'${one}'`, 'a character with a code of at most 255')
      return one
    }
    const spelt = escapes[line[at] ?? '']
    if (spelt === undefined) throw new Mistake(at, `'\\${line[at] ?? ''}'`, String.raw`one of \n \t \0 \\ \' \"`)
    at++
    return spelt
  }

  const next = (): void => {
    const start = at
    const first = line[at]!
    const add = (kind: TokenKind, text: string, value = 0): unknown => tokens.push({ kind, text, value, column: start + 1 })
    if (blank.test(first)) {
      at++
    } else if (nameStart.test(first)) {
      while (at < line.length && nameRest.test(line[at]!)) at++
      add('name', line.slice(start, at))
    } else if (digit.test(first)) {
      while (at < line.length && nameRest.test(line[at]!)) at++
      const text = line.slice(start, at)
      if (!/^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(text)) throw new Mistake(start + 1, `'${text}'`, 'a decimal or 0x… number')
      add('number', text, Number(text))
    } else if (first === "'") {
      at++
      const one = character("'", start)
      if (line[at] !== "'") throw new Mistake(at + 1, at < line.length ? `'${line[at]}'` : 'the end of the line', "a closing '")
      at++
      add('number', line.slice(start, at), one.charCodeAt(0))
    } else if (first === '"') {
      at++
      let text = ''
      while (line[at] !== '"') text += character('"', start)
      at++
      add('text', text)
    } else if ('+-*(),:'.includes(first)) {
      at++
      add('mark', first)
    } else {
      throw new Mistake(at + 1, `'${first}'`, 'a name, a number, a text or one of + - * ( ) , :')
    }
  }

  try {
    while (at < line.length && line[at] !== ';') next()
  } catch (caught) {
    if (!(caught instanceof Mistake)) throw caught
    mistake = caught
  }
  tokens.push({ kind: 'end', text: '', value: 0, column: line.slice(0, at).trimEnd().length + 1 })
  return mistake === undefined ? { tokens } : { tokens, mistake }
}
