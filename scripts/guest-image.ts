// The guest that the user names: one that comes with popek, or an assembly source.
import { assemble, type Image } from '../impl/assembler/assemble.ts'
import { AssemblerError } from '../impl/assembler/error.ts'
import { guests } from '../impl/kernel/guests.ts'
import type { MachineOptions } from '../model/vocab/index.ts'
import { BadInput } from './terminal/failure.ts'
import { isFile, readText } from './terminal/files.ts'
import { unknownName } from './terminal/nearest.ts'

export interface NamedImage {
  readonly image: Image
  /** What the guest was written for; sizes of a source are the smallest that hold it. */
  readonly options: MachineOptions
}

const blockCells = 16

/** Throws BadInput with every problem of a source, by line and column. */
export const resolveImage = (name: string): NamedImage => {
  const guest = guests.find((g) => g.name === name)
  if (guest) return { image: assemble(guest.source, guest.name), options: guest.options }
  if (!isFile(name) && !/[./\\]/.test(name)) throw unknownName('guest', name, guests.map((g) => g.name), 'or the path of an assembly source')
  const source = readText(name, 'assembly source')
  try {
    const image = assemble(source, name)
    const cells = (image.cells.at(-1)?.[0] ?? 0) + 1
    return { image, options: { size: Math.max(2 * blockCells, Math.ceil(cells / blockCells) * blockCells) } }
  } catch (error) {
    if (error instanceof AssemblerError) throw new BadInput(error.message)
    throw error
  }
}
