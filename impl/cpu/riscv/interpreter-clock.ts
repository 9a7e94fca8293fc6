// Loads from the register of the time, which guests that wait ask for again and again: the interpreter computes it from the steps.
import { access, Code, op } from './encode.ts'
import { cell } from './layout.ts'
import { loadNames } from './operations.ts'

/** The function: parameters and result of the handler of loads, which is the function `handler`, and asked for all others. */
export const loadFunction = (handler: number): Code => {
  const code = new Code(3)
  const [kind, low, high] = [0, 1, 2]
  const cellOf = (place: number): Code => code.int(0).at(access.i64Load, place)
  cellOf(cell.clockTick).op(op.i64Eqz)
  code.get(kind).int(loadNames.indexOf('LD')).op(op.i32Ne, op.i32Or)
  code.get(low).op(op.i64ExtendI32U).get(high).op(op.i64ExtendI32U).long(32).op(op.i64Shl, op.i64Or)
  cellOf(cell.clockAddress).op(op.i64Ne, op.i32Or).if()
  code.get(kind).get(low).get(high).call(handler).op(op.return).end()
  code.int(0)
  cellOf(cell.clockEnd).int(0).at(access.i32Load, cell.left).op(op.i64ExtendI32U, op.i64Sub)
  cellOf(cell.clockTick).op(op.i64DivU).at(access.i64Store, cell.result)
  return code.int(0)
}
