// Files that a command reads and writes: refused before the work starts, and never left half written.
import { accessSync, closeSync, constants, existsSync, fstatSync, mkdirSync, openSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeSync, type Stats } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { BadInput, messageOf } from './failure.ts'

export const reason = (error: unknown): string => {
  const { code } = error as { code?: string }
  switch (code) {
    case 'ENOENT': return 'there is no such file or folder'
    case 'EACCES': case 'EPERM': return 'permission denied'
    case 'EISDIR': return 'it is a folder'
    case 'EEXIST': return 'there is a file in its place'
    case 'ENOTDIR': return 'a part of the path is not a folder'
    case 'EROFS': return 'the file system is read-only'
    case 'ENOSPC': return 'no space is left'
    case 'EPIPE': return 'its reader has gone'
    default: return messageOf(error)
  }
}

/** The text of an input file or pipe. */
export const readText = (path: string, what: string): string => {
  try {
    // A device may have no end.
    if (statSync(path).isCharacterDevice()) throw new BadInput(`the ${what} ${path} is no file`)
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof BadInput) throw error
    throw new BadInput(`cannot read the ${what} ${path}: ${reason(error)}`)
  }
}

export const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile()

const temporary = (path: string): string => join(dirname(resolve(path)), `.${basename(path)}.${process.pid}.tmp`)

const identity = (stat: Stats): string => `${stat.dev}:${stat.ino}`

/** Two paths lead to one file, or will when it is written; two that lead to one device do not. */
export const sameFile = (a: string, b: string): boolean => {
  const [one, other] = [a, b].map((path) => {
    try {
      return statSync(path)
    } catch {
      return undefined
    }
  })
  return one && other ? one.isFile() && identity(one) === identity(other) : resolve(a) === resolve(b)
}

/** The descriptor of standard output or error, when the path leads to it, as /dev/stdout does: opened anew, a file would be emptied. */
export const standardStream = (path: string): number | undefined => {
  try {
    const wanted = identity(statSync(path))
    return [1, 2].find((descriptor) => identity(fstatSync(descriptor)) === wanted)
  } catch {
    return undefined
  }
}

/** What is written, whole or piece by piece. */
type Written = string | Uint8Array | Generator<Uint8Array>

const pause = new Int32Array(new SharedArrayBuffer(4))

/** Writes all bytes, and waits while a standard stream is a pipe that is full. */
export const writeWhole = (descriptor: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length;)
    try {
      at += writeSync(descriptor, bytes, at)
    } catch (error) {
      if ((error as { code?: string }).code !== 'EAGAIN') throw error
      Atomics.wait(pause, 0, 0, 1)
    }
}

const writeAll = (to: string | number, content: Written): void => {
  const pieces = typeof content === 'string' ? [Buffer.from(content)] : content instanceof Uint8Array ? [content] : content
  const descriptor = typeof to === 'number' ? to : openSync(to, 'w')
  try {
    for (const piece of pieces) writeWhole(descriptor, piece)
  } finally {
    if (typeof to === 'string') closeSync(descriptor)
  }
}

/** A file that can be written; `write` replaces it at once. A device, a pipe or a standard stream is written to, and the file behind a link is replaced. Throws BadInput now when it cannot. */
export const outputFile = (path: string, what: string): { readonly path: string; readonly write: (content: Written) => void } => {
  const stream = standardStream(path)
  let replaced: string | undefined = stream === undefined ? path : undefined
  try {
    if (path === '') throw Object.assign(new Error(), { code: 'ENOENT' })
    if (path.endsWith('/')) throw Object.assign(new Error(), { code: 'EISDIR' })
    if (stream === undefined && existsSync(path)) {
      const stat = statSync(path)
      if (stat.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' })
      accessSync(path, constants.W_OK)
      replaced = stat.isFile() ? realpathSync(path) : undefined
    }
    if (replaced !== undefined) {
      closeSync(openSync(temporary(replaced), 'w'))
      rmSync(temporary(replaced))
    }
  } catch (error) {
    throw new BadInput(`cannot write the ${what} ${path}: ${reason(error)}`)
  }
  return {
    path,
    write: (content) => {
      try {
        if (replaced === undefined) return writeAll(stream ?? path, content)
        writeAll(temporary(replaced), content)
        renameSync(temporary(replaced), replaced)
      } catch (error) {
        if (replaced !== undefined) rmSync(temporary(replaced), { force: true })
        throw new BadInput(`cannot write the ${what} ${path}: ${reason(error)}`)
      }
    },
  }
}

/** A folder for output files, made when it is missing. Throws BadInput when it cannot be written. */
export const outputFolder = (path: string, what: string): { readonly write: (name: string, text: string) => string } => {
  try {
    mkdirSync(path, { recursive: true })
    accessSync(path, constants.W_OK)
  } catch (error) {
    throw new BadInput(`cannot write to the ${what} ${path}: ${reason(error)}`)
  }
  return {
    write: (name, text) => {
      const file = join(path, name)
      outputFile(file, what).write(text)
      return file
    },
  }
}
