// The cells of memory that an x86 instruction touches from a state.
import { fieldsOf, type Instruction } from '../../../model/ir/instruction.ts'
import { stage, type Staged, type Valuation } from '../../../model/ir/stage.ts'
import { True } from '../../../model/ir/term.ts'
import type { Outcome } from '../../../model/machine/execute.ts'
import { accesses, type Trial } from '../bench.ts'

/** Memory that instructions touch, by the banks that stand for it. */
const inMemory = ['E', 'DT.base', 'DT.limit', 'DT.rights', 'DT.gate', 'IDT.target', 'IDT.rights', 'TSS.stack', 'TSS.RSP', 'TSS.map', 'PORT'] as const

const memory: ReadonlySet<string> = new Set(inMemory)
/** Names the cells that an instruction touches and no others: what the trial does not name is 0, but its page must be there. */
export const touching = (outcomeOf: (i: Instruction) => Outcome): ((trial: Trial) => Trial) => {
  const known = new Map<Instruction, { readonly banks: readonly string[]; readonly where: Staged }>()
  const touchedBy = (instruction: Instruction) => {
    const before = known.get(instruction)
    if (before) return before
    const touched = inMemory.flatMap((bank) => accesses(outcomeOf(instruction), bank).map(({ index, when }) => ({ bank, index, when: when ?? True })))
    const made = { banks: touched.map((t) => t.bank), where: stage(touched.flatMap((t) => [t.index, t.when])) }
    known.set(instruction, made)
    return made
  }
  return ({ instruction, word, before }) => {
    const operands = fieldsOf(instruction.encoding, word)
    const state: Valuation = { variable: (name) => operands.get(name) ?? before.registers.get(name) ?? 0n, cell: (bank, index) => before.cells.get(bank)?.get(index) ?? 0n }
    const { banks, where } = touchedBy(instruction)
    const cells = new Map<string, ReadonlyMap<bigint, bigint>>([...before.cells].filter(([bank]) => !memory.has(bank)))
    const touched = new Map<string, Map<bigint, bigint>>(), found = where(state)
    banks.forEach((bank, i) => {
      if (found[2 * i + 1] === 0n) return
      const content = touched.get(bank) ?? new Map<bigint, bigint>(), index = found[2 * i]!
      touched.set(bank, content.set(index, state.cell(bank, index)))
      cells.set(bank, content)
    })
    return { instruction, word, before: { registers: before.registers, cells } }
  }
}
