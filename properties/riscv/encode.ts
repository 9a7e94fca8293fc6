// The few instructions that programs need for themselves, as words.
export type Xlen = 32 | 64

export const immediate = (opcode: number, funct3: number, rd: number, rs1: number, value: number): number =>
  (((value & 0xfff) << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode) >>> 0
export const stores = (opcode: number, funct3: number, rs1: number, rs2: number, value: number): number =>
  ((((value >> 5) & 0x7f) << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | ((value & 31) << 7) | opcode) >>> 0
export const jump = (distance: number): number =>
  ((((distance >> 20) & 1) << 31) | (((distance >> 1) & 0x3ff) << 21) | (((distance >> 11) & 1) << 20) | (((distance >> 12) & 0xff) << 12) | 0x6f) >>> 0
export const shift = (funct3: 1 | 5, rd: number, amount: number): number => immediate(0x13, funct3, rd, rd, amount)
/** An address below 2^32. */
export const li = (rd: number, address: number, xlen: Xlen): number[] => {
  const low = [((((address + 0x800) & 0xfffff000) | (rd << 7) | 0x37) >>> 0), immediate(0x13, 0, rd, rd, address & 0xfff)]
  return xlen === 32 ? low : [...low, shift(1, rd, 32), shift(5, rd, 32)]
}
export const csrw = (number: number, rs1: number): number => immediate(0x73, 1, 0, rs1, number)
export const csrr = (rd: number, number: number): number => immediate(0x73, 2, rd, 0, number)
export const [mret, sret, ecall, sfence] = [0x30200073, 0x10200073, 0x73, 0x12000073] as const
