// A disk image in a file: sectors are read and written in place.
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { sectorBytes, type Storage } from '../../impl/devices/virt/virtio/block.ts'
import { BadInput } from '../terminal/failure.ts'
import { reason } from '../terminal/files.ts'

export interface DiskFile extends Storage {
  readonly path: string
  readonly close: () => void
}

const anyWrite = 0o222

/** Throws BadInput when the file cannot be read and written as a disk. */
export const openDisk = (path: string): DiskFile => {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r+')
  } catch (error) {
    throw new BadInput(`cannot open the disk image ${path} for reading and writing: ${reason(error)}`)
  }
  const refuse = (why: string): never => {
    closeSync(descriptor)
    throw new BadInput(`the disk image ${path} ${why}`)
  }
  const stat = fstatSync(descriptor)
  if (!stat.isFile() && !stat.isBlockDevice()) refuse('is no file')
  // Root may write every file: a file that nobody is to write is left alone.
  if (stat.isFile() && (stat.mode & anyWrite) === 0) refuse('is read-only, and a disk is written: copy it, or make it writable')
  if (stat.size === 0) refuse('is empty')
  if (stat.size % sectorBytes !== 0) refuse(`has ${stat.size} bytes, and a disk has a multiple of ${sectorBytes}`)
  const whole = (move: () => number, wanted: number): boolean => {
    try {
      return move() === wanted
    } catch {
      return false
    }
  }
  return {
    path,
    bytes: stat.size,
    writable: true,
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
    close: () => closeSync(descriptor),
  }
}
