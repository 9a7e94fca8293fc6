// Where QEMU's x86 in 64-bit mode is known to do something else than the manual says.
import type { Deviation } from '../deviations.ts'
import { inEveryMode, volume3 } from '../x86/deviations.ts'

const isas = ['x86-64', 'x86-64/umip']
const farTransfers = ['JMP m16:64', 'CALL m16:64', 'RET far', 'RET far imm16', 'IRETQ', 'INT n', 'INT 3']
const volume2A = 'Intel 64 and IA-32 Architectures Software Developer\'s Manual, Volume 2A (253666-024)'
const volume2B = 'Intel 64 and IA-32 Architectures Software Developer\'s Manual, Volume 2B'

export const deviations: readonly Deviation[] = [
  ...inEveryMode(isas, { farTransfers, jumps: ['JMP m16:64'], returning: ['RET far', 'RET far imm16', 'IRETQ'], bits: 64 }),
  {
    emulator: 'QEMU', isas, instructions: ['SYSCALL'], difference: /^[COSZAPD]F becomes 0x1; the emulator's 0x0$/,
    does: 'clears CF, PF, AF, ZF, SF, DF and OF, whatever FMASK says',
    manual: `${volume2B}, 4-360 (SYSCALL): masks RFLAGS with IA32_FMASK, and clears no other flag but RF`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['SYSRET'], difference: /^the specification traps \(non-canonical\); the emulator completes/,
    does: 'takes an RCX that is not canonical as a processor of Intel too: the fault comes at the target, in level 3 (its issue 3223)',
    manual: `${volume2B}, SYSRET, Operation: #GP(0) where RCX is not canonical`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['JMP m16:64', 'IRETQ'], difference: /^the specification traps \(non-canonical\); the emulator completes/,
    does: 'goes to a target that is not canonical, and faults there; all far transfers do so (its issue 125)',
    manual: `${volume2A}, 3-96 (CALL), and IRET, 64-Bit Mode Exceptions: #GP(0) where the instruction pointer is not canonical`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['JMP m16:64'], difference: /^the specification traps \(#GP\(selector\)\); the emulator (completes|traps \(vector 11\b)/,
    does: 'takes a code segment that has both L and D; all far transfers do so',
    manual: `${volume2A}, 3-94 and 3-104 (CALL): #GP with the selector where the code segment has both the D bit and the L bit set`,
  },
  {
    emulator: 'QEMU 7.2', isas, instructions: ['RET far'], difference: /^the specification traps \(#PF\); the emulator (?!traps \(vector 14)/,
    does: 'reads and writes the stack in far transfers by a supervisor\'s rights: level 3 reaches supervisor pages so; a later version asks for the rights of the level (its changes `Allow IRET from user mode to user mode with SMAP` and `Use DPL-level accesses for interrupts and call gates`)',
    manual: `${volume3}, Access Rights: where CPL is 3 an access to a page of a supervisor is a page fault; only descriptor tables, the task state segment and the stack of an inner level are accessed by a supervisor's rights (Intel 80386 Programmer's Reference Manual, 6.4.3)`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['MOV SS, r16', 'MOV SS, m16', 'RET far', 'RET far imm16', 'IRETQ'],
    difference: /^the specification traps \(#GP\(selector\)\); the emulator completes/,
    does: 'takes a null selector for SS with any RPL but 3',
    manual: `${volume3} (253668-032), 6-53: #GP where a null selector is loaded into SS in 64-bit mode outside level 3 and RPL is not CPL`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['MOV SS, r16', 'MOV SS, m16'], difference: /^CPL becomes 0x[12]; the emulator's 0x0$/,
    does: 'goes to level 0 when level 1 or 2 loads a null selector into SS: any program of level 1 or 2 has the rights of level 0 so',
    manual: `${volume3} (253668-032), 6-53: levels 1 and 2 may load a null selector with their RPL in 64-bit mode; a load of SS does not change CPL`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['CALL m16:64'], difference: /^CPL becomes 0x[12]; the emulator's 0x0$/,
    does: 'goes to level 0 through a call gate to level 1 or 2',
    manual: `${volume3}, Accessing a Code Segment Through a Call Gate: CPL becomes the DPL of the code segment`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['CALL m16:64'], difference: /^R\[0x4\] becomes /,
    does: 'cuts RSP to the 32 or 16 bits that the descriptor in SS tells in a CALL through a gate that stays on its stack',
    manual: `${volume3}, Stack Behavior in 64-bit mode: RSP has 64 bits, whatever the B flag of the stack segment says`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['LSL r32, m16'], difference: /^(ZF becomes 0x0; the emulator's 0x1|R\[0x[0-9a-f]\] becomes 0x[0-9a-f]+; the emulator's 0x[0-9a-f]+)$/,
    does: 'knows system descriptors in LSL, and in LAR, that 64-bit mode does not have: task state segments of 16 bits, and in LAR call gates of 16 bits and task gates',
    manual: `${volume2A}, 3-559 (LSL) and LAR, table of the descriptor types: in IA-32e mode types 1, 3, 4 and 5 are reserved, and not valid`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['LSS r64, m16:64', 'LFS r64, m16:64', 'LGS r64, m16:64'],
    does: 'ignores REX.W: it takes a pointer with an offset of 32 bits, as processors of AMD do',
    manual: `${volume2A}, 3-529 and 3-530 (LSS): REX.W makes the source an 80-bit pointer, a selector and an offset of 64 bits`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['IRETQ'], difference: /^[DEFG]S(\.rights)? becomes 0x[0-9a-f]+; the emulator's 0x0$/,
    does: 'makes data segments null in an IRETQ that stays at its level too: null selectors lose their RPL, and segments of inner levels go',
    manual: `${volume2A}, IRET, Operation: the data segments are looked at in a return to an outer level only`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['IRETQ'], difference: /^[FG]S becomes 0x0; the emulator's 0x[123]$/,
    does: 'keeps null selectors in FS and GS in an IRETQ to an outer level; in DS and ES it makes them 0',
    manual: `${volume2A}, IRET, Operation, in its later versions: a null selector in ES, FS, GS or DS becomes 0 in a return to an outer level`,
  },
  {
    emulator: 'QEMU 7.2', isas, instructions: ['RDPID r64'], difference: /the emulator traps \(vector 6\)$/,
    does: 'does not know RDPID, and says so when it is asked for',
    manual: `${volume2B}, RDPID: reads IA32_TSC_AUX`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['XSETBV'], difference: /^the specification traps \(#UD\); the emulator traps \(vector 13\)$/,
    does: 'looks at the level before it looks at CR4.OSXSAVE',
    manual: `${volume3}, Priority Among Concurrent Events: an invalid operation code is found in decoding, before faults in executing an instruction; Volume 2: XSETBV is #UD where CR4.OSXSAVE is 0`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['WRFSBASE r64', 'WRGSBASE r64'], difference: /^the specification traps \(non-canonical\); the emulator completes/,
    does: 'takes a base that is not canonical',
    manual: `${volume2B}, WRFSBASE/WRGSBASE: #GP(0) where the source is not a canonical address`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['LTR r16', 'LTR m16'], difference: /^the specification traps \(#GP\(selector\)\); the emulator traps \(vector 11\b/,
    does: 'takes a task state segment of 16 bits',
    manual: `${volume3}, System-Segment and Gate-Descriptor Types: type 1 is reserved in IA-32e mode`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['MONITOR'], difference: /^the specification traps \((#PF|non-canonical)\); the emulator completes/,
    does: 'does not look at the address',
    manual: `${volume2A}, 3-596 (MONITOR): subject to the permission checking and faults of the load of a byte`,
  },
]
