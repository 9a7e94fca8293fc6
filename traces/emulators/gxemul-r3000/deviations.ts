// Where GXemul's R3000 does something else than the manual.
import type { Deviation } from '../deviations.ts'

const here = { emulator: 'GXemul 0.7', isas: ['mips/r3000'] } as const
/** A manual of a processor of the R3000A's architecture, without its TLB. */
const manual = 'Toshiba, TX39 Family Core Architecture User\'s Manual (R3900, of the R3000A\'s architecture)'

export const deviations: readonly Deviation[] = [{
  ...here, instructions: ['MFC0', 'MTC0'], difference: /^the specification traps \(coprocessor unusable\)/,
  does: 'moves in user mode without CU0, too (cpu_mips_instr.c, mfc0 and mtc0: "TODO: cause exception if necessary")',
  manual: `${manual}, 6.3.5: in user mode an instruction of CP0, MTC0 and MFC0 among them, is unusable where CU0 is 0`,
}, {
  ...here, instructions: ['ADD'], difference: /^the specification traps \(overflow\); the emulator completes/,
  does: 'does nothing where rd is 0 (cpu_mips_instr.c takes what writes register 0 for a NOP)',
  manual: `${manual}, ADD (102) and 6.3.7: where the carries out of bits 31 and 30 differ there is an overflow exception, whatever rd is`,
}, {
  ...here, instructions: ['RFE'], difference: /^the specification completes; the emulator traps \(exception 11\)/,
  does: 'takes a program in kuseg for one in user mode, whatever KUc says (cpu_mips_instr.c, cop0_availability_check: "It is the PC that counts")',
  manual: `${manual}, 6.3.5: in kernel mode an instruction of CP0 raises no exception, whatever CU0 is`,
}, {
  ...here, instructions: ['RFE'], difference: /^(KUo|IEo) becomes/,
  does: 'clears KUo and IEo (cpu_mips_coproc.c, coproc_rfe)',
  manual: `${manual}, RFE (171): the old mode bits remain unchanged`,
}, {
  ...here, instructions: ['MTC0'], difference: /^CP0\[0x[18e]\] becomes/,
  does: 'writes Random, BadVAddr and EPC (cpu_mips_coproc.c, coproc_register_write)',
  manual: `${manual}, 6.2.2 and 6.2.6: EPC and BadVAddr are read-only; Random, of the TLB, is so in the MIPS R4000 User's Manual, 4.3`,
}]
