// Hercules as a process that takes commands from a pipe: storage goes to and from it in files, and it runs until a disabled wait.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EmulatorFailure } from './gdb-stub.ts'
import { EmulatorMissing } from './qemu.ts'
import type { Driven } from './record-loop.ts'

const program = { program: 'hercules', package: 'hercules' }
/** Milliseconds for a command. */
const patience = 10_000
/** Milliseconds for a batch of records: it has many threads, and the one that executes waits for its turn on a busy host. */
export const batchPatience = 6_000
/** It refuses a configuration without a device. */
export const device = 0x0fff

/** Starts it stopped. Throws EmulatorMissing or EmulatorFailure. */
export const startHercules = async (options: readonly string[]): Promise<Driven> => {
  const console = new Console(options)
  try {
    await console.wait(/script file processing started/i, 'its start')
    if (console.version === undefined) throw new EmulatorFailure('hercules does not tell its version')
    return { stub: console, version: console.version, end: () => console.end() }
  } catch (error) {
    console.end()
    if (console.missing) throw new EmulatorMissing(program)
    throw error
  }
}

class Console {
  readonly #folder = mkdtempSync(join(tmpdir(), 'popek-hercules-'))
  readonly #child: ChildProcess
  readonly #to: Socket
  #received = ''
  #wake: (() => void) | undefined
  #failure: string | undefined
  version: string | undefined
  missing = false

  constructor(options: readonly string[]) {
    const commands = join(this.#folder, 'commands'), configuration = join(this.#folder, 'configuration')
    const made = spawnSync('mkfifo', [commands], { encoding: 'utf8' })
    if (made.status !== 0) throw new EmulatorFailure(`mkfifo: ${made.error?.message ?? made.stderr.trim()}`)
    writeFileSync(configuration, [...options, 'NUMCPU 1', 'OSTAILOR QUIET', 'CNSLPORT 0', `${device.toString(16).padStart(4, '0')} 1403 /dev/null`, ''].join('\n'))
    const read = openSync(commands, constants.O_RDONLY | constants.O_NONBLOCK)
    this.#to = new Socket({ fd: openSync(commands, constants.O_WRONLY | constants.O_NONBLOCK), readable: false, writable: true })
    this.#to.on('error', (error) => this.#fail(error.message))
    // As a daemon it reads no keyboard; its file of commands is the pipe.
    this.#child = spawn(program.program, ['-d', '-f', configuration], { stdio: ['ignore', 'pipe', 'ignore', read], env: { ...process.env, HERCULES_RC: commands } })
    closeSync(read)
    this.#child.stdout!.setEncoding('latin1').on('data', (text: string) => {
      this.#received += text
      this.version ??= /Hercules Version (\S+)/.exec(this.#received)?.[1]
      this.#wake?.()
    })
    this.#child.on('error', (error) => {
      this.missing = 'code' in error && error.code === 'ENOENT'
      this.#fail(error.message)
    })
    this.#child.on('exit', (code, signal) => this.#fail(`hercules ended (${signal ?? `code ${code}`})`))
    process.once('exit', this.#atExit)
  }

  readonly #atExit = (): void => {
    this.#child.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  end(): void {
    process.removeListener('exit', this.#atExit)
    this.#atExit()
    this.#to.destroy()
  }

  #fail(why: string): void {
    this.#failure ??= why
    this.#wake?.()
  }

  /** Waits for a line of its log; everything up to it is forgotten. */
  async wait(line: RegExp, what: string, milliseconds = patience): Promise<string> {
    const until = performance.now() + milliseconds
    for (;;) {
      const found = line.exec(this.#received)
      if (found) {
        this.#received = this.#received.slice(found.index + found[0].length)
        return found[0]
      }
      const left = until - performance.now()
      if (this.#failure !== undefined) throw new EmulatorFailure(this.#failure)
      if (left <= 0) throw new EmulatorFailure(`hercules does not answer within ${milliseconds / 1000} s: ${what}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  #command(text: string): void {
    this.#to.write(`${text}\n`)
  }

  async write(address: bigint | number, bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return
    const file = join(this.#folder, 'to')
    writeFileSync(file, bytes)
    await this.#do(`loadcore ${file} ${address.toString(16)}`, /bytes read from .*\n/)
  }

  async read(address: bigint | number, length: number): Promise<Uint8Array> {
    if (length === 0) return new Uint8Array(0)
    const file = join(this.#folder, 'from'), from = Number(address)
    await this.#do(`savecore ${file} ${from.toString(16)} ${(from + length - 1).toString(16)}`, /savecore command complete/)
    const bytes = new Uint8Array(readFileSync(file))
    // It creates files, and replaces none.
    rmSync(file)
    return bytes
  }

  /** Again where it says a disabled wait before the processor has come to its stop. */
  async #do(command: string, done: RegExp): Promise<void> {
    for (let tries = 0; ; tries++) {
      this.#command(command)
      const said = await this.wait(new RegExp(`${done.source}|HHCPN\\d+E.*`), command)
      if (done.test(said)) return
      if (tries === 500 || !said.includes('not stopped')) throw new EmulatorFailure(said)
      await new Promise((resolve) => { setTimeout(resolve, 1) })
    }
  }

  /** It stops at disabled waits, nowhere else. */
  async breakAt(): Promise<void> {}

  /** Runs from the restart new PSW until a disabled wait; false when that has not come in time and it was stopped. */
  async run(milliseconds: number): Promise<boolean> {
    this.#received = ''
    this.#command('restart')
    try {
      await this.wait(/Disabled wait state\s+PSW=[0-9A-F ]*D0E000/, 'running', milliseconds)
      return true
    } catch (error) {
      if (this.#failure !== undefined) throw error
      this.#command('stop')
      this.#command('version')
      await this.wait(/Hercules Version/, 'stop')
      return false
    }
  }
}
