// What the assembler says about a source that it cannot translate: every problem with its place.

/** One problem; line and column count from 1. */
export interface Problem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly found: string
  readonly expected: string
  /** The nearest known word, when the found one looks misspelt. */
  readonly suggestion?: string
}

const show = ({ file, line, column, found, expected, suggestion }: Problem): string => {
  const message = `${file}:${line}:${column}: found ${found}, expected ${expected}`
  return suggestion === undefined ? message : `${message}; did you mean '${suggestion}'?`
}

/** All problems of one source, in the order of their places; the message has one line for each. */
export class AssemblerError extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems.map(show).join('\n'))
    this.name = 'AssemblerError'
    this.problems = problems
  }
}
