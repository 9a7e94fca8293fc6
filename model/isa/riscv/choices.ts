// What the manuals leave open, said to people: each parameter, in the order of the manuals.
import { settings } from './settings.ts'
import { addressBits, delegableBits, heldBits, mayChoose, pmpRegisters, type Parameters, type Region } from './parameters.ts'

/** What is left open, and the section that does so: I is the unprivileged volume, II the privileged one. */
interface Opening {
  readonly about: string
  readonly section?: string
}
const at = (section: string, about: string): Opening => ({ about, section })

/** A sentence for each parameter. */
export const meanings: Readonly<Record<keyof Parameters, Opening>> = {
  xlen: at('II misa', 'The width of an x register, and MXLEN.'),
  extensions: at('I Introduction', 'Extensions beyond those of the name.'),
  translation: { about: 'For claims satp moves pages by any one-to-one mapping; the machine that runs walks the page tables and has PMP.' },
  reservedEncodings: at('I Expanded Instruction-Length Encoding', 'What a reserved encoding of 16 or 32 bits does, as are those of extensions that are not there; without effect the next instruction follows. Hints and the reserved fields of FENCE and FENCE.I do nothing in any case, and words of zeros or ones are illegal.'),
  fetchBlock: at('II Physical Memory Protection, Priority and Matching Logic; mtval', 'Bytes of the aligned blocks in which instructions are fetched: PMP and the attributes of memory must allow all of a block. With 2 each half of 16 bits is by itself. A fault says which half is in the block.'),
  misaligned: at('I Load and Store Instructions', 'What a misaligned load or store does: an address-misaligned exception is what trapped means, an access fault says that it should not be emulated.'),
  misalignedAtomics: at('I A', 'Which exception a misaligned AMO, LR or SC raises: address misaligned is what trapped means. II Physical Memory Attributes, Alignment, allows that only where loads and stores of the same width trap as well.'),
  misalignedReservations: at('I A, Load-Reserved/Store-Conditional', 'The same of LR and SC, where they differ from AMOs.'),
  atomicityGranule: at('II Physical Memory Attributes (1.13)', 'Bytes of an aligned block within which misaligned loads, stores and AMOs, but not LR and SC, are done in any case; 0 for none.'),
  misalignedPieces: at('II Physical Memory Protection, Priority and Matching Logic', 'Bytes of the aligned blocks into which misaligned loads and stores are taken apart, each piece translated and checked by itself: 4096 for pages only, 1 for single bytes. On RV32 up to 4 also take FLD and FSD apart where they are aligned.'),
  pieceOrder: at('II Physical Memory Protection, Priority and Matching Logic', 'Which piece is done first; its fault is the one that is raised.'),
  failingStore: at('II Physical Memory Protection, Priority and Matching Logic; Addressing and Memory Protection', 'Whether the pieces of a store that come before the one that faults are written.'),
  misalignedPriority: at('II mcause', 'Whether an address-misaligned exception comes before or after page faults and access faults; where it is an access fault instead, page faults come before.'),
  reservationSet: at('I A, Load-Reserved/Store-Conditional', 'Where an SC may succeed: at the address of its LR, or anywhere in the aligned block of so many bytes that LR reserved.'),
  reservationWidth: at('I A, Load-Reserved/Store-Conditional', 'Whether an SC of another width than its LR may succeed.'),
  reservationPlace: at('I A, Load-Reserved/Store-Conditional', 'Whether an SC fails whose address is mapped to what LR reserved, but is another virtual address than that of LR.'),
  reservationEnds: at('I A, Load-Reserved/Store-Conditional', 'When a reservation ends, where nobody else writes memory.'),
  spuriousFailure: at('I A, Eventual Success of Store-Conditional Instructions', 'What ends a reservation besides: nothing, a store or AMO of the hart itself, or whatever may not stand between LR and SC in a constrained loop. SC may fail at any time, but for such loops.'),
  reservationLife: at('I A, Eventual Success of Store-Conditional Instructions', 'After how many completed instructions a reservation ends by itself; a constrained loop has 16 at most.'),
  failingSc: at('I A, Load-Reserved/Store-Conditional', 'Whether an SC without its reservation raises the page faults and access faults of a store, and sets A and D as one; a misaligned one always traps. Its code is 1, unspecified: other codes are reserved.'),
  reservedRounding: at('I F, Floating-Point Control and Status Register', 'What an instruction with a reserved rounding mode does.'),
  reservedCsr: at('I Zicsr; II CSR Address Mapping', 'What access to a number that no CSR has does; the manual reserves it, and recommends nothing.'),
  timeRegister: at('II mtime', 'Whether time, and on RV32 timeh, is read by the hart, or traps, so that M-mode does it.'),
  cacheBlock: at('I CMO, Software Discovery', 'Size of a cache block in bytes, for Zicbom.'),
  zeroBlock: at('I CMO, Software Discovery', 'The same for Zicboz.'),
  CBIE: at('I CMO, Control and Status Register State', 'What menvcfg.CBIE can choose besides an illegal instruction (WARL); a write of another value, or of the reserved one, leaves it as it was.'),
  supervisorCBIE: at('I CMO, Control and Status Register State', 'The same of senvcfg.CBIE.'),
  misa: at('II misa', 'Whether misa says what there is, or is 0, as it may.'),
  writableExtensions: at('II misa', 'The bits of misa that software can write, to turn extensions off and on: none need be. Instructions of an extension that is off are illegal; without C jumps to addresses that are no multiple of 4 trap; what an extension has kept is there when it is on again, which is not specified. MXL is read-only, as 1.13 has it.'),
  mvendorid: at('II mvendorid', 'The manufacturer.'),
  marchid: at('II marchid', 'The microarchitecture.'),
  mimpid: at('II mimpid', 'The version of the implementation.'),
  mhartid: at('II mhartid', 'The number of the hart; one hart has 0.'),
  mconfigptr: at('II mconfigptr', 'The physical address of a description of the machine.'),
  reservedPrivilege: at('II mstatus, Privilege and Global Interrupt-Enable Stack', 'What MPP is once 2 is written, which is no mode.'),
  MBE: at('II mstatus, Endianness Control', 'The bit that makes data of M-mode big-endian: each of the three may be writable or not. Instructions are little-endian.'),
  SBE: at('II mstatus, Endianness Control', 'That of S-mode, and of page tables.'),
  UBE: at('II mstatus, Endianness Control', 'That of U-mode.'),
  vectorStatus: at('II mstatus, Extension Context Status', 'What mstatus.VS can be; without vector registers it may be read-only 0, or be there for their emulation, and tell Initial and Clean from Dirty or not.'),
  virtualizationBits: at('II mstatus, Virtualization Support', 'Which of these bits can be set; others are read-only 0, as WARL fields may be. The newest manual (2026) wants them writable: all but TVM, which is read-only 0 where satp has Bare only.'),
  SXL: at('II mstatus, Base ISA Control', 'SXLEN, XLEN in S-mode: that of M-mode, or 32 or 64 as the field is written. RV32 does not have the field.'),
  UXL: at('II mstatus, Base ISA Control', 'UXLEN, XLEN in U-mode: the same, or that of S-mode, which it never exceeds. A mode with 32 has RV32; mepc, and sepc where it is wider, get its pc sign-extended, xtval its addresses modulo 2^32.'),
  dirtiness: at('II mstatus, Extension Context Status', 'Whether mstatus.FS tells Initial and Clean from Dirty; the manual also allows an implementation that knows Off and Dirty only.'),
  fsWithoutF: at('II mstatus, Extension Context Status', 'What mstatus.FS is while misa has F off.'),
  becomesDirty: at('II mstatus, Extension Context Status', 'When mstatus.FS becomes Dirty: where f registers, fflags, frm or fcsr are written or flags raised, only where their contents become others by that, or also with each instruction of F and D that only reads them.'),
  vectorModes: at('II mtvec', 'The modes of mtvec.'),
  supervisorVectorModes: at('II stvec', 'The modes of stvec.'),
  mtvec: at('II mtvec', 'Whether mtvec can be written, or what it always is.'),
  directAlignment: at('II mtvec', 'Of how many bytes BASE of mtvec is a multiple in direct mode: lower bits are written as 0.'),
  vectoredAlignment: at('II mtvec', 'The same in vectored mode.'),
  supervisorVectoredAlignment: at('II stvec', 'The same of stvec in vectored mode.'),
  reservedVectorMode: at('II mtvec', 'What writing a MODE that is reserved, or that the hart has not, does to mtvec: BASE is written unless the write is ignored.'),
  supervisorReservedVectorMode: at('II stvec', 'The same for stvec.'),
  delegableExceptions: at('II medeleg', 'The bits of medeleg that can be set; each may be read-only 0.'),
  medelegh: at('II medeleg', 'Whether RV32 has medelegh, all of whose bits are of exceptions that there are not: version 1.13 has it, 1.12 has not.'),
  delegableInterrupts: at('II mideleg', 'The bits of mideleg that can be set; each may be read-only 0. Those of interrupts for M-mode, which few harts have, are bits of sie and sip too; what is taken first the manual leaves open for them, and here it is as for M-mode.'),
  delegatedInterrupts: at('II mideleg', 'The bits of mideleg that are read-only 1; those of interrupts for M-mode are not.'),
  interrupts: at('II mip, sip', 'The bits of mie that are there, of the standard ones; others of mie and mip are read-only 0, and their interrupts never pending.'),
  interruptPriority: at('II mip', 'The codes of interrupts, the first of which comes first where there are several: those from 16 up are the platform\'s, and so is their place among the others.'),
  platformPending: at('II mip', 'Whether software can write the bits of mip, and of sip, of interrupts from 16 up; otherwise their sources clear them.'),
  interruptDelay: at('II mip', 'How many instructions are done between that an interrupt is there to be taken and that it is taken: a bounded number. After MRET, SRET and WFI, and after a write of mip, mie, mstatus, mideleg, sip, sie or sstatus, it is taken at once.'),
  performanceCounters: at('II Hardware Performance Monitor', 'Which of mhpmcounter3 to mhpmcounter31 there are, by bits; others and their events are read-only 0. They count nothing here.'),
  performanceCounterBits: at('II Hardware Performance Monitor', 'How many bits mhpmcounter3 to mhpmcounter31 have, from the low end.'),
  eventBits: at('II Hardware Performance Monitor', 'The bits of mhpmevent3 to mhpmevent31 that can be set; on RV32 the low half.'),
  absentCounters: at('I Zihpm', 'What reading hpmcounter3 to hpmcounter31 does where there is no such counter.'),
  counterEnables: at('II mcounteren', 'The bits of mcounteren that can be set; each may be read-only 0.'),
  supervisorCounterEnables: at('II scounteren', 'The bits of scounteren that can be set; each may be read-only 0.'),
  counterInhibit: at('II mcountinhibit', 'The bits of mcountinhibit that can be set, or that it is not there, so that all counters count.'),
  cycles: at('II Hardware Performance Monitor', 'How far mcycle goes with each instruction, also one that traps: cycles are what an implementation says they are.'),
  heldAddressBits: at('II mtvec, stvec, mepc, sepc, mtval, stval', 'How many bits of addresses these registers have, the highest of which is repeated above it: others than can be valid become one that cannot be either.'),
  causeBits: at('II mcause', 'How many bits of the code mcause holds, besides the bit of interrupts.'),
  supervisorCauseBits: at('II scause', 'How many bits of the code scause holds, besides the bit of interrupts.'),
  unsupportedCause: at('II mcause, scause; CSR Field Specifications, WLRL', 'What writing a code that needs more bits to mcause or scause does.'),
  addressValues: at('II mtval, stval', 'The exceptions after which xtval is the address at fault; after others of their kind it is 0. Where no exception at all has a value mtval is read-only 0.'),
  illegalValue: at('II mtval, stval', 'What xtval is after an illegal-instruction exception.'),
  breakpointValue: at('II mtval, stval', 'What xtval is after EBREAK.'),
  limitedWait: at('II mstatus, Virtualization Support; Wait for Interrupt', 'What WFI does below M-mode where TW is 1: it may complete within a time limit.'),
  userWait: at('II mstatus, Virtualization Support; Wait for Interrupt', 'What WFI does in U-mode whatever TW is: it may complete within a time limit.'),
  limitedReservationWait: at('I Zawrs', 'What WRS.NTO does below M-mode where TW is 1: it may complete within a time limit.'),
  wait: at('II Wait for Interrupt', 'Whether WFI stalls until an interrupt is pending and enabled; it may complete at any time.'),
  reservationWait: at('I Zawrs', 'Whether WRS.NTO stalls until an interrupt is pending and enabled, as no other hart writes to the reservation set here; it may complete at any time.'),
  fiom: at('II menvcfg, senvcfg', 'Whether FIOM of both is there; it may be read-only 0 where satp has Bare only.'),
  mseccfg: at('II mseccfg', 'Whether there is mseccfg, which is optional, also where no extension has bits in it.'),
  resetPc: at('II Reset', 'The address of the first instruction after reset.'),
  nmiVector: at('II Non-Maskable Interrupts', 'Where a non-maskable interrupt goes to, if there is one: into M-mode, as a trap that nothing disables.'),
  nmiCode: at('II Non-Maskable Interrupts', 'The code in mcause after a non-maskable interrupt, beside the bit of interrupts; 0 where its sources are not told apart.'),
  resetState: at('II Reset', 'What registers hold after reset that the manual does not give a value: mcause may say why there was a reset, entries of PMP (pmpcfg[0], pmpaddr[0]) may be on. Others are 0.'),
  regions: at('II Physical Memory Attributes', 'The physical addresses at which there is memory, and which accesses of which widths, which atomic operations and which page tables it does not support; other accesses are access faults.'),
  physicalAddressBits: at('II satp; Physical Memory Protection CSRs; Sv32, Sv39', 'How many bits physical addresses have, from the low end; those of satp.PPN and of pmpaddr are as many. Access to a higher one is an access fault. On RV32 at most 34.'),
  pmpEntries: at('II Physical Memory Protection', 'How many PMP entries there are; 0, 16 or 64 have registers, of which those of no entry are read-only 0. Without any S-mode and U-mode may do everything.'),
  pmpConstants: at('II Physical Memory Protection, Physical Memory Protection CSRs', 'Entries that are read-only, and what they hold.'),
  pmpModes: at('II Physical Memory Protection, Address Matching', 'What A of an entry can be besides OFF.'),
  pmpLock: at('II Physical Memory Protection, Locking and Privilege Mode', 'Whether entries have the bit L.'),
  pmpGranularity: at('II Physical Memory Protection, Address Matching', 'Bytes of the smallest range. Where it is more than 4 NA4 cannot be chosen, and low bits of addresses do not count.'),
  otherPmpMode: at('II Physical Memory Protection, Address Matching', 'What A is once a value is written that the entry cannot have.'),
  reservedPmp: at('II Physical Memory Protection, Physical Memory Protection CSRs', 'What a PMP entry written with W and without R has: the combination is reserved.'),
  triggerRegisters: at('II Debug Mode; Debug Specification', 'Whether there are tselect and tdata1 to tdata3, which say that there is no trigger.'),
  stipAfterStce: at('II Sstc', 'What STIP is once menvcfg.STCE is clear again: it is then what it is without Sstc, and nothing says of what content.'),
  schemes: at('II satp', 'The translation schemes that satp.MODE may choose besides Bare; a write of another MODE leaves satp as it was. Without any SUM is read-only 0.'),
  asidBits: at('II satp', 'How many bits of ASID there are, from the low end; on RV32 at most 9.'),
  bareFields: at('II satp', 'What the other fields of satp are once Bare is written with fields that are not 0.'),
  sfenceWithBareOnly: at('II Supervisor Memory-Management Fence Instruction', 'What SFENCE.VMA does where satp has Bare only.'),
  accessedDirty: at('II Virtual Address Translation Process', 'What an access to a page with A = 0 does, or a store to one with D = 0; with Svadu menvcfg.ADUE decides. Hardware that always sets them changes page tables without a trap; H has nothing against it.'),
  updatesBeforeFaults: at('II Addressing and Memory Protection', 'Which bits hardware has set in an entry that allows an access, where the access then fails: by PMP, by an attribute of memory, or in another piece. A may be set by speculation; D is set for stores that the program makes.'),
  reservedPointerBits: at('II Addressing and Memory Protection', 'What A, D or U in a pointer to the next level of a page table do: they are reserved for standard use.'),
  translationCache: at('II Virtual Address Translation Process', 'Which entries are used that memory no longer has, in their address space or if they are global, until SFENCE.VMA: the leaf that was found last for fetches and the one for data, instead of it an entry with V = 0 that was, and the pointer that was followed last.'),
  translationFence: at('II Supervisor Memory-Management Fence Instruction', 'What SFENCE.VMA throws away of them: the entries of the address and the address space in rs1 and rs2, pointers not by address, or all, as it may.'),
  instructionCache: at('I Zifencei', 'Whether code is executed that memory no longer has: the aligned block of eight bytes that was fetched from last, until FENCE.I.'),
}

type Choices = Readonly<Record<string, { readonly chosen: string; readonly others?: readonly string[]; readonly about: string }>>

/** For people: each parameter with what is chosen. */
export const choicesOf = (p: Parameters): Choices => {
  const own = {
    ...p, schemes: p.schemes.filter((name) => mayChoose(p, name)), asidBits: Math.min(p.asidBits, p.xlen === 32 ? 9 : 16), causeBits: Math.min(p.causeBits, p.xlen - 1), supervisorCauseBits: Math.min(p.supervisorCauseBits, p.xlen - 1), physicalAddressBits: addressBits(p), heldAddressBits: heldBits(p), delegableExceptions: delegableBits(p),
    pmpEntries: pmpRegisters(p) === p.pmpEntries ? p.pmpEntries : `${p.pmpEntries} of ${pmpRegisters(p)}`,
  }
  return Object.fromEntries(Object.entries(meanings).map(([name, { about, section }]) => [name, { chosen: shown(own[name as keyof Parameters]), ...othersOf(name, own[name as keyof Parameters]), about: placed(about, section) }]))
}
/** Where there are few: the other values. */
const othersOf = (name: string, chosen: unknown): { readonly others?: readonly string[] } => {
  const all = settings[name as keyof typeof settings]?.all
  return all === undefined ? {} : { others: all.filter((value) => value !== chosen).map(String) }
}
const placed = (about: string, section: string | undefined): string => (section === undefined ? about : `${section}: ${about}`)
const shown = (value: Parameters[keyof Parameters] | string): string => {
  if (typeof value === 'bigint') return hexadecimal(value)
  if (typeof value !== 'object') return `${value}`
  const all = Array.isArray(value) ? (value as readonly (string | number | Region)[]).map((v) => (typeof v === 'object' ? shownRegion(v) : `${v}`))
    : Object.entries(value as Parameters['resetState'] | Parameters['pmpConstants']).map(([name, v]) => `${name} = ${typeof v === 'bigint' ? hexadecimal(v) : `${hexadecimal(v.config)} ${hexadecimal(v.address)}`}`)
  return all.join(', ') || 'none'
}
const hexadecimal = (n: bigint): string => `0x${n.toString(16)}`
const shownRegion = ({ base, size, without = [], widths }: Region): string =>
  `${hexadecimal(base)} to ${hexadecimal(base + size - 1n)}${widths ? ` in widths of ${widths.join(' and ')}` : ''}${without.length > 0 ? ` without ${without.join(' and ')}` : ''}`
