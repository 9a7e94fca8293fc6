// The block device (virtio 1.2, section 5.2): one queue of requests on sectors of 512 bytes.
import type { Queues, VirtioDevice } from './device.ts'
import type { Chain } from './queue.ts'
import { gather, lengthOf, scatter, slice } from './buffers.ts'

export const sectorBytes = 512
const headerBytes = 16
const identityBytes = 20
const queueEntries = 1024
/** Data buffers of one request at most: the queue without header and status. */
const segments = queueEntries - 2

const feature = { segmentMaximum: 1 << 2, readOnly: 1 << 5, blockSize: 1 << 6, flush: 1 << 9 } as const
const request = { read: 0, write: 1, flush: 4, identity: 8 } as const
const result = { ok: 0, ioError: 1, unsupported: 2 } as const

/** What holds a disk's bytes. */
export interface Storage {
  /** A multiple of 512. */
  readonly bytes: number
  readonly writable: boolean
  /** False when the bytes could not be read. */
  readonly read: (position: number, into: Uint8Array) => boolean
  readonly write: (position: number, from: Uint8Array) => boolean
  readonly flush: () => boolean
}

/** Storage that lasts as long as the array. */
export const inMemory = (bytes: Uint8Array): Storage => ({
  bytes: bytes.length,
  writable: true,
  read: (position, into) => {
    into.set(bytes.subarray(position, position + into.length))
    return true
  },
  write: (position, from) => {
    bytes.set(from, position)
    return true
  },
  flush: () => true,
})

/** `identity`: what the driver reads as the device's name, 20 bytes at most. */
export const blockDevice = (storage: Storage, identity: string): VirtioDevice => {
  const config = new Uint8Array(60)
  const view = new DataView(config.buffer)
  view.setBigUint64(0, BigInt(Math.floor(storage.bytes / sectorBytes)), true)
  view.setUint32(12, segments, true)
  view.setUint32(20, sectorBytes, true)
  return {
    id: 2,
    queues: [queueEntries],
    features: feature.segmentMaximum | feature.blockSize | feature.flush | (storage.writable ? 0 : feature.readOnly),
    config,
    notified: (queue, queues) => {
      for (let chain = queues.take(queue); chain; chain = queues.take(queue)) serve(storage, identity, chain, queue, queues)
    },
  }
}

const serve = (storage: Storage, identity: string, chain: Chain, queue: number, queues: Queues): void => {
  const { readable, writable } = chain
  const room = lengthOf(writable)
  // A request without room for its status cannot be answered.
  if (lengthOf(readable) < headerBytes || room < 1) return queues.give(queue, chain, 0)
  const header = new DataView(gather(readable, 0, headerBytes).buffer)
  const position = Number(header.getBigUint64(8, true)) * sectorBytes
  const into = slice(writable, 0, room - 1)
  // The status is the last byte; what lies before it counts as written.
  const answer = (code: number): void => {
    slice(writable, room - 1, room)[0]![0] = code
    queues.give(queue, chain, room)
  }
  const inside = (length: number): boolean => length % sectorBytes === 0 && position + length <= storage.bytes
  switch (header.getUint32(0, true)) {
    case request.read:
      return answer(inside(room - 1) && each(into, position, storage.read) ? result.ok : result.ioError)
    case request.write: {
      const length = lengthOf(readable) - headerBytes
      const from = slice(readable, headerBytes, headerBytes + length)
      return answer(storage.writable && inside(length) && each(from, position, storage.write) ? result.ok : result.ioError)
    }
    case request.flush: return answer(storage.flush() ? result.ok : result.ioError)
    case request.identity: {
      const name = new Uint8Array(identityBytes)
      name.set(Uint8Array.from(identity, (c) => c.charCodeAt(0) & 0x7f).subarray(0, identityBytes))
      return answer(scatter(into, name) > 0 ? result.ok : result.ioError)
    }
    default: return answer(result.unsupported)
  }
}

const each = (buffers: readonly Uint8Array[], position: number, act: (position: number, bytes: Uint8Array) => boolean): boolean => {
  let place = position
  for (const buffer of buffers) {
    if (!act(place, buffer)) return false
    place += buffer.length
  }
  return true
}
