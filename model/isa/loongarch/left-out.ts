// What the LoongArch model leaves out, and why.
import type { State } from './state.ts'

export const leftOut = (s: State): Readonly<Record<string, string>> => ({
  'TLB lookup': 'the entry written last maps every page-mapped address, with its V, D, PLV, NR and RPLV; one-to-one, as location sensitivity needs it',
  'STLB': 'the TLB has 16 entries, all in the fully associative MTLB, which the configuration registers allow',
  'aliases': 'direct translation and the windows may lead to the storage that pages lead to: here each has its own, since which references fault is what counts',
  'jumps to an address that is no multiple of 4': 'the next fetch is refused, ADEF; here the two low bits are dropped',
  'memory access types': 'MAT, DATF and DATM choose caching, which is not modelled; of the cache operations only StoreTag changes what software reads',
  'CACOP 3': 'the implementation defines it; below PLV0 it is refused as the other privileged operations are',
  'INVTLB with an operation above 6': 'reserved: the exception INE at every level that may execute INVTLB, IPE elsewhere',
  'exception state': 'BADV, BADI and EsubCode are not filled in; a TLB refill, a machine error and a debug exception save in registers of their own, as only their handlers see',
  'multiplication high, division, signed and 64-bit forms, bit operations, other loads, stores and atomics': 'general registers and storage only, as those modelled',
  'floating-point arithmetic': 'refused where EUEN.FPE is 0, in every level alike, as the moves that are modelled',
  'interrupts, timers and counters': 'the registers are control state that does not move by itself',
  ...(s.architecture === 'la64' ? {
    'vector and binary translation extensions': 'refused where EUEN.SXE, ASXE or BTE is 0, in every level alike',
    'unaligned references': 'MISC.ALCL is constantly 1, as where the hardware has none; the LA464 has them, and there a level with ALCL 0 completes what the other refuses',
    'stores to pages that cannot be read': 'a store of less than a doubleword keeps the rest of its cell, which it reads: here NR refuses it, in every level alike',
    'RVACFG, STLBPS, watchpoints, MSGINT': 'registers of PLV0 only: CSRRD, CSRWR and CSRXCHG are refused below it whatever the number',
    'bound-checked references': 'a comparison of registers before a load or store; ASRTLE.D has the comparison',
    'LVZ': 'the virtualization extension, whose instructions are not in volume 1',
    'LDPTE of a large page, LDDIR of another level than 1 to 4': 'states of PLV0 that every verdict excludes; the manual leaves the levels open',
  } : {
    'CPUCFG': 'as in LA64: identity, read at every level',
    'TLBCLR, TLBFLUSH, LDDIR, LDPTE, IOCSR, DBCL': 'not in the reduced edition',
  }),
})
