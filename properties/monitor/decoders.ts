// The processor's decoder against the encodings of the specification, in both directions.
import { thirdGeneration } from '../../model/isa/third-generation/isa.ts'
import type { Instruction } from '../../model/ir/instruction.ts'
import type { System } from '../../traces/adapters.ts'
import { Random } from '../../traces/generate-random.ts'
import type { Failure } from './property.ts'

const opcodeMask = 0xff000000n
const operandBits = 24

/**
 * Compares what both make of words with every opcode byte.
 * The specification's side is exact for all 2^32 words: every encoding's mask is the opcode byte (checked here), so which
 * instruction a word is depends on that byte alone, and r, x and a are the same disjoint 24 bits for all of them.
 * The processor's decoder is not looked into: for each opcode byte, with `random` backgrounds, every value of r and of x and
 * each of the 24 operand bits alone is tried, so a decoder that mixes any one operand bit into another field is found.
 */
export const checkDecoders = (system: System, seed: number): { readonly met: number; readonly failure?: Failure } => {
  const isa = thirdGeneration(system.variant)
  const { decode } = system.parts
  const byOpcode = new Map(isa.instructions.map((instruction) => [Number(instruction.encoding.match >> 24n), instruction]))
  const wrong = isa.instructions.find(({ encoding }) => encoding.mask !== opcodeMask)
  if (wrong) return failed(0, `${wrong.name} is not told by its opcode byte alone`)
  const random = new Random(seed)
  let met = 0
  for (let opcode = 0; opcode < 256; opcode += 1) {
    for (const operands of operandWords(random)) {
      const word = opcode << 24 | operands
      met += 1
      const what = compare(word, byOpcode.get(opcode), decode(word, system.variant))
      if (what !== undefined) return failed(met, what)
    }
  }
  return { met }
}

const failed = (met: number, what: string) => ({ met, failure: { property: 'decoders', step: 1, what } as const })

function* operandWords(random: Random): Generator<number> {
  yield 0
  yield 0xffffff
  for (let background = 0; background < 4; background += 1) {
    const bits = background === 0 ? 0 : random.word() & 0xffffff
    for (let bit = 0; bit < operandBits; bit += 1) yield bits ^ 1 << bit
    for (let r = 0; r < 16; r += 1) yield bits & 0x0fffff | r << 20
    for (let x = 0; x < 16; x += 1) yield bits & 0xf0ffff | x << 16
  }
}

type Decoded = ReturnType<System['parts']['decode']>

const compare = (word: number, expected: Instruction | undefined, found: Decoded): string | undefined => {
  const shown = (word >>> 0).toString(16).toUpperCase().padStart(8, '0')
  if (expected?.name !== found?.operation) return `${shown} is decoded as ${found?.operation ?? 'undefined'}, expected ${expected?.name ?? 'undefined'}`
  if (!expected || !found) return undefined
  let top = 32
  for (const [field, width] of Object.entries(expected.encoding.format)) {
    top -= width
    if (field === 'op') continue
    const value = word >>> top & (2 ** width - 1)
    if (found[field as 'r' | 'x' | 'a'] !== value) return `${field} of ${shown} is decoded as ${found[field as 'r' | 'x' | 'a']}, expected ${value}`
  }
  return undefined
}
