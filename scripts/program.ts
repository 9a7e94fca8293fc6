// The command line: every command, and how errors become messages and exit codes.
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { Exit, messageOf, type ExitCode } from './terminal/failure.ts'
import type { Act } from './terminal/act.ts'
import type { Terminal } from './terminal/terminal.ts'

const exitCodes = `
Exit codes:
  0    as expected
  1    a counterexample, a disagreement, or a fault that survived
  2    bad usage or bad input
  3    undecided, or a needed tool is missing
  130  interrupted: what was found until then is reported

POPEK_DEBUG=1 shows the stack of an error.`

/** In the order of the help. One that is asked for is loaded alone. */
const commands: Readonly<Record<string, () => Promise<(act: Act) => Command>>> = {
  isas: async () => (await import('./commands/isas.ts')).isasCommand,
  classify: async () => (await import('./commands/classify.ts')).classifyCommand,
  claims: async () => (await import('./commands/claims.ts')).claimsCommand,
  confirm: async () => (await import('./commands/confirm.ts')).confirmCommand,
  check: async () => (await import('./commands/check.ts')).checkCommand,
  faults: async () => (await import('./commands/faults.ts')).faultsCommand,
  replay: async () => (await import('./commands/replay.ts')).replayCommand,
  explain: async () => (await import('./commands/explain.ts')).explainCommand,
  run: async () => (await import('./commands/run.ts')).runCommand,
  serve: async () => (await import('./commands/serve.ts')).serveCommand,
  bench: async () => (await import('./commands/bench.ts')).benchCommand,
  start: async () => (await import('./commands/start.ts')).startCommand,
}

const version = (): string => {
  for (const up of ['..', '../..'])
    try {
      return (JSON.parse(readFileSync(new URL(`${up}/package.json`, import.meta.url), 'utf8')) as { version: string }).version
    } catch { /* dist/ is one level deeper than the sources */ }
  return 'unknown'
}

/** Spike's way of saying where a signature goes, which frameworks of tests use. */
const withSignature = (argv: readonly string[], command: Command | undefined): readonly string[] => argv.map((argument, n) => {
  const before = argv[n - 1], isValue = command?.options.some((o) => o.required && (o.long === before || o.short === before))
  return isValue ? argument : argument.replace(/^\+(?=signature(-granularity)?=)/, '--')
})

/** Runs one command line, without the two words that start a process's arguments. */
export const run = async (argv: readonly string[], terminal: Terminal): Promise<ExitCode> => {
  let code: ExitCode = Exit.ok
  const act: Act = async (work) => { code = await work(terminal) }
  const program = new Command('popek')
    .description("Popek and Goldberg's theorem, executable: decides whether an ISA is virtualizable, and checks processors and monitors against the specification.")
    .version(version())
    .addHelpText('after', `\nExample:\n  popek classify third-generation/jump-to-user\n${exitCodes}`)
    .showHelpAfterError('(--help shows the usage)')
  const [first] = argv
  const needed = first !== undefined && Object.hasOwn(commands, first) ? [first] : Object.keys(commands)
  for (const command of await Promise.all(needed.map((name) => commands[name]!()))) program.addCommand(command(act))
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.err }).showHelpAfterError('(--help shows the usage)')
  try {
    if (argv.length === 0) {
      terminal.out(program.helpInformation())
      return Exit.ok
    }
    await program.parseAsync(first === 'run' ? withSignature(argv, program.commands[0]) : argv, { from: 'user' })
    return code
  } catch (error) {
    return report(error, terminal)
  }
}

const report = (error: unknown, { err, colors }: Terminal): ExitCode => {
  // Commander has printed its message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.ok : Exit.bad
  const name = error instanceof Error ? error.name : ''
  const say = (text: string): void => err(`${colors.red('popek:')} ${text}\n`)
  if (process.env['POPEK_DEBUG'] === '1' && error instanceof Error && error.stack) err(`${error.stack}\n`)
  switch (name) {
    case 'BadInput':
      say(messageOf(error))
      return Exit.bad
    case 'MissingTool':
      say(messageOf(error))
      return Exit.undecided
    case 'Contradiction':
      say(`the deciders contradict each other, which is a fault of popek: ${messageOf(error)}`)
      return Exit.found
    default:
      say(`this should not have happened, and is a fault of popek: ${name === '' || name === 'Error' ? '' : `${name}: `}${messageOf(error)}\nPOPEK_DEBUG=1 shows where`)
      return Exit.undecided
  }
}
