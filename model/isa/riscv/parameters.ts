// What the RISC-V manuals leave to the implementation, as named parameters, and the extensions beyond IMAFDC_Zicsr_Zifencei_Zicntr_Zihpm.

export type Extension = 'Svadu' | 'Zicbom' | 'Zicboz' | 'Zawrs' | 'Zkr' | 'Sstc' | 'Zicfiss'
/** Translation schemes: Sv32 of RV32; Sv39 and Sv48 of RV64. */
export type Scheme = 'Sv32' | 'Sv39' | 'Sv48'

/** Attributes of memory: of main memory all, of a device's registers perhaps none. */
export type Attribute = 'misaligned accesses' | 'reservations' | 'atomic operations' | 'stores' | 'fetches'

/** Physical addresses from `base` up, `size` bytes. */
export interface Region {
  readonly base: bigint
  readonly size: bigint
  /** What raises an access fault here: misaligned loads, stores and AMOs; LR and SC; AMOs; what writes, also to page tables; fetches. Nothing when absent. */
  readonly without?: readonly Attribute[]
}

/** `choices.ts` has a sentence for each, and where in the manual it is left open. */
export interface Parameters {
  readonly xlen: 32 | 64
  readonly extensions: readonly Extension[]
  readonly translation: 'any one-to-one' | 'walk'
  readonly misaligned: 'supported' | 'trapped' | 'access fault'
  readonly misalignedAtomics: 'trapped' | 'access fault'
  readonly atomicityGranule: number
  readonly misalignedPriority: 'above other faults' | 'below other faults'
  readonly reservationSet: 'address of LR' | number
  readonly reservationWidth: 'any' | 'that of LR'
  readonly reservationEnds: 'at SC' | 'at SC, traps and returns'
  readonly failingSc: 'checked as a store' | 'not checked'
  readonly reservedRounding: 'illegal instruction' | 'round to nearest, ties to even'
  readonly reservedCsr: 'traps' | 'open'
  readonly timeRegister: 'readable' | 'traps'
  readonly cacheBlock: 8 | 16 | 32 | 64 | 128
  readonly misa: 'what there is' | '0'
  readonly mvendorid: bigint
  readonly marchid: bigint
  readonly mimpid: bigint
  readonly mhartid: bigint
  readonly mconfigptr: bigint
  readonly reservedPrivilege: 'kept' | 'U'
  readonly endianness: 'little' | 'both'
  readonly dirtiness: 'tracked' | 'not tracked'
  readonly vectorModes: 'direct and vectored' | 'direct'
  readonly vectoredAlignment: number
  readonly reservedVectorMode: 'write ignored' | 'MODE kept' | 'bit 1 ignored'
  readonly delegableExceptions: bigint
  readonly delegableInterrupts: bigint
  readonly delegatedInterrupts: bigint
  readonly interrupts: bigint
  readonly performanceCounters: 'writable' | 'read-only 0'
  readonly counterEnables: bigint
  readonly supervisorCounterEnables: bigint
  readonly counterInhibit: 'writable' | 'absent'
  readonly causeBits: number
  readonly trapValues: 'writable' | 'read-only 0'
  readonly addressValue: 'address' | 'zero'
  readonly illegalValue: 'instruction' | 'zero'
  readonly breakpointValue: 'pc' | 'zero'
  readonly limitedWait: 'traps' | 'completes'
  readonly wait: 'stalls' | 'completes'
  readonly resetPc: bigint
  readonly regions: readonly Region[]
  readonly pmpEntries: number
  readonly pmpGranularity: number
  readonly reservedPmp: 'kept' | 'no W' | 'write ignored'
  readonly triggerRegisters: 'absent' | 'read-only 0'
  readonly schemes: readonly Scheme[]
  readonly asidBits: number
  readonly accessedDirty: 'page fault' | 'hardware'
  readonly reservedPointerBits: 'page fault' | 'ignored'
}

/** QEMU 7.2's `-cpu rv64`, but for A and D, which fault, FS, which is Off or Dirty, EBREAK, which says where it is, and Sv48, which is not there. */
export const defaults: Omit<Parameters, 'xlen'> = {
  extensions: [], translation: 'any one-to-one',
  misaligned: 'supported', misalignedAtomics: 'access fault', atomicityGranule: 0, misalignedPriority: 'above other faults',
  reservationSet: 'address of LR', reservationWidth: 'any', reservationEnds: 'at SC, traps and returns', failingSc: 'checked as a store',
  reservedRounding: 'illegal instruction', reservedCsr: 'traps', timeRegister: 'readable', cacheBlock: 64,
  misa: 'what there is', mvendorid: 0n, marchid: 0n, mimpid: 0n, mhartid: 0n, mconfigptr: 0n,
  reservedPrivilege: 'kept', endianness: 'little', dirtiness: 'not tracked',
  vectorModes: 'direct and vectored', vectoredAlignment: 4, reservedVectorMode: 'write ignored',
  delegableExceptions: 0xb3ffn, delegableInterrupts: 0x222n, delegatedInterrupts: 0n, interrupts: 0xaaan,
  performanceCounters: 'writable', counterEnables: 0xffff_ffffn, supervisorCounterEnables: 0xffff_ffffn, counterInhibit: 'writable',
  causeBits: 63, trapValues: 'writable', addressValue: 'address', illegalValue: 'instruction', breakpointValue: 'pc',
  limitedWait: 'traps', wait: 'stalls', resetPc: 0x8000_0000n, regions: [{ base: 0x8000_0000n, size: 1n << 27n }],
  pmpEntries: 16, pmpGranularity: 4, reservedPmp: 'kept', triggerRegisters: 'absent',
  schemes: ['Sv32', 'Sv39'], asidBits: 16, accessedDirty: 'page fault', reservedPointerBits: 'page fault',
}

/** Exceptions that can be delegated at most: not the reserved ones, nor a call from M-mode. */
const mostExceptions = 0xb3ffn
const mostInterrupts = 0x222n, allInterrupts = 0xaaan
/** The external and the timer interrupts of M-mode, which are always there. */
const leastInterrupts = 0x880n
const isPower = (n: number): boolean => Number.isInteger(n) && n > 0 && Number.isInteger(Math.log2(n))

/** What no manual allows, with what it would allow. */
const limits: readonly { readonly of: keyof Parameters; readonly holds: (p: Parameters) => boolean; readonly expected: string }[] = [
  { of: 'atomicityGranule', holds: ({ atomicityGranule: n }) => n === 0 || (isPower(n) && n >= 8 && n <= 4096), expected: '0, for none, or a power of two from 8 to 4096' },
  { of: 'reservationSet', holds: ({ reservationSet: n }) => n === 'address of LR' || (isPower(n) && n >= 8 && n <= 4096), expected: 'a power of two from 8 to 4096' },
  { of: 'vectoredAlignment', holds: ({ vectoredAlignment: n }) => isPower(n) && n >= 4 && n <= 4096, expected: 'a power of two from 4 to 4096' },
  { of: 'delegableExceptions', holds: ({ delegableExceptions: bits }) => bits >= 0n && (bits & ~mostExceptions) === 0n, expected: `of the bits 0x${mostExceptions.toString(16)}` },
  { of: 'delegableInterrupts', holds: ({ delegableInterrupts: bits }) => bits >= 0n && (bits & ~mostInterrupts) === 0n, expected: `of the bits 0x${mostInterrupts.toString(16)}` },
  {
    of: 'delegatedInterrupts', holds: ({ delegatedInterrupts: bits, delegableInterrupts: other }) => bits >= 0n && (bits & ~mostInterrupts) === 0n && (bits & other) === bits,
    expected: `of the bits 0x${mostInterrupts.toString(16)} that delegableInterrupts has`,
  },
  {
    of: 'interrupts', holds: ({ interrupts: bits }) => bits >= 0n && (bits & ~allInterrupts) === 0n && (bits & leastInterrupts) === leastInterrupts,
    expected: `of the bits 0x${allInterrupts.toString(16)}, with 0x${leastInterrupts.toString(16)}`,
  },
  { of: 'counterEnables', holds: ({ counterEnables: bits }) => bits >= 0n && bits >> 32n === 0n, expected: '32 bits' },
  { of: 'supervisorCounterEnables', holds: ({ supervisorCounterEnables: bits }) => bits >= 0n && bits >> 32n === 0n, expected: '32 bits' },
  { of: 'causeBits', holds: ({ causeBits: n }) => Number.isInteger(n) && n >= 5 && n <= 63, expected: '5, which scause needs, to 63' },
  {
    of: 'trapValues', expected: 'writable where a trap has a value',
    holds: (p) => p.trapValues === 'writable' || (p.addressValue === 'zero' && p.illegalValue === 'zero' && p.breakpointValue === 'zero'),
  },
  { of: 'pmpEntries', holds: ({ pmpEntries: n }) => Number.isInteger(n) && n >= 0 && n <= 64, expected: '0 to 64' },
  { of: 'pmpGranularity', holds: ({ pmpGranularity: n }) => isPower(n) && n >= 4 && n <= 2 ** 31, expected: 'a power of two from 4 to 2^31' },
  { of: 'asidBits', holds: ({ asidBits: n }) => Number.isInteger(n) && n >= 0 && n <= 16, expected: '0 to 16' },
]

/** The parameters, where the manuals allow them together; otherwise a RangeError. */
export const allowed = (p: Parameters): Parameters => {
  for (const { of, holds, expected } of limits) if (!holds(p)) throw new RangeError(`${of} of a RISC-V hart must be ${expected}, and is ${String(p[of])}`)
  return p
}

/** PMP entries that have registers; those from `pmpEntries` on are read-only 0. */
export const pmpRegisters = ({ pmpEntries }: Pick<Parameters, 'pmpEntries'>): 0 | 16 | 64 => (pmpEntries === 0 ? 0 : pmpEntries <= 16 ? 16 : 64)
/** G: the smallest range is of 2^(G+2) bytes. */
export const pmpGrain = ({ pmpGranularity }: Pick<Parameters, 'pmpGranularity'>): number => Math.log2(pmpGranularity) - 2
