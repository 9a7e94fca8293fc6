// Encodings of 16 and of 32 bits that no instruction has, on harts where they are without effect. Volume I, Expanded Instruction-Length Encoding.
import type { Instruction } from '../../ir/instruction.ts'
import { constant, eq, not } from '../../ir/term.ts'
import { isOn } from './misa.ts'
import { define, illegal } from './notation.ts'
import { following } from './rv-c.ts'
import type { State } from './state.ts'

/** Those of more than 32 bits are longer than any instruction of the hart, and illegal; without C so are those of 16. */
export const reservedEncodings = (s: State): Instruction[] => {
  if (s.reservedEncodings === 'illegal instruction') return []
  const chapter = 'Expanded Instruction-Length Encoding', instruction = define(s, 'unprivileged', chapter), short = define(s, 'unprivileged', chapter, 2)
  return [
    instruction('reserved encoding of 32 bits', { bits: 27, length: 3, op: 2 }, { op: 3 }, (o) => [illegal(eq<number>(o['length']!, constant<number>(3, 7)))]),
    ...[0, 1, 2].map((op) => short(`reserved encoding of 16 bits, quadrant ${op}`, { ...following, bits: 14, op: 2 }, { op }, () => [illegal(not(isOn(s, 'C')))])),
  ]
}
