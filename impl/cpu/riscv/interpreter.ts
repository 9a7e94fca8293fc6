// The interpreter of decoded code: one WebAssembly function that branches on a table of operations.
import { access, Code, encodeModule, i32, i64, op, type Label, type Signature } from './encode.ts'
import { alu, condition, loadKinds, lookUp, storeKinds, type Operands } from './emit.ts'
import { atomic, type GuardedOperands } from './emit-atomic.ts'
import { floating } from './emit-floating.ts'
import { fused } from './emit-fused.ts'
import { cell, codeTag, crossingShift, entry, entryBytes, fetchEntries, record, recordBytes } from './layout.ts'
import {
  aluNames, branchNames, loadNames, operation, operationNames, storeNames, type OperationName,
} from './operations.ts'
import { host, type Module } from './web-assembly.ts'

/** What `run` and translated code return. */
export const outcome = {
  /** The slice is used up, or the address at `cell.pc` is to be looked up. */
  continue: 0,
  /** A handler asked to come back. */
  leave: 1,
  /** Too little of the slice is left for the block at `cell.pc`. */
  short: 2,
  /** The interpreter is to execute the instruction at `cell.pc`. */
  missed: 3,
} as const

/** What handlers return, as bits: 0 goes on with the next instruction. */
export const status = {
  /** The address of the next instruction is in `cell.pc`. */
  moved: 1,
  /** `run` is to return after this instruction. */
  leave: 2,
  /** The next instruction may have to be fetched in another way. */
  refetch: 4,
} as const

/** The signature of a translation: what is left of the slice and the virtual address of its page; an outcome. */
export const translation: Signature = { parameters: [i32, i64], results: [i32] }

/** The functions that the interpreter calls. Before each call `cell.pc` and `cell.left` are right. */
export interface Handlers {
  /** Fills in the record at this address. */
  readonly decode: (place: number) => void
  /** The page of records with the instruction at `cell.pc`; 0: trapped. */
  readonly fetch: () => number
  /** The same for an instruction that crosses into the next page and is not decoded for what stands there. */
  readonly cross: () => number
  /** By number in `loadNames`; the address in two halves; a status. */
  readonly load: (kind: number, low: number, high: number) => number
  readonly store: (kind: number, low: number, high: number) => number
  /** Executes the word of a `handled` operation; a status. */
  readonly handled: (word: number) => number
  /** Executes the instruction of the record at this address; a status. */
  readonly guarded: (place: number) => number
  /** The record at this address was arrived at often: sets its heat. */
  readonly hot: (place: number) => void
}

const imports: readonly { readonly name: keyof Handlers, readonly type: number }[] = [
  { name: 'decode', type: 1 }, { name: 'fetch', type: 4 }, { name: 'cross', type: 4 }, { name: 'load', type: 3 }, { name: 'store', type: 3 },
  { name: 'handled', type: 2 }, { name: 'guarded', type: 2 }, { name: 'hot', type: 1 },
]
const types: readonly Signature[] = [
  translation,
  { parameters: [i32], results: [] },
  { parameters: [i32], results: [i32] },
  { parameters: [i32, i32, i32], results: [i32] },
  { parameters: [], results: [i32] },
]
const imported = Object.fromEntries(imports.map(({ name }, index) => [name, index])) as Record<keyof Handlers, number>

const emitRun = (): Code => {
  const left = 0
  const code = new Code(1)
  const ip = code.local(i32)
  const base = code.local(i32)
  /** Not to enter translations: 1 for the rest of the slice, 2 at the next arrival. */
  const plain = code.local(i32)
  const answer = code.local(i32)
  const kind = code.local(i32)
  const place = code.local(i32)
  const heat = code.local(i32)
  const page = code.local(i64)
  const next = code.local(i64)
  const address = code.local(i64)

  const pc = (): void => {
    code.get(page).get(ip).get(base).op(op.i32Sub).int(3).op(op.i32ShrU, op.i64ExtendI32U, op.i64Add)
  }
  const field = (offset: number): void => {
    code.get(ip).at(access.i32Load8U, offset)
  }
  const register = (offset: number) => (): void => {
    field(offset)
    code.at(access.i64Load, cell.x)
  }
  const operands: Operands = {
    code, pc,
    rs1: register(record.rs1),
    rs2: register(record.rs2),
    immediate: () => void code.get(ip).at(access.i64Load32S, record.immediate),
  }
  const setRd = (value: () => void): void => {
    field(record.rd)
    value()
    code.at(access.i64Store, cell.x)
  }
  const spend = (): void => void code.get(left).int(1).op(op.i32Sub).set(left)
  const bytes = (): void => {
    field(record.size)
    code.int(3).op(op.i32ShrU)
  }
  const sequential = (dispatch: Label): void => {
    code.get(ip)
    field(record.size)
    code.op(op.i32Add).set(ip)
    spend()
    code.br(dispatch)
  }
  const save = (address: () => void): void => {
    code.int(0)
    address()
    code.at(access.i64Store, cell.pc).int(0).get(left).at(access.i32Store, cell.left)
  }
  const saveNext = (): void => save(() => code.get(next))
  const following = (): void => {
    pc()
    bytes()
    code.op(op.i64ExtendI32U, op.i64Add)
  }

  code.int(0).at(access.i64Load, cell.pc).set(next)
  const lookUpPage = code.loop()
  code.get(left).op(op.i32Eqz).if()
  saveNext()
  code.int(outcome.continue).op(op.return).end()
  const pushFetchEntry = (): void => {
    code.get(next).op(op.i32WrapI64).int(8).op(op.i32ShrU).int((fetchEntries - 1) * entryBytes).op(op.i32And)
    code.int(0).at(access.i32Load, cell.fetchBuffer).op(op.i32Add)
  }
  pushFetchEntry()
  code.tee(place).at(access.i64Load, entry.tag)
  code.get(next).long(-4096).op(op.i64And, op.i64Eq).if()
  code.get(place).at(access.i32Load, entry.content).set(base)
  code.else()
  saveNext()
  code.call(imported.fetch).tee(base).op(op.i32Eqz).if()
  code.int(0).at(access.i64Load, cell.pc).set(next)
  spend()
  code.br(lookUpPage).end()
  code.end()
  code.get(next).long(-4096).op(op.i64And).set(page)
  code.get(base).get(next).op(op.i32WrapI64).int(4095).op(op.i32And).int(3).op(op.i32Shl, op.i32Add).set(ip)

  const arrive = code.loop()
  const warm = code.block()
  code.get(ip).at(access.i32Load, record.heat).tee(heat).int(0).op(op.i32GtS).if()
  code.get(plain).get(left).op(op.i32Eqz, op.i32Or).get(plain).int(1).op(op.i32And).set(plain).brIf(warm)
  code.get(left).get(page).get(heat).callIndirect(0).set(answer)
  code.int(0).at(access.i64Load, cell.pc).set(next).int(0).at(access.i32Load, cell.left).set(left)
  code.get(answer).int(outcome.leave).op(op.i32Eq).if()
  code.get(answer).op(op.return).end()
  code.get(answer).int(1).op(op.i32ShrU).get(answer).int(1).op(op.i32And, op.i32Shl).set(plain)
  code.br(lookUpPage).end()
  code.get(plain).int(1).op(op.i32And).set(plain)
  code.get(ip).get(heat).int(1).op(op.i32Add).tee(heat).at(access.i32Store, record.heat)
  code.get(heat).brIf(warm)
  save(pc)
  code.get(ip).call(imported.hot).br(arrive).end()

  const dispatch = code.loop()
  code.get(left).op(op.i32Eqz).if()
  pc()
  code.set(next).br(lookUpPage).end()
  const again = code.loop()
  const handled = code.block()
  const slowLoad = code.block()
  const slowStore = code.block()
  const slowGuarded = code.block()
  const emitters: [OperationName, () => void][] = [
    ['undecoded', () => {
      save(pc)
      code.get(ip).call(imported.decode).br(again)
    }],
    ['page end', () => {
      pc()
      code.set(next).br(lookUpPage)
    }],
    ['crossing', () => {
      // Decoded already; the next page is in the buffer; and what stands there is what the record was decoded with.
      const stale = code.block()
      code.get(ip).at(access.i32Load16U, crossingShift).int(operation['page end']).op(op.i32Eq).brIf(stale)
      code.get(page).long(4096).op(op.i64Add).set(next)
      pushFetchEntry()
      code.tee(place).at(access.i64Load, entry.tag).get(next).op(op.i64Ne).brIf(stale)
      code.get(place).at(access.i32Load, entry.more).at(access.i32Load16U)
      code.get(ip).at(access.i32Load16U, record.secondHalf).op(op.i32Ne).brIf(stale)
      code.get(base).int(crossingShift).op(op.i32Add).set(base).get(ip).int(crossingShift).op(op.i32Add).set(ip).br(again).end()
      save(pc)
      code.call(imported.cross).tee(base).op(op.i32Eqz).if()
      code.int(status.moved).set(answer).br(handled).end()
      code.get(base).int(4094 << 3).op(op.i32Add).set(ip).br(again)
    }],
    ['handled', () => {
      save(pc)
      code.get(ip).at(access.i32Load, record.immediate).call(imported.handled).tee(answer).brIf(handled)
      sequential(arrive)
    }],
    ['NOP', () => sequential(dispatch)],
  ]
  for (const name of aluNames) {
    emitters.push([name, () => {
      setRd(() => alu[name](operands))
      sequential(dispatch)
    }])
  }
  const translate = (buffer: number, size: number, slow: Label): void => {
    operands.rs1()
    operands.immediate()
    code.op(op.i64Add).set(address)
    lookUp(code, () => code.int(0).at(access.i32Load, buffer), address, place, size, slow)
  }
  for (const [number, name] of loadNames.entries()) {
    emitters.push([name, () => {
      code.int(number).set(kind)
      translate(cell.loadBuffer, loadKinds[name].bytes, slowLoad)
      setRd(() => code.get(place).at(loadKinds[name].instruction))
      sequential(dispatch)
    }])
  }
  for (const [number, name] of storeNames.entries()) {
    emitters.push([name, () => {
      code.int(number).set(kind)
      translate(cell.storeBuffer, storeKinds[name].bytes, slowStore)
      code.get(place)
      operands.rs2()
      code.at(storeKinds[name].instruction)
      sequential(dispatch)
    }])
  }
  const jumpNear = (): void => {
    spend()
    code.get(ip).get(ip).at(access.i32Load, record.immediate).tee(place).op(op.i32Add).set(ip)
    code.get(place).int(0).op(op.i32LeS).brIf(arrive).br(dispatch)
  }
  const jumpFar = (): void => {
    spend()
    pc()
    operands.immediate()
    code.op(op.i64Add).set(next).br(lookUpPage)
  }
  const jumpIndirect = (link: boolean): void => {
    spend()
    operands.rs1()
    operands.immediate()
    code.op(op.i64Add).long(-2).op(op.i64And).set(next)
    if (link) setRd(following)
    code.br(lookUpPage)
  }
  for (const name of branchNames) {
    for (const near of [false, true]) {
      emitters.push([near ? `${name} near` : name, () => {
        condition[name](operands)
        code.if()
        if (near) jumpNear()
        else jumpFar()
        code.end()
        sequential(dispatch)
      }])
    }
  }
  emitters.push(
    ['J', jumpFar],
    ['JAL', () => {
      setRd(following)
      jumpFar()
    }],
    ['J near', jumpNear],
    ['JAL near', () => {
      setRd(following)
      jumpNear()
    }],
    ['JR', () => jumpIndirect(false)],
    ['JALR', () => jumpIndirect(true)],
  )

  const floatRegister = (push: () => void) => (): void => {
    push()
    code.at(access.i64Load, cell.f)
  }
  const guardedOperands: GuardedOperands = {
    ...operands,
    loadBuffer: () => void code.int(0).at(access.i32Load, cell.loadBuffer),
    storeBuffer: () => void code.int(0).at(access.i32Load, cell.storeBuffer),
    setX: (value) => {
      setRd(value)
      code.int(0).long(0).at(access.i64Store, cell.x)
    },
    f1: floatRegister(() => field(record.rs1)),
    f2: floatRegister(() => field(record.rs2)),
    f3: floatRegister(() => code.get(ip).at(access.i32Load, record.immediate)),
    setF: (value) => {
      field(record.rd)
      value()
      code.at(access.i64Store, cell.f)
    },
  }
  for (const [name, emit] of [...Object.entries(atomic), ...Object.entries(floating), ...Object.entries(fused)]) {
    emitters.push([name as OperationName, () => {
      emit(guardedOperands, slowGuarded)
      sequential(dispatch)
    }])
  }

  const emitterOf = new Map(emitters)
  const labels = operationNames.map(() => code.block()).reverse()
  code.get(ip).at(access.i32Load16U, record.operation).brTable(labels, labels[operation.undecoded]!)
  for (const name of operationNames) {
    code.end()
    emitterOf.get(name)!()
  }
  code.end()

  const callSlow = (handler: 'load' | 'store'): void => {
    save(pc)
    code.get(kind).get(address).op(op.i32WrapI64).get(address).long(32).op(op.i64ShrU, op.i32WrapI64)
    code.call(imported[handler]).set(answer)
  }
  // slowGuarded ends here.
  save(pc)
  code.get(ip).call(imported.guarded).tee(answer).brIf(handled)
  sequential(arrive)
  code.end()
  // slowStore and slowLoad: `low` and `entry` are as `lookUp` left them.
  const low = code.named('low', i32)
  const found = code.named('entry', i32)
  const findPlace = (): void => void code.get(low).get(found).at(access.i32Load, entry.content).op(op.i32Add).set(place)
  /** Goes on when the entry is that of the page, for a misaligned access that is to be done and surely stays in the page. */
  const checkMisaligned = (otherwise: Label): void => {
    code.get(found).at(access.i64Load, entry.tag).get(address).long(-4096).op(op.i64And, op.i64Ne).brIf(otherwise)
    code.get(low).int(4095).op(op.i32And).int(4096 - 8).op(op.i32GtU).brIf(otherwise)
    code.int(0).at(access.i32Load, cell.misaligned).op(op.i32Eqz).brIf(otherwise)
  }
  const byKind = (names: readonly string[], emit: (number: number) => void): void => {
    const done = code.block()
    for (const number of names.keys()) {
      code.get(kind).int(number).op(op.i32Eq).if()
      emit(number)
      code.br(done).end()
    }
    code.end()
  }
  // A page with decoded code, but none where the store goes.
  const isCode = code.block()
  const isFree = code.block()
  const isOther = code.block()
  checkMisaligned(isOther)
  code.br(isFree).end()
  code.get(found).at(access.i64Load, entry.tag).get(code.named('tag', i64)).long(codeTag).op(op.i64Or, op.i64Ne).brIf(isCode)
  code.get(found).at(access.i32Load, entry.more).get(low).int(4094).op(op.i32And).int(3).op(op.i32Shl, op.i32Add).tee(place)
  code.int(recordBytes).op(op.i32Sub).at(access.i32Load16U)
  for (const slot of [0, 1, 2, 3]) code.get(place).at(access.i32Load16U, slot * recordBytes).op(op.i32Or)
  code.brIf(isCode).end()
  findPlace()
  byKind(storeNames, (number) => {
    code.get(place)
    operands.rs2()
    code.at(storeKinds[storeNames[number]!].instruction)
  })
  sequential(arrive)
  code.end()
  code.int(0)
  operands.rs2()
  code.at(access.i64Store, cell.value)
  callSlow('store')
  code.get(answer).brIf(handled)
  sequential(arrive)
  code.end()
  const isSlow = code.block()
  checkMisaligned(isSlow)
  findPlace()
  byKind(loadNames, (number) => setRd(() => code.get(place).at(loadKinds[loadNames[number]!].instruction)))
  sequential(arrive)
  code.end()
  callSlow('load')
  code.get(answer).int(status.moved).op(op.i32And).brIf(handled)
  setRd(() => code.int(0).at(access.i64Load, cell.result))
  code.get(answer).brIf(handled)
  sequential(arrive)
  code.end()
  // handled ends here.
  code.get(answer).int(status.moved).op(op.i32And).if()
  code.int(0).at(access.i64Load, cell.pc).set(next).else()
  following()
  code.set(next).end()
  spend()
  code.get(answer).int(status.leave).op(op.i32And).if()
  saveNext()
  code.int(outcome.leave).op(op.return).end()
  code.br(lookUpPage)
  code.end()
  code.end()
  code.end()
  code.end()
  return code.op(op.unreachable)
}

let module: Module | undefined

/** The interpreter's module: `run` takes the instructions of the slice and returns an outcome. One for all harts. */
export const interpreterModule = (): Module => {
  module ??= new host.Module(encodeModule({ types, imports, functions: [{ name: 'run', type: 2, body: emitRun() }], table: 'imported' }))
  return module
}
