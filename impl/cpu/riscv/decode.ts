// Decodes a 32-bit instruction into an operation, register numbers and an immediate.
import { fusedKinds, operation, type FloatingName, type OperationName } from './operations.ts'

export interface Decoded {
  readonly operation: number
  /** Register numbers, 0 to 31. */
  readonly rd: number
  readonly rs1: number
  readonly rs2: number
  /** Signed, 32 bits; for `handled`, the word itself. */
  readonly immediate: number
}

const loads: readonly (OperationName | undefined)[] = ['LB', 'LH', 'LW', 'LD', 'LBU', 'LHU', 'LWU']
const stores: readonly (OperationName | undefined)[] = ['SB', 'SH', 'SW', 'SD']
const branches: readonly (OperationName | undefined)[] = ['BEQ', 'BNE', undefined, undefined, 'BLT', 'BGE', 'BLTU', 'BGEU']
const immediates: readonly OperationName[] = ['ADDI', 'SLLI', 'SLTI', 'SLTIU', 'XORI', 'SRLI', 'ORI', 'ANDI']
/** By funct7, then funct3. */
const registers: Readonly<Record<number, readonly (OperationName | undefined)[]>> = {
  0x00: ['ADD', 'SLL', 'SLT', 'SLTU', 'XOR', 'SRL', 'OR', 'AND'],
  0x01: ['MUL', 'MULH', 'MULHSU', 'MULHU', 'DIV', 'DIVU', 'REM', 'REMU'],
  0x20: ['SUB', undefined, undefined, undefined, undefined, 'SRA'],
}
const words: Readonly<Record<number, readonly (OperationName | undefined)[]>> = {
  0x00: ['ADDW', 'SLLW', undefined, undefined, undefined, 'SRLW'],
  0x01: ['MULW', undefined, undefined, undefined, 'DIVW', 'DIVUW', 'REMW', 'REMUW'],
  0x20: ['SUBW', undefined, undefined, undefined, undefined, 'SRAW'],
}

export const branchImmediate = (word: number): number =>
  word >> 31 << 12 | (word >> 7 & 1) << 11 | (word >> 25 & 63) << 5 | (word >> 8 & 15) << 1
export const jumpImmediate = (word: number): number =>
  word >> 31 << 20 | (word >> 12 & 0xff) << 12 | (word >> 20 & 1) << 11 | (word >> 21 & 0x3ff) << 1
export const storeImmediate = (word: number): number => word >> 25 << 5 | word >> 7 & 31

const shiftOf = (word: number, funct3: number, bitsOfAmount: 5 | 6): OperationName | undefined => {
  const above = word >>> 20 + bitsOfAmount
  const alternative = bitsOfAmount === 6 ? 0x10 : 0x20
  if (funct3 === 1) return above === 0 ? bitsOfAmount === 6 ? 'SLLI' : 'SLLIW' : undefined
  if (above === 0) return bitsOfAmount === 6 ? 'SRLI' : 'SRLIW'
  return above === alternative ? bitsOfAmount === 6 ? 'SRAI' : 'SRAIW' : undefined
}

const atomics: Readonly<Record<number, string>> = {
  0x00: 'AMOADD', 0x01: 'AMOSWAP', 0x02: 'LR', 0x03: 'SC', 0x04: 'AMOXOR', 0x08: 'AMOOR', 0x0c: 'AMOAND',
  0x10: 'AMOMIN', 0x14: 'AMOMAX', 0x18: 'AMOMINU', 0x1c: 'AMOMAXU',
}
const atomicOf = (word: number, funct3: number, rs2: number): OperationName | undefined => {
  const name = atomics[word >>> 27]
  if (name === undefined || funct3 !== 2 && funct3 !== 3 || name === 'LR' && rs2 !== 0) return undefined
  return `${name}.${funct3 === 2 ? 'W' : 'D'}` as OperationName
}

const rneOrDynamic = (rounding: number): boolean => rounding === 0 || rounding === 7

/** The operations that WebAssembly can do, with the rounding modes in which it can. */
const floatingOf = (word: number, rounding: number, rs2: number): FloatingName | undefined => {
  const format = word >> 25 & 3
  if (format > 1) return undefined
  const letter = format === 0 ? 'S' : 'D'
  const rounded = (name: FloatingName): FloatingName | undefined => rneOrDynamic(rounding) ? name : undefined
  switch (word >>> 27) {
    case 0x00: return rounded(`FADD.${letter}`)
    case 0x01: return rounded(`FSUB.${letter}`)
    case 0x02: return rounded(`FMUL.${letter}`)
    case 0x03: return rounded(`FDIV.${letter}`)
    case 0x0b: return rs2 === 0 ? rounded(`FSQRT.${letter}`) : undefined
    case 0x04: return ([`FSGNJ.${letter}`, `FSGNJN.${letter}`, `FSGNJX.${letter}`] as const)[rounding]
    case 0x08:
      if (letter === 'S') return rs2 === 1 ? rounded('FCVT.S.D') : undefined
      return rs2 === 0 && rounding === 0 ? 'FCVT.D.S' : undefined
    case 0x14: return ([`FLE.${letter}`, `FLT.${letter}`, `FEQ.${letter}`] as const)[rounding]
    case 0x18: return rounding === 1 ? rs2 === 0 ? `FCVT.W.${letter}` : rs2 === 2 ? `FCVT.L.${letter}` : undefined : undefined
    case 0x1a:
      if (rs2 === 2) return rounded(`FCVT from L.${letter}`)
      if (letter === 'D' && rounding !== 0) return undefined
      return rs2 === 0 ? rounded(`FCVT from W.${letter}`) : rs2 === 1 ? rounded(`FCVT from WU.${letter}`) : undefined
    case 0x1c: return rs2 === 0 && rounding === 0 ? letter === 'S' ? 'FMV.X.W' : 'FMV.X.D' : undefined
    case 0x1e: return rs2 === 0 && rounding === 0 ? letter === 'S' ? 'FMV.W.X' : 'FMV.D.X' : undefined
    default: return undefined
  }
}

const fusedOf = (word: number, rounding: number): OperationName | undefined => {
  const format = word >> 25 & 3
  return format > 1 || !rneOrDynamic(rounding) ? undefined : `${fusedKinds[word >> 2 & 3]!}.${format === 0 ? 'S' : 'D'}`
}

/** What a 32-bit word, signed or not, is; `handled` for what handlers do and for reserved words. */
export const decode = (word: number): Decoded => {
  const rd = word >> 7 & 31
  const rs1 = word >> 15 & 31
  const rs2 = word >> 20 & 31
  const funct3 = word >> 12 & 7
  const made = (name: OperationName | undefined, immediate: number): Decoded => name === undefined
    ? { operation: operation.handled, rd, rs1, rs2, immediate: word | 0 }
    : { operation: operation[name], rd, rs1, rs2, immediate }
  /** An operation whose only effect is a result. */
  const computed = (name: OperationName | undefined, immediate: number): Decoded =>
    made(name !== undefined && rd === 0 ? 'NOP' : name, immediate)
  switch (word & 0x7f) {
    case 0x03: return made(rd === 0 ? undefined : loads[funct3], word >> 20)
    case 0x07: return made(funct3 === 2 ? 'FLW' : funct3 === 3 ? 'FLD' : undefined, word >> 20)
    case 0x0f: return made(funct3 === 0 ? 'NOP' : undefined, 0)
    case 0x13: {
      if (funct3 !== 1 && funct3 !== 5) return computed(immediates[funct3], word >> 20)
      return computed(shiftOf(word, funct3, 6), word >> 20 & 63)
    }
    case 0x17: return computed('AUIPC', word & ~0xfff)
    case 0x1b: {
      if (funct3 === 0) return computed('ADDIW', word >> 20)
      return computed(funct3 === 1 || funct3 === 5 ? shiftOf(word, funct3, 5) : undefined, rs2)
    }
    case 0x23: return made(stores[funct3], storeImmediate(word))
    case 0x27: return made(funct3 === 2 ? 'FSW' : funct3 === 3 ? 'FSD' : undefined, storeImmediate(word))
    case 0x2f: return made(atomicOf(word, funct3, rs2), 0)
    case 0x33: return computed(registers[word >>> 25]?.[funct3], 0)
    case 0x37: return computed('LUI', word & ~0xfff)
    case 0x3b: return computed(words[word >>> 25]?.[funct3], 0)
    case 0x43:
    case 0x47:
    case 0x4b:
    case 0x4f: return made(fusedOf(word, funct3), (word >>> 27) * 8)
    case 0x53: return made(floatingOf(word, funct3, rs2), 0)
    case 0x63: return made(branches[funct3], branchImmediate(word))
    case 0x67: return made(funct3 !== 0 ? undefined : rd === 0 ? 'JR' : 'JALR', word >> 20)
    case 0x6f: return made(rd === 0 ? 'J' : 'JAL', jumpImmediate(word))
    default: return made(undefined, 0)
  }
}
