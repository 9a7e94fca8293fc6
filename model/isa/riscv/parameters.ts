// What the RISC-V manuals leave to the implementation, as named parameters, and the extensions beyond IMAFDC_Zicsr_Zifencei_Zicntr_Zihpm.

export type Extension = 'Svadu' | 'Zicbom' | 'Zicboz' | 'Zawrs' | 'Zkr' | 'Sstc' | 'Zicfiss'
/** Extensions that a bit of misa turns off, where it can be written. */
export type WritableExtension = 'A' | 'C' | 'D' | 'F' | 'M'
/** Translation schemes: Sv32 of RV32; Sv39 and Sv48 of RV64. */
export type Scheme = 'Sv32' | 'Sv39' | 'Sv48'

/** Attributes of memory: of main memory all, of a device's registers perhaps none. */
export type Attribute =
  | 'misaligned accesses' | 'reservations' | 'atomic operations' | 'AMOLogical' | 'AMOArithmetic' | 'loads' | 'stores' | 'fetches' | 'page-table reads' | 'page-table writes'

/** What a hart may keep of page tables. */
export type CachedEntry = 'leaf entries' | 'invalid entries' | 'pointers'

/** Physical addresses from `base` up, `size` bytes. */
export interface Region {
  readonly base: bigint
  readonly size: bigint
  /**
   * What raises an access fault here: misaligned loads, stores and AMOs; LR and SC; all AMOs, those but AMOSWAP, or those but AMOSWAP,
   * AMOAND, AMOOR and AMOXOR; what reads, and what writes, also in page tables; fetches; page-table entries read, and A and D written.
   * Nothing when absent.
   */
  readonly without?: readonly Attribute[]
  /** In bytes, of all loads, stores, AMOs and page-table entries that do not raise an access fault for theirs; any when absent. */
  readonly widths?: readonly (1 | 2 | 4 | 8)[]
}

/** In bytes: those of a block are in one page. */
export type BlockSize = 8 | 16 | 32 | 64 | 128 | 256 | 512 | 1024 | 2048 | 4096
/** What CBO.INVAL does where it is enabled. */
export type Invalidation = 'flush' | 'invalidate'

export type VectorModes = 'direct and vectored' | 'direct' | 'vectored'
/** Values of A besides OFF. */
export type PmpMode = 'TOR' | 'NA4' | 'NAPOT'
/** What pmpcfg and pmpaddr of an entry hold: L 0 0 A A X W R, and bits 2 and up of an address. */
export interface PmpEntry {
  readonly config: bigint
  readonly address: bigint
}

/** Exceptions that an address is to blame for; instruction addresses are misaligned only where misa can turn C off. */
export const addressCauses = [
  'instruction address misaligned', 'instruction access fault', 'load address misaligned', 'load access fault', 'store/AMO address misaligned', 'store/AMO access fault', 'instruction page fault', 'load page fault', 'store/AMO page fault',
] as const
export type AddressCause = (typeof addressCauses)[number]

/** `choices.ts` has a sentence for each, and where in the manual it is left open. */
export interface Parameters {
  readonly xlen: 32 | 64
  readonly extensions: readonly Extension[]
  readonly translation: 'any one-to-one' | 'walk'
  readonly fetchBlock: number
  readonly misaligned: 'supported' | 'trapped' | 'access fault'
  readonly misalignedAtomics: 'trapped' | 'access fault'
  readonly misalignedReservations: 'as AMOs' | 'trapped' | 'access fault'
  readonly atomicityGranule: number
  readonly misalignedPieces: number
  readonly pieceOrder: 'lower first' | 'upper first'
  readonly failingStore: 'writes nothing' | 'writes earlier pieces'
  readonly misalignedPriority: 'above other faults' | 'below other faults'
  readonly reservationSet: 'address of LR' | number
  readonly reservationWidth: 'any' | 'that of LR'
  readonly reservationPlace: 'physical address' | 'physical and virtual address'
  readonly reservationEnds: 'at SC' | 'at SC and traps' | 'at SC and returns' | 'at SC, traps and returns'
  readonly spuriousFailure: 'none' | 'after stores' | 'where unconstrained'
  readonly reservationLife: 'any' | number
  readonly failingSc: 'checked as a store' | 'not checked'
  readonly reservedEncodings: 'illegal instruction' | 'no effect'
  readonly reservedRounding: 'illegal instruction' | 'round to nearest, ties to even'
  readonly reservedCsr: 'traps' | 'open'
  readonly timeRegister: 'readable' | 'traps'
  readonly cacheBlock: BlockSize
  readonly zeroBlock: BlockSize
  readonly CBIE: readonly Invalidation[]
  readonly supervisorCBIE: readonly Invalidation[]
  readonly misa: 'what there is' | '0'
  readonly writableExtensions: readonly WritableExtension[]
  readonly mvendorid: bigint
  readonly marchid: bigint
  readonly mimpid: bigint
  readonly mhartid: bigint
  readonly mconfigptr: bigint
  readonly reservedPrivilege: 'kept' | 'U' | 'S' | 'M'
  readonly MBE: 'read-only 0' | 'read-only 1' | 'writable'
  readonly SBE: 'read-only 0' | 'read-only 1' | 'writable' | 'copy of MBE'
  readonly UBE: 'read-only 0' | 'read-only 1' | 'writable' | 'copy of MBE' | 'copy of SBE'
  readonly vectorStatus: 'read-only 0' | 'Off or Dirty' | 'writable'
  readonly virtualizationBits: readonly ('TVM' | 'TW' | 'TSR')[]
  readonly SXL: 'copy of MXL' | 'writable'
  readonly UXL: 'copy of MXL' | 'copy of SXL' | 'writable'
  readonly dirtiness: 'tracked' | 'not tracked'
  readonly fsWithoutF: 'read-only 0' | 'writable'
  readonly becomesDirty: 'where written' | 'where changed' | 'with each floating-point instruction'
  readonly vectorModes: VectorModes
  readonly supervisorVectorModes: VectorModes
  readonly mtvec: 'writable' | bigint
  readonly directAlignment: number
  readonly vectoredAlignment: number
  readonly supervisorVectoredAlignment: number
  readonly reservedVectorMode: 'write ignored' | 'MODE kept' | 'bit 1 ignored'
  readonly supervisorReservedVectorMode: 'write ignored' | 'MODE kept' | 'bit 1 ignored'
  readonly delegableExceptions: bigint
  readonly medelegh: 'absent' | 'read-only 0'
  readonly delegableInterrupts: bigint
  readonly delegatedInterrupts: bigint
  readonly interrupts: bigint
  readonly interruptPriority: readonly number[]
  readonly platformPending: 'read-only' | 'writable'
  readonly interruptDelay: number
  readonly performanceCounters: bigint
  readonly performanceCounterBits: number
  readonly eventBits: bigint
  readonly absentCounters: '0' | 'traps'
  readonly counterEnables: bigint
  readonly supervisorCounterEnables: bigint
  readonly counterInhibit: bigint | 'absent'
  readonly cycles: number
  readonly heldAddressBits: number
  readonly causeBits: number
  readonly supervisorCauseBits: number
  readonly unsupportedCause: 'bits dropped' | 'illegal instruction'
  readonly addressValues: readonly AddressCause[]
  readonly illegalValue: 'instruction' | 'zero'
  readonly breakpointValue: 'pc' | 'zero'
  readonly stipAfterStce: 'as written before' | 'as last compared' | '0'
  readonly limitedWait: 'traps' | 'completes'
  readonly userWait: 'traps' | 'completes'
  readonly limitedReservationWait: 'traps' | 'completes'
  readonly wait: 'stalls' | 'completes'
  readonly reservationWait: 'stalls' | 'completes'
  readonly fiom: 'writable' | 'read-only 0'
  readonly mseccfg: 'where it has bits' | 'always'
  readonly resetPc: bigint
  readonly nmiVector: 'none' | bigint
  readonly nmiCode: number
  readonly resetState: Readonly<Record<string, bigint>>
  readonly regions: readonly Region[]
  readonly physicalAddressBits: number
  readonly pmpEntries: number
  readonly pmpConstants: Readonly<Record<number, PmpEntry>>
  readonly pmpModes: readonly PmpMode[]
  readonly pmpLock: 'writable' | 'read-only 0'
  readonly pmpGranularity: number
  readonly otherPmpMode: 'NAPOT' | 'OFF' | 'A kept'
  readonly reservedPmp: 'kept' | 'no W' | 'write ignored'
  readonly triggerRegisters: 'absent' | 'read-only 0'
  readonly schemes: readonly Scheme[]
  readonly asidBits: number
  readonly bareFields: 'as written' | '0' | 'unchanged'
  readonly sfenceWithBareOnly: 'done' | 'illegal instruction'
  readonly accessedDirty: 'page fault' | 'hardware'
  readonly updatesBeforeFaults: 'none' | 'A' | 'A and D'
  readonly reservedPointerBits: 'page fault' | 'ignored'
  readonly translationCache: readonly CachedEntry[]
  readonly translationFence: 'entries named' | 'all entries'
  readonly instructionCache: 'none' | 'last block'
}

/** Bits of the counters 3 to 31, and of those that can be inhibited: all but time. */
const allHardwareCounters = 0xffff_fff8n, inhibitable = 0xffff_fffdn

/** QEMU 7.2's `-cpu rv64`, but for A and D, which fault, FS, which is Off or Dirty, EBREAK, which says where it is, and Sv48, which is not there. */
export const defaults: Omit<Parameters, 'xlen'> = {
  extensions: [], translation: 'any one-to-one',
  fetchBlock: 2, misalignedPieces: 4096, pieceOrder: 'lower first', failingStore: 'writes nothing',
  misaligned: 'supported', misalignedAtomics: 'access fault', misalignedReservations: 'as AMOs', atomicityGranule: 0, misalignedPriority: 'above other faults',
  reservationSet: 'address of LR', reservationWidth: 'any', reservationPlace: 'physical address', reservationEnds: 'at SC, traps and returns', spuriousFailure: 'none', reservationLife: 'any', failingSc: 'checked as a store',
  reservedEncodings: 'illegal instruction', reservedRounding: 'illegal instruction', reservedCsr: 'traps', timeRegister: 'readable', cacheBlock: 64, zeroBlock: 64, CBIE: ['flush', 'invalidate'], supervisorCBIE: ['flush', 'invalidate'],
  misa: 'what there is', writableExtensions: [], mvendorid: 0n, marchid: 0n, mimpid: 0n, mhartid: 0n, mconfigptr: 0n,
  reservedPrivilege: 'kept', dirtiness: 'not tracked', fsWithoutF: 'read-only 0', becomesDirty: 'where written',
  MBE: 'read-only 0', SBE: 'read-only 0', UBE: 'read-only 0', virtualizationBits: ['TVM', 'TW', 'TSR'], vectorStatus: 'read-only 0',
  SXL: 'copy of MXL', UXL: 'copy of MXL',
  vectorModes: 'direct and vectored', supervisorVectorModes: 'direct and vectored', mtvec: 'writable', directAlignment: 4, vectoredAlignment: 4, supervisorVectoredAlignment: 4,
  reservedVectorMode: 'write ignored', supervisorReservedVectorMode: 'write ignored',
  delegableExceptions: 0x4_b3ffn, medelegh: 'absent', delegableInterrupts: 0x222n, delegatedInterrupts: 0n, interrupts: 0xaaan,
  interruptPriority: [11, 3, 7, 9, 1, 5], platformPending: 'read-only', interruptDelay: 0,
  performanceCounters: allHardwareCounters, performanceCounterBits: 64, eventBits: 0xffff_ffff_ffff_ffffn, absentCounters: '0',
  counterEnables: 0xffff_ffffn, supervisorCounterEnables: 0xffff_ffffn, counterInhibit: inhibitable, cycles: 1,
  heldAddressBits: 64, causeBits: 63, supervisorCauseBits: 63, unsupportedCause: 'bits dropped', addressValues: addressCauses, illegalValue: 'instruction', breakpointValue: 'pc',
  limitedWait: 'traps', userWait: 'traps', limitedReservationWait: 'traps', wait: 'stalls', reservationWait: 'stalls',
  stipAfterStce: 'as written before', fiom: 'writable', mseccfg: 'where it has bits', resetPc: 0x8000_0000n, nmiVector: 'none', nmiCode: 0, resetState: {}, regions: [{ base: 0x8000_0000n, size: 1n << 27n }],
  physicalAddressBits: 56, pmpEntries: 16, pmpConstants: {}, pmpModes: ['TOR', 'NA4', 'NAPOT'], pmpLock: 'writable', pmpGranularity: 4, otherPmpMode: 'NAPOT', reservedPmp: 'kept', triggerRegisters: 'absent',
  schemes: ['Sv32', 'Sv39'], asidBits: 16, bareFields: 'as written', sfenceWithBareOnly: 'done', accessedDirty: 'page fault', updatesBeforeFaults: 'none', reservedPointerBits: 'page fault',
  translationCache: [], translationFence: 'entries named', instructionCache: 'none',
}

/** Exceptions that can be delegated at most: not the reserved ones, nor a call from M-mode; a software check is one of Zicfiss. */
const mostExceptions = 0x4_b3ffn
const supervisorInterrupts = 0x222n, allInterrupts = 0xaaan
/** Codes of interrupts from 16 up, which are for platforms; the most urgent one first. */
export const platformInterrupts = (p: Pick<Parameters, 'interruptPriority'>): number[] => p.interruptPriority.filter((code) => code >= 16)
/** Bits of mideleg that a hart may have. */
const delegable = (p: Parameters): bigint => platformInterrupts(p).reduce((bits, code) => bits | 1n << BigInt(code), allInterrupts)
const isPower = (n: number): boolean => Number.isInteger(n) && n > 0 && Number.isInteger(Math.log2(n))

/** Volume II, Reset, says what these are. */
const givenByReset = ['pc', 'priv', 'waiting', 'reservation valid', 'mstatus.MIE', 'mstatus.MPRV', 'mstatus.MBE', 'misa.A', 'misa.C', 'misa.D', 'misa.F', 'misa.M']
const bareOnly = (p: Parameters): boolean => p.schemes.every((name) => (name === 'Sv32') !== (p.xlen === 32))

/** Bits of a physical address that there are: at most 34 on RV32. */
export const addressBits = (p: Pick<Parameters, 'physicalAddressBits' | 'xlen'>): number => Math.min(p.physicalAddressBits, p.xlen === 32 ? 34 : 56)

/** Bits of an address that xtvec, xepc and xtval hold, the highest of which is repeated above it. */
export const heldBits = (p: Pick<Parameters, 'heldAddressBits' | 'xlen'>): number => Math.min(p.heldAddressBits, p.xlen)
/** One bit tells addresses that are not valid from those that are, which have all other bits: virtual ones, those of memory, and instructions as values of traps. */
const leastHeldBits = (p: Parameters): number => (p.xlen === 32 ? 32 : Math.max(33, ...p.schemes.map((name) => Number(name.slice(2)) + 1), ...p.regions.map(({ base, size }) => (base + size - 1n).toString(2).length + 2)))

const holdsCauses = ({ interruptPriority }: Parameters, bits: number, least: number): boolean => Number.isInteger(bits) && bits >= least && bits <= 63 && interruptPriority.every((code) => code < 2 ** bits)

const fits = (n: bigint, bits: number): boolean => n >= 0n && n >> BigInt(bits) === 0n
/** Whether satp may choose a scheme: Sv32 where SXLEN can be 32, others where it can be 64. */
export const mayChoose = ({ xlen, SXL }: Pick<Parameters, 'xlen' | 'SXL'>, scheme: Scheme): boolean => (scheme === 'Sv32' ? xlen === 32 || SXL === 'writable' : xlen === 64)

/** What no manual allows, with what it would allow. */
const limits: readonly { readonly of: keyof Parameters; readonly holds: (p: Parameters) => boolean; readonly expected: string }[] = [
  { of: 'atomicityGranule', holds: ({ atomicityGranule: n }) => n === 0 || (isPower(n) && n >= 8 && n <= 4096), expected: '0, for none, or a power of two from 8 to 4096' },
  {
    of: 'misalignedPieces', expected: 'a power of two up to 4096, and not less than atomicityGranule',
    holds: ({ misalignedPieces: n, atomicityGranule }) => isPower(n) && n <= 4096 && n >= atomicityGranule,
  },
  { of: 'regions', holds: ({ regions }) => regions.every(({ widths }) => widths === undefined || widths.every((n) => n <= 8 && isPower(n))), expected: 'of widths 1, 2, 4 and 8' },
  { of: 'reservationLife', holds: ({ reservationLife: n }) => n === 'any' || (Number.isInteger(n) && n >= 16 && n <= 4096), expected: '16, which a constrained loop may have, to 4096' },
  { of: 'fetchBlock', holds: ({ fetchBlock: n }) => isPower(n) && n >= 2 && n <= 4096, expected: 'a power of two from 2 to 4096' },
  {
    of: 'writableExtensions', expected: 'different ones, with F also D, which needs it, and none where misa is 0',
    holds: ({ writableExtensions: letters, misa }) => new Set(letters).size === letters.length && (!letters.includes('F') || letters.includes('D')) && (letters.length === 0 || misa !== '0'),
  },
  { of: 'reservationSet', holds: ({ reservationSet: n }) => n === 'address of LR' || (isPower(n) && n >= 8 && n <= 4096), expected: 'a power of two from 8 to 4096' },
  { of: 'SXL', holds: (p) => p.xlen === 64 || p.SXL === 'copy of MXL', expected: 'copy of MXL where MXLEN is 32' },
  {
    of: 'UXL', expected: 'copy of MXL where MXLEN is 32, and another where SXL is writable: UXLEN is never greater than SXLEN',
    holds: (p) => (p.xlen === 32 ? p.UXL === 'copy of MXL' : p.UXL !== 'copy of MXL' || p.SXL === 'copy of MXL'),
  },
  ...(['directAlignment', 'vectoredAlignment', 'supervisorVectoredAlignment'] as const).map((of) => ({ of, holds: (p: Parameters) => isPower(p[of]) && p[of] >= 4 && p[of] <= 4096, expected: 'a power of two from 4 to 4096' })),
  { of: 'delegableExceptions', holds: ({ delegableExceptions: bits }) => bits >= 0n && (bits & ~mostExceptions) === 0n, expected: `of the bits 0x${mostExceptions.toString(16)}` },
  { of: 'delegableInterrupts', holds: (p) => p.delegableInterrupts >= 0n && (p.delegableInterrupts & ~delegable(p)) === 0n, expected: `of the bits 0x${allInterrupts.toString(16)}, and of those of platforms that interruptPriority has` },
  {
    of: 'delegatedInterrupts', holds: ({ delegatedInterrupts: bits, delegableInterrupts: other }) => bits >= 0n && (bits & other) === bits && (bits & allInterrupts & ~supervisorInterrupts) === 0n,
    expected: `of the bits 0x${supervisorInterrupts.toString(16)}, and of those of platforms, that delegableInterrupts has`,
  },
  { of: 'interrupts', holds: ({ interrupts: bits }) => bits >= 0n && (bits & ~allInterrupts) === 0n, expected: `of the bits 0x${allInterrupts.toString(16)}` },
  {
    of: 'interruptPriority', expected: '11, 3, 7, 9, 1, 5 in this order, and before, between or behind them different codes from 16 to XLEN - 1',
    holds: (p) => p.interruptPriority.filter((code) => code < 16).join() === '11,3,7,9,1,5' && new Set(p.interruptPriority).size === p.interruptPriority.length
      && p.interruptPriority.every((code) => Number.isInteger(code) && code < p.xlen),
  },
  { of: 'interruptDelay', holds: ({ interruptDelay: n }) => Number.isInteger(n) && n >= 0 && n <= 65535, expected: '0 to 65535' },
  {
    of: 'nmiVector', expected: 'none, or an even address of XLEN bits, a multiple of 4 where misa can turn C off',
    holds: ({ nmiVector: at, xlen, writableExtensions }) => at === 'none' || (at >= 0n && at % (writableExtensions.includes('C') ? 4n : 2n) === 0n && at >> BigInt(xlen) === 0n),
  },
  { of: 'nmiCode', holds: (p) => Number.isInteger(p.nmiCode) && p.nmiCode >= 0 && p.nmiCode < 2 ** Math.min(p.causeBits, p.xlen - 1, 53), expected: 'what causeBits bits hold' },
  {
    of: 'mtvec', expected: 'writable, or of XLEN bits with a MODE that there is, of which its BASE has the alignment',
    holds: (p) => p.mtvec === 'writable' || (p.mtvec >= 0n && p.mtvec >> BigInt(p.xlen) === 0n && [
      ...(p.vectorModes === 'vectored' ? [] : [[0n, p.directAlignment] as const]), ...(p.vectorModes === 'direct' ? [] : [[1n, p.vectoredAlignment] as const]),
    ].some(([mode, alignment]) => BigInt(p.mtvec) % BigInt(alignment) === mode)),
  },
  {
    of: 'heldAddressBits', expected: 'one more than the valid virtual addresses, those of memory and instructions have, to 64',
    holds: (p) => Number.isInteger(p.heldAddressBits) && p.heldAddressBits >= leastHeldBits(p) && p.heldAddressBits <= 64,
  },
  { of: 'performanceCounters', holds: ({ performanceCounters: bits }) => bits >= 0n && (bits & ~allHardwareCounters) === 0n, expected: `of the bits 0x${allHardwareCounters.toString(16)}` },
  { of: 'performanceCounterBits', holds: ({ performanceCounterBits: n }) => Number.isInteger(n) && n >= 0 && n <= 64, expected: '0 to 64' },
  { of: 'eventBits', holds: ({ eventBits: bits }) => bits >= 0n && bits >> 64n === 0n, expected: '64 bits' },
  { of: 'counterInhibit', holds: ({ counterInhibit: bits }) => bits === 'absent' || (bits >= 0n && (bits & ~inhibitable) === 0n), expected: `absent, or of the bits 0x${inhibitable.toString(16)}` },
  { of: 'counterEnables', holds: ({ counterEnables: bits }) => bits >= 0n && bits >> 32n === 0n, expected: '32 bits' },
  { of: 'supervisorCounterEnables', holds: ({ supervisorCounterEnables: bits }) => bits >= 0n && bits >> 32n === 0n, expected: '32 bits' },
  { of: 'causeBits', holds: (p) => holdsCauses(p, p.causeBits, p.extensions.includes('Zicfiss') ? 5 : 4), expected: '4, 5 with Zicfiss, to 63, and enough for each interrupt' },
  { of: 'supervisorCauseBits', holds: (p) => holdsCauses(p, p.supervisorCauseBits, 5), expected: '5 to 63, and enough for each interrupt' },
  ...([['cacheBlock', 'Zicbom'], ['zeroBlock', 'Zicboz']] as const).map(([of, extension]) =>
    ({ of, holds: (p: Parameters) => p.translation === 'walk' || !p.extensions.includes(extension) || p[of] <= 1024, expected: 'at most 1024 for claims' })),
  { of: 'mvendorid', holds: ({ mvendorid: n }) => fits(n, 32), expected: '32 bits' },
  ...(['marchid', 'mimpid', 'mhartid'] as const).map((of) => ({ of, holds: (p: Parameters) => fits(p[of], p.xlen), expected: 'of XLEN bits' })),
  { of: 'mconfigptr', holds: ({ mconfigptr: at, xlen }) => fits(at, xlen) && at % BigInt(xlen / 8) === 0n, expected: 'an address of XLEN bits, a multiple of XLEN / 8' },
  { of: 'resetPc', holds: ({ resetPc: at, xlen }) => fits(at, xlen) && at % 2n === 0n, expected: 'an even address of XLEN bits' },
  { of: 'cycles', holds: ({ cycles: n }) => Number.isInteger(n) && n >= 1 && n <= 2 ** 31, expected: '1 to 2^31' },
  { of: 'fiom', holds: (p) => p.fiom === 'writable' || bareOnly(p), expected: 'writable where satp has more than Bare' },
  { of: 'resetState', holds: ({ resetState }) => givenByReset.every((name) => resetState[name] === undefined), expected: `none of ${givenByReset.join(', ')}, which reset gives` },
  {
    of: 'physicalAddressBits', expected: '32 to 56, all addresses of memory, and at least 39 for claims about RV64',
    holds: (p) => Number.isInteger(p.physicalAddressBits) && p.physicalAddressBits >= (p.translation === 'walk' || p.xlen === 32 ? 32 : 39) && p.physicalAddressBits <= 56
      && p.regions.every(({ base, size }) => base + size <= 1n << BigInt(addressBits(p))),
  },
  { of: 'pmpEntries', holds: ({ pmpEntries: n }) => Number.isInteger(n) && n >= 0 && n <= 64, expected: '0 to 64' },
  { of: 'pmpGranularity', holds: ({ pmpGranularity: n }) => isPower(n) && n >= 4 && n <= 2 ** 31, expected: 'a power of two from 4 to 2^31' },
  {
    of: 'pmpConstants', expected: 'of entries that there are, their bits without W alone, with addresses of so many bits',
    holds: (p) => Object.entries(p.pmpConstants).every(([n, { config, address }]) =>
      Number(n) < p.pmpEntries && config >= 0n && (config & ~0x9fn) === 0n && (config & 3n) !== 2n && address >= 0n && address >> BigInt(addressBits(p) - 2) === 0n),
  },
  { of: 'otherPmpMode', expected: 'one that there is', holds: ({ otherPmpMode: mode, pmpModes }) => mode !== 'NAPOT' || pmpModes.includes('NAPOT') },
  { of: 'sfenceWithBareOnly', holds: (p) => p.sfenceWithBareOnly === 'done' || bareOnly(p), expected: 'done where satp has more than Bare' },
  { of: 'schemes', holds: (p) => p.xlen === 32 || p.schemes.includes('Sv39') || !p.schemes.includes('Sv48'), expected: 'Sv39 too where Sv48 is one' },
  { of: 'asidBits', holds: ({ asidBits: n }) => Number.isInteger(n) && n >= 0 && n <= 16, expected: '0 to 16' },
]

/** The parameters, where the manuals allow them together; otherwise a RangeError. */
export const allowed = (p: Parameters): Parameters => {
  for (const { of, holds, expected } of limits) if (!holds(p)) throw new RangeError(`${of} of a RISC-V hart must be ${expected}, and is ${String(p[of])}`)
  return p
}

/** Exceptions that can be delegated. */
export const delegableBits = (p: Pick<Parameters, 'delegableExceptions' | 'extensions'>): bigint => p.delegableExceptions & (p.extensions.includes('Zicfiss') ? mostExceptions : 0xb3ffn)
/** Whether any exception has a value; otherwise mtval is read-only 0. */
export const givesValues = (p: Pick<Parameters, 'addressValues' | 'illegalValue' | 'breakpointValue' | 'extensions'>): boolean =>
  p.addressValues.length > 0 || p.illegalValue === 'instruction' || p.breakpointValue === 'pc' || p.extensions.includes('Zicfiss')
/** PMP entries that have registers; those from `pmpEntries` on are read-only 0. */
export const pmpRegisters = ({ pmpEntries }: Pick<Parameters, 'pmpEntries'>): 0 | 16 | 64 => (pmpEntries === 0 ? 0 : pmpEntries <= 16 ? 16 : 64)
/** G: the smallest range is of 2^(G+2) bytes. */
export const pmpGrain = ({ pmpGranularity }: Pick<Parameters, 'pmpGranularity'>): number => Math.log2(pmpGranularity) - 2
