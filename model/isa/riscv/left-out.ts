// What the RISC-V model leaves out, and why.
import type { State } from './state.ts'
import { widthsVary } from './widths.ts'

export const leftOut = (s: State): Readonly<Record<string, string>> => ({
  'page-table walk': 'satp.PPN stands for the tables: page v is mapped to page v exclusive-or PPN, with the low bits of its entry in PTE; one-to-one, as location sensitivity needs it; no superpages, no TLB',
  'effect of PMP': 'turns accesses into access faults, which are memory traps (W15); its registers are here',
  'interrupts': 'belong to the step, not to the instruction; their enables, delegations and pending bits are here',
  ...(s.events.length === 0 ? {} : { 'counting of events': 'belongs to the step, as that of mcycle and minstret does; the counters and what they count are here' }),
  'mtval and stval of an exception': 'are written with 0, as an implementation may',
  'instruction fetch': 'instructions are the operands of claims; so are page faults and access faults of the fetch, and FENCE.I',
  'arithmetic, conversions and the other comparisons of F and D': 'write f registers or x registers and fflags, and make FS Dirty, as FSGNJ.D and FEQ.D do',
  'other instructions of C': 'expand to instructions that are here, as those of each group that are',
  'V, Zvk, VS': 'as F and FS',
  ...(widthsVary(s) ? { 'modes with XLEN = 32': 'they have RV32; every computation of RV64 depends on the mode there' }
    : { 'UXL, SXL': `read-only, ${s.xlen}; where U-mode had another XLEN than S-mode every computation would depend on the mode` }),
  'debug and trigger CSRs': 'an optional specification of its own: debug mode is not one of M, S and U',
  'pointer masking (Ssnpm, Smnpm), landing pads (Zicfilp)': 'depend on senvcfg in U-mode and on menvcfg in S-mode, as Zicfiss does, and are kept alike in the same way',
  'hypervisor extension': 'H is what makes deprivileging unnecessary',
  'spurious failure of SC': 'allowed at any time; here SC fails only without a reservation of its address',
  ...(s.extensions.includes('Zicfiss') ? { 'shadow-stack pages': 'that an access needs such a page or must not touch one shows in faults only, which are memory traps (W15)' } : {}),
})

/** What the hart that runs leaves out: what claims do, but the walk, PMP, interrupts, the fetch and the rest of F, D and C. */
export const leftOutOfRunning = (s: State): Readonly<Record<string, string>> => {
  const there = ['page-table walk', 'effect of PMP', 'interrupts', 'counting of events', 'mtval and stval of an exception', 'instruction fetch', 'other instructions of C',
    'arithmetic, conversions and the other comparisons of F and D', 'modes with XLEN = 32']
  return {
    ...Object.fromEntries(Object.entries(leftOut(s)).filter(([what]) => !there.includes(what))),
    ...(s.translationCache.length > 0 || s.code ? {} : { 'caches and the translation buffer': 'memory and page tables are always in force as they are: FENCE, FENCE.I and SFENCE.VMA have nothing to do' }),
    ...(s.translationCache.length > 0 ? { 'more entries of the translation cache': 'there may be any number; here one for fetches, one for data and one pointer at most' } : {}),
    ...(s.spuriousFailure === 'none' ? {} : { 'spurious failure of SC': 'allowed at any time; here as `spuriousFailure` says' }),
    'devices': 'memory is RAM; the lines of interrupts and the time are registers that the board writes',
    ...(s.events.length > 0 ? {} : { 'events of hardware performance counters': 'none, unless `events` says so: counters 3 to 31 stand still unless they are written' }),
  }
}
