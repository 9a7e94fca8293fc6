// What the RISC-V manuals leave to the implementation, as named parameters, and the extensions beyond IMAFDC_Zicsr_Zifencei_Zicntr_Zihpm.

export type Extension = 'Svadu' | 'Zicbom' | 'Zicboz' | 'Zawrs' | 'Zkr' | 'Sstc' | 'Zicfiss'

export interface Parameters {
  readonly xlen: 32 | 64
  readonly extensions: readonly Extension[]
  /** Whether mstatus.FS tells Initial and Clean from Dirty; the manual also allows an implementation that knows Off and Dirty only. */
  readonly dirtiness: 'tracked' | 'not tracked'
  /** What access to a number that no CSR has does; the manual reserves it, and recommends nothing. */
  readonly reservedCsr: 'traps' | 'open'
  /** Whether UBE, SBE and MBE exist; otherwise they are read-only 0. */
  readonly endianness: 'little' | 'both'
  /** What a misaligned load or store does; LR, SC and AMOs always trap. */
  readonly misaligned: 'supported' | 'trapped'
  /** Size of a cache block in bytes, for Zicbom and Zicboz. */
  readonly cacheBlock: 8 | 16 | 32 | 64 | 128
}

export const defaults: Omit<Parameters, 'xlen'> = {
  extensions: [], dirtiness: 'not tracked', reservedCsr: 'traps', endianness: 'little', misaligned: 'supported', cacheBlock: 64,
}
/** PMP entries; the manual allows 0, 16 or 64. */
export const pmpEntries = 16
