// What the RISC-V manuals leave to the implementation, beyond IMAFDC_Zicsr_Zifencei_Zicntr_Zihpm: a line for each parameter, in the order of the manuals.
import { countedEvent } from './event-values.ts'
import { pmpEntry, region } from './memory-values.ts'
import { bits, byName, number, oneOf, oneOfNumbers, orElse, several, type Values } from './values.ts'

/** A parameter: the section that leaves it open (I is the unprivileged volume, II the privileged one), what it can be and is by default, and what it says. */
export interface Parameter<T> {
  readonly section: string
  readonly values: Values<T>
  readonly standard: T
  readonly about: string
}
const parameter = <T>(section: string, values: Values<T>, standard: NoInfer<T>, about: string): Parameter<T> => ({ section, values, standard, about })

/** Exceptions that an address is to blame for; instruction addresses are misaligned only where misa can turn C off. */
export const addressCauses = [
  'instruction address misaligned', 'instruction access fault', 'load address misaligned', 'load access fault', 'store/AMO address misaligned', 'store/AMO access fault', 'instruction page fault', 'load page fault', 'store/AMO page fault',
] as const

/** The same with those that have another value. */
const valueCauses = [...addressCauses, 'illegal instruction', 'breakpoint'] as const

/** Bits of the counters 3 to 31, and of those that can be inhibited: all but time. */
export const allHardwareCounters = 0xffff_fff8n, inhibitable = 0xffff_fffdn
const blockSize = oneOfNumbers(8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)

/** Exceptions that can be delegated at most: not the reserved ones, nor a call from M-mode; a software check is one of Zicfiss. */
export const mostExceptions = 0x4_b3ffn

/** By default: QEMU 7.2's `-cpu rv64`, but for A and D, which fault, FS, which is Off or Dirty, EBREAK, which says where it is, and Sv48, which is not there. */
export const parameters = {
  extensions: parameter('I Introduction', several(oneOf('Svadu', 'Zicbom', 'Zicboz', 'Zawrs', 'Zkr', 'Sstc', 'Zicfiss')), [], 'Extensions beyond those of the name.'),
  reservedEncodings: parameter('I Expanded Instruction-Length Encoding', oneOf('illegal instruction', 'no effect'), 'illegal instruction', 'What a reserved encoding of 16 or 32 bits does, as are those of extensions that are not there; without effect the next instruction follows. Hints and the reserved fields of FENCE and FENCE.I do nothing in any case, and words of zeros or ones are illegal.'),
  fetchBlock: parameter('II Physical Memory Protection, Priority and Matching Logic; mtval', number, 2, 'Bytes of the aligned blocks in which instructions are fetched: PMP and the attributes of memory must allow all of a block. With 2 each half of 16 bits is by itself. A fault says which half is in the block.'),
  misaligned: parameter('I Load and Store Instructions', oneOf('supported', 'trapped', 'access fault'), 'supported', 'What a misaligned load or store does: an address-misaligned exception is what trapped means, an access fault says that it should not be emulated.'),
  misalignedBlock: parameter('I Load and Store Instructions', number, 0, 'Bytes of an aligned block within which misaligned loads and stores, but not AMOs, are done where others are not, each as one access; 0 for none.'),
  misalignedAtomics: parameter('I A', oneOf('trapped', 'access fault'), 'access fault', 'Which exception a misaligned AMO, LR or SC raises: address misaligned is what trapped means. II Physical Memory Attributes, Alignment, allows that only where loads and stores of the same width trap as well.'),
  misalignedReservations: parameter('I A, Load-Reserved/Store-Conditional', oneOf('as AMOs', 'trapped', 'access fault'), 'as AMOs', 'The same of LR and SC, where they differ from AMOs.'),
  atomicityGranule: parameter('II Misaligned Atomicity Granule PMA (1.13)', number, 0, 'Bytes of an aligned block within which misaligned loads, stores and AMOs of MXLEN bits at most, but not LR and SC, are done in any case; 0 for none. Regions may have their own.'),
  misalignedPieces: parameter('II Physical Memory Protection, Priority and Matching Logic', number, 4096, 'Bytes of the aligned blocks into which misaligned loads and stores are taken apart, each piece translated and checked by itself: 4096 for pages only, 1 for single bytes. On RV32 up to 4 also take FLD and FSD apart where they are aligned.'),
  pieceOrder: parameter('II Physical Memory Protection, Priority and Matching Logic', oneOf('lower first', 'upper first'), 'lower first', 'Which piece is done first; its fault is the one that is raised.'),
  failingStore: parameter('II Physical Memory Protection, Priority and Matching Logic; Addressing and Memory Protection', oneOf('writes nothing', 'writes earlier pieces'), 'writes nothing', 'Whether the pieces of a store that come before the one that faults are written.'),
  misalignedPriority: parameter('II mcause', oneOf('above other faults', 'below other faults'), 'above other faults', 'Whether an address-misaligned exception comes before or after page faults and access faults; where it is an access fault instead, page faults come before.'),
  reservationSet: parameter('I A, Load-Reserved/Store-Conditional', orElse(oneOf('address of LR'), number), 'address of LR', 'Where an SC may succeed: at the address of its LR, or anywhere in the aligned block of so many bytes that LR reserved.'),
  reservationWidth: parameter('I A, Load-Reserved/Store-Conditional', oneOf('any', 'that of LR'), 'any', 'Whether an SC of another width than its LR may succeed.'),
  reservationPlace: parameter('I A, Load-Reserved/Store-Conditional', oneOf('physical address', 'physical and virtual address'), 'physical address', 'Whether an SC fails whose address is mapped to what LR reserved, but is another virtual address than that of LR.'),
  reservationEnds: parameter('I A, Load-Reserved/Store-Conditional', oneOf('at SC', 'at SC and traps', 'at SC and returns', 'at SC, traps and returns'), 'at SC, traps and returns', 'When a reservation ends, where nobody else writes memory.'),
  spuriousFailure: parameter('I A, Eventual Success of Store-Conditional Instructions', oneOf('none', 'after stores', 'where unconstrained', 'every other one'), 'none', 'How SC fails although nobody else wrote memory: not at all; after a store or AMO of the hart itself, or whatever may not stand between LR and SC in a constrained loop, which end the reservation; or every other one that could succeed, beginning with the first. SC may fail at any time, as long as such loops succeed at last.'),
  reservationLife: parameter('I A, Eventual Success of Store-Conditional Instructions', orElse(oneOf('any'), number), 'any', 'After how many completed instructions a reservation ends by itself; a constrained loop has 16 at most.'),
  failingSc: parameter('I A, Load-Reserved/Store-Conditional', oneOf('checked as a store', 'not checked'), 'checked as a store', 'Whether an SC without its reservation raises the page faults and access faults of a store, and sets A and D as one; a misaligned one always traps. Its code is 1, unspecified: other codes are reserved.'),
  staticReservedRounding: parameter('I F, Floating-Point Control and Status Register', oneOf('illegal instruction', 'round to nearest, ties to even'), 'illegal instruction', 'What an instruction does whose rounding mode is a reserved one, 5 or 6.'),
  dynamicReservedRounding: parameter('I F, Floating-Point Control and Status Register', oneOf('illegal instruction', 'round to nearest, ties to even'), 'illegal instruction', 'What an instruction does whose rounding mode is that of frm, where frm is a reserved one, 5 to 7.'),
  reservedCsr: parameter('I Zicsr; II CSR Address Mapping', oneOf('traps', 'open'), 'traps', 'What access to a number that no CSR has does; the manual reserves it, and recommends nothing.'),
  timeRegister: parameter('II mtime', oneOf('readable', 'traps'), 'readable', 'Whether time, and on RV32 timeh, is read by the hart, or traps, so that M-mode does it.'),
  cacheBlock: parameter('I CMO, Software Discovery', blockSize, 64, 'Size of a cache block in bytes, for Zicbom.'),
  zeroBlock: parameter('I CMO, Software Discovery', blockSize, 64, 'The same for Zicboz.'),
  cacheBlockPieces: parameter('I CMO, Page-Fault, Guest-Page-Fault, and Access-Fault Exceptions', oneOfNumbers(4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096), 8, 'Bytes of the aligned pieces in which cache blocks are accessed, where they are larger: each is checked by PMP by itself. Their order, and whether those before a fault are zeroed, are as those of misaligned stores.'),
  executableBlocks: parameter('I CMO, Page-Fault, Guest-Page-Fault, and Access-Fault Exceptions', oneOf('not managed', 'managed'), 'not managed', 'Whether cache-block management is permitted where neither loads nor stores are, but instruction fetches with the privilege of data.'),
  CBIE: parameter('I CMO, Control and Status Register State', several(oneOf('flush', 'invalidate')), ['flush', 'invalidate'], 'What menvcfg.CBIE can choose besides an illegal instruction (WARL).'),
  otherCBIE: parameter('I CMO, Control and Status Register State', oneOf('kept', 'illegal instruction'), 'kept', 'What CBIE is once the reserved value is written, or one that it cannot have.'),
  cacheBlockBits: parameter('I CMO, Control and Status Register State', several(oneOf('menvcfg.CBCFE', 'senvcfg.CBCFE', 'menvcfg.CBZE', 'senvcfg.CBZE')), ['menvcfg.CBCFE', 'senvcfg.CBCFE', 'menvcfg.CBZE', 'senvcfg.CBZE'], 'Which of these bits can be set, where Zicbom and Zicboz have them; others are read-only 0, as those registers are WARL: what they would permit is illegal.'),
  supervisorCBIE: parameter('I CMO, Control and Status Register State', several(oneOf('flush', 'invalidate')), ['flush', 'invalidate'], 'The same of senvcfg.CBIE.'),
  misa: parameter('II misa', oneOf('what there is', '0'), 'what there is', 'Whether misa says what there is, or is 0, as it may.'),
  writableExtensions: parameter('II misa', several(oneOf('A', 'C', 'D', 'F', 'M')), [], 'The bits of misa that software can write, to turn extensions off and on: none need be. Instructions of an extension that is off are illegal; without C jumps to addresses that are no multiple of 4 trap. MXL is read-only, as 1.13 has it.'),
  jointExtensions: parameter('II misa', several(oneOf('A', 'C', 'D', 'F', 'M')), [], 'Writable bits of misa that are 1 only together: a write of some of them without the others clears them all. An implementation may have such constraints.'),
  stateOfEnabled: parameter('II misa', oneOf('kept', '0', 'all ones'), 'kept', 'What the state of an extension is when misa has it on again, which is not specified: of F fflags, frm and f registers, of which the high halves are of D; of A the reservation, which ends unless it is kept.'),
  mvendorid: parameter('II mvendorid', bits, 0n, 'The manufacturer.'),
  marchid: parameter('II marchid', bits, 0n, 'The microarchitecture.'),
  mimpid: parameter('II mimpid', bits, 0n, 'The version of the implementation.'),
  mhartid: parameter('II mhartid', bits, 0n, 'The number of the hart; one hart has 0.'),
  mconfigptr: parameter('II mconfigptr', bits, 0n, 'The physical address of a description of the machine.'),
  reservedPrivilege: parameter('II mstatus, Privilege and Global Interrupt-Enable Stack', oneOf('kept', 'U', 'S', 'M'), 'kept', 'What MPP is once 2 is written, which is no mode.'),
  MBE: parameter('II mstatus, Endianness Control', oneOf('read-only 0', 'read-only 1', 'writable'), 'read-only 0', 'The bit that makes data of M-mode big-endian: each of the three may be writable or not. Instructions are little-endian.'),
  SBE: parameter('II mstatus, Endianness Control', oneOf('read-only 0', 'read-only 1', 'writable', 'copy of MBE'), 'read-only 0', 'That of S-mode, and of page tables.'),
  UBE: parameter('II mstatus, Endianness Control', oneOf('read-only 0', 'read-only 1', 'writable', 'copy of MBE', 'copy of SBE'), 'read-only 0', 'That of U-mode.'),
  vectorStatus: parameter('II mstatus, Extension Context Status', oneOf('read-only 0', 'Off or Dirty', 'writable'), 'read-only 0', 'What mstatus.VS can be; without vector registers it may be read-only 0, or be there for their emulation, and tell Initial and Clean from Dirty or not.'),
  virtualizationBits: parameter('II mstatus, Virtualization Support', several(oneOf('TVM', 'TW', 'TSR')), ['TVM', 'TW', 'TSR'], 'Which of these bits can be set; others are read-only 0, as WARL fields may be. The newest manual (2026) wants them writable: all but TVM, which is read-only 0 where satp has Bare only.'),
  SXL: parameter('II mstatus, Base ISA Control', oneOf('copy of MXL', 'writable'), 'copy of MXL', 'SXLEN, XLEN in S-mode: that of M-mode, or 32 or 64 as the field is written. RV32 does not have the field.'),
  UXL: parameter('II mstatus, Base ISA Control', oneOf('copy of MXL', 'copy of SXL', 'writable'), 'copy of MXL', 'UXLEN, XLEN in U-mode: the same, or that of S-mode, which it never exceeds. A mode with 32 has RV32; mepc, and sepc where it is wider, get its pc sign-extended, xtval its addresses modulo 2^32.'),
  otherWidths: parameter('II mstatus, Base ISA Control', oneOf('kept', '32'), 'kept', 'What SXL or UXL, where it is writable, is once a value is written that stands neither for 32 nor for 64 bits.'),
  highBitsOfHints: parameter('II mstatus, Base ISA Control', oneOf('overwritten', 'unchanged'), 'overwritten', 'What bits above XLEN become of a register that a hint writes its own content to (C.ADDI of 0; C.SLLI, C.SRLI and C.SRAI by 0), in a mode whose XLEN is less than MXLEN: they are copies of bit XLEN - 1, or stay.'),
  dirtiness: parameter('II mstatus, Extension Context Status', oneOf('tracked', 'not tracked'), 'not tracked', 'Whether mstatus.FS tells Initial and Clean from Dirty; the manual also allows an implementation that knows Off and Dirty only.'),
  fsWithoutF: parameter('II mstatus, Extension Context Status', oneOf('read-only 0', 'writable'), 'read-only 0', 'What mstatus.FS is while misa has F off.'),
  becomesDirty: parameter('II mstatus, Extension Context Status', oneOf('where written', 'where changed', 'with each floating-point instruction'), 'where written', 'When mstatus.FS becomes Dirty: where f registers, fflags, frm or fcsr are written or flags raised, only where their contents become others by that, or also with each instruction of F and D that only reads them.'),
  vectorModes: parameter('II mtvec', oneOf('direct and vectored', 'direct', 'vectored'), 'direct and vectored', 'The modes of mtvec.'),
  supervisorVectorModes: parameter('II stvec', oneOf('direct and vectored', 'direct', 'vectored'), 'direct and vectored', 'The modes of stvec.'),
  mtvec: parameter('II mtvec', orElse(oneOf('writable'), bits), 'writable', 'Whether mtvec can be written, or what it always is.'),
  vectorBits: parameter('II mtvec', number, 64, 'How many bits of mtvec can be written, from the low end; higher ones are 0: the values that it may hold vary by implementation.'),
  directAlignment: parameter('II mtvec', number, 4, 'Of how many bytes BASE of mtvec is a multiple in direct mode: lower bits are written as 0.'),
  vectoredAlignment: parameter('II mtvec', number, 4, 'The same in vectored mode.'),
  supervisorVectoredAlignment: parameter('II stvec', number, 4, 'The same of stvec in vectored mode.'),
  reservedVectorMode: parameter('II mtvec', oneOf('write ignored', 'MODE kept', 'bit 1 ignored'), 'write ignored', 'What writing a MODE that is reserved, or that the hart has not, does to mtvec: BASE is written unless the write is ignored.'),
  supervisorReservedVectorMode: parameter('II stvec', oneOf('write ignored', 'MODE kept', 'bit 1 ignored'), 'write ignored', 'The same for stvec.'),
  delegableExceptions: parameter('II medeleg', bits, 0x4_b3ffn, 'The bits of medeleg that can be set; each may be read-only 0.'),
  medelegh: parameter('II medeleg', oneOf('absent', 'read-only 0'), 'absent', 'Whether RV32 has medelegh, all of whose bits are of exceptions that there are not: version 1.13 has it, 1.12 has not.'),
  delegableInterrupts: parameter('II mideleg', bits, 0x222n, 'The bits of mideleg that can be set; each may be read-only 0. Those of interrupts for M-mode, which few harts have, are bits of sie and sip too; what is taken first the manual leaves open for them, and here it is as for M-mode.'),
  delegatedInterrupts: parameter('II mideleg', bits, 0n, 'The bits of mideleg that are read-only 1; those of interrupts for M-mode are not.'),
  interrupts: parameter('II mip, sip', bits, 0xaaan, 'The bits of mie that are there, of the standard ones; others of mie and mip are read-only 0, and their interrupts never pending.'),
  interruptPriority: parameter('II mip', several(number), [11, 3, 7, 9, 1, 5], 'The codes of interrupts, the first of which comes first where there are several: those from 16 up are the platform\'s, and so is their place among the others.'),
  platformPending: parameter('II mip', oneOf('read-only', 'writable'), 'read-only', 'Whether software can write the bits of mip, and of sip, of interrupts from 16 up; otherwise their sources clear them.'),
  interruptDelay: parameter('II mip', number, 0, 'How many instructions are done between that an interrupt is there to be taken and that it is taken: a bounded number. After MRET, SRET and WFI, and after a write of mip, mie, mstatus, mideleg, sip, sie or sstatus, it is taken at once.'),
  performanceCounters: parameter('II Hardware Performance Monitor', bits, allHardwareCounters, 'Which of mhpmcounter3 to mhpmcounter31 there are, by bits; others and their events are read-only 0.'),
  performanceCounterBits: parameter('II Hardware Performance Monitor', number, 64, 'How many bits mhpmcounter3 to mhpmcounter31 have, from the low end.'),
  eventBits: parameter('II Hardware Performance Monitor', bits, 0xffff_ffff_ffff_ffffn, 'The bits of mhpmevent3 to mhpmevent31 that can be set; on RV32 the low half.'),
  events: parameter('II Hardware Performance Monitor', several(countedEvent), [], 'What mhpmcounter3 to mhpmcounter31 count, by the content of their mhpmevent; with others nothing. Where several events have one content any of them counts, of an instruction once. It goes by the major opcode: LR and SC are atomic operations, LUI and AUIPC integer arithmetic but multiplications and divisions not, and system instructions are CSR accesses, returns, WFI and SFENCE.VMA. Cycles are those of mcycle. A counter that the instruction writes holds what was written.'),
  absentCounters: parameter('I Zihpm', oneOf('0', 'traps'), '0', 'What reading hpmcounter3 to hpmcounter31 does where there is no such counter.'),
  counterEnables: parameter('II mcounteren', bits, 0xffff_ffffn, 'The bits of mcounteren that can be set; each may be read-only 0.'),
  supervisorCounterEnables: parameter('II scounteren', bits, 0xffff_ffffn, 'The bits of scounteren that can be set; each may be read-only 0.'),
  counterInhibit: parameter('II mcountinhibit', orElse(oneOf('absent'), bits), inhibitable, 'The bits of mcountinhibit that can be set, or that it is not there, so that all counters count.'),
  cycles: parameter('II Hardware Performance Monitor', number, 1, 'How far mcycle goes with each instruction, also one that traps: cycles are what an implementation says they are.'),
  heldAddressBits: parameter('II mtvec, stvec, mepc, sepc, mtval, stval', number, 64, 'How many bits of addresses these registers have, the highest of which is repeated above it: others than can be valid become one that cannot be either.'),
  causeBits: parameter('II mcause', number, 63, 'How many bits of the code mcause holds, besides the bit of interrupts.'),
  supervisorCauseBits: parameter('II scause', number, 63, 'How many bits of the code scause holds, besides the bit of interrupts.'),
  unsupportedCause: parameter('II mcause, scause; CSR Field Specifications, WLRL', oneOf('bits dropped', 'illegal instruction'), 'bits dropped', 'What writing a code that needs more bits to mcause or scause does.'),
  addressValues: parameter('II mtval, stval', several(oneOf(...addressCauses)), addressCauses, 'The exceptions after which xtval is the address at fault; after others of their kind it is 0. Where no exception at all has a value mtval is read-only 0.'),
  illegalValue: parameter('II mtval, stval', oneOf('instruction', 'zero'), 'instruction', 'What xtval is after an illegal-instruction exception.'),
  breakpointValue: parameter('II mtval, stval', oneOf('pc', 'zero'), 'pc', 'What xtval is after EBREAK.'),
  softwareCheckValue: parameter('II mtval, stval', oneOf('cause', 'zero'), 'cause', 'What xtval is after a software check, which shadow stacks have: 3, the cause, or 0, no information.'),
  mtvalWithout: parameter('II mtval', several(oneOf(...valueCauses)), [], 'The exceptions among these after which mtval is 0 all the same.'),
  stvalWithout: parameter('II stval', several(oneOf(...valueCauses)), [], 'The same of stval.'),
  limitedWait: parameter('II mstatus, Virtualization Support; Wait for Interrupt', oneOf('traps', 'completes where an interrupt is pending', 'completes'), 'traps', 'What WFI does below M-mode where TW is 1: it may complete within a time limit, as where an interrupt that is enabled in mie is pending already.'),
  userWait: parameter('II mstatus, Virtualization Support; Wait for Interrupt', oneOf('traps', 'completes'), 'traps', 'What WFI does in U-mode whatever TW is: it may complete within a time limit.'),
  limitedReservationWait: parameter('I Zawrs', oneOf('traps', 'completes where an interrupt is pending', 'completes'), 'traps', 'What WRS.NTO does below M-mode where TW is 1: it may complete within a time limit.'),
  wait: parameter('II Wait for Interrupt', oneOf('stalls', 'completes'), 'stalls', 'Whether WFI stalls until an interrupt is pending and enabled; it may complete at any time.'),
  reservationWait: parameter('I Zawrs', oneOf('stalls', 'completes'), 'stalls', 'Whether WRS.NTO stalls until an interrupt is pending and enabled, as no other hart writes to the reservation set here; it may complete at any time.'),
  fiom: parameter('II menvcfg, senvcfg', oneOf('writable', 'read-only 0'), 'writable', 'Whether FIOM of both is there; it may be read-only 0 where satp has Bare only.'),
  mseccfg: parameter('II mseccfg', oneOf('where it has bits', 'always'), 'where it has bits', 'Whether there is mseccfg, which is optional, also where no extension has bits in it.'),
  resetPc: parameter('II Reset', bits, 0x8000_0000n, 'The address of the first instruction after reset.'),
  nmiVector: parameter('II Non-Maskable Interrupts', orElse(oneOf('none'), bits), 'none', 'Where a non-maskable interrupt goes to, if there is one: into M-mode, as a trap that nothing disables.'),
  nmiCode: parameter('II Non-Maskable Interrupts', number, 0, 'The code in mcause after a non-maskable interrupt, beside the bit of interrupts; 0 where its sources are not told apart.'),
  resetState: parameter('II Reset', byName('register', bits), {}, 'What registers hold after reset that the manual does not give a value: mcause may say why there was a reset, entries of PMP (pmpcfg[0], pmpaddr[0]) may be on. Others are 0.'),
  regions: parameter('II Physical Memory Attributes', several(region), [{ base: 0x8000_0000n, size: 1n << 27n }], 'The physical addresses at which there is memory, and which accesses of which widths, which atomic operations and which page tables it does not support; other accesses are access faults. A region may have an atomicity granule of its own; misaligned accesses that leave it, but would be in another one, come after page faults and access faults: where it is only an address shows that has been translated.'),
  busErrors: parameter('II Physical Memory Attributes', orElse(oneOf('access fault', 'non-maskable interrupt'), number), 'access fault', 'How the hart learns of a load or store that a region answers with an error (:errors): by an access fault, or imprecisely, by an interrupt of a code from 16 up or the non-maskable one, pending once the access is done, without effect. Its bit of mip the platform clears, or software where it can. Atomic accesses, fetches, page tables and cache blocks have access faults in any case.'),
  busErrorValue: parameter('II Physical Memory Attributes', oneOf('0', 'all ones'), '0', 'What a load gets that is answered with an error and has no access fault.'),
  physicalAddressBits: parameter('II satp; Physical Memory Protection CSRs; Sv32, Sv39', number, 56, 'How many bits physical addresses have, from the low end; those of pmpaddr are as many. Access to a higher one is an access fault. On RV32 at most 34.'),
  pmpEntries: parameter('II Physical Memory Protection', number, 16, 'How many PMP entries there are; 0, 16 or 64 have registers, of which those of no entry are read-only 0. Without any S-mode and U-mode may do everything.'),
  pmpConstants: parameter('II Physical Memory Protection, Physical Memory Protection CSRs', byName('entry', pmpEntry), {}, 'Entries that are read-only, and what they hold.'),
  pmpModes: parameter('II Physical Memory Protection, Address Matching', several(oneOf('TOR', 'NA4', 'NAPOT')), ['TOR', 'NA4', 'NAPOT'], 'What A of an entry can be besides OFF.'),
  pmpPermissions: parameter('II Physical Memory Protection, Physical Memory Protection CSRs', several(oneOf('R', 'X', 'RX', 'RW', 'RWX')), ['R', 'X', 'RX', 'RW', 'RWX'], 'What R, W and X of an entry can be together besides 0, as the WARL field that they are; where others are written, but for the reserved ones, they stay as they were.'),
  pmpLock: parameter('II Physical Memory Protection, Locking and Privilege Mode', oneOf('writable', 'read-only 0'), 'writable', 'Whether entries have the bit L.'),
  pmpGranularity: parameter('II Physical Memory Protection, Address Matching', number, 4, 'Bytes of the smallest range. Where it is more than 4 NA4 cannot be chosen, and low bits of addresses do not count.'),
  otherPmpMode: parameter('II Physical Memory Protection, Address Matching', oneOf('NAPOT', 'OFF', 'A kept'), 'NAPOT', 'What A is once a value is written that the entry cannot have.'),
  reservedPmp: parameter('II Physical Memory Protection, Physical Memory Protection CSRs', oneOf('kept', 'no W', 'write ignored'), 'kept', 'What a PMP entry written with W and without R has: the combination is reserved.'),
  pmpSettings: parameter('II Physical Memory Protection and Paging', oneOf('at once', 'after SFENCE.VMA'), 'at once', 'When what is written to the registers of PMP is in force; SFENCE.VMA of all addresses and address spaces is what software has to execute.'),
  triggerRegisters: parameter('II Debug Mode; Debug Specification', oneOf('absent', 'read-only 0'), 'absent', 'Whether there are tselect and tdata1 to tdata3, which say that there is no trigger.'),
  timerComparison: parameter('II Sstc', oneOf('at once', 'an instruction later'), 'at once', 'When STIP is what comparing time with stimecmp gives, once that changes: it is so eventually, but not necessarily immediately.'),
  stipAfterStce: parameter('II Sstc', oneOf('as written before', 'as last compared', '0'), 'as written before', 'What STIP is once menvcfg.STCE is clear again: it is then what it is without Sstc, and nothing says of what content.'),
  schemes: parameter('II satp', several(oneOf('Sv32', 'Sv39', 'Sv48', 'Sv57')), ['Sv32', 'Sv39'], 'The translation schemes that satp.MODE may choose besides Bare; a write of another MODE leaves satp as it was. Without any SUM is read-only 0.'),
  bare: parameter('II satp', oneOf('there', 'absent'), 'there', 'Whether satp.MODE can be Bare; a write of it leaves satp as it was otherwise, and after reset it is the first of the schemes.'),
  mxrWithBareOnly: parameter('II mstatus, Memory Privilege', oneOf('writable', 'read-only 0'), 'writable', 'What MXR is where satp has Bare only: older versions of the manual leave it writable.'),
  ppnBits: parameter('II satp', number, 44, 'How many bits satp.PPN has, from the low end, at most those of physical addresses; on RV32 at most 22.'),
  asidBits: parameter('II satp', number, 16, 'How many bits of ASID there are, from the low end; on RV32 at most 9.'),
  bareFields: parameter('II satp', oneOf('as written', '0', 'unchanged', 'write ignored'), 'as written', 'What the other fields of satp are once Bare is written with fields that are not 0, or that such a write is ignored: its effect on translation is not specified either.'),
  sfenceWithBareOnly: parameter('II Supervisor Memory-Management Fence Instruction', oneOf('done', 'illegal instruction'), 'done', 'What SFENCE.VMA does where satp has Bare only.'),
  accessedDirty: parameter('II Virtual Address Translation Process', oneOf('page fault', 'hardware'), 'page fault', 'What an access to a page with A = 0 does, or a store to one with D = 0; with Svadu menvcfg.ADUE decides. Hardware that always sets them changes page tables without a trap; H has nothing against it.'),
  updatesBeforeFaults: parameter('II Addressing and Memory Protection', oneOf('none', 'A', 'A and D'), 'none', 'Which bits hardware has set in an entry that allows an access, where the access then fails: by PMP, by an attribute of memory, or in another piece. A may be set by speculation; D is set for stores that the program makes.'),
  reservedPointerBits: parameter('II Addressing and Memory Protection', oneOf('page fault', 'ignored'), 'page fault', 'What A, D or U in a pointer to the next level of a page table do: they are reserved for standard use.'),
  translationCache: parameter('II Virtual Address Translation Process', several(oneOf('leaf entries', 'invalid entries', 'pointers')), [], 'Which entries are used that memory no longer has, in their address space or if they are global, until SFENCE.VMA: the leaf that was found last for fetches and the one for data, instead of it an entry with V = 0 that was, and the pointer that was followed last.'),
  translationFence: parameter('II Supervisor Memory-Management Fence Instruction', oneOf('entries named', 'all entries'), 'entries named', 'What SFENCE.VMA throws away of them: the entries of the address and the address space in rs1 and rs2, pointers not by address, or all, as it may.'),
  instructionCache: parameter('I Zifencei', oneOf('none', 'last block'), 'none', 'Whether code is executed that memory no longer has: the aligned block of eight bytes that was fetched from last, until FENCE.I.'),
}

/** The same by any name. */
export const parameterOf: Readonly<Record<string, Parameter<unknown>>> = parameters as unknown as Readonly<Record<string, Parameter<unknown>>>

type Named = { readonly [K in keyof typeof parameters]: (typeof parameters)[K]['standard'] }
export interface Parameters extends Named {
  /** The width of an x register, and MXLEN. */
  readonly xlen: 32 | 64
  /** For claims satp moves pages by any one-to-one mapping; the machine that runs walks the page tables and has PMP. */
  readonly translation: 'any one-to-one' | 'walk'
}
export type Extension = Parameters['extensions'][number]
/** Extensions that a bit of misa turns off, where it can be written. */
export type WritableExtension = Parameters['writableExtensions'][number]
/** Translation schemes: Sv32 of RV32; Sv39, Sv48 and Sv57 of RV64. */
export type Scheme = Parameters['schemes'][number]
/** What a hart may keep of page tables. */
export type CachedEntry = Parameters['translationCache'][number]
export type AddressCause = Parameters['addressValues'][number]

export const defaults: Omit<Parameters, 'xlen'> = { translation: 'any one-to-one', ...(Object.fromEntries(Object.entries(parameters).map(([name, { standard }]) => [name, standard])) as unknown as Named) }

/** Codes of interrupts from 16 up, which are for platforms; the most urgent one first. */
export const platformInterrupts = (p: Pick<Parameters, 'interruptPriority'>): number[] => p.interruptPriority.filter((code) => code >= 16)
/** Bits of a physical address that there are: at most 34 on RV32. */
export const addressBits = (p: Pick<Parameters, 'physicalAddressBits' | 'xlen'>): number => Math.min(p.physicalAddressBits, p.xlen === 32 ? 34 : 56)

/** Bits of satp.PPN that there are. */
export const rootBits = (p: Pick<Parameters, 'ppnBits' | 'physicalAddressBits' | 'xlen'>): number => Math.min(p.ppnBits, addressBits(p) - 12)

/** Bits of an address that xtvec, xepc and xtval hold, the highest of which is repeated above it. */
export const heldBits = (p: Pick<Parameters, 'heldAddressBits' | 'xlen'>): number => Math.min(p.heldAddressBits, p.xlen)

/** Whether satp may choose a scheme: Sv32 where SXLEN can be 32, others where it can be 64. */
export const mayChoose = ({ xlen, SXL }: Pick<Parameters, 'xlen' | 'SXL'>, scheme: Scheme): boolean => (scheme === 'Sv32' ? xlen === 32 || SXL === 'writable' : xlen === 64)

/** Exceptions that can be delegated. */
export const delegableBits = (p: Pick<Parameters, 'delegableExceptions' | 'extensions'>): bigint => p.delegableExceptions & (p.extensions.includes('Zicfiss') ? mostExceptions : 0xb3ffn)
/** Whether any exception has a value; otherwise mtval is read-only 0. */
export const givesValues = (p: Pick<Parameters, 'addressValues' | 'illegalValue' | 'breakpointValue' | 'softwareCheckValue' | 'mtvalWithout' | 'extensions'>): boolean => {
  const given = [...p.addressValues, ...(p.illegalValue === 'instruction' ? ['illegal instruction' as const] : []), ...(p.breakpointValue === 'pc' ? ['breakpoint' as const] : [])]
  return given.some((cause) => !p.mtvalWithout.includes(cause)) || (p.extensions.includes('Zicfiss') && p.softwareCheckValue === 'cause')
}
/** PMP entries that have registers; those from `pmpEntries` on are read-only 0. */
export const pmpRegisters = ({ pmpEntries }: Pick<Parameters, 'pmpEntries'>): 0 | 16 | 64 => (pmpEntries === 0 ? 0 : pmpEntries <= 16 ? 16 : 64)
/** G: the smallest range is of 2^(G+2) bytes. */
export const pmpGrain = ({ pmpGranularity }: Pick<Parameters, 'pmpGranularity'>): number => Math.log2(pmpGranularity) - 2
