// What the RISC-V Formal Interface reports of an instruction that is injected into a hart.
import { expand } from '../../cpu/riscv/compressed.ts'
import type { Hart } from '../../cpu/riscv/hart.ts'
import { observe } from '../../cpu/riscv/observe.ts'
import type { Mode } from '../../cpu/riscv/state.ts'

export interface Register {
  /** 0 for none. */
  readonly number: number
  /** 0 for none. */
  readonly value: bigint
}

export interface Report {
  /** From 1, without gaps: what INSTRET is afterwards as long as nothing traps and nothing writes it. */
  readonly order: bigint
  /** 32 bits as they were injected. */
  readonly instruction: number
  /** It trapped; or an interrupt was taken and the instruction was not executed. */
  readonly trap: boolean
  /** The instruction is the first of a trap's handler. */
  readonly handler: boolean
  /** Before the instruction. */
  readonly mode: Mode
  readonly pc: bigint
  readonly nextPc: bigint
  /** Integer registers: those it reads, before it; and what it wrote, not x0. */
  readonly rs1: Register
  readonly rs2: Register
  readonly rd: Register
  readonly memory: {
    /** Physical. */
    readonly address: bigint
    readonly bytes: 1 | 2 | 4 | 8
    /** Zero-extended; undefined when nothing was read, or written. */
    readonly read: bigint | undefined
    readonly written: bigint | undefined
  } | undefined
}

/** Floating-point instructions of opcode 53 that read an integer register, by their funct5: FCVT from integers, and FMV.W.X and FMV.D.X. */
const fromInteger = [0x1a, 0x1e]

/** The integer registers that a word reads; 0 for none. */
export const sources = (word: number): readonly [rs1: number, rs2: number] => {
  const rs1 = word >> 15 & 31, rs2 = word >> 20 & 31, funct3 = word >> 12 & 7
  switch (word & 0x7f) {
    case 0x03: case 0x07: case 0x13: case 0x1b: case 0x27: case 0x67: return [rs1, 0]
    case 0x23: case 0x2f: case 0x33: case 0x3b: case 0x63: return [rs1, rs2]
    case 0x53: return [fromInteger.includes(word >>> 27) ? rs1 : 0, 0]
    case 0x73: return funct3 === 0 ? word >>> 25 === 0x09 ? [rs1, rs2] : [0, 0] : [funct3 < 4 ? rs1 : 0, 0]
    default: return [0, 0]
  }
}

const none: Register = { number: 0, value: 0n }

/** Injects the instruction, and says what it did. */
export const report = (hart: Hart, instruction: number, order: bigint, handler: boolean): Report => {
  const word = (instruction & 3) === 3 ? instruction | 0 : expand(instruction & 0xffff)
  const [rs1, rs2] = sources(word).map((number): Register => ({ number, value: hart.x[number]! })) as [Register, Register]
  const { outcome, pc, mode, nextPc, destination, memory } = observe(hart, instruction)
  return {
    order, instruction, trap: outcome !== 'retired', handler, mode, pc, nextPc, rs1, rs2,
    rd: destination?.file === 'x' ? { number: destination.number, value: destination.value } : none,
    memory: memory && { address: BigInt(hart.options.ramBase + memory.offset), bytes: memory.bytes, read: memory.read, written: memory.written },
  }
}
