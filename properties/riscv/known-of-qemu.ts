// What QEMU 7.2 is known to do otherwise than the RISC-V manuals where programs meet it, and when that explains a difference.
import { dataBytes, place, type Program } from './program.ts'

/** A trap as the handler sees it; xcause of 0 and xtval of 0 where there was none. */
export interface Trapped {
  readonly cause: bigint
  readonly value: bigint
  /** mstatus.SUM, where it is known. */
  readonly sum?: boolean
}
export interface Known {
  readonly known: string
  /** That much is the only difference: with these in xcause and xtval the emulator goes on as the hart does. */
  readonly mend?: Trapped
}

const onAccess = (cause: bigint): boolean => cause === 5n || cause === 7n
const late = (address: bigint): boolean => (address & 0xfffn) > 0xff8n

/** What explains that the emulator's trap, or that it traps, is not what the manual has, after an instruction of this name. */
export const knownTrap = (p: Program, instruction: string, right: Trapped, emulated: Trapped): Known | undefined => {
  const amo = instruction.startsWith('AMO') && [4n, 5n, 13n].includes(emulated.cause) && emulated.cause + 2n === right.cause
  if (amo && emulated.value === right.value) return { known: 'AMOs raise the exceptions of loads', mend: right }
  const first = Number(right.value & 0xfffn), entry = p.fourBytes & 0xfff
  if (right.cause === 12n && right.sum === true) return { known: 'S-mode fetches from a page of U-mode that it has loaded from before with SUM' }
  if (p.restricted && onAccess(right.cause) && first < entry && entry + 3 < first + 7) return { known: 'PMP entries inside of an access are not seen: its first and last byte are all that counts' }
  if (p.restricted && ((late(right.value) && onAccess(right.cause)) || (onAccess(emulated.cause) && (late(emulated.value) || (emulated.value & 0xfffn) === 0n)))) return { known: 'PMP checked beyond the end of a page' }
  if (onAccess(right.cause) && right.value >> 56n !== 0n && [1n, 3n, 7n].some((ones) => (right.value & ~ones) === emulated.value))
    return { known: 'the address of a fault beyond 2^56 is aligned', mend: right }
  if (right.cause !== emulated.cause && right.cause >> 31n !== 0n && emulated.cause >> 31n !== 0n) return { known: 'of several interrupts for one mode that of the lowest number is taken' }
  return undefined
}

/** Where memory differs, from `place.data` up: entries of page tables may have A and D set that the specification has not set. */
export const memoryDifference = (bytes: number, specified: (address: number) => bigint, had: (address: number) => bigint): { readonly difference?: string; readonly known?: string } => {
  let early = false
  for (const [first, end] of [[place.data, place.data + dataBytes], [place.tables, place.end]] as const)
    for (let a = first; a < end; a += bytes) {
      const [right, other] = [specified(a), had(a)]
      if (right === other) continue
      if (first !== place.tables || (other & ~right) !== (other ^ right) || ((other ^ right) & ~0xc0n) !== 0n)
        return { difference: `memory: ${right.toString(16)} at ${a.toString(16)}; the emulator's ${other.toString(16)}` }
      early = true
    }
  return early ? { known: 'A and D set by an access that then faults' } : {}
}
