// Behaviour sensitive: some pair that differs only in mode, mapping or control state, neither trapping nor changing
// resources, ends differently. One claim per thing that differs, and the paper's joint form (W13).
import { all, and, any, ne, not, variable, type Bool } from '../ir/term.ts'
import type { Bank } from '../ir/state.ts'
import type { Instruction } from '../ir/instruction.ts'
import type { Deprivileging, Isa } from '../machine/isa.ts'
import type { Claim, Reading } from './claim.ts'
import { assumed } from './privileged.ts'
import { cellAfter, holdIn, noTraps, registerAfter, resourcesKept, runFrom, seenAfter, type Run } from './run.ts'
import { twins, type ModeName } from './twins.ts'

/** Two runs differ after the instruction in the counter, a general component, or a cell that both see at one address. */
const differ = (isa: Isa, runs: readonly [Run, Run]): Bool => {
  const [a, b] = runs
  return any(isa.components.map((c) => {
    if (c.kind === 'register') return c.role === 'general' || c.role === 'counter' ? ne(registerAfter(a, c), registerAfter(b, c)) : any([])
    if (c.role !== 'general' && c.role !== 'storage') return any([])
    // Contents that nobody writes are equal before and after, by the way the pair is built.
    if (!runs.some((r) => r.outcome.banks.has(c.name))) return any([])
    return c.role === 'storage' ? differInWindow(isa, runs) : differAt(c, runs)
  }))
}

const differAt = (bank: Bank, [a, b]: readonly [Run, Run]): Bool => {
  const index = variable(`a register of ${bank.name}`, bank.addressWidth)
  return ne(cellAfter(a, bank, index), cellAfter(b, bank, index))
}

const differInWindow = (isa: Isa, [a, b]: readonly [Run, Run]): Bool => {
  const address = variable('an address', isa.relocation.addressWidth)
  const place = isa.relocation.develop(address, 'read')
  const seen = and(not(a.at(place.fault)), not(b.at(place.fault)))
  return and(seen, ne(seenAfter(isa, a, address), seenAfter(isa, b, address)))
}

const pairClaim = (
  isa: Isa, d: Deprivileging, instruction: Instruction, reading: Reading, property: string, runs: [Run, Run], inUser: readonly Run[], also: Bool = all([]),
): Claim => ({
  property, isa, instruction, runs, quantifier: 'some',
  premise: all([
    assumed(isa, { ...d, invariant: [] }, runs), ...inUser.map((r) => holdIn(r, d.invariant)), also,
    noTraps(runs), ...runs.map((r) => resourcesKept(isa, r, reading.processorIsResource)),
  ]),
  conclusion: differ(isa, runs),
})

export const modeSensitive = (isa: Isa, d: Deprivileging, instruction: Instruction, reading: Reading): Claim => {
  const runs = pairIn(isa, d, instruction, ['supervisor', 'user'], { mapping: false, control: false })
  // W20: where the mode selects the mapping, the pair has the same mapping in force.
  const same = d.sameMapping ? runs[1].at(d.sameMapping.holds) : all([])
  return pairClaim(isa, d, instruction, reading, 'modeSensitive', runs, runs, same)
}

const pairIn = (isa: Isa, d: Deprivileging, instruction: Instruction, modes: readonly [ModeName, ModeName], differ: { mapping: boolean; control: boolean }): [Run, Run] =>
  twins(isa, d, modes, differ).map((s) => runFrom(isa, instruction, s)) as [Run, Run]

export const locationSensitive = (isa: Isa, d: Deprivileging, instruction: Instruction, mode: ModeName, reading: Reading): Claim => {
  const runs = pairIn(isa, d, instruction, [mode, mode], { mapping: true, control: false })
  return pairClaim(isa, d, instruction, reading, `locationSensitive in ${mode} mode`, runs, mode === 'user' ? runs : [])
}

export const controlStateSensitive = (isa: Isa, d: Deprivileging, instruction: Instruction, mode: ModeName, reading: Reading): Claim => {
  const runs = pairIn(isa, d, instruction, [mode, mode], { mapping: false, control: true })
  return pairClaim(isa, d, instruction, reading, `controlStateSensitive in ${mode} mode`, runs, mode === 'user' ? runs : [])
}

/** The paper's single definition: modes, mapping and control state may all differ at once. */
export const behaviourSensitiveJointly = (isa: Isa, d: Deprivileging, instruction: Instruction, modes: readonly [ModeName, ModeName], reading: Reading): Claim => {
  const runs = pairIn(isa, d, instruction, modes, { mapping: true, control: true })
  const inUser = runs.filter((_, i) => modes[i] === 'user')
  return pairClaim(isa, d, instruction, reading, `behaviourSensitive from ${modes.join(' and ')} mode`, runs, inUser)
}
