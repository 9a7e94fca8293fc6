// Puts an assembled image into a machine.

import type { Machine } from '../../model/vocab/index.ts'
import type { Image } from './assemble.ts'

/**
 * Writes the image's cells and, when it has an entry, P; everything else of the machine is left as it is.
 * @throws {RangeError} when a cell lies outside the machine's storage; nothing is written then
 */
export const load = (image: Image, machine: Machine): void => {
  const last = image.cells.at(-1)?.[0]
  const { size } = machine.options
  if (last !== undefined && last >= size) {
    throw new RangeError(`the image needs ${last + 1} cells, but the machine has ${size}`)
  }
  for (const [address, word] of image.cells) machine.setCell(address, word)
  if (image.entry !== undefined) machine.counter = image.entry
}
