// What the RISC-V manuals leave to the implementation, as named parameters, and the extensions beyond IMAFDC_Zicsr_Zifencei_Zicntr_Zihpm.

export type Extension = 'Svadu' | 'Zicbom' | 'Zicboz' | 'Zawrs' | 'Zkr' | 'Sstc' | 'Zicfiss'
/** Translation schemes: Sv32 of RV32; Sv39 and Sv48 of RV64. */
export type Scheme = 'Sv32' | 'Sv39' | 'Sv48'

/** Physical addresses from `base` up, `size` bytes. */
export interface Region {
  readonly base: bigint
  readonly size: bigint
}

/** PMP entries; the manual allows 0, 16 or 64. */
export const pmpEntries = 16

export interface Parameters {
  readonly xlen: 32 | 64
  readonly extensions: readonly Extension[]
  readonly translation: 'any one-to-one' | 'walk'
  readonly dirtiness: 'tracked' | 'not tracked'
  readonly reservedCsr: 'traps' | 'open'
  readonly endianness: 'little' | 'both'
  readonly misaligned: 'supported' | 'trapped'
  readonly cacheBlock: 8 | 16 | 32 | 64 | 128
  readonly schemes: readonly Scheme[]
  readonly accessedDirty: 'page fault' | 'hardware'
  readonly reservedPointerBits: 'page fault' | 'ignored'
  readonly regions: readonly Region[]
  readonly reservedPmp: 'kept' | 'no W'
  readonly misalignedPriority: 'above other faults' | 'below other faults'
  readonly reservationWidth: 'any' | 'that of LR'
  readonly reservationEnds: 'at SC' | 'at SC, traps and returns'
  readonly illegalValue: 'instruction' | 'zero'
  readonly breakpointValue: 'pc' | 'zero'
  readonly limitedWait: 'traps' | 'completes'
  readonly wait: 'stalls' | 'completes'
  readonly reservedRounding: 'illegal instruction' | 'round to nearest, ties to even'
  readonly performanceCounters: 'writable' | 'read-only 0'
  readonly triggerRegisters: 'absent' | 'read-only 0'
  readonly resetPc: bigint
}

/** QEMU 7.2's `-cpu rv64`, but for A and D, which fault, FS, which is Off or Dirty, EBREAK, which says where it is, and Sv48, which is not there. */
export const defaults: Omit<Parameters, 'xlen'> = {
  extensions: [], translation: 'any one-to-one', dirtiness: 'not tracked', reservedCsr: 'traps', endianness: 'little', misaligned: 'supported', cacheBlock: 64,
  schemes: ['Sv32', 'Sv39'], accessedDirty: 'page fault', reservedPointerBits: 'page fault', regions: [{ base: 0x8000_0000n, size: 1n << 27n }],
  reservedPmp: 'kept', misalignedPriority: 'above other faults', reservationWidth: 'any', reservationEnds: 'at SC, traps and returns',
  illegalValue: 'instruction', breakpointValue: 'pc', limitedWait: 'traps', wait: 'stalls', reservedRounding: 'illegal instruction', performanceCounters: 'writable', triggerRegisters: 'absent', resetPc: 0x8000_0000n,
}

/** A sentence for each parameter: what the manual leaves open. */
export const meanings: Readonly<Record<keyof Parameters, string>> = {
  xlen: 'The width of an x register; S-mode and U-mode have that of M-mode.',
  extensions: 'Extensions beyond those of the name.',
  translation: 'For claims satp moves pages by any one-to-one mapping; the machine that runs walks the page tables and has PMP.',
  dirtiness: 'Whether mstatus.FS tells Initial and Clean from Dirty; the manual also allows an implementation that knows Off and Dirty only.',
  reservedCsr: 'What access to a number that no CSR has does; the manual reserves it, and recommends nothing.',
  endianness: 'Whether UBE, SBE and MBE exist; otherwise they are read-only 0.',
  misaligned: 'What a misaligned load or store does; LR, SC and AMOs always trap.',
  cacheBlock: 'Size of a cache block in bytes, for Zicbom and Zicboz.',
  schemes: 'The translation schemes that satp.MODE may choose besides Bare; a write of another MODE leaves satp as it was.',
  accessedDirty: 'What an access to a page with A = 0 does, or a store to one with D = 0; with Svadu menvcfg.ADUE decides.',
  reservedPointerBits: 'What A, D or U in a pointer to the next level of a page table do: they are reserved for standard use.',
  regions: 'The physical addresses at which there is memory; access to others is an access fault.',
  reservedPmp: 'What a PMP entry written with W and without R has: the combination is reserved.',
  misalignedPriority: 'Whether a misaligned access that traps does so before or after page faults and access faults.',
  reservationWidth: 'Whether an SC of another width than its LR may succeed at the same address.',
  reservationEnds: 'When a reservation ends, where nobody else writes memory.',
  illegalValue: 'What xtval is after an illegal-instruction exception.',
  breakpointValue: 'What xtval is after EBREAK.',
  limitedWait: 'What WFI does in U-mode, and in S-mode where TW is 1: it may complete within a time limit.',
  wait: 'Whether WFI stalls until an interrupt is pending and enabled; it may complete at any time.',
  reservedRounding: 'What an instruction with a reserved rounding mode does.',
  performanceCounters: 'What mhpmcounter3 to mhpmcounter31 and their events are, which count nothing here.',
  triggerRegisters: 'Whether there are tselect and tdata1 to tdata3, which say that there is no trigger.',
  resetPc: 'The address of the first instruction after reset.',
}

type Choices = Readonly<Record<string, { readonly chosen: string; readonly about: string }>>
/** What no parameter changes. */
const fixed: Choices = {
  'PMP entries': { chosen: `${pmpEntries}, of 4 bytes or more`, about: 'There may be 0, 16 or 64, and the smallest range may be larger.' },
  'fetches': { chosen: 'halves of 16 bits, each checked by itself', about: 'The manual leaves open in what pieces an instruction is fetched.' },
  'misaligned accesses': { chosen: 'one access in a page, two across pages', about: 'They may be taken apart in any way; PMP checks each piece.' },
  'page tables and code': { chosen: 'as they are in memory', about: 'Old entries may be used until SFENCE.VMA, and old code until FENCE.I.' },
  'failing SC': { chosen: 'checked as a store', about: 'It must be allowed to write; whether it sets A and D is left open.' },
  'ASID bits': { chosen: '16, on RV32 9', about: 'There may be any number up to these.' },
  'misa': { chosen: 'read-only', about: 'Its bits may be writable.' },
  'xtvec': { chosen: 'any multiple of 4, direct or vectored', about: 'A write of a reserved mode is ignored as a whole.' },
  'MPP': { chosen: 'keeps what it was when 2 is written', about: 'It holds implemented modes only.' },
  'mip': { chosen: 'SEIP, STIP and SSIP are writable', about: 'MEIP, MTIP and MSIP are read-only, as they must be.' },
  'STIP': { chosen: 'what software wrote to it before STCE was set', about: 'It is left open what it is once STCE is clear again.' },
  'mcycle': { chosen: 'one for each instruction, also where it traps', about: 'Cycles are what an implementation says they are.' },
  'SC': { chosen: 'fails only without its reservation', about: 'It may fail at any time.' },
}

/** For people: each parameter with what is chosen, and what is fixed. */
export const choicesOf = (p: Parameters): Choices => {
  const own = { ...p, schemes: p.schemes.filter((name) => (name === 'Sv32') === (p.xlen === 32)) }
  return { ...Object.fromEntries(Object.entries(meanings).map(([name, about]) => [name, { chosen: shown(own[name as keyof Parameters]), about }])), ...fixed }
}
const shown = (value: Parameters[keyof Parameters]): string => {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`
  if (typeof value !== 'object') return `${value}`
  return value.map((v) => (typeof v === 'string' ? v : `0x${v.base.toString(16)} to 0x${(v.base + v.size - 1n).toString(16)}`)).join(', ') || 'none'
}
