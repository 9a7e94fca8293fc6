// The eight bytes of a descriptor and the model's views of them: a segment's base, limit and rights, and a gate.

/** As the model has them: the limit counts bytes, `gate` is selector, parameter count and offset. */
export interface Views {
  readonly base: bigint
  readonly limit: bigint
  readonly rights: bigint
  readonly gate: bigint
}

const bits = (value: bigint, high: number, low: number): bigint => (value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n)
const pages = (rights: bigint): boolean => bits(rights, 11, 11) === 1n
const isCallGate = (rights: bigint): boolean => bits(rights, 4, 0) === 12n

/** A call gate by its view, any other descriptor by those of a segment; bits 11 to 8 of a call gate's rights are of its offset. */
export const descriptorOf = ({ base, limit, rights, gate }: Views): bigint => {
  const raw = pages(rights) ? limit >> 12n : limit
  return isCallGate(rights)
    ? (bits(gate, 31, 16) << 48n) | (bits(rights, 11, 8) << 52n) | (bits(rights, 7, 0) << 40n) | (bits(gate, 36, 32) << 32n) | (bits(gate, 52, 37) << 16n) | bits(gate, 15, 0)
    : (bits(base, 31, 24) << 56n) | (bits(rights, 11, 8) << 52n) | (bits(raw, 19, 16) << 48n) | (bits(rights, 7, 0) << 40n) | (bits(base, 23, 0) << 16n) | bits(raw, 15, 0)
}

export const viewsOf = (d: bigint): Readonly<Record<'DT.base' | 'DT.limit' | 'DT.rights' | 'DT.gate', bigint>> => {
  const rights = (bits(d, 55, 52) << 8n) | bits(d, 47, 40), raw = (bits(d, 51, 48) << 16n) | bits(d, 15, 0)
  return {
    'DT.base': (bits(d, 63, 56) << 24n) | bits(d, 39, 16),
    'DT.limit': pages(rights) ? (raw << 12n) | 0xfffn : raw,
    'DT.rights': rights,
    'DT.gate': (bits(d, 31, 16) << 37n) | (bits(d, 36, 32) << 32n) | (bits(d, 63, 48) << 16n) | bits(d, 15, 0),
  }
}
