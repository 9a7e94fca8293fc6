// popek replay: a saved run on every engine, each step compared with what was recorded.
import { Command } from 'commander'
import { Exit, type ExitCode } from '../terminal/failure.ts'
import { outputOption, type Act } from '../terminal/act.ts'
import { document, lines, type Terminal } from '../terminal/terminal.ts'

export const replayCommand = (act: Act): Command =>
  new Command('replay')
    .summary('replay a saved trace on every engine of its ISA')
    .description('Replays a saved run on the specification, the processor and the system that the trace names, or checks a saved witness again.')
    .argument('<trace>', 'a file that `popek check --save` wrote')
    .addOption(outputOption())
    .addHelpText('after', '\nExample:\n  popek replay traces/corpus/halt-ticks.ndjson\n\nExit code 1 when an engine parts from the trace.')
    .action((path: string, options: { readonly json?: boolean }) => act((terminal) => replayFile(path, options.json === true, terminal)))

const replayFile = async (path: string, json: boolean, { out, colors }: Terminal): Promise<ExitCode> => {
  const { openTrace } = await import('../trace-file.ts')
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
  const agree = results.every((r) => r.divergence === undefined)
  if (json) out(document({ trace: path, kind: 'run', isa: trace.isa, system: trace.system, steps: trace.steps.length, agree, engines: results }))
  else out(lines(
    `${path}: ${trace.steps.length} steps of ${trace.isa}, kept because: ${trace.why}`,
    ...results.map(({ engine, steps, divergence: d }) => (d
      ? `  ${colors.red('parts ')}  ${engine} at step ${d.step}: ${d.component} is ${d.found ?? 'nothing'}, expected ${d.expected ?? 'nothing'}`
      : `  ${colors.green('agrees')}  ${engine}, ${steps} steps`)),
    ...(agree ? [] : [colors.dim(`See it side by side: popek explain ${path}`)]),
  ))
  return agree ? Exit.ok : Exit.found
}
