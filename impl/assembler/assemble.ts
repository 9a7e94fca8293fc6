// The two-pass assembler of the third-generation machine: the first pass places labels, the second makes words.

import { AssemblerError, type Problem } from './error.ts'
import { directiveNames, perform, type Directive, type Place } from './directives.ts'
import { encode } from './encode.ts'
import { byName, type Instruction } from './instructions.ts'
import { nearest } from './nearest.ts'
import { parse, type Expression, type Statement } from './parse.ts'
import { Mistake } from './tokens.ts'

/** One source line with the cells that it became. */
export interface ListingLine {
  /** Counts from 1. */
  readonly line: number
  /** Real cell of the first word. */
  readonly address: number
  /** The same cell as the program addresses it: relative to the window it stands in. */
  readonly relative: number
  readonly words: readonly number[]
  readonly text: string
}

export interface Image {
  /** Real cells in ascending order; words are signed 32-bit integers. */
  readonly cells: readonly (readonly [address: number, word: number])[]
  /** Where P starts, of `.entry`. */
  readonly entry?: number
  /** Labels (relative to their window) and `.equ` names, in the order of the source. */
  readonly symbols: ReadonlyMap<string, number>
  readonly listing: readonly ListingLine[]
}

/** The most cells that a machine can have, of docs/third-generation.md, section 1. */
const mostCells = 4080

interface Placed {
  readonly line: number
  readonly text: string
  readonly statement: Statement
  readonly place: Place
  readonly what: Instruction | Directive
}

/**
 * Translates a source into an image; labels may be used before they are defined.
 * @throws {AssemblerError} with every problem that was found
 */
export const assemble = (source: string, fileName = 'source.s'): Image => {
  const problems: Problem[] = []
  const report = (line: number, { column, found, expected, suggestion }: Mistake): void => {
    problems.push({ file: fileName, line, column, found, expected, ...(suggestion === undefined ? {} : { suggestion }) })
  }
  const attempt = (line: number, work: () => void): void => {
    try {
      work()
    } catch (mistake) {
      if (!(mistake instanceof Mistake)) throw mistake
      report(line, mistake)
    }
  }

  const symbols = new Map<string, number>()
  const definedAt = new Map<string, number>()
  const define = (name: string, value: number, line: number, column: number): void => {
    const before = definedAt.get(name)
    if (before === undefined) {
      symbols.set(name, value)
      definedAt.set(name, line)
    } else report(line, new Mistake(column, `a second definition of '${name}' (the first is in line ${before})`, 'a new name'))
  }
  /** NaN stands for a value that a reported problem spoilt; it makes no further problems. */
  const valueOf = (expression: Expression, here: number, known: string): number => {
    switch (expression.kind) {
      case 'number':
        return expression.value
      case 'name': {
        if (expression.name === '.') return here
        const value = symbols.get(expression.name)
        if (value === undefined) {
          throw new Mistake(expression.column, `the unknown name '${expression.name}'`, known, nearest(expression.name, symbols.keys()))
        }
        return value
      }
      case 'negate':
        return -valueOf(expression.of, here, known)
      case '+':
        return valueOf(expression.left, here, known) + valueOf(expression.right, here, known)
      case '-':
        return valueOf(expression.left, here, known) - valueOf(expression.right, here, known)
      case '*':
        return valueOf(expression.left, here, known) * valueOf(expression.right, here, known)
    }
  }

  const placed: Placed[] = []
  let place: Place = { origin: 0, bound: mostCells, relative: 0 }
  for (const [index, text] of source.split('\n').entries()) {
    const line = index + 1
    const statement = parse(text)
    for (const { name, column } of statement.labels) define(name, place.relative, line, column)
    if (statement.mistake !== undefined) report(line, statement.mistake)
    const { operation } = statement
    if (operation === undefined) continue
    const what = byName.get(operation.text.toUpperCase()) ?? directiveNames.get(operation.text.toLowerCase())
    if (what === undefined) {
      const names = operation.text.startsWith('.') ? directiveNames.keys() : byName.keys()
      const kind = operation.text.startsWith('.') ? 'a directive' : 'an instruction, a directive or a label with its colon'
      if (statement.mistake === undefined) report(line, new Mistake(operation.column, `'${operation.text}'`, kind, nearest(operation.text, names)))
      place = { ...place, relative: place.relative + 1 }
      continue
    }
    if (typeof what === 'string') {
      // `.equ` names are defined by a mistaken line too, spoilt, so that their uses are no further problems.
      const value = (expression: Expression): number => valueOf(expression, place.relative, 'a name that is defined above this line')
      let after: Place | undefined
      const target = statement.operands[0]
      attempt(line, () => {
        if (statement.mistake === undefined) after = perform(what, statement, place, value, (name, column, number) => define(name, number, line, column))
      })
      const spoilt = what === '.equ' && after === undefined && target?.kind === 'expression' ? target.expression : undefined
      if (spoilt?.kind === 'name' && !spoilt.name.startsWith('.')) {
        if (!symbols.has(spoilt.name)) define(spoilt.name, Number.NaN, line, spoilt.column)
      }
      if (after === undefined) continue
      const starts = what === '.align' || what === '.org' || what === '.window' ? after : place
      placed.push({ line, text, statement, place: starts, what })
      place = after
    } else {
      placed.push({ line, text, statement, place, what })
      place = { ...place, relative: place.relative + 1 }
    }
  }

  const cells = new Map<number, number>()
  const filledAt = new Map<number, number>()
  const listing: ListingLine[] = []
  let entry: number | undefined
  for (const { line, text, statement, place: { origin, bound, relative }, what } of placed) {
    if (statement.mistake !== undefined) continue
    attempt(line, () => {
      const value = (expression: Expression): number => valueOf(expression, relative, 'a label or a name of .equ')
      const made = encode(what, statement, value)
      if (made.entry !== undefined) {
        if (entry !== undefined) throw new Mistake(statement.operation!.column, 'a second .entry', 'one .entry in the source')
        entry = made.entry
      }
      const column = statement.operation!.column
      const size = made.words.length
      if (size > 0 && relative + size > bound) {
        const limit = bound === mostCells && origin === 0 ? `at most ${mostCells} cells` : `at most ${bound} cells in this window`
        throw new Mistake(column, `cell ${relative + size - 1}`, limit)
      }
      for (const [offset, word] of made.words.entries()) {
        const address = origin + relative + offset
        if (address >= mostCells) throw new Mistake(column, `real cell ${address}`, `at most ${mostCells} cells`)
        const before = filledAt.get(address)
        if (before !== undefined) throw new Mistake(column, `a second word for real cell ${address} (the first is in line ${before})`, 'a free cell')
        cells.set(address, word | 0)
        filledAt.set(address, line)
      }
      if (size > 0) listing.push({ line, address: origin + relative, relative, words: made.words.map((word) => word | 0), text })
    })
  }

  if (problems.length > 0) throw new AssemblerError(problems.sort((one, other) => one.line - other.line || one.column - other.column))
  return { cells: [...cells].sort(([one], [other]) => one - other), ...(entry === undefined ? {} : { entry }), symbols, listing }
}
