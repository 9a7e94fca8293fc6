// What the MIPS model leaves out, and why.
import type { State } from './state.ts'

export const leftOut = (s: State): Readonly<Record<string, string>> => ({
  'delay slots': 'a jump takes effect at once; the link is past the delay slot, and BD in Cause is left out',
  'TLB lookup': 'the entry written last relocates all mapped segments, with its V and D; one-to-one, as location sensitivity needs it',
  'aliases': 'kseg0, kseg1 and the mapped segments may lead to the same storage: here each has its own, since which references fault is what counts',
  'caches': s.processor === 'r3000'
    ? 'cached and uncached storage are not told apart; with IsC of Status loads and stores would stay in the cache, which only the kernel sets; PE and CM are bits like the others'
    : 'cached and uncached storage are not told apart; of the operations of CACHE the two that move tags are modelled, the others write back or invalidate lines',
  'signed division, unaligned words (LWL, LWR, SWL, SWR), traps but TEQ, likely branches, other immediates': 'general registers, HI, LO and storage only, as those modelled',
  'floating point': 'computes with the registers of coprocessor 1 where CU1 is 1, in every mode alike; a VMM keeps CU1 and FR as the guest has set them, or traps',
  'coprocessors 2 and 3': 'as coprocessor 1',
  'exception state': 'Cause and BadVAddr are not filled in by an exception: only the trap handler reads them',
  'reserved coprocessor 0 registers': 'cells like the others; the manual leaves their contents open, in kernel mode only',
  'interrupts, Count and Random': 'Count and Random are control state that does not move',
  ...(s.processor === 'r3000'
    ? { 'BC0F, BC0T and CTC0, CFC0': 'coprocessor 0 instructions, refused as MFC0 is' }
    : {
      '64-bit operations and addressing': 'reserved in user and supervisor mode where UX and SX are 0, allowed in kernel mode: privileged and harmless',
      'WAIT, RDHWR, DI, EI': 'of later processors; WAIT is a coprocessor 0 instruction, RDHWR is enabled register by register (HWREna)',
    }),
})
