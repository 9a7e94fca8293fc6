// popek explain: a counterexample side by side, in the terminal or as one self-contained page.
import { Command } from 'commander'
import { BadInput, Exit, MissingTool, type ExitCode } from '../terminal/failure.ts'
import { outputOption, type Act } from '../terminal/act.ts'
import { isFile, outputFile } from '../terminal/files.ts'
import { count } from '../terminal/options.ts'
import { document, lines, type Terminal } from '../terminal/terminal.ts'
import type { Scene } from '../explain/scene.ts'

interface Options {
  readonly html?: string
  readonly save?: string
  readonly steps?: number
  readonly json?: boolean
}

export const explainCommand = (act: Act): Command =>
  new Command('explain')
    .summary('show a counterexample or a witness side by side')
    .description('Shows a saved counterexample, native beside virtual, step by step to where they part; or the states that show why an instruction has its verdict.')
    .argument('<trace or isa/instruction>', 'a saved trace, or an instruction such as third-generation/read-mode/RMOD')
    .option('--html <file>', 'write one self-contained page instead')
    .option('--save <file>', "save the instruction's witness as a trace, for `popek replay`")
    .option('--steps <count>', 'steps shown before the end', count)
    .addOption(outputOption())
    .addHelpText('after', "\nExamples:\n  popek explain 'pdp10/JRST 1,'\n  popek explain third-generation/silent-write/POPT --html popt.html")
    .action((what: string, options: Options) => act((terminal) => explain(what, options, terminal)))

const explain = async (what: string, options: Options, { out, colors }: Terminal): Promise<ExitCode> => {
  const page = options.html === undefined ? undefined : outputFile(options.html, 'page')
  const kept = options.save === undefined ? undefined : outputFile(options.save, 'trace')
  const traced = isFile(what) || /\.(nd)?json$/.test(what)
  if (kept && traced) throw new BadInput('--save is for the witness of an instruction: what is explained here is a trace already')
  const scene = traced ? await ofTrace(what) : await ofInstruction(what, kept?.write)
  if (page) {
    const { htmlPage } = await import('../explain/html.ts')
    page.write(htmlPage(scene))
  }
  if (options.json) out(document(scene))
  else if (page || kept) out(lines(...[options.html, options.save].filter((path) => path !== undefined).map((path) => `wrote ${path}`)))
  else {
    const { terminalText } = await import('../explain/terminal.ts')
    out(terminalText(scene, { color: colors.isColorSupported, ...(options.steps === undefined ? {} : { steps: options.steps }) }))
  }
  return Exit.ok
}

const ofTrace = async (path: string): Promise<Scene> => {
  const { openHartProgram, openTrace } = await import('../trace-file.ts')
  const ofHart = await openHartProgram(path)
  if (ofHart) return (await import('../hart-scene.ts')).sceneOfHartProgram(ofHart.program, ofHart.why)
  const trace = openTrace(path)
  if (trace.kind === 'run') return (await import('../run-trace-scene.ts')).sceneOfTrace(trace)
  const [{ witnessScene }, { findIsa }] = await Promise.all([import('../explain/witness-scene.ts'), import('../../model/isa/index.ts')])
  return witnessScene(trace, await findIsa(trace.isa))
}

/** `save` is given the text of the trace, when there is a witness. */
const ofInstruction = async (text: string, save?: (text: string) => void): Promise<Scene> => {
  const { resolveInstruction } = await import('../witnesses.ts')
  const { isa, instruction } = await resolveInstruction(text)
  const [{ classify }, { openDeciders }, { witnessScene }] = await Promise.all([
    import('../../properties/classify.ts'), import('../classify/deciders.ts'), import('../explain/witness-scene.ts'),
  ])
  const { deciders, close } = await openDeciders({ by: ['solve'], seed: 0, runs: 0 })
  try {
    const [verdicts] = (await classify(isa, deciders, { instructions: [instruction.name] })).instructions
    const { witness } = verdicts!
    if (witness) {
      const { writeTrace } = await import('../../traces/format.ts')
      save?.(writeTrace({ kind: 'witness', engine: 'solve', why: `shows that ${instruction.name} is ${witness.property}`, ...witness }))
      return witnessScene(witness, isa)
    }
    if (verdicts!.decisions.some((d) => d.verdict === 'undecided')) throw new MissingTool(`${instruction.name} of ${isa.name} is undecided: there is no witness to show`)
    return {
      title: `${instruction.name} of ${isa.name}`, subtitle: isa.title, components: [], sides: [], steps: [],
      verdict: `There is no witness: it is ${verdicts!.innocuous === 'yes' ? 'innocuous' : 'not sensitive'}${verdicts!.alwaysTraps === 'yes' ? ' and always traps' : ''}${verdicts!.privileged === 'yes' ? ' and privileged' : ''}, proved over all states.`,
    }
  } finally {
    close()
  }
}
