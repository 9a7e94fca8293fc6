// The interpreter's atomic and floating-point instructions: a function of its own, so that V8 is sooner done with the rest.
import { access, Code, op } from './encode.ts'
import { atomic, type Guarded, type GuardedOperands } from './emit-atomic.ts'
import { floating } from './emit-floating.ts'
import { fused } from './emit-fused.ts'
import { cell, record } from './layout.ts'
import { operation, type OperationName } from './operations.ts'

const emitters = [...Object.entries(atomic), ...Object.entries(floating), ...Object.entries(fused)] as readonly (readonly [OperationName, Guarded])[]
export const guardedNames: ReadonlySet<OperationName> = new Set(emitters.map(([name]) => name))

/** The function: the address of the record; 0, or 1 when nothing was done and the handler is to be asked. */
export const guardedFunction = (): Code => {
  const code = new Code(1)
  const ip = 0
  const field = (offset: number): void => void code.get(ip).at(access.i32Load8U, offset)
  const x = (offset: number) => (): void => {
    field(offset)
    code.at(access.i64Load, cell.x)
  }
  const f = (push: () => void) => (): void => {
    push()
    code.at(access.i64Load, cell.f)
  }
  const set = (first: number) => (value: () => void): void => {
    field(record.rd)
    value()
    code.at(access.i64Store, first)
  }
  const operands: GuardedOperands = {
    code,
    pc: () => { throw new Error('none of these instructions asks for its address') },
    rs1: x(record.rs1),
    rs2: x(record.rs2),
    immediate: () => void code.get(ip).at(access.i64Load32S, record.immediate),
    loadBuffer: () => void code.int(0).at(access.i32Load, cell.loadBuffer),
    storeBuffer: () => void code.int(0).at(access.i32Load, cell.storeBuffer),
    setX: (value) => {
      set(cell.x)(value)
      code.int(0).long(0).at(access.i64Store, cell.x)
    },
    f1: f(() => field(record.rs1)),
    f2: f(() => field(record.rs2)),
    f3: f(() => void code.get(ip).at(access.i32Load, record.immediate)),
    setF: set(cell.f),
  }
  const slow = code.block()
  const labels = new Map(emitters.map(([name]) => [operation[name], code.block()] as const).reverse())
  const first = Math.min(...labels.keys())
  const table = Array.from({ length: Math.max(...labels.keys()) - first + 1 }, (_, index) => labels.get(first + index) ?? slow)
  code.get(ip).at(access.i32Load16U, record.operation).int(first).op(op.i32Sub).brTable(table, slow)
  for (const [, emit] of [...emitters].reverse()) {
    code.end()
    emit(operands, slow)
    code.int(0).op(op.return)
  }
  return code.end().int(1)
}
