// The interpreter of decoded code: one WebAssembly function that branches on a table of operations.
import { access, Code, i32, i64, op, type Label } from './encode.ts'
import { alu, condition, loadKinds, lookUp, pushFetchEntry, storeKinds, type Operands } from './emit.ts'
import { outcome, status } from './handlers.ts'
import { guardedNames } from './interpreter-guarded.ts'
import { decoder, guarded, handler, moduleOf } from './interpreter-module.ts'
import {
  cell, codeTag, crossingShift, entry, pageBytes, record, recordBytes, slotsPerPage,
} from './layout.ts'
import {
  aluNames, branchNames, loadNames, operation, operationNames, storeNames,
  type BranchName, type LoadName, type OperationName, type StoreName,
} from './operations.ts'

/** An operation and what emits it. */
type Emitted = readonly [name: OperationName, emit: () => void]

/** Emits `run`. The labels are blocks and loops that nest in the order of their declaration. */
class Interpreter {
  private readonly left = 0
  private readonly code = new Code(1)
  /** The address of the present record, and that of the page of records. */
  private readonly ip = this.code.local(i32)
  private readonly base = this.code.local(i32)
  /** The virtual address of the page. */
  private readonly page = this.code.local(i64)
  /** Not to enter translations: 1 for the rest of the slice, 2 at the next arrival. */
  private readonly plain = this.code.local(i32)
  private readonly answer = this.code.local(i32)
  private readonly kind = this.code.local(i32)
  private readonly place = this.code.local(i32)
  private readonly next = this.code.local(i64)
  private readonly address = this.code.local(i64)
  private readonly kept = [[this.left, cell.left], [this.ip, cell.ip], [this.base, cell.base], [this.plain, cell.plain]] as const

  /** Goes on at the address in `next`. */
  private lookUpPage: Label = 0
  /** Goes on at the record in `ip`, in its translation when there is one. */
  private arrive: Label = 0
  /** Goes on at the record in `ip`. */
  private dispatch: Label = 0
  /** After a handler that did not answer 0. */
  private handled: Label = 0
  private slowLoad: Label = 0
  private slowStore: Label = 0
  private guarded: Label = 0

  private readonly operands: Operands = {
    code: this.code,
    pc: () => this.pc(),
    rs1: () => this.register(record.rs1),
    rs2: () => this.register(record.rs2),
    immediate: () => void this.code.get(this.ip).at(access.i64Load32S, record.immediate),
  }

  emit(): Code {
    const { code } = this
    code.int(0).at(access.i64Load, cell.pc).set(this.next)
    this.lookUpPage = code.loop()
    this.emitLookUp()
    this.arrive = code.loop()
    this.emitArrival()
    this.dispatch = code.loop()
    code.get(this.left).op(op.i32Eqz).if()
    this.pc()
    code.set(this.next).br(this.lookUpPage).end()
    this.handled = code.block()
    this.slowLoad = code.block()
    this.slowStore = code.block()
    this.guarded = code.block()
    this.emitTable()
    code.end()
    this.emitGuarded()
    code.end()
    this.emitSlowStore()
    code.end()
    this.emitSlowLoad()
    code.end()
    this.emitHandled()
    code.end().end().end()
    return code.op(op.unreachable)
  }

  private pc(): void {
    this.code.get(this.page).get(this.ip).get(this.base).op(op.i32Sub).int(3).op(op.i32ShrU, op.i64ExtendI32U, op.i64Add)
  }

  private field(offset: number): void {
    this.code.get(this.ip).at(access.i32Load8U, offset)
  }

  private register(offset: number): void {
    this.field(offset)
    this.code.at(access.i64Load, cell.x)
  }

  private setRd(value: () => void): void {
    this.field(record.rd)
    value()
    this.code.at(access.i64Store, cell.x)
  }

  private spend(): void {
    this.code.get(this.left).int(1).op(op.i32Sub).set(this.left)
  }

  /** To the next instruction in memory. */
  private sequential(label: Label): void {
    this.code.get(this.ip)
    this.field(record.size)
    this.code.op(op.i32Add).set(this.ip)
    this.spend()
    this.code.br(label)
  }

  /** Pushes the address of the next instruction in memory. */
  private following(): void {
    this.pc()
    this.field(record.size)
    this.code.int(3).op(op.i32ShrU, op.i64ExtendI32U, op.i64Add)
  }

  /** Puts what the loop knows into memory before a call: what is in a local variable across a call, V8 has no register for anywhere in the loop. */
  private keep(): void {
    const { code } = this
    code.int(0).get(this.page).at(access.i64Store, cell.page)
    for (const [local, place] of this.kept) code.int(0).get(local).at(access.i32Store, place)
  }

  /** Calls, and takes what the loop knows from memory again. */
  private call(index: number): void {
    const { code } = this
    code.call(index).int(0).at(access.i64Load, cell.page).set(this.page)
    for (const [local, place] of this.kept) code.int(0).at(access.i32Load, place).set(local)
  }

  private save(address: () => void): void {
    this.code.int(0)
    address()
    this.code.at(access.i64Store, cell.pc)
    this.keep()
  }

  private savePc(): void {
    this.save(() => this.pc())
  }

  private saveNext(): void {
    this.save(() => this.code.get(this.next))
  }

  private loadNext(): void {
    this.code.int(0).at(access.i64Load, cell.pc).set(this.next)
  }

  /** Ends the slice, or finds the record of `next`. */
  private emitLookUp(): void {
    const { code, base, next, place } = this
    code.get(this.left).op(op.i32Eqz).if()
    this.saveNext()
    code.int(outcome.continue).op(op.return).end()
    pushFetchEntry(code, this.next)
    code.tee(place).at(access.i64Load, entry.tag).get(next).long(-pageBytes).op(op.i64And, op.i64Eq).if()
    code.get(place).at(access.i32Load, entry.content).set(base).else()
    this.saveNext()
    this.call(handler.fetch)
    code.set(base)
    this.loadNext()
    code.get(base).op(op.i32Eqz).if()
    this.spend()
    code.br(this.lookUpPage).end().end()
    code.get(next).long(-pageBytes).op(op.i64And).set(this.page)
    this.findRecord()
  }

  /** Sets `ip` to the record of `next`. */
  private findRecord(): void {
    this.code.get(this.base).get(this.next).op(op.i32WrapI64).int(pageBytes - 1).op(op.i32And).int(3).op(op.i32Shl, op.i32Add).set(this.ip)
  }

  private emitArrival(): void {
    const { code, ip, left, plain, answer } = this
    const heat = code.local(i32)
    const cold = code.block()
    code.get(ip).at(access.i32Load, record.heat).tee(heat).int(0).op(op.i32GtS).if()
    code.get(plain).get(left).op(op.i32Eqz, op.i32Or).get(plain).int(1).op(op.i32And).set(plain).brIf(cold)
    code.int(0).int(0).at(access.i32Store, cell.arrival)
    code.get(left).get(this.page).get(heat).callIndirect(0).set(answer)
    this.loadNext()
    code.int(0).at(access.i32Load, cell.left).set(left)
    // `short` is 1 in `plain`, `missed` 2.
    code.get(answer).int(1).op(op.i32ShrU).get(answer).int(1).op(op.i32And, op.i32Shl).set(plain)
    code.br(this.lookUpPage).end()
    code.get(plain).int(1).op(op.i32And).set(plain)
    code.get(ip).get(heat).int(1).op(op.i32Add).tee(heat).at(access.i32Store, record.heat)
    code.int(0).get(ip).at(access.i32Store, cell.arrival)
    code.get(heat).brIf(cold)
    this.savePc()
    code.get(ip)
    this.call(handler.hot)
    code.br(this.arrive).end()
  }

  /** The table of operations, and what each does. */
  private emitTable(): void {
    const { code } = this
    const emitters = new Map<OperationName, () => void>([
      ...this.control(), ...this.arithmetic(), ...this.memory(), ...this.jumps(),
    ])
    const own = operationNames.filter((name) => !guardedNames.has(name))
    const labels = new Map(own.toReversed().map((name) => [name, code.block()]))
    const table = operationNames.map((name) => labels.get(name) ?? this.guarded)
    code.get(this.ip).at(access.i32Load16U, record.operation).brTable(table, labels.get('undecoded')!)
    for (const name of own) {
      code.end()
      emitters.get(name)!()
    }
  }

  private control(): readonly Emitted[] {
    const { code, ip } = this
    return [
      ['undecoded', () => {
        this.keep()
        code.get(ip).get(this.base)
        this.call(decoder)
        code.op(op.i32Eqz).brIf(this.dispatch)
        this.savePc()
        code.get(ip)
        this.call(handler.decode)
        code.br(this.dispatch)
      }],
      ['page end', () => {
        this.pc()
        code.set(this.next).br(this.lookUpPage)
      }],
      ['crossing', () => this.emitCrossing()],
      ['handled', () => {
        this.savePc()
        code.get(ip).at(access.i32Load, record.immediate)
        this.call(handler.handled)
        code.tee(this.answer).brIf(this.handled)
        this.sequential(this.arrive)
      }],
      ['breakpoint', () => {
        this.savePc()
        this.call(handler.breakpoint)
        code.tee(this.base).op(op.i32Eqz).if()
        code.int(outcome.leave).op(op.return).end()
        this.loadNext()
        this.findRecord()
        code.br(this.dispatch)
      }],
      ['NOP', () => this.sequential(this.dispatch)],
    ]
  }

  private emitCrossing(): void {
    const { code, ip, base, place } = this
    // Decoded already; the next page is in the buffer; and what stands there is what the record was decoded with.
    const stale = code.block()
    code.get(ip).at(access.i32Load16U, crossingShift).int(operation['page end']).op(op.i32Eq).brIf(stale)
    code.get(this.page).long(pageBytes).op(op.i64Add).set(this.next)
    pushFetchEntry(code, this.next)
    code.tee(place).at(access.i64Load, entry.tag).get(this.next).op(op.i64Ne).brIf(stale)
    code.get(place).at(access.i32Load, entry.more).at(access.i32Load16U)
    code.get(ip).at(access.i32Load16U, record.secondHalf).op(op.i32Ne).brIf(stale)
    for (const local of [base, ip]) code.get(local).int(crossingShift).op(op.i32Add).set(local)
    code.br(this.dispatch).end()
    this.savePc()
    this.call(handler.cross)
    code.tee(base).op(op.i32Eqz).if()
    code.int(status.moved).set(this.answer).br(this.handled).end()
    code.get(base).int((slotsPerPage - 1) * recordBytes).op(op.i32Add).set(ip).br(this.dispatch)
  }

  private arithmetic(): readonly Emitted[] {
    return aluNames.map((name) => [name, () => {
      this.setRd(() => alu[name](this.operands))
      this.sequential(this.dispatch)
    }])
  }

  /** Sets `kind` and `address`, and `place` from a buffer. */
  private translate(kind: number, buffer: number, size: number, slow: Label): void {
    const { code } = this
    code.int(kind).set(this.kind)
    this.operands.rs1()
    this.operands.immediate()
    code.op(op.i64Add).set(this.address)
    lookUp(code, () => code.int(0).at(access.i32Load, buffer), this.address, this.place, size, slow)
  }

  private load(name: LoadName): void {
    this.setRd(() => this.code.get(this.place).at(loadKinds[name].instruction))
  }

  private store(name: StoreName): void {
    this.code.get(this.place)
    this.operands.rs2()
    this.code.at(storeKinds[name].instruction)
  }

  private memory(): readonly Emitted[] {
    return [
      ...loadNames.map((name, kind): Emitted => [name, () => {
        this.translate(kind, cell.loadBuffer, loadKinds[name].bytes, this.slowLoad)
        this.load(name)
        this.sequential(this.dispatch)
      }]),
      ...storeNames.map((name, kind): Emitted => [name, () => {
        this.translate(kind, cell.storeBuffer, storeKinds[name].bytes, this.slowStore)
        this.store(name)
        this.sequential(this.dispatch)
      }]),
    ]
  }

  private jumpNear(): void {
    const { code, ip } = this
    this.spend()
    code.get(ip).get(ip).at(access.i32Load, record.immediate).tee(this.place).op(op.i32Add).set(ip)
    // Backwards: perhaps a loop.
    code.get(this.place).int(0).op(op.i32LeS).brIf(this.arrive).br(this.dispatch)
  }

  private jumpFar(): void {
    this.spend()
    this.pc()
    this.operands.immediate()
    this.code.op(op.i64Add).set(this.next).br(this.lookUpPage)
  }

  private jumpIndirect(link: boolean): void {
    this.spend()
    this.operands.rs1()
    this.operands.immediate()
    this.code.op(op.i64Add).long(-2).op(op.i64And).set(this.next)
    if (link) this.link()
    this.code.br(this.lookUpPage)
  }

  private link(): void {
    this.setRd(() => this.following())
  }

  private jumps(): readonly Emitted[] {
    const branch = (name: BranchName, jump: () => void): void => {
      condition[name](this.operands)
      this.code.if()
      jump()
      this.code.end()
      this.sequential(this.dispatch)
    }
    return [
      ...branchNames.flatMap((name): Emitted[] => [
        [name, () => branch(name, () => this.jumpFar())],
        [`${name} near`, () => branch(name, () => this.jumpNear())],
      ]),
      ['J', () => this.jumpFar()],
      ['JAL', () => {
        this.link()
        this.jumpFar()
      }],
      ['J near', () => this.jumpNear()],
      ['JAL near', () => {
        this.link()
        this.jumpNear()
      }],
      ['JR', () => this.jumpIndirect(false)],
      ['JALR', () => this.jumpIndirect(true)],
    ]
  }

  private emitGuarded(): void {
    this.keep()
    this.code.get(this.ip)
    this.call(guarded)
    this.code.op(op.i32Eqz).if()
    this.sequential(this.dispatch)
    this.code.end()
    this.savePc()
    this.code.get(this.ip)
    this.call(handler.guarded)
    this.code.tee(this.answer).brIf(this.handled)
    this.sequential(this.arrive)
  }

  private callSlow(name: 'load' | 'store'): void {
    const { code, address } = this
    this.savePc()
    code.get(this.kind).get(address).op(op.i32WrapI64).get(address).long(32).op(op.i64ShrU, op.i32WrapI64)
    this.call(handler[name])
    code.set(this.answer)
  }

  /**
   * Branches unless the entry that `lookUp` left in `entry` is that of the page, and the access is one to do although it is
   * misaligned and surely stays in the page.
   */
  private checkMisaligned(otherwise: Label): void {
    const { code } = this
    code.get(code.named('entry', i32)).at(access.i64Load, entry.tag).get(this.address).long(-pageBytes).op(op.i64And, op.i64Ne).brIf(otherwise)
    code.get(code.named('low', i32)).int(pageBytes - 1).op(op.i32And).int(pageBytes - 8).op(op.i32GtU).brIf(otherwise)
    code.int(0).at(access.i32Load, cell.misaligned).op(op.i32Eqz).brIf(otherwise)
  }

  /** Branches unless the entry is that of the page, which has decoded code, but none where the aligned store goes. */
  private checkFree(otherwise: Label): void {
    const { code, place } = this
    const found = code.named('entry', i32)
    code.get(found).at(access.i64Load, entry.tag).get(code.named('tag', i64)).long(codeTag).op(op.i64Or, op.i64Ne).brIf(otherwise)
    code.get(found).at(access.i32Load, entry.more).get(code.named('low', i32)).int(pageBytes - 2).op(op.i32And).int(3)
    code.op(op.i32Shl, op.i32Add).tee(place)
    // From the record before, whose instruction may have four bytes, to that of the last two of eight bytes.
    code.int(recordBytes).op(op.i32Sub).at(access.i32Load16U)
    for (const slot of [0, 1, 2, 3]) code.get(place).at(access.i32Load16U, slot * recordBytes).op(op.i32Or)
    code.brIf(otherwise)
  }

  /** Finds `place` by the entry, does the access of the present kind, and goes on. */
  private emitByKind<Name>(names: readonly Name[], emit: (name: Name) => void): void {
    const { code } = this
    code.get(code.named('low', i32)).get(code.named('entry', i32)).at(access.i32Load, entry.content).op(op.i32Add).set(this.place)
    const done = code.block()
    for (const [kind, name] of names.entries()) {
      code.get(this.kind).int(kind).op(op.i32Eq).if()
      emit(name)
      code.br(done).end()
    }
    code.end()
    this.sequential(this.arrive)
  }

  private emitSlowStore(): void {
    const { code } = this
    const slow = code.block()
    const found = code.block()
    const aligned = code.block()
    this.checkMisaligned(aligned)
    code.br(found).end()
    this.checkFree(slow)
    code.end()
    this.emitByKind(storeNames, (name) => this.store(name))
    code.end()
    code.int(0)
    this.operands.rs2()
    code.at(access.i64Store, cell.value)
    this.callSlow('store')
    code.get(this.answer).brIf(this.handled)
    this.sequential(this.arrive)
  }

  private emitSlowLoad(): void {
    const { code } = this
    const slow = code.block()
    this.checkMisaligned(slow)
    this.emitByKind(loadNames, (name) => this.load(name))
    code.end()
    this.callSlow('load')
    code.get(this.answer).int(status.moved).op(op.i32And).brIf(this.handled)
    this.setRd(() => code.int(0).at(access.i64Load, cell.result))
    code.get(this.answer).brIf(this.handled)
    this.sequential(this.arrive)
  }

  private emitHandled(): void {
    const { code } = this
    code.get(this.answer).int(status.moved).op(op.i32And).if()
    this.loadNext()
    code.else()
    this.following()
    code.set(this.next).end()
    this.spend()
    code.get(this.answer).int(status.leave).op(op.i32And).if()
    this.saveNext()
    code.int(outcome.leave).op(op.return).end()
    code.br(this.lookUpPage)
  }
}

/** The module of `run`. */
export const interpreterBytes = (): Uint8Array => moduleOf(new Interpreter().emit())
