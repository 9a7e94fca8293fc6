// popek run: a guest program on a system, with its console on the terminal.
import { Command, InvalidArgumentError, Option } from 'commander'
import { BadInput, Exit, messageOf, type ExitCode } from '../terminal/failure.ts'
import { outputOption, type Act } from '../terminal/act.ts'
import { count } from '../terminal/options.ts'
import { document, lines, type Terminal } from '../terminal/terminal.ts'
import type { Stacked } from '../engines.ts'

interface Options {
  readonly steps?: number
  readonly size?: number
  readonly diskSize?: number
  readonly trapCells?: 'low' | 'high'
  readonly keyboard?: string
  readonly stats?: boolean
  readonly json?: boolean
}

const blocks = (value: string): number => {
  const size = Number(value)
  if (!/^\d+$/.test(value) || size % 16 !== 0 || size < 32 || size > 4080) throw new InvalidArgumentError('Expected a multiple of 16 from 32 to 4080.')
  return size
}

export const runCommand = (act: Act): Command =>
  new Command('run')
    .summary('run a guest with its console on the terminal')
    .description('Assembles a guest, loads it into a system and runs it: what it prints is standard output, what is piped in is its keyboard.')
    .argument('<system>', 'such as third-generation/cpu, third-generation/trap-and-emulate or third-generation/nested')
    .argument('<image>', 'an assembly source, or a guest that comes with popek: kernel, hello, primes, trap-storm, timer, echo')
    .option('--steps <count>', 'stop after so many steps; until the guest halts otherwise', count)
    .option('--size <cells>', "the guest's storage; what the image needs otherwise", blocks)
    .option('--disk-size <words>', "the guest's disk", count)
    .addOption(new Option('--trap-cells <where>', "the guest's trap cells").choices(['low', 'high']))
    .option('--keyboard <text>', 'what is typed, instead of standard input')
    .option('--stats', 'say on standard error what it took')
    .addOption(outputOption())
    .addHelpText('after', '\nExamples:\n  popek run third-generation/nested kernel --stats\n  echo hello | popek run third-generation/cpu echo\n\nExit code 0 when the guest halts or the steps are used up.')
    .action((system: string, image: string, options: Options) => act((terminal) => runGuest(system, image, options, terminal)))

const sliceSteps = 1_000_000

const runGuest = async (systemName: string, imageName: string, options: Options, terminal: Terminal): Promise<ExitCode> => {
  const [{ resolveImage }, { buildGuest, resolveSystem }, { load }, { systems }] = await Promise.all([
    import('../guest-image.ts'), import('../engines.ts'), import('../../impl/assembler/load.ts'), import('../../traces/adapters.ts'),
  ])
  const system = resolveSystem(systemName, systems.filter((s) => s.guests === 1).map((s) => s.name))
  const { image, options: needed } = resolveImage(imageName)
  const keyboard = await typed(options, needed.keyboard, terminal)
  const { size, diskSize, trapCells } = options
  let stacked: Stacked
  try {
    stacked = buildGuest(system, { ...needed, ...(size ? { size } : {}), ...(diskSize ? { diskSize } : {}), ...(trapCells ? { trapCells } : {}), keyboard })
    load(image, stacked.machine)
  } catch (error) {
    if (error instanceof RangeError) throw new BadInput(`${imageName} cannot be run on ${system.name}: ${messageOf(error)}`)
    throw error
  }
  const { machine } = stacked
  const limit = options.steps ?? Number.MAX_SAFE_INTEGER
  const started = performance.now()
  let shown = 0
  const printed: number[] = []
  const show = (): void => {
    const bytes = Array.from({ length: machine.printed.length - shown }, (_, i) => machine.printed[shown + i]!)
    shown = machine.printed.length
    if (options.json) printed.push(...bytes)
    else if (bytes.length > 0) terminal.out(Uint8Array.from(bytes))
  }
  while (!machine.halted && machine.steps < limit && !terminal.interrupted.aborted) {
    machine.run(Math.min(sliceSteps, limit - machine.steps))
    show()
    // Lets an interrupt in.
    await new Promise((resolve) => setImmediate(resolve))
  }
  show()
  const seconds = (performance.now() - started) / 1000
  const stop = machine.halted ? 'halt' : terminal.interrupted.aborted ? 'interrupted' : 'limit'
  if (options.json) terminal.out(document({ system: system.name, image: imageName, stop, ...statistics(stacked, seconds), printed: Buffer.from(printed).toString('latin1') }))
  else if (options.stats || stop !== 'halt') terminal.err(lines(...statisticLines(stacked, stop, seconds, options.stats === true)))
  return stop === 'interrupted' ? Exit.interrupted : Exit.ok
}

const typed = async (options: Options, example: readonly number[] | undefined, { piped }: Terminal): Promise<readonly number[]> => {
  if (options.keyboard !== undefined) return [...Buffer.from(options.keyboard)]
  const bytes = await piped()
  return bytes.length > 0 ? bytes : example ?? []
}

const statistics = ({ machine, hardware, guests }: Stacked, seconds: number): object => ({
  steps: machine.steps,
  seconds,
  hardwareSteps: hardware.steps,
  monitors: guests.map(({ accounting: { direct, emulated, reflected, interpreted, preempted, timerNoted, exits } }) => ({
    direct, emulated, reflected, interpreted, preempted, timerNoted, exits: exits.reduce((n, e) => n + e, 0),
  })),
})

const statisticLines = ({ machine, hardware, guests }: Stacked, stop: string, seconds: number, full: boolean): string[] => {
  const rate = seconds > 0 ? machine.steps / seconds / 1e6 : 0
  const first = `${stop === 'halt' ? 'halted' : stop === 'limit' ? 'stopped' : 'interrupted'} after ${machine.steps.toLocaleString('en')} steps, ${seconds.toFixed(3)} s (${rate.toFixed(1)} million steps a second)`
  if (!full) return [first]
  return [
    first,
    ...(guests.length ? [`the hardware made ${hardware.steps.toLocaleString('en')} steps`] : []),
    ...guests.map(({ accounting: a }, level) =>
      `monitor ${level + 1}: direct ${a.direct}, emulated ${a.emulated}, reflected ${a.reflected}, interpreted ${a.interpreted}, exits ${a.exits.reduce((n, e) => n + e, 0)}, preempted ${a.preempted}`),
  ]
}
