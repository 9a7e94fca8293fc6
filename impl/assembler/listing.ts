// The listing of an image: real address, address in its window, word and source, line by line.

import type { Image } from './assemble.ts'

const hex = (number: number, digits: number): string => number.toString(16).toUpperCase().padStart(digits, '0')

/** One line per word, hexadecimal: real cell, relative cell, word, and the source line beside its first word. */
export const listing = (image: Image): string =>
  image.listing
    .flatMap(({ line, address, relative, words, text }) =>
      words.map((word, offset) => {
        const place = `${hex(address + offset, 3)} ${hex(relative + offset, 3)}  ${hex(word >>> 0, 8)}`
        return offset === 0 ? `${place}  ${String(line).padStart(4)}  ${text.trimEnd()}` : place
      }),
    )
    .join('\n')
