// Byte manipulation: a pointer says how many bits to the right of a byte (P), how many in it (S), and where its word is.
import { set, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import {
  add, and, concat, constant, extract, False, ite, lshr, not, or, shl, sub, ult, zeroExtend, type Bool, type Term,
} from '../../ir/term.ts'
import { addressing, chapter, type Operands } from './address.ts'
import type { State } from './state.ts'

/** Only of a machine whose words have room for P and S. */
export const bytes = (s: State): Instruction[] => {
  if (!s.sizes.bytes) return []
  const define = chapter(s, 'Byte Manipulation')
  const { read, write, effective } = addressing(s)
  return [
    define(0o133, 'IBP', (o) => {
      const e = effective(o)
      return [...e.bounded, ...write(e.address, incremented(read(e.address)))]
    }),
    define(0o134, 'ILDB', (o) => byte(s, o, { increments: true, deposits: false })),
    define(0o135, 'LDB', (o) => byte(s, o, { increments: false, deposits: false })),
    define(0o136, 'IDPB', (o) => byte(s, o, { increments: true, deposits: true })),
    define(0o137, 'DPB', (o) => byte(s, o, { increments: false, deposits: true })),
  ]
}

const field = 6
const position = (pointer: Term): Term => extract(pointer, pointer.width - 1, pointer.width - field)
const size = (pointer: Term): Term => extract(pointer, pointer.width - field - 1, pointer.width - 2 * field)

/** The next byte to the right, or the first one of the next word; a carry out of Y goes into X, as on the KA10. */
const incremented = (pointer: Term): Term => {
  const rest = pointer.width - field
  const nextWord = ult(position(pointer), size(pointer))
  const p = sub(ite<number>(nextWord, constant(field, pointer.width), position(pointer)), size(pointer))
  const low = extract(pointer, rest - 1, 0)
  return concat(p, ite<number>(nextWord, add(low, constant(rest, 1)), low))
}

interface ByteKind {
  readonly increments: boolean
  readonly deposits: boolean
}

/** Loads or deposits; where BIS says that an interrupted instruction is resumed, the pointer has been incremented already. */
const byte = (s: State, o: Operands, { increments, deposits }: ByteKind): Statement[] => {
  const before = addressing(s), e = before.effective(o), given = before.read(e.address)
  const first: Bool = increments ? not(get(s.flags.BIS)) : False
  const pointer = ite<number>(first, incremented(given), given)
  const afterwards = increments ? addressing(s, { address: e.address, value: pointer, when: first }) : before
  const { ac, accumulator, read, write, effectiveOf } = afterwards
  const at = effectiveOf(pointer), word = read(at.address)
  const shift = zeroExtend(position(pointer), s.word), one = constant<number>(s.word, 1)
  const ones = sub(shl(one, zeroExtend(size(pointer), s.word)), one)
  const inPlace = shl(ones, shift)
  return [
    ...e.bounded, ...at.bounded,
    ...(increments ? before.write(e.address, pointer, first) : []),
    ...(deposits
      ? write(at.address, or(and(word, not(inPlace)), and(shl(ac(o.ac), shift), inPlace)))
      : [set(accumulator(o.ac), and(lshr(word, shift), ones))]),
    set(s.flags.BIS, 0),
  ]
}
