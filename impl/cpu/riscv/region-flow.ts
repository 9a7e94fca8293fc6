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

/** Answers for each block what holds when it is entered and when it is left; `through` is monotonic. */
const forwards = (
  successors: readonly (readonly number[])[], through: (node: number, entering: number) => number,
): { readonly entering: readonly number[], readonly leaving: readonly number[] } => {
  const entering = successors.map(() => 0)
  const leaving = successors.map(() => 0)
  const waiting = new Set(successors.keys())
  for (const node of waiting) {
    waiting.delete(node)
    const bits = leaving[node] = through(node, entering[node]!)
    for (const to of successors[node]!) {
      if ((entering[to]! | bits) === entering[to]) continue
      entering[to]! |= bits
      waiting.add(to)
    }
  }
  return { entering, leaving }
}

/** Whether it writes the integer register `rd`. */
export const writes = ({ name }: Instruction): boolean =>
  computing.has(name) || loads.has(name) || atomics.has(name) || toInteger.test(name) || name.startsWith('JAL')

/** The registers that those of a block's instructions write which `counts` holds for. */
const writtenBy = ({ body, ending }: Block, counts: (at: Instruction) => boolean): number => {
  let bits = 0
  for (const at of 'at' in ending ? [...body, ending.at] : body) if (writes(at) && counts(at)) bits |= 1 << at.rd
  return bits & ~1
}

/** For each block, the registers that may have been written when it ends. */
export const writtenRegisters = (blocks: readonly Block[], successors: readonly (readonly number[])[]): readonly number[] => {
  const own = blocks.map((block) => writtenBy(block, () => true))
  return forwards(successors, (node, entering) => entering | own[node]!).leaving
}

/** Bytes that a register may change by in a loop and be likely to stay in its page. */
const step = 256

/** For each block, the registers that the innermost loop around it leaves as they are or changes by small steps; undefined outside of loops. */
export const walkingRegisters = (
  blocks: readonly Block[], successors: readonly (readonly number[])[], { position, keeps }: Shape,
): readonly (number | undefined)[] => {
  const jumps = blocks.map((block) => writtenBy(block, ({ name, rd, rs1, immediate }) => name !== 'ADDI' || rd !== rs1 || Math.abs(immediate) > step))
  const before = predecessors(successors, keeps)
  const smallest = blocks.map(() => Infinity)
  const walking = blocks.map((): number | undefined => undefined)
  for (const [head, sources] of before.entries()) {
    // Loops that share a head are told apart by the edge that goes back to it.
    for (const last of sources) {
      if (position[last]! < position[head]!) continue
      const inside = new Set([head, last])
      for (const node of inside) if (node !== head) for (const from of before[node]!) inside.add(from)
      const bits = ~[...inside].reduce((all, node) => all | jumps[node]!, 0)
      for (const node of inside) {
        if (inside.size >= smallest[node]!) continue
        smallest[node] = inside.size
        walking[node] = bits
      }
    }
  }
  return walking
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
  forwards(successors, (node, entering) => blocks[node]!.body.reduce((bits, at) => loadedAfter(at, bits), entering)).entering
