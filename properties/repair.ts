// The repair of an ISA: the least set of instructions that must be made privileged for a theorem to apply, and the proof that it suffices.
import { all, constant, eq } from '../model/ir/term.ts'
import { get } from '../model/ir/state.ts'
import { trapIf, type Instruction } from '../model/ir/instruction.ts'
import { defineIsa, type Deprivileging, type Isa } from '../model/machine/isa.ts'
import { classify, type Classification, type ClassifyOptions } from './classify.ts'
import type { Deciders } from './decide/decide.ts'
import type { Verdict } from './verdict.ts'

export interface Repair {
  readonly theorem: 'vmm' | 'hybrid'
  /** Each is critical by itself, so no smaller set does. */
  readonly instructions: readonly string[]
  /** Whether the theorem applies to the ISA with these made privileged. */
  readonly applies: Verdict
}

/** The same instruction, trapping first wherever the guest really runs. */
const madePrivileged = (isa: Isa, d: Deprivileging, i: Instruction): Instruction => {
  const cause = Object.keys(isa.causes).find((c) => !isa.memoryCauses.includes(c) && !isa.unmodelledCauses?.includes(c))
  if (cause === undefined) throw new RangeError(`${isa.name} has no cause by which a privileged instruction could trap`)
  const really = all(d.real.map(([r, value]) => eq<number>(get(r), constant<number>(r.width, value))))
  return { ...i, body: [trapIf(really, cause), ...i.body] }
}

/** What must be made privileged for Theorem 1 and for Theorem 3; nothing where the theorem applies already. */
export const repairs = async (c: Classification, deciders: Deciders, options: ClassifyOptions = {}): Promise<Repair[]> => {
  const repair = async (theorem: Repair['theorem']): Promise<Repair> => {
    const instructions = c.instructions.filter((v) => v[theorem === 'vmm' ? 'critical' : 'userCritical'] === 'yes').map((v) => v.name)
    if (instructions.length === 0) return { theorem, instructions, applies: c.theorems[theorem] }
    const isa = defineIsa({
      ...c.isa, instructions: c.isa.instructions.map((i) => (instructions.includes(i.name) ? madePrivileged(c.isa, c.deprivileging, i) : i)),
    })
    const again = await classify(isa, deciders, { ...options, instructions })
    const others = c.instructions.some((v) => !instructions.includes(v.name) && v[theorem === 'vmm' ? 'critical' : 'userCritical'] === 'undecided')
    return { theorem, instructions, applies: others ? 'undecided' : again.theorems[theorem] }
  }
  return [await repair('vmm'), await repair('hybrid')]
}
