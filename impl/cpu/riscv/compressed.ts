// Compressed instructions (C extension of RV64, with F and D): each is one of the 32-bit instructions.

const bits = (half: number, high: number, low: number): number => half >> low & (1 << high - low + 1) - 1

const rType = (opcode: number, funct3: number, funct7: number, rd: number, rs1: number, rs2: number): number =>
  (funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode) >>> 0
const iType = (opcode: number, funct3: number, rd: number, rs1: number, immediate: number): number =>
  (immediate << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode) >>> 0
const sType = (opcode: number, funct3: number, rs1: number, rs2: number, immediate: number): number =>
  (immediate >> 5 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (immediate & 31) << 7 | opcode) >>> 0
const bType = (funct3: number, rs1: number, offset: number): number =>
  ((offset >> 12 & 1) << 31 | (offset >> 5 & 63) << 25 | rs1 << 15 | funct3 << 12 | (offset >> 1 & 15) << 8 | (offset >> 11 & 1) << 7 | 0x63) >>> 0
const jType = (rd: number, offset: number): number =>
  ((offset >> 20 & 1) << 31 | (offset >> 1 & 0x3ff) << 21 | (offset >> 11 & 1) << 20 | (offset >> 12 & 0xff) << 12 | rd << 7 | 0x6f) >>> 0

const LOAD = 0x03
const LOADFP = 0x07
const OPIMM = 0x13
const OPIMM32 = 0x1b
const STORE = 0x23
const STOREFP = 0x27
const OP = 0x33
const OP32 = 0x3b
const LUI = 0x37
const JALR = 0x67
const EBREAK = 0x0010_0073
const zero = 0
const ra = 1
const sp = 2

/** The six-bit immediate of C.ADDI and its like, signed. */
const signedSix = (half: number): number => (bits(half, 12, 12) << 5 | bits(half, 6, 2)) << 26 >> 26
const unsignedSix = (half: number): number => bits(half, 12, 12) << 5 | bits(half, 6, 2)
const wordOffset = (half: number): number => bits(half, 12, 10) << 3 | bits(half, 6, 6) << 2 | bits(half, 5, 5) << 6
const doubleOffset = (half: number): number => bits(half, 12, 10) << 3 | bits(half, 6, 5) << 6
const branchOffset = (half: number): number =>
  (bits(half, 12, 12) << 8 | bits(half, 6, 5) << 6 | bits(half, 2, 2) << 5 | bits(half, 11, 10) << 3 | bits(half, 4, 3) << 1) << 23 >> 23
const jumpOffset = (half: number): number =>
  (bits(half, 12, 12) << 11 | bits(half, 8, 8) << 10 | bits(half, 10, 9) << 8 | bits(half, 6, 6) << 7 | bits(half, 7, 7) << 6
    | bits(half, 2, 2) << 5 | bits(half, 11, 11) << 4 | bits(half, 5, 3) << 1) << 20 >> 20

const quadrant0 = (half: number): number => {
  const rd = 8 + bits(half, 4, 2)
  const rs1 = 8 + bits(half, 9, 7)
  switch (half >> 13) {
    case 0: {
      const immediate = bits(half, 12, 11) << 4 | bits(half, 10, 7) << 6 | bits(half, 6, 6) << 2 | bits(half, 5, 5) << 3
      return immediate === 0 ? 0 : iType(OPIMM, 0, rd, sp, immediate)
    }
    case 1: return iType(LOADFP, 3, rd, rs1, doubleOffset(half))
    case 2: return iType(LOAD, 2, rd, rs1, wordOffset(half))
    case 3: return iType(LOAD, 3, rd, rs1, doubleOffset(half))
    case 5: return sType(STOREFP, 3, rs1, rd, doubleOffset(half))
    case 6: return sType(STORE, 2, rs1, rd, wordOffset(half))
    case 7: return sType(STORE, 3, rs1, rd, doubleOffset(half))
    default: return 0
  }
}

const arithmetic = (half: number): number => {
  const rd = 8 + bits(half, 9, 7)
  const rs2 = 8 + bits(half, 4, 2)
  switch (bits(half, 11, 10)) {
    case 0: return iType(OPIMM, 5, rd, rd, unsignedSix(half))
    case 1: return iType(OPIMM, 5, rd, rd, 0x400 | unsignedSix(half))
    case 2: return iType(OPIMM, 7, rd, rd, signedSix(half))
    default:
      switch (bits(half, 12, 12) << 2 | bits(half, 6, 5)) {
        case 0: return rType(OP, 0, 0x20, rd, rd, rs2)
        case 1: return rType(OP, 4, 0, rd, rd, rs2)
        case 2: return rType(OP, 6, 0, rd, rd, rs2)
        case 3: return rType(OP, 7, 0, rd, rd, rs2)
        case 4: return rType(OP32, 0, 0x20, rd, rd, rs2)
        case 5: return rType(OP32, 0, 0, rd, rd, rs2)
        default: return 0
      }
  }
}

const quadrant1 = (half: number): number => {
  const rd = bits(half, 11, 7)
  switch (half >> 13) {
    case 0: return iType(OPIMM, 0, rd, rd, signedSix(half))
    case 1: return rd === 0 ? 0 : iType(OPIMM32, 0, rd, rd, signedSix(half))
    case 2: return iType(OPIMM, 0, rd, zero, signedSix(half))
    case 3: {
      if (unsignedSix(half) === 0) return 0
      if (rd !== sp) return (signedSix(half) << 12 | rd << 7 | LUI) >>> 0
      const immediate = (bits(half, 12, 12) << 9 | bits(half, 4, 3) << 7 | bits(half, 5, 5) << 6 | bits(half, 2, 2) << 5
        | bits(half, 6, 6) << 4) << 22 >> 22
      return iType(OPIMM, 0, sp, sp, immediate)
    }
    case 4: return arithmetic(half)
    case 5: return jType(zero, jumpOffset(half))
    case 6: return bType(0, 8 + bits(half, 9, 7), branchOffset(half))
    default: return bType(1, 8 + bits(half, 9, 7), branchOffset(half))
  }
}

const quadrant2 = (half: number): number => {
  const rd = bits(half, 11, 7)
  const rs2 = bits(half, 6, 2)
  const wordLoad = bits(half, 12, 12) << 5 | bits(half, 6, 4) << 2 | bits(half, 3, 2) << 6
  const doubleLoad = bits(half, 12, 12) << 5 | bits(half, 6, 5) << 3 | bits(half, 4, 2) << 6
  const wordStore = bits(half, 12, 9) << 2 | bits(half, 8, 7) << 6
  const doubleStore = bits(half, 12, 10) << 3 | bits(half, 9, 7) << 6
  switch (half >> 13) {
    case 0: return iType(OPIMM, 1, rd, rd, unsignedSix(half))
    case 1: return iType(LOADFP, 3, rd, sp, doubleLoad)
    case 2: return rd === 0 ? 0 : iType(LOAD, 2, rd, sp, wordLoad)
    case 3: return rd === 0 ? 0 : iType(LOAD, 3, rd, sp, doubleLoad)
    case 4:
      if (bits(half, 12, 12) === 0) {
        if (rs2 !== 0) return rType(OP, 0, 0, rd, zero, rs2)
        return rd === 0 ? 0 : iType(JALR, 0, zero, rd, 0)
      }
      if (rs2 !== 0) return rType(OP, 0, 0, rd, rd, rs2)
      return rd === 0 ? EBREAK : iType(JALR, 0, ra, rd, 0)
    case 5: return sType(STOREFP, 3, sp, rs2, doubleStore)
    case 6: return sType(STORE, 2, sp, rs2, wordStore)
    default: return sType(STORE, 3, sp, rs2, doubleStore)
  }
}

/** The 32-bit instruction that a 16-bit one (its low bits not 11) stands for, unsigned; 0 when it is reserved. */
export const expand = (half: number): number => {
  switch (half & 3) {
    case 0: return quadrant0(half)
    case 1: return quadrant1(half)
    default: return quadrant2(half)
  }
}
