// The console: a keyboard whose bytes were typed before the machine was built, and a printer that forgets nothing.
import type { WordView } from '../../model/vocab/machine.ts'

export class Console {
  readonly keyboard: readonly number[]
  private position = 0
  private readonly paper: number[] = []

  /** `keyboard` holds bytes, 0 to 255, oldest first; throws RangeError for anything else. */
  constructor(keyboard: readonly number[]) {
    keyboard.forEach((byte, index) => {
      if (!Number.isInteger(byte) || byte < 0 || byte > 255) {
        throw new RangeError(`keyboard[${index}] must be a byte, 0 to 255, and is ${byte}`)
      }
    })
    this.keyboard = [...keyboard]
  }

  /** How many bytes of the keyboard have been taken. */
  get taken(): number {
    return this.position
  }

  /** Every byte printed, oldest first; a live view. */
  get printed(): WordView {
    return this.paper
  }

  /** The next byte of the keyboard, or -1 (the word FFFFFFFF) when none is left. */
  take(): number {
    return this.position < this.keyboard.length ? this.keyboard[this.position++]! : -1
  }

  /** Prints the low 8 bits of `word`. */
  print(word: number): void {
    this.paper.push(word & 0xff)
  }
}
