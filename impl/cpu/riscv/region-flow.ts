// What is known of registers along the ways through a region. Sets of registers are bits, by number.
import { aluNames, atomicNames, loadNames, storeNames, type OperationName } from './operations.ts'
import type { Block, Instruction } from './region.ts'
import { predecessors, type Shape } from './shape.ts'

const loads = new Set<OperationName>(loadNames)
const stores = new Set<OperationName>(storeNames)
export const computing = new Set<OperationName>(aluNames)
const atomics = new Set<OperationName>(atomicNames)
/** Of the floating-point operations, those that have an integer result. */
const toInteger = /^F(EQ|LT|LE|CVT\.[WL]|MV\.X)\./
/** Of the operations with a result, those whose second operand is an immediate, and those without a register operand. */
const oneOperand = new Set<OperationName>(['ADDI', 'SLTI', 'SLTIU', 'XORI', 'ORI', 'ANDI', 'SLLI', 'SRLI', 'SRAI', 'ADDIW', 'SLLIW', 'SRLIW', 'SRAIW'])
const noOperand = new Set<OperationName>(['LUI', 'AUIPC'])

/** Answers for each block what holds when it is entered and when it is left; `through` is monotonic; into a block goes on what it lets in. */
const forwards = (
  successors: readonly (readonly number[])[], through: (node: number, entering: number) => number, letsIn: readonly number[],
): { readonly entering: readonly number[], readonly leaving: readonly number[] } => {
  const entering = successors.map(() => 0)
  const leaving = successors.map(() => 0)
  const waiting = new Set(successors.keys())
  for (const node of waiting) {
    waiting.delete(node)
    const bits = leaving[node] = through(node, entering[node]!)
    for (const to of successors[node]!) {
      const bitsTo = bits & letsIn[to]!
      if ((entering[to]! | bitsTo) === entering[to]) continue
      entering[to]! |= bitsTo
      waiting.add(to)
    }
  }
  return { entering, leaving }
}

/** Whether it writes the integer register `rd`. */
export const writes = ({ name }: Instruction): boolean =>
  computing.has(name) || loads.has(name) || atomics.has(name) || toInteger.test(name) || name.startsWith('JAL')

const instructionsOf = ({ body, ending }: Block): Instruction[] => 'at' in ending ? [...body, ending.at] : [...body]

const countOf = (bits: number): number => {
  let count = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++
  return count
}

/** The registers that those of a block's instructions write which `counts` holds for. */
const writtenBy = (block: Block, counts: (at: Instruction) => boolean): number => {
  let bits = 0
  for (const at of instructionsOf(block)) if (writes(at) && counts(at)) bits |= 1 << at.rd
  return bits & ~1
}

/** For each block, the registers that may have been written when it is entered, of those that are `kept` there. */
export const writtenRegisters = (blocks: readonly Block[], successors: readonly (readonly number[])[], kept: readonly number[]): readonly number[] => {
  const own = blocks.map((block) => writtenBy(block, () => true))
  return forwards(successors, (node, entering) => entering | own[node]!, kept).entering
}

/** The registers that an instruction reads, and perhaps others. */
const readBy = (at: Instruction): number => loads.has(at.name) ? 1 << at.rs1 : sourcesOf(at)

/** As many registers, and what else a loop needs, have the host's to themselves. */
const few = 12

/**
 * For each block, the registers that are worth having at hand when it is entered: those that are read before they are written,
 * and in a loop of few registers those that it writes, which then need not be stored each time.
 */
export const keptRegisters = (blocks: readonly Block[], successors: readonly (readonly number[])[], loops: readonly (ReadonlySet<number> | undefined)[]): readonly number[] => {
  const used = blocks.map((block) => writtenBy(block, () => true) | instructionsOf(block).reduce((bits, at) => bits | readBy(at), 0) & ~1)
  const kept = blocks.map((_, node) => {
    const inLoop = [...loops[node] ?? []], all = inLoop.reduce((bits, inside) => bits | used[inside]!, 0)
    return inLoop.length > 0 && countOf(all) <= few ? inLoop.reduce((bits, inside) => bits | writtenBy(blocks[inside]!, () => true), 0) : 0
  })
  const before = predecessors(successors)
  const waiting = new Set([...blocks.keys()].reverse())
  for (const node of waiting) {
    waiting.delete(node)
    let live = successors[node]!.reduce((bits, to) => bits | kept[to]!, 0)
    for (const at of instructionsOf(blocks[node]!).reverse()) live = (writes(at) ? live & ~(1 << at.rd) : live) | readBy(at)
    if ((kept[node]! | live) === kept[node]) continue
    kept[node]! |= live
    for (const from of before[node]!) waiting.add(from)
  }
  return kept
}

/** Bytes that a register may change by in a loop and be likely to stay in its page. */
const step = 256

/** For each block, the blocks of the innermost loop around it; undefined outside of loops. */
export const innermostLoops = (successors: readonly (readonly number[])[], { position, keeps }: Shape): readonly (ReadonlySet<number> | undefined)[] => {
  const before = predecessors(successors, keeps)
  const innermost = successors.map((): ReadonlySet<number> | undefined => undefined)
  for (const [head, sources] of before.entries()) {
    // Loops that share a head are told apart by the edge that goes back to it.
    for (const last of sources) {
      if (position[last]! < position[head]!) continue
      const inside = new Set([head, last])
      for (const node of inside) if (node !== head) for (const from of before[node]!) inside.add(from)
      for (const node of inside) if (inside.size < (innermost[node]?.size ?? Infinity)) innermost[node] = inside
    }
  }
  return innermost
}

/** For each block, the registers that the innermost loop around it leaves as they are or changes by small steps; undefined outside of loops. */
export const walkingRegisters = (blocks: readonly Block[], loops: readonly (ReadonlySet<number> | undefined)[]): readonly (number | undefined)[] => {
  const jumps = blocks.map((block) => writtenBy(block, ({ name, rd, rs1, immediate }) => name !== 'ADDI' || rd !== rs1 || Math.abs(immediate) > step))
  return loops.map((loop) => loop && ~[...loop].reduce((all, node) => all | jumps[node]!, 0))
}

/** So many accesses through a register are worth that the first one keeps the entry it used. */
const several = 4

/** For each instruction of a block's body, whether it is one of several loads, or stores, through a register that does not change in between. */
export const repeatedAccesses = (body: readonly Instruction[]): readonly boolean[] => {
  const groups = new Map<string, number[]>(), found = body.map(() => false)
  for (const [index, at] of body.entries()) {
    const kind = loads.has(at.name) ? 'load' : stores.has(at.name) ? 'store' : undefined
    if (kind !== undefined) {
      const key = `${kind} ${at.rs1}`, group = groups.get(key) ?? []
      groups.set(key, group)
      group.push(index)
      if (group.length === several) for (const member of group) found[member] = true
      else if (group.length > several) found[index] = true
    }
    if (writes(at)) for (const name of ['load', 'store']) groups.delete(`${name} ${at.rd}`)
  }
  return found
}

/** The registers that an operation computes from. */
export const sourcesOf = ({ name, rs1, rs2 }: Instruction): number => noOperand.has(name) ? 0 : oneOperand.has(name) ? 1 << rs1 : 1 << rs1 | 1 << rs2

/** The registers whose content comes from a load, after an instruction. */
export const loadedAfter = (at: Instruction, before: number): number => {
  const { name, rd } = at
  if (loads.has(name)) return before | 1 << rd
  if (!computing.has(name)) return before
  return (before & sourcesOf(at)) === 0 ? before & ~(1 << rd) : before | 1 << rd
}

/** For each block, the registers whose content may come from a load when it begins. */
export const loadedRegisters = (blocks: readonly Block[], successors: readonly (readonly number[])[]): readonly number[] =>
  forwards(successors, (node, entering) => blocks[node]!.body.reduce((bits, at) => loadedAfter(at, bits), entering), blocks.map(() => -1)).entering
