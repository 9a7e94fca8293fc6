// What QEMU 7.2 does otherwise than the RISC-V manuals where programs meet it, and when that explains a difference.
import type { Xlen } from './encode.ts'
import { leafOf, type Program } from './program.ts'

export interface Deviation {
  readonly does: string
  readonly manual: string
}

export const deviations = {
  amo: { does: 'AMOs raise the exceptions of loads', manual: 'Volume II, Machine Cause Register (mcause): AMOs raise store/AMO exceptions' },
  sum: {
    does: 'S-mode fetches from a page of U-mode that it has loaded from before with SUM',
    manual: 'Volume II, Sv32 Addressing and Memory Protection: irrespective of SUM, the supervisor may not execute code on pages with U=1',
  },
  inside: {
    does: 'PMP entries inside of an access are not seen: its first and last byte are all that counts',
    manual: 'Volume II, Physical Memory Protection, Priority and Matching Logic: an entry must match all bytes of an access, or it fails',
  },
  pageEnd: { does: 'PMP is checked beyond the end of a page for accesses that end in it', manual: 'Volume II, Physical Memory Protection: what an access does not touch is not checked' },
  around: { does: 'of a load across pages PMP is checked from the aligned address below on', manual: 'Volume II, Physical Memory Protection: what an access does not touch is not checked' },
  aligned: { does: 'xtval of a fault beyond 2^56 is the aligned address', manual: 'Volume II, Machine Trap Value Register (mtval): the virtual address of the portion of the access that caused the fault' },
  second: {
    does: 'of an access across pages whose first part lies beyond 2^56 the second is looked at first',
    manual: 'Volume II, Machine Trap Value Register (mtval): the portion of the access that caused the fault; which comes first of two that fault is left open',
  },
  priority: {
    does: 'of several interrupts for one mode that of the lowest number is taken',
    manual: 'Volume II, Machine Interrupt Registers (mip and mie): MEI, MSI, MTI, SEI, SSI, STI in decreasing priority',
  },
  mprv: { does: 'MRET and SRET to a mode below M leave MPRV', manual: 'Volume II, Memory Privilege in mstatus Register: MRET and SRET to a mode less privileged than M set MPRV to 0' },
  pmpaddr: {
    does: 'a write of pmpaddr acts on pages that were used before only when they are dropped, as by a write of pmpcfg or satp',
    manual: 'Volume II, Physical Memory Protection and Paging: SFENCE.VMA is needed where there are page tables; where there are none, writes act at once',
  },
  fields: {
    does: 'mstatus keeps an MPP of 2, VS (and shows it in SD), GVA and MPV of extensions that are off, and reserved widths in UXL and SXL',
    manual: 'Volume II, Machine Status Registers: fields of what is not implemented are read-only 0; MPP, UXL and SXL hold supported values only (WARL)',
  },
  odd: {
    does: 'mepc and sepc keep a 1 that software writes to bit 0, and MRET and SRET go to that address',
    manual: 'Volume II, Machine Exception Program Counter (mepc): the low bit of mepc is always zero; sepc is alike',
  },
  marks: {
    does: 'an AMO that faults has set A where it may load and not store, and has not set D where PMP forbids to load',
    manual: 'Volume II, Machine Cause Register (mcause): AMOs raise store/AMO exceptions; A and D that they set are those of stores',
  },
} as const satisfies Record<string, Deviation>

/** Bits that the hart's registers have, where QEMU keeps others too. */
export const bitsOf: Readonly<Record<number, bigint>> = {
  0x104: 0x222n, 0x144: 0x222n, 0x106: 0xffff_ffffn, 0x302: 0xb3ffn, 0x303: 0x222n, 0x304: 0xaaan, 0x306: 0xffff_ffffn, 0x344: 0xaaan, 0x141: ~1n, 0x341: ~1n, 0x10a: 1n, 0x30a: 1n, 0x31a: 0n,
  ...Object.fromEntries([0x3a0, 0x3a1, 0x3a2, 0x3a3].map((number) => [number, 0x9f9f_9f9f_9f9f_9f9fn])),
  ...Object.fromEntries(Array.from({ length: 16 }, (_, n) => [0x3b0 + n, (1n << 54n) - 1n])),
}
/** The same in words; programs write 0 there where they can. */
export const keptBits = 'Bits are kept in medeleg, mideleg, mie, mip and the S-mode views of extensions that are off, in mcounteren and scounteren above bit 31, in menvcfg, menvcfgh and senvcfg besides FIOM, in pmpcfg at 5 and 6 and in pmpaddr above 53; reset leaves PMP entries, locked ones too.'

/** A trap as the handler sees it; xcause of 0 and xtval of 0 where there was none. */
export interface Trapped {
  readonly cause: bigint
  readonly value: bigint
  /** The instruction was fetched in S-mode with mstatus.SUM set, where that is known. */
  readonly supervisorWithSum?: boolean
}
export interface Known {
  readonly deviation: Deviation
  /** That much is the only difference: with these in xcause and xtval the emulator goes on as the hart does. */
  readonly mend?: Trapped
}

const onAccess = (cause: bigint): boolean => cause === 5n || cause === 7n
const late = (address: bigint): boolean => (address & 0xfffn) > 0xff8n

/** What explains that the emulator's trap, or that it traps, is not what the manual has, after an instruction of this name. */
export const knownTrap = (p: Program, instruction: string, right: Trapped, emulated: Trapped): Known | undefined => {
  // Those of an earlier trap explain nothing.
  if (right.cause === emulated.cause && right.value === emulated.value) return undefined
  // The load is checked by PMP before the store by the page table.
  const raises = ([4n, 5n, 13n].includes(emulated.cause) && emulated.cause + 2n === right.cause) || (p.restricted && emulated.cause === 5n && right.cause === 15n)
  if (instruction.startsWith('AMO') && raises && emulated.value === right.value) return { deviation: deviations.amo, mend: right }
  if (right.cause === 12n && right.supervisorWithSum === true) return { deviation: deviations.sum }
  const first = Number(right.value & 0xfffn), entry = p.fourBytes & 0xfff
  if (p.restricted && onAccess(right.cause) && first < entry && entry + 3 < first + 7) return { deviation: deviations.inside }
  if (p.restricted && ((late(right.value) && onAccess(right.cause)) || (onAccess(emulated.cause) && (late(emulated.value) || (emulated.value & 0xfffn) === 0n)))) return { deviation: deviations.pageEnd }
  if (p.restricted && emulated.cause === 5n && (emulated.value & 0xfffn) === 0xff8n && right.value !== emulated.value) return { deviation: deviations.around }
  if (onAccess(right.cause) && right.value >> 56n !== 0n && [1n, 3n, 7n].some((ones) => (right.value & ~ones) === emulated.value)) return { deviation: deviations.aligned, mend: right }
  if (onAccess(right.cause) && emulated.cause === right.cause && right.value >> 56n !== 0n && late(right.value) && emulated.value === BigInt.asUintN(64, (right.value | 0xfffn) + 1n)) return { deviation: deviations.second, mend: right }
  if (emulated.cause < right.cause && emulated.cause >> 31n !== 0n) return { deviation: deviations.priority }
  return undefined
}

/** Of mstatus, what QEMU keeps when software writes it and the hart has not: VS, which it also shows in SD, GVA and MPV, UXL and SXL. */
const mstatusFields = 0x600n | (1n << 31n) | (0x8000_00cfn << 32n), mpp = 0x1800n, mprv = 1n << 17n

/** What explains that mstatus, and nothing else, is not what the manual has after an instruction of this name. */
export const knownStatus = (instruction: string, right: bigint, emulated: bigint): Deviation | undefined => {
  const different = right ^ emulated
  if (/^[MS]RET$/.test(instruction)) return different === mprv && (right & mprv) === 0n ? deviations.mprv : undefined
  const kept = mstatusFields | ((emulated & mpp) === 0x1000n ? mpp : 0n)
  return instruction.startsWith('CSRR') && (different & ~kept) === 0n ? deviations.fields : undefined
}

/** What explains that a return, and nothing else than its pc, is not what the manual has. */
export const knownReturn = (instruction: string, right: bigint, emulated: bigint): Deviation | undefined =>
  (/^[MS]RET$/.test(instruction) && emulated === (right | 1n) && right !== emulated ? deviations.odd : undefined)

/** Where `bytes`-long numbers of memory between two addresses differ first. */
export const memoryDifference = (bytes: number, [first, end]: readonly [number, number], specified: (address: number) => bigint, had: (address: number) => bigint): string | undefined => {
  for (let a = first; a < end; a += bytes)
    if (specified(a) !== had(a)) return `memory: ${specified(a).toString(16)} at ${a.toString(16)}; the emulator's ${had(a).toString(16)}`
  return undefined
}

/** An entry of the page tables, at its physical address, as the manual has it and as the emulator has it after a trap. */
export interface Marked {
  readonly address: number
  readonly right: bigint
  readonly had: bigint
}
const readable = 0b1010n, accessed = 0x40n, dirty = 0x80n

/** What explains that these entries, and no others, are not what the manual has after a trap of an instruction of this name. */
export const knownMarks = (xlen: Xlen, instruction: string, right: Trapped, emulated: Trapped, [entry, ...more]: readonly Marked[]): Deviation | undefined => {
  if (!instruction.startsWith('AMO') || !entry || more.length > 0 || entry.address !== leafOf(xlen, right.value)) return undefined
  const { had } = entry
  const loaded = right.cause === 15n && (had & readable) !== 0n && had === (entry.right | accessed)
  const neverStored = right.cause === 7n && emulated.cause === 5n && had === (entry.right & ~dirty)
  return loaded || neverStored ? deviations.marks : undefined
}

/** Whether entries differ as they may where a deviation leads the emulator elsewhere: in A and D alone, and of the pages around an address that one of the two traps blames; or of any page, where the emulator has executed what the hart has not fetched. */
export const marksOfParting = (xlen: Xlen, { deviation, mend }: Known, traps: readonly Trapped[], entries: readonly Marked[]): boolean =>
  mend === undefined && entries.every(({ address, right, had }) => ((right ^ had) & ~(accessed | dirty)) === 0n
    && (deviation === deviations.sum ? (right & ~had) === 0n : traps.some(({ value }) => Math.abs(address - leafOf(xlen, value)) <= xlen / 8)))
