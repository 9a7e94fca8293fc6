// How a command's action is run: the one option that all have, and the type of the runner.
import { Option } from 'commander'
import type { ExitCode } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** Runs a command's work with the terminal and keeps its exit code. */
export type Act = (work: (terminal: Terminal) => Promise<ExitCode>) => Promise<void>

export const outputOption = (): Option => new Option('--json', 'print one JSON document on standard output, and nothing else')
