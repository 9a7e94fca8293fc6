// The interpreter's decoder: the records of instructions that were decoded elsewhere already, from the table of forms and without a handler.
import { access, Code, i32, op } from './encode.ts'
import { codeOfPage, form, formBytes, formHash, forms, pageBytes, record, recordBytes } from './layout.ts'

/** Instructions at one time: those after the first are executed soon. */
const most = 8

/** The function: the address of a record that is not decoded, and that of its page of records; 1 when a handler is to decode it, else 0. */
export const decoderFunction = (): Code => {
  const code = new Code(2)
  const [ip, records] = [0, 1]
  const [within, bits, known, isNear, immediate, left] = [code.local(i32), code.local(i32), code.local(i32), code.local(i32), code.local(i32), code.local(i32)]
  const put = (field: number, push: () => void): void => {
    code.get(ip)
    push()
    code.at(access.i32Store, field)
  }
  const unknown = code.block()
  code.int(most).set(left)
  const next = code.loop()
  code.get(ip).get(records).op(op.i32Sub).int(3).op(op.i32ShrU).set(within)
  const pushCode = (): void => void code.get(records).at(access.i32Load, codeOfPage).get(within).op(op.i32Add)
  pushCode()
  code.at(access.i32Load16U).tee(bits).int(3).op(op.i32And).int(3).op(op.i32Eq).if()
  code.get(within).int(pageBytes - 2).op(op.i32Eq).brIf(unknown)
  pushCode()
  code.at(access.i32Load).set(bits).end()
  code.get(bits).int(formHash.factor).op(op.i32Mul).int(formHash.shift).op(op.i32ShrU).int(Math.log2(formBytes)).op(op.i32Shl).tee(known)
  code.at(access.i32Load, forms + form.bits).get(bits).op(op.i32Ne).if()
  code.get(known).int(formBytes).op(op.i32Xor).tee(known).at(access.i32Load, forms + form.bits).get(bits).op(op.i32Ne).brIf(unknown).end()
  // Where there is no form yet, the bits are 0, and so is the operation.
  code.get(known).at(access.i32Load, forms + form.first).op(op.i32Eqz).brIf(unknown)
  code.get(known).at(access.i32Load, forms + form.immediate).set(immediate)
  code.get(known).at(access.i32Load, forms + form.near).op(op.i32Eqz).if(i32)
  code.int(0).else().get(within).get(immediate).op(op.i32Add).int(pageBytes).op(op.i32LtU).end().set(isNear)
  put(record.operation, () => {
    code.get(known).at(access.i32Load, forms + form.near).get(known).at(access.i32Load, forms + form.first).get(isNear).op(op.select)
  })
  put(record.rs2, () => void code.get(known).at(access.i32Load, forms + form.second))
  put(record.immediate, () => void code.get(immediate).get(isNear).int(Math.log2(recordBytes / 2)).op(op.i32Mul, op.i32Shl))
  code.get(left).int(1).op(op.i32Sub).tee(left).if()
  code.get(ip).get(ip).at(access.i32Load8U, record.size).op(op.i32Add).tee(ip).at(access.i32Load16U).op(op.i32Eqz).brIf(next).end()
  code.int(0).op(op.return).end().end()
  return code.get(left).int(most).op(op.i32Eq)
}
