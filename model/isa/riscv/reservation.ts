// What ends a reservation besides SC, traps and returns. Volume I, Eventual Success of Store-Conditional Instructions.
import { set, type Instruction } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { add, and, constant, eq, False, ite, ne, or, signExtend, True, type Bool } from '../../ir/term.ts'
import { pcOf, word, type State } from './state.ts'
import { ofRV32 } from './widths.ts'

/** Computation of the base ISA, and what it is in 16 bits; branches and jumps end a reservation only where they go backwards. */
const computation = new Set([
  ...['ADD', 'SLT', 'SLTU', 'XOR', 'OR', 'AND', 'SLL', 'SRL', 'SRA'].flatMap((name) => [name, name === 'SLTU' ? 'SLTIU' : `${name}I`]), 'SUB', 'LUI', 'AUIPC',
  ...['ADD', 'SLL', 'SRL', 'SRA'].flatMap((name) => [`${name}W`, `${name}IW`]), 'SUBW',
  ...['ADDI', 'LI', 'LUI', 'SLLI', 'SRLI', 'SRAI', 'ANDI', 'AND', 'OR', 'XOR', 'SUB', 'ADD', 'MV', 'ADDI4SPN', 'ADDI16SP', 'ADDIW', 'ADDW', 'SUBW'].map((name) => `C.${name}`),
])
/** The operand that is the sign of the offset. */
const signs: Readonly<Record<string, string>> = {
  JAL: 'imm[20]', 'C.J': 'imm[11]', 'C.JAL': 'imm[11]', 'C.BEQZ': 'imm[8]', 'C.BNEZ': 'imm[8]',
  ...Object.fromEntries(['BEQ', 'BNE', 'BLT', 'BGE', 'BLTU', 'BGEU'].map((name) => [name, 'imm[12]'])),
}

/** Where the instruction is none that may stand between LR and SC in a constrained loop. */
const unconstrained = (s: State, { name: whole, operands, body }: Instruction): Bool => {
  const name = whole.replace(ofRV32, '')
  if (computation.has(name)) return False
  const sign = signs[name], jump = body.find((b) => b.kind === 'set' && b.place === s.pc)
  if (sign === undefined || jump?.kind !== 'set') return True
  const next = signExtend<number>(add<number>(pcOf(s), word(s, name.startsWith('C.') ? 2 : 4)), s.pc.width)
  return and(operands[sign] as Bool, ne<number>(jump.value, next))
}

/** Where the instruction ends a reservation. */
const ending = (s: State, i: Instruction): Bool => {
  if (s.spuriousFailure === 'where unconstrained') return unconstrained(s, i)
  const stores = i.body.some((b) => b.kind === 'trap' && b.cause === 'store/AMO access fault')
  return s.spuriousFailure === 'after stores' && stores ? True : False
}

/** An instruction of the hart that runs, which also ends a reservation where the hart is such a one, or makes it older; those of LR and SC say themselves what they do to it. */
export const endingReservation = (s: State) => (i: Instruction): Instruction => {
  if (i.body.some((b) => b.kind === 'set' && b.place === s.reserved)) return i
  const ends = ending(s, i), age = s.reservationAge, instructions = typeof s.reservationLife === 'number' ? s.reservationLife : 0
  if (!age) return ends === False ? i : { ...i, body: [...i.body, set(s.reserved, 0, ends)] }
  const next = add<number>(get(age), constant<number>(age.width, 1)), last = eq<number>(next, constant<number>(age.width, instructions))
  return { ...i, body: [...i.body, set(s.reserved, 0, or(ends, last)), set(age, ite<number>(last, get(age), next))] }
}
