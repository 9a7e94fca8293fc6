// Atomic memory operations as WebAssembly, where the look-aside buffers have the page; elsewhere a handler does them.
import { access, i32, i64, op, type Label } from './encode.ts'
import { lookUp, type Operands } from './emit.ts'
import { cell } from './layout.ts'
import type { AtomicName } from './operations.ts'

export interface GuardedOperands extends Operands {
  readonly loadBuffer: () => void
  readonly storeBuffer: () => void
  /** Writes x[rd], also where that is x0. */
  readonly setX: (value: () => void) => void
  /** Each pushes the 64 bits of a floating-point register. */
  readonly f1: () => void
  readonly f2: () => void
  readonly f3: () => void
  readonly setF: (value: () => void) => void
}

/** Completes the instruction, or branches to `slow` before it has changed anything. */
export type Guarded = (operands: GuardedOperands, slow: Label) => void

/** What is stored, from the locals `old` and `operand`, both extended as the comparison needs. */
const combined: Readonly<Record<string, (o: GuardedOperands, old: number, operand: number) => void>> = {
  AMOSWAP: (o, _old, operand) => void o.code.get(operand),
  AMOADD: (o, old, operand) => void o.code.get(old).get(operand).op(op.i64Add),
  AMOXOR: (o, old, operand) => void o.code.get(old).get(operand).op(op.i64Xor),
  AMOAND: (o, old, operand) => void o.code.get(old).get(operand).op(op.i64And),
  AMOOR: (o, old, operand) => void o.code.get(old).get(operand).op(op.i64Or),
  AMOMIN: (o, old, operand) => void o.code.get(old).get(operand).get(old).get(operand).op(op.i64LtS, op.select),
  AMOMAX: (o, old, operand) => void o.code.get(old).get(operand).get(old).get(operand).op(op.i64GtS, op.select),
  AMOMINU: (o, old, operand) => void o.code.get(old).get(operand).get(old).get(operand).op(op.i64LtU, op.select),
  AMOMAXU: (o, old, operand) => void o.code.get(old).get(operand).get(old).get(operand).op(op.i64GtU, op.select),
}

const pushZero = (o: GuardedOperands): void => void o.code.int(0)

const locate = (o: GuardedOperands, buffer: () => void, bytes: number, slow: Label): number => {
  const address = o.code.named('atomic address', i64)
  const place = o.code.named('atomic place', i32)
  o.rs1()
  o.code.set(address)
  lookUp(o.code, buffer, address, place, bytes, slow)
  return place
}

const reserve = (o: GuardedOperands, place: () => void, bytes: number): void => {
  pushZero(o)
  place()
  o.code.at(access.i32Store, cell.reserved).int(0).int(bytes).at(access.i32Store, cell.reservedBytes)
}

const loadReserved = (bytes: 4 | 8): Guarded => (o, slow) => {
  const place = locate(o, o.loadBuffer, bytes, slow)
  o.setX(() => o.code.get(place).at(bytes === 4 ? access.i64Load32S : access.i64Load))
  reserve(o, () => o.code.get(place), bytes)
}

const storeConditional = (bytes: 4 | 8): Guarded => (o, slow) => {
  const { code } = o
  const place = locate(o, o.storeBuffer, bytes, slow)
  const holds = code.named('holds', i32)
  pushZero(o)
  code.at(access.i32Load, cell.reserved).get(place).op(op.i32Eq).int(0).at(access.i32Load, cell.reservedBytes).int(bytes)
  code.op(op.i32Eq, op.i32And).tee(holds).if()
  code.get(place)
  o.rs2()
  code.at(bytes === 4 ? access.i64Store32 : access.i64Store).end()
  reserve(o, () => pushZero(o), 0)
  o.setX(() => code.get(holds).op(op.i32Eqz, op.i64ExtendI32U))
}

const modify = (name: string, bytes: 4 | 8): Guarded => (o, slow) => {
  const { code } = o
  const unsigned = name.endsWith('U')
  const place = locate(o, o.storeBuffer, bytes, slow)
  const old = code.named('old', i64)
  const operand = code.named('operand', i64)
  code.get(place).at(bytes === 8 ? access.i64Load : unsigned ? access.i64Load32U : access.i64Load32S).set(old)
  o.rs2()
  if (bytes === 4) {
    if (unsigned) code.long(0xffff_ffff).op(op.i64And)
    else code.op(op.i64Extend32S)
  }
  code.set(operand).get(place)
  combined[name]!(o, old, operand)
  code.at(bytes === 4 ? access.i64Store32 : access.i64Store)
  o.setX(() => {
    code.get(old)
    if (bytes === 4) code.op(op.i64Extend32S)
  })
}

export const atomic = Object.fromEntries(([['W', 4], ['D', 8]] as const).flatMap(([width, bytes]) => [
  [`LR.${width}`, loadReserved(bytes)],
  [`SC.${width}`, storeConditional(bytes)],
  ...Object.keys(combined).map((name) => [`${name}.${width}`, modify(name, bytes)]),
])) as Readonly<Record<AtomicName, Guarded>>
