// Answers of Z3 that the processes of one test run share: a folder of files, one for each solver, read when a solver starts.
import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'

/** Names the folder; without it every solver answers for itself, as in every command that a person runs. */
const variable = 'POPEK_ANSWERS'
let opened = 0

export class AnswerBook {
  readonly #file: string
  readonly #known = new Map<string, string>()

  private constructor(folder: string) {
    mkdirSync(folder, { recursive: true })
    for (const name of readdirSync(folder))
      for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
        const [key, answer] = line.split('\t')
        // A line that another process is still writing has no end mark.
        if (answer?.endsWith('.')) this.#known.set(key!, answer.slice(0, -1))
      }
    this.#file = join(folder, `${process.pid}-${threadId}-${opened++}`)
  }

  static open(): AnswerBook | undefined {
    const folder = process.env[variable]
    return folder === undefined || folder === '' ? undefined : new AnswerBook(folder)
  }

  /** `question` holds everything that the answer depends on. */
  find(question: string): string | undefined {
    return this.#known.get(keyOf(question))
  }

  /** The answer has no tab and no line break. */
  add(answers: readonly (readonly [question: string, answer: string])[]): void {
    appendFileSync(this.#file, answers.map(([question, answer]) => `${keyOf(question)}\t${answer}.\n`).join(''))
  }
}

const keyOf = (question: string): string => createHash('sha256').update(question).digest('base64url')
