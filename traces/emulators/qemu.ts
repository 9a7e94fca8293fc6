// QEMU system emulators as processes that are driven over the GDB stub on their standard streams.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { EmulatorFailure, GdbStub } from './gdb-stub.ts'
import { SharedRam } from './shared-ram.ts'

/** The program and the Debian package that holds it. */
export interface EmulatorProgram {
  readonly program: string
  readonly package: string
}

export const notInstalled = (needed: EmulatorProgram): string => `${needed.program} is not installed; Debian has it in the package ${needed.package}`

/** An emulator that is not installed. */
export class EmulatorMissing extends Error {
  override readonly name = 'EmulatorMissing'
  readonly needed: EmulatorProgram

  constructor(needed: EmulatorProgram) {
    super(notInstalled(needed))
    this.needed = needed
  }
}

/** Where the machine has its RAM, and how much, in bytes. */
export interface RamPlace {
  readonly base: number
  readonly size: number
}

export interface Process {
  readonly stub: GdbStub
  /** The machine's RAM, where it was asked for: many times as fast as the stub. Code must be written through the stub. */
  readonly ram?: SharedRam
  readonly version: string
  readonly end: () => void
}

/** Starts `program` stopped at reset. Throws EmulatorMissing or EmulatorFailure. */
export const startQemu = async (needed: EmulatorProgram, options: readonly string[], place?: RamPlace): Promise<Process> => {
  const asked = spawnSync(needed.program, ['--version'], { encoding: 'utf8', timeout: 10_000 })
  if (asked.error && 'code' in asked.error && asked.error.code === 'ENOENT') throw new EmulatorMissing(needed)
  const version = /version (\S+)/.exec(asked.stdout ?? '')?.[1]
  if (version === undefined) throw new EmulatorFailure(`${needed.program} --version does not tell a version`)
  const ram = place && new SharedRam(place.base, place.size)
  const backed = ram ? ['-m', `${ram.size >> 20}M`, '-object', `memory-backend-file,id=ram,size=${ram.size},mem-path=${ram.path},share=on`, '-machine', 'memory-backend=ram'] : []
  const child = spawn(needed.program, [...options, ...backed, '-display', 'none', '-nodefaults', '-serial', 'none', '-monitor', 'none', '-S', '-gdb', 'stdio'])
  const stub = new GdbStub(child.stdout, child.stdin)
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => { complaint = (complaint + text).slice(-500) })
  child.on('error', (error) => stub.fail(error.message))
  child.on('exit', (code, signal) => stub.fail(`${needed.program} ended (${signal ?? `code ${code}`})${complaint ? `: ${complaint.trim()}` : ''}`))
  const kill = endWithParent(child)
  const end = (): void => {
    kill()
    ram?.close()
  }
  try {
    await stub.start()
  } catch (error) {
    end()
    throw error
  } finally {
    ram?.hide()
  }
  return { stub, version, end, ...(ram ? { ram } : {}) }
}

/** How to end the child, which also ends when this process does. */
const endWithParent = (child: ChildProcess): (() => void) => {
  const kill = (): void => { child.kill('SIGKILL') }
  process.once('exit', kill)
  child.once('exit', () => process.removeListener('exit', kill))
  return kill
}
