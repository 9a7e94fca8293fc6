// Floating-point operations as WebAssembly, where its arithmetic gives the result and no flag changes; elsewhere handlers.
//
// WebAssembly rounds to nearest even. A result that is normal and away from the limits can only be inexact, and `cell.quick`
// says that this flag is set already, that FS is dirty and that frm is RNE.
import { access, f32, f64, i32, i64, op, type Access, type Label, type Operation, type ValueType } from './encode.ts'
import type { Guarded, GuardedOperands } from './emit-atomic.ts'
import { lookUp } from './emit.ts'
import { cell } from './layout.ts'
import type { FloatingName } from './operations.ts'

export interface Width {
  readonly letter: 'S' | 'D'
  readonly type: ValueType
  readonly bits: ValueType
  readonly toBits: Operation
  readonly fromBits: Operation
  readonly exponentShift: number
  readonly exponentMask: number
  readonly add: Operation
  readonly subtract: Operation
  readonly multiply: Operation
  readonly divide: Operation
  readonly root: Operation
  readonly equal: Operation
  readonly less: Operation
  readonly lessOrEqual: Operation
}
const widths: readonly Width[] = [
  {
    letter: 'S', type: f32, bits: i32, toBits: op.i32ReinterpretF32, fromBits: op.f32ReinterpretI32, exponentShift: 23, exponentMask: 0xff,
    add: op.f32Add, subtract: op.f32Sub, multiply: op.f32Mul, divide: op.f32Div, root: op.f32Sqrt,
    equal: op.f32Eq, less: op.f32Lt, lessOrEqual: op.f32Le,
  },
  {
    letter: 'D', type: f64, bits: i64, toBits: op.i64ReinterpretF64, fromBits: op.f64ReinterpretI64, exponentShift: 52, exponentMask: 0x7ff,
    add: op.f64Add, subtract: op.f64Sub, multiply: op.f64Mul, divide: op.f64Div, root: op.f64Sqrt,
    equal: op.f64Eq, less: op.f64Lt, lessOrEqual: op.f64Le,
  },
]

const readCell = (o: GuardedOperands, place: number): void => void o.code.int(0).at(access.i32Load, place)

/** FS is dirty already. */
const needDirty = (o: GuardedOperands, slow: Label): void => {
  readCell(o, cell.fs)
  o.code.int(3).op(op.i32Ne).brIf(slow)
}
const needOn = (o: GuardedOperands, slow: Label): void => {
  readCell(o, cell.fs)
  o.code.op(op.i32Eqz).brIf(slow)
}
export const needQuick = (o: GuardedOperands, slow: Label): void => {
  readCell(o, cell.quick)
  o.code.op(op.i32Eqz).brIf(slow)
}

/** Pushes a register's number; a single that is not in its box is left to the handler. */
export const pushNumber = (o: GuardedOperands, { letter, fromBits }: Width, which: 'f1' | 'f2' | 'f3', slow: Label): void => {
  const { code } = o
  if (letter === 'S') {
    o[which]()
    code.long(32).op(op.i64ShrS).long(-1).op(op.i64Ne).brIf(slow)
    o[which]()
    code.op(op.i32WrapI64, fromBits)
  } else {
    o[which]()
    code.op(fromBits)
  }
}

export const setNumber = (o: GuardedOperands, width: Width, number: number): void => o.setF(() => {
  o.code.get(number).op(width.toBits)
  if (width.letter === 'S') o.code.op(op.i64ExtendI32U).long(0xffff_ffff_0000_0000n).op(op.i64Or)
})

/** Pushes whether the number in a local is neither normal, nor away from the limits. */
export const pushIsExtreme = (o: GuardedOperands, width: Width, number: number): void => {
  const { code } = o
  code.get(number).op(width.toBits)
  if (width.bits === i64) code.long(width.exponentShift).op(op.i64ShrU, op.i32WrapI64)
  else code.int(width.exponentShift).op(op.i32ShrU)
  code.int(width.exponentMask).op(op.i32And).int(2).op(op.i32Sub).int(width.exponentMask - 3).op(op.i32GeU)
}

const zero = (o: GuardedOperands, { type }: Width): void => {
  if (type === f32) o.code.int(0).op(op.f32ReinterpretI32)
  else o.code.long(0).op(op.f64ReinterpretI64)
}

const local = (o: GuardedOperands, { letter, type }: Width, name: string): number => o.code.named(`${name} ${letter}`, type)

/** `zeroFrom`: whose being zero makes a result of zero exact. */
const arithmetic = (width: Width, operation: Operation, zeroFrom: 'any' | 'factor' | 'dividend'): Guarded => (o, slow) => {
  const { code } = o
  const [a, b, result] = ['a', 'b', 'result'].map((name) => local(o, width, name)) as [number, number, number]
  needQuick(o, slow)
  pushNumber(o, width, 'f1', slow)
  code.set(a)
  pushNumber(o, width, 'f2', slow)
  code.set(b).get(a).get(b).op(operation).set(result)
  pushIsExtreme(o, width, result)
  code.if()
  const isNotZero = (number: number): void => {
    code.get(number)
    zero(o, width)
    code.op(width.equal, op.i32Eqz)
  }
  isNotZero(result)
  code.brIf(slow)
  if (zeroFrom !== 'any') {
    isNotZero(a)
    if (zeroFrom === 'factor') {
      isNotZero(b)
      code.op(op.i32And)
    }
    code.brIf(slow)
  }
  code.end()
  setNumber(o, width, result)
}

const squareRoot = (width: Width): Guarded => (o, slow) => {
  const result = local(o, width, 'result')
  needQuick(o, slow)
  pushNumber(o, width, 'f1', slow)
  o.code.op(width.root).set(result)
  pushIsExtreme(o, width, result)
  o.code.brIf(slow)
  setNumber(o, width, result)
}

const compare = (width: Width, operation: Operation): Guarded => (o, slow) => {
  const { code } = o
  const [a, b] = ['a', 'b'].map((name) => local(o, width, name)) as [number, number]
  needOn(o, slow)
  pushNumber(o, width, 'f1', slow)
  code.set(a)
  pushNumber(o, width, 'f2', slow)
  code.set(b)
  for (const number of [a, b]) code.get(number).get(number).op(width.equal, op.i32Eqz).brIf(slow)
  o.setX(() => code.get(a).get(b).op(operation, op.i64ExtendI32U))
}

const sign = (width: Width, kind: 'J' | 'JN' | 'JX'): Guarded => (o, slow) => {
  const { code } = o
  needDirty(o, slow)
  if (width.letter === 'S') {
    for (const which of ['f1', 'f2'] as const) {
      o[which]()
      code.long(32).op(op.i64ShrS).long(-1).op(op.i64Ne).brIf(slow)
    }
  }
  const bit = width.letter === 'S' ? 0x8000_0000n : 1n << 63n
  o.setF(() => {
    o.f1()
    if (kind !== 'JX') code.long(BigInt.asIntN(64, ~bit)).op(op.i64And)
    o.f2()
    if (kind === 'JN') code.long(-1).op(op.i64Xor)
    code.long(BigInt.asIntN(64, bit)).op(op.i64And, kind === 'JX' ? op.i64Xor : op.i64Or)
  })
}

/** Toward zero, as C converts. */
const toInteger = (width: Width, bits: 32 | 64): Guarded => (o, slow) => {
  const { code } = o
  const a = local(o, width, 'a')
  const integer = code.named('integer', i64)
  const double = width.letter === 'D'
  needDirty(o, slow)
  pushNumber(o, width, 'f1', slow)
  code.tee(a).op(double ? op.f64Abs : op.f32Abs)
  const limit = 2 ** (bits - 1)
  if (double) code.long(new BigInt64Array(new Float64Array([limit]).buffer)[0]!).op(op.f64ReinterpretI64, op.f64Lt)
  else code.int(new Int32Array(new Float32Array([limit]).buffer)[0]!).op(op.f32ReinterpretI32, op.f32Lt)
  code.op(op.i32Eqz).brIf(slow).get(a).op(double ? op.i64TruncF64S : op.i64TruncF32S).tee(integer)
  // What is lost sets a flag, which must be set already.
  code.op(double ? op.f64ConvertI64S : op.f32ConvertI64S).get(a).op(width.equal)
  readCell(o, cell.flags)
  code.int(1).op(op.i32And, op.i32Or, op.i32Eqz).brIf(slow)
  o.setX(() => code.get(integer))
}

const fromInteger = (width: Width, source: 'W' | 'WU' | 'L'): Guarded => (o, slow) => {
  const { code } = o
  const result = local(o, width, 'result')
  const double = width.letter === 'D'
  if (double && source !== 'L') needDirty(o, slow)
  else needQuick(o, slow)
  o.rs1()
  if (source === 'W') code.op(op.i64Extend32S)
  if (source === 'WU') code.long(0xffff_ffff).op(op.i64And)
  code.op(double ? op.f64ConvertI64S : op.f32ConvertI64S).set(result)
  setNumber(o, width, result)
}

const convert = (from: Width, to: Width): Guarded => (o, slow) => {
  const result = local(o, to, 'result')
  if (to.letter === 'D') needDirty(o, slow)
  else needQuick(o, slow)
  pushNumber(o, from, 'f1', slow)
  o.code.op(to.letter === 'D' ? op.f64PromoteF32 : op.f32DemoteF64).set(result)
  pushIsExtreme(o, to, result)
  o.code.brIf(slow)
  setNumber(o, to, result)
}

const place = (o: GuardedOperands, buffer: () => void, bytes: number, slow: Label): number => {
  const address = o.code.named('address F', i64)
  const found = o.code.named('place F', i32)
  o.rs1()
  o.immediate()
  o.code.op(op.i64Add).set(address)
  lookUp(o.code, buffer, address, found, bytes, slow)
  return found
}
const load = (bytes: 4 | 8): Guarded => (o, slow) => {
  needDirty(o, slow)
  const found = place(o, o.loadBuffer, bytes, slow)
  o.setF(() => {
    o.code.get(found).at(bytes === 8 ? access.i64Load : access.i64Load32U)
    if (bytes === 4) o.code.long(0xffff_ffff_0000_0000n).op(op.i64Or)
  })
}
const store = (instruction: Access, bytes: 4 | 8): Guarded => (o, slow) => {
  needOn(o, slow)
  o.code.get(place(o, o.storeBuffer, bytes, slow))
  o.f2()
  o.code.at(instruction)
}

export const [single, double] = widths as readonly [Width, Width]
const both = (width: Width): readonly (readonly [string, Guarded])[] => [
  ['FADD', arithmetic(width, width.add, 'any')],
  ['FSUB', arithmetic(width, width.subtract, 'any')],
  ['FMUL', arithmetic(width, width.multiply, 'factor')],
  ['FDIV', arithmetic(width, width.divide, 'dividend')],
  ['FSQRT', squareRoot(width)],
  ['FEQ', compare(width, width.equal)],
  ['FLT', compare(width, width.less)],
  ['FLE', compare(width, width.lessOrEqual)],
  ['FSGNJ', sign(width, 'J')],
  ['FSGNJN', sign(width, 'JN')],
  ['FSGNJX', sign(width, 'JX')],
  ['FCVT.W', toInteger(width, 32)],
  ['FCVT.L', toInteger(width, 64)],
  ['FCVT from W', fromInteger(width, 'W')],
  ['FCVT from WU', fromInteger(width, 'WU')],
  ['FCVT from L', fromInteger(width, 'L')],
]

export const floating = Object.fromEntries([
  ...widths.flatMap((width) => both(width).map(([name, emitter]) => [`${name}.${width.letter}`, emitter] as const)),
  ['FLW', load(4)], ['FLD', load(8)],
  ['FSW', store(access.i64Store32, 4)], ['FSD', store(access.i64Store, 8)],
  ['FCVT.S.D', convert(double, single)],
  ['FCVT.D.S', convert(single, double)],
  ['FMV.X.D', ((o, slow) => {
    needOn(o, slow)
    o.setX(o.f1)
  }) satisfies Guarded],
  ['FMV.X.W', ((o, slow) => {
    needOn(o, slow)
    o.setX(() => {
      o.f1()
      o.code.op(op.i64Extend32S)
    })
  }) satisfies Guarded],
  ['FMV.D.X', ((o, slow) => {
    needDirty(o, slow)
    o.setF(o.rs1)
  }) satisfies Guarded],
  ['FMV.W.X', ((o, slow) => {
    needDirty(o, slow)
    o.setF(() => {
      o.rs1()
      o.code.long(0xffff_ffff_0000_0000n).op(op.i64Or)
    })
  }) satisfies Guarded],
]) as Readonly<Record<FloatingName, Guarded>>
