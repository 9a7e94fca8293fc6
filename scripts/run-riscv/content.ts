// The files that a machine starts from. They stay open: it may start again, or be saved with them, when others have taken their places.
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { BadInput } from '../terminal/failure.ts'
import { reason } from '../terminal/files.ts'

export interface Content {
  readonly path: string
  readonly bytes: number
  /** All of it. Throws BadInput. */
  readonly read: () => Uint8Array
}

/** A file read where one wants. */
export interface Source {
  readonly path: string
  readonly bytes: number
  /** As many bytes as there are from `position` on, and as go in. Throws BadInput. */
  readonly readAt: (position: number, into: Uint8Array) => number
}

/** Told how many bytes of how many are done. */
export type OnProgress = (done: number, total: number) => void

export interface OpenFile extends Content, Source {
  readonly close: () => void
}

const hashedBytes = 2 ** 20

/** SHA-256 of the bytes up to an end. */
export const digestOf = ({ readAt }: Pick<Source, 'readAt'>, end: number, onProgress?: OnProgress): Buffer => {
  const hash = createHash('sha256'), piece = Buffer.allocUnsafe(hashedBytes)
  for (let at = 0; at < end; at += hashedBytes) {
    onProgress?.(at, end)
    hash.update(piece.subarray(0, readAt(at, piece.subarray(0, Math.min(hashedBytes, end - at)))))
  }
  return hash.digest()
}

/** Of what is read as a whole. */
export const mostBytes = 2 ** 31 - 1

/** Throws BadInput. */
export const openContent = (path: string, what: string): OpenFile => {
  const trying = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw new BadInput(`cannot read the ${what} ${path}: ${reason(error)}`)
    }
  }
  // A pipe would be waited for.
  const stat = trying(() => statSync(path))
  if (!stat.isFile() && !stat.isDirectory()) throw new BadInput(`the ${what} ${path} is no file`)
  if (stat.isDirectory()) throw new BadInput(`cannot read the ${what} ${path}: it is a folder`)
  const descriptor = trying(() => openSync(path, 'r')), bytes = trying(() => fstatSync(descriptor)).size
  const readAt = (position: number, into: Uint8Array): number => {
    let count = 0
    while (count < into.length) {
      const more = trying(() => readSync(descriptor, into, count, into.length - count, position + count))
      if (more === 0) break
      count += more
    }
    return count
  }
  return {
    path, bytes, readAt,
    read: () => {
      if (bytes > mostBytes) throw new BadInput(`the ${what} ${path} is larger than 2 GiB`)
      const all = Buffer.allocUnsafe(bytes)
      if (readAt(0, all) < bytes) throw new BadInput(`the ${what} ${path} has become shorter`)
      return all
    },
    close: () => closeSync(descriptor),
  }
}
