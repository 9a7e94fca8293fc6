// A stream of pseudo-random bytes that a seed determines (xoshiro128**), for the entropy device and the device tree: not a secret.

export class RandomBytes {
  private readonly state: Uint32Array

  /** A 32-bit seed. */
  constructor(seed: number) {
    this.state = new Uint32Array(4)
    // SplitMix32 spreads the seed, so that no state is all zero.
    let x = seed
    for (let i = 0; i < 4; i++) {
      x = (x + 0x9e37_79b9) | 0
      let z = Math.imul(x ^ (x >>> 16), 0x85eb_ca6b)
      z = Math.imul(z ^ (z >>> 13), 0xc2b2_ae35)
      this.state[i] = z ^ (z >>> 16)
    }
  }

  readonly fill = (bytes: Uint8Array): void => {
    for (let i = 0; i < bytes.length; i += 4) {
      const word = this.next()
      for (let k = 0; k < 4 && i + k < bytes.length; k++) bytes[i + k] = word >>> (8 * k)
    }
  }

  save(): readonly number[] {
    return [...this.state]
  }

  restore(state: readonly number[]): void {
    this.state.set(state)
  }

  private next(): number {
    const s = this.state
    const word = Math.imul(rotated(Math.imul(s[1]!, 5), 7), 9) >>> 0
    const t = s[1]! << 9
    s[2]! ^= s[0]!
    s[3]! ^= s[1]!
    s[1]! ^= s[2]!
    s[0]! ^= s[3]!
    s[2]! ^= t
    s[3] = rotated(s[3]!, 11)
    return word
  }
}

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by))
