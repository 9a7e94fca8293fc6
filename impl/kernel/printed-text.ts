// What a machine's console has printed, as text.

import type { Machine } from '../../model/vocab/index.ts'

/** All printed bytes, one character each. */
export const printedText = ({ printed }: Machine): string =>
  Array.from({ length: printed.length }, (_, index) => String.fromCharCode(printed[index]!)).join('')
