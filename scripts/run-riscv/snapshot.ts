// Snapshots of a machine in a file: a line of JSON, the files that it starts from and the RAM, deflated, and the SHA-256 of all that.
import { createHash } from 'node:crypto'
import * as t from 'io-ts'
import { PathReporter } from 'io-ts/lib/PathReporter.js'
import type { Hart } from '../../impl/cpu/riscv/hart.ts'
import type { BoardState } from '../../impl/devices/virt/board.ts'
import { flashModes } from '../../impl/devices/virt/flash.ts'
import type { HtifPlaces, HtifState } from '../../impl/devices/virt/htif.ts'
import { closed, integer, listOf, names, recordOf, text } from '../../traces/codecs.ts'
import { BadInput } from '../terminal/failure.ts'
import { digestOf, mostBytes, type Content, type OnProgress, type Source } from './content.ts'
import { behind, deflated, inflateInto, pieceBytes } from './deflated.ts'
import { buildMachine, connectHtif, type Configuration, type Files, type Machine, type Surroundings } from './machine.ts'
import { hartChoices, isBootArguments, mostMebibytes, riscvSystem } from './options.ts'
import { format } from './snapshot-mark.ts'

const version = 5
/** What a line is no longer than: both banks of flash take half of it. */
const mostHeader = 2 ** 28
const digestBytes = 32
const newline = 0x0a

const u8 = integer(0, 0xff)
const u32 = integer(0, 0xffff_ffff)
const natural = integer(0, Number.MAX_SAFE_INTEGER)
const address = natural
const words = (count: number) => listOf(u32, count, count)
const bytes = (most: number) => listOf(u8, 0, most)
const decimal: t.Type<string, unknown> = new t.Type('a decimal integer', t.string.is, (u, c) => (typeof u === 'string' && /^-?\d{1,39}$/.test(u) ? t.success(u) : t.failure(u, c)), (a): unknown => a)

const configuration: t.Type<Configuration, unknown> = closed({
  memory: integer(1, mostMebibytes), seed: u32, legacyVirtio: t.boolean, rng: t.boolean, virtioConsole: t.boolean, readOnly: t.boolean,
  hart: closed({
    mmu: names(hartChoices.mmu), misaligned: names(hartChoices.misaligned), misalignedAtomics: names(hartChoices.misalignedAtomics), accessedDirty: names(hartChoices.accessedDirty),
    timer: names(hartChoices.timer),
  }, {}),
}, {})

const queue = closed({ size: natural, ready: t.boolean, descriptors: natural, available: natural, used: natural, nextAvailable: natural, nextUsed: natural }, {})
const board: t.Type<BoardState, unknown> = closed({
  clock: natural,
  rom: bytes(0x1000),
  random: words(4),
  clint: closed({ msip: t.boolean, mtimecmp: decimal, offset: decimal }, {}),
  plic: closed({
    priority: words(96), level: words(3), pending: words(3), inService: words(3), contexts: listOf(closed({ enable: words(3), threshold: u32 }, {}), 2, 2),
  }, {}),
  rtc: closed({ offset: decimal, alarm: decimal, armed: t.boolean, enabled: t.boolean, pending: t.boolean, latchedHigh: u32 }, {}),
  uart: closed({
    interruptEnable: u8, fifoControl: u8, lineControl: u8, modemControl: u8, modemDelta: u8, scratch: u8, divisor: integer(0, 0xffff), overrun: t.boolean,
    transmitterEmpty: t.boolean, received: bytes(16), typed: bytes(2 ** 24), lineFree: natural, timeout: t.union([natural, t.null]), timedOut: t.boolean,
  }, {}),
  virtio: listOf(closed({
    deviceFeaturesSelect: u32, driverFeaturesSelect: u32, driverFeatures: words(2), guestPageSize: u32, queueSelect: u32, interruptStatus: u8, status: u8,
    alignment: listOf(u32, 0, 16), queues: listOf(queue, 0, 16),
  }, {}), 8, 8),
  flash: listOf(closed({
    mode: names(flashModes), status: u8, left: natural,
    blocks: listOf(t.readonly(t.tuple([natural, bytes(0x4_0000)])), 0, 128), buffer: listOf(t.readonly(t.tuple([natural, u8, u32])), 0, 0x1_0000),
  }, {}), 2, 2),
  pciCommand: integer(0, 7),
  firmwareConfiguration: closed({ selector: integer(0, 0xffff), position: natural }, {}),
}, {})

const htifState: t.Type<HtifState, unknown> = closed({ wanted: natural, answers: listOf(t.readonly(t.tuple([u32, u32])), 0, 64), interval: integer(1, 2 ** 20) }, {})

interface OfFiles<T> {
  readonly image: T
  readonly kernel?: T
  readonly initrd?: T
  readonly flash?: T
  readonly secondFlash?: T
}

interface Stored {
  /** From where it came. */
  readonly path: string
  readonly bytes: number
}

const stored: t.Type<Stored, unknown> = closed({ path: text, bytes: integer(0, mostBytes) }, {})
const append: t.Type<string, unknown> = new t.Type('printable ASCII', t.string.is, (u, c) => (typeof u === 'string' && isBootArguments(u) ? t.success(u) : t.failure(u, c)), (a): unknown => a)

export interface Header {
  readonly format: typeof format
  readonly version: typeof version
  readonly system: typeof riscvSystem
  readonly configuration: Configuration
  /** Ticks of the timebase since reset. */
  readonly ticks: number
  /** Steps over all runs, and those of the hart since it was reset. */
  readonly steps: number
  readonly hartSteps: number
  /** Of each disk its size and the SHA-256 of what was on it; that itself is not in the snapshot. */
  readonly disks: readonly { readonly bytes: number; readonly digest: string }[]
  /** Typed at the virtio console and not received. */
  readonly keys: readonly number[]
  /** What the machine starts again from, stored behind this line in this order. */
  readonly files: OfFiles<Stored> & Pick<Files, 'append'>
  readonly htif?: HtifPlaces & { readonly state: HtifState }
  readonly signature?: { readonly from: number; readonly to: number }
  readonly hart: ReturnType<Hart['save']>
  readonly board: BoardState
}

const header: t.Type<Header, unknown> = closed({
  format: names([format] as const), version: names([version] as const), system: names([riscvSystem] as const), configuration, ticks: natural, steps: natural, hartSteps: natural,
  // The hart checks its names and values itself.
  disks: listOf(closed({ bytes: natural, digest: text }, {}), 0, 8), keys: bytes(2 ** 24), hart: recordOf('a name', () => text), board,
  files: closed({ image: stored }, { kernel: stored, initrd: stored, append, flash: stored, secondFlash: stored }),
}, { htif: closed({ tohost: address, state: htifState }, { fromhost: address }), signature: closed({ from: address, to: address }, {}) })

/** What a snapshot keeps about a run besides its machine. */
export type Kept = Pick<Header, 'configuration' | 'steps' | 'disks'> & Partial<Pick<Header, 'htif' | 'signature'>>

/** A snapshot, piece by piece. */
export function* snapshotPieces(machine: Pick<Machine, 'board' | 'hart' | 'typed'>, files: Files, kept: Kept, onProgress?: OnProgress): Generator<Uint8Array> {
  const hash = createHash('sha256')
  for (const piece of contentPieces(machine, files, kept, onProgress)) {
    hash.update(piece)
    yield piece
  }
  yield hash.digest()
}

function* contentPieces({ board: of, hart: ofHart, typed }: Pick<Machine, 'board' | 'hart' | 'typed'>, files: Files, kept: Kept, onProgress?: OnProgress): Generator<Uint8Array> {
  const { append } = files
  const head: Header = {
    format, version, system: riscvSystem, ...kept, files: { ...ofEach(files, ({ path, bytes: size }) => ({ path, bytes: size })), ...(append === undefined ? {} : { append }) },
    keys: kept.configuration.virtioConsole ? typed() : [], ticks: of.ticks, hartSteps: ofHart.steps(), hart: ofHart.save(), board: of.save(),
  }
  yield Buffer.from(`${JSON.stringify(head)}\n`)
  for (const content of Object.values(ofEach(files, (file) => file))) yield* deflated(content.read())
  yield* deflated(ofHart.ram, onProgress)
}

/** In the order in which they are stored. */
const ofEach = <T, U>({ image, kernel, initrd, flash, secondFlash }: OfFiles<T>, to: (file: T) => U): OfFiles<U> => ({
  image: to(image), ...(kernel ? { kernel: to(kernel) } : {}), ...(initrd ? { initrd: to(initrd) } : {}),
  ...(flash ? { flash: to(flash) } : {}), ...(secondFlash ? { secondFlash: to(secondFlash) } : {}),
})

export interface Snapshot {
  readonly header: Header
  /** What its machine starts again from. */
  readonly files: Files
  readonly file: Source
  /** Where in the file the RAM is. */
  readonly ram: number
}

/** Throws BadInput for a file that is no whole snapshot of this version. */
export const readSnapshot = (file: Source, onProgress?: OnProgress): Snapshot => {
  const refuse = (why: string): never => { throw new BadInput(`the snapshot ${file.path} ${why}`) }
  const line = firstLine(file)
  if (line === undefined) return refuse('is none, or is cut off')
  let parsed: unknown
  try {
    parsed = JSON.parse(line.toString())
  } catch {
    return refuse('is damaged: its first line is no JSON')
  }
  const found = (parsed as { version?: unknown }).version
  if (found !== version) return refuse(`is of version ${JSON.stringify(found)}, and this popek reads version ${version}`)
  const end = file.bytes - digestBytes, digest = Buffer.alloc(digestBytes)
  if (file.readAt(end, digest) < digestBytes || !digestOf(file, end, onProgress).equals(digest)) return refuse('is damaged or cut off: its digest is another')
  const read = header.decode(parsed)
  if (read._tag === 'Left') return refuse(`is damaged: ${PathReporter.report(read)[0]}`)
  const { configuration: { memory }, files: { append, ...inFile } } = read.right
  try {
    let at = line.length + 1
    const files = ofEach<Stored, Content>(inFile, ({ path, bytes: size }) => {
      const from = at
      at = behind(size, file, from)
      return { path, bytes: size, read: () => storedAt(file, from, size) }
    })
    const ramEnd = behind(memory * 2 ** 20, file, at)
    if (ramEnd !== end) throw new RangeError(`it has ${ramEnd < end ? 'more' : 'less'} than its RAM`)
    return { header: read.right, files: { ...files, ...(append === undefined ? {} : { append }) }, file, ram: at }
  } catch (error) {
    return refuse(`cannot be resumed: ${(error as Error).message}`)
  }
}

/** Without its end; undefined when it has none. */
const firstLine = (file: Source): Buffer | undefined => {
  const pieces: Buffer[] = []
  for (let at = 0; at < mostHeader; at += pieceBytes) {
    const piece = Buffer.allocUnsafe(pieceBytes), read = piece.subarray(0, file.readAt(at, piece)), end = read.indexOf(newline)
    pieces.push(end < 0 ? read : read.subarray(0, end))
    if (end >= 0) return Buffer.concat(pieces)
    if (read.length < pieceBytes) break
  }
  return undefined
}

/** What is stored in a snapshot. Throws BadInput. */
const storedAt = (file: Source, from: number, size: number): Uint8Array => {
  const all = new Uint8Array(size)
  try {
    inflateInto(all, file, from)
  } catch (error) {
    throw new BadInput(`the snapshot ${file.path} is damaged: ${(error as Error).message}`)
  }
  return all
}

/** The machine of a snapshot. Throws BadInput when the disks are others, or the state cannot be taken. */
export const resumeMachine = ({ header: head, files, file, ram }: Snapshot, surroundings: Surroundings, onProgress?: OnProgress): Machine => {
  const { path } = file
  const sizes = surroundings.disks.map((d) => d.bytes)
  const before = head.disks.map((d) => d.bytes)
  if (sizes.length !== before.length || sizes.some((size, i) => size !== before[i])) {
    throw new BadInput(`the snapshot ${path} was made with ${disksText(before)}, and is resumed with ${disksText(sizes)}: give the same --disk`)
  }
  const changed = surroundings.disks.find((disk, i) => disk.digest(onProgress) !== head.disks[i]!.digest)
  if (changed) throw new BadInput(`the disk image ${changed.path} is not as it was when the snapshot ${path} was made: give it as it was, from a copy made then`)
  const machine = buildMachine(head.configuration, files, surroundings)
  try {
    inflateInto(machine.hart.ram, file, ram, onProgress)
    machine.hart.restore(head.hart, head.hartSteps)
    machine.board.restore(head.board)
  } catch (error) {
    throw new BadInput(`the snapshot ${path} cannot be resumed: ${(error as Error).message}`)
  }
  if (head.htif) {
    const { state, ...places } = head.htif
    connectHtif(machine, places, surroundings).restore(state)
  }
  if (head.keys.length > 0) machine.type(head.keys)
  return machine
}

const disksText = (sizes: readonly number[]): string => (sizes.length === 0 ? 'no disk' : `${sizes.length === 1 ? 'a disk' : 'disks'} of ${sizes.join(' and ')} bytes`)
