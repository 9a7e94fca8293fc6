// What is typed at a guest: standard input as it comes, and the keys that are for popek and not for the guest.
import type { Keys } from '../terminal/terminal.ts'

/** Ctrl-A, as QEMU has it. */
const escapeByte = 0x01

export interface Handlers {
  readonly typed: (bytes: readonly number[]) => void
  readonly leave: () => void
  readonly save: () => void
  readonly help: () => void
}

/** Takes bytes as they come and sorts them: an escape may be cut in two. */
export const escapes = ({ typed, leave, save, help }: Handlers): ((bytes: Uint8Array) => void) => {
  let escaped = false
  return (bytes) => {
    const plain: number[] = []
    const flush = (): void => {
      if (plain.length > 0) typed(plain.splice(0))
    }
    for (const byte of bytes) {
      if (!escaped) {
        if (byte === escapeByte) escaped = true
        else plain.push(byte)
        continue
      }
      escaped = false
      flush()
      switch (String.fromCharCode(byte).toLowerCase()) {
        case 'x':
          leave()
          return
        case 's':
          save()
          break
        case 'h': case '?':
          help()
          break
        case '\u0001':
          plain.push(escapeByte)
          break
      }
    }
    flush()
  }
}

/** The keys of a run, and whether more may come. */
export class Keyboard {
  private open = true
  private wake: () => void = () => {}
  private readonly keys: Keys

  constructor(keys: Keys, handlers: Handlers) {
    this.keys = keys
    const sort = escapes(handlers)
    keys.listen(
      (bytes) => {
        sort(bytes)
        this.wake()
      },
      () => {
        this.open = false
        this.wake()
      },
    )
  }

  /** More may be typed. */
  get mayType(): boolean {
    return this.open
  }

  /** Until something is typed, the input ends, `signal` is aborted, or the time is over: never over when it is infinite. */
  async wait(milliseconds: number, signal: AbortSignal): Promise<'time' | 'input'> {
    if (signal.aborted) return 'input'
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise((resolve) => {
        this.wake = () => resolve('input')
        signal.addEventListener('abort', this.wake, { once: true })
        // Longer than a timer can wait, or for ever: a day, again and again.
        timer = setTimeout(() => resolve('time'), Math.min(milliseconds, longestWait))
      })
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', this.wake)
      this.wake = () => {}
    }
  }

  close(): void {
    this.keys.close()
  }
}

const longestWait = 86_400_000
