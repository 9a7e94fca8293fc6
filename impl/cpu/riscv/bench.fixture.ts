// A board with RAM and nothing else, and words of instructions, for the tests of the hart.
import { createHart, type Hart } from './hart.ts'
import type { HartOptions } from './parameters.ts'
import type { Platform } from './platform.ts'

export const base = 0x8000_0000

/** A hart with 1 MiB of RAM and the clock of its steps, quick to translate; device words at 0x1000_0000 read as what was written. */
export const bench = (options: Partial<HartOptions> = {}): Hart & { readonly device: Map<number, bigint> } => {
  const device = new Map<number, bigint>()
  const platform: Platform = {
    load: (address) => address >= 0x1000_0000 && address < 0x1000_1000 ? device.get(address) ?? 0n : undefined,
    store: (address, _bytes, value) => {
      if (address < 0x1000_0000 || address >= 0x1000_1000) return false
      device.set(address, value)
      return true
    },
    time: () => BigInt(hart.steps()),
  }
  const hart: Hart = createHart({ ramBytes: 0x10_0000, hotAfter: 20, ...options }, platform)
  return Object.assign(hart, { device })
}

/** Puts 32-bit words into RAM. */
export const put = (hart: Hart, address: number, words: readonly number[]): void => {
  const view = new DataView(hart.ram.buffer, hart.ram.byteOffset)
  for (const [index, word] of words.entries()) view.setUint32(address - base + 4 * index, word, true)
  hart.wrote(address - base, 4 * words.length)
}

export const putLong = (hart: Hart, address: number, value: bigint): void => {
  new DataView(hart.ram.buffer, hart.ram.byteOffset).setBigUint64(address - base, BigInt.asUintN(64, value), true)
  hart.wrote(address - base, 8)
}

export const getLong = (hart: Hart, address: number): bigint =>
  new DataView(hart.ram.buffer, hart.ram.byteOffset).getBigUint64(address - base, true)

export const r = (opcode: number, funct3: number, funct7: number, rd: number, rs1: number, rs2: number): number =>
  (funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode) >>> 0
export const i = (opcode: number, funct3: number, rd: number, rs1: number, immediate: number): number =>
  (immediate << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode) >>> 0
export const s = (funct3: number, rs1: number, rs2: number, immediate: number): number =>
  (immediate >> 5 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (immediate & 31) << 7 | 0x23) >>> 0
export const b = (funct3: number, rs1: number, rs2: number, offset: number): number =>
  ((offset >> 12 & 1) << 31 | (offset >> 5 & 63) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (offset >> 1 & 15) << 8
    | (offset >> 11 & 1) << 7 | 0x63) >>> 0
export const jal = (rd: number, offset: number): number =>
  ((offset >> 20 & 1) << 31 | (offset >> 1 & 0x3ff) << 21 | (offset >> 11 & 1) << 20 | (offset >> 12 & 0xff) << 12 | rd << 7 | 0x6f) >>> 0

export const addi = (rd: number, rs1: number, immediate: number): number => i(0x13, 0, rd, rs1, immediate)
export const add = (rd: number, rs1: number, rs2: number): number => r(0x33, 0, 0, rd, rs1, rs2)
export const jalr = (rd: number, rs1: number, immediate: number): number => i(0x67, 0, rd, rs1, immediate)
export const load = (funct3: number, rd: number, rs1: number, immediate: number): number => i(0x03, funct3, rd, rs1, immediate)
/** funct3: 1 is CSRRW, 2 CSRRS, 3 CSRRC, 5 to 7 the same with an immediate. */
export const csr = (funct3: number, rd: number, number: number, rs1: number): number =>
  (number << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x73) >>> 0
export const ecall = 0x0000_0073
export const ebreak = 0x0010_0073
export const mret = 0x3020_0073
export const sret = 0x1020_0073
export const wfi = 0x1050_0073
export const nop = 0x13
