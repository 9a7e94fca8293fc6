// A hart that a board runs step by step, so that something else is done at each step; what the hart does stays the same.
import type { Hart, Stepped } from '../cpu/riscv/hart.ts'
import type { HartPort } from '../cpu/riscv/platform.ts'

/** `step` steps the hart once; undefined ends the run before a step. */
export const stepwise = (hart: Hart, step: () => Stepped | undefined): HartPort => {
  let limit = 0
  let stopped = false
  return {
    ram: hart.ram, ...(hart.rom ? { rom: hart.rom } : {}), steps: hart.steps, drive: hart.drive, wrote: hart.wrote,
    run: (until) => {
      limit = until
      stopped = false
      while (hart.steps() < limit) {
        const stepped = step()
        if (stepped === 'waiting') return 'waiting'
        if (stopped || stepped === undefined) return 'stopped'
      }
      return 'reached'
    },
    shorten: (until) => { limit = Math.min(limit, until) },
    stop: () => { stopped = true },
  }
}
