// The code that is translated together: blocks that can be reached from a hot instruction, of its page and of loops that go on in the pages behind it.
import { crossingShift, pageBytes, record, recordBytes } from './layout.ts'
import { branchNames, jumpNames, operation, operationNames, type BranchName, type OperationName } from './operations.ts'
import { predecessors } from './shape.ts'

export interface Instruction {
  /** From the beginning of the first page, in bytes. */
  readonly offset: number
  readonly bytes: number
  readonly name: OperationName
  /** Register numbers. */
  readonly rd: number
  readonly rs1: number
  readonly rs2: number
  /** As in the record, near jumps in bytes again. */
  readonly immediate: number
  /** Of one that crosses into the next page: its second half. */
  readonly secondHalf?: number
}

/** How a block ends. Offsets may lie outside the pages: those are reached by their addresses. */
export type Ending =
  | { readonly kind: 'branch', readonly at: Instruction, readonly condition: BranchName, readonly taken: number, readonly next: number }
  | { readonly kind: 'jump', readonly at: Instruction, readonly to: number }
  | { readonly kind: 'indirect', readonly at: Instruction }
  /** Into the next block. */
  | { readonly kind: 'fall', readonly to: number }
  /** The instruction at `to` is left to the interpreter. */
  | { readonly kind: 'stop', readonly to: number }

/** A block lies in one page, but its last instruction may cross into the next. */
export interface Block {
  readonly start: number
  readonly body: readonly Instruction[]
  readonly ending: Ending
  /** Instructions, the ending's one included. */
  readonly count: number
}

/** The offset behind its last instruction. */
export const endOf = ({ start, body, ending }: Block): number => {
  const last = 'at' in ending ? ending.at : body.at(-1)
  return last === undefined ? start : last.offset + last.bytes
}

const mostInstructions = 1024
const mostBlocks = 64

const branchOf = new Map<OperationName, BranchName>(branchNames.flatMap((name) => [[name, name], [`${name} near`, name]] as const))
const jumps = new Set<OperationName>(jumpNames)
const interpreted = new Set<OperationName>(['undecoded', 'page end', 'crossing', 'handled', 'breakpoint'])

/** Code to find regions in. */
export interface Source {
  readonly view: DataView
  /** The addresses of the pages of records of pages that follow each other. */
  readonly pages: readonly number[]
  /** Decodes a record that is not yet. */
  readonly decode: (place: number) => void
  /** Decodes the instruction that crosses from one page of records into another. */
  readonly cross: (from: number, to: number) => void
  /** The instructions of the translation that begins at an offset in the first page, 0 where there is none. */
  readonly translated: (offset: number) => number
}

/** The page of a span of pages that an offset lies in. */
export const pageOf = (offset: number): number => Math.floor(offset / pageBytes)

/** The record of an offset, decoded. */
const placeOf = ({ view, pages, decode, cross }: Source, offset: number): number => {
  const page = pageOf(offset), records = pages[page]!, next = pages[page + 1]
  const place = records + (offset - page * pageBytes) / 2 * recordBytes
  if (view.getUint16(place, true) === operation.undecoded) decode(place)
  if (view.getUint16(place, true) !== operation.crossing || next === undefined) return place
  cross(records, next)
  return place + crossingShift
}

const instructionAt = (source: Source, offset: number): Instruction => {
  const { view } = source
  const place = placeOf(source, offset)
  const name = operationNames[view.getUint16(place + record.operation, true)]!
  const immediate = view.getInt32(place + record.immediate, true)
  const bytes = view.getUint8(place + record.size) / recordBytes * 2
  return {
    offset, name,
    bytes,
    rd: view.getUint8(place + record.rd) / 8,
    rs1: view.getUint8(place + record.rs1) / 8,
    rs2: view.getUint8(place + record.rs2) / 8,
    immediate: name.endsWith('near') ? immediate / (recordBytes / 2) : immediate,
    ...(offset % pageBytes === pageBytes - 2 && bytes === 4 ? { secondHalf: view.getUint16(place - crossingShift + record.secondHalf, true) } : {}),
  }
}

const endingOf = (at: Instruction): Ending | undefined => {
  const condition = branchOf.get(at.name)
  const next = at.offset + at.bytes
  if (condition !== undefined) return { kind: 'branch', at, condition, taken: at.offset + at.immediate, next }
  if (!jumps.has(at.name)) return undefined
  return at.name.startsWith('JR') || at.name === 'JALR' ? { kind: 'indirect', at } : { kind: 'jump', at, to: at.offset + at.immediate }
}

/** The offsets that an ending goes on at within the region; a call does not. */
const successors = (ending: Ending): readonly number[] => {
  switch (ending.kind) {
    case 'branch': return [ending.next, ending.taken]
    case 'jump': return ending.at.name.startsWith('JAL') ? [] : [ending.to]
    case 'fall': return [ending.to]
    default: return []
  }
}

/** For each block of a region those that it goes on to, by their indices. */
export const flowOf = (blocks: readonly Block[]): readonly (readonly number[])[] => {
  const indices = new Map(blocks.map(({ start }, index) => [start, index]))
  return blocks.map(({ ending }) => [...new Set(successors(ending).flatMap((to) => indices.get(to) ?? []))])
}

/**
 * Of blocks that are reached from the first: where that is the head of a loop which other loops, with heads before it, go
 * around, the blocks of its loop. Around it those loops would not be nested any more; they are translated from their heads.
 */
const innermost = (blocks: readonly Block[]): readonly Block[] => {
  const head = blocks[0]!.start
  const before = predecessors(flowOf(blocks))
  // From where an outer loop is closed, its inner one is closed before; else the two are one loop that goes on in front of its head.
  const closing = Math.min(...before[0]!.map((from) => blocks[from]!.start).filter((start) => start >= head))
  const around = new Set([...blocks.keys()].filter((node) => blocks[node]!.start < head && before[node]!.some((from) => blocks[from]!.start >= closing)))
  if (around.size === 0) return blocks
  const into = (node: number): readonly number[] => before[node]!.filter((from) => !around.has(from))
  const loop = new Set(into(0))
  for (const node of loop) for (const from of into(node)) loop.add(from)
  return loop.has(0) ? blocks.filter((_, node) => loop.has(node)) : blocks
}

/** Without the blocks behind the first page from which no way leads back to it: they get their own regions. */
const aroundFirstPage = (blocks: readonly Block[]): readonly Block[] => {
  if (blocks.every(({ start }) => start < pageBytes)) return blocks
  const before = predecessors(flowOf(blocks))
  const kept = new Set([...blocks.keys()].filter((node) => blocks[node]!.start < pageBytes))
  for (const node of kept) for (const from of before[node]!) kept.add(from)
  return blocks.filter((_, node) => kept.has(node))
}

/** Instructions of a translation that is gone on with rather than compiled once more: V8 takes long for it. */
export const long = 64

/** Without those from which no way leads back to the first and which begin a long translation or are behind such. */
const beforeLong = (blocks: readonly Block[], { translated }: Source): readonly Block[] => {
  const isLong = ({ start }: Block): boolean => start < pageBytes && translated(start) >= long
  if (!blocks.some(isLong)) return blocks
  const after = flowOf(blocks), before = predecessors(after)
  const back = new Set([0]), kept = new Set([0])
  for (const node of back) for (const from of before[node]!) back.add(from)
  for (const node of kept) for (const to of after[node]!) if (back.has(to) || !isLong(blocks[to]!)) kept.add(to)
  return blocks.filter((_, node) => kept.has(node))
}

/** The blocks reached from an offset in the first page, that of the entry first; undefined when its instruction is left to the interpreter. */
export const findRegion = (source: Source, entry: number): readonly Block[] | undefined => {
  const inPages = (offset: number): boolean => offset >= 0 && offset < pageBytes * source.pages.length
  const straight = new Map<number, { readonly body: Instruction[], readonly ending: Ending }>()
  const waiting = [entry]
  let total = 0
  for (let start = waiting.shift(); start !== undefined; start = waiting.shift()) {
    if (straight.has(start) || straight.size >= mostBlocks || total >= mostInstructions) continue
    const body: Instruction[] = []
    let ending: Ending | undefined
    for (let offset = start; ending === undefined;) {
      if (pageOf(offset) !== pageOf(start)) {
        ending = { kind: 'fall', to: offset }
        break
      }
      const at = instructionAt(source, offset)
      if (interpreted.has(at.name) || body.length > mostInstructions) {
        ending = { kind: 'stop', to: offset }
        break
      }
      ending = endingOf(at)
      if (ending === undefined) body.push(at)
      offset += at.bytes
    }
    total += body.length + 1
    straight.set(start, { body, ending })
    for (const to of successors(ending)) {
      if (!inPages(to)) continue
      waiting.push(to)
    }
  }
  const blocks: Block[] = []
  for (const [start, { body, ending }] of straight) {
    // A block ends where another begins.
    const cut = body.findIndex(({ offset }) => offset !== start && straight.has(offset))
    const kept = cut < 0 ? body : body.slice(0, cut)
    const end: Ending = cut < 0 ? ending : { kind: 'fall', to: body[cut]!.offset }
    // So does one that only the last instruction of the straight line belongs to.
    const lastAlone = cut < 0 && 'at' in end && end.at.offset !== start && straight.has(end.at.offset)
    const last: Ending = lastAlone ? { kind: 'fall', to: end.at.offset } : end
    blocks.push({ start, body: kept, ending: last, count: kept.length + ('at' in last ? 1 : 0) })
  }
  return blocks[0]!.count === 0 && blocks[0]!.ending.kind === 'stop' ? undefined : beforeLong(innermost(aroundFirstPage(blocks)), source)
}
