// Memory by linear addresses, in doublewords, as a trial's tables and storage fill it.

/** Addresses are taken modulo 2^`bits`, 48 at most. */
export class Memory {
  readonly words = new Map<number, number>()
  readonly #bits: number

  constructor(bits: number) {
    this.#bits = bits
  }

  put(address: bigint, value: bigint, bytes: number): void {
    for (let i = 0; i < bytes; i++) {
      const to = this.#at(address, i), word = to - (to & 3), shift = 8 * (to & 3)
      this.words.set(word, ((this.words.get(word) ?? 0) & ~(255 << shift) | (Number((value >> BigInt(8 * i)) & 255n) << shift)) >>> 0)
    }
  }

  get(address: bigint, bytes: number): bigint {
    return Array.from({ length: bytes }, (_, i) => this.#at(address, i))
      .reduceRight((n, from) => (n << 8n) | BigInt(((this.words.get(from - (from & 3)) ?? 0) >>> (8 * (from & 3))) & 255), 0n)
  }

  #at(address: bigint, i: number): number {
    return Number(BigInt.asUintN(this.#bits, address + BigInt(i)))
  }
}
