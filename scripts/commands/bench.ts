// popek bench: how fast each engine is, beside its baseline in the same run.
import { Command } from 'commander'
import { Exit, type ExitCode } from '../terminal/failure.ts'
import { outputOption, type Act } from '../terminal/act.ts'
import { knownName } from '../terminal/nearest.ts'
import { collect } from '../terminal/options.ts'
import { progress } from '../terminal/progress.ts'
import { document, lines, type Terminal } from '../terminal/terminal.ts'
import type { Measure } from '../bench/measures.ts'

export const benchCommand = (act: Act): Command =>
  new Command('bench')
    .summary('measure every engine beside its baseline')
    .description('Measures steps, programs and claims per second: each engine beside its baseline, by turns and in one run. About a minute; what takes longer is measured when it is asked for: `--only isas` (every ISA decided), `emulators` (trials a second), `hart` and `interpreter` (RISC-V beside QEMU and beside the specification), `hart-lock-step` (the two side by side, compared), `uboot` (a process to the prompt of U-Boot, beside QEMU) and `memory` (what the memory of a guest costs).')
    .option('--only <measure>', 'only this measure; may be repeated', collect)
    .addOption(outputOption())
    .addHelpText('after', '\nExample:\n  popek bench --only cpu --only compiled')
    .action((options: { readonly only?: readonly string[]; readonly json?: boolean }) => act((terminal) => bench(options, terminal)))

const bench = async ({ only, json }: { readonly only?: readonly string[]; readonly json?: boolean }, terminal: Terminal): Promise<ExitCode> => {
  const { longMeasures, measures } = await import('../bench/measures.ts')
  const known = Object.keys(measures)
  const chosen = only ? only.map((name) => knownName('measure', name, known)) : known.filter((name) => !longMeasures.has(name))
  const { out, colors } = terminal
  const bar = progress(terminal, 'measuring')
  const results: Measure[] = []
  for (const [i, name] of chosen.entries()) {
    if (terminal.interrupted.aborted) break
    bar.to(i, chosen.length, name)
    results.push(await measures[name]!())
    // Lets an interrupt in.
    await new Promise((resolve) => setImmediate(resolve))
  }
  bar.stop()
  const complete = results.length === chosen.length
  if (json) out(document({ node: process.version, platform: `${process.platform} ${process.arch}`, complete, measures: results }))
  else out(lines(
    `Node ${process.version}, ${process.platform} ${process.arch}`,
    ...results.flatMap((m) => [
      '', colors.bold(m.title),
      `  ${String(m.value).padStart(9)} ${m.unit}`,
      `  ${String(m.baseline.value).padStart(9)} ${m.baseline.unit}: ${m.baseline.name}`,
      ...Object.entries(m.more).map(([name, value]) => colors.dim(`  ${String(value).padStart(9)} ${words(name)}`)),
      colors.dim(`  ${String(m.ratio).padStart(9)} times as ${m.unit === 'MiB' ? 'small' : 'fast'} as the baseline`),
    ]),
  ))
  return complete ? Exit.ok : Exit.interrupted
}

/** `exitsPerThousandSteps` as words; capitals stay together. */
const words = (name: string): string => name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
