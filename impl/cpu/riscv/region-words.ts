// Which results within a block need no sign extension, because only their low halves are used until the register is written again. Sets of registers are bits, by number.
import { logicalNames, wordNames } from './emit.ts'
import { loadNames, type OperationName } from './operations.ts'
import type { Block, Instruction } from './region.ts'
import { computing, sourcesOf, writes } from './region-flow.ts'

const loads = new Set<OperationName>(loadNames)
const onWords = new Set<OperationName>([...wordNames, 'DIVW', 'DIVUW', 'REMW', 'REMUW'])
const logical = new Set<OperationName>(logicalNames)
/** Beside those on words, what has a word as its result, whatever its operands are. */
const toWord = new Set<OperationName>([...onWords, 'LUI', 'SLT', 'SLTU', 'SLTI', 'SLTIU', 'LB', 'LH', 'LW', 'LBU', 'LHU'])
const loosable = new Set<OperationName>(wordNames)
const every = -1

const copies = ({ name, rs1, immediate }: Instruction): boolean => name === 'ADDI' && immediate === 0 || name === 'ADD' && rs1 === 0
/** Of words it makes a word, of their low halves its low half. */
const passes = (at: Instruction): boolean => logical.has(at.name) || copies(at)
const masks = ({ name, immediate }: Instruction): boolean => name === 'ANDI' && immediate >= 0

/** The registers that are words, sign-extended, after an instruction, as far as the block tells. */
const wordsAfter = (at: Instruction, before: number): number => {
  if (!writes(at)) return before
  const isWord = toWord.has(at.name) || masks(at) || at.name === 'ADDI' && at.rs1 === 0 || passes(at) && (sourcesOf(at) & ~before) === 0
  return isWord ? before | 1 << at.rd : before & ~(1 << at.rd)
}

/** The registers of which an instruction uses the high halves. */
const highsUsed = (at: Instruction): number => {
  const { name, rs1, rs2 } = at
  if (onWords.has(name) || masks(at)) return 0
  if (computing.has(name)) return sourcesOf(at)
  if (loads.has(name) || name === 'SB' || name === 'SH' || name === 'SW') return 1 << rs1
  return name === 'SD' ? 1 << rs1 | 1 << rs2 : every
}

/** For each instruction of a block's body, whether its result may be left loose: a word whose high half is to be made by sign extension where the region is left before the register is written again. */
export const looseResults = ({ body }: Block): readonly boolean[] => {
  let words = 1
  const passesWord = body.map((at) => {
    const known = passes(at) && (sourcesOf(at) & ~words) === 0
    words = wordsAfter(at, words)
    return known
  })
  const loose = body.map(() => false)
  let needed = every
  for (const [index, at] of [...body.entries()].reverse()) {
    const written = writes(at) ? 1 << at.rd : 0
    loose[index] = written !== 0 && (needed & written) === 0 && (loosable.has(at.name) || passesWord[index]!)
    needed = needed & ~written | (loose[index] ? 0 : highsUsed(at))
  }
  return loose
}
