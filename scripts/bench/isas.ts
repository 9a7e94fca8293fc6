// How long each ISA takes to decide, on one thread and with a solver of its own; and how many trials a second an emulator takes.
import { findIsa, isaNames } from '../../model/isa/index.ts'
import { outcomeOf } from '../../model/claims/run.ts'
import { classify } from '../../properties/classify.ts'
import { Solver } from '../../properties/decide/solve.ts'
import { checkEmulator } from '../../properties/emulators/check.ts'
import type { Trial } from '../../traces/emulators/bench.ts'
import { benchesOf, type EmulatorName } from '../../traces/emulators/index.ts'
import { EmulatorMissing } from '../../traces/emulators/qemu.ts'
import type { Measure } from './measures.ts'

const rounded = (n: number): number => Math.round(n * 100) / 100

/** Seconds for each ISA; Z3 alone is what no change of popek's own code could save. */
export const decidingIsas = async (): Promise<Measure> => {
  const more: Record<string, number> = {}
  let all = 0, solving = 0
  for (const name of isaNames) {
    const isa = (await findIsa(name))!, solver = await Solver.start()
    const began = performance.now()
    await classify(isa, { solve: solver })
    const seconds = (performance.now() - began) / 1000
    solver.close()
    all += seconds
    solving += solver.milliseconds / 1000
    more[`${name}, s`] = rounded(seconds)
    more[`${name}, solver, s`] = rounded(solver.milliseconds / 1000)
  }
  return {
    name: 'isas', title: 'every ISA decided, on one thread', value: rounded(all), unit: 's',
    baseline: { name: 'asking and checking the solver, of that', value: rounded(solving), unit: 's' }, ratio: rounded(solving / all), more,
  }
}

const systems: readonly (readonly [isa: string, emulator: EmulatorName])[] = [
  ['armv7', 'qemu'], ['aarch64', 'qemu'], ['x86-64', 'qemu'], ['riscv64', 'qemu'], ['z', 'qemu'], ['alpha', 'qemu'], ['pdp11', 'simh'], ['s370', 'hercules'], ['mips/r3000', 'gxemul'],
]

/** Generated trials a second on emulators that are installed, beside what the emulator does when the trials are given. */
export const emulatorTrials = async (): Promise<Measure> => {
  const more: Record<string, number> = {}
  let trials = 0, whole = 0, inEmulator = 0
  for (const [name, emulator] of systems) {
    const isa = (await findIsa(name))!, entry = benchesOf(name).find((b) => b.emulator === emulator)
    if (!entry) continue
    try {
      const bench = await (await entry.load())(isa, (i) => outcomeOf(isa, i))
      const batches: (readonly Trial[])[] = []
      const noted = { ...bench, run: (trials: readonly Trial[]) => {
        batches.push(trials)
        return bench.run(trials)
      } }
      let result, spent
      try {
        await checkEmulator(isa, bench, { seed: 1, trials: 5120 })
        result = await checkEmulator(isa, noted, { seed: 2, trials: 10_240 })
        const began = performance.now()
        for (const trials of batches) await bench.run(trials)
        spent = (performance.now() - began) / 1000
      } finally {
        bench.end()
      }
      more[`${name}/${emulator} a second`] = Math.round(result.trials / result.seconds)
      more[`${name}/${emulator}, the emulator alone, a second`] = Math.round(result.trials / spent)
      trials += result.trials
      whole += result.seconds
      inEmulator += spent
    } catch (error) {
      if (!(error instanceof EmulatorMissing)) throw error
    }
  }
  const [own, alone] = [whole === 0 ? 0 : Math.round(trials / whole), inEmulator === 0 ? 0 : Math.round(trials / inEmulator)]
  return {
    name: 'emulators', title: 'generated trials on the emulators that are installed', value: own, unit: 'a second',
    baseline: { name: 'the same trials, only the emulator', value: alone, unit: 'a second' }, ratio: alone === 0 ? 0 : rounded(own / alone), more,
  }
}
