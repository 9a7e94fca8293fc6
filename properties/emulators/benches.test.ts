// Every bench: generated states agree with its emulator, a specification with a planted fault does not, and witnesses are confirmed.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { findIsa } from '../../model/isa/index.ts'
import { outcomeOf } from '../../model/claims/run.ts'
import { constant, xor } from '../../model/ir/term.ts'
import type { Instruction } from '../../model/ir/instruction.ts'
import type { Isa } from '../../model/machine/isa.ts'
import type { Bench } from '../../traces/emulators/bench.ts'
import { benchesOf, emulatedSystems, type EmulatorName } from '../../traces/emulators/index.ts'
import { EmulatorMissing } from '../../traces/emulators/qemu.ts'
import { Solver } from '../decide/solve.ts'
import { checkEmulator } from './check.ts'
import { confirm } from './confirm.ts'

let solver: Solver
beforeAll(async () => { solver = await Solver.start() })
afterAll(() => solver.close())

/** The bench; undefined on a user's machine that lacks the emulator, which a line on the terminal says. In CI that is a failure. */
const open = async (system: string): Promise<{ isa: Isa; bench: Bench } | undefined> => {
  const cut = system.lastIndexOf('/'), name = system.slice(0, cut), emulator = system.slice(cut + 1) as EmulatorName
  const isa = (await findIsa(name))!
  try {
    const bench = await (await benchesOf(name).find((b) => b.emulator === emulator)!.load())(isa, (i) => outcomeOf(isa, i))
    onTestFinished(() => bench.end())
    return { isa, bench }
  } catch (error) {
    if (!(error instanceof EmulatorMissing) || process.env['CI']) throw error
    console.warn(`${system} is not checked: ${error.message}`)
    return undefined
  }
}

/** The instruction with the lowest bit of the first thing that it writes turned over. */
const spoilt = (i: Instruction): Instruction => {
  const at = i.body.findIndex((s) => s.kind !== 'trap')
  return { ...i, body: i.body.map((s, n) => (n === at && s.kind !== 'trap' ? { ...s, value: xor(s.value, constant<number>(s.value.width, 1)) } : s)) }
}

describe.each(emulatedSystems)('%s', (system) => {
  it('agrees with the specification, and not with one that has a planted fault', async ({ skip }) => {
    const opened = await open(system)
    if (!opened) return skip()
    const { isa, bench } = opened
    const result = await checkEmulator(isa, bench, { seed: 1974, trials: 512 })
    expect(result.disagreements.map((d) => `${d.instruction}: ${d.differences.join('; ')}`)).toEqual([])
    expect(result.trials).toBeGreaterThan(0)
    const executed = new Set(result.instructions.filter((i) => i.completed > 0 && i.traps.size === 0).map((i) => i.name))
    const victim = isa.instructions.find((i) => executed.has(i.name) && i.body.some((s) => s.kind === 'set' && s.place.kind === 'cell'))!
    const faulty = { ...isa, instructions: [spoilt(victim)] }
    expect((await checkEmulator(faulty, bench, { seed: 1974, trials: 16 })).disagreements.map((d) => d.instruction)).toEqual([victim.name])
  })

  it('confirms witnesses', async ({ skip }) => {
    const opened = await open(system)
    if (!opened) return skip()
    const { isa, bench } = opened
    solver.forget()
    const tried = isa.instructions.filter((i) => !bench.excluded.has(i.name))
    const few = Array.from({ length: 3 }, (_, n) => tried[Math.floor((n + 0.5) * tried.length / 3)]!.name)
    const found = await confirm(isa, bench, solver, { instructions: few })
    expect(found.filter((c) => c.outcome === 'differs').map((c) => `${c.instruction}, ${c.property}: ${c.why}`)).toEqual([])
  })
})
