// What the Itanium model leaves out, and why.
export const leftOut: Readonly<Record<string, string>> = {
  'predication': 'instructions are taken with qp 0; where a predicate is false, every instruction does nothing at every level',
  'the register stack': 'general registers are those of the present frame by their numbers, and renaming, spills and fills are left out: CFM, PFS and IFS are kept',
  'NaT bits, speculation and the ALAT': 'general registers with a bit more; advanced and speculative loads, chk and the bits of deferral are left out',
  'translation lookup': 'one translation maps every data address, with its rights; hashing and tags are computed from the region registers and PTA',
  'PSR.be, ac, da, dd, ed, ia, id, is, ss': 'data is little-endian and aligned; bits of one instruction, and of IA-32',
  'traps after completed instructions': 'single step (ss), taken branch (tb) and lower-privilege transfer (lp) stop a program that is debugged',
  'protection keys': 'PSR.pk and the key registers refuse references, which are memory traps',
  'reserved registers and fields': 'CRs and others that do not exist are cells like those that do; the manual has them fault, in every level alike',
  'loadrs, flushrs, other branches, multimedia, floating-point arithmetic, other loads and stores': 'general state and storage only, as those modelled',
  'mov =ar and mov ar= of other registers': 'BSP, BSPSTORE, RNAT, UNAT, FPSR, and those of IA-32: unprivileged, and general state',
  'mov =ar.ruc, mov msr, vmsw': 'of later processors or of one implementation; vmsw is for level 0 only',
  'the interception of probe in a virtual machine': 'among the causes of revision 2.3 of the manual, and not of the first processors with VT-i',
  'interrupts and the count of time': 'IVR, EOI and the interval timer are control state that does not move',
  'interruption state': 'ISR, IFA, ITIR and IIM are not filled in; vectors are all one: only the handler sees them',
}
