// Random numbers for the generators: a small, fast stream of 32-bit words that is the same on every worker.

/** Seeds of nearby numbers give unrelated streams (the finalizer of splitmix32). */
const mix = (word: number): number => {
  let z = word | 0
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
  return z ^ (z >>> 15)
}

/** The seed of stream `index` of a run. */
export const streamSeed = (seed: number, index: number): number => mix(mix(seed) + Math.imul(index + 1, 0x9e3779b9))

export class Random {
  private state: number

  constructor(seed: number) {
    this.state = seed | 0
  }

  /** A signed 32-bit word. */
  word(): number {
    this.state = (this.state + 0x9e3779b9) | 0
    return mix(this.state)
  }

  /** 0 to `limit` - 1; `limit` at most 2^32. */
  below(limit: number): number {
    return Math.floor((this.word() >>> 0) * limit / 4294967296)
  }

  /** `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  /** True `percent` times in a hundred. */
  chance(percent: number): boolean {
    return (this.word() >>> 0) < percent * 42949672.96
  }

  of<T>(choices: ArrayLike<T>): T {
    return choices[this.below(choices.length)]!
  }
}
