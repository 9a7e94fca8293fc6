// What the model of x86-64 leaves out, and why.
import { leftOut as protectedMode } from '../left-out.ts'

const shared = [
  'misaligned references', 'descriptor tables in storage', 'PUSH of a segment register', 'undefined flags', 'LAR, limit bits', 'DR4 and DR5', 'MOV of CR0 and CR4',
  'numbers of model-specific registers, counters, CPUID leaves and ports', 'RF', 'floating point and MMX', 'caches and translation buffers',
  'undefined operation codes', 'rest of the computing instructions', 'what a trap pushes', 'single step, breakpoints and interrupts',
] as const

export const leftOut = (recent: boolean): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(shared.map((name) => [name, protectedMode[name]!])),
  'compatibility mode, and leaving long mode': 'the instructions of 32-bit mode, which has its own verdicts: a far transfer to a segment without L leaves the model',
  'page tables':
    'a one-level stand-in: pages in a row from the frame in CR3, of which the first are user pages; accessed and dirty bits, no-execute, write protection, SMEP, SMAP and protection keys are left out with it',
  'references through FS and GS': 'their bases are loaded, shown, swapped and kept; references go through the flat segments',
  'CS limit for near branches': 'a branch to an address that is not canonical, or not present, faults at its target, as a memory trap',
  'interrupt stack tables': 'every gate has IST 0',
  'far transfers of other operand sizes': 'CALL and JMP m16:32, the only ones on AMD processors, RET far and IRET of 32 bits: as those of 64 bits, with narrower pushes and pops',
  'LLDT and LTR': 'the type of the upper half of their descriptors is not checked',
  'SYSENTER and SYSEXIT': 'undefined in long mode on AMD processors; on Intel\'s as in 32-bit mode, where SYSENTER_CS = 0 refuses them',
  'PUSH and POP ES, CS, SS, DS by other names': 'their codes are undefined in 64-bit mode; C4, C5 and 62, once LES, LDS and BOUND, are prefixes, and 60, 61, 27, 2F, 37, 3F, D4, D5, 82 are undefined too',
  'SLDT, STR, SMSW, MOV from a segment register with 32 or 64 bits': 'the same value, extended by zeros',
  'extensions by addressing': 'an address is RBX and a displacement; a register field of 4 bits reaches R8 to R15',
  MWAIT: 'whether it waits is left open, hints other than 0 leave the model',
  'virtualization extensions': 'VMX and SVM add a mode of their own; EFER.LMSLE, AMD\'s segment limit for 64-bit mode, was taken back',
  ...(recent
    ? {
      'features of XCR0 above AVX, XGETBV of ECX 1': 'they leave the model',
      'other parts of CPUID 0D': 'of its parts in ECX only 0 shows what is enabled',
      'CLAC, STAC, RDPKRU, WRPKRU': 'belong to page protections that are left out',
    }
    : { 'user-mode instruction prevention, FSGSBASE, RDPID and XSAVE': 'came later: the variant umip has them' }),
})
