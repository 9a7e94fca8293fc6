// popek start: the main job in under a minute: two machines decided, the monitors checked, one counterexample shown.
import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import { Exit, type ExitCode } from '../terminal/failure.ts'
import { outputOption, type Act } from '../terminal/act.ts'
import { chosenSeed, duration, seed } from '../terminal/options.ts'
import { progress } from '../terminal/progress.ts'
import { document, lines, type Terminal } from '../terminal/terminal.ts'
import type { CheckResult } from '../../properties/check/check.ts'
import type { Classification } from '../../properties/classify.ts'
import type { DeciderName } from '../../properties/verdict.ts'

interface Options {
  readonly seed?: number
  /** Seconds for each system. */
  readonly each: number
  readonly json?: boolean
}

export const startCommand = (act: Act): Command =>
  new Command('start')
    .summary('the main job in under a minute: decide, check, show a counterexample')
    .description("Decides the paper's machine and the PDP-10, checks the processor and the monitors for a moment, and shows one counterexample.")
    .option('--seed <seed>', 'of the generated programs; POPEK_SEED otherwise, or 1', seed)
    .option('--each <duration>', 'how long each system is checked', duration, 2)
    .addOption(outputOption())
    .addHelpText('after', '\nExample:\n  popek start')
    .action((options: Options) => act((terminal) => start(options, terminal)))

/** What the theorem and the paper say must come out. */
const decided: readonly { readonly isa: string; readonly by: readonly DeciderName[]; readonly vmm: 'yes' | 'no'; readonly hybrid: 'yes' | 'no' }[] = [
  { isa: 'third-generation', by: ['enumerate', 'sample', 'solve'], vmm: 'yes', hybrid: 'yes' },
  { isa: 'pdp10', by: ['solve'], vmm: 'no', hybrid: 'yes' },
]
const checked = ['cpu', 'trap-and-emulate', 'hybrid', 'nested', 'two-guests'].map((name) => `third-generation/${name}`)
/** Its monitor must fail: the hardware has one instruction that is sensitive and not privileged. */
const flawed = 'third-generation/jump-to-user/trap-and-emulate'

const start = async (options: Options, terminal: Terminal): Promise<ExitCode> => {
  const { colors, interrupted } = terminal
  const say = (...text: readonly string[]): void => { if (!options.json) terminal.out(lines(...text)) }
  const [{ classifyInSlices }, { resolveIsa }, { deciderLines, theoremLines }, { check }] = await Promise.all([
    import('../classify/slices.ts'), import('../isas.ts'), import('../classify/table.ts'), import('../../properties/check/check.ts'),
  ])
  const of = chosenSeed(options.seed)
  const began = performance.now()
  const classifications: Classification[] = []
  let expected = true
  for (const { isa: name, by, vmm, hybrid } of decided) {
    const isa = await resolveIsa(name)
    const bar = progress(terminal, `deciding ${name}`)
    const { classification, complete } = await classifyInSlices(isa, name, {}, { by, seed: of, runs: 20, interrupted, onProgress: (done, total) => bar.to(done, total) }).finally(() => bar.stop())
    if (!complete) return Exit.interrupted
    classifications.push(classification)
    expected &&= classification.theorems.vmm === vmm && classification.theorems.hybrid === hybrid
    say(`${colors.bold(name)}: ${isa.title}, ${classification.instructions.length} instructions`, ...theoremLines(classification, colors).map((l) => `  ${l}`), ...deciderLines(classification.instructions).map((l) => colors.dim(`  ${l}`)), '')
  }
  const results: CheckResult[] = []
  const workers = availableParallelism()
  for (const [i, name] of checked.entries()) {
    const bar = progress(terminal, `checking ${name}`)
    const result = await check(name, { seconds: options.each, seed: of, workers, signal: interrupted, onProgress: ({ done, steps }) => bar.to(Math.round(100 * done), 100, `% ${steps} steps`) }).finally(() => bar.stop())
    if (interrupted.aborted) return Exit.interrupted
    results.push(result)
    const holds = result.properties.every((p) => p.holds !== 'fails')
    expected &&= holds
    if (i === 0) say(colors.bold('Processor and monitors against the specification, every property after every step'))
    say(`  ${holds ? colors.green('holds') : colors.red('FAILS')}  ${name.padEnd(36)}${result.programs.toLocaleString('en').padStart(7)} programs ${result.steps.toLocaleString('en').padStart(11)} steps`)
  }
  const counterexample = await check(flawed, { programs: 20_000, seed: of, workers, signal: interrupted })
  expected &&= counterexample.divergence !== undefined
  if (options.json)
    terminal.out(document({
      seed: of, asExpected: expected, seconds: (performance.now() - began) / 1000,
      classifications: classifications.map((c) => ({ isa: c.isa.name, instructions: c.instructions.length, critical: c.instructions.filter((v) => v.critical === 'yes').map((v) => v.name), theorems: c.theorems })),
      checks: results.map(({ system, programs, steps, seconds, properties }) => ({ system, programs, steps, seconds, properties: properties.map((p) => ({ name: p.name, holds: p.holds })) })),
      counterexample: { system: flawed, found: counterexample.divergence !== undefined, ...(counterexample.divergence ? { property: counterexample.divergence.property, length: counterexample.divergence.shrunk.length, what: counterexample.divergence.shrunk.what } : {}) },
    }))
  else {
    say('', colors.bold('And where the theorem does not apply: the same monitor, on hardware with a jump to user mode that never traps'))
    if (counterexample.divergence) {
      const [{ divergenceTrace }, { sceneOfTrace }, { terminalText }] = await Promise.all([import('../trace-file.ts'), import('../run-trace-scene.ts'), import('../explain/terminal.ts')])
      say(terminalText(sceneOfTrace(divergenceTrace(counterexample.divergence)), { color: colors.isColorSupported }))
    }
    say(
      expected ? colors.green(`As expected, in ${((performance.now() - began) / 1000).toFixed(0)} s.`) : colors.red('Not as expected: see above.'),
      '', 'Next:',
      '  npx popek claims                                   what has been published, and whether popek agrees',
      "  npx popek explain 'pdp10/JRST 1,'                  why the PDP-10 fails Theorem 1",
      '  npx popek run third-generation/nested kernel       an operating system, three monitors deep',
      '  npx popek check third-generation/hybrid --time 30s',
      '  npx popek classify ./my-isa.ts                     your own ISA: docs/adding-an-isa.md',
    )
  }
  if (interrupted.aborted) return Exit.interrupted
  return expected ? Exit.ok : Exit.found
}
