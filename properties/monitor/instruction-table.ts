// What the specification's records say of every opcode: which instructions there are, and which trap in user mode.
import { thirdGeneration } from '../../model/isa/third-generation/isa.ts'
import type { Variant } from '../../model/vocab/index.ts'

/** Whether an instruction takes the privileged trap in user mode. */
export const NEVER = 0
export const ALWAYS = 1
/** As the state says: SHB. */
export const SOMETIMES = 2

export interface InstructionTable {
  /** By opcode; undefined where no instruction has it. */
  readonly names: readonly (string | undefined)[]
  /** By opcode. */
  readonly trapsInUser: Uint8Array
  /** Opcodes of instructions that can complete: all but SVC. */
  readonly completes: readonly boolean[]
}

const tables = new Map<Variant, InstructionTable>()

export const instructionTable = (variant: Variant): InstructionTable => {
  const known = tables.get(variant)
  if (known) return known
  const names: (string | undefined)[] = Array.from({ length: 256 })
  const completes: boolean[] = Array.from({ length: 256 }, () => false)
  const trapsInUser = new Uint8Array(256)
  for (const { name, encoding, body } of thirdGeneration(variant).instructions) {
    const opcode = Number(encoding.match >> 24n)
    names[opcode] = name
    completes[opcode] = !body.some((s) => s.kind === 'trap' && s.when.kind === 'const')
    const guard = body.find((s) => s.kind === 'trap' && s.cause === 'privileged')
    if (guard) trapsInUser[opcode] = guard.when.kind === 'var' ? ALWAYS : SOMETIMES
  }
  const table = { names, trapsInUser, completes }
  tables.set(variant, table)
  return table
}
