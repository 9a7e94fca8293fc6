// What the board asks of a device behind a range of addresses.
import type { Bytes } from '../../cpu/riscv/platform.ts'

export interface Device {
  /** The value at `offset`, zero-extended; undefined when the device answers no access of this width. */
  readonly load: (offset: number, bytes: Bytes) => number | bigint | undefined
  /** `low` holds bits 31:0 of the value, unsigned, `high` bits 63:32 of an access of 8 bytes. False when the device answers no access of this width. */
  readonly store: (offset: number, bytes: Bytes, low: number, high: number) => boolean
}

/** An interrupt line out of a device. */
export type Line = (level: boolean) => void

/** When something is due that no access brings about: ticks of `mtime`, or of another clock as said. */
export const never = Number.POSITIVE_INFINITY
