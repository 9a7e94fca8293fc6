// The processor that popek runs on as a bench for 32-bit x86: level 3 under Linux, in the segments that Linux gives a program.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, BenchMaker, Answer, Trial } from '../bench.ts'
import { EmulatorFailure } from '../gdb-stub.ts'
import { EmulatorMissing } from '../qemu.ts'
import { touching } from '../x86/touched.ts'
import { drawing } from './draw.ts'
import { limitsOf } from './limits.ts'
import { answerOf, prevented, recordOf, resultSize } from './record.ts'
import { source } from './ring3.ts'

const compiler = { program: 'cc', package: 'gcc' }

/** What Linux says of the processor. */
export interface Processor {
  readonly name: string
  /** It is a virtual one. */
  readonly isVirtual: boolean
  /** User-mode instruction prevention is there, and Linux uses it wherever it is. */
  readonly umip: boolean
}

export const processor = (cpuinfo = readFileSync('/proc/cpuinfo', 'utf8')): Processor => {
  const field = (name: string): string => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(cpuinfo)?.[1] ?? ''
  const flags = new Set(field('flags').split(' '))
  return { name: field('model name'), isVirtual: flags.has('hypervisor'), umip: flags.has('umip') }
}

/** Compiles ring3.c into a folder of its own. */
const compile = (): { readonly program: string; readonly end: () => void } => {
  const folder = mkdtempSync(join(tmpdir(), 'popek-ring3-')), program = join(folder, 'ring3')
  const end = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', end)
  writeFileSync(`${program}.c`, source)
  const done = spawnSync(compiler.program, ['-O1', '-o', program, `${program}.c`], { encoding: 'utf8', timeout: 60_000 })
  if (done.status === 0) return { program, end }
  end()
  if (done.error && 'code' in done.error && done.error.code === 'ENOENT') throw new EmulatorMissing(compiler)
  throw new EmulatorFailure(`${compiler.program} does not compile ring3.c: ${(done.stderr ?? '').trim().slice(0, 300)}`)
}

const excludedOf = (umip: boolean, has: boolean, instructions: readonly string[]): ReadonlyMap<string, string> => new Map(instructions.flatMap((name): [string, string][] => {
  if (umip !== has && prevented.test(name)) return [[name, `this processor has ${has ? '' : 'no '}user-mode instruction prevention in use`]]
  if (name.startsWith('SYSE')) return [[name, 'it enters Linux, or is undefined in long mode']]
  return name === 'INT 3' ? [[name, 'Linux has a gate for it']] : []
}))

export const host: BenchMaker = async (isa, outcomeOf): Promise<Bench> => {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new EmulatorFailure('this processor is not asked: that needs Linux on x86-64')
  const { name, isVirtual, umip } = processor(), { program, end } = compile()
  const execute = (trials: readonly Trial[]): Answer[] => {
    const { stdout } = spawnSync(program, { input: Buffer.concat(trials.map(recordOf)), maxBuffer: 1 << 26, timeout: 30_000, stdio: ['pipe', 'pipe', 'ignore'] })
    const done = Math.floor(stdout.length / resultSize)
    return trials.slice(0, done + 1).map((t, i) => answerOf(i < done ? stdout.subarray(i * resultSize, (i + 1) * resultSize) : undefined, t, umip))
  }
  const touched = touching(outcomeOf)
  return {
    emulator: `this processor (${name}${isVirtual ? ', virtual' : ''}${umip ? ', with UMIP' : ''}), level 3`,
    excluded: excludedOf(isa.name.endsWith('/umip'), umip, isa.instructions.map((i) => i.name)),
    limits: limitsOf(umip),
    deviations: [],
    draw: drawing(umip),
    run: async (trials) => {
      const answers: Answer[] = [], laid = trials.map(touched)
      while (answers.length < laid.length) answers.push(...execute(laid.slice(answers.length, answers.length + 256)))
      return answers
    },
    end,
  }
}
