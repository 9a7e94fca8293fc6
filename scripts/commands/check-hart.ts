// popek check riscv64/cpu: the RISC-V hart against its specification, on generated programs.
import { availableParallelism } from 'node:os'
import { chosenSeed } from '../terminal/options.ts'
import { BadInput, Exit, type ExitCode } from '../terminal/failure.ts'
import { outputFile, outputFolder } from '../terminal/files.ts'
import { knownName } from '../terminal/nearest.ts'
import { progress } from '../terminal/progress.ts'
import { document, lines, type Terminal } from '../terminal/terminal.ts'
import type { CheckOptions } from './check.ts'
import type { HartCheck } from '../../properties/hart/check.ts'
import { hartSystem } from '../../traces/hart-program.ts'

/** What is checked. */
const hartProperty = 'lock-step'

export const checkOnHart = async (options: CheckOptions, terminal: Terminal): Promise<ExitCode> => {
  if (options.by !== undefined) throw new BadInput(`--by is for emulators, and ${hartSystem} is none`)
  if (options.property !== undefined) knownName(`property of ${hartSystem}`, options.property, [hartProperty])
  const junit = options.junit === undefined ? undefined : outputFile(options.junit, 'JUnit report')
  const folder = options.save === undefined ? undefined : outputFolder(options.save, 'folder')
  const { checkHart } = await import('../../properties/hart/check.ts')
  const bar = progress(terminal, `checking ${hartSystem}`)
  const result = await checkHart({
    ...(options.runs === undefined ? {} : { programs: options.runs }), ...(options.time === undefined ? {} : { seconds: options.time }),
    ...(options.from === undefined ? {} : { from: options.from }), seed: chosenSeed(options.seed), workers: options.workers ?? availableParallelism(),
    signal: terminal.interrupted, onProgress: ({ programs, steps, done }) => bar.to(Math.round(100 * done), 100, `% ${programs} programs, ${steps} steps`),
  }).finally(() => bar.stop())
  const saved = result.divergence && folder ? await save(result, folder) : undefined
  if (junit) junit.write((await import('../junit.ts')).junitReport(reported(result)))
  terminal.out(options.json ? document(asJson(result, saved)) : await asText(result, saved, terminal))
  if (options.coverage && !options.json) terminal.out(await coverageText(result))
  if (result.interrupted) return Exit.interrupted
  return result.divergence ? Exit.found : result.passed ? Exit.ok : Exit.undecided
}

const whatOf = ({ divergence }: HartCheck): string =>
  divergence!.shrunk.failure.differences.map((d) => `${d.what} is ${d.specification}, the hart's ${d.hart}`).join('; ') || 'the two do not end a step alike'

const save = async (result: HartCheck, folder: ReturnType<typeof outputFolder>): Promise<string> => {
  const [{ savedOf }, { writeHartProgram }] = await Promise.all([import('../../properties/hart/saved.ts'), import('../../traces/hart-format.ts')])
  const { divergence, seed } = result
  return folder.write(`riscv64-cpu-${seed}-${divergence!.program}.json`, writeHartProgram(savedOf(divergence!.shrunk.program, whatOf(result), seed)))
}

const reported = (result: HartCheck): Parameters<typeof import('../junit.ts').junitReport>[0] => {
  const { divergence, seed, programs, steps, seconds } = result
  return {
    system: hartSystem, seed, programs, steps, seconds,
    properties: [{ name: hartProperty, holds: divergence ? 'fails' : steps === 0 ? 'vacuous' : 'holds', met: steps, allowances: [] }],
    ...(divergence ? {
      divergence: { program: divergence.program, step: divergence.failure.step, what: whatOf(result), shrunk: { length: divergence.shrunk.failure.step, what: whatOf(result) } },
    } : {}),
  }
}

const asJson = (result: HartCheck, saved: string | undefined): object => {
  const { divergence, coverage, ...rest } = result
  return {
    system: hartSystem, ...rest, stepsPerSecond: Math.round(result.steps / result.seconds),
    properties: [{ name: hartProperty, holds: divergence ? 'no' : result.steps === 0 ? 'vacuous' : 'yes', met: result.steps }],
    coverage: { reachable: coverage.reachable, hit: coverage.hit, unexpected: coverage.unexpected, rules: coverage.rules, cells: coverage.cells },
    ...(divergence ? {
      divergence: {
        property: hartProperty, program: divergence.program, start: divergence.failure.start, step: divergence.failure.step, differences: divergence.failure.differences,
        shrunk: { length: divergence.shrunk.failure.step, differences: divergence.shrunk.failure.differences }, ...(saved === undefined ? {} : { trace: saved }),
      },
    } : {}),
  }
}

const asText = async (result: HartCheck, saved: string | undefined, { colors }: Terminal): Promise<string> => {
  const { coverage, divergence } = result, number = (n: number): string => n.toLocaleString('en')
  return lines(
    `${colors.bold(hartSystem)}: ${number(result.programs)} programs, ${number(result.steps)} steps, ${result.seconds.toFixed(1)} s, ${number(Math.round(result.steps / result.seconds))} a second, seed ${result.seed}`,
    `  ${divergence ? colors.red('FAILS  ') : colors.green('holds  ')}  ${hartProperty}  ${colors.dim(`${number(result.steps)} instructions completed or trapped, ${number(result.interrupts)} interrupts`)}`,
    '',
    `exercised: ${number(coverage.hit)} of ${number(coverage.reachable)} cells of instruction, mode, outcome, way of the hart and translation scheme (--coverage)`,
    ...Object.entries(result.excluded).filter(([, n]) => n > 0).map(([why, n]) => colors.dim(`not compared, ${number(n)} programs from some step on: ${why}`)),
    ...(coverage.unexpected.length ? [colors.yellow(`${coverage.unexpected.length} cells were hit that were said to be out of reach`)] : []),
    ...(result.interrupted ? [colors.yellow(`interrupted: this is what had been run; go on: popek check ${hartSystem} --seed ${result.seed} --from ${result.from + result.programs}`)] : []),
    ...(divergence ? ['', await divergenceText(result, colors)] : []),
    ...(saved === undefined ? [] : [`saved: ${saved} (popek replay, popek explain)`]),
    ...(divergence ? [colors.dim(`again: popek check ${hartSystem} --seed ${result.seed} --from ${divergence.program} --runs 1${saved === undefined ? ' --save traces' : ''}`)] : []),
  )
}

const divergenceText = async ({ divergence }: HartCheck, colors: Terminal['colors']): Promise<string> => {
  const [{ listing }, { hartText }] = await Promise.all([import('../../properties/hart/saved.ts'), import('../hart-text.ts')])
  const { program, failure, shrunk } = divergence!
  return `program ${program}, start ${failure.start}, step ${failure.step}; shrunk to ${shrunk.failure.step} step${shrunk.failure.step === 1 ? '' : 's'}\n\n${hartText(listing(shrunk.program, shrunk.failure, 24), shrunk.program, colors)}`
}

const coverageText = async ({ coverage }: HartCheck): Promise<string> => {
  const [{ plainTable }, { rowsOf, shortened }] = await Promise.all([import('../classify/table.ts'), import('../../properties/hart/coverage.ts')])
  const number = (n: number): string => (n === 0 ? '' : n.toLocaleString('en'))
  const missing = shortened(coverage.missing)
  return lines(
    '', plainTable(
      ['instruction', 'U', 'S', 'M', 'cells', 'trapped'],
      rowsOf(coverage).map((r) => [r.instruction, number(r.retired.U), number(r.retired.S), number(r.retired.M), `${r.hit}/${r.reachable}`, [...r.traps].map(([cause, n]) => `${cause} ${number(n)}`).join(', ')]),
      ['left', 'right', 'right', 'right', 'right', 'left'],
    ),
    '', `reachable: what the terms of the specification leave open in a mode, in some configuration; besides, ${coverage.rules.join('; ')}`,
    `reachable and not hit: ${coverage.missing.length} cells${missing.length ? `:\n${missing.map((m) => `  ${m}`).join('\n')}` : ''}`,
  )
}
