#!/usr/bin/env node
// The executable: one process, one command.
import { run } from './program.ts'
import { processTerminal } from './terminal/terminal.ts'

for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader went away, as `head` does.
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
    throw error
  })

const interrupt = new AbortController()
process.on('SIGINT', () => {
  // The second interrupt does not wait for a report.
  if (interrupt.signal.aborted) process.exit(130)
  interrupt.abort()
})

process.exitCode = await run(process.argv.slice(2), processTerminal(interrupt.signal))
