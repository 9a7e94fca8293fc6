// A process that does one command.
import { run } from './program.ts'
import { processTerminal } from './terminal/terminal.ts'

export { run }

export const main = async (argv: readonly string[]): Promise<void> => {
  process.exitCode = await run(argv, processTerminal())
}
