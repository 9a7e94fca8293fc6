// The processor that popek runs on as a bench for x86: level 3 under Linux, in the segments that Linux gives a program.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Isa } from '../../../model/machine/isa.ts'
import type { Bench, BenchMaker, Answer, Trial } from '../bench.ts'
import { EmulatorFailure } from '../gdb-stub.ts'
import { EmulatorMissing } from '../qemu.ts'
import { touching } from '../x86/touched.ts'
import { drawing } from './draw.ts'
import { drawing as drawing64 } from './draw-64.ts'
import { limitsOf } from './limits.ts'
import { limitsOf as limitsOf64 } from './limits-64.ts'
import { answerOf, prevented, recordOf, resultSize, type Mode } from './record.ts'
import { source } from './ring3.ts'

const compiler = { program: 'cc', package: 'gcc' }

/** What Linux says of the processor. */
export interface Processor {
  readonly name: string
  /** It is a virtual one. */
  readonly isVirtual: boolean
  /** User-mode instruction prevention is there, and Linux uses it wherever it is. */
  readonly umip: boolean
  /** A program may write the bases of FS and GS: Linux lets it wherever the instructions for that are there. */
  readonly bases: boolean
  /** Far pointers have offsets of 32 bits at most: REX.W does not widen them. */
  readonly shortPointers: boolean
}

export const processor = (cpuinfo = readFileSync('/proc/cpuinfo', 'utf8')): Processor => {
  const field = (name: string): string => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(cpuinfo)?.[1] ?? ''
  const flags = new Set(field('flags').split(' '))
  return { name: field('model name'), isVirtual: flags.has('hypervisor'), umip: flags.has('umip'), bases: flags.has('fsgsbase'), shortPointers: field('vendor_id') !== 'GenuineIntel' }
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

const excludedOf = ({ umip: has, shortPointers }: Processor, isa: Isa): ReadonlyMap<string, string> => {
  const wanted = isa.name.endsWith('/umip')
  return new Map(isa.instructions.flatMap(({ name }): [string, string][] => {
    if (wanted !== has && prevented.test(name)) return [[name, `this processor has ${has ? '' : 'no '}user-mode instruction prevention in use`]]
    if (name.startsWith('SYSE') || name === 'SYSCALL') return [[name, 'it enters Linux, or is undefined in long mode']]
    if (shortPointers && name.includes('m16:64')) return [[name, 'on a processor that is not of Intel REX.W does not widen a far pointer']]
    return name === 'INT 3' ? [[name, 'Linux has a gate for it']] : []
  }))
}

/** A mode of programs: what its states and records are. */
interface ProgramMode {
  readonly record: (processor: Processor) => Mode
  readonly limits: (processor: Processor) => Bench['limits']
  readonly draw: (processor: Processor) => Bench['draw']
}

const ring3 = ({ record, limits, draw }: ProgramMode): BenchMaker => async (isa, outcomeOf): Promise<Bench> => {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new EmulatorFailure('this processor is not asked: that needs Linux on x86-64')
  const known = processor(), { name, isVirtual, umip } = known, mode = record(known), { program, end } = compile()
  const execute = (trials: readonly Trial[]): Answer[] => {
    const { stdout } = spawnSync(program, { input: Buffer.concat(trials.map((t) => recordOf(t, mode))), maxBuffer: 1 << 26, timeout: 30_000, stdio: ['pipe', 'pipe', 'ignore'] })
    const done = Math.floor(stdout.length / resultSize)
    return trials.slice(0, done + 1).map((t, i) => answerOf(i < done ? stdout.subarray(i * resultSize, (i + 1) * resultSize) : undefined, t, umip, mode))
  }
  const touched = touching(outcomeOf)
  return {
    emulator: `this processor (${name}${isVirtual ? ', virtual' : ''}${umip ? ', with UMIP' : ''}), level 3`,
    excluded: excludedOf(known, isa),
    limits: limits(known),
    deviations: [],
    draw: draw(known),
    run: async (trials) => {
      const answers: Answer[] = [], laid = trials.map(touched)
      while (answers.length < laid.length) answers.push(...execute(laid.slice(answers.length, answers.length + 256)))
      return answers
    },
    end,
  }
}

export const host = ring3({ record: () => ({ bits: 32, IP: 'EIP', hasBases: false }), limits: ({ umip }) => limitsOf(umip), draw: ({ umip }) => drawing(umip) })
export const host64 = ring3({ record: ({ bases }) => ({ bits: 64, IP: 'RIP', hasBases: bases }), limits: limitsOf64, draw: drawing64 })
