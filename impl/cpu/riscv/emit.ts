// What each integer operation computes, as WebAssembly: written once, for the interpreter and for translated code.
import { access, i32, i64, op, type Access, type Code } from './encode.ts'
import { cell, dataEntries, entry, entryBytes, fetchEntries } from './layout.ts'
import type { AluName, BranchName, LoadName, StoreName } from './operations.ts'

/** Where an operation finds its operands. Each function pushes 64 bits and may be called more than once. */
export interface Operands {
  readonly code: Code
  readonly rs1: () => void
  readonly rs2: () => void
  readonly immediate: () => void
  /** The address of the instruction. */
  readonly pc: () => void
}

type Emitter = (operands: Operands) => void

const binary = (operator: (typeof op)[keyof typeof op], right: 'rs2' | 'immediate'): Emitter => (o) => {
  o.rs1()
  o[right]()
  o.code.op(operator)
}

/** On the low halves. */
const halves = ([operator, right]: readonly [(typeof op)[keyof typeof op], 'rs2' | 'immediate'], extend: (typeof op)[keyof typeof op]): Emitter => (o) => {
  o.rs1()
  o.code.op(op.i32WrapI64)
  o[right]()
  o.code.op(op.i32WrapI64, operator, extend)
}

const wordOperators = {
  ADDIW: [op.i32Add, 'immediate'], SLLIW: [op.i32Shl, 'immediate'], SRLIW: [op.i32ShrU, 'immediate'], SRAIW: [op.i32ShrS, 'immediate'],
  ADDW: [op.i32Add, 'rs2'], SUBW: [op.i32Sub, 'rs2'], SLLW: [op.i32Shl, 'rs2'], SRLW: [op.i32ShrU, 'rs2'], SRAW: [op.i32ShrS, 'rs2'], MULW: [op.i32Mul, 'rs2'],
} as const
type WordName = keyof typeof wordOperators
/** Operations that WebAssembly has for 32 bits. */
export const wordNames = Object.keys(wordOperators) as readonly WordName[]
const word = Object.fromEntries(wordNames.map((name) => [name, halves(wordOperators[name], op.i64ExtendI32S)])) as Readonly<Record<WordName, Emitter>>

const logicalOperators = {
  XORI: [op.i32Xor, 'immediate'], ORI: [op.i32Or, 'immediate'], ANDI: [op.i32And, 'immediate'], XOR: [op.i32Xor, 'rs2'], OR: [op.i32Or, 'rs2'], AND: [op.i32And, 'rs2'],
} as const
type LogicalName = keyof typeof logicalOperators
export const logicalNames = Object.keys(logicalOperators) as readonly LogicalName[]

/** The same, and logical operations, where only the low half of the result will be used: the high half is 0, which costs nothing. */
export const loose: ReadonlyMap<string, Emitter> = new Map(Object.entries({ ...wordOperators, ...logicalOperators })
  .map(([name, operator]) => [name, halves(operator, op.i64ExtendI32U)] as const))

const compared = (operator: (typeof op)[keyof typeof op], right: 'rs2' | 'immediate'): Emitter => (o) => {
  binary(operator, right)(o)
  o.code.op(op.i64ExtendI32U)
}

/** The high half of the unsigned product, from four products of 32-bit halves. */
const highProduct: Emitter = (o) => {
  const { code } = o
  const [al, ah, bl, bh, middle] = (['al', 'ah', 'bl', 'bh', 'middle'] as const).map((name) => code.named(name, i64)) as
    [number, number, number, number, number]
  const low = 0xffff_ffff
  o.rs1()
  code.tee(ah).long(low).op(op.i64And).set(al)
  o.rs2()
  code.tee(bh).long(low).op(op.i64And).set(bl)
  code.get(ah).long(32).op(op.i64ShrU).set(ah).get(bh).long(32).op(op.i64ShrU).set(bh)
  // ah·bl + high(al·bl) cannot overflow; neither can al·bh + low(that).
  code.get(ah).get(bl).op(op.i64Mul).get(al).get(bl).op(op.i64Mul).long(32).op(op.i64ShrU, op.i64Add).set(middle)
  code.get(ah).get(bh).op(op.i64Mul).get(middle).long(32).op(op.i64ShrU, op.i64Add)
  code.get(al).get(bh).op(op.i64Mul).get(middle).long(low).op(op.i64And, op.i64Add).long(32).op(op.i64ShrU, op.i64Add)
}

/** Takes one factor from the high product below when the other is negative. */
const lessIfNegative = (o: Operands, factor: 'rs1' | 'rs2', other: 'rs1' | 'rs2'): void => {
  o[factor]()
  o.code.long(63).op(op.i64ShrS)
  o[other]()
  o.code.op(op.i64And, op.i64Sub)
}

/** Division by 0 and by -1 apart: WebAssembly traps where the quotient overflows. */
const divided = (by0: Emitter, byMinus1: Emitter | undefined, otherwise: Emitter): Emitter => (o) => {
  const { code } = o
  o.rs2()
  code.op(op.i64Eqz).if(i64)
  by0(o)
  code.else()
  if (byMinus1 === undefined) otherwise(o)
  else {
    o.rs2()
    code.long(-1).op(op.i64Eq).if(i64)
    byMinus1(o)
    code.else()
    otherwise(o)
    code.end()
  }
  code.end()
}

/** The same on low halves: both operands are extended first, and 64-bit division cannot overflow then. */
const dividedWords = (extend: 'signed' | 'unsigned', rest: boolean): Emitter => (o) => {
  const { code } = o
  const dividend = code.named('dividend', i64)
  const divisor = code.named('divisor', i64)
  const extended = (from: () => void): void => {
    from()
    if (extend === 'signed') code.op(op.i64Extend32S)
    else code.long(0xffff_ffff).op(op.i64And)
  }
  extended(o.rs1)
  code.set(dividend)
  extended(o.rs2)
  code.tee(divisor).op(op.i64Eqz).if(i64)
  if (rest) code.get(dividend)
  else code.long(-1)
  code.else().get(dividend).get(divisor)
  if (extend === 'signed') code.op(rest ? op.i64RemS : op.i64DivS)
  else code.op(rest ? op.i64RemU : op.i64DivU)
  code.end().op(op.i64Extend32S)
}

const minusOne: Emitter = (o) => void o.code.long(-1)

/** Pushes the result. */
export const alu: Readonly<Record<AluName, Emitter>> = {
  ...word,
  LUI: (o) => o.immediate(),
  AUIPC: (o) => {
    o.pc()
    o.immediate()
    o.code.op(op.i64Add)
  },
  ADDI: binary(op.i64Add, 'immediate'),
  SLTI: compared(op.i64LtS, 'immediate'),
  SLTIU: compared(op.i64LtU, 'immediate'),
  XORI: binary(op.i64Xor, 'immediate'),
  ORI: binary(op.i64Or, 'immediate'),
  ANDI: binary(op.i64And, 'immediate'),
  SLLI: binary(op.i64Shl, 'immediate'),
  SRLI: binary(op.i64ShrU, 'immediate'),
  SRAI: binary(op.i64ShrS, 'immediate'),
  ADD: binary(op.i64Add, 'rs2'),
  SUB: binary(op.i64Sub, 'rs2'),
  SLL: binary(op.i64Shl, 'rs2'),
  SLT: compared(op.i64LtS, 'rs2'),
  SLTU: compared(op.i64LtU, 'rs2'),
  XOR: binary(op.i64Xor, 'rs2'),
  SRL: binary(op.i64ShrU, 'rs2'),
  SRA: binary(op.i64ShrS, 'rs2'),
  OR: binary(op.i64Or, 'rs2'),
  AND: binary(op.i64And, 'rs2'),
  MUL: binary(op.i64Mul, 'rs2'),
  MULHU: highProduct,
  MULHSU: (o) => {
    highProduct(o)
    lessIfNegative(o, 'rs1', 'rs2')
  },
  MULH: (o) => {
    highProduct(o)
    lessIfNegative(o, 'rs1', 'rs2')
    lessIfNegative(o, 'rs2', 'rs1')
  },
  DIV: divided(minusOne, (o) => {
    o.code.long(0)
    o.rs1()
    o.code.op(op.i64Sub)
  }, binary(op.i64DivS, 'rs2')),
  DIVU: divided(minusOne, undefined, binary(op.i64DivU, 'rs2')),
  REM: divided((o) => o.rs1(), (o) => void o.code.long(0), binary(op.i64RemS, 'rs2')),
  REMU: divided((o) => o.rs1(), undefined, binary(op.i64RemU, 'rs2')),
  DIVW: dividedWords('signed', false),
  DIVUW: dividedWords('unsigned', false),
  REMW: dividedWords('signed', true),
  REMUW: dividedWords('unsigned', true),
}

/** Each pushes 32 bits: whether the branch is taken. */
export const condition: Readonly<Record<BranchName, Emitter>> = {
  BEQ: binary(op.i64Eq, 'rs2'),
  BNE: binary(op.i64Ne, 'rs2'),
  BLT: binary(op.i64LtS, 'rs2'),
  BGE: binary(op.i64GeS, 'rs2'),
  BLTU: binary(op.i64LtU, 'rs2'),
  BGEU: binary(op.i64GeU, 'rs2'),
}

export interface AccessKind {
  readonly bytes: 1 | 2 | 4 | 8
  readonly instruction: Access
}
export const loadKinds: Readonly<Record<LoadName, AccessKind>> = {
  LB: { bytes: 1, instruction: access.i64Load8S },
  LH: { bytes: 2, instruction: access.i64Load16S },
  LW: { bytes: 4, instruction: access.i64Load32S },
  LD: { bytes: 8, instruction: access.i64Load },
  LBU: { bytes: 1, instruction: access.i64Load8U },
  LHU: { bytes: 2, instruction: access.i64Load16U },
  LWU: { bytes: 4, instruction: access.i64Load32U },
}
export const storeKinds: Readonly<Record<StoreName, AccessKind>> = {
  SB: { bytes: 1, instruction: access.i64Store8 },
  SH: { bytes: 2, instruction: access.i64Store16 },
  SW: { bytes: 4, instruction: access.i64Store32 },
  SD: { bytes: 8, instruction: access.i64Store },
}

/** Pushes the address of the entry in the buffer for code of the virtual address in local `va`. */
export const pushFetchEntry = (code: Code, va: number): void => {
  code.get(va).op(op.i32WrapI64).int(8).op(op.i32ShrU).int((fetchEntries - 1) * entryBytes).op(op.i32And)
  code.int(0).at(access.i32Load, cell.fetchBuffer).op(op.i32Add)
}

/**
 * With the virtual address in local `va`: branches to `miss` unless the buffer at the address that `pushBuffer` pushes
 * has the page and the access is aligned; leaves the address in memory in local `place`. `last`, where given, is the address
 * of a copy of the entry used last, which is looked at first.
 */
export const lookUp = (
  code: Code, pushBuffer: () => void, va: number, place: number, bytes: number, miss: number, last?: number,
): void => {
  const low = code.named('low', i32)
  const found = code.named('entry', i32)
  const tag = code.named('tag', i64)
  const search = (): void => {
    code.get(low).int(8).op(op.i32ShrU).int((dataEntries - 1) * entryBytes).op(op.i32And)
    pushBuffer()
    code.op(op.i32Add).tee(found).at(access.i64Load, entry.tag).get(tag).op(op.i64Ne).unlikely().brIf(miss)
    code.get(found).at(access.i32Load, entry.content)
  }
  code.get(va).op(op.i32WrapI64).set(low).get(va).long(-4096 | bytes - 1).op(op.i64And).set(tag)
  if (last === undefined) search()
  else {
    code.get(tag).int(0).at(access.i64Load, last + entry.tag).op(op.i64Ne).unlikely().if()
    search()
    code.set(found).int(0).get(found).at(access.i32Store, last + entry.content).int(0).get(tag).at(access.i64Store, last + entry.tag)
    code.end().int(0).at(access.i32Load, last + entry.content)
  }
  code.get(low).op(op.i32Add).set(place)
}
