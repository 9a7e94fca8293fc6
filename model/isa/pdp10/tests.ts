// Logical testing and modification: 64 instructions that test the masked bits of an accumulator, change them, and may skip.
import { set, type Instruction } from '../../ir/instruction.ts'
import { and, concat, constant, False, not, or, True, xor, type Bool, type Term } from '../../ir/term.ts'
import { addressing, chapter, isZero, skip, swapped, word } from './address.ts'
import type { State } from './state.ts'

/** What is done to the masked bits: 20 codes apart. */
const modifications: readonly [letter: string, changed: (a: Term, mask: Term) => Term][] = [
  ['N', (a) => a],
  ['Z', (a, mask) => and(a, not(mask))],
  ['C', (a, mask) => xor(a, mask)],
  ['O', (a, mask) => or(a, mask)],
]

/** When the next instruction is skipped: 2 codes apart. */
const skips: readonly [suffix: string, when: (allZero: Bool) => Bool][] = [
  ['', () => False],
  ['E', (allZero) => allZero],
  ['A', () => True],
  ['N', (allZero) => not(allZero)],
]

export const tests = (s: State): Instruction[] => {
  const define = chapter(s, 'Logical Testing and Modification')
  const { accumulator, ac, read, refer, effective } = addressing(s)
  /** Right half of the mask immediate, left half immediate, direct and swapped. */
  const masks: readonly [letter: string, offset: number, mask: (e: Term) => Term][] = [
    ['R', 0, (e) => word(s, e)],
    ['L', 1, (e) => concat(e, constant(s.sizes.half, 0))],
    ['D', 0o10, (e) => read(e)],
    ['S', 0o11, (e) => swapped(read(e))],
  ]
  return modifications.flatMap(([letter, changed], m) => masks.flatMap(([source, offset, mask]) => skips.map(([suffix, when], k) =>
    define(0o600 + 0o20 * m + offset + 2 * k, `T${source}${letter}${suffix}`, (o) => {
      const e = effective(o), bits = mask(e.address), a = ac(o.ac)
      return [
        ...e.bounded,
        // TDN and TSN are no-operations that refer to storage.
        ...(source === 'D' || source === 'S' ? [refer(e.address)] : []),
        ...(letter === 'N' ? [] : [set(accumulator(o.ac), changed(a, bits))]),
        skip(s, when(isZero(and(a, bits)))),
      ]
    }))))
}
