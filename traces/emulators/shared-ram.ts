// An emulator's RAM as a file that it and popek share.
import { closeSync, existsSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system in memory, where there is one with room. */
const folderFor = (size: number): string => {
  const inMemory = '/dev/shm'
  if (!existsSync(inMemory)) return tmpdir()
  const { bavail, bsize } = statfsSync(inMemory)
  return bavail * bsize >= size ? inMemory : tmpdir()
}

export class SharedRam {
  readonly base: number
  readonly size: number
  readonly path: string
  readonly #folder: string
  readonly #file: number
  #open = true

  /** `size` bytes of zeros, of which the first is the machine's `base`. */
  constructor(base: number, size: number) {
    this.base = base
    this.size = size
    this.#folder = mkdtempSync(join(folderFor(size), 'popek-ram-'))
    this.path = join(this.#folder, 'ram')
    this.#file = openSync(this.path, 'w+')
    ftruncateSync(this.#file, size)
  }

  write(address: number, bytes: Uint8Array): void {
    writeSync(this.#file, bytes, 0, bytes.length, address - this.base)
  }

  read(address: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    readSync(this.#file, bytes, 0, length, address - this.base)
    return bytes
  }

  /** Takes the file's name away once the emulator has it open: it goes when both have closed it. */
  hide(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  close(): void {
    if (this.#open) closeSync(this.#file)
    this.#open = false
  }
}
