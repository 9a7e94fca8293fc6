// Whole processes beside QEMU's: from the start to U-Boot's prompt, and what a guest's memory costs.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MissingTool } from '../../terminal/failure.ts'
import type { Measure } from '../measures.ts'

const firmware = '/usr/lib/u-boot/qemu-riscv64/u-boot.bin'
const mostMilliseconds = 60_000

interface Command {
  readonly program: string
  readonly args: readonly string[]
}

const executable = fileURLToPath(new URL('../../popek.cjs', import.meta.url))
/** The executable, or what it is made from where only modules were built. */
const started: Command = existsSync(executable) ? { program: executable, args: [] } : { program: process.execPath, args: [fileURLToPath(new URL('../../popek.js', import.meta.url))] }
const popek = (image: string, mebibytes: number): Command =>
  ({ program: started.program, args: [...started.args, 'run', 'riscv64/cpu', image, '--memory', `${mebibytes}`] })
const qemu = (image: string, mebibytes: number): Command =>
  ({ program: 'qemu-system-riscv64', args: ['-M', 'virt', '-m', `${mebibytes}M`, '-bios', image, '-display', 'none', '-monitor', 'none', '-serial', 'stdio'] })

/** Starts a process, types a space when `question` is printed, and ends it when `last` is; `at` is asked then. */
const until = <T>({ program, args }: Command, question: string, last: string, at: (child: ChildProcess) => T): Promise<T> => new Promise((resolve, reject) => {
  let printed = '', answered = false
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], timeout: mostMilliseconds })
  let found: { readonly value: T } | undefined
  child.stdout.on('data', (text: Buffer) => {
    printed += text.toString('latin1')
    if (!answered && question !== '' && printed.includes(question)) {
      answered = true
      child.stdin.write(' ')
    }
    if (found || !printed.includes(last)) return
    found = { value: at(child) }
    child.kill('SIGKILL')
  })
  child.stdin.on('error', () => {})
  child.on('error', (error) => reject(new MissingTool(`${program} does not start: ${error.message}`)))
  child.on('close', () => (found ? resolve(found.value) : reject(new Error(`${program} ended before it printed ${JSON.stringify(last)}: ${printed.slice(-200)}`))))
})

/** Milliseconds that the threads of a process were on a processor, all of them and the first; NaN where there is no /proc. */
const processorTime = ({ pid }: ChildProcess): { readonly all: number; readonly first: number } => {
  const tasks = `/proc/${pid}/task`
  if (!existsSync(tasks)) return { all: NaN, first: NaN }
  const of = (thread: string): number => Number(readFileSync(`${tasks}/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6
  return { all: readdirSync(tasks).reduce((sum, thread) => sum + of(thread), 0), first: of(`${pid}`) }
}

type Prompt = { readonly wall: number } & ReturnType<typeof processorTime>

const toPrompt = (command: Command): Promise<Prompt> => {
  const began = performance.now()
  return until(command, 'Hit any key', '\n=> ', (child) => ({ wall: performance.now() - began, ...processorTime(child) }))
}

const nodeStart = async (): Promise<number> => {
  const began = performance.now()
  await until({ program: process.execPath, args: ['-e', 'console.log("started")'] }, '', 'started', () => undefined)
  return performance.now() - began
}

const rounds = 7
const sorted = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b)
const median = (values: readonly number[]): number => Math.round(sorted(values)[values.length >> 1]!)
const least = (values: readonly number[]): number => Math.round(sorted(values)[0]!)
const ratioOf = (a: number, b: number): number => Math.round(1000 * a / b) / 1000

/** Wall time of a process from its start to U-Boot's prompt; a key stops U-Boot's countdown in both. */
export const uboot = async (): Promise<Measure> => {
  if (!existsSync(firmware)) throw new MissingTool(`there is no ${firmware} (Debian: u-boot-qemu)`)
  const runs: { readonly own: Prompt; readonly theirs: Prompt; readonly node: number }[] = []
  for (let round = 0; round < rounds; round++) runs.push({ own: await toPrompt(popek(firmware, 128)), theirs: await toPrompt(qemu(firmware, 128)), node: await nodeStart() })
  const own = runs.map((r) => r.own.wall), theirs = runs.map((r) => r.theirs.wall)
  return {
    name: 'uboot', title: `U-Boot from the start of the process to its prompt, median of ${rounds}`, value: median(own), unit: 'ms',
    baseline: { name: 'QEMU, by turns', value: median(theirs), unit: 'ms' }, ratio: ratioOf(median(theirs), median(own)),
    more: {
      fastest: least(own), 'fastest, QEMU': least(theirs), 'Node alone': median(runs.map((r) => r.node)), 'times the time of QEMU': ratioOf(median(own), median(theirs)),
      'processor time of the first thread': median(runs.map((r) => r.own.first)), 'processor time of all threads': median(runs.map((r) => r.own.all)),
      'processor time of all threads, QEMU': median(runs.map((r) => r.theirs.all)),
    },
  }
}

/** Writes to each page of so many MiB of RAM (a power of 2), and to the serial port when all are written. */
const touching = (mebibytes: number): Uint8Array => new Uint8Array(Uint32Array.of(
  0x0000_0297, 0x0010_0313, 0x0003_1313 | 20 + Math.log2(mebibytes) << 20, 0x0053_0333, 0x0000_13b7,
  0x0072_82b3, 0x0052_b023, 0x0072_82b3, 0xfe62_ece3, 0x1000_0e37, 0x0210_0e93, 0x01de_0023, 0x0000_006f,
).buffer)

/** The most memory that a process ever had, in MiB. */
const mostResident = (child: ChildProcess): number => {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 102.4) / 10
}

/** Resident memory of a process whose guest writes to all of its memory, less that memory. */
export const memory = async (): Promise<Measure> => {
  if (process.platform !== 'linux') throw new MissingTool("a process's memory is read from /proc, which this system does not have")
  const folder = mkdtempSync(join(tmpdir(), 'popek-memory-')), more: Record<string, number> = {}
  const beside = async (make: typeof popek, mebibytes: number): Promise<number> => {
    const image = join(folder, `${mebibytes}`)
    writeFileSync(image, touching(mebibytes))
    return Math.round(10 * (await until(make(image, mebibytes), '', '!', mostResident) - mebibytes)) / 10
  }
  try {
    const value = await beside(popek, 1024), baseline = await beside(qemu, 1024)
    more['with 128 mebibytes'] = await beside(popek, 128)
    more['with 128 mebibytes, QEMU'] = await beside(qemu, 128)
    more['Node alone'] = await until({ program: process.execPath, args: ['-e', 'console.log("started"); setInterval(() => {}, 1000)'] }, '', 'started', mostResident)
    return {
      name: 'memory', title: "resident memory beside the guest's own, 1024 MiB all written to", value, unit: 'MiB',
      baseline: { name: 'QEMU with the same image', value: baseline, unit: 'MiB' }, ratio: ratioOf(baseline, value), more,
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
