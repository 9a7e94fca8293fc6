// A disk image in a file: sectors are read and written in place.
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { sectorBytes, type Storage } from '../../impl/devices/virt/virtio/block.ts'
import { BadInput } from '../terminal/failure.ts'
import { reason } from '../terminal/files.ts'
import { digestOf, type OnProgress } from './content.ts'
import { lockFile } from './file-lock.ts'

export interface DiskFile extends Storage {
  readonly path: string
  /** SHA-256 of what is on it, hexadecimal. */
  readonly digest: (onProgress?: OnProgress) => string
  readonly close: () => void
}

const anyWrite = 0o222
/** QEMU's own format begins so. */
const qcow = 0x5146_49fb

/** Throws BadInput when the file cannot be read, and written unless `readOnly`, as a disk, or another process has it as one and either writes. */
export const openDisk = (path: string, readOnly: boolean): DiskFile => {
  let descriptor: number
  try {
    descriptor = openSync(path, readOnly ? 'r' : 'r+')
  } catch (error) {
    throw new BadInput(`cannot open the disk image ${path} for reading${readOnly ? '' : ' and writing'}: ${reason(error)}`)
  }
  const refuse = (why: string): never => {
    closeSync(descriptor)
    throw new BadInput(`the disk image ${path} ${why}`)
  }
  const stat = fstatSync(descriptor)
  if (!stat.isFile()) refuse('is no file')
  // Root may write every file: a file that nobody is to write is left alone.
  if (!readOnly && (stat.mode & anyWrite) === 0) refuse('is read-only, and a disk is written: copy it, make it writable, or give --read-only')
  if (stat.size === 0) refuse('is empty')
  if (stat.size % sectorBytes !== 0) refuse(`has ${stat.size} bytes, and a disk has a multiple of ${sectorBytes}`)
  if (!lockFile(descriptor, readOnly ? 'shared' : 'alone')) refuse(`is in use: another process has it as a disk${readOnly ? ', and writes it' : ''}`)
  const whole = (move: () => number, wanted: number): boolean => {
    try {
      return move() === wanted
    } catch {
      return false
    }
  }
  const start = Buffer.alloc(4)
  if (whole(() => readSync(descriptor, start, 0, start.length, 0), start.length) && start.readUInt32BE() === qcow) refuse('is of the format QCOW, and a raw one is expected: `qemu-img convert -O raw` makes it')
  return {
    path,
    bytes: stat.size,
    writable: !readOnly,
    read: (position, into) => whole(() => readSync(descriptor, into, 0, into.length, position), into.length),
    write: (position, from) => whole(() => writeSync(descriptor, from, 0, from.length, position), from.length),
    flush: () => {
      try {
        fsyncSync(descriptor)
        return true
      } catch {
        return false
      }
    },
    digest: (onProgress) => digestOf({ readAt: (at, into) => readSync(descriptor, into, 0, into.length, at) }, stat.size, onProgress).toString('hex'),
    close: () => closeSync(descriptor),
  }
}
