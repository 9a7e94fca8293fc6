// Buffers of a chain taken as one run of bytes.

export const lengthOf = (buffers: readonly Uint8Array[]): number => buffers.reduce((sum, b) => sum + b.length, 0)

/** Views of bytes `from` to `to` of the run, in order. */
export const slice = (buffers: readonly Uint8Array[], from: number, to: number): Uint8Array[] => {
  const parts: Uint8Array[] = []
  let start = 0
  for (const buffer of buffers) {
    const low = Math.max(from - start, 0), high = Math.min(to - start, buffer.length)
    if (low < high) parts.push(buffer.subarray(low, high))
    start += buffer.length
  }
  return parts
}

/** A copy of bytes `from` to `to` of the run. */
export const gather = (buffers: readonly Uint8Array[], from: number, to: number): Uint8Array => {
  const copy = new Uint8Array(to - from)
  let place = 0
  for (const part of slice(buffers, from, to)) {
    copy.set(part, place)
    place += part.length
  }
  return copy
}

/** Writes bytes over the run from its start; how many were written. */
export const scatter = (buffers: readonly Uint8Array[], bytes: Uint8Array): number => {
  let place = 0
  for (const buffer of buffers) {
    const part = bytes.subarray(place, place + buffer.length)
    buffer.set(part)
    place += part.length
  }
  return place
}
