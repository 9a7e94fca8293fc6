// popek check <isa>/<emulator>: the specification of an ISA against an emulator, on generated instructions and states.
import { chosenSeed } from '../terminal/options.ts'
import { Exit, MissingTool, type ExitCode } from '../terminal/failure.ts'
import { outputFolder } from '../terminal/files.ts'
import { knownName } from '../terminal/nearest.ts'
import { progress } from '../terminal/progress.ts'
import { document, lines, type Terminal } from '../terminal/terminal.ts'
import type { EmulatorCheck } from '../../properties/emulators/check.ts'
import type { Disagreement } from '../../properties/emulators/shrink.ts'
import type { EmulatorName } from '../../traces/emulators/index.ts'
import { notInstalled } from '../../traces/emulators/qemu.ts'
import type { ProgramOptions } from './check-programs.ts'
import type { WitnessTrace } from '../../traces/trace.ts'

export interface EmulatorOptions {
  readonly runs?: number
  readonly time?: number
  readonly from?: number
  readonly seed?: number
  readonly by?: readonly string[]
  readonly save?: string
  readonly coverage?: boolean
  readonly json?: boolean
}

/** How an emulator is compared: single instructions from generated states; whole programs by what they write down; programs step by step. */
export const methods = ['instructions', 'programs', 'steps'] as const
export type Method = (typeof methods)[number]
const defaultRuns: Readonly<Record<Method, number>> = { instructions: 20_000, programs: 500, steps: 100 }
/** Whose ISA has a hart that runs whole programs. */
const withPrograms = ['riscv64/qemu', 'riscv32/qemu']

const methodsOf = (system: string, asked: readonly string[] | undefined): readonly Method[] => {
  const has = withPrograms.includes(system) ? methods : ['instructions'] as const
  return asked === undefined ? has : asked.map((name) => knownName<Method>(`way to check ${system}`, name, has))
}

export const checkOnEmulator = async (system: string, options: EmulatorOptions, terminal: Terminal): Promise<ExitCode> => {
  const by = methodsOf(system, options.by), seed = chosenSeed(options.seed), from = options.from ?? 0
  const folder = options.save === undefined ? undefined : outputFolder(options.save, 'folder')
  const seconds = options.time === undefined ? undefined : options.time / by.length
  const runs = (method: Method): number => {
    if (options.runs === undefined) return seconds === undefined ? defaultRuns[method] : Number.POSITIVE_INFINITY
    return Math.ceil((options.runs * defaultRuns[method]) / defaultRuns[by[0]!])
  }
  let code: ExitCode = Exit.ok, json = {}
  for (const method of by) {
    if (terminal.interrupted.aborted) return Exit.interrupted
    const extent = { runs: runs(method), seconds, from, seed }
    const found = method === 'instructions' ? await instructions(system, extent, options, folder, terminal) : await programs(system, method, extent, options, terminal)
    json = { ...json, ...found.json }
    if (!options.json) terminal.out(found.text)
    if (code === Exit.ok || found.code === Exit.interrupted) code = found.code
  }
  if (options.json) terminal.out(document(json))
  return code
}

interface Found {
  readonly json: object
  readonly text: string
  readonly code: ExitCode
}

const programs = async (system: string, method: 'programs' | 'steps', extent: ProgramOptions, { coverage }: EmulatorOptions, terminal: Terminal): Promise<Found> => {
  const { comparePrograms, programsAsJson, programsAsText, stepsTable } = await import('./check-programs.ts')
  const compared = await comparePrograms(system, method, extent, terminal)
  const table = coverage && compared.method === 'steps' ? await stepsTable(compared) : ''
  return {
    json: { [method]: programsAsJson(compared) }, text: programsAsText(system, compared, terminal) + table,
    code: terminal.interrupted.aborted ? Exit.interrupted : compared.result.differences.length > 0 ? Exit.found : Exit.ok,
  }
}

const instructions = async (
  system: string, { runs, seconds, from, seed }: ProgramOptions, options: EmulatorOptions, folder: ReturnType<typeof outputFolder> | undefined, terminal: Terminal,
): Promise<Found> => {
  const { checkOn } = await import('../../properties/emulators/session.ts')
  const cut = system.lastIndexOf('/'), bar = progress(terminal, `checking ${system}`)
  const session = await checkOn(system.slice(0, cut), system.slice(cut + 1) as EmulatorName, {
    seed, trials: runs, seconds, from, signal: terminal.interrupted, onProgress: (done, total) => bar.to(done, Number.isFinite(total) ? total : done),
  }).finally(() => bar.stop())
  if (session.kind === 'missing') throw new MissingTool(notInstalled(session.needed))
  if (session.kind === 'failed') throw new MissingTool(`the emulator of ${system} does not work: ${session.why}`)
  const { result } = session
  const [{ disagreementTrace }, { resolveIsa }] = await Promise.all([import('../disagreement-trace.ts'), import('../isas.ts')])
  const isa = await resolveIsa(result.isa)
  const traces = result.disagreements.map((d) => ({ disagreement: d, trace: disagreementTrace(isa, result, d) }))
  const saved = await save(traces, folder)
  return {
    json: asJson(result, traces, saved), text: asText(system, result, saved, options, terminal) + (options.coverage ? await coverageText(result) : ''),
    code: result.interrupted ? Exit.interrupted : result.disagreements.length > 0 ? Exit.found : result.trials === 0 ? Exit.undecided : Exit.ok,
  }
}

interface Traced {
  readonly disagreement: Disagreement
  readonly trace: WitnessTrace
}

const save = async (traces: readonly Traced[], folder: ReturnType<typeof outputFolder> | undefined): Promise<string[]> => {
  if (!folder) return []
  const { writeTrace } = await import('../../traces/format.ts')
  return traces.map(({ trace }) => folder.write(`${trace.isa}-${trace.instruction}-${trace.seed ?? 0}.ndjson`.replaceAll(/[^\w.-]+/g, '-'), writeTrace(trace)))
}

const asJson = (r: EmulatorCheck, traces: readonly Traced[], saved: readonly string[]): object => ({
  ...r,
  instructions: r.instructions.map((i) => ({ ...i, traps: Object.fromEntries(i.traps) })),
  excluded: Object.fromEntries(r.excluded),
  deviations: r.deviations.map(({ deviation: { does, manual, instructions }, trials }) => ({ does, manual, instructions, trials })),
  disagreements: traces.map(({ disagreement, trace }, i) => ({ instruction: trace.instruction, word: trace.word, differences: disagreement.differences, states: trace.states, ...(saved[i] ? { trace: saved[i] } : {}) })),
})

const asText = (system: string, r: EmulatorCheck, saved: readonly string[], { time }: EmulatorOptions, { colors }: Terminal): string => {
  const number = (n: number): string => n.toLocaleString('en')
  const completed = r.instructions.filter((i) => i.completed > 0), never = r.instructions.filter((i) => i.completed + i.traps.size === 0)
  const causes = new Set(r.instructions.flatMap((i) => [...i.traps.keys()]))
  return lines(
    `${colors.bold(system)}: ${r.emulator}`,
    `${number(r.trials)} trials, ${r.seconds.toFixed(1)} s, ${number(Math.round(r.trials / r.seconds))} a second, seed ${r.seed}`,
    `executed: ${completed.length} of ${r.instructions.length + r.excluded.length} instructions completed; traps taken: ${[...causes].join(', ') || 'none'}`,
    ...(never.length ? [colors.yellow(`never executed, no state was drawn within the bench's limits: ${never.map((i) => i.name).join('  ')}`)] : []),
    ...[...new Map(r.excluded.map(([, reason]) => [reason, r.excluded.filter(([, x]) => x === reason).map(([i]) => i)]))].map(([reason, names]) => colors.dim(`not tried: ${reason}: ${names.join('  ')}`)),
    ...r.deviations.map(({ deviation, trials }) => colors.yellow(`deviates from its manual, ${number(trials)} trials: ${deviation.does} (${deviation.manual})`)),
    ...r.disagreements.flatMap((d) => [
      colors.red(`${d.instruction} differs in ${number(r.instructions.find((i) => i.name === d.instruction)!.differing)} trials; the simplest: word ${d.trial.word.toString(16)}`),
      ...d.differences.map((text) => `  ${text}`),
    ]),
    ...saved.map((path) => `saved: ${path} (popek explain)`),
    ...(r.disagreements.length ? [] : [colors.green('the specification and the emulator agree')]),
    ...(r.interrupted ? [colors.yellow('interrupted')] : []),
    ...(r.interrupted || time !== undefined ? [colors.dim(`go on: popek check ${system} --seed ${r.seed} --from ${r.next}`)] : []),
  )
}

const coverageText = async ({ instructions }: EmulatorCheck): Promise<string> => {
  const { plainTable } = await import('../classify/table.ts')
  return lines('', plainTable(
    ['instruction', 'completed', 'trapped', 'differing', 'outside the limits'],
    instructions.map((i) => [i.name, i.completed, [...i.traps].map(([cause, n]) => `${cause} ${n}`).join(', '), i.differing, i.outside].map((x) => (x === 0 ? '' : x.toLocaleString('en')))),
    ['left', 'right', 'left', 'right', 'right'],
  ))
}
