// What the ARM model leaves out, and why.
import type { State } from './state.ts'

export const leftOut = (s: State): Readonly<Record<string, string>> => ({
  'conditions other than AL': 'where its condition fails an instruction does nothing, in any mode, also one that is otherwise privileged; BEQ stands for those that hold',
  'Thumb, ThumbEE and Jazelle': 'other instruction sets; Thumb-2 encodes the same system instructions, BXJ is modelled with the trivial Jazelle',
  'R8 to R12 of FIQ mode': 'banked as R13 and R14 are',
  'immediate and shifted operands of data processing': 'compute another operand from general registers and C; the register form without shift stands for them',
  'flag-setting data processing to registers but the PC': 'writes a general register and N, Z, C, V, which the form without S and CMP show',
  'register lists and addressing modes of LDM and STM': 'increment after without write-back, of R0, of R13 and R14 (user registers), of the PC (exception return); the rest repeats them',
  'write-back of RFE and SRS': 'adds 8 to a base register that the instruction has named',
  'MSR (immediate) without the control field': 'MSR (register) has every field mask; in version 7 the masks that are 0 are hints',
  'long multiplication, saturation, SIMD, bit fields, packing, CRC, doubleword transfers': 'general registers, Q, GE and storage only, as MUL, QADD and LDR',
  'coprocessors 0 to 13, VFP and Advanced SIMD': 'the registers are the guest\'s own; access is enabled by CPACR, which a VMM sets as the guest does or refuses',
  'other registers of coprocessors 14 and 15': 'each is like one of those here: refused to User mode, or the user\'s own, or enabled by a control register',
  'words and targets that are UNPREDICTABLE in every mode': 'R15 or two equal registers where an instruction may not have them, an empty register list, MSR of no byte, CPS that changes nothing, SRS for a mode that is none, BX to an address that ends in 10: the manual lets anything happen there on the bare machine too; no verdict speaks of them',
  'unaligned addresses': 'data abort, as with SCTLR.A = 1',
  'translation': 'relocation by whole pages (TTBR0 stands for the tables) and two permission bits for each page; domains are clients; AP[2], XN and the TLB are left out',
  ...(s.version < 6 ? { 'branches of version 5 to unaligned addresses': 'bits 1 and 0 are ignored, as since version 6; UNPREDICTABLE' } : {}),
  ...(s.version < 7 ? { 'the PC as it is stored': 'the instruction\'s address plus 8, as since version 7; before, an implementation may choose 12' } : {}),
  'prefetch aborts': 'instructions are the operands of claims, not fetched',
  'invalid modes': 'a status register with M that names no mode is written as it is; the manual leaves the outcome open',
  'address of the exclusive monitor': 'one bit, cleared by STREX and CLREX',
  ...(s.hyp ? {
    'SMC and Monitor mode': 'a call to the Secure world, which traps there or to Hyp mode (HCR.TSC)',
    'MSR and MRS of banked registers': 'the other modes\' registers, which the virtual machine has to itself; those of Hyp mode are UNPREDICTABLE to it',
    'a write of Hyp mode to CPSR.M': 'UNPREDICTABLE in the virtual machine\'s modes, and may not enter Hyp mode',
    'traps of what a virtual machine has to itself': 'HCR.TVM, TSW, TPC, TPU, TTLB, HSTR and HCPTR may be set or not: no verdict asks for them',
    'virtual interrupts': 'HCR.VA, VI, VF and ISR: events, not instructions',
  } : { 'Security and Virtualization Extensions': 'SMC, HVC, ERET, MSR and MRS of banked registers, Monitor and Hyp mode: armv7/virtualization is with them' }),
  'generic timer': 'an optional extension; its User mode enables in CNTKCTL are like PMUSERENR.EN',
  ...(s.version === 7 ? { 'SWP and SWPB': 'deprecated; undefined where SCTLR.SW = 0' } : {}),
  ...(s.version === 6 ? { 'hints, LDRHT and its kin, CLREX, thread registers': 'ARMv6K and ARMv6T2; see armv7' } : {}),
})
