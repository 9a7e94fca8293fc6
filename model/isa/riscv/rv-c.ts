// C: instructions of 16 bits, one for each group. The word is the 32 bits at the pc; the half that follows is not looked at.
import { trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { add, and, concat, constant, eq, extract, ne, shl, signExtend, True, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { define, guards, illegal, jump, loadBytes, storing, unlessReserved, writeX, type Bytes, type Operands } from './notation.ts'
import { offOrWithout, writeF } from './rv-f.ts'
import { pcOf, word, X, type State } from './state.ts'

export const following = { following: 16 } as const
export const CI = { ...following, funct3: 3, 'imm[5]': 1, rd: 5, 'imm[4:0]': 5, op: 2 }
export const CL = { ...following, funct3: 3, 'uimm[5:3]': 3, 'rs1\'': 3, 'uimm[2]': 1, 'uimm[6]': 1, 'r\'': 3, op: 2 }
export const CLD = { ...following, funct3: 3, 'uimm[5:3]': 3, 'rs1\'': 3, 'uimm[7:6]': 2, 'r\'': 3, op: 2 }
export const CJ = { ...following, funct3: 3, 'imm[11]': 1, 'imm[4]': 1, 'imm[9:8]': 2, 'imm[10]': 1, 'imm[6]': 1, 'imm[7]': 1, 'imm[3:1]': 3, 'imm[5]': 1, op: 2 }
const CB = { ...following, funct3: 3, 'imm[8]': 1, 'imm[4:3]': 2, 'rs1\'': 3, 'imm[7:6]': 2, 'imm[2:1]': 2, 'imm[5]': 1, op: 2 }
export const CA = { ...following, funct6: 6, 'rd\'': 3, funct2: 2, 'rs2\'': 3, op: 2 }
export const CR = { ...following, funct4: 4, rs1: 5, rs2: 5, op: 2 }

/** The registers of three-bit fields are x8 to x15. */
export const popular = (n: Term): Term => concat(constant(2, 1), n)

/** The address of the loads and stores that have three bits for each register. */
export const shortAddress = (s: State, o: Operands, bytes: Bytes): Term => add<number>(X(s, popular(o['rs1\'']!)), zeroExtend<number>(bytes === 4
  ? concat(o['uimm[6]']!, o['uimm[5:3]']!, o['uimm[2]']!, constant(2, 0)) : concat(o['uimm[7:6]']!, o['uimm[5:3]']!, constant(3, 0)), s.xlen))
export const jumpOffset = (s: State, o: Operands): Term => signExtend<number>(
  concat(o['imm[11]']!, o['imm[10]']!, o['imm[9:8]']!, o['imm[7]']!, o['imm[6]']!, o['imm[5]']!, o['imm[4]']!, o['imm[3:1]']!, constant(1, 0)), s.xlen)

/** A write of an instruction that is a hint where its operand is 0, and has the register's own content as its result. */
export const writeOrHint = (s: State, n: Term, operand: Term, result: Term): Statement =>
  writeX(s, n, result, s.whole && s.highBitsOfHints === 'unchanged' ? ne<number>(operand, constant<number>(operand.width, 0)) : True)

export const compressed = (s: State): Instruction[] => {
  const instruction = define(s, 'unprivileged', 'C Extension for Compressed Instructions', 2)
  const immediate = (o: Operands): Term => signExtend<number>(concat(o['imm[5]']!, o['imm[4:0]']!), s.xlen)
  const load = (name: string, funct3: number, bytes: 4 | 8): Instruction =>
    instruction(name, bytes === 4 ? CL : CLD, { funct3, op: 0 }, (o) => {
      const from = shortAddress(s, o, bytes)
      return [...guards(s, from, bytes, 'read'), writeX(s, popular(o['r\'']!), signExtend<number>(loadBytes(s, from, bytes), s.xlen))]
    })
  const store = (name: string, funct3: number, bytes: 4 | 8): Instruction =>
    instruction(name, bytes === 4 ? CL : CLD, { funct3, op: 0 }, (o) => {
      const to = shortAddress(s, o, bytes)
      return storing(s, to, bytes, X(s, popular(o['r\'']!)))
    })
  const branch = (name: string, funct3: number, taken: (a: Term) => Bool): Instruction =>
    instruction(name, CB, { funct3, op: 1 }, (o) => [jump(s, add<number>(pcOf(s), signExtend<number>(
      concat(o['imm[8]']!, o['imm[7:6]']!, o['imm[5]']!, o['imm[4:3]']!, o['imm[2:1]']!, constant(1, 0)), s.xlen)), taken(X(s, popular(o['rs1\'']!))))])
  const zero = word(s, 0)
  return [
    instruction('C.ADDI', CI, { funct3: 0, op: 1 }, (o) => [writeOrHint(s, o['rd']!, immediate(o), add<number>(X(s, o['rd']!), immediate(o)))]),
    instruction('C.LI', CI, { funct3: 2, op: 1 }, (o) => [writeX(s, o['rd']!, immediate(o))]),
    instruction('C.SLLI', CI, { funct3: 0, op: 2, ...(s.xlen === 32 ? { 'imm[5]': 0 } : {}) }, (o) => {
      const shamt = s.xlen === 32 ? o['imm[4:0]']! : concat(o['imm[5]']!, o['imm[4:0]']!)
      return [writeOrHint(s, o['rd']!, shamt, shl<number>(X(s, o['rd']!), zeroExtend<number>(shamt, s.xlen)))]
    }),
    instruction('C.AND', CA, { funct6: 0x23, funct2: 3, op: 1 }, (o) => [writeX(s, popular(o['rd\'']!), and<number>(X(s, popular(o['rd\'']!)), X(s, popular(o['rs2\'']!))))]),
    load('C.LW', 2, 4), store('C.SW', 6, 4), ...(s.xlen === 32 ? [] : [load('C.LD', 3, 8), store('C.SD', 7, 8)]),
    instruction('C.FLD', CLD, { funct3: 1, op: 0 }, (o) => {
      const from = shortAddress(s, o, 8)
      return [illegal(offOrWithout(s, 'D')), ...guards(s, from, 8, 'read'), ...writeF(s, popular(o['r\'']!), loadBytes(s, from, 8) as Term<64>)]
    }),
    instruction('C.J', CJ, { funct3: 5, op: 1 }, (o) => [jump(s, add<number>(pcOf(s), jumpOffset(s, o)))]),
    branch('C.BEQZ', 6, (a) => eq<number>(a, zero)), branch('C.BNEZ', 7, (a) => ne<number>(a, zero)),
    instruction('C.JR', CR, { funct4: 8, rs2: 0, op: 2 }, (o) =>
      unlessReserved(s, eq<number>(o['rs1']!, constant<number>(5, 0)), [jump(s, concat(extract(X(s, o['rs1']!), s.xlen - 1, 1), constant(1, 0)))]), 'rs1 = 0 is reserved'),
    instruction('C.EBREAK', CR, { funct4: 9, rs1: 0, rs2: 0, op: 2 }, () => [trapIf(True, 'breakpoint')]),
  ]
}
