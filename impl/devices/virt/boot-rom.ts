// The mask ROM at the reset address: jumps to the start with the hart's number, the device tree, and where the next stage lies.

/** Physical addresses. */
export interface Boot {
  readonly start: number
  readonly tree: number
  /** Where OpenSBI's dynamic firmware goes on; 0 for nowhere. */
  readonly next: number
}

/** auipc t0, 0; addi a2, t0, 40; csrr a0, mhartid; ld a1, 32(t0); ld t0, 24(t0); jr t0. */
const code = [0x0000_0297, 0x0282_8613, 0xf140_2573, 0x0202_b583, 0x0182_b283, 0x0002_8067]

/** "OSBI". */
const dynamicMagic = 0x4942_534f
const dynamicVersion = 2
const supervisorMode = 1

/** The ROM's first bytes; the rest reads 0. `a2` points to what OpenSBI calls its dynamic information. */
export const bootRom = ({ start, tree, next }: Boot): Uint8Array => {
  const doubleWords = [start, tree, dynamicMagic, dynamicVersion, next, supervisorMode, 0, 0]
  const bytes = new Uint8Array(4 * code.length + 8 * doubleWords.length)
  const view = new DataView(bytes.buffer)
  code.forEach((word, i) => view.setUint32(4 * i, word, true))
  doubleWords.forEach((value, i) => view.setBigUint64(4 * code.length + 8 * i, BigInt(value), true))
  return bytes
}
