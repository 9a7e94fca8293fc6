// popek run: a guest program on a system, with its console on the terminal.
import { Command, InvalidArgumentError, Option } from 'commander'
import { BadInput, Exit, messageOf, type ExitCode } from '../terminal/failure.ts'
import { outputOption, type Act } from '../terminal/act.ts'
import { collect, count, seed, tcpPort } from '../terminal/options.ts'
import { document, lines, type Terminal } from '../terminal/terminal.ts'
import { awaitedText, bootArguments, escapeHelp, hartChoices, mebibytes, riscvSystem, type RiscvOptions } from '../run-riscv/options.ts'
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

/** Options that only one kind of system has. */
const ownOptions = {
  thirdGeneration: ['size', 'diskSize', 'trapCells'],
  riscv: ['disk', 'flash', 'kernel', 'initrd', 'append', 'memory', 'rng', 'virtioConsole', 'legacyVirtio', 'readOnly', 'mmu', 'misaligned', 'misalignedAtomics', 'accessedDirty', 'timer', 'seed', 'wallClock', 'signature', 'signatureGranularity', 'until', 'save', 'deviceTree', 'commitLog', 'gdb', 'gdbRun'],
} as const

const blocks = (value: string): number => {
  const size = Number(value)
  if (!/^\d+$/.test(value) || size % 16 !== 0 || size < 32 || size > 4080) throw new InvalidArgumentError('Expected a multiple of 16 from 32 to 4080.')
  return size
}

const granularity = (value: string): number => {
  if (!['1', '2', '4', '8', '16', '32'].includes(value)) throw new InvalidArgumentError('Expected 1, 2, 4, 8, 16 or 32.')
  return Number(value)
}

export const runCommand = (act: Act): Command =>
  new Command('run')
    .summary('run a guest with its console on the terminal')
    .description('Loads a guest into a system and runs it: what it prints is standard output, what is typed or piped in is its keyboard.')
    .argument('<system>', `such as third-generation/cpu, third-generation/trap-and-emulate, third-generation/nested or ${riscvSystem}`)
    .argument('<image>', `an assembly source, or a guest that comes with popek: kernel, hello, primes, trap-storm, timer, echo; for ${riscvSystem} an ELF or raw image, or a snapshot`)
    .option('--steps <count>', 'stop after so many steps; until the guest halts otherwise', count)
    .option('--keyboard <text>', 'what is typed, instead of standard input')
    .option('--stats', 'say on standard error what it took')
    .optionsGroup('Options of third-generation systems:')
    .option('--size <cells>', "the guest's storage; what the image needs otherwise", blocks)
    .option('--disk-size <words>', "the guest's disk", count)
    .addOption(new Option('--trap-cells <where>', "the guest's trap cells").choices(['low', 'high']))
    .optionsGroup(`Options of ${riscvSystem}:`)
    .option('--disk <file>', 'a disk image, read and written in place; may be repeated', collect)
    .option('--flash <file>', 'what a bank of flash holds, which the firmware starts without --kernel; given again, the second bank. The files are not written', collect)
    .option('--kernel <file>', 'what the firmware starts, an ELF or raw image')
    .option('--initrd <file>', 'an initial RAM disk')
    .option('--append <text>', "the kernel's arguments", bootArguments)
    .option('--memory <MiB>', 'RAM; 128 otherwise', mebibytes)
    .option('--wall-clock', 'the clock is that of the world, instead of the instructions executed')
    .option('--seed <n>', 'of the random bytes the guest gets', seed)
    .option('--rng', 'add a virtio entropy device')
    .option('--virtio-console', 'add a virtio console, which takes the keys')
    .option('--read-only', 'the disks are read-only for the guest, and their files are not written')
    .option('--legacy-virtio', 'virtio registers in the legacy layout (version 1), for kernels that look for it: an older xv6')
    .addOption(new Option('--mmu <mode>', 'the widest translation of addresses; sv48 otherwise').choices(hartChoices.mmu))
    .addOption(new Option('--misaligned <how>', 'loads and stores that are not aligned: done, an address-misaligned exception (trap), or an access fault; done otherwise').choices(hartChoices.misaligned))
    .addOption(new Option('--misaligned-atomics <how>', 'LR, SC and AMOs that are not aligned: an address-misaligned exception (trap), or an access fault; access-fault otherwise, but trap with --misaligned trap').choices(hartChoices.misalignedAtomics))
    .addOption(new Option('--accessed-dirty <how>', 'the A and D bits of page tables: the hart sets them, or a page fault; update otherwise').choices(hartChoices.accessedDirty))
    .addOption(new Option('--timer <whose>', "the supervisor's own timer beside the machine's (Sstc), or none; supervisor otherwise").choices(hartChoices.timer))
    .option('--signature <file>', 'write the memory from begin_signature to end_signature when the program ends')
    .option('--signature-granularity <bytes>', 'bytes on a line of the signature; 4 otherwise', granularity)
    .option('--until <text>', 'end, with exit code 0, as soon as the console has printed this; without it the run has failed', awaitedText)
    .option('--save <file>', 'write a snapshot when the run is left or stopped; run the file to resume')
    .option('--device-tree <file>', 'write the device tree that the image would find, and run nothing')
    .option('--commit-log <file>', "log each instruction in the format of Spike's -l --log-commits; - is standard error")
    .option('--gdb <port>', 'wait on this port for gdb, which runs the guest; port 0 is any free one', tcpPort)
    .option('--gdb-run', 'do not wait for it: the guest stops when gdb comes')
    .optionsGroup('Options:')
    .addOption(outputOption())
    .addHelpText('after', '\nExamples:\n  popek run third-generation/nested kernel --stats\n  echo hello | popek run third-generation/cpu echo\n  popek run riscv64/cpu xv6/kernel/kernel --disk xv6/fs.img\n  popek run riscv64/cpu fw_jump.bin --kernel Image --initrd initrd.cpio --append console=ttyS0 --memory 256\n  printf "\\nversion\\n" | popek run riscv64/cpu u-boot.bin --until "GNU ld"\n  popek run riscv64/cpu program.elf --commit-log run.log\n  popek run riscv64/cpu program.elf --gdb 1234   and then: gdb-multiarch program.elf -ex "target remote :1234"\n\nExit code 0 when the guest halts or the steps are used up; the guest\'s own when it ends with one; 1 when a program with tohost and without --kernel does not end, or the text of --until is not printed.\nOn riscv64/cpu ' + escapeHelp + '.')
    .action((system: string, image: string, options: Options & RiscvOptions) => act((terminal) => runSystem(system, image, options, terminal)))

const runSystem = async (name: string, image: string, options: Options & RiscvOptions, terminal: Terminal): Promise<ExitCode> => {
  const riscv = name.toLowerCase() === riscvSystem
  const foreign = ownOptions[riscv ? 'thirdGeneration' : 'riscv'].find((option) => options[option] !== undefined)
  if (foreign) throw new BadInput(`${name} has no option --${foreign.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`)
  if (!riscv) return runGuest(name, image, options, terminal)
  const { runRiscv } = await import('../run-riscv/run.ts')
  return runRiscv(image, options, terminal)
}

const sliceSteps = 1_000_000

const runGuest = async (systemName: string, imageName: string, options: Options, terminal: Terminal): Promise<ExitCode> => {
  const [{ resolveImage }, { buildGuest, resolveSystem }, { load }, { systems }] = await Promise.all([
    import('../guest-image.ts'), import('../engines.ts'), import('../../impl/assembler/load.ts'), import('../../traces/adapters.ts'),
  ])
  const system = resolveSystem(systemName, [...systems.filter((s) => s.guests === 1).map((s) => s.name), riscvSystem])
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
