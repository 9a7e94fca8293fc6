// popek isas: what there is to decide, what is modelled and what is left out.
import { Command } from 'commander'
import { Exit, type ExitCode } from '../terminal/failure.ts'
import { outputOption, type Act } from '../terminal/act.ts'
import { document, lines, type Terminal } from '../terminal/terminal.ts'

export const isasCommand = (act: Act): Command =>
  new Command('isas')
    .summary('list the ISAs, with what is modelled and what is left out')
    .description('Lists the ISAs and variants that come with popek, with what is modelled, what the manual leaves to the implementation, and what is left out.')
    .argument('[isa or file...]', 'only these')
    .addOption(outputOption())
    .addHelpText('after', '\nWhat a manual leaves open is chosen with the name, as parameters of the ISA: riscv64:misaligned=trapped,asidBits=9\n\nExamples:\n  popek isas riscv64\n  popek isas riscv64:misaligned=trapped,asidBits=9')
    .action((references: readonly string[], options: { readonly json?: boolean }) => act((terminal) => isas(references, options.json === true, terminal)))

const isas = async (references: readonly string[], json: boolean, { out, colors }: Terminal): Promise<ExitCode> => {
  const { isaNames, resolveIsa } = await import('../isas.ts')
  const all = await Promise.all((references.length > 0 ? references : isaNames).map((name) => resolveIsa(name)))
  if (json) {
    out(document({
      isas: all.map((i) => ({
        name: i.name, title: i.title, source: i.source, size: i.size, wordWidth: i.wordWidth, instructions: i.instructions.map((x) => x.name),
        deprivilegings: i.deprivilegings.map((d) => ({ name: d.name, invariant: d.invariant.map(({ name, why }) => ({ name, why })) })),
        assumptions: (i.assumptions ?? []).map(({ name, why }) => ({ name, why })),
        runs: i.sequencing !== undefined, shrinks: i.shrunk !== undefined, published: i.published.length, choices: i.choices ?? {}, leftOut: i.leftOut,
      })),
    }))
    return Exit.ok
  }
  out(lines(...all.flatMap((i) => [
    `${colors.bold(i.name)}  ${i.title}`,
    colors.dim(`    ${i.instructions.length} instructions of ${i.wordWidth} bits; ${i.size}; ${i.published.length} published claims${i.sequencing ? '; can be run' : ''}`),
    ...i.deprivilegings.flatMap((d) => d.invariant.map((h) => `    H of ${d.name}: ${h.name}`)),
    ...Object.entries(i.choices ?? {}).map(([what, { chosen, others, about }]) => `    the manual leaves open: ${what} = ${chosen}${others ? `, else ${others.join('; ')}` : ''} (${about})`),
    ...Object.entries(i.leftOut).map(([what, why]) => `    left out: ${what} (${why})`),
  ])))
  return Exit.ok
}
