// Where a command reads and writes: the process's streams, or a test's.
import { once } from 'node:events'
import { fstatSync } from 'node:fs'
import picocolors from 'picocolors'
import { Exit } from './failure.ts'
import { reason } from './files.ts'

export type Colors = ReturnType<typeof picocolors.createColors>

export interface Terminal {
  /** Standard output: results. */
  readonly out: (text: string | Uint8Array) => void
  /** Where standard output or error is a pipe whose reader is slow: settles when it takes more, or the signal is aborted. Undefined where both take more now. */
  readonly full: (until: AbortSignal) => Promise<void> | undefined
  /** Standard error: messages and progress. */
  readonly err: (text: string) => void
  /** Width of standard output in columns, 100 when it is not a terminal. */
  readonly columns: number
  readonly colors: Colors
  /** Standard error is a terminal, so progress is shown. */
  readonly showsProgress: boolean
  /** Aborted by the first interrupt (Ctrl-C); until a command asks for it, an interrupt ends the process as usual. */
  readonly interrupted: AbortSignal
  /** Everything that is piped into standard input; nothing when that is a terminal. */
  readonly piped: () => Promise<readonly number[]>
  /** Standard input as it comes, a terminal's key by key and unechoed: raw until `close`, and on every way out of the process. */
  readonly keys: () => Keys
}

export interface Keys {
  /** Standard input is a file: all of it is there, in `piped`. */
  readonly whole: boolean
  readonly listen: (typed: (bytes: Uint8Array) => void, ended: () => void) => void
  readonly close: () => void
}

/** Ends the process when a stream cannot be written. */
const ending = (stream: NodeJS.WriteStream): NodeJS.WriteStream => stream.on('error', (error: NodeJS.ErrnoException) => {
  // The reader went away, as `head` does.
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
  if (stream === process.stdout) process.stderr.write(`popek: cannot write standard output: ${reason(error)}\n`)
  process.exit(Exit.bad)
})

/** A stream is made when it is asked for, as Node does. */
export const processTerminal = (): Terminal => {
  const { env } = process, stdout = ending(process.stdout)
  let errors: NodeJS.WriteStream | undefined
  const stderr = (): NodeJS.WriteStream => errors ??= ending(process.stderr)
  const colored = env['NO_COLOR'] === undefined && (env['FORCE_COLOR'] !== undefined || (stdout.isTTY === true && env['TERM'] !== 'dumb'))
  let interrupt: AbortController | undefined
  return {
    out: (text) => void stdout.write(text),
    full: (until) => {
      const waiting = [stdout, errors].find((stream) => stream?.writableNeedDrain)
      return waiting && once(waiting, 'drain', { signal: until }).then(() => {}, () => {})
    },
    err: (text) => void stderr().write(text),
    columns: stdout.isTTY ? stdout.columns : 100,
    colors: picocolors.createColors(colored),
    get showsProgress() {
      return stderr().isTTY === true
    },
    get interrupted() {
      return (interrupt ??= catchInterrupts()).signal
    },
    piped: async () => {
      const { stdin } = process
      if (stdin.isTTY) return []
      const bytes: number[] = []
      for await (const chunk of stdin) for (const byte of chunk as Buffer) bytes.push(byte)
      return bytes
    },
    keys: rawKeys,
  }
}

const isFile = (descriptor: number): boolean => {
  try {
    return fstatSync(descriptor).isFile()
  } catch {
    // Standard input is closed.
    return false
  }
}

const rawKeys = (): Keys => {
  const { stdin } = process
  const raw = stdin.isTTY
  const restore = (): void => {
    if (raw) stdin.setRawMode(false)
  }
  const endings = ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const
  const end = (signal: NodeJS.Signals): void => {
    restore()
    process.off(signal, end)
    process.kill(process.pid, signal)
  }
  process.on('exit', restore)
  for (const signal of endings) process.on(signal, end)
  if (raw) stdin.setRawMode(true)
  return {
    whole: isFile(0),
    listen: (typed, ended) => {
      stdin.on('data', typed)
      stdin.on('end', ended)
      stdin.on('error', ended)
    },
    close: () => {
      restore()
      process.off('exit', restore)
      for (const signal of endings) process.off(signal, end)
      stdin.removeAllListeners('data').removeAllListeners('end').removeAllListeners('error')
      stdin.pause()
      // A device such as /dev/null has none.
      if ('unref' in stdin) stdin.unref()
    },
  }
}

const catchInterrupts = (): AbortController => {
  const interrupt = new AbortController()
  process.on('SIGINT', () => {
    // The second interrupt does not wait for a report.
    if (interrupt.signal.aborted) process.exit(130)
    interrupt.abort()
  })
  return interrupt
}

/** One line per piece, each ended. */
export const lines = (...pieces: readonly string[]): string => `${pieces.join('\n')}\n`

/** The document of `--json`. */
export const document = (value: unknown): string =>
  `${JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? `0x${v.toString(16)}` : v), 2)}\n`
