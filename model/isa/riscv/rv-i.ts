// RV32I and RV64I: integer computation, control transfer, loads and stores, FENCE, ECALL and EBREAK; and Zifencei.
import { trapIf, type Instruction } from '../../ir/instruction.ts'
import { add, and, ashr, concat, constant, eq, extract, lshr, ne, not, or, shl, signExtend, slt, sub, True, ult, xor, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import {
  addressI, addressS, define, formats, guards, immediateB, immediateI, immediateJ, immediateU, jumpTo, loadBytes, storing, writeX, type Bytes, type Operands,
} from './notation.ts'
import { fenceCode } from './caches.ts'
import { inMode, pcOf, X, type State } from './state.ts'

export const OP = { load: 0x03, miscMem: 0x0f, opImm: 0x13, auipc: 0x17, opImm32: 0x1b, store: 0x23, amo: 0x2f, op: 0x33, lui: 0x37, op32: 0x3b, branch: 0x63, jalr: 0x67, jal: 0x6f, system: 0x73 } as const

type Compute = (a: Term, b: Term) => Term
const bit = (s: State, b: Bool): Term => zeroExtend<number>(b, s.xlen)

/** The operations of OP and OP-IMM by funct3; SUB and SRA have bit 5 of funct7. */
const operations = (s: State): readonly (readonly [name: string, funct3: number, Compute])[] => [
  ['ADD', 0, add], ['SLT', 2, (a, b) => bit(s, slt(a, b))], ['SLTU', 3, (a, b) => bit(s, ult(a, b))], ['XOR', 4, xor], ['OR', 6, or], ['AND', 7, and],
]
const shifts: readonly (readonly [name: string, funct3: number, funct7: number, Compute])[] = [['SLL', 1, 0, shl], ['SRL', 5, 0, lshr], ['SRA', 5, 0x20, ashr]]

export const baseIntegers = (s: State): Instruction[] => [...computation(s), ...(s.xlen === 64 ? words(s) : []), ...transfers(s), ...loadsAndStores(s), ...environment(s)]

const computation = (s: State): Instruction[] => {
  const instruction = define(s, 'unprivileged', 'RV32I Base Integer Instruction Set: Integer Computational Instructions')
  const rs1 = (o: Operands): Term => X(s, o['rs1']!), rs2 = (o: Operands): Term => X(s, o['rs2']!)
  const amountBits = s.xlen === 32 ? 5 : 6
  const amount = (t: Term): Term => zeroExtend<number>(extract(t, amountBits - 1, 0), s.xlen)
  const shiftFormat = { funct: 12 - amountBits, shamt: amountBits, rs1: 5, funct3: 3, rd: 5, opcode: 7 }
  const register = (name: string, funct3: number, funct7: number, result: Compute): Instruction =>
    instruction(name, formats.R, { funct7, funct3, opcode: OP.op }, (o) => [writeX(s, o['rd']!, result(rs1(o), rs2(o)))])
  return [
    ...operations(s).map(([name, funct3, result]) =>
      instruction(name === 'SLTU' ? 'SLTIU' : `${name}I`, formats.I, { funct3, opcode: OP.opImm }, (o) => [writeX(s, o['rd']!, result(rs1(o), immediateI(s, o)))])),
    ...shifts.map(([name, funct3, funct7, result]) =>
      instruction(`${name}I`, shiftFormat, { funct: funct7 >> (amountBits - 5), funct3, opcode: OP.opImm }, (o) => [writeX(s, o['rd']!, result(rs1(o), zeroExtend<number>(o['shamt']!, s.xlen)))])),
    ...operations(s).map(([name, funct3, result]) => register(name, funct3, 0, result)),
    register('SUB', 0, 0x20, sub),
    ...shifts.map(([name, funct3, funct7, result]) => register(name, funct3, funct7, (a, b) => result(a, amount(b)))),
    instruction('LUI', formats.U, { opcode: OP.lui }, (o) => [writeX(s, o['rd']!, immediateU(s, o))]),
    instruction('AUIPC', formats.U, { opcode: OP.auipc }, (o) => [writeX(s, o['rd']!, add<number>(pcOf(s), immediateU(s, o)))]),
  ]
}

/** The instructions of RV64I on words, whose results are sign-extended. */
const words = (s: State): Instruction[] => {
  const instruction = define(s, 'unprivileged', 'RV64I Base Integer Instruction Set: Integer Computational Instructions')
  const low = (t: Term): Term => extract(t, 31, 0)
  const write = (o: Operands, result: Term) => [writeX(s, o['rd']!, signExtend<number>(result, 64))]
  const a = (o: Operands): Term => low(X(s, o['rs1']!)), b = (o: Operands): Term => low(X(s, o['rs2']!))
  const amount = (t: Term): Term => zeroExtend<number>(extract(t, 4, 0), 32)
  return [
    instruction('ADDIW', formats.I, { funct3: 0, opcode: OP.opImm32 }, (o) => write(o, add(a(o), low(immediateI(s, o))))),
    ...shifts.map(([name, funct3, funct7, result]) =>
      instruction(`${name}IW`, { funct7: 7, shamt: 5, rs1: 5, funct3: 3, rd: 5, opcode: 7 }, { funct7, funct3, opcode: OP.opImm32 }, (o) => write(o, result(a(o), zeroExtend<number>(o['shamt']!, 32))))),
    instruction('ADDW', formats.R, { funct7: 0, funct3: 0, opcode: OP.op32 }, (o) => write(o, add(a(o), b(o)))),
    instruction('SUBW', formats.R, { funct7: 0x20, funct3: 0, opcode: OP.op32 }, (o) => write(o, sub(a(o), b(o)))),
    ...shifts.map(([name, funct3, funct7, result]) =>
      instruction(`${name}W`, formats.R, { funct7, funct3, opcode: OP.op32 }, (o) => write(o, result(a(o), amount(b(o)))))),
  ]
}

const transfers = (s: State): Instruction[] => {
  const instruction = define(s, 'unprivileged', 'RV32I Base Integer Instruction Set: Control Transfer Instructions')
  const branch = (name: string, funct3: number, taken: (a: Term, b: Term) => Bool): Instruction =>
    instruction(name, formats.B, { funct3, opcode: OP.branch }, (o) => jumpTo(s, add<number>(pcOf(s), immediateB(s, o)), taken(X(s, o['rs1']!), X(s, o['rs2']!))))
  const even = (t: Term): Term => concat(extract(t, s.xlen - 1, 1), constant(1, 0))
  return [
    instruction('JAL', formats.J, { opcode: OP.jal }, (o, next) => [writeX(s, o['rd']!, next), ...jumpTo(s, add<number>(pcOf(s), immediateJ(s, o)))]),
    instruction('JALR', formats.I, { funct3: 0, opcode: OP.jalr }, (o, next) => [writeX(s, o['rd']!, next), ...jumpTo(s, even(addressI(s, o)))]),
    branch('BEQ', 0, eq), branch('BNE', 1, ne), branch('BLT', 4, slt), branch('BGE', 5, (a, b) => not(slt(a, b))),
    branch('BLTU', 6, ult), branch('BGEU', 7, (a, b) => not(ult(a, b))),
  ]
}

const loadsAndStores = (s: State): Instruction[] => {
  const instruction = define(s, 'unprivileged', 'RV32I Base Integer Instruction Set: Load and Store Instructions')
  const load = (name: string, funct3: number, bytes: Bytes): Instruction =>
    instruction(name, formats.I, { funct3, opcode: OP.load }, (o) => {
      const address = addressI(s, o), content = loadBytes(s, address, bytes)
      return [...guards(s, address, bytes, 'read'), writeX(s, o['rd']!, name.endsWith('U') ? zeroExtend<number>(content, s.xlen) : signExtend<number>(content, s.xlen))]
    })
  const store = (name: string, funct3: number, bytes: Bytes): Instruction =>
    instruction(name, formats.S, { funct3, opcode: OP.store }, (o) => {
      const address = addressS(s, o)
      return storing(s, address, bytes, X(s, o['rs2']!))
    })
  return [
    load('LB', 0, 1), load('LH', 1, 2), load('LW', 2, 4), load('LBU', 4, 1), load('LHU', 5, 2), ...(s.xlen === 64 ? [load('LD', 3, 8), load('LWU', 6, 4)] : []),
    store('SB', 0, 1), store('SH', 1, 2), store('SW', 2, 4), ...(s.xlen === 64 ? [store('SD', 3, 8)] : []),
  ]
}

const environment = (s: State): Instruction[] => {
  const base = define(s, 'unprivileged', 'RV32I Base Integer Instruction Set: Environment Call and Breakpoints')
  return [
    base('ECALL', formats.I, { imm: 0, rs1: 0, funct3: 0, rd: 0, opcode: OP.system }, () => [
      trapIf(inMode(s, 'U'), 'environment call from U-mode'), trapIf(inMode(s, 'S'), 'environment call from S-mode'), trapIf(True, 'environment call from M-mode'),
    ]),
    base('EBREAK', formats.I, { imm: 1, rs1: 0, funct3: 0, rd: 0, opcode: OP.system }, () => [trapIf(True, 'breakpoint')]),
    define(s, 'unprivileged', 'RV32I Base Integer Instruction Set: Memory Ordering Instructions')(
      'FENCE', { fm: 4, predecessor: 4, successor: 4, rs1: 5, funct3: 3, rd: 5, opcode: 7 }, { funct3: 0, opcode: OP.miscMem }, () => [],
      'PAUSE and FENCE.TSO are among its words; FIOM only strengthens it'),
    define(s, 'unprivileged', 'Zifencei Extension for Instruction-Fetch Fence')('FENCE.I', formats.I, { funct3: 1, opcode: OP.miscMem }, () => fenceCode(s)),
  ]
}
