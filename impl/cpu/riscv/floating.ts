// The floating-point instructions F and D, done by a handler: operands, rounding modes, flags and boxes.
import {
  add, classify, convert, divide, double, equal, fromInteger, less, lessOrEqual, maximum, minimum, multiply, multiplyAdd, single,
  squareRoot, subtract, toInteger, type Format, type Result,
} from './float.ts'
import { cell } from './layout.ts'
import type { State } from './state.ts'

const box = 0xffff_ffff_0000_0000n
const dynamic = 7
const reservedModes = 5

/** funct5 of the opcode OP-FP. */
const funct5 = {
  add: 0x00, subtract: 0x01, multiply: 0x02, divide: 0x03, sign: 0x04, extreme: 0x05, convert: 0x08, root: 0x0b,
  compare: 0x14, toInteger: 0x18, fromInteger: 0x1a, toBits: 0x1c, fromBits: 0x1e,
} as const

export class Floating {
  private readonly state: State

  constructor(state: State) {
    this.state = state
  }

  /** Executes a word of MADD, MSUB, NMSUB, NMADD or OP-FP, FS being on; undefined, with no effect, when it is reserved. */
  execute(word: number): number | undefined {
    const format = [single, double][word >> 25 & 3]
    if (format === undefined) return undefined
    return (word & 0x7f) === 0x53 ? this.operation(word, format) : this.fused(word, format)
  }

  /** The value of f[number] in a format; a single that is not boxed is a NaN. */
  private f(format: Format, number: number): bigint {
    const value = this.state.longs[(cell.f >> 3) + number]!
    if (format === double) return value
    return (value & box) === box ? value & ~box : single.nan
  }

  private setF(format: Format, number: number, { value, flags }: Result): number {
    const { state } = this
    state.longs[(cell.f >> 3) + number] = format === double ? value : value | box
    state.flags |= flags
    state.fs = 3
    return 0
  }

  private setX(number: number, { value, flags }: Result): number {
    const { state } = this
    if (number !== 0) state.longs[number] = BigInt.asUintN(64, value)
    if (flags !== 0) {
      state.flags |= flags
      state.fs = 3
    }
    return 0
  }

  /** The rounding mode of an instruction; undefined when it is reserved. */
  private mode(word: number): number | undefined {
    const field = word >> 12 & 7
    const mode = field === dynamic ? this.state.rounding : field
    return mode < reservedModes ? mode : undefined
  }

  private fused(word: number, format: Format): number | undefined {
    const mode = this.mode(word)
    if (mode === undefined) return undefined
    const opcode = word & 0x7f
    const negated = (value: bigint, when: boolean): bigint => when ? value ^ format.sign : value
    const a = this.f(format, word >> 15 & 31)
    const b = this.f(format, word >> 20 & 31)
    const c = this.f(format, word >>> 27)
    return this.setF(format, word >> 7 & 31, multiplyAdd(
      format, mode, negated(a, opcode === 0x4b || opcode === 0x4f), b, negated(c, opcode === 0x47 || opcode === 0x4f),
    ))
  }

  private operation(word: number, format: Format): number | undefined {
    const rd = word >> 7 & 31
    const rs1 = word >> 15 & 31
    const rs2 = word >> 20 & 31
    const funct3 = word >> 12 & 7
    switch (word >>> 27) {
      case funct5.add: return this.rounded(word, format, (mode) => add(format, mode, this.f(format, rs1), this.f(format, rs2)))
      case funct5.subtract:
        return this.rounded(word, format, (mode) => subtract(format, mode, this.f(format, rs1), this.f(format, rs2)))
      case funct5.multiply:
        return this.rounded(word, format, (mode) => multiply(format, mode, this.f(format, rs1), this.f(format, rs2)))
      case funct5.divide:
        return this.rounded(word, format, (mode) => divide(format, mode, this.f(format, rs1), this.f(format, rs2)))
      case funct5.root:
        return rs2 !== 0 ? undefined : this.rounded(word, format, (mode) => squareRoot(format, mode, this.f(format, rs1)))
      case funct5.convert: {
        const from = format === double ? single : double
        if (rs2 !== (from === double ? 1 : 0)) return undefined
        return this.rounded(word, format, (mode) => convert(from, format, mode, this.f(from, rs1)))
      }
      case funct5.sign: {
        if (funct3 > 2) return undefined
        const value = this.f(format, rs1)
        const other = this.f(format, rs2) & format.sign
        const sign = funct3 === 0 ? other : funct3 === 1 ? other ^ format.sign : value & format.sign ^ other
        return this.setF(format, rd, { value: value & ~format.sign | sign, flags: 0 })
      }
      case funct5.extreme:
        if (funct3 > 1) return undefined
        return this.setF(format, rd, (funct3 === 0 ? minimum : maximum)(format, this.f(format, rs1), this.f(format, rs2)))
      case funct5.compare: {
        const compare = [lessOrEqual, less, equal][funct3]
        return compare === undefined ? undefined : this.setX(rd, compare(format, this.f(format, rs1), this.f(format, rs2)))
      }
      case funct5.toInteger: {
        const mode = this.mode(word)
        if (rs2 > 3 || mode === undefined) return undefined
        const bits = rs2 < 2 ? 32 : 64
        const { value, flags } = toInteger(format, mode, this.f(format, rs1), bits, (rs2 & 1) === 0)
        return this.setX(rd, { value: BigInt.asIntN(bits, value), flags })
      }
      case funct5.fromInteger: {
        if (rs2 > 3) return undefined
        const bits = rs2 < 2 ? 32 : 64
        const value = (rs2 & 1) === 0 ? BigInt.asIntN(bits, this.x(rs1)) : BigInt.asUintN(bits, this.x(rs1))
        return this.rounded(word, format, (mode) => fromInteger(format, mode, value))
      }
      case funct5.toBits: {
        if (rs2 !== 0 || funct3 > 1) return undefined
        if (funct3 === 1) return this.setX(rd, { value: classify(format, this.f(format, rs1)), flags: 0 })
        return this.setX(rd, { value: BigInt.asIntN(format.bits, this.state.longs[(cell.f >> 3) + rs1]!), flags: 0 })
      }
      case funct5.fromBits:
        if (rs2 !== 0 || funct3 !== 0) return undefined
        return this.setF(format, rd, { value: BigInt.asUintN(format.bits, this.x(rs1)), flags: 0 })
      default: return undefined
    }
  }

  private x(number: number): bigint {
    return this.state.longs[number]!
  }

  private rounded(word: number, format: Format, compute: (mode: number) => Result): number | undefined {
    const mode = this.mode(word)
    return mode === undefined ? undefined : this.setF(format, word >> 7 & 31, compute(mode))
  }
}
