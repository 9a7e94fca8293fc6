// Machine words by hand: an opcode and its fields, and the PSW in one cell.

/** The word with `opcode` in bits 31..24, r, x and the low 16 bits of `a`; a signed 32-bit word. */
export const word = (opcode: number, r = 0, a = 0, x = 0): number => opcode << 24 | r << 20 | x << 16 | a & 0xffff

/** The PSW (M, cause, P, l, b) in one signed 32-bit word. */
export const psw = (mode: number, cause: number, counter: number, base: number, bound: number): number =>
  mode << 31 | cause << 28 | counter << 16 | base << 8 | bound
