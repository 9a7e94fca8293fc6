// Unimplemented operations: the codes by which a program calls the executive, and those that nothing is assigned to.
import { instruction, trapIf, type Instruction } from '../../ir/instruction.ts'
import { True } from '../../ir/term.ts'
import { addressing, chapter, encoding, section, type AddressOperand } from './address.ts'
import type { State } from './state.ts'

/** Operation codes that agree in their first bits: name, those bits, how many they are, and the trap. */
const codes: readonly [name: string, bits: number, width: number, cause: 'UUO' | 'unassigned', note: string][] = [
  ['000', 0o000, 9, 'UUO', 'the code 000 is illegal and acts as a monitor call'],
  ['MUUO 040-077', 0b0001, 4, 'UUO', 'a call of the executive'],
  ['unassigned 100-117', 0b00100, 5, 'unassigned', 'traps to 60 and 61'],
  ['unassigned 120-127', 0b001010, 6, 'unassigned', 'traps to 60 and 61'],
  ['unassigned 247', 0o247, 9, 'unassigned', 'traps to 60 and 61'],
]

export const uuos = (s: State): Instruction[] => [...codes.map((code) => trapping(s, ...code)), noOperation(s)]

/** On the KA10 this code, which is MAP on later processors, does nothing. */
const noOperation = (s: State): Instruction =>
  chapter(s, 'Unimplemented Operations')(0o257, 'unassigned 257', (o) => addressing(s).effective(o).bounded, 'does nothing')

const trapping = (s: State, name: string, bits: number, width: number, cause: 'UUO' | 'unassigned', note: string): Instruction =>
  instruction<AddressOperand>({
    name, source: section('Unimplemented Operations', name),
    encoding: encoding(s, { op: width, ...(width < 9 ? { code: 9 - width } : {}), ac: s.sizes.accumulatorNumber }, { op: bits }),
    does: (o) => [...addressing(s).effective(o).bounded, trapIf(True, cause)],
    note,
  })
