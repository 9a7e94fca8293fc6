// popek replay: a saved run on every engine, each step compared with what was recorded.
import { Command } from 'commander'
import { Exit, type ExitCode } from '../terminal/failure.ts'
import { outputOption, type Act } from '../terminal/act.ts'
import { knownName } from '../terminal/nearest.ts'
import { document, lines, type Terminal } from '../terminal/terminal.ts'
import { hartSystem, type Program } from '../../traces/hart-program.ts'
import type { RunTrace } from '../../traces/trace.ts'

export const replayCommand = (act: Act): Command =>
  new Command('replay')
    .summary('replay a saved trace on every engine of its ISA')
    .description('Replays a saved run on the specification, the processor and the system that the trace names, or checks a saved witness again.')
    .argument('<trace>', 'a file that `popek check --save` wrote')
    .addOption(outputOption())
    .addHelpText('after', '\nExample:\n  popek replay traces/corpus/halt-ticks.ndjson\n\nExit code 1 when an engine parts from the trace.')
    .action((path: string, options: { readonly json?: boolean }) => act((terminal) => replayFile(path, options.json === true, terminal)))

const replayFile = async (path: string, json: boolean, { out, colors }: Terminal): Promise<ExitCode> => {
  const { openHartProgram, openTrace } = await import('../trace-file.ts')
  const ofHart = await openHartProgram(path)
  if (ofHart) return replayOnHart(path, ofHart, json, { out, colors })
  const trace = openTrace(path)
  if (trace.kind === 'witness') {
    const { recheck } = await import('../witnesses.ts')
    const result = await recheck(trace)
    if (json) out(document({ trace: path, kind: 'witness', isa: trace.isa, instruction: trace.instruction, property: trace.property, ...result }))
    else out(lines(
      `${path}: ${trace.instruction} of ${trace.isa}, ${trace.property}`,
      ...result.states.map((s) => `  ${s.agrees ? colors.green('agrees') : colors.red('parts ')}  ${s.name}${s.agrees ? '' : `: ${s.what}`}`),
    ))
    return result.agrees ? Exit.ok : Exit.found
  }
  const [{ replay }, { enginesFor }] = await Promise.all([import('../../traces/replay.ts'), import('../engines.ts')])
  const results = replay(trace, enginesFor(trace.system))
  const property = await runProperty(trace)
  const agree = results.every((r) => r.divergence === undefined) && property?.fails === undefined
  if (json) out(document({ trace: path, kind: 'run', isa: trace.isa, system: trace.system, steps: trace.steps.length, agree, engines: results, ...(property ? { property } : {}) }))
  else out(lines(
    `${path}: ${trace.steps.length} steps of ${trace.isa}, kept because: ${trace.why}`,
    ...results.map(({ engine, steps, divergence: d }) => (d
      ? `  ${colors.red('parts ')}  ${engine} at step ${d.step}: ${d.component} is ${d.found ?? 'nothing'}, expected ${d.expected ?? 'nothing'}`
      : `  ${colors.green('agrees')}  ${engine}, ${steps} steps`)),
    ...(property ? [`  ${property.fails === undefined ? colors.green('holds ') : colors.red('FAILS ')}  ${property.name} on ${trace.system}${property.fails === undefined ? ' now' : `: ${property.fails}`}`] : []),
    ...(agree ? [] : [colors.dim(`See it side by side: popek explain ${path}`)]),
  ))
  return agree ? Exit.ok : Exit.found
}

/** A program that was saved because hart and specification differed: whether they still do. */
const replayOnHart = async (path: string, { program, why }: { readonly program: Program; readonly why: string }, json: boolean, { out, colors }: Pick<Terminal, 'out' | 'colors'>): Promise<ExitCode> => {
  const { runSaved } = await import('../../properties/hart/saved.ts'), failure = runSaved(program)
  if (json) out(document({ trace: path, kind: 'program', system: hartSystem, agree: failure === undefined, ...(failure ? { step: failure.step, differences: failure.differences } : {}) }))
  else out(lines(
    `${path}: a program for ${hartSystem}, kept because: ${why}`,
    failure === undefined ? `  ${colors.green('agrees')}  hart and specification`
      : `  ${colors.red('parts ')}  at step ${failure.step}: ${failure.differences.map((d) => `${d.what} is ${d.specification}, the hart's ${d.hart}`).join('; ')}`,
    ...(failure === undefined ? [] : [colors.dim(`See it side by side: popek explain ${path}`)]),
  ))
  return failure === undefined ? Exit.ok : Exit.found
}

interface PropertyRun {
  readonly name: string
  /** How it fails; undefined when it holds. */
  readonly fails: string | undefined
}

/** The property that the trace was kept for, on the whole trial that it holds. */
const runProperty = async (trace: RunTrace): Promise<PropertyRun | undefined> => {
  if (trace.trial === undefined || trace.property === undefined) return undefined
  const [{ failsAgain }, { propertiesOf }, { readBuilt, resolveSystem }] = await Promise.all([
    import('../../properties/check/trace.ts'), import('../../properties/monitor/applies.ts'), import('../engines.ts'),
  ])
  const system = resolveSystem(readBuilt(trace.system).system)
  const name = knownName(`property of ${system.name}`, trace.property, propertiesOf(system).map((p) => p.name))
  return { name, fails: failsAgain(trace, system, name) }
}
