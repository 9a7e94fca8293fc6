// The choices that the RISC-V manuals leave to an implementation, as this hart makes them, and the options of a hart.

/** Fixed choices; QEMU 7.2's `rv64` where that is sensible. */
export const parameters = {
  /** RV64 IMAFDC, S and U. Writes are ignored. */
  misa: 0x8000_0000_0014_112dn,
  mvendorid: 0n,
  marchid: 0n,
  mimpid: 0n,
  mconfigptr: 0n,
  /** Bits that can be set. Exceptions 10, 11 and 14 are not delegated. */
  medeleg: 0xb3ff,
  mideleg: 0x222,
  mie: 0xaaa,
  /** Of mip, from machine mode. */
  mip: 0x222,
  mcounteren: 0xffff_ffff,
  scounteren: 0xffff_ffff,
  /** CY and IR; the programmable counters are 0 and cannot be written. */
  mcountinhibit: 0b101,
  /** FIOM. */
  menvcfg: 1n,
  senvcfg: 1n,
  asidBits: 16,
  pmpEntries: 16,
} as const

/** The other choices: what the code does, not switches. */
export const choices = {
  /** mtvec and stvec with a reserved mode, and satp with a mode the hart does not have: the whole write is ignored. */
  reservedVectorMode: 'ignored',
  reservedSatpMode: 'ignored',
  /** MPP keeps what it was when 2 is written. */
  reservedMpp: 'kept',
  /** W without R in a PMP entry is written as neither. */
  reservedPmp: 'no W',
  /** What xtval is for EBREAK: its own address. */
  breakpointValue: 'pc',
  /** xtval holds the bits of an illegal instruction. */
  illegalValue: 'instruction',
  /** WFI in user mode, and in supervisor mode with TW: at once. */
  wfiBelow: 'illegal',
  /** A reservation is the address and width of LR; it ends by SC, a trap, MRET, SRET, and a device's store to its bytes. */
  reservation: 'exact',
  /** LR and SC outside RAM raise an access fault; other atomic operations there load and store. */
  reservationOutsideRam: 'access fault',
  /** An SC that fails sets A and D as one that stores; an access or a fetch that faults sets neither. */
  failingSc: 'sets A and D',
  /** A misaligned LR, SC or AMO raises an address-misaligned exception. */
  misalignedAtomic: 'misaligned',
  /** A misaligned access outside RAM raises an access fault. */
  misalignedDevice: 'access fault',
  /** A, D or U in a pointer to the next level of a page table raises a page fault. */
  reservedPointerBits: 'page fault',
  /** The reserved rounding modes are illegal when an instruction that rounds uses them; frm holds what is written. */
  reservedRounding: 'illegal',
  /** Set FS to dirty whenever a floating-point register or fcsr is written. */
  dirty: 'exact',
} as const

export interface HartOptions {
  /** A multiple of 4096. */
  readonly ramBytes: number
  /** The physical address of RAM; 0x80000000 when absent. */
  readonly ramBase?: number
  /** 0 when absent. */
  readonly hartId?: number
  /** A page whose A or D bit is needed and clear: a page fault (the default), or the hart sets it. */
  readonly accessedDirty?: 'fault' | 'update'
  /** Loads and stores that are not aligned: done (the default), or an address-misaligned exception. */
  readonly misaligned?: 'done' | 'trap'
  /** Sv48 beside Sv39; not when absent. */
  readonly sv48?: boolean
  /** The address of the first instruction; the start of RAM when absent. */
  readonly resetPc?: bigint
  /** The supervisor's own timer, stimecmp; not when absent. */
  readonly sstc?: boolean
  /** tselect and tdata1 to tdata3 of a hart without triggers, all 0; not there when absent. */
  readonly triggerRegisters?: boolean
  /** Translate hot code; true when absent. */
  readonly translate?: boolean
  /** Jumps to an instruction until the code there is hot; 16000 when absent: a translation costs what these cost, about. */
  readonly hotAfter?: number
  /** The same in the pages decoded before the translator has had practice; 64000 when both are absent. */
  readonly firstHotAfter?: number
}

/** Fills in the defaults; throws RangeError when RAM is not a whole number of pages that fits. */
export const completeOptions = (options: HartOptions): Required<HartOptions> => {
  const { ramBytes, ramBase = 0x8000_0000 } = options
  if (!Number.isInteger(ramBytes) || ramBytes % 4096 !== 0 || ramBytes < 4096 || ramBytes > 0xfc00_0000) {
    throw new RangeError(`ramBytes must be a multiple of 4096 from 4096 to ${0xfc00_0000}, and is ${ramBytes}`)
  }
  if (!Number.isInteger(ramBase) || ramBase % 4096 !== 0 || ramBase < 0 || ramBase + ramBytes > 2 ** 52) {
    throw new RangeError(`ramBase must be a multiple of 4096 with RAM below 2^52, and is ${ramBase}`)
  }
  return {
    ramBytes, ramBase,
    hartId: options.hartId ?? 0,
    accessedDirty: options.accessedDirty ?? 'fault',
    misaligned: options.misaligned ?? 'done',
    sv48: options.sv48 ?? false,
    sstc: options.sstc ?? false,
    triggerRegisters: options.triggerRegisters ?? false,
    resetPc: options.resetPc ?? BigInt(ramBase),
    translate: options.translate ?? true,
    hotAfter: options.hotAfter ?? 16000,
    firstHotAfter: options.firstHotAfter ?? options.hotAfter ?? 64000,
  }
}
