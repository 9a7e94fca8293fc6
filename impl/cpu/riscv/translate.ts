// Translates regions of code that begin in one page into a WebAssembly module, a function for each.
import { access, Code, encodeModule, i32, i64, op, type Label } from './encode.ts'
import { alu, condition, loadKinds, lookUp, loose, pushFetchEntry, storeKinds, type Operands } from './emit.ts'
import { atomic, type Guarded } from './emit-atomic.ts'
import { floating } from './emit-floating.ts'
import { fused } from './emit-fused.ts'
import { entrance, outcome, translation } from './handlers.ts'
import { cell, emptyTag, entry, entryBytes, pageBytes, record, recordBytes } from './layout.ts'
import { aluNames, loadNames, storeNames, type AluName, type LoadName, type OperationName, type StoreName } from './operations.ts'
import { endOf, flowOf, pageOf, type Block, type Instruction } from './region.ts'
import { loadedAfter, loadedRegisters, repeatedAccesses, walkingRegisters, writes, writtenRegisters } from './region-flow.ts'
import { rotationsIn } from './region-rotations.ts'
import { looseResults } from './region-words.ts'
import { shapeOf, type Shape } from './shape.ts'

const aluSet = new Set<OperationName>(aluNames)
const loadSet = new Set<OperationName>(loadNames)
const storeSet = new Set<OperationName>(storeNames)

const guarded: Readonly<Record<string, Guarded>> = { ...atomic, ...floating, ...fused }

/** RAM, where loads ask nothing: its first address, and where it is in the memory. */
export interface Direct {
  readonly base: number
  readonly start: number
  /** Misaligned loads are done. */
  readonly misaligned: boolean
}

/** What the functions of a module know of each other. */
interface Group {
  readonly direct: Direct | undefined
  /** The addresses of the page of records, and of those of the pages behind it. */
  readonly pages: readonly number[]
  /** The function that begins at an offset in the page. */
  readonly functions: ReadonlyMap<number, number>
  /** The number of the first in the hart's table. */
  readonly first: number
}

/** What a module imports, in the order of its numbers. */
const imports = [{ name: 'enter', type: 1 }, { name: 'stale', type: 2 }] as const
const functions = { enter: 0, stale: 1 }

/** Translates one region. */
export class Translator {
  private readonly code = new Code(2)
  private readonly left = 0
  private readonly page = 1
  private readonly where = this.code.local(i32)
  private readonly answer = this.code.local(i32)
  private readonly place = this.code.local(i32)
  private readonly loadBuffer = this.code.local(i32)
  private readonly storeBuffer = this.code.local(i32)
  private readonly next = this.code.local(i64)
  private readonly limit = this.code.local(i64)
  private readonly address = this.code.local(i64)
  private readonly registers = new Map<number, number>()
  /** Addresses of entries used last that are kept: nothing empties the buffers while the region runs. */
  private readonly lastEntries = new Set<number>()
  private readonly blocks: readonly Block[]
  private readonly group: Group
  private readonly numberOf: ReadonlyMap<number, number>
  private readonly successors: readonly (readonly number[])[]
  private readonly written: readonly number[]
  private readonly writtenAnywhere: number
  private readonly loaded: readonly number[]
  private readonly shape: Shape
  private readonly walking: readonly (number | undefined)[]
  private readonly loopLabels: Label[] = []
  private readonly blockLabels: Label[] = []
  /** The registers, as bits, that lack the high halves of their words at present. */
  private loose = 0
  /** Where the region is left, with `answer`, for the instruction at `where`. */
  private away: Label = 0

  constructor(blocks: readonly Block[], group: Group) {
    this.blocks = blocks
    this.group = group
    this.numberOf = new Map(blocks.map(({ start }, index) => [start, index]))
    this.successors = flowOf(blocks)
    this.written = writtenRegisters(blocks, this.successors)
    this.writtenAnywhere = this.written.reduce((all, bits) => all | bits, 0)
    this.loaded = loadedRegisters(blocks, this.successors)
    this.shape = shapeOf(this.successors)
    this.walking = walkingRegisters(blocks, this.successors, this.shape)
  }

  private register(number: number): number {
    let local = this.registers.get(number)
    if (local === undefined) {
      local = this.code.local(i64)
      this.registers.set(number, local)
    }
    return local
  }

  private lastEntry(of: number, base: number): number {
    const place = of + entryBytes * base
    this.lastEntries.add(place)
    return place
  }

  private push(number: number): void {
    if (number === 0) this.code.long(0)
    else this.code.get(this.register(number))
  }

  private pushAddress(offset: number): void {
    this.code.get(this.page)
    if (offset !== 0) this.code.long(offset).op(op.i64Add)
  }

  private operands(at: Instruction): Operands {
    return {
      code: this.code,
      rs1: () => this.push(at.rs1),
      rs2: () => this.push(at.rs2),
      immediate: () => void this.code.long(at.immediate),
      pc: () => this.pushAddress(at.offset),
    }
  }

  private spill(bits: number): void {
    for (let number = 1; number < 32; number++) {
      if ((bits >>> number & 1) !== 0) this.code.int(0).get(this.register(number)).at(access.i64Store, cell.x + 8 * number)
    }
  }

  private savePc(push: () => void): void {
    this.code.int(0)
    push()
    this.code.at(access.i64Store, cell.pc)
  }

  private saveLeft(): void {
    this.code.int(0).get(this.left).at(access.i32Store, cell.left)
  }

  function(): Code {
    const { code } = this
    // Registers are loaded at the entry, and which ones is known when the rest is there.
    const body = new Code(2)
    const { position, children, merges, loops, keeps } = this.shape
    const emitEdge = (from: number, to: number): void => {
      if (position[to]! <= position[from]!) code.br(this.loopLabels[to]!)
      else if (merges[to]) code.br(this.blockLabels[to]!)
      else emitTree(to)
    }
    const go = (from: number, offset: number): void => {
      const to = this.numberOf.get(offset)
      if (to !== undefined && keeps(from, to)) emitEdge(from, to)
      else this.exit(offset, this.written[from]!)
    }
    const emitTree = (node: number): void => {
      if (loops[node]) this.loopLabels[node] = code.loop()
      const after = children[node]!.filter((child) => merges[child]).sort((a, b) => position[b]! - position[a]!)
      for (const child of after) this.blockLabels[child] = code.block()
      this.emitBlock(node, go)
      for (const child of after.reverse()) {
        code.end()
        emitTree(child)
      }
      if (loops[node]) code.end()
    }
    this.away = code.block()
    emitTree(0)
    code.op(op.unreachable).end()
    this.spill(this.writtenAnywhere)
    this.savePc(() => code.get(this.page).get(this.where).op(op.i64ExtendI32U, op.i64Add))
    this.saveLeft()
    code.get(this.answer)
    return this.withEntry(body)
  }

  /** Loads of registers and buffer addresses before the code. */
  private withEntry(before: Code): Code {
    const { code } = this
    before.int(0).at(access.i32Load, cell.loadBuffer).set(this.loadBuffer).int(0).at(access.i32Load, cell.storeBuffer).set(this.storeBuffer)
    for (const [number, local] of this.registers) before.int(0).at(access.i64Load, cell.x + 8 * number).set(local)
    for (const place of this.lastEntries) before.int(0).long(emptyTag).at(access.i64Store, place + entry.tag)
    if (this.group.direct) {
      before.int(0).at(access.i32Load, cell.direct).op(op.i64ExtendI32U).tee(this.limit).op(op.i64Eqz).unlikely().if()
      before.int(this.blocks[0]!.start).call(functions.stale)
      before.int(0).get(this.page).long(this.blocks[0]!.start).op(op.i64Add).at(access.i64Store, cell.pc).int(0).get(this.left).at(access.i32Store, cell.left)
      before.int(outcome.missed).op(op.return).end()
    }
    code.prepend(before)
    return code
  }

  private emitBlock(node: number, go: (from: number, offset: number) => void): void {
    const { code } = this
    const { start, body, ending, count } = this.blocks[node]!
    if (this.comesFromOther(node)) {
      this.isOther(pageOf(start))
      code.unlikely().if()
      this.leaveFor(start, outcome.continue)
      code.end()
    }
    if (count > 0) {
      code.get(this.left).int(count).op(op.i32LtS).unlikely().if()
      this.leaveFor(start, outcome.short)
      code.end()
      code.get(this.left).int(count).op(op.i32Sub).set(this.left)
    }
    const walking = this.walking[node]
    const looseAfter = looseResults(this.blocks[node]!)
    const repeats = repeatedAccesses(body)
    const rotations = rotationsIn(body), rotated = new Map([...rotations.values()].map(({ first }) => [first, this.code.local(i64)]))
    let loaded = this.loaded[node]!
    for (const [index, at] of body.entries()) {
      this.checkCrossing(at, count - index)
      const again = repeats[index]! ? 1 << at.rs1 : 0
      const copy = rotated.get(index), rotation = rotations.get(index)
      if (copy !== undefined) {
        this.push(at.rs1)
        code.set(copy)
      }
      if (rotation) code.get(rotated.get(rotation.first)!).long(rotation.right).op(op.i64Rotr).set(this.register(at.rd))
      else this.emitInstruction(at, count - index, again | (walking === undefined ? 0 : walking | loaded), walking !== undefined || again !== 0, looseAfter[index]!)
      loaded = loadedAfter(at, loaded)
      if (writes(at)) this.loose = looseAfter[index] ? this.loose | 1 << at.rd : this.loose & ~(1 << at.rd)
    }
    if ('at' in ending) this.checkCrossing(ending.at, 1)
    switch (ending.kind) {
      case 'branch':
        condition[ending.condition](this.operands(ending.at))
        code.if()
        go(node, ending.taken)
        code.end()
        go(node, ending.next)
        break
      case 'jump':
        if (ending.at.name.startsWith('JAL')) {
          this.link(ending.at)
          this.exit(ending.to, this.written[node]!)
        } else go(node, ending.to)
        break
      case 'indirect': {
        this.push(ending.at.rs1)
        code.long(ending.at.immediate).op(op.i64Add).long(-2).op(op.i64And).set(this.next)
        if (ending.at.name === 'JALR') this.link(ending.at)
        this.leaveIndirectly(this.written[node]!)
        break
      }
      case 'fall':
        go(node, ending.to)
        break
      case 'stop':
        this.exit(ending.to, this.written[node]!)
    }
  }

  /** Whether a block can be come to from another page than its own, and its own is not that of the entry. */
  private comesFromOther(node: number): boolean {
    const { blocks } = this, page = pageOf(blocks[node]!.start)
    return page !== 0 && blocks.some((block, from) => pageOf(endOf(block) - 1) !== page && this.successors[from]!.includes(node))
  }

  private leaveFor(where: number, answer: number): void {
    this.code.int(where).set(this.where).int(answer).set(this.answer).br(this.away)
  }

  /** Pushes whether another page than was translated, or none that is known, is mapped so many pages behind that of the entry. */
  private isOther(page: number): void {
    const { code, next, place } = this
    this.pushAddress(page * pageBytes)
    code.set(next)
    pushFetchEntry(code, next)
    code.tee(place).at(access.i64Load, entry.tag).get(next).op(op.i64Ne)
    code.get(place).at(access.i32Load, entry.content).int(this.group.pages[page]!).op(op.i32Ne, op.i32Or)
  }

  /** Before an instruction that crosses into the next page: stores there are not watched for its second half. */
  private checkCrossing(at: Instruction, rest: number): void {
    if (at.secondHalf === undefined) return
    const { code } = this
    this.isOther(pageOf(at.offset) + 1)
    code.get(this.place).at(access.i32Load, entry.more).at(access.i32Load16U).int(at.secondHalf).op(op.i32Ne, op.i32Or).unlikely().if()
    this.miss(at, rest)
    code.end()
  }

  private link(at: Instruction): void {
    this.pushAddress(at.offset + at.bytes)
    this.code.set(this.register(at.rd))
  }

  /** `rest` counts this instruction and those of its block after it; loads through `near` are likely to stay in a page. */
  private emitInstruction(at: Instruction, rest: number, near: number, inLoop: boolean, isLoose: boolean): void {
    const { code } = this
    if (loadSet.has(at.name)) this.emitLoad(at, at.name as LoadName, rest, (near >>> at.rs1 & 1) !== 0)
    else if (storeSet.has(at.name)) this.emitStore(at, at.name as StoreName, rest, inLoop)
    else if (at.name in guarded) this.emitGuarded(at, rest)
    else if (aluSet.has(at.name)) {
      const emit = isLoose ? loose.get(at.name) : undefined
      ;(emit ?? alu[at.name as AluName])(this.operands(at))
      code.set(this.register(at.rd))
    }
  }

  /** Finds the address in memory of an access, and leaves the region before the instruction when there is none. */
  private translate(at: Instruction, buffer: number, bytes: number, rest: number, last?: number): void {
    const { code } = this
    this.push(at.rs1)
    if (at.immediate !== 0) code.long(at.immediate).op(op.i64Add)
    code.set(this.address)
    const found = code.block()
    const miss = code.block()
    lookUp(code, () => code.get(buffer), this.address, this.place, bytes, miss, last)
    code.br(found).end()
    this.miss(at, rest)
    code.end()
  }

  private emitGuarded(at: Instruction, rest: number): void {
    const { code } = this
    const done = code.block()
    const slow = code.block()
    const floatRegister = (number: number) => (): void => void code.int(0).at(access.i64Load, cell.f + 8 * number)
    guarded[at.name]!({
      ...this.operands(at),
      loadBuffer: () => void code.get(this.loadBuffer),
      storeBuffer: () => void code.get(this.storeBuffer),
      setX: (value) => {
        value()
        code.set(this.register(at.rd))
      },
      f1: floatRegister(at.rs1),
      f2: floatRegister(at.rs2),
      f3: floatRegister(at.immediate / 8),
      setF: (value) => {
        code.int(0)
        value()
        code.at(access.i64Store, cell.f + 8 * at.rd)
      },
    }, slow)
    code.br(done).end()
    this.miss(at, rest)
    code.end()
  }

  /** Leaves the region before an instruction, for the interpreter to execute it. */
  private miss(at: Instruction, rest: number): void {
    for (const [number, local] of this.registers) if ((this.loose >>> number & 1) !== 0) this.code.get(local).op(op.i64Extend32S).set(local)
    this.code.get(this.left).int(rest).op(op.i32Add).set(this.left)
    this.leaveFor(at.offset, outcome.missed)
  }

  private emitLoad(at: Instruction, name: LoadName, rest: number, near: boolean): void {
    if (this.group.direct) return this.emitDirectLoad(at, name, rest, this.group.direct)
    this.translate(at, this.loadBuffer, loadKinds[name].bytes, rest, near ? this.lastEntry(cell.lastLoad, at.rs1) : undefined)
    this.code.get(this.place).at(loadKinds[name].instruction).set(this.register(at.rd))
  }

  private emitDirectLoad(at: Instruction, name: LoadName, rest: number, { base, start, misaligned }: Direct): void {
    const { code, address } = this, { bytes, instruction } = loadKinds[name]
    this.push(at.rs1)
    code.long(BigInt(at.immediate) - BigInt(base)).op(op.i64Add).tee(address).get(this.limit).op(op.i64GeU)
    if (!misaligned && bytes > 1) code.get(address).op(op.i32WrapI64).int(bytes - 1).op(op.i32And, op.i32Or)
    code.unlikely().if()
    this.miss(at, rest)
    code.end().get(address).op(op.i32WrapI64).at(instruction, start).set(this.register(at.rd))
  }

  private emitStore(at: Instruction, name: StoreName, rest: number, near: boolean): void {
    this.translate(at, this.storeBuffer, storeKinds[name].bytes, rest, near ? this.lastEntry(cell.lastStore, at.rs1) : undefined)
    this.code.get(this.place)
    this.push(at.rs2)
    this.code.at(storeKinds[name].instruction)
  }

  /** Leaves the region for an offset in its page or beyond. */
  private exit(offset: number, written: number): void {
    const target = this.group.functions.get(offset)
    this.spill(written)
    if (target !== undefined) this.code.get(this.left).get(this.page).returnCall(target)
    else {
      if (pageOf(offset) === 0) {
        this.code.int(0).at(access.i32Load, this.group.pages[0]! + offset / 2 * recordBytes + record.heat).set(this.where)
        this.enterHot()
      }
      this.leave(() => this.pushAddress(offset))
    }
  }

  /** Leaves it for the address in `next`, which may be that of a function of this module. */
  private leaveIndirectly(written: number): void {
    const { code, group } = this
    this.spill(written)
    code.get(this.next).long(-pageBytes).op(op.i64And).get(this.page).op(op.i64Eq).if()
    code.get(this.next).op(op.i32WrapI64).int(pageBytes - 1).op(op.i32And).int(3).op(op.i32Shl).at(access.i32Load, group.pages[0]! + record.heat)
    code.tee(this.where).int(group.first).op(op.i32Sub).tee(this.place).int(group.functions.size).op(op.i32LtU).if()
    code.get(this.left).get(this.page).get(this.place).returnCallIndirect(0).end()
    this.enterHot()
    code.end()
    this.leave(() => code.get(this.next))
  }

  /** Goes on with the translation of another module whose number is in `where`, if it is one. */
  private enterHot(): void {
    const { code } = this
    code.get(this.where).int(0).op(op.i32GtS).if()
    code.get(this.left).get(this.page).get(this.where).returnCall(functions.enter).end()
  }

  private leave(address: () => void): void {
    this.savePc(address)
    this.saveLeft()
    this.code.int(outcome.continue).op(op.return)
  }
}

/**
 * The bytes of a module whose functions, exported by their numbers, run the regions. `pages` are the addresses of the pages
 * of records they were found in; `first` the number that the first function will have in the hart's table; with `direct` they
 * say where a function was called that does not hold any more, by a function `env.stale`.
 */
export const translateRegions = (regions: readonly (readonly Block[])[], pages: readonly number[], first: number, direct?: Direct): Uint8Array => {
  const group: Group = { pages, first, direct, functions: new Map(regions.map((blocks, index) => [blocks[0]!.start, imports.length + index])) }
  return encodeModule({
    types: [translation, entrance, { parameters: [i32], results: [] }], table: 'own', imports,
    functions: regions.map((blocks, index) => ({ name: String(index), type: 0, body: new Translator(blocks, group).function() })),
  })
}
