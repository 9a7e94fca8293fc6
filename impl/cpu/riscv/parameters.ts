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
  /** What xtval is for EBREAK, its own address, and for an illegal instruction, its bits, where traps have values. */
  breakpointValue: 'pc',
  illegalValue: 'instruction',
  /** NA4 is written as NAPOT where it is too small. */
  smallNa4: 'NAPOT',
  /** WFI in user mode, and in supervisor mode with TW: at once. */
  wfiBelow: 'illegal',
  /** A reservation is the address and width of LR; it ends by SC, a trap, MRET, SRET, and a device's store to its bytes. */
  reservation: 'exact',
  /** LR and SC outside RAM raise an access fault; other atomic operations there load and store. */
  reservationOutsideRam: 'access fault',
  /** LR in ROM reserves it, and SC there raises an access fault. */
  reservationInRom: 'access fault of SC',
  /** An SC that fails sets A and D as one that stores; an access or a fetch that faults sets neither. */
  failingSc: 'sets A and D',
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
  /** Storage beside RAM that is read and executed like it, and written through the platform: its physical address; RAM's end when absent. */
  readonly romBase?: number
  /** Its size, a multiple of 4096; 0 when absent. */
  readonly romBytes?: number
  /** 0 when absent. */
  readonly hartId?: number
  /** A page whose A or D bit is needed and clear: a page fault (the default), or the hart sets it. */
  readonly accessedDirty?: 'fault' | 'update'
  /** Loads and stores that are not aligned: done (the default), an address-misaligned exception, or an access fault. */
  readonly misaligned?: 'done' | 'trap' | 'access-fault'
  /**
   * LR, SC and AMOs that are not aligned: an access fault, or an address-misaligned exception, which the manual's section on
   * alignment (Volume II, Physical Memory Attributes) allows only where loads and stores raise it too. The default: an
   * exception as these raise one, otherwise an access fault.
   */
  readonly misalignedAtomics?: 'trap' | 'access-fault'
  /** Bytes of an aligned block, a power of two from 8 to 4096, in which loads, stores and AMOs are done although they are not aligned; 0, for none, when absent. */
  readonly atomicityGranule?: number
  /** Entries of physical memory protection, 0 to 64; 16 when absent. */
  readonly pmpEntries?: number
  /** Bytes of the smallest range that is protected, a power of two from 4 to 2^31; 4 when absent. */
  readonly pmpGranularity?: number
  /** Bits of satp.ASID, 0 to 16; 16 when absent. */
  readonly asidBits?: number
  /** Bytes, a power of two from 4 to 4096, of which the vectored BASE of mtvec and stvec is a multiple; 4 when absent. */
  readonly vectoredAlignment?: number
  /** mtval and stval say more of a trap (the default), or are 0 after each; mtval cannot be written then. */
  readonly trapValues?: 'given' | 'zero'
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
  /** Jumps to an instruction until the code there is hot, or fewer where much time goes by behind each; 16000 when absent: a translation costs what these cost, about. */
  readonly hotAfter?: number
  /** The same in the pages decoded before the translator has had practice in this process; 64000 when both are absent. */
  readonly firstHotAfter?: number
}

/** What misaligned atomic instructions raise where that is not said. */
export const misalignedAtomicsOf = ({ misaligned, misalignedAtomics }: Pick<HartOptions, 'misaligned' | 'misalignedAtomics'>): Required<HartOptions>['misalignedAtomics'] =>
  misalignedAtomics ?? (misaligned === 'trap' ? 'trap' : 'access-fault')

/** Fills in the defaults; throws RangeError when RAM or ROM is not a whole number of pages that fits. */
export const completeOptions = (options: HartOptions): Required<HartOptions> => {
  const { ramBytes, ramBase = 0x8000_0000, romBase = ramBase + ramBytes, romBytes = 0 } = options
  if (!Number.isInteger(ramBytes) || ramBytes % 4096 !== 0 || ramBytes < 4096 || ramBytes > 0xfc00_0000) {
    throw new RangeError(`ramBytes must be a multiple of 4096 from 4096 to ${0xfc00_0000}, and is ${ramBytes}`)
  }
  if (!Number.isInteger(ramBase) || ramBase % 4096 !== 0 || ramBase < 0 || ramBase + ramBytes > 2 ** 52) {
    throw new RangeError(`ramBase must be a multiple of 4096 with RAM below 2^52, and is ${ramBase}`)
  }
  if (!Number.isInteger(romBytes) || romBytes % 4096 !== 0 || romBytes < 0 || ramBytes + romBytes > 0xfc00_0000) {
    throw new RangeError(`romBytes must be a multiple of 4096 that is at most ${0xfc00_0000} with ramBytes, and is ${romBytes}`)
  }
  if (!Number.isInteger(romBase) || romBase % 4096 !== 0 || romBase < 0 || romBase + romBytes > 2 ** 52) {
    throw new RangeError(`romBase must be a multiple of 4096 with ROM below 2^52, and is ${romBase}`)
  }
  const power = (name: 'atomicityGranule' | 'pmpGranularity' | 'vectoredAlignment', otherwise: number, least: number, most: number): number => {
    const { [name]: value = otherwise } = options
    if (value !== otherwise && (!Number.isInteger(Math.log2(value)) || value < least || value > most)) {
      throw new RangeError(`${name} must be a power of two from ${least} to ${most}, and is ${value}`)
    }
    return value
  }
  const upTo = (name: 'pmpEntries' | 'asidBits', otherwise: number, most: number): number => {
    const { [name]: value = otherwise } = options
    if (!Number.isInteger(value) || value < 0 || value > most) throw new RangeError(`${name} must be an integer from 0 to ${most}, and is ${value}`)
    return value
  }
  return {
    ramBytes, ramBase, romBase, romBytes,
    hartId: options.hartId ?? 0,
    accessedDirty: options.accessedDirty ?? 'fault',
    misaligned: options.misaligned ?? 'done',
    misalignedAtomics: misalignedAtomicsOf(options),
    atomicityGranule: power('atomicityGranule', 0, 8, 4096),
    pmpEntries: upTo('pmpEntries', 16, 64),
    pmpGranularity: power('pmpGranularity', 4, 4, 2 ** 31),
    asidBits: upTo('asidBits', 16, 16),
    vectoredAlignment: power('vectoredAlignment', 4, 4, 4096),
    trapValues: options.trapValues ?? 'given',
    sv48: options.sv48 ?? false,
    sstc: options.sstc ?? false,
    triggerRegisters: options.triggerRegisters ?? false,
    resetPc: options.resetPc ?? BigInt(ramBase),
    translate: options.translate ?? true,
    hotAfter: options.hotAfter ?? 16000,
    firstHotAfter: options.firstHotAfter ?? options.hotAfter ?? 64000,
  }
}
