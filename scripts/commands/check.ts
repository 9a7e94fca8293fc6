// popek check: generated programs against the specification, every property after every step.
import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import { BadInput, Exit, type ExitCode } from '../terminal/failure.ts'
import { outputOption, type Act } from '../terminal/act.ts'
import { outputFile, outputFolder } from '../terminal/files.ts'
import { knownName } from '../terminal/nearest.ts'
import { chosenSeed, count, duration, list, position, seed } from '../terminal/options.ts'
import { progress } from '../terminal/progress.ts'
import { document, lines, type Terminal } from '../terminal/terminal.ts'
import { hartSystem } from '../../traces/hart-program.ts'
import type { CheckResult } from '../../properties/check/check.ts'
import type { PropertyName } from '../../properties/monitor/property.ts'

export interface CheckOptions {
  readonly runs?: number
  readonly time?: number
  readonly from?: number
  readonly seed?: number
  readonly property?: string
  readonly by?: readonly string[]
  readonly save?: string
  readonly junit?: string
  readonly workers?: number
  readonly coverage?: boolean
  readonly json?: boolean
}

export const checkCommand = (act: Act): Command =>
  new Command('check')
    .summary('check a processor, a monitor or an emulator against the specification')
    .description('Runs generated programs on a system and on the specification, and compares after every step; a failure is shrunk to the shortest program that shows it. On an emulator that is not ours: generated instructions from generated states, each shrunk to the simplest state that shows the difference.')
    .argument('<system>', 'such as third-generation/trap-and-emulate or armv7/qemu; an unknown one lists them')
    .option('--runs <count>', 'programs, or instructions on an emulator', count)
    .option('--time <duration>', 'stop after this time: 30s, 2m', duration)
    .option('--from <number>', 'number of the first program: goes on with a run that was interrupted', position)
    .option('--seed <seed>', 'makes the same programs again; POPEK_SEED otherwise, or 1', seed)
    .option('--property <name>', 'check only this property')
    .option('--by <ways>', 'on RISC-V emulators: instructions, programs, steps; all of them otherwise', list)
    .option('--save <folder>', 'save the shrunk counterexample there, for `popek replay`')
    .option('--junit <file>', 'write a JUnit report')
    .option('--coverage', 'how often each instruction, trap and path was exercised')
    .option('--workers <count>', 'threads', count)
    .addOption(outputOption())
    .addHelpText('after', '\nExamples:\n  popek check third-generation/trap-and-emulate --time 30s\n  popek check third-generation/jump-to-user/trap-and-emulate --save traces\n  popek check armv7/qemu --coverage\n  popek check riscv64/cpu --time 1m --coverage\n  popek check riscv64/qemu --by programs,steps\n\nExit code 1 when a property fails, 3 when one was never exercised.')
    .action((system: string, options: CheckOptions) => act((terminal) => checkSystem(system, options, terminal)))

const checkSystem = async (name: string, options: CheckOptions, terminal: Terminal): Promise<ExitCode> => {
  const { emulatedSystems } = await import('../../traces/emulators/index.ts')
  if (emulatedSystems.includes(name)) return (await import('./check-emulator.ts')).checkOnEmulator(name, options, terminal)
  if (name === hartSystem) return (await import('./check-hart.ts')).checkOnHart(options, terminal)
  const [{ check }, { resolveSystem }, { propertiesOf }, { systemNames }] = await Promise.all([
    import('../../properties/check/check.ts'), import('../engines.ts'), import('../../properties/monitor/applies.ts'), import('../../traces/adapters.ts'),
  ])
  const system = resolveSystem(name, [...systemNames, hartSystem, ...emulatedSystems])
  if (options.by !== undefined) throw new BadInput(`--by is for emulators, and ${system.name} is none`)
  const has = propertiesOf(system).map((p) => p.name)
  const property = options.property === undefined ? undefined : knownName<PropertyName>(`property of ${system.name}`, options.property, has)
  const junit = options.junit === undefined ? undefined : outputFile(options.junit, 'JUnit report')
  const folder = options.save === undefined ? undefined : outputFolder(options.save, 'folder')
  const bar = progress(terminal, `checking ${system.name}`)
  const result = await check(system.name, {
    ...(options.runs === undefined ? {} : { programs: options.runs }), ...(options.time === undefined ? {} : { seconds: options.time }),
    ...(options.from === undefined ? {} : { from: options.from }),
    ...(property === undefined ? {} : { property }),
    seed: chosenSeed(options.seed), workers: options.workers ?? availableParallelism(), signal: terminal.interrupted,
    onProgress: ({ programs, steps, done }) => bar.to(Math.round(100 * done), 100, `% ${programs} programs, ${steps} steps`),
  }).finally(() => bar.stop())
  const saved = result.divergence && folder ? await save(result, folder) : undefined
  if (junit) junit.write((await import('../junit.ts')).junitReport(result))
  terminal.out(options.json ? document(asJson(result, saved)) : await asText(result, saved, terminal))
  if (options.coverage && !options.json) terminal.out(await coverageText(result))
  if (result.interrupted) return Exit.interrupted
  if (result.properties.some((p) => p.holds === 'fails')) return Exit.found
  return result.passed ? Exit.ok : Exit.undecided
}

const save = async (result: CheckResult, folder: ReturnType<typeof outputFolder>): Promise<string> => {
  const [{ divergenceTrace }, { writeTrace }] = await Promise.all([import('../trace-file.ts'), import('../../traces/format.ts')])
  const { system, seed: of, divergence } = result
  return folder.write(`${system.replaceAll('/', '-')}-${divergence!.property}-${of}.ndjson`, writeTrace(divergenceTrace(divergence!)))
}

const asJson = (result: CheckResult, saved: string | undefined): object => {
  const { divergence, coverage, ...rest } = result
  return {
    ...rest,
    properties: result.properties.map(({ holds, ...p }) => ({ ...p, holds: holds === 'holds' ? 'yes' : holds === 'fails' ? 'no' : 'vacuous' })),
    coverage: { uncovered: coverage.uncovered, interventionRatio: coverage.interventionRatio, instructions: coverage.instructions, traps: coverage.traps, paths: coverage.paths },
    ...(divergence ? {
      divergence: {
        property: divergence.property, program: divergence.program, step: divergence.step, what: divergence.what,
        shrunk: { length: divergence.shrunk.length, what: divergence.shrunk.what }, ...(saved === undefined ? {} : { trace: saved }),
      },
    } : {}),
  }
}

const asText = async (result: CheckResult, saved: string | undefined, { colors }: Terminal): Promise<string> => {
  const { coverage, divergence } = result
  const mark = { holds: colors.green('holds  '), fails: colors.red('FAILS  '), vacuous: colors.yellow('vacuous') }
  const percent = (100 * coverage.interventionRatio).toFixed(1)
  return lines(
    `${colors.bold(result.system)}: ${result.programs.toLocaleString('en')} programs, ${result.steps.toLocaleString('en')} steps, ${result.seconds.toFixed(1)} s, seed ${result.seed}`,
    ...result.properties.map((p) => `  ${mark[p.holds]}  ${p.name.padEnd(17)}${colors.dim(`${p.met.toLocaleString('en')} times${p.allowances.length ? `; allowed: ${p.allowances.join('; ')}` : ''}`)}`),
    '',
    `exercised: ${coverage.instructions.filter((i) => i.count > 0).length} of ${coverage.instructions.length} instructions by mode, ${coverage.traps.filter((t) => t.count > 0).length} of ${coverage.traps.length} traps by mode, ${coverage.paths.filter((p) => p.count > 0).length} of ${coverage.paths.length} paths of the monitor; the monitor intervened at ${percent}% of the steps`,
    ...(coverage.uncovered.length && !divergence ? [colors.yellow(`never exercised: ${coverage.uncovered.slice(0, 12).join(', ')}${coverage.uncovered.length > 12 ? `, … (${coverage.uncovered.length})` : ''}`)] : []),
    ...(result.interrupted ? [colors.yellow(`interrupted: this is what had been run; go on: popek check ${result.system} --seed ${result.seed} --from ${result.from + result.programs}`)] : []),
    ...(divergence ? ['', await divergenceText(result, colors.isColorSupported)] : []),
    ...(saved === undefined ? [] : [`saved: ${saved} (popek replay, popek explain)`]),
    ...(divergence ? [colors.dim(`again: popek check ${result.system} --seed ${result.seed}${saved === undefined ? ' --save traces' : ''}`)] : []),
  )
}

const coverageText = async ({ coverage: { instructions, traps, paths } }: CheckResult): Promise<string> => {
  const { plainTable } = await import('../classify/table.ts')
  const number = (n: number | undefined): string => (n === undefined ? '' : n.toLocaleString('en'))
  const byMode = (names: readonly string[], count: (name: string, mode: 'supervisor' | 'user') => number | undefined): string[][] =>
    [...new Set(names)].map((name) => [name, number(count(name, 'supervisor')), number(count(name, 'user'))])
  const aligned = ['left', 'right', 'right'] as const
  return lines(
    '', plainTable(['instruction completed', 'supervisor', 'user'], byMode(instructions.map((i) => i.name), (name, mode) => instructions.find((i) => i.name === name && i.mode === mode)?.count), aligned),
    '', plainTable(['trap taken', 'supervisor', 'user'], byMode(traps.map((t) => t.cause), (name, mode) => traps.find((t) => t.cause === name && t.mode === mode)?.count), aligned),
    ...(paths.length ? ['', plainTable(['path of the monitor', 'times'], paths.map((p) => [p.name, number(p.count)]), ['left', 'right'])] : []),
  )
}

/** The shortest program of a divergence, side by side. */
const divergenceText = async ({ divergence }: CheckResult, color: boolean): Promise<string> => {
  const [{ divergenceTrace }, { sceneOfTrace }, { terminalText }] = await Promise.all([
    import('../trace-file.ts'), import('../run-trace-scene.ts'), import('../explain/terminal.ts'),
  ])
  const { property, program, step, what, shrunk } = divergence!
  return `${property} does not hold: program ${program}, step ${step}: ${what}\nshrunk to ${shrunk.length} step${shrunk.length === 1 ? '' : 's'}: ${shrunk.what}\n\n${terminalText(sceneOfTrace(divergenceTrace(divergence!)), { color })}`
}
