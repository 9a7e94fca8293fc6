// The disk: words behind a position that advances with every word read or written.

export class Disk {
  /** D, as signed 32-bit words. */
  readonly words: Int32Array
  private place = 0

  /** `size` in words, at least 1; throws RangeError for anything else. */
  constructor(size: number) {
    if (!Number.isInteger(size) || size < 1) throw new RangeError(`the disk must have at least 1 word, and has ${size}`)
    this.words = new Int32Array(size)
  }

  /** POSITION, an unsigned 32-bit word; a value outside is taken modulo 2^32. */
  get position(): number {
    return this.place
  }

  set position(word: number) {
    this.place = word >>> 0
  }

  /** D[POSITION], or 0 past the end; then POSITION advances. */
  read(): number {
    const word = this.words[this.place] ?? 0
    this.position = this.place + 1
    return word
  }

  /** D[POSITION] := word, nothing past the end; then POSITION advances. */
  write(word: number): void {
    if (this.place < this.words.length) this.words[this.place] = word
    this.position = this.place + 1
  }
}
