// Words of the RISC-V instructions that a generated program has in its idioms and handlers.
import { immediate, jump, stores } from '../riscv/encode.ts'

export const addi = (rd: number, rs1: number, value: number): number => immediate(0x13, 0, rd, rs1, value)
export const xori = (rd: number, rs1: number, value: number): number => immediate(0x13, 4, rd, rs1, value)
export const andi = (rd: number, rs1: number, value: number): number => immediate(0x13, 7, rd, rs1, value)
export const add = (rd: number, rs1: number, rs2: number): number => ((rs2 << 20) | (rs1 << 15) | (rd << 7) | 0x33) >>> 0
export const sll = (rd: number, rs1: number, rs2: number): number => ((rs2 << 20) | (rs1 << 15) | (1 << 12) | (rd << 7) | 0x33) >>> 0
/** `upper` is bits 31 to 12 of what is added to zero, or to the pc. */
export const lui = (rd: number, upper: number): number => ((upper << 12) | (rd << 7) | 0x37) >>> 0
export const auipc = (rd: number, upper: number): number => ((upper << 12) | (rd << 7) | 0x17) >>> 0
export const lw = (rd: number, base: number, offset: number): number => immediate(0x03, 2, rd, base, offset)
export const ld = (rd: number, base: number, offset: number): number => immediate(0x03, 3, rd, base, offset)
export const fld = (rd: number, base: number, offset: number): number => immediate(0x07, 3, rd, base, offset)
export const sw = (source: number, base: number, offset: number): number => stores(0x23, 2, base, source, offset)
export const sd = (source: number, base: number, offset: number): number => stores(0x23, 3, base, source, offset)
/** By funct3: 0 BEQ, 1 BNE, 4 BLT, 5 BGE, 6 BLTU, 7 BGEU. */
export const branch = (funct3: number, rs1: number, rs2: number, offset: number): number =>
  ((((offset >> 12) & 1) << 31) | (((offset >> 5) & 63) << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | (((offset >> 1) & 15) << 8) | (((offset >> 11) & 1) << 7) | 0x63) >>> 0
export const jal = (rd: number, offset: number): number => (jump(offset) | (rd << 7)) >>> 0
export const jalr = (rd: number, rs1: number, offset: number): number => immediate(0x67, 0, rd, rs1, offset)
export const csrrw = (rd: number, number: number, rs1: number): number => immediate(0x73, 1, rd, rs1, number)
export const csrrs = (rd: number, number: number, rs1: number): number => immediate(0x73, 2, rd, rs1, number)
export const csrrc = (rd: number, number: number, rs1: number): number => immediate(0x73, 3, rd, rs1, number)
/** `width` 2 or 3, for words or doublewords. */
export const lr = (width: number, rd: number, address: number): number => ((0x02 << 27) | (address << 15) | (width << 12) | (rd << 7) | 0x2f) >>> 0
export const sc = (width: number, rd: number, address: number, source: number): number =>
  ((0x03 << 27) | (source << 20) | (address << 15) | (width << 12) | (rd << 7) | 0x2f) >>> 0
export const sfence = (address: number, asid: number): number => ((0x09 << 25) | (asid << 20) | (address << 15) | 0x73) >>> 0
export const fenceI = 0x100f, nop = 0x13
export { mret, sret } from '../riscv/encode.ts'
