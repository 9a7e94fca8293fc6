// GXemul as a process: a kernel on one of its test machines takes records from the disk, when the console says so, and puts them back.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EmulatorFailure } from './gdb-stub.ts'
import { EmulatorMissing } from './qemu.ts'
import { bytesOf, type Driven } from './record-loop.ts'

const needed = { program: 'gxemul', package: 'gxemul' }

/** One of its test machines, of big-endian processors, and the kernel. */
export interface GxemulMachine {
  readonly machine: string
  readonly processor: string
  /** RAM in megabytes. */
  readonly memory: number
  readonly image: Uint8Array
  /** Virtual addresses of the image and of its start. */
  readonly at: number
  readonly start: number
  /** What is written and read here is the records; they are sectors of the disk. */
  readonly records: number
  /** What is read here is where the record at work is: the first that has 0 in this word. */
  readonly current: number
  readonly finished: number
}

const sector = 512
/** Each run has the next part of the disk, and the first again after the last: the emulator keeps for a while what it has read. */
export const parts = { size: 1 << 20, count: 16 } as const
/** What the kernel prints when all records are done. */
const done = 1
/** Any character that the emulator does not take for itself. */
const go = 'g'

/** Throws EmulatorMissing or EmulatorFailure. */
export const startGxemul = async (machine: GxemulMachine): Promise<Driven> => {
  const asked = spawnSync(needed.program, ['-h'], { encoding: 'latin1', stdio: ['ignore', 'pipe', 'pipe'], timeout: 10_000 })
  if (asked.error && 'code' in asked.error && asked.error.code === 'ENOENT') throw new EmulatorMissing(needed)
  const version = /GXemul (\d\S*)/.exec(asked.stdout ?? '')?.[1]
  if (version === undefined) throw new EmulatorFailure('gxemul -h does not tell a version')
  const session = new Session(machine)
  return { stub: session, version, end: () => session.end() }
}

class Session {
  readonly #machine: GxemulMachine
  readonly #folder = mkdtempSync(join(tmpdir(), 'popek-gxemul-'))
  readonly #disk: number
  readonly #child: ChildProcess
  #records: Uint8Array = new Uint8Array(0)
  #part = 0
  #isDone = false
  #said = ''
  #failure: string | undefined
  #wake: () => void = () => {}

  constructor(machine: GxemulMachine) {
    this.#machine = machine
    const image = join(this.#folder, 'image'), disk = join(this.#folder, 'disk')
    writeFileSync(image, machine.image)
    this.#disk = openSync(disk, 'w+')
    truncateSync(disk, parts.count * parts.size)
    const load = `0x${machine.at.toString(16)}:0:0x${machine.start.toString(16)}:${image}`
    this.#child = spawn(needed.program, ['-q', '-A', '-D', '-Q', '-E', machine.machine, '-C', machine.processor, '-M', `${machine.memory}`, '-d', `0:${disk}`, load])
    this.#child.stdout!.on('data', (bytes: Buffer) => this.#take(bytes))
    this.#child.stderr!.on('data', (bytes: Buffer) => this.#take(bytes))
    this.#child.stdin!.on('error', (error) => this.#fail(error.message))
    this.#child.on('error', (error) => this.#fail(error.message))
    this.#child.on('close', (code, signal) => this.#fail(`gxemul ended (${signal ?? `code ${code}`})${this.#said.trim() ? `: ${this.#said.trim()}` : ''}`))
    process.once('exit', this.#atExit)
  }

  readonly #atExit = (): void => {
    this.#child.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  end(): void {
    if (!process.listeners('exit').includes(this.#atExit)) return
    process.removeListener('exit', this.#atExit)
    this.#atExit()
    closeSync(this.#disk)
  }

  #fail(why: string): void {
    this.#failure ??= why
    this.#wake()
  }

  #take(bytes: Buffer): void {
    for (const b of bytes) if (b === done) this.#isDone = true
      else this.#said = (this.#said + String.fromCharCode(b)).slice(-300)
    if (this.#isDone) this.#wake()
  }

  /** It stops where the kernel waits, nowhere else. */
  async breakAt(): Promise<void> {}

  /** The image is loaded at the start, and the kernel is told of the records by the disk: only these are taken. */
  async write(address: bigint | number, bytes: Uint8Array): Promise<void> {
    if (Number(address) !== this.#machine.records) return
    if (bytes.length > parts.size - sector) throw new EmulatorFailure('more records than a part of the disk has sectors')
    this.#records = bytes
  }

  async read(address: bigint | number, length: number): Promise<Uint8Array> {
    const { records, current, finished } = this.#machine
    if (Number(address) !== current) return this.#records.subarray(0, length)
    let n = 0
    while (sector * n < this.#records.length && this.#records.subarray(sector * n + 4 * finished, sector * n + 4 * finished + 4).some((b) => b !== 0)) n++
    return bytesOf(records + sector * n, length as 4 | 8, true)
  }

  /** Runs until the kernel has done all records; false when that has not come in time. */
  async run(milliseconds: number): Promise<boolean> {
    const from = this.#part * parts.size
    this.#part = (this.#part + 1) % parts.count
    writeSync(this.#disk, bytesOf(this.#records.length / sector, 4, true), 0, 4, from)
    writeSync(this.#disk, this.#records, 0, this.#records.length, from + sector)
    this.#isDone = false
    // It waits by asking again and again: between runs it is stopped.
    this.#child.kill('SIGCONT')
    this.#child.stdin!.write(go)
    const isInTime = this.#isDone || this.#failure !== undefined || await new Promise<boolean>((resolve) => {
      const timer = setTimeout(resolve, milliseconds, false)
      this.#wake = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
    if (this.#failure !== undefined && !this.#isDone) throw new EmulatorFailure(this.#failure)
    this.#child.kill('SIGSTOP')
    this.#records = new Uint8Array(this.#records.length)
    readSync(this.#disk, this.#records, 0, this.#records.length, from + sector)
    return isInTime
  }
}
