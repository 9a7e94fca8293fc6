// popek run riscv64/cpu: a machine from its files or a snapshot, its console on the terminal, until the guest or the user ends it.
import { misalignedAtomicsOf } from '../../impl/cpu/riscv/parameters.ts'
import { flashBanks, timebase } from '../../impl/devices/virt/layout.ts'
import { BadInput, Exit, guestExit, messageOf, type ExitCode } from '../terminal/failure.ts'
import { outputFile } from '../terminal/files.ts'
import { chosenSeed } from '../terminal/options.ts'
import { document, lines, type Terminal } from '../terminal/terminal.ts'
import { AwaitedText } from './awaited-text.ts'
import type { CommitLogFile } from './commit-log.ts'
import { openContent, type OpenFile } from './content.ts'
import type { GdbServer } from './gdb-server.ts'
import { openDisk, type DiskFile } from './disk-file.ts'
import { Keyboard } from './keyboard.ts'
import { bootMachine, type Configuration, type Files, type Machine, type Surroundings } from './machine.ts'
import { escapeHelp, hartChoices, riscvSystem, type RiscvOptions } from './options.ts'
import { refuseOverwriting } from './overwriting.ts'
import { signatureRange, signatureText, type SignatureRange } from './signature.ts'
import { isSnapshot } from './snapshot-mark.ts'
import type * as Snapshots from './snapshot-file.ts'
import type { Snapshot } from './snapshot.ts'

const defaultMemory = 128
/** Steps between two looks at the world outside. */
const sliceSteps = 2_000_000
/** The same while keys may come: as many as take about so long, and so many at least. */
const keySliceMilliseconds = 2
const leastSliceSteps = 100_000
/** The same where each step is looked at, and where gdb waits for an answer. */
const observedSliceSteps = 20_000
const debuggedSliceSteps = 200_000
const ticksPerMillisecond = timebase / 1000
const defaultGranularity = 4
const mostVirtio = 8
const progressMilliseconds = 1000

/** Milliseconds since the process started. What `performance` needs of Node takes milliseconds to load, and so does what numbers look like in other languages. */
const clock = (): number => process.uptime() * 1000
const grouped = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')

type End = 'exit' | 'until' | 'killed' | 'left' | 'interrupted' | 'limit' | 'waiting'

/** Throws BadInput for files that are none, and nothing is written then. */
export const runRiscv = async (image: string, options: RiscvOptions, terminal: Terminal): Promise<ExitCode> => {
  const paths = options.disk ?? []
  const devices = paths.length + Number(options.rng ?? false) + Number(options.virtioConsole ?? false)
  if (devices > mostVirtio) throw new BadInput(`the board has ${mostVirtio} places for virtio devices, and ${devices} were asked for`)
  const { flash: [flash, secondFlash, ...others] = [] } = options
  if (others.length > 0) throw new BadInput(`the board has ${flashBanks} banks of flash, and ${flashBanks + others.length} images are given`)
  const disks: DiskFile[] = [], opened: OpenFile[] = []
  try {
    const open = (path: string, what: string): OpenFile => {
      const file = openContent(path, what)
      opened.push(file)
      return file
    }
    const file = open(image, 'image'), resumes = isSnapshot(file), { kernel, initrd, append } = options
    const snapshots = resumes || options.save !== undefined ? await import('./snapshot-file.ts') : undefined
    const snapshot = resumes ? snapshots?.openSnapshot(file, terminal) : undefined
    if (snapshot) refuseWithSnapshot(image, options)
    const readOnly = (snapshot ? snapshot.header.configuration.readOnly : options.readOnly) ?? false
    refuseOverwriting(image, options, { snapshot: snapshot !== undefined, readOnly })
    for (const path of paths) disks.push(openDisk(path, readOnly))
    const files: Files = snapshot?.files ?? {
      image: file, ...(kernel === undefined ? {} : { kernel: open(kernel, 'kernel') }), ...(initrd === undefined ? {} : { initrd: open(initrd, 'initial RAM disk') }), ...(append === undefined ? {} : { append }),
      ...(flash === undefined ? {} : { flash: open(flash, 'flash image') }), ...(secondFlash === undefined ? {} : { secondFlash: open(secondFlash, 'flash image') }),
    }
    return await new Run(image, files, options, terminal, disks, snapshots, snapshot, await observerOf(options, terminal)).go()
  } finally {
    for (const each of [...opened, ...disks]) each.close()
  }
}

/** What looks at each step of a run, or at some. */
interface Observer {
  readonly log?: CommitLogFile
  readonly gdb?: GdbServer
}

const observerOf = async ({ commitLog, gdb, gdbRun }: RiscvOptions, terminal: Terminal): Promise<Observer> => {
  if (gdb !== undefined && commitLog !== undefined) throw new BadInput('--commit-log and --gdb cannot be had in one run')
  if (gdbRun && gdb === undefined) throw new BadInput('--gdb-run says how to start with --gdb PORT, which is missing')
  if (commitLog !== undefined) return { log: (await import('./commit-log.ts')).commitLogFile(commitLog, terminal) }
  return gdb === undefined ? {} : { gdb: new (await import('./gdb-server.ts')).GdbServer(gdb, gdbRun !== true, terminal) }
}

class Run {
  private readonly image: string
  private readonly files: Files
  private readonly options: RiscvOptions
  private readonly terminal: Terminal
  private readonly disks: readonly DiskFile[]
  private readonly snapshots: typeof Snapshots | undefined
  private readonly snapshot: Snapshot | undefined
  private readonly configuration: Configuration
  private readonly surroundings: Surroundings
  private readonly signature: SignatureRange | undefined
  private readonly output: { readonly signature?: ReturnType<typeof outputFile>; readonly save?: ReturnType<typeof outputFile>; readonly tree?: ReturnType<typeof outputFile> }
  private readonly observer: Observer
  private readonly awaited: AwaitedText | undefined
  private machine: Machine
  /** Of earlier runs, and before a reset. */
  private earlierSteps: number
  private readonly printed: Uint8Array[] = []
  private readonly everything: Uint8Array[] = []
  /** The user ends the run. */
  private readonly leaving = new AbortController()

  constructor(
    image: string, files: Files, options: RiscvOptions, terminal: Terminal, disks: readonly DiskFile[], snapshots: typeof Snapshots | undefined, snapshot: Snapshot | undefined, observer: Observer,
  ) {
    this.image = image
    this.files = files
    this.options = options
    this.terminal = terminal
    this.disks = disks
    this.snapshots = snapshots
    this.snapshot = snapshot
    this.observer = observer
    this.awaited = options.until === undefined ? undefined : new AwaitedText(options.until)
    this.configuration = this.snapshot?.header.configuration ?? {
      memory: options.memory ?? defaultMemory, seed: chosenSeed(options.seed) >>> 0, legacyVirtio: options.legacyVirtio ?? false, rng: options.rng ?? false,
      virtioConsole: options.virtioConsole ?? false, readOnly: options.readOnly ?? false,
      hart: {
        mmu: options.mmu ?? hartChoices.mmu[0], misaligned: options.misaligned ?? hartChoices.misaligned[0], misalignedAtomics: misalignedAtomicsOf(options),
        accessedDirty: options.accessedDirty ?? hartChoices.accessedDirty[0], timer: options.timer ?? hartChoices.timer[0],
      },
    }
    const started = clock(), before = this.snapshot?.header.ticks ?? 0
    const epoch = BigInt(Date.now()) * 1_000_000n - BigInt(before) * BigInt(1e9 / timebase)
    const port = (observer.log ?? observer.gdb)?.port
    this.surroundings = {
      disks, ...(port ? { port } : {}),
      print: (bytes) => {
        this.printed.push(bytes)
        if (this.awaited?.print(bytes)) this.machine.board.hold()
      },
      ...(options.wallClock ? { outsideTicks: () => before + Math.floor((clock() - started) * ticksPerMillisecond), epoch } : {}),
    }
    this.machine = snapshots && snapshot ? snapshots.resumeSnapshot(snapshot, this.surroundings, terminal) : this.boot()
    this.earlierSteps = this.snapshot ? this.snapshot.header.steps - this.snapshot.header.hartSteps : 0
    if (options.signature !== undefined) {
      this.signature = this.snapshot?.header.signature ?? signatureRange(this.machine.symbols, image, this.machine.hart.ram.length)
    }
    this.output = {
      ...(options.signature === undefined ? {} : { signature: outputFile(options.signature, 'signature') }),
      ...(options.save === undefined ? {} : { save: outputFile(options.save, 'snapshot') }),
      ...(options.deviceTree === undefined ? {} : { tree: outputFile(options.deviceTree, 'device tree') }),
    }
  }

  async go(): Promise<ExitCode> {
    const { options, terminal, output, observer: { log, gdb } } = this
    if (output.tree && this.machine.tree) {
      output.tree.write(this.machine.tree)
      if (options.json) terminal.out(document({ system: riscvSystem, image: this.image, deviceTree: options.deviceTree }))
      return Exit.ok
    }
    log?.open()
    await gdb?.open({ reset: () => this.reset(), rom: (physical) => this.machine.board.rom(physical) })
    const keyboard = await this.openKeyboard()
    const started = clock()
    let end: { readonly how: End; readonly code: number } = { how: 'killed', code: 0 }
    try {
      end = await this.loop(keyboard, started)
    } finally {
      gdb?.close(end.code)
      keyboard?.close()
      this.show()
      log?.close()
    }
    const seconds = (clock() - started) / 1000
    if (end.how !== 'exit') this.save()
    const ended = end.how === 'exit'
    if (this.signature && output.signature && ended) output.signature.write(signatureText(this.machine.hart.ram, this.signature, options.signatureGranularity ?? defaultGranularity))
    this.report(end, seconds)
    if (end.how === 'interrupted') return Exit.interrupted
    // A test program that hangs has not passed; firmware that starts a kernel is none, though it may know tohost.
    const hangs = this.machine.board.htif !== undefined && this.files.kernel === undefined && options.save === undefined && (end.how === 'limit' || end.how === 'waiting')
    if (!ended && (this.signature || hangs)) {
      terminal.err(lines(`the program did not end${this.signature ? ': no signature was written' : ''}`))
      return Exit.found
    }
    const code = ended ? guestExit(end.code) : Exit.ok
    if (!this.awaited || this.awaited.seen || code !== Exit.ok) return code
    terminal.err(lines(`the console has not printed ${JSON.stringify(options.until)}`))
    return Exit.found
  }

  private boot(): Machine {
    return bootMachine(this.configuration, this.files, this.surroundings)
  }

  private get steps(): number {
    return this.earlierSteps + this.machine.hart.steps()
  }

  private type(bytes: Iterable<number>): void {
    this.machine.type(bytes)
  }

  /** Undefined when everything that will ever be typed has been. */
  private async openKeyboard(): Promise<Keyboard | undefined> {
    const { options, terminal } = this
    if (options.keyboard !== undefined) {
      this.type(Buffer.from(options.keyboard))
      return undefined
    }
    const keys = terminal.keys()
    if (keys.whole) {
      this.type(await terminal.piped())
      keys.close()
      return undefined
    }
    return new Keyboard(keys, {
      typed: (bytes) => this.type(bytes),
      leave: () => {
        this.leaving.abort()
        this.observer.gdb?.wake()
      },
      save: () => terminal.err(`\r\n${this.saveNow()}\r\n`),
      help: () => terminal.err(`\r\n${escapeHelp}\r\n`),
    })
  }

  private async loop(keyboard: Keyboard | undefined, started: number): Promise<{ readonly how: End; readonly code: number }> {
    const { options, terminal, observer: { log, gdb } } = this
    const slice = (): number => (gdb?.single ? 1 : log || gdb?.slow ? observedSliceSteps : gdb ? debuggedSliceSteps : keyboard?.mayType ? keySlice : sliceSteps)
    let keySlice = leastSliceSteps
    const first = this.steps
    const limit = options.steps === undefined ? Number.MAX_SAFE_INTEGER : first + options.steps
    const ended = AbortSignal.any([terminal.interrupted, this.leaving.signal])
    let shown = started
    for (;;) {
      if (gdb && !await gdb.goesOn(() => this.leaving.signal.aborted, terminal.interrupted)) return { how: terminal.interrupted.aborted ? 'interrupted' : this.leaving.signal.aborted ? 'left' : 'killed', code: 0 }
      const { board, hart } = this.machine
      const began = clock()
      const stop = board.run(hart.steps() + Math.min(slice(), limit - this.steps), keyboard?.mayType !== true)
      keySlice = clock() - began > keySliceMilliseconds ? leastSliceSteps : Math.min(2 * keySlice, sliceSteps)
      this.show()
      // What a reader has not taken yet would pile up.
      const full = terminal.full(ended)
      if (full) await full
      if (this.awaited?.seen) return { how: 'until', code: 0 }
      gdb?.ran(stop)
      if (stop.kind === 'exit') return { how: 'exit', code: stop.code }
      if (stop.kind === 'reset') this.reset()
      if (this.steps >= limit) return { how: 'limit', code: 0 }
      if (stop.kind === 'idle') {
        const mayType = keyboard?.mayType === true
        if (stop.ticks === Infinity && !mayType && !gdb?.attached) return { how: 'waiting', code: 0 }
        await this.idle(stop.ticks, keyboard)
      } else {
        // Lets keys and interrupts in.
        await new Promise((resolve) => setImmediate(resolve))
      }
      if (this.leaving.signal.aborted) return { how: 'left', code: 0 }
      if (terminal.interrupted.aborted) return { how: 'interrupted', code: 0 }
      if (options.stats && terminal.showsProgress && !process.stdout.isTTY && clock() - shown > progressMilliseconds) {
        shown = clock()
        terminal.err(`\r${this.rate(this.steps - first, (shown - started) / 1000)}\u001b[K`)
      }
    }
  }

  /** The hart waits: so does popek, as long as something may be typed, or when the clock is the world's. */
  private async idle(ticks: number, keyboard: Keyboard | undefined): Promise<void> {
    const milliseconds = ticks / ticksPerMillisecond
    const { gdb } = this.observer
    const ended = gdb ? AbortSignal.any([this.terminal.interrupted, gdb.called]) : this.terminal.interrupted
    if (milliseconds < 1) await new Promise((resolve) => setImmediate(resolve))
    else if (keyboard) {
      if (await keyboard.wait(milliseconds, ended) === 'input') return
    } else if (ticks === Infinity) return new Promise((resolve) => ended.addEventListener('abort', () => resolve(), { once: true }))
    else await new Promise((resolve) => setTimeout(resolve, milliseconds))
    if (!this.options.wallClock) this.machine.board.passWait()
  }

  /** Starts again from the files. What was typed and not received is kept, and what was written to the flash. */
  private reset(): void {
    const typed = [...this.machine.typed()]
    this.earlierSteps = this.steps
    const { board } = this.machine
    this.machine = this.boot()
    this.machine.board.keepFlash(board)
    this.type(typed)
  }

  private show(): void {
    const bytes = Buffer.concat(this.printed.splice(0))
    if (bytes.length === 0) return
    if (this.options.json) this.everything.push(bytes)
    else this.terminal.out(bytes)
  }

  /** For one who watches, and whose run goes on: what came of it. */
  private saveNow(): string {
    const { save } = this.options
    if (save === undefined) return 'nothing is saved: --save FILE says where to'
    try {
      this.save()
      return `saved to ${save}`
    } catch (error) {
      return messageOf(error)
    }
  }

  private save(): void {
    if (!this.snapshots || !this.output.save) return
    const { htif } = this.machine.board
    this.snapshots.saveSnapshot(this.output.save, this.machine, this.files, this.disks, {
      configuration: this.configuration, steps: this.steps, ...(htif ? { htif: { ...htif.places, state: htif.save() } } : {}), ...(this.signature ? { signature: this.signature } : {}),
    }, this.terminal)
  }

  private rate(steps: number, seconds: number): string {
    const perSecond = seconds > 0 ? steps / seconds / 1e6 : 0
    return `${grouped(steps)} instructions, ${seconds.toFixed(3)} s (${perSecond.toFixed(1)} million a second), ${(this.machine.board.ticks / timebase).toFixed(3)} s for the guest`
  }

  private report({ how, code }: { readonly how: End; readonly code: number }, seconds: number): void {
    const { options, terminal, image } = this
    const steps = this.steps - (this.snapshot?.header.steps ?? 0)
    const ways: Readonly<Record<End, string>> = {
      exit: `the guest ended with exit code ${code}`, until: 'the text was printed', killed: 'ended by gdb', left: 'left', interrupted: 'interrupted', limit: 'stopped', waiting: 'the guest waits, and nothing will wake it',
    }
    if (options.json) {
      const printed = Buffer.concat(this.everything).toString('latin1')
      terminal.out(document({ system: riscvSystem, image, stop: how, ...(how === 'exit' ? { exitCode: code } : {}), steps, seconds, printed }))
    } else if (options.stats || code !== 0 || how === 'waiting' || how === 'limit' || how === 'interrupted') {
      terminal.err(lines(`${ways[how]} after ${this.rate(steps, seconds)}`))
    }
  }
}

/** What a snapshot has already. */
const refuseWithSnapshot = (path: string, options: RiscvOptions): void => {
  const given = (Object.keys(ofSnapshot) as (keyof typeof ofSnapshot)[]).find((name) => options[name] !== undefined)
  if (given) throw new BadInput(`${path} is a snapshot, which has its own ${ofSnapshot[given]}`)
}

const ofSnapshot = {
  deviceTree: 'device tree', kernel: 'kernel', initrd: 'initial RAM disk', flash: 'flash', append: 'arguments', memory: 'memory', rng: 'devices', virtioConsole: 'devices', legacyVirtio: 'devices', readOnly: 'devices',
  mmu: 'hart', misaligned: 'hart', misalignedAtomics: 'hart', accessedDirty: 'hart', timer: 'hart', seed: 'seed',
} as const
