// C: the instructions that claims leave out, because others of their groups stand for them.
import type { Instruction, Statement } from '../../ir/instruction.ts'
import { add, and, ashr, concat, constant, eq, extract, lshr, or, signExtend, sub, xor, zeroExtend, type Term } from '../../ir/term.ts'
import { define, guards, illegal, jump, loadBytes, storing, unlessReserved, writeX, type Operands } from './notation.ts'
import { CA, CI, CJ, CL, CLD, CR, following, jumpOffset, popular, shortAddress, writeOrHint } from './rv-c.ts'
import { boxed, dirtied, offOrWithout, writeF } from './rv-f.ts'
import { F, pcOf, X, type State } from './state.ts'

const CIW = { ...following, funct3: 3, 'nzuimm[5:4]': 2, 'nzuimm[9:6]': 4, 'nzuimm[2]': 1, 'nzuimm[3]': 1, 'rd\'': 3, op: 2 }
/** Loads and stores by the stack pointer, of four and of eight bytes. */
const LSP4 = { ...following, funct3: 3, 'uimm[5]': 1, r: 5, 'uimm[4:2]': 3, 'uimm[7:6]': 2, op: 2 }
const LSP8 = { ...following, funct3: 3, 'uimm[5]': 1, r: 5, 'uimm[4:3]': 2, 'uimm[8:6]': 3, op: 2 }
const SSP4 = { ...following, funct3: 3, 'uimm[5:2]': 4, 'uimm[7:6]': 2, r: 5, op: 2 }
const SSP8 = { ...following, funct3: 3, 'uimm[5:3]': 3, 'uimm[8:6]': 3, r: 5, op: 2 }
const ADDI16SP = { ...following, funct3: 3, 'nzimm[9]': 1, rd: 5, 'nzimm[4]': 1, 'nzimm[6]': 1, 'nzimm[8:7]': 2, 'nzimm[5]': 1, op: 2 }
/** Shifts and C.ANDI, on one of the popular registers. */
const CBI = { ...following, funct3: 3, 'imm[5]': 1, funct2: 2, 'rd\'': 3, 'imm[4:0]': 5, op: 2 }

const is = (t: Term, n: number) => eq<number>(t, constant<number>(t.width, n))
const sp = constant(5, 2)

export const otherCompressed = (s: State): Instruction[] => [...computation(s), ...transfers(s), ...memory(s)]

/** The word of zeros, which is illegal where it is not so as a reserved one. */
const illegalZeros = (s: State, o: Operands, offset: Term): Statement[] => (s.reservedEncodings === 'illegal instruction' ? [] : [illegal(and(is(offset, 0), is(o['rd\'']!, 0)))])

const computation = (s: State): Instruction[] => {
  const instruction = define(s, 'unprivileged', 'C Extension for Compressed Instructions', 2)
  const six = (o: Operands): Term => concat(o['imm[5]']!, o['imm[4:0]']!)
  const small = (o: Operands): Term => signExtend<number>(six(o), s.xlen)
  const rd = (o: Operands): Term => popular(o['rd\'']!)
  const shamt = (o: Operands): Term => (s.xlen === 32 ? o['imm[4:0]']! : six(o))
  const shift = (name: string, funct2: number, result: (a: Term, b: Term) => Term): Instruction =>
    instruction(name, CBI, { funct3: 4, funct2, op: 1, ...(s.xlen === 32 ? { 'imm[5]': 0 } : {}) }, (o) =>
      [writeOrHint(s, rd(o), shamt(o), result(X(s, rd(o)), zeroExtend<number>(shamt(o), s.xlen)))])
  const arithmetic = (name: string, funct6: number, funct2: number, result: (a: Term, b: Term) => Term): Instruction =>
    instruction(name, CA, { funct6, funct2, op: 1 }, (o) => [writeX(s, rd(o), result(X(s, rd(o)), X(s, popular(o['rs2\'']!))))])
  const ofWords = (result: (a: Term, b: Term) => Term) => (a: Term, b: Term): Term => signExtend<number>(result(extract(a, 31, 0), extract(b, 31, 0)), 64)
  return [
    instruction('C.ADDI4SPN', CIW, { funct3: 0, op: 0 }, (o) => {
      const offset = concat(o['nzuimm[9:6]']!, o['nzuimm[5:4]']!, o['nzuimm[3]']!, o['nzuimm[2]']!, constant(2, 0))
      return [...illegalZeros(s, o, offset), ...unlessReserved(s, is(offset, 0), [writeX(s, rd(o), add<number>(X(s, sp), zeroExtend<number>(offset, s.xlen)))])]
    }, 'the offset 0 is reserved, and the word 0 is illegal'),
    ...(s.xlen === 32 ? [] : [instruction('C.ADDIW', CI, { funct3: 1, op: 1 }, (o) =>
      unlessReserved(s, is(o['rd']!, 0), [writeX(s, o['rd']!, signExtend<number>(extract(add<number>(X(s, o['rd']!), small(o)), 31, 0), 64))]), 'rd = 0 is reserved')]),
    instruction('C.ADDI16SP', ADDI16SP, { funct3: 3, rd: 2, op: 1 }, (o) => {
      const offset = concat(o['nzimm[9]']!, o['nzimm[8:7]']!, o['nzimm[6]']!, o['nzimm[5]']!, o['nzimm[4]']!, constant(4, 0))
      return unlessReserved(s, is(offset, 0), [writeX(s, sp, add<number>(X(s, sp), signExtend<number>(offset, s.xlen)))])
    }, 'the offset 0 is reserved'),
    instruction('C.LUI', CI, { funct3: 3, op: 1 }, (o) =>
      unlessReserved(s, is(six(o), 0), [writeX(s, o['rd']!, signExtend<number>(concat(six(o), constant(12, 0)), s.xlen))]), 'the immediate 0 is reserved; rd = 2 is C.ADDI16SP'),
    shift('C.SRLI', 0, lshr), shift('C.SRAI', 1, ashr),
    instruction('C.ANDI', CBI, { funct3: 4, funct2: 2, op: 1 }, (o) => [writeX(s, rd(o), and<number>(X(s, rd(o)), small(o)))]),
    arithmetic('C.SUB', 0x23, 0, sub), arithmetic('C.XOR', 0x23, 1, xor), arithmetic('C.OR', 0x23, 2, or),
    ...(s.xlen === 32 ? [] : [arithmetic('C.SUBW', 0x27, 0, ofWords(sub)), arithmetic('C.ADDW', 0x27, 1, ofWords(add))]),
    instruction('C.MV', CR, { funct4: 8, op: 2 }, (o) => [writeX(s, o['rs1']!, X(s, o['rs2']!))], 'rs2 = 0 is C.JR'),
    instruction('C.ADD', CR, { funct4: 9, op: 2 }, (o) => [writeX(s, o['rs1']!, add<number>(X(s, o['rs1']!), X(s, o['rs2']!)))], 'rs2 = 0 is C.JALR, or C.EBREAK'),
  ]
}

const transfers = (s: State): Instruction[] => {
  const instruction = define(s, 'unprivileged', 'C Extension for Compressed Instructions', 2)
  return [
    ...(s.xlen === 64 ? [] : [instruction('C.JAL', CJ, { funct3: 1, op: 1 }, (o, next) => [writeX(s, constant(5, 1), next), jump(s, add<number>(pcOf(s), jumpOffset(s, o)))])]),
    instruction('C.JALR', CR, { funct4: 9, rs2: 0, op: 2 }, (o, next) =>
      [writeX(s, constant(5, 1), next), jump(s, concat(extract(X(s, o['rs1']!), s.xlen - 1, 1), constant(1, 0)))], 'rs1 = 0 is C.EBREAK'),
  ]
}

const memory = (s: State): Instruction[] => {
  const instruction = define(s, 'unprivileged', 'C Extension for Compressed Instructions', 2)
  const stack = (offset: Term): Term => add<number>(X(s, sp), zeroExtend<number>(offset, s.xlen))
  const loadAddress = (o: Operands, bytes: 4 | 8): Term => stack(bytes === 4
    ? concat(o['uimm[7:6]']!, o['uimm[5]']!, o['uimm[4:2]']!, constant(2, 0)) : concat(o['uimm[8:6]']!, o['uimm[5]']!, o['uimm[4:3]']!, constant(3, 0)))
  const storeAddress = (o: Operands, bytes: 4 | 8): Term => stack(bytes === 4
    ? concat(o['uimm[7:6]']!, o['uimm[5:2]']!, constant(2, 0)) : concat(o['uimm[8:6]']!, o['uimm[5:3]']!, constant(3, 0)))
  const load = (name: string, funct3: number, bytes: 4 | 8): Instruction =>
    instruction(name, bytes === 4 ? LSP4 : LSP8, { funct3, op: 2 }, (o) => {
      const from = loadAddress(o, bytes)
      return unlessReserved(s, is(o['r']!, 0), [...guards(s, from, bytes, 'read'), writeX(s, o['r']!, signExtend<number>(loadBytes(s, from, bytes), s.xlen))])
    }, 'rd = 0 is reserved')
  const store = (name: string, funct3: number, bytes: 4 | 8): Instruction =>
    instruction(name, bytes === 4 ? SSP4 : SSP8, { funct3, op: 2 }, (o) => {
      const to = storeAddress(o, bytes)
      return storing(s, to, bytes, X(s, o['r']!))
    })
  const loadF = (name: string, format: typeof LSP4 | typeof LSP8 | typeof CL, op: number, funct3: number, bytes: 4 | 8, at: (o: Operands) => Term): Instruction =>
    instruction(name, format, { funct3, op }, (o) => {
      const from = at(o), content = loadBytes(s, from, bytes)
      return [illegal(offOrWithout(s, bytes === 4 ? 'F' : 'D')), ...guards(s, from, bytes, 'read'), ...writeF(s, o['r'] ?? popular(o['r\'']!), bytes === 4 ? boxed(content) : (content as Term<64>))]
    })
  const storeF = (name: string, format: typeof SSP4 | typeof SSP8 | typeof CL | typeof CLD, op: number, funct3: number, bytes: 4 | 8, at: (o: Operands) => Term): Instruction =>
    instruction(name, format, { funct3, op }, (o) => {
      const to = at(o)
      return [illegal(offOrWithout(s, bytes === 4 ? 'F' : 'D')), ...storing(s, to, bytes, F(s, o['r'] ?? popular(o['r\'']!))), ...dirtied(s)]
    })
  return [
    load('C.LWSP', 2, 4), store('C.SWSP', 6, 4), ...(s.xlen === 32 ? [] : [load('C.LDSP', 3, 8), store('C.SDSP', 7, 8)]),
    storeF('C.FSD', CLD, 0, 5, 8, (o) => shortAddress(s, o, 8)),
    loadF('C.FLDSP', LSP8, 2, 1, 8, (o) => loadAddress(o, 8)), storeF('C.FSDSP', SSP8, 2, 5, 8, (o) => storeAddress(o, 8)),
    ...(s.xlen === 64 ? [] : [
      loadF('C.FLW', CL, 0, 3, 4, (o) => shortAddress(s, o, 4)), storeF('C.FSW', CL, 0, 7, 4, (o) => shortAddress(s, o, 4)),
      loadF('C.FLWSP', LSP4, 2, 3, 4, (o) => loadAddress(o, 4)), storeF('C.FSWSP', SSP4, 2, 7, 4, (o) => storeAddress(o, 4)),
    ]),
  ]
}
