// The state of a hart apart from its RAM, as a snapshot keeps it.
import type { Hart } from '../../impl/cpu/riscv/hart.ts'
import type { Mode } from '../../impl/cpu/riscv/state.ts'

export interface HartState {
  readonly pc: string
  readonly mode: Mode
  /** Hexadecimal, as are the others. */
  readonly x: readonly string[]
  readonly f: readonly string[]
  /** By number. */
  readonly csrs: readonly (readonly [number: number, value: string])[]
  /** Software's own bits of mip. */
  readonly pending: number
  readonly waiting: boolean
  readonly reserved: number
  readonly reservedBytes: number
}

/** fflags, frm, sstatus, sie, sip and mip are parts of others. */
const parts: readonly number[] = [0x001, 0x002, 0x100, 0x104, 0x144, 0x344]
const firstPmpConfiguration = 0x3a0
const lastPmpAddress = 0x3ef

const hex = (value: bigint): string => `0x${value.toString(16)}`
const isKept = (number: number): boolean => number >>> 10 !== 3 && !parts.includes(number)
/** A locked PMP entry's address is not written after its lock. */
const place = (number: number): number => number >= firstPmpConfiguration && number <= lastPmpAddress ? firstPmpConfiguration + lastPmpAddress - number : number

export const saveHart = (hart: Hart): HartState => {
  const { waiting, reserved, reservedBytes, mip } = hart.state
  return {
    pc: hex(hart.pc), mode: hart.mode, x: [...hart.x].map(hex), f: [...hart.f].map(hex),
    csrs: hart.csrs.filter(isKept).map((number) => [number, hex(hart.csr(number)!)] as const),
    pending: mip, waiting, reserved, reservedBytes,
  }
}

/** Throws RangeError when the hart does not take the state: it has other registers. RAM is in place already. */
export const restoreHart = (hart: Hart, saved: HartState): void => {
  hart.x.set(saved.x.map(BigInt))
  hart.f.set(saved.f.map(BigInt))
  for (const [number, value] of [...saved.csrs].sort(([a], [b]) => place(a) - place(b))) hart.setCsr(number, BigInt(value))
  hart.pc = BigInt(saved.pc)
  hart.mode = saved.mode
  Object.assign(hart.state, { mip: saved.pending, waiting: saved.waiting, reserved: saved.reserved, reservedBytes: saved.reservedBytes })
  hart.wrote(0, hart.ram.length)
  for (const [number, value] of saved.csrs) {
    const now = hart.csr(number)
    if (now !== BigInt(value)) throw new RangeError(`register 0x${number.toString(16)} is ${now === undefined ? 'missing' : hex(now)} and was ${value}`)
  }
}
