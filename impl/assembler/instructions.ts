// The instructions' names, opcodes and operand forms, from the tables of docs/third-generation.md, sections 6 and 8.

/**
 * What an instruction's `a` field stands for: a value that is sign-extended, an address of 12 bits,
 * or the bare unsigned field.
 */
export type FieldUse = 'value' | 'address' | 'field'

export interface Instruction {
  readonly name: string
  readonly opcode: number
  readonly hasRegister: boolean
  /** Absent when the instruction has no `a` field. */
  readonly field?: FieldUse
}

const table: readonly (readonly [opcode: number, name: string, operands: string, field?: FieldUse])[] = [
  [0x10, 'LA', 'r, a(x)', 'value'],
  [0x11, 'L', 'r, a(x)', 'address'],
  [0x12, 'ST', 'r, a(x)', 'address'],
  [0x20, 'ADD', 'r, a(x)', 'value'],
  [0x21, 'SUB', 'r, a(x)', 'value'],
  [0x22, 'MUL', 'r, a(x)', 'value'],
  [0x23, 'DIV', 'r, a(x)', 'value'],
  [0x24, 'REM', 'r, a(x)', 'value'],
  [0x25, 'AND', 'r, a(x)', 'value'],
  [0x26, 'OR', 'r, a(x)', 'value'],
  [0x27, 'XOR', 'r, a(x)', 'value'],
  [0x28, 'SHL', 'r, a(x)', 'value'],
  [0x29, 'SHR', 'r, a(x)', 'value'],
  [0x2a, 'SLT', 'r, a(x)', 'value'],
  [0x2b, 'SLTU', 'r, a(x)', 'value'],
  [0x30, 'JMP', 'a(x)', 'address'],
  [0x31, 'JAL', 'r, a(x)', 'address'],
  [0x32, 'BZ', 'r, a(x)', 'address'],
  [0x33, 'BNZ', 'r, a(x)', 'address'],
  [0x34, 'BN', 'r, a(x)', 'address'],
  [0x40, 'SVC', 'a', 'field'],
  [0x80, 'LPSW', 'a(x)', 'address'],
  [0x81, 'LRB', 'r'],
  [0x82, 'SRB', 'r'],
  [0x83, 'STIM', 'r'],
  [0x84, 'RTIM', 'r'],
  [0x85, 'IN', 'r, a', 'field'],
  [0x86, 'OUT', 'r, a', 'field'],
  [0x87, 'HALT', ''],
  // Each of these is an instruction of one flawed variant only; on the other machines its word is undefined.
  [0x90, 'JUM', 'a(x)', 'address'],
  [0x91, 'RMOD', 'r'],
  [0x92, 'LRA', 'r, a(x)', 'address'],
  [0x93, 'POPT', 'r'],
  [0x94, 'SRBS', 'r'],
  [0x95, 'SHB', 'r'],
]

/** Every instruction of the sound machine and of its flawed variants. */
export const instructions: readonly Instruction[] = table.map(([opcode, name, operands, field]) => ({
  name,
  opcode,
  hasRegister: operands.startsWith('r'),
  ...(field === undefined ? {} : { field }),
}))

export const byName: ReadonlyMap<string, Instruction> = new Map(instructions.map((one) => [one.name, one]))
export const byOpcode: ReadonlyMap<number, Instruction> = new Map(instructions.map((one) => [one.opcode, one]))
