// Flags that no comparison of an x86 instruction counts.
import type { Instruction } from '../../../model/ir/instruction.ts'

/** Flags that the manual leaves undefined after an instruction, and the model gives a value; counts of shifts are masked by `counts`. */
export const undefinedFlags = ({ name }: Instruction, word: bigint, counts = 0x1fn): readonly string[] => {
  const [mnemonic] = name.split(' ')
  switch (mnemonic) {
    case 'AND': case 'OR': case 'XOR': return ['AF']
    case 'SHL': case 'SHR': return (word & counts) === 1n ? ['AF'] : ['AF', 'OF']
    case 'IMUL': return ['SF', 'ZF', 'AF', 'PF']
    case 'DIV': return ['CF', 'OF', 'SF', 'ZF', 'AF', 'PF']
    default: return []
  }
}
