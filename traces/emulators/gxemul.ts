// GXemul as a process for each run: what is laid down is loaded at its start, and what it leaves behind is on the disk of its test machine.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EmulatorFailure } from './gdb-stub.ts'
import { EmulatorMissing } from './qemu.ts'
import { bytesOf, type Driven } from './record-loop.ts'

const needed = { program: 'gxemul', package: 'gxemul' }

/** One of its test machines, with a kernel that works through records. */
export interface GxemulMachine {
  readonly machine: string
  readonly processor: string
  /** RAM in megabytes. */
  readonly memory: number
  /** Where the real addresses are seen untranslated, and where the processor starts, there. */
  readonly direct: number
  readonly start: number
  /** Sector n of the disk is the record at this real address and n times its size. */
  readonly records: number
  readonly recordSize: number
  /** The word that says which record is at work. */
  readonly current: number
}

/** What the kernel prints: when it begins a record, and when all are done. */
const begun = 1, done = 2

/** Throws EmulatorMissing or EmulatorFailure. */
export const startGxemul = async (machine: GxemulMachine): Promise<Driven> => {
  const asked = spawnSync(needed.program, ['-h'], { encoding: 'latin1', stdio: ['ignore', 'pipe', 'pipe'], timeout: 10_000 })
  if (asked.error && 'code' in asked.error && asked.error.code === 'ENOENT') throw new EmulatorMissing(needed)
  const version = /GXemul (\d\S*)/.exec(asked.stdout ?? '')?.[1]
  if (version === undefined) throw new EmulatorFailure('gxemul -h does not tell a version')
  const runs = new Runs(machine)
  return { stub: runs, version, end: () => runs.end() }
}

class Runs {
  readonly #machine: GxemulMachine
  readonly #folder = mkdtempSync(join(tmpdir(), 'popek-gxemul-'))
  readonly #laidDown = new Map<number, Uint8Array>()
  #begun = 0
  #left: Uint8Array = new Uint8Array(0)
  #kill = (): void => {}

  constructor(machine: GxemulMachine) {
    this.#machine = machine
    process.once('exit', this.#atExit)
  }

  readonly #atExit = (): void => {
    this.#kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  end(): void {
    process.removeListener('exit', this.#atExit)
    this.#atExit()
  }

  /** It stops where the kernel ends it, nowhere else. */
  async breakAt(): Promise<void> {}

  /** Real addresses; where two parts overlap, the one that was first written later holds. */
  async write(address: bigint | number, bytes: Uint8Array): Promise<void> {
    this.#laidDown.set(Number(address), bytes)
  }

  async read(address: bigint | number, length: number): Promise<Uint8Array> {
    const { records, recordSize, current } = this.#machine, from = Number(address)
    if (from === current) return bytesOf(records + recordSize * (this.#begun - 1), length as 4, true)
    return this.#left.subarray(from - records, from - records + length)
  }

  /** Runs a new process to its end; false when that has not come in time and it was ended. */
  async run(milliseconds: number): Promise<boolean> {
    const { machine, processor, memory, direct, start, records } = this.#machine
    const disk = join(this.#folder, 'disk'), parts = [...this.#laidDown]
    writeFileSync(disk, '')
    truncateSync(disk, Math.max(512, this.#laidDown.get(records)?.length ?? 0))
    const files = parts.map(([address, bytes], i) => {
      const file = join(this.#folder, `part${i}`)
      writeFileSync(file, bytes)
      return `0x${(direct + address).toString(16)}:0:0x${(direct + start).toString(16)}:${file}`
    })
    const child = spawn(needed.program, ['-q', '-A', '-D', '-Q', '-E', machine, '-C', processor, '-M', `${memory}`, '-d', `0:${disk}`, ...files.filter((_, i) => parts[i]![1].length > 0)])
    this.#kill = () => { child.kill('SIGKILL') }
    this.#begun = 0
    let isDone = false, said = ''
    const take = (bytes: Buffer): void => {
      for (const b of bytes) if (b === begun) this.#begun++
        else if (b === done) isDone = true
        else said = (said + String.fromCharCode(b)).slice(-300)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    // Its standard input stays open: at an end of file it would wait for a character for ever.
    child.stdin.on('error', () => {})
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.#kill()
    }, milliseconds)
    const ended = await new Promise<string>((resolve) => {
      child.on('error', (error) => resolve(error.message))
      child.on('close', (code, signal) => resolve(`gxemul ended (${signal ?? `code ${code}`})${said.trim() ? `: ${said.trim()}` : ''}`))
    })
    clearTimeout(timer)
    this.#kill = () => {}
    if (late) return false
    if (!isDone) throw new EmulatorFailure(ended)
    this.#left = new Uint8Array(readFileSync(disk))
    return true
  }
}
