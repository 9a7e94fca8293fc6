// SIMH's emulators as processes that take commands from a pipe: many commands in one go, what they print cut at marks.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EmulatorFailure } from './gdb-stub.ts'
import { EmulatorMissing } from './qemu.ts'

/** One program of SIMH, and the commands that set its machine up. */
export interface SimhMachine {
  readonly program: string
  readonly setUp: readonly string[]
}

/** What the commands of one trial print; a `string` says why there is nothing. */
export type Printed = { readonly text: string } | string

/** Milliseconds without a word from it. */
const patience = 2000
/** More than the program keeps back: what it prints goes out when its buffer of 4096 characters is full. */
const padding = `echo ${'.'.repeat(99)}\n`.repeat(50)
/** In nothing else that it prints; it shows instructions with @. */
const mark = '~'
/** The file of commands: it puts this and a bracket before a command that it refuses. */
const commandFile = '/dev/fd/3'

/** Keeps one process, and a new one after each trial that does not come back. */
export class Simh {
  readonly #machine: SimhMachine
  #process: Process | undefined
  #version = ''
  #onStart: () => void = () => {}

  constructor(machine: SimhMachine) {
    this.#machine = machine
  }

  /** Called whenever a new process has nothing laid down. */
  set onStart(f: () => void) { this.#onStart = f }

  /** Such as `SIMH V3.8-1`. Throws EmulatorMissing or EmulatorFailure. */
  async version(): Promise<string> {
    await this.#running()
    return this.#version
  }

  end(): void {
    this.#process?.end()
    this.#process = undefined
  }

  /** What the commands of each trial print; `commandsOf` is asked in order, again after a new start. */
  async run(count: number, commandsOf: (trial: number) => readonly string[]): Promise<Printed[]> {
    const results: Printed[] = []
    while (results.length < count) {
      const process = await this.#running()
      const from = results.length
      const texts = await process.ask(Array.from({ length: count - from }, (_, i) => commandsOf(from + i)), '')
      results.push(...texts)
      if (results.length === count) break
      // What it had printed last is lost with it: from here each trial's output is pushed out until the one that stops it.
      this.end()
      const careful = await this.#running()
      results.push(...await careful.ask(Array.from({ length: count - results.length }, (_, i) => commandsOf(results.length + i)), padding))
      if (results.length === count) break
      results.push(careful.failure ?? 'it does not come back')
      this.end()
    }
    return results
  }

  async #running(): Promise<Process> {
    if (this.#process) return this.#process
    this.#onStart()
    const process = new Process(this.#machine.program)
    const [hello] = await process.ask([this.#machine.setUp], '')
    const version = /simulator (V\S+)/.exec(hello?.text ?? '')?.[1]
    if (version === undefined) {
      process.end()
      if (process.missing) throw new EmulatorMissing({ program: this.#machine.program, package: 'simh' })
      throw new EmulatorFailure(process.failure ?? `${this.#machine.program} does not tell its version`)
    }
    this.#version = `SIMH ${version}`
    return this.#process = process
  }
}

/** Where the commands go: a pipe that the program can open by a name. */
const pipe = (): { readonly read: number; readonly write: number } => {
  const folder = mkdtempSync(join(tmpdir(), 'popek-')), name = join(folder, 'commands')
  try {
    const made = spawnSync('mkfifo', [name], { encoding: 'utf8' })
    if (made.status !== 0) throw new EmulatorFailure(`mkfifo: ${made.error?.message ?? made.stderr.trim()}`)
    const read = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK)
    return { read, write: openSync(name, constants.O_WRONLY | constants.O_NONBLOCK) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

class Process {
  readonly #child: ChildProcess
  readonly #to: Socket
  readonly #kill: () => void
  #received: string[] = []
  #wake: (() => void) | undefined
  failure: string | undefined
  missing = false

  constructor(program: string) {
    const { read, write } = pipe()
    // Its console reads standard input while a program runs, so the commands must come another way.
    this.#child = spawn(program, [commandFile], { stdio: ['ignore', 'pipe', 'ignore', read] })
    closeSync(read)
    this.#to = new Socket({ fd: write, readable: false, writable: true })
    this.#to.on('error', (error) => this.#fail(error.message))
    this.#child.stdout!.setEncoding('latin1').on('data', (text: string) => {
      this.#received.push(text)
      this.#wake?.()
    })
    this.#child.on('error', (error) => {
      this.missing = 'code' in error && error.code === 'ENOENT'
      this.#fail(error.message)
    })
    this.#child.on('exit', (code, signal) => this.#fail(`${program} ended (${signal ?? `code ${code}`})`))
    this.#kill = () => { this.#child.kill('SIGKILL') }
    process.once('exit', this.#kill)
    this.#child.once('exit', () => process.removeListener('exit', this.#kill))
  }

  #fail(why: string): void {
    this.failure ??= why
    this.#wake?.()
  }

  end(): void {
    this.#kill()
    this.#to.destroy()
  }

  /** What each list of commands prints; fewer, where it does not get to the end. `after` follows each list. */
  async ask(lists: readonly (readonly string[])[], after: string): Promise<{ readonly text: string }[]> {
    this.#received = []
    this.#to.write(lists.map((commands) => `${commands.join('\n')}\necho ${mark}\n${after}`).join('') + padding)
    let marks = 0, seen = 0, last = performance.now()
    while (marks < lists.length && this.failure === undefined) {
      const left = patience - (performance.now() - last)
      if (left <= 0) break
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      for (; seen < this.#received.length; seen++) {
        marks += this.#received[seen]!.split(mark).length - 1
        last = performance.now()
      }
    }
    // What pushed out an earlier answer may come before this one.
    return this.#received.join('').replace(/^\.+\n/gm, '').split(`${mark}\n`).slice(0, -1).map((text) => ({ text }))
  }
}

/** What is printed as `name: value`, by the names; throws an EmulatorFailure where a command was refused. */
export const valuesOf = (text: string, radix: 8 | 16): ReadonlyMap<string, bigint> => {
  const refused = text.indexOf(`${commandFile}>`)
  if (refused >= 0) throw new EmulatorFailure(`SIMH refuses: ${text.slice(refused, refused + 100)}`)
  const prefix = radix === 8 ? '0o' : '0x'
  return new Map([...text.matchAll(/^([^:\n]+):\t([0-9A-F]+)$/gm)].map(([, name, digits]) => [name!, BigInt(prefix + digits!)]))
}
