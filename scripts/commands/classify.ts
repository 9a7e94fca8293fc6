// popek classify: the verdicts of every instruction of an ISA, and whether the theorems apply.
import { Command, Option } from 'commander'
import { checkedChoice, resolveIsa } from '../isas.ts'
import { Exit, type ExitCode } from '../terminal/failure.ts'
import { knownName, unknownName } from '../terminal/nearest.ts'
import { outputOption, type Act } from '../terminal/act.ts'
import { chosenSeed, collect, count, list, seed } from '../terminal/options.ts'
import { progress } from '../terminal/progress.ts'
import { document, lines, type Terminal } from '../terminal/terminal.ts'
import type { Classification, ClassifyOptions, InstructionVerdicts } from '../../properties/classify.ts'
import type { Repair } from '../../properties/repair.ts'
import type { DeciderName } from '../../properties/verdict.ts'

interface Options {
  readonly instruction?: readonly string[]
  readonly reading: 'literal' | 'intended'
  readonly without?: readonly string[]
  readonly by?: readonly string[]
  readonly deprivileging?: string
  readonly joint?: boolean
  readonly repair?: boolean
  readonly freeProcessor?: boolean
  readonly seed?: number
  readonly samples: number
  readonly threads?: number
  readonly json?: boolean
}

export const classifyCommand = (act: Act): Command =>
  new Command('classify')
    .summary('decide every instruction of an ISA, and whether the theorems apply')
    .description('Decides for every instruction whether it is privileged, sensitive and critical, and whether Theorems 1, 2 and 3 apply.')
    .argument('<isa or file>', 'an ISA of `popek isas`, or a TypeScript or JavaScript file that exports one made by defineIsa; such a file is code, and is run')
    .option('--instruction <name>', 'only this instruction, with its witnesses in full; may be repeated', collect)
    .addOption(new Option('--reading <reading>', 'which traps count as harmless in "control sensitive": memory traps (literal) or all').choices(['literal', 'intended']).default('intended'))
    .option('--free-processor', 'the processor is no resource, so that HALT changes none (W11 of docs/design.md)')
    .option('--without <conjunct>', 'drop a conjunct of the invariant H; may be repeated', collect)
    .option('--by <deciders>', 'which deciders: enumerate, sample, solve; all of them otherwise', list)
    .option('--deprivileging <name>', "which deprivileging; the ISA's first one otherwise")
    .option('--joint', "also decide the paper's joint definition of behaviour sensitive, and compare")
    .option('--repair', 'also the least set of instructions that must be made privileged for Theorem 1 and for Theorem 3')
    .option('--seed <seed>', 'of the samples; POPEK_SEED otherwise, or 1', seed)
    .option('--samples <count>', 'samples for each claim', count, 20)
    .option('--threads <count>', 'deciding threads, each with its own solver', count)
    .addOption(outputOption())
    .addHelpText('after', `
Examples:
  popek classify third-generation/read-mode
  popek classify pdp10 --instruction 'JRST 1,'
  popek classify ./my-isa.ts --json

Exit code 0 when every claim is decided, 3 when one is not.`)
    .action((reference: string, options: Options) => act((terminal) => classify(reference, options, terminal)))

const classify = async (reference: string, options: Options, terminal: Terminal): Promise<ExitCode> => {
  const { deciderNames } = await import('../../properties/verdict.ts')
  const chosen = options.by ?? deciderNames
  if (chosen.length === 0) throw unknownName('decider', '', deciderNames)
  const seedOfRun = chosenSeed(options.seed)
  const by = chosen.map((name) => knownName<DeciderName>('decider', name, deciderNames))
  const isa = await resolveIsa(reference)
  const choice = checkedChoice(isa, options)
  const known = isa.instructions.map((i) => i.name)
  const instructions = options.instruction?.map((name) => knownName(`instruction of ${isa.name}`, name, known))
  const { classifyInSlices } = await import('../classify/slices.ts')
  const { intended, literal } = await import('../../model/claims/claim.ts')
  const reading = { ...(options.reading === 'literal' ? literal : intended), processorIsResource: options.freeProcessor !== true }
  const bar = progress(terminal, `deciding ${isa.name}`)
  const started = performance.now()
  const { classification, complete } = await classifyInSlices(isa, reference, {
    ...choice, reading,
    ...(instructions ? { instructions } : {}), ...(options.joint ? { joint: true } : {}),
  }, {
    by, seed: seedOfRun, runs: options.samples, interrupted: terminal.interrupted, onProgress: (done, total) => bar.to(done, total),
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  }).finally(() => bar.stop())
  const repaired = options.repair && complete && instructions === undefined ? await decideRepairs(classification, { ...choice, reading }) : undefined
  const seconds = (performance.now() - started) / 1000
  if (options.json) terminal.out(document({ ...asJson(classification, { seed: seedOfRun, complete, without: choice.without, seconds }), ...(repaired ? { repairs: repaired } : {}) }))
  else {
    terminal.out(await asText(classification, { chosen: instructions !== undefined, complete, without: choice.without, seconds }, terminal))
    if (repaired) terminal.out(repairLines(repaired))
  }
  if (!complete) return Exit.interrupted
  return classification.instructions.some(isUndecided) ? Exit.undecided : Exit.ok
}

const decideRepairs = async (classification: Classification, choice: ClassifyOptions): Promise<Repair[]> => {
  const [{ repairs }, { openDeciders }] = await Promise.all([import('../../properties/repair.ts'), import('../classify/deciders.ts')])
  const { deciders, close } = await openDeciders({ by: ['solve'], seed: 0, runs: 0 })
  return repairs(classification, deciders, choice).finally(close)
}

const repairLines = (repairs: readonly Repair[]): string => {
  const name = { vmm: 'Theorem 1', hybrid: 'Theorem 3' }
  return lines('', ...repairs.map(({ theorem, instructions, applies }) =>
    instructions.length === 0
      ? `Repair for ${name[theorem]}: ${applies === 'yes' ? 'none needed' : 'not decided'}`
      : `Repair for ${name[theorem]}: make privileged ${instructions.join('  ')}; then it ${applies === 'yes' ? 'applies (proved)' : 'is not shown to apply'}`))
}

const isUndecided = (v: InstructionVerdicts): boolean => v.decisions.some((d) => d.verdict === 'undecided')

interface Circumstances {
  readonly complete: boolean
  readonly without: readonly string[]
  readonly seconds: number
}

/** The contract's document. */
export const asJson = (c: Classification, { seed, complete, without, seconds }: Circumstances & { readonly seed: number }): object => ({
  isa: c.isa.name,
  title: c.isa.title,
  size: c.isa.size,
  deprivileging: c.deprivileging.name,
  assuming: c.assuming,
  without,
  reading: c.reading.control,
  processorIsResource: c.reading.processorIsResource,
  seed,
  complete,
  seconds: Math.round(seconds * 1000) / 1000,
  instructions: c.instructions.map(({ decisions, witness, ...verdicts }) => ({
    ...verdicts,
    by: [...new Set(decisions.flatMap((d) => d.by.filter((e) => e.verdict !== 'undecided').map((e) => e.decider)))].sort(),
    ...(witness ? { witness } : {}),
    decisions,
  })),
  theorems: c.theorems,
  sensitiveTraps: c.sensitiveTraps,
})

const asText = async (c: Classification, { chosen, complete, without, seconds }: Circumstances & { readonly chosen: boolean }, { colors }: Terminal): Promise<string> => {
  const { compactWitness, deciderLines, fullWitness, legend, theoremLines, verdictTable } = await import('../classify/table.ts')
  const critical = c.instructions.filter((v) => v.critical === 'yes')
  return lines(
    `${colors.bold(c.isa.name)}: ${c.isa.title}`,
    colors.dim(`${c.isa.size}; from ${c.isa.source}`),
    `deprivileging: ${c.deprivileging.name}; reading: ${c.reading.control}${c.reading.processorIsResource ? '' : ', the processor is no resource'}`,
    ...c.deprivileging.invariant.map((h) => `H: ${h.name}  ${colors.dim(h.why)}`),
    ...(without.length ? [colors.yellow(`without: ${without.join(', ')}`)] : []),
    ...c.assuming.filter((a) => !c.deprivileging.invariant.some((h) => h.name === a)).map((a) => `assuming: ${a}`),
    '', verdictTable(c.instructions, colors),
    '', ...legend(colors),
    ...(chosen
      ? c.instructions.flatMap((v) => ['', colors.bold(v.name), ...evidenceLines(v), ...v.decisions.flatMap((d) => (d.witness ? ['', ...fullWitness(d.witness, colors)] : []))])
      : critical.length ? ['', colors.bold('Witnesses of the critical instructions'), ...critical.flatMap((v) => compactWitness(v, colors)), colors.dim('In full: --instruction NAME')] : []),
    ...(chosen ? [] : ['', ...theoremLines(c, colors)]),
    '', ...deciderLines(c.instructions), colors.dim(`${seconds.toFixed(1)} s`),
    ...(complete ? [] : [colors.yellow(`interrupted: ${c.instructions.length} of ${c.isa.instructions.length} instructions decided`)]),
  )
}

/** Each claim about the instruction, with the word of each decider. */
const evidenceLines = (v: InstructionVerdicts): string[] =>
  v.decisions.map((d) => `    ${d.property}: ${d.verdict}  (${d.by.map((e) => `${e.decider} ${e.verdict}, premise ${e.premise}`).join('; ')})`)
