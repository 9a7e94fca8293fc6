// A text that a run is to end with, looked for in what the console prints.

export class AwaitedText {
  private readonly wanted: Buffer
  /** What was printed last, shorter than the text. */
  private tail: Uint8Array = Buffer.alloc(0)
  /** It has been printed. */
  seen = false

  constructor(text: string) {
    this.wanted = Buffer.from(text)
  }

  /** Takes what is printed next; true when the text is complete by it. */
  print(bytes: Uint8Array): boolean {
    if (this.seen) return false
    const recent = Buffer.concat([this.tail, bytes])
    this.seen = recent.includes(this.wanted)
    this.tail = recent.subarray(Math.max(0, recent.length - this.wanted.length + 1))
    return this.seen
  }
}
