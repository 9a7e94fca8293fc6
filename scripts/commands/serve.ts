// popek serve: a processor as a server, for programs that drive it.
import { Command, Option } from 'commander'
import { hartChoices, mebibytes, riscvSystem } from '../run-riscv/options.ts'
import type { ServeOptions } from '../serve/options.ts'
import { outputOption, type Act } from '../terminal/act.ts'
import { BadInput, type ExitCode } from '../terminal/failure.ts'
import { tcpPort } from '../terminal/options.ts'
import type { Terminal } from '../terminal/terminal.ts'

export const serveCommand = (act: Act): Command =>
  new Command('serve')
    .summary('a processor as a server for a verification engine')
    .description('Lets a program drive a processor over TCP: one client after another, each with a processor of its own that starts at its reset. To debug a guest, run it with --gdb.')
    .argument('<system>', riscvSystem)
    .option('--rvfi-dii <port>', 'as an implementation under TestRIG: executes the instructions that an engine injects and reports each; port 0 is any free one', tcpPort)
    .option('--memory <MiB>', 'RAM from 0x80000000 on; 8 otherwise', mebibytes)
    .addOption(new Option('--misaligned <what>', "loads and stores that are not aligned: done, an access fault, or trap as TestRIG's models do unless told otherwise; done otherwise").choices(hartChoices.misaligned))
    .addOption(new Option('--misaligned-atomics <what>', 'LR, SC and AMOs that are not aligned: trap, or an access fault; access-fault otherwise, but trap with --misaligned trap').choices(hartChoices.misalignedAtomics))
    .option('--once', 'end after the first client')
    .addOption(outputOption())
    .addHelpText('after', '\nExamples:\n  popek serve riscv64/cpu --rvfi-dii 5001\n  popek serve riscv64/cpu --rvfi-dii 5001 --once --misaligned trap\n\nListens on 127.0.0.1. Exit code 2 when a client sent what is no command; 130 after Ctrl-C, which ends it.')
    .action((system: string, options: ServeOptions) => act((terminal) => serve(system, options, terminal)))

const serve = async (system: string, options: ServeOptions, terminal: Terminal): Promise<ExitCode> => {
  if (system.toLowerCase() !== riscvSystem) throw new BadInput(`'${system}' cannot be served: expected ${riscvSystem}`)
  if (options.rvfiDii === undefined) throw new BadInput('nothing to serve: expected --rvfi-dii PORT')
  const { serveRvfiDii } = await import('../serve/rvfi-dii.ts')
  return serveRvfiDii(riscvSystem, options.rvfiDii, options, terminal)
}
