// How a snapshot is told from an image: apart from what reads one, which a run of an image need not load.

import type { Source } from './content.ts'

export const format = 'popek-snapshot'

const mark = Buffer.from(`{"format":"${format}"`)

/** Throws BadInput. */
export const isSnapshot = (file: Source): boolean => {
  const start = Buffer.alloc(mark.length)
  file.readAt(0, start)
  return start.equals(mark)
}
