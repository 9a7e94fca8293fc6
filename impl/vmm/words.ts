// The fields of a PSW and of an instruction word, as the monitors read them (docs/third-generation.md, sections 2 and 6).
import type { Mode } from '../../model/vocab/index.ts'

/** Cells in one block: the unit of l and b. */
export const blockCells = 16

export const pswWord = (mode: Mode, cause: number, counter: number, base: number, bound: number): number =>
  (mode << 31) | (cause << 28) | (counter << 16) | (base << 8) | bound

export const pswMode = (word: number): Mode => (word < 0 ? 1 : 0)
export const pswCause = (word: number): number => (word >>> 28) & 7
export const pswCounter = (word: number): number => (word >>> 16) & 0xfff
export const pswBase = (word: number): number => (word >>> 8) & 0xff
export const pswBound = (word: number): number => word & 0xff

export const opcodeOf = (word: number): number => word >>> 24
export const registerOf = (word: number): number => (word >>> 20) & 15
/** The field a, 16 bits, unsigned: the device of IN and OUT. */
export const fieldOf = (word: number): number => word & 0xffff

/** The operand v, a signed 32-bit word. */
export const operandOf = (word: number, registers: Int32Array): number => {
  const x = (word >>> 16) & 15
  const a = (word << 16) >> 16
  return x === 0 ? a : (a + registers[x]!) | 0
}

/** Opcodes that a monitor meets: the privileged ones and those that only a variant has. */
export const Opcode = {
  LPSW: 0x80, LRB: 0x81, SRB: 0x82, STIM: 0x83, RTIM: 0x84, IN: 0x85, OUT: 0x86, HALT: 0x87,
  JUM: 0x90, RMOD: 0x91, LRA: 0x92, POPT: 0x93, SRBS: 0x94, SHB: 0x95,
} as const
