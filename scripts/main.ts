// A process that does one command.
import { run } from './program.ts'
import { Exit } from './terminal/failure.ts'
import { reason } from './terminal/files.ts'
import { processTerminal } from './terminal/terminal.ts'

export { run }

export const main = async (argv: readonly string[]): Promise<void> => {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // The reader went away, as `head` does.
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
      if (stream === process.stdout) process.stderr.write(`popek: cannot write standard output: ${reason(error)}\n`)
      process.exit(Exit.bad)
    })
  process.exitCode = await run(argv, processTerminal())
}
