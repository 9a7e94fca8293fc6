import { randomFillSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { behind, deflated, inflateInto, pieceBytes } from './deflated.ts'

const source = (bytes: Uint8Array) => ({ path: 'here', bytes: bytes.length, readAt: (position: number, into: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).copy(into, 0, position) })
const packed = (bytes: Uint8Array): Buffer => Buffer.concat([...deflated(bytes)])

test('pieces come back, whatever they hold, and each takes the room that it needs', () => {
  const mixed = Buffer.alloc(2 * pieceBytes + 5, 'text')
  randomFillSync(mixed, 0, pieceBytes)
  const zeros = Buffer.alloc(2 * pieceBytes + 5)
  for (const [bytes, least, most] of [[mixed, pieceBytes, pieceBytes + 2 ** 16], [zeros, 12, 12], [Buffer.from('a'), 5, 20], [Buffer.alloc(0), 0, 0]] as const) {
    const into = Buffer.alloc(bytes.length), stored = packed(bytes)
    expect([inflateInto(into, source(stored), 0), behind(bytes.length, source(stored), 0), into.equals(bytes)]).toEqual([stored.length, stored.length, true])
    expect([stored.length >= least, stored.length <= most]).toEqual([true, true])
  }
})

test('pieces of something else are refused', () => {
  const stored = packed(Buffer.alloc(100, 'text')), length = Buffer.alloc(4)
  length.writeUInt32LE(2 ** 31)
  for (const [spoilt, size, why] of [
    [stored.subarray(0, 3), 100, 'ends too early'], [stored.subarray(0, -1), 100, 'ends too early'], [stored, 99, 'Cannot create a Buffer larger than 99'], [stored, 101, '100 bytes, and 101'],
    [Buffer.concat([length, stored]), 100, 'too long'], [Buffer.from(stored).fill(0xff, 4), 100, 'incorrect header'],
  ] as const) expect(() => inflateInto(new Uint8Array(size), source(spoilt), 0)).toThrow(why)
})
