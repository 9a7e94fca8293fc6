// Rotations, which the base instruction set spells as a shift to each side and their OR, XOR or sum.
import type { OperationName } from './operations.ts'
import type { Instruction } from './region.ts'
import { writes } from './region-flow.ts'

/** The result of an instruction is what the instruction at `first` in its block shifts, as that found it, rotated to the right by so many of 64 bits. */
export interface Rotation {
  readonly first: number
  readonly right: number
}

const joins = new Set<OperationName>(['OR', 'XOR', 'ADD'])

/** Those of a block's body, by the index of the instruction that joins the shifted halves. */
export const rotationsIn = (body: readonly Instruction[]): ReadonlyMap<number, Rotation> => {
  const found = new Map<number, Rotation>()
  /** The index of the instruction that each register was written by, and for shifts that by which their source was. */
  const writer = new Array<number>(32).fill(-1), source = body.map(() => -1)
  for (const [index, at] of body.entries()) {
    const { name, rd, rs1, rs2 } = at
    if (name === 'SLLI' || name === 'SRLI') source[index] = writer[rs1]!
    else if (joins.has(name)) {
      const shifts = [writer[rs1]!, writer[rs2]!] as const, [one, other] = [body[shifts[0]], body[shifts[1]]]
      const sides = one?.name === 'SRLI' && other?.name === 'SLLI' ? [one, other] : one?.name === 'SLLI' && other?.name === 'SRLI' ? [other, one] : undefined
      if (sides && sides[0]!.rs1 === sides[1]!.rs1 && source[shifts[0]] === source[shifts[1]] && sides[0]!.immediate + sides[1]!.immediate === 64) {
        found.set(index, { first: Math.min(...shifts), right: sides[0]!.immediate })
      }
    }
    if (writes(at)) writer[rd] = index
  }
  return found
}
