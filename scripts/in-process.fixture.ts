// Runs one command line in this process, with what it wrote.
import picocolors from 'picocolors'
import { run } from './program.ts'
import type { ExitCode } from './terminal/failure.ts'

export interface Ran {
  readonly code: ExitCode
  readonly out: string
  readonly err: string
}

export interface Around {
  /** What is piped into standard input. */
  readonly piped?: readonly number[]
  readonly signal?: AbortSignal
}

export const popek = async (argv: readonly string[], { piped = [], signal = new AbortController().signal }: Around = {}): Promise<Ran> => {
  const out: Buffer[] = [], err: string[] = []
  const code = await run(argv, {
    out: (text) => void out.push(Buffer.from(text as string)), err: (text) => void err.push(text), columns: 100, colors: picocolors.createColors(false),
    showsProgress: false, interrupted: signal, piped: async () => piped,
    keys: () => ({
      whole: true,
      listen: (_, ended) => ended(),
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
