// What the Alpha model leaves out, and why.
export const leftOut: Readonly<Record<string, string>> = {
  'page tables and TB misses': 'one entry maps every page outside kseg; what the page table at a PTBR says is a bank of its own, and storage does not hold it',
  'aliases': 'kseg and the pages may lead to the same storage: here each has its own, since which references fault is what counts',
  'the frame of an exception': 'what PALcode pushes on the kernel stack and puts into a0 to a2 is only seen by the handler; every exception goes to entIF',
  'CALL_PAL callsys in kernel mode': 'a machine check, in user mode the system call: a trap in both',
  'CALL_PAL urti': 'returns from a trap taken in user mode: loads registers from the stack, and is refused in kernel mode',
  'CALL_PAL cserve, swppal, and functions that are not assigned': 'the console\'s and PALcode\'s own; below 40 (hexadecimal) opDec in user mode as the privileged functions that are modelled',
  'PALmode': 'PALcode runs as one instruction of the architecture that an operating system sees; its own opcodes are opDec outside it',
  'lock address': 'a conditional store succeeds by the flag alone',
  'what else clears the lock flag': 'the manual leaves it open for loads, stores, taken branches and calls of PALcode; here they keep it',
  'tbi with a selector other than -2 to 3': 'not defined; every verdict excludes such states',
  'LDx_L and STx_C of register 31, MT_FPCR and MF_FPCR with several registers': 'unpredictable; every verdict excludes such states',
  'floating-point arithmetic': 'refused where FEN is 0, in every mode alike, as the loads and copies that are modelled',
  'byte, word and multimedia operations, other literals and forms': 'general registers and storage only, as those modelled',
  'interrupts and the count of cycles': 'PCC_CNT and intr_flag do not move by themselves',
}
