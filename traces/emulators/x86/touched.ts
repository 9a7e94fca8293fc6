// The cells of memory that an x86 instruction touches from a state.
import type { Instruction } from '../../../model/ir/instruction.ts'
import { stage, type Staged, type Valuation } from '../../../model/ir/stage.ts'
import type { Outcome } from '../../../model/machine/execute.ts'
import { accesses, type Trial } from '../bench.ts'

/** Memory that instructions touch, by the banks that stand for it. */
const inMemory = ['E', 'DT.base', 'DT.limit', 'DT.rights', 'DT.gate', 'IDT.target', 'IDT.rights', 'TSS.stack', 'TSS.map', 'PORT'] as const

const memory: ReadonlySet<string> = new Set(inMemory)
/** Names the cells that an instruction touches and no others: what the trial does not name is 0, but its page must be there. */
export const touching = (outcomeOf: (i: Instruction) => Outcome): ((trial: Trial) => Trial) => {
  const known = new Map<Instruction, { readonly banks: readonly string[]; readonly indices: Staged }>()
  const touchedBy = (instruction: Instruction) => {
    const before = known.get(instruction)
    if (before) return before
    const touched = inMemory.flatMap((bank) => accesses(outcomeOf(instruction), bank).map(({ index }) => ({ bank, index })))
    const made = { banks: touched.map((t) => t.bank), indices: stage(touched.map((t) => t.index)) }
    known.set(instruction, made)
    return made
  }
  return ({ instruction, word, before }) => {
    let low = BigInt(instruction.encoding.width)
    const operands = new Map(Object.entries(instruction.encoding.format).map(([name, bits]) => {
      low -= BigInt(bits)
      return [`operand ${name}`, BigInt.asUintN(bits, word >> low)]
    }))
    const state: Valuation = { variable: (name) => operands.get(name) ?? before.registers.get(name) ?? 0n, cell: (bank, index) => before.cells.get(bank)?.get(index) ?? 0n }
    const { banks, indices } = touchedBy(instruction)
    const cells = new Map<string, ReadonlyMap<bigint, bigint>>([...before.cells].filter(([bank]) => !memory.has(bank)))
    const touched = new Map<string, Map<bigint, bigint>>()
    indices(state).forEach((index, i) => {
      const bank = banks[i]!, content = touched.get(bank) ?? new Map<bigint, bigint>()
      touched.set(bank, content.set(index, state.cell(bank, index)))
      cells.set(bank, content)
    })
    return { instruction, word, before: { registers: before.registers, cells } }
  }
}
