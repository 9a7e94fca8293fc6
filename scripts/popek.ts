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

process.exitCode = await run(process.argv.slice(2), processTerminal())
