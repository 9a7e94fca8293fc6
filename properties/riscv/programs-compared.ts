// How many programs are compared, and what is told of those that differ.
export interface Extent {
  /** The first program of the seed. */
  readonly from: number
  /** How many; they end earlier when the seconds are over or the signal says so. */
  readonly programs: number
  readonly until?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((done: number) => void) | undefined
}
export interface Difference {
  readonly program: number
  readonly difference: string
}

/** Whether program `n` is to be run; `until` is a time of performance.now(). */
export const due = ({ from, programs, until, signal }: Extent, n: number): boolean =>
  n < from + programs && signal?.aborted !== true && !(until !== undefined && performance.now() >= until)

export const add = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1
}
