// popek faults: plants each fault and says whether the property that must catch it does.
import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import { Exit, type ExitCode } from '../terminal/failure.ts'
import { outputOption, type Act } from '../terminal/act.ts'
import { knownName } from '../terminal/nearest.ts'
import { chosenSeed, count, seed } from '../terminal/options.ts'
import { progress } from '../terminal/progress.ts'
import { document, lines, type Terminal } from '../terminal/terminal.ts'
import type { FaultsResult } from '../../properties/faults/run-faults.ts'

interface Options {
  readonly seed?: number
  readonly runs?: number
  readonly workers?: number
  readonly json?: boolean
}

export const faultsCommand = (act: Act): Command =>
  new Command('faults')
    .summary('plant each fault, and see whether it is caught')
    .description('Plants one fault at a time in a sound system, and says whether the property that must catch it does, how soon, and how short the program is that shows it.')
    .argument('[system]', 'only the faults of this system')
    .option('--seed <seed>', 'of the generated programs; POPEK_SEED otherwise, or 1', seed)
    .option('--runs <count>', 'programs to try before a fault counts as survived', count)
    .option('--workers <count>', 'threads', count)
    .addOption(outputOption())
    .addHelpText('after', '\nExample:\n  popek faults third-generation/hybrid\n\nExit code 1 when a fault survives.')
    .action((system: string | undefined, options: Options) => act((terminal) => plant(system, options, terminal)))

const plant = async (name: string | undefined, options: Options, terminal: Terminal): Promise<ExitCode> => {
  const [{ runFaults }, { faults }, { hartFaults }] = await Promise.all([
    import('../../properties/faults/run-faults.ts'), import('../../properties/faults/faults.ts'), import('../../properties/hart/faults.ts'),
  ])
  const all = [...faults, ...hartFaults], planted = [...new Set(all.map((f) => f.system))]
  const system = name === undefined ? undefined : knownName('system with planted faults', name, planted)
  const total = all.filter((f) => system === undefined || f.system === system).length
  const bar = progress(terminal, 'planting')
  let done = 0
  bar.to(0, total)
  const result = await runFaults({
    ...(system === undefined ? {} : { system }), ...(options.runs === undefined ? {} : { programs: options.runs }),
    seed: chosenSeed(options.seed), workers: options.workers ?? availableParallelism(), signal: terminal.interrupted,
    onResult: (f) => bar.to(++done, total, f.name),
  }).finally(() => bar.stop())
  terminal.out(options.json ? document(asJson(result)) : await asText(result, terminal))
  if (result.interrupted) return Exit.interrupted
  return result.caught === result.total ? Exit.ok : Exit.found
}

const asJson = ({ faults, ...rest }: FaultsResult): object => ({ ...rest, faults: faults.map(({ trial: _, ...fault }) => fault) })

const asText = async ({ faults, caught, total, seed: of, seconds, programLength, interrupted }: FaultsResult, { colors }: Terminal): Promise<string> => {
  const { plainTable } = await import('../classify/table.ts')
  const rows = faults.map((f) => [
    f.caught ? colors.green('caught') : colors.red('SURVIVED'), f.name, f.where, f.caught || f.by === undefined ? f.property : `${f.property} (${f.by} did)`,
    f.caught ? f.seconds.toFixed(2) : '', f.caught ? String(f.programLength) : '',
  ])
  return lines(
    plainTable(['', 'fault', 'planted in', 'caught by', 'seconds', 'steps'].map((h) => colors.bold(h)), rows, ['left', 'left', 'left', 'left', 'right', 'right']),
    '',
    `${caught} of ${total} caught, seed ${of}; seconds to catch: median ${seconds.median.toFixed(2)}, most ${seconds.most.toFixed(2)}; steps of the shortest program: median ${programLength.median}, most ${programLength.most}`,
    ...(interrupted ? [colors.yellow('interrupted: these had been tried')] : []),
  )
}
