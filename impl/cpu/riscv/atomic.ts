// What an atomic memory operation writes, from what it read and its register operand; both unsigned, of the width in bits.
export const atomicResult = (funct5: number, read: bigint, operand: bigint, width: 32 | 64): bigint | undefined => {
  const signed = (value: bigint): bigint => BigInt.asIntN(width, value)
  switch (funct5) {
    case 0x00: return BigInt.asUintN(width, read + operand)
    case 0x01: return operand
    case 0x04: return read ^ operand
    case 0x08: return read | operand
    case 0x0c: return read & operand
    case 0x10: return signed(read) < signed(operand) ? read : operand
    case 0x14: return signed(read) > signed(operand) ? read : operand
    case 0x18: return read < operand ? read : operand
    case 0x1c: return read > operand ? read : operand
    default: return undefined
  }
}
