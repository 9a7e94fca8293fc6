// One word as one line of assembly.

import { byOpcode } from './instructions.ts'

const hex = (number: number, digits: number): string => `0x${number.toString(16).toUpperCase().padStart(digits, '0')}`

/**
 * One word (signed or unsigned 32 bits) as a line that assembles to the same word.
 * A word that the assembler would not make, because its opcode is unknown or bits of unused fields are set,
 * becomes a `.word`, with the instruction, if there is one, as a comment.
 */
export const disassemble = (word: number): string => {
  const bits = word >>> 0
  const instruction = byOpcode.get(bits >>> 24)
  const plain = `.word ${hex(bits, 8)}`
  if (instruction === undefined) return plain
  const { name, opcode, hasRegister, field } = instruction
  const r = (bits >>> 20) & 0xf
  const x = field === 'field' ? 0 : (bits >>> 16) & 0xf
  const a = bits & 0xffff
  const signed = (a << 16) >> 16
  const index = x === 0 ? '' : `(r${x})`
  const absolute = field === 'address' && x === 0
  const operands = [
    ...(hasRegister ? [`r${r}`] : []),
    ...(field === 'field' ? [String(a)] : field === undefined ? [] : absolute ? [hex(a & 0xfff, 3)] : [`${signed}${index}`]),
  ]
  const line = [name, operands.join(', ')].join(' ').trimEnd()
  const shown = field === undefined ? 0 : absolute ? a & 0xfff : a
  const made = opcode * 0x100_0000 + (hasRegister ? r : 0) * 0x10_0000 + (field === undefined ? 0 : x) * 0x1_0000 + shown
  return made === bits ? line : `${plain} ; ${line}`
}
