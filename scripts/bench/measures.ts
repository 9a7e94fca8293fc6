// What `popek bench` measures: each engine beside its baseline, alternately and in one process.
import { availableParallelism } from 'node:os'
import { assemble } from '../../impl/assembler/assemble.ts'
import { load } from '../../impl/assembler/load.ts'
import { loadCpuBoundProgram, runBareLoop } from '../../impl/cpu/third-generation/bare-loop.ts'
import { primes, trapStorm } from '../../impl/kernel/guests.ts'
import { full } from '../../model/isa/third-generation/state.ts'
import { thirdGeneration } from '../../model/isa/third-generation/isa.ts'
import { StagedMachine } from '../../model/machine/stage-machine.ts'
import type { Machine } from '../../model/vocab/index.ts'
import { check } from '../../properties/check/check.ts'
import { classify } from '../../properties/classify.ts'
import { Solver } from '../../properties/decide/solve.ts'
import { Cpu, Monitor, ReferenceMachine } from '../../traces/adapters.ts'
import { decidingIsas, emulatorTrials } from './isas.ts'
import { hart, hartLockStep, interpreter } from './riscv/hart.ts'
import { memory, uboot } from './riscv/processes.ts'

export interface Measure {
  readonly name: string
  readonly title: string
  readonly value: number
  readonly unit: string
  readonly baseline: { readonly name: string; readonly value: number; readonly unit: string }
  /** The value over the baseline's, or for times and memory the other way about: above 1 is better than the baseline. */
  readonly ratio: number
  readonly more: Readonly<Record<string, number>>
}

const seconds = (work: () => void): number => {
  const began = performance.now()
  work()
  return (performance.now() - began) / 1000
}

/** The fastest of some rounds of each, taken by turns after one round that does not count. */
const byTurns = (rounds: number, a: () => void, b: () => void): readonly [number, number] => {
  a()
  b()
  let best: readonly [number, number] = [Infinity, Infinity]
  for (let n = 0; n < rounds; n++) best = [Math.min(best[0], seconds(a)), Math.min(best[1], seconds(b))]
  return best
}

const millions = (steps: number, time: number): number => Math.round(steps / time / 1e4) / 100
const rounded = (n: number): number => Math.round(n * 1000) / 1000
const rate = 'million steps a second'

const processor = (): Measure => {
  const steps = 60_000_000
  const cpu = new Cpu({ size: 3088 })
  loadCpuBoundProgram(cpu)
  const [own, bare] = byTurns(3, () => void cpu.run(steps), () => void runBareLoop(steps))
  return {
    name: 'cpu', title: 'processor, predecoded', value: millions(steps, own), unit: rate,
    baseline: { name: 'bare loop with no machine around it', value: millions(steps, bare), unit: rate }, ratio: rounded(bare / own), more: {},
  }
}

const compiled = (): Measure => {
  const steps = 10_000_000, stagedSteps = 30_000
  const machine = new ReferenceMachine({ size: 3088 })
  loadCpuBoundProgram(machine)
  const staged = new StagedMachine(thirdGeneration('sound', { ...full, storage: 3088 }))
  machine.storage.forEach((word, i) => { staged.state.banks['E']![i] = BigInt(word >>> 0) })
  Object.assign(staged.state.registers, { M: 1n, P: 0n, L: 1n, B: 192n })
  const [own, slow] = byTurns(3, () => void machine.run(steps), () => void staged.run(stagedSteps, false))
  return {
    name: 'compiled', title: 'specification, compiled', value: millions(steps, own), unit: rate,
    baseline: { name: 'specification, staged', value: millions(stagedSteps, slow), unit: rate }, ratio: rounded(steps / own / (stagedSteps / slow)), more: {},
  }
}

/** A guest from its first step to its halt. */
const guest = (source: string, size: number) => {
  const image = assemble(source)
  const toHalt = (machine: Machine): void => {
    load(image, machine)
    if (machine.run(1_000_000_000) !== 'halt') throw new Error('the guest did not halt')
  }
  let last: { readonly machine: Machine; readonly exits: number } | undefined
  return {
    bare: () => toHalt(new Cpu({ size })),
    under: () => {
      const monitor = new Monitor(new Cpu({ size: size + 16 }), { guests: [{ size }] })
      const machine = monitor.machines[0]!
      toHalt(machine)
      last = { machine, exits: machine.accounting.exits.reduce((n, e) => n + e, 0) }
    },
    /** Of the latest run under the monitor. */
    result: () => last!,
  }
}

const underMonitor = (name: string, title: string, source: string, size: number): Measure => {
  const { bare, under, result } = guest(source, size)
  const [own, alone] = byTurns(5, under, bare)
  const { machine, exits } = result()
  return {
    name, title, value: rounded(own * 1000), unit: 'ms',
    baseline: { name: 'the same guest on the bare processor', value: rounded(alone * 1000), unit: 'ms' }, ratio: rounded(alone / own),
    more: { timesTheBareTime: rounded(own / alone), steps: machine.steps, exits, exitsPerThousandSteps: rounded(1000 * exits / machine.steps) },
  }
}

const lockStep = async (): Promise<Measure> => {
  const cores = availableParallelism()
  const run = (workers: number, time: number) => check('third-generation/trap-and-emulate', { seconds: time, seed: 1, workers })
  await run(1, 1)
  const one = await run(1, 2)
  const all = await steadyRate(cores, 8)
  const machine = new Cpu({ size: 3088 })
  loadCpuBoundProgram(machine)
  const steps = 3_000_000
  const single = seconds(() => { for (let n = 0; n < steps; n++) machine.run(1) })
  return {
    name: 'lock-step', title: 'lock-step checking, all properties after each step', value: millions(one.steps, one.seconds), unit: `${rate} on one core`,
    baseline: { name: 'the processor alone, one step at a time', value: millions(steps, single), unit: rate }, ratio: rounded(one.steps / one.seconds / (steps / single)),
    more: { cores, millionStepsASecondOnAllCores: millions(all.steps, all.seconds), programsASecond: Math.round(all.programs / all.seconds) },
  }
}

/** What the workers do once they are warm: from the third second on. */
const steadyRate = async (workers: number, time: number): Promise<{ steps: number; programs: number; seconds: number }> => {
  const warmAfter = 3
  const seen: { readonly at: number; readonly steps: number; readonly programs: number }[] = []
  const began = performance.now()
  await check('third-generation/trap-and-emulate', {
    seconds: time, seed: 1, workers,
    onProgress: ({ steps, programs }) => {
      const at = (performance.now() - began) / 1000
      if (at >= warmAfter) seen.push({ at, steps, programs })
    },
  })
  const [first, last] = [seen[0], seen.at(-1)]
  if (!first || !last || first === last) return { steps: 0, programs: 0, seconds: 1 }
  return { steps: last.steps - first.steps, programs: last.programs - first.programs, seconds: last.at - first.at }
}

const deciding = async (): Promise<Measure> => {
  const isa = thirdGeneration('sound')
  const solver = await Solver.start()
  try {
    await classify(isa, { solve: solver }, { instructions: ['LA'] })
    const [asked, milliseconds] = [solver.asked, solver.milliseconds]
    const began = performance.now()
    const solved = await classify(isa, { solve: solver })
    const own = (performance.now() - began) / 1000
    const beganTiny = performance.now()
    const enumerated = await classify(isa, { enumerate: true })
    const tiny = (performance.now() - beganTiny) / 1000
    const claims = (c: typeof solved): number => c.instructions.reduce((n, v) => n + v.decisions.filter((d) => d.by.length > 0).length, 0)
    const questions = solver.asked - asked
    return {
      name: 'claims', title: 'claims of third-generation decided by the solver, over all states', value: Math.round(claims(solved) / own), unit: 'claims a second',
      baseline: { name: 'the same claims enumerated on the shrunk machine', value: Math.round(claims(enumerated) / tiny), unit: 'claims a second' },
      ratio: rounded((claims(solved) / own) / (claims(enumerated) / tiny)),
      more: { questionsToTheSolver: questions, solverMillisecondsAQuestion: rounded((solver.milliseconds - milliseconds) / Math.max(1, questions)) },
    }
  } finally {
    solver.close()
  }
}

/** The measures, in the order in which they are taken: the lock step first, before V8 has learnt of other machines. */
export const measures: Readonly<Record<string, () => Measure | Promise<Measure>>> = {
  'lock-step': lockStep,
  'cpu': processor,
  'compiled': compiled,
  'vmm-cpu-bound': () => underMonitor('vmm-cpu-bound', 'CPU-bound guest under the monitor', primes(60_000), 256),
  'vmm-trap-heavy': () => underMonitor('vmm-trap-heavy', 'trap-heavy guest under the monitor', trapStorm(20_000), 96),
  'claims': deciding,
  'hart': hart,
  'interpreter': interpreter,
  'hart-lock-step': hartLockStep,
  'uboot': uboot,
  'memory': memory,
  'emulators': emulatorTrials,
  'isas': decidingIsas,
}

/** Take long, or a foreign emulator, so only when they are asked for. */
export const longMeasures: ReadonlySet<string> = new Set(['isas', 'emulators', 'hart', 'interpreter', 'hart-lock-step', 'uboot', 'memory'])
