// How a snapshot is told from an image: apart from what reads one, which a run of an image need not load.

import type { Source } from './content.ts'

export const format = 'popek-snapshot'

const mark = Buffer.from(`{"format":"${format}"`)

/** Whether a file begins as a snapshot does, or is cut off before that can be told. Throws BadInput. */
export const isSnapshot = (file: Source): boolean => {
  const start = Buffer.alloc(mark.length), read = file.readAt(0, start)
  return read > 0 && start.subarray(0, read).equals(mark.subarray(0, read))
}
