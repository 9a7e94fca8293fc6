// Runs one command line in this process, with what it wrote.
import picocolors from 'picocolors'
import { run } from './program.ts'
import type { ExitCode } from './terminal/failure.ts'
import type { Terminal } from './terminal/terminal.ts'

export interface Ran {
  readonly code: ExitCode
  readonly out: string
  readonly err: string
}

export interface Around {
  /** What is piped into standard input. */
  readonly piped?: readonly number[]
  readonly signal?: AbortSignal
  /** What is typed at once at a terminal that then closes, instead of standard input that is a file. */
  readonly typed?: string
  /** Called with what is written to standard error, as it is written. */
  readonly says?: (text: string) => void
  readonly full?: Terminal['full']
}

export const popek = async (argv: readonly string[], { piped = [], signal = new AbortController().signal, typed, says = () => {}, full = () => undefined }: Around = {}): Promise<Ran> => {
  const out: Buffer[] = [], err: string[] = []
  const code = await run(argv, {
    out: (text) => void out.push(Buffer.from(text as string)),
    err: (text) => {
      err.push(text)
      says(text)
    },
    full, columns: 100, colors: picocolors.createColors(false),
    showsProgress: false, interrupted: signal, piped: async () => piped,
    keys: () => ({
      whole: typed === undefined,
      listen: (takes, ended) => {
        if (typed !== undefined) takes(Buffer.from(typed))
        ended()
      },
      close: () => {},
    }),
  })
  return { code, out: Buffer.concat(out).toString(), err: err.join('') }
}

/** The one document that `--json` must print. */
export const json = async <T>(argv: readonly string[], options?: Around): Promise<T & { readonly code: ExitCode }> => {
  const { code, out, err } = await popek([...argv, '--json'], options)
  if (err !== '') throw new Error(err)
  return { ...JSON.parse(out) as T, code }
}

/** A command that listens on a port of its own choice, which it says on standard error, and what it comes to. */
export const listening = async (argv: readonly string[], options: Around = {}): Promise<{ readonly port: number, readonly ran: Promise<Ran> }> => {
  let known: (port: number) => void = () => {}
  const port = new Promise<number>((resolve) => { known = resolve })
  const ran = popek(argv, {
    ...options,
    says: (text) => {
      const said = /127\.0\.0\.1:(\d+)/.exec(text)
      if (said) known(Number(said[1]))
    },
  })
  return { port: await Promise.race([port, ran.then(({ err }) => { throw new Error(`it does not listen: ${err}`) })]), ran }
}
