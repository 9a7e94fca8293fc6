// A hart on its board with its files in RAM: what `popek run riscv64/cpu` runs.
import { createHart, type Hart } from '../../impl/cpu/riscv/hart.ts'
import type { HartPort } from '../../impl/cpu/riscv/platform.ts'
import { Board, type BoardOptions } from '../../impl/devices/virt/board.ts'
import { boardTree } from '../../impl/devices/virt/board-tree.ts'
import { flatten } from '../../impl/devices/virt/flattened-tree.ts'
import { Htif } from '../../impl/devices/virt/htif.ts'
import { flashBankBytes, flashBanks, flashBase, maskRomBase, ramBase } from '../../impl/devices/virt/layout.ts'
import { blockDevice } from '../../impl/devices/virt/virtio/block.ts'
import { consoleDevice } from '../../impl/devices/virt/virtio/console.ts'
import type { VirtioDevice } from '../../impl/devices/virt/virtio/device.ts'
import { rngDevice } from '../../impl/devices/virt/virtio/rng.ts'
import { BadInput } from '../terminal/failure.ts'
import type { Content } from './content.ts'
import type { DiskFile } from './disk-file.ts'
import type { Executable } from './elf.ts'
import { havingMemory } from './having-memory.ts'
import { Loader, inMemory, readImage } from './image.ts'
import { mostMebibytes, type HartChoices } from './options.ts'

/** What a machine is, apart from what runs on it: a snapshot keeps it. */
export interface Configuration {
  /** MiB of RAM. */
  readonly memory: number
  /** 32 bits. */
  readonly seed: number
  readonly legacyVirtio: boolean
  /** An entropy device in the slot after the disks. */
  readonly rng: boolean
  /** A virtio console in the slot after those: it takes the keys, and prints beside the serial port. */
  readonly virtioConsole: boolean
  /** The disks are read-only for the guest, and their files are not written. */
  readonly readOnly: boolean
  readonly hart: HartChoices
}

/** What goes into RAM, and into the flash. */
export interface Files {
  readonly image: Content
  readonly kernel?: Content
  readonly initrd?: Content
  readonly append?: string
  /** Of the first bank, and of the second. */
  readonly flash?: Content
  readonly secondFlash?: Content
}

export interface Surroundings {
  readonly disks: readonly DiskFile[]
  /** Takes what the guest prints. */
  readonly print: (bytes: Uint8Array) => void
  /** Binds the guest's clock to the time outside, in ticks. */
  readonly outsideTicks?: () => number
  /** Nanoseconds since 1970 at reset. */
  readonly epoch?: bigint
  /** How the board runs the hart, when not as fast as it goes. */
  readonly port?: (hart: Hart) => HartPort
}

export interface Machine {
  readonly board: Board
  readonly hart: Hart
  /** Of the images, with physical addresses. */
  readonly symbols: ReadonlyMap<string, bigint>
  /** The device tree that it starts with, where it starts from its files. */
  readonly tree?: Uint8Array
  /** Types keys at the console. */
  readonly type: (bytes: Iterable<number>) => void
  /** Keys that were typed and not received. */
  readonly typed: () => readonly number[]
}

/** As `riscv,isa` says it. */
const isa = ({ timer }: HartChoices): string => `rv64imafdc_zicsr_zifencei${timer === 'supervisor' ? '_sstc' : ''}`
/** Where a kernel goes that says no address of its own. */
const kernelOffset = 0x20_0000
/** The initial RAM disk lies so far behind the kernel, or at half of memory. */
const initrdDistance = 128 * 2 ** 20
const treeLimit = 3 * 2 ** 30
const treeAlignment = 2 * 2 ** 20
const rngSeedBytes = 32

/** A machine in the state of reset with nothing in RAM. Throws BadInput. */
export const buildMachine = ({ memory, seed, legacyVirtio, rng, virtioConsole, hart: { mmu, misaligned, misalignedAtomics, accessedDirty, timer } }: Configuration, files: Pick<Files, 'flash' | 'secondFlash'>, { disks, print, outsideTicks, epoch, port }: Surroundings): Machine => {
  const flash = [files.flash, files.secondFlash].map((content) => content && flashContents(content)), romBytes = files.flash ? flashBanks * flashBankBytes : 0
  const most = mostMebibytes - romBytes / 2 ** 20
  if (memory > most) throw new BadInput(`beside flash with contents there is room for ${most} MiB of memory, and ${memory} were asked for`)
  // The entropy device exists before the board that feeds it.
  let fill: (bytes: Uint8Array) => void = () => {}
  const virtio: VirtioDevice[] = disks.map((disk, index) => blockDevice(disk, `popek-${index}`))
  if (rng) virtio.push(rngDevice((bytes) => fill(bytes)))
  const console = consoleDevice(print)
  const consoleSlot = virtio.length
  if (virtioConsole) virtio.push(console)
  const options: BoardOptions = {
    virtio, legacyVirtio, seed, transmit: (byte) => print(Uint8Array.of(byte)), ...(outsideTicks ? { outsideTicks } : {}), ...(epoch === undefined ? {} : { epoch }),
  }
  const board = new Board(options)
  fill = board.random.fill
  const hart = havingMemory(memory, () => createHart({
    ramBytes: memory * 2 ** 20, ramBase, romBase: flashBase, romBytes, resetPc: BigInt(maskRomBase), sv48: mmu === 'sv48', misaligned, misalignedAtomics, accessedDirty, sstc: timer === 'supervisor', triggerRegisters: true,
  }, board))
  for (const [bank, contents] of flash.entries()) if (contents) hart.rom?.bytes.set(contents, bank * flashBankBytes)
  board.attach(port ? port(hart) : hart)
  return {
    board, hart, symbols: new Map(),
    type: (bytes) => {
      if (!virtioConsole) return board.uart.type(bytes)
      console.type(bytes)
      board.virtio[consoleSlot]!.poll(0)
    },
    typed: () => (virtioConsole ? console.typed() : board.uart.save().typed),
  }
}

/** Throws BadInput for what is no contents of a bank. */
const flashContents = ({ path, bytes, read }: Content): Uint8Array => {
  if (bytes === 0) throw new BadInput(`the flash image ${path} is empty`)
  if (bytes > flashBankBytes) throw new BadInput(`the flash image ${path} has ${bytes} bytes, and a bank of flash ${flashBankBytes}`)
  return read()
}

/** A machine with its files in RAM, about to start. Throws BadInput. */
export const bootMachine = (configuration: Configuration, files: Files, surroundings: Surroundings): Machine => {
  const image = readImage(files.image, 'image', ramBase)
  const kernel = files.kernel === undefined ? undefined : readImage(files.kernel, 'kernel', ramBase + kernelOffset)
  const initrd = files.initrd?.read()
  if (initrd?.length === 0) throw new BadInput(`the initial RAM disk ${files.initrd!.path} is empty`)
  const machine = buildMachine(configuration, files, surroundings)
  const { board, hart } = machine
  const loader = new Loader(hart.ram, ramBase)
  const place = (executable: Executable, what: string): void => executable.segments.forEach((segment) => loader.load(segment, what))
  place(image, `the image ${files.image.path}`)
  if (kernel) place(kernel, `the kernel ${files.kernel!.path}`)
  const initrdStart = Number(kernel?.entry ?? ramBase + kernelOffset) + Math.min(hart.ram.length / 2, initrdDistance)
  if (initrd) loader.load(inMemory(initrd, initrdStart), `the initial RAM disk ${files.initrd!.path}`)

  const rngSeed = new Uint8Array(rngSeedBytes)
  board.random.fill(rngSeed)
  const tree = flatten(boardTree({
    ramBytes: hart.ram.length, isa: isa(configuration.hart), addressTranslation: configuration.hart.mmu, bootArguments: files.append ?? '', rngSeed,
    ...(initrd ? { initrd: { start: initrdStart, end: initrdStart + initrd.length } } : {}),
  }))
  const treeStart = treePlace(ramBase + hart.ram.length, tree.length, loader.end)
  loader.load(inMemory(tree, treeStart), 'the device tree')
  board.boot({ start: Number(image.entry), tree: treeStart, next: Number(kernel?.entry ?? (files.flash ? flashBase : 0)) })

  const symbols = new Map([...image.symbols, ...(kernel?.symbols ?? [])])
  const tohost = symbols.get('tohost'), fromhost = symbols.get('fromhost')
  if (tohost !== undefined) connectHtif(machine, { tohost, fromhost }, surroundings)
  return { ...machine, symbols, tree }
}

type Address = number | bigint

/** Serves a test program; the keys are its console's. Throws BadInput when its places are not in RAM. */
export const connectHtif = ({ board, hart }: Pick<Machine, 'board' | 'hart'>, { tohost, fromhost }: { readonly tohost: Address; readonly fromhost?: Address | undefined }, { print }: Surroundings): Htif => {
  for (const [name, at] of [['tohost', tohost], ['fromhost', fromhost]] as const) {
    if (at !== undefined && (at < ramBase || at > ramBase + hart.ram.length - 8)) throw new BadInput(`the program's ${name}, 0x${at.toString(16)}, is not in memory`)
  }
  return board.htif = new Htif({ tohost: Number(tohost), ...(fromhost === undefined ? {} : { fromhost: Number(fromhost) }) }, { print, key: () => board.uart.key() })
}

/** As high as it goes below 3 GiB on a large boundary, or on a small one where memory is short. */
const treePlace = (end: number, bytes: number, free: number): number => {
  const at = (alignment: number): number => Math.floor((Math.min(end, treeLimit) - bytes) / alignment) * alignment
  return at(treeAlignment) >= free ? at(treeAlignment) : at(8)
}
