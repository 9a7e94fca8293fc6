// The two-pass assembler of the third-generation machine: the first pass places labels, the second makes words.

import { AssemblerError, type Problem } from './error.ts'
import { directiveNames, equated, perform, type Directive, type Place } from './directives.ts'
import { encode } from './encode.ts'
import { byName, type Instruction } from './instructions.ts'
import { nearest } from './nearest.ts'
import { parse, type Expression, type Statement } from './parse.ts'
import { Symbols } from './symbols.ts'
import { Mistake, type Token } from './tokens.ts'

/** One source line with the cells that it became. */
export interface ListingLine {
  /** Counts from 1. */
  readonly line: number
  /** Real cell of the first word. */
  readonly address: number
  /** The same cell as the program addresses it: relative to the window it stands in. */
  readonly relative: number
  /** Signed 32-bit integers. */
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

/** A statement that the first pass understood and placed. */
interface Placed {
  readonly line: number
  readonly text: string
  readonly statement: Statement
  readonly what: Instruction | Directive
  readonly place: Place
}

/** Does `work`; a Mistake goes to the problems of this line, with what `work` did not give then undefined. */
type Attempt = <Value>(line: number, work: () => Value) => Value | undefined

const operationOf = ({ text, column }: Token): Instruction | Directive => {
  const what = byName.get(text.toUpperCase()) ?? directiveNames.get(text.toLowerCase())
  if (what !== undefined) return what
  if (text.startsWith('.')) throw new Mistake(column, `'${text}'`, 'a directive', nearest(text, directiveNames.keys()))
  throw new Mistake(column, `'${text}'`, 'an instruction, a directive or a label with its colon', nearest(text, byName.keys()))
}

const firstPass = (source: string, symbols: Symbols, attempt: Attempt): readonly Placed[] => {
  const placed: Placed[] = []
  let place: Place = { origin: 0, bound: mostCells, relative: 0 }
  for (const [index, text] of source.split('\n').entries()) {
    const line = index + 1
    const statement = parse(text)
    const { labels, operation, mistake } = statement
    for (const { name, column } of labels) attempt(line, () => symbols.define(name, place.relative, line, column))
    const what = attempt(line, () => {
      if (mistake !== undefined) throw mistake
      return operation === undefined ? undefined : operationOf(operation)
    })
    const next = { ...place, relative: place.relative + 1 }
    if (what === undefined) {
      // What cannot be read is most likely an instruction.
      if (operation !== undefined && !operation.text.startsWith('.')) place = next
    } else if (typeof what !== 'string') {
      placed.push({ line, text, statement, what, place })
      place = next
    } else {
      const value = (expression: Expression): number =>
        symbols.valueOf(expression, place.relative, 'a name that is defined above this line')
      const after = attempt(line, () =>
        perform(what, statement, place, value, ({ name, column }, number) => symbols.define(name, number, line, column)))
      if (after !== undefined) {
        placed.push({ line, text, statement, what, place })
        place = after
      }
    }
    const target = operation?.text.toLowerCase() === '.equ' ? equated(statement) : undefined
    if (target !== undefined) symbols.spoil(target.name, line, target.column)
  }
  return placed
}

/** The cells of the second pass, each filled once. */
class Cells {
  readonly words = new Map<number, number>()
  private readonly filledAt = new Map<number, number>()

  /** Throws a Mistake at `column` when the words do not fit their window or the machine, or a cell is taken. */
  fill({ origin, bound, relative }: Place, words: readonly number[], line: number, column: number): void {
    const limit = origin === 0 && bound === mostCells ? '' : ' in this window'
    if (words.length > 0 && relative + words.length > bound) {
      throw new Mistake(column, `cell ${relative + words.length - 1}`, `at most ${bound} cells${limit}`)
    }
    for (const [offset, word] of words.entries()) {
      const address = origin + relative + offset
      if (address >= mostCells) throw new Mistake(column, `real cell ${address}`, `at most ${mostCells} cells`)
      const before = this.filledAt.get(address)
      if (before !== undefined) {
        throw new Mistake(column, `a second word for real cell ${address} (the first is in line ${before})`, 'a free cell')
      }
      this.words.set(address, word)
      this.filledAt.set(address, line)
    }
  }
}

/**
 * Translates a source into an image; labels may be used before they are defined.
 * Instructions of every variant are known: the machine decides whether a word is defined.
 * @throws {AssemblerError} with every problem that was found
 */
export const assemble = (source: string, fileName = 'source.s'): Image => {
  const problems: Problem[] = []
  const attempt: Attempt = (line, work) => {
    try {
      return work()
    } catch (mistake) {
      if (!(mistake instanceof Mistake)) throw mistake
      const { column, found, expected, suggestion } = mistake
      problems.push({ file: fileName, line, column, found, expected, ...(suggestion === undefined ? {} : { suggestion }) })
      return undefined
    }
  }

  const symbols = new Symbols()
  const placed = firstPass(source, symbols, attempt)

  const cells = new Cells()
  const listing: ListingLine[] = []
  let entry: number | undefined
  for (const { line, text, statement, what, place } of placed) {
    attempt(line, () => {
      const made = encode(what, statement, (expression) => symbols.valueOf(expression, place.relative, 'a label or a name of .equ'))
      const { column } = statement.operation!
      if (made.entry !== undefined) {
        if (entry !== undefined) throw new Mistake(column, 'a second .entry', 'one .entry in the source')
        entry = made.entry
      }
      const words = made.words.map((word) => word | 0)
      cells.fill(place, words, line, column)
      if (words.length > 0) {
        const { origin, relative } = place
        listing.push({ line, address: origin + relative, relative, words, text })
      }
    })
  }

  if (problems.length > 0) {
    throw new AssemblerError(problems.sort((one, other) => one.line - other.line || one.column - other.column))
  }
  return {
    cells: [...cells.words].sort(([one], [other]) => one - other),
    ...(entry === undefined ? {} : { entry }),
    symbols: symbols.values,
    listing,
  }
}
