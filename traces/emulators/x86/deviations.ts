// Where QEMU's x86 is known to do something else than the manual says.
import type { Deviation } from '../deviations.ts'

const farTransfers = ['JMP ptr16:32', 'JMP m16:32', 'CALL ptr16:32', 'CALL m16:32', 'RET far', 'RET far imm16', 'IRETD', 'INT n', 'INT 3', 'INTO']
const entering = ['CALL ptr16:32', 'CALL m16:32', 'INT n', 'INT 3', 'INTO']
const returning = ['RET far', 'RET far imm16', 'IRETD']
const isas = ['x86-32', 'x86-32/umip']
const volume2 = 'Intel Architecture Software Developer\'s Manual, Volume 2 (243191)'
export const volume3 = 'Intel 64 and IA-32 Architectures Software Developer\'s Manual, Volume 3A'
/** `1` in the last digit where the emulator keeps it as it was, `0`. */
const unmarked = [1, 3, 5, 7, 9, 11, 13, 15].map((n) => n.toString(16)).map((odd, i) => `${odd}; the emulator's 0x\\k<head>${(2 * i).toString(16)}`).join('|')

/** What it does in 32-bit and in 64-bit mode. */
export const inEveryMode = (
  isas: readonly string[], { farTransfers, jumps, returning, bits }:
  { readonly farTransfers: readonly string[], readonly jumps: readonly string[], readonly returning: readonly string[], readonly bits: 32 | 64 },
): readonly Deviation[] => [
  {
    emulator: 'QEMU', isas, instructions: returning, difference: /^the specification traps \(#SS\(selector\)\); the emulator traps \(vector 11\b/,
    does: 'gives #NP for an outer stack segment that is not present',
    manual: `${volume2}, 3-326 (IRET): #SS with the selector where the stack segment is not present`,
  },
  {
    emulator: 'QEMU', isas, instructions: farTransfers, difference: new RegExp(`^(?:[CS]S\\.rights|DT\\.rights\\[0x[0-9a-f]+\\]) becomes 0x(?<head>[0-9a-f]*)(?:${unmarked})$`),
    does: 'loads CS, and SS in a change of level, without setting the accessed bit of the descriptor; only MOV, POP and LDS to LSS set it',
    manual: `${volume3}, Code- and Data-Segment Descriptor Types: the processor sets the accessed bit whenever it loads a segment's selector into a segment register`,
  },
  {
    emulator: 'QEMU', isas, instructions: jumps, difference: /^the specification traps \(#NP\); the emulator traps \(vector 13\b/,
    does: 'gives #GP for a code segment that is not present behind a call gate; a CALL through the same gate gives #NP',
    manual: `${volume2}, 3-339 (JMP): #NP with the selector where the code segment is not present`,
  },
  {
    emulator: 'QEMU', isas, instructions: jumps, difference: /^the specification traps \(#GP\(selector\)\); the emulator completes/,
    does: 'takes a null code selector in a call gate: it goes by the first descriptor of the global table; a CALL through the same gate gives #GP',
    manual: `${volume2}, 3-337 (JMP): #GP(0) where the selector in the call gate is null`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['RET far imm16'], difference: /^R\[0x4\] becomes 0x[0-9a-f]*(?<low>[0-9a-f]{4}); the emulator's 0x[0-9a-f]*\k<low>$/,
    does: 'takes the number of bytes to release as a signed one',
    manual: `${volume2}, RET: the operand is the number of bytes to be released from the stack`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['LTR r16', 'LTR m16'], difference: /^the specification traps \(#GP\(selector\)\); the emulator completes/,
    does: 'takes a null selector',
    manual: 'Intel 64 and IA-32 Architectures Software Developer\'s Manual, Volume 2A, 3-563 (LTR): #GP(0) where the source is a null selector',
  },
  {
    emulator: 'QEMU 7.2', isas, instructions: ['DR0-DR3', 'DR6', 'DR7'].flatMap((r) => [`MOV r${bits}, ${r}`, `MOV ${r}, r${bits}`]),
    difference: /^the specification traps \(#DB\); the emulator (completes|traps \(vector 13\))/,
    does: 'does not know DR7.GD; a later version does (its change `target/i386: implement DR7.GD`)',
    manual: `${volume2}, 3-409 (MOV of debug registers): #DB where a debug register is accessed while DR7.GD is set`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['RDPMC'], difference: /the emulator traps \(vector 6\)$/,
    does: 'has no performance counters: RDPMC is an undefined operation code where it is permitted; the processor that is emulated has none by its CPUID',
    manual: 'Intel 64 and IA-32 Architectures Software Developer\'s Manual, Volume 2B (RDPMC): reads the counter that ECX names',
  },
]

export const deviations: readonly Deviation[] = [
  ...inEveryMode(isas, { farTransfers, jumps: ['JMP ptr16:32', 'JMP m16:32'], returning, bits: 32 }),
  {
    emulator: 'QEMU', isas, instructions: ['MOV r32, m32', 'MOV m32, r32'], difference: /^the specification traps \(limit\)/,
    does: 'does not compare a reference with its segment\'s limit, and does not ask whether the segment register is null',
    manual: `${volume3}, Limit Checking: a reference beyond the segment's limit is a general-protection fault, and so is one through a null DS; QEMU's own documentation (Current QEMU limitations) says that it tests neither limits nor access rights at each reference`,
  },
  {
    emulator: 'QEMU', isas, instructions: [...entering, ...returning], difference: /^the specification traps \(limit\); the emulator (completes|traps \(vector 14)/,
    does: 'does not compare the new EIP with the limit of the code segment in far RET, IRETD, INT n and a CALL through a gate',
    manual: `${volume2}, 3-59 (CALL), 3-315 (INT n), 3-325 and 3-326 (IRET): #GP(0) where the instruction pointer is not within the code segment's limit`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['CALL ptr16:32', 'CALL m16:32'], difference: /^the specification traps \(limit\); the emulator traps \(vector 13, error code/,
    does: 'gives the selector as the error code of a direct far CALL beyond the limit of the code segment; a far JMP gives 0',
    manual: `${volume2}, 3-62 (CALL): #GP(0) where the target's offset is beyond the new code segment's limit`,
  },
  {
    emulator: 'QEMU', isas, instructions: entering, difference: /^the specification traps \(#SS\(selector\)\); the emulator traps \(vector 10\b/,
    does: 'gives #TS for an inner stack segment that is not present',
    manual: `${volume2}, 3-59 (CALL) and 3-315 (INT n): #SS with the selector where the new stack segment is not present`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['IRETD'], difference: /the emulator traps \((to virtual-8086 mode|vector 14, at)/,
    does: 'goes to virtual-8086 mode, and loads IF and IOPL with it, at every level where the image of EFLAGS has VM set: any program of a 32-bit guest gets IOPL 3',
    manual: `${volume2}, 3-323 and 3-326 (IRET): to virtual-8086 mode only where CPL is 0 and VM is set in the image; elsewhere VM and IOPL are not written`,
  },
  {
    emulator: 'QEMU', isas, instructions: ['SYSENTER', 'SYSEXIT'], difference: /^the specification traps \(#GP\(selector\)\); the emulator completes/,
    does: 'takes SYSENTER_CS 1 to 3, which are null selectors; it refuses 0 only',
    manual: 'Intel 64 and IA-32 Architectures Software Developer\'s Manual, Volume 2B, 4-365 (SYSENTER) and 4-367 (SYSEXIT): #GP(0) where bits 15 to 2 of the register are 0',
  },
]
