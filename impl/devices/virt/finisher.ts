// The test finisher: a word that ends the run, or asks for a reset (SiFive test1).
import type { Bytes } from '../../cpu/riscv/platform.ts'
import type { Device } from './device.ts'

const fail = 0x3333
const pass = 0x5555
const reset = 0x7777

/** What the guest asked for. */
export type Finish = { readonly kind: 'exit'; readonly code: number } | { readonly kind: 'reset' }

export class Finisher implements Device {
  private readonly finish: (finish: Finish) => void

  constructor(finish: (finish: Finish) => void) {
    this.finish = finish
  }

  load(_offset: number, bytes: Bytes): number | undefined {
    return bytes === 2 || bytes === 4 ? 0 : undefined
  }

  /** Bits 15:0 are the request, bits 31:16 the exit code of a failure. */
  store(offset: number, bytes: Bytes, value: number): boolean {
    if (bytes !== 2 && bytes !== 4) return false
    if (offset !== 0) return true
    switch (value & 0xffff) {
      case fail:
        this.finish({ kind: 'exit', code: value >>> 16 })
        break
      case pass:
        this.finish({ kind: 'exit', code: 0 })
        break
      case reset:
        this.finish({ kind: 'reset' })
        break
    }
    return true
  }
}
