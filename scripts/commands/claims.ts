// popek claims: what has been published about the ISAs, against what popek finds.
import { Command } from 'commander'
import { isaNames, resolveIsa } from '../isas.ts'
import { Exit, type ExitCode } from '../terminal/failure.ts'
import { outputOption, type Act } from '../terminal/act.ts'
import { count } from '../terminal/options.ts'
import { progress } from '../terminal/progress.ts'
import { document, lines, type Terminal } from '../terminal/terminal.ts'
import type { Judgement } from '../../properties/claims.ts'
import type { Decision } from '../../properties/decide/decide.ts'

interface Options {
  readonly threads?: number
  readonly json?: boolean
}

export const claimsCommand = (act: Act): Command =>
  new Command('claims')
    .summary('judge every published claim: agrees, disagrees or undecided')
    .description('Judges every published claim about the ISAs: popek agrees, disagrees or has not decided, each with its witness or its proof.')
    .argument('[isa or file...]', 'ISAs of `popek isas`, or files that export one; all that come with popek when none is given')
    .option('--threads <count>', 'deciding threads, each with its own solver', count)
    .addOption(outputOption())
    .addHelpText('after', '\nExample:\n  popek claims pdp10\n\nExit code 1 when popek disagrees with a claim, 3 when one is undecided.')
    .action((references: readonly string[], options: Options) => act((terminal) => claims(references, options, terminal)))

const claims = async (references: readonly string[], { json, threads }: Options, terminal: Terminal): Promise<ExitCode> => {
  const isas = await Promise.all((references.length ? references : isaNames).map(async (reference) => ({ reference, isa: await resolveIsa(reference) })))
  const [{ classifyInSlices, threadsAtMost }, { claimedDeprivilegings, judge }, { rowOf }] = await Promise.all([import('../classify/slices.ts'), import('../../properties/claims.ts'), import('../claims/row.ts')])
  const { knownSummaries } = await import('../confirm/summary.ts')
  const summaries = knownSummaries()
  const { DecidingThreads } = await import('../classify/threads.ts')
  const over = new DecidingThreads(threads ?? threadsAtMost, terminal.interrupted)
  const tasks = isas.flatMap(({ reference, isa }) => claimedDeprivilegings(isa).map((deprivileging) => ({ reference, isa, deprivileging })))
  const decided = tasks.map(() => 0), total = tasks.reduce((n, { isa }) => n + isa.instructions.length, 0)
  const bar = progress(terminal, 'deciding')
  const [sliced, lemmasFound] = await Promise.all([
    Promise.all(tasks.map(({ reference, isa, deprivileging }, n) => classifyInSlices(isa, reference, { deprivileging }, {
      by: ['solve'], seed: 0, runs: 0, over, onProgress: (done) => {
        decided[n] = done
        bar.to(decided.reduce((x, y) => x + y, 0), total, isa.name)
      },
    }))),
    Promise.all(isas.map(async ({ reference, isa }) => (await over.run({ kind: 'lemmas', isa: reference, choice: { by: ['enumerate', 'solve'], seed: 0, runs: 0 } }))?.map((d): Lemma => ({ ...d, isa: isa.name })))),
  ]).finally(() => {
    bar.stop()
    return over.close()
  })
  const complete = sliced.every((s) => s.complete) && lemmasFound.every((l) => l !== undefined)
  const lemmas = complete ? lemmasFound.flatMap((l) => l ?? []) : []
  const whole = sliced.filter((s) => s.complete).map((s) => s.classification)
  const rows = whole.map((c) => rowOf(c, summaries))
  const judgements = whole.flatMap((c) => judge(c).filter((j) => (j.published.deprivileging ?? c.isa.deprivilegings[0].name) === c.deprivileging.name))
  const number = (opinion: Judgement['opinion']): number => judgements.filter((j) => j.opinion === opinion).length
  const totals = { agrees: number('agrees'), disagrees: number('disagrees'), undecided: number('undecided') }
  if (json)
    terminal.out(document({
      complete, ...totals, isas: rows,
      lemmas: lemmas.map(({ isa, property, verdict, by }) => ({ isa, lemma: property, verdict, by })),
      claims: judgements.map(({ isa, deprivileging, published: { claim, source, about }, opinion, found, rests, witness }) => ({
        isa, deprivileging, claim, source, about, opinion, found, rests: rests.map(({ property, verdict, by }) => ({ property, verdict, by })), ...(witness ? { witness } : {}),
      })),
    }))
  else {
    const { isaTable, claimLines } = await import('../claims/text.ts')
    terminal.out(lines(
      isaTable(rows, terminal), '',
      ...rows.flatMap((r) => claimLines(r, judgements.filter((j) => j.isa === r.isa && j.deprivileging === r.deprivileging), terminal)),
      ...(lemmas.length ? [terminal.colors.bold('Lemmas that verdicts rest on'), ...lemmaLines(lemmas), ''] : []),
      `${judgements.length} published claims: ${totals.agrees} agree, ${totals.disagrees} disagree, ${totals.undecided} undecided`,
      ...(complete ? [] : [terminal.colors.yellow('interrupted: the other ISAs are not judged')]),
    ))
  }
  if (!complete) return Exit.interrupted
  return totals.disagrees > 0 ? Exit.found : totals.undecided > 0 ? Exit.undecided : Exit.ok
}

interface Lemma extends Decision {
  readonly isa: string
}

/** What holds for every ISA in one line; Lemma 1 is one lemma, whatever the number of instructions. */
const lemmaLines = (lemmas: readonly Lemma[]): string[] => {
  const inverse = /^relocation has an inverse/, direct = / executed directly under f is equivalent$/
  const isas = [...new Set(lemmas.map((l) => l.isa))]
  const inverted = isas.filter((isa) => lemmas.every((l) => l.isa !== isa || !inverse.test(l.property) || l.verdict === 'yes'))
  return [
    `  yes        relocation has an inverse, in both modes: ${inverted.join(', ')}`,
    ...lemmas.filter((l) => !direct.test(l.property) && !(inverse.test(l.property) && inverted.includes(l.isa)))
      .map((l) => `  ${l.verdict.padEnd(9)}  ${l.isa}: ${l.property}`),
    ...isas.flatMap((isa) => {
      const executed = lemmas.filter((l) => l.isa === isa && direct.test(l.property) && l.verdict !== 'vacuous')
      const failing = executed.filter((l) => l.verdict !== 'yes').map((l) => l.property.replace(direct, ''))
      return executed.length === 0 ? [] : [
        `  ${(failing.length === 0 ? 'yes' : 'no').padEnd(9)}  ${isa}: Lemma 1, what is executed directly under f does what the bare machine does; ${failing.length ? `not ${failing.join(', ')}` : `${executed.length} instructions`}`,
      ]
    }),
  ]
}
