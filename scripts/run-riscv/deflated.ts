// Bytes deflated in pieces, each behind its length; a length of 0 stands for a piece of zeros. No second copy of what may be large is made.
import { deflateSync, inflateSync } from 'node:zlib'
import type { OnProgress, Source } from './content.ts'

/** Of what is deflated together. */
export const pieceBytes = 4 * 2 ** 20
const lengthBytes = 4
/** More than a piece becomes that cannot be made smaller. */
const mostDeflated = 2 * pieceBytes

const sampleBytes = 2 ** 16

const zeros = Buffer.alloc(pieceBytes)

export function* deflated(bytes: Uint8Array, onProgress?: OnProgress): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    onProgress?.(at, bytes.length)
    const piece = bytes.subarray(at, at + pieceBytes), length = Buffer.alloc(lengthBytes)
    if (zeros.compare(piece, 0, piece.length, 0, piece.length) === 0) {
      yield length
      continue
    }
    const packed = deflateSync(piece, { level: shrinks(piece) ? 1 : 0 })
    length.writeUInt32LE(packed.length)
    yield length
    yield packed
  }
}

/** Judged by a part: the whole of what does not would take twenty times as long to deflate as to store. */
const shrinks = (piece: Uint8Array): boolean => {
  const sample = piece.subarray(0, sampleBytes)
  return deflateSync(sample, { level: 1 }).length < 0.9 * sample.length
}

/** Where the next piece begins, and how long this one is, deflated. Throws RangeError at the end. */
const pieceAt = (source: Source, position: number): { readonly start: number; readonly length: number } => {
  const length = Buffer.alloc(lengthBytes)
  if (source.readAt(position, length) < lengthBytes) throw new RangeError('it ends too early')
  const found = length.readUInt32LE()
  if (found > mostDeflated) throw new RangeError(`a piece of ${found} bytes is too long`)
  return { start: position + lengthBytes, length: found }
}

/** Fills bytes that are zero; what stays so is not touched. The position behind. Throws Error when the pieces are not those of so many bytes. */
export const inflateInto = (bytes: Uint8Array, source: Source, from: number, onProgress?: OnProgress): number => {
  let position = from
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    onProgress?.(at, bytes.length)
    const { start, length } = pieceAt(source, position), size = Math.min(pieceBytes, bytes.length - at)
    position = start + length
    if (length === 0) continue
    const packed = Buffer.allocUnsafe(length)
    if (source.readAt(start, packed) < length) throw new RangeError('it ends too early')
    const piece = inflateSync(packed, { maxOutputLength: size })
    if (piece.length !== size) throw new RangeError(`a piece has ${piece.length} bytes, and ${size} are expected`)
    bytes.set(piece, at)
  }
  return position
}

/** The position behind so many deflated bytes. Throws RangeError at the end. */
export const behind = (size: number, source: Source, from: number): number => {
  let position = from
  for (let at = 0; at < size; at += pieceBytes) {
    const { start, length } = pieceAt(source, position)
    position = start + length
  }
  return position
}
