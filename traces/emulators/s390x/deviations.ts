// Where QEMU and Hercules do something else than the z/Architecture Principles of Operation.
import type { Deviation } from '../deviations.ts'

const at = { emulator: 'QEMU 7.2', isas: ['z'] } as const
const manual = (place: string): string => `SA22-7832, ${place}`
/** The manual of System/370, for what it says in the same words: its text could be opened. */
const asIn370 = (page: string): string => `as in GA22-7000-10, ${page}`

export const deviations: readonly Deviation[] = [{
  ...at, instructions: ['LPSW'], difference: /^IA becomes|program interruption 5/,
  does: 'takes bit 32 of the doubleword, which is the basic addressing mode, for a bit of the instruction address as well',
  manual: manual('10-56 of the 14th edition, LOAD PSW: bits 33 to 63 of the operand become bits 97 to 127 of the PSW, and bits 33 to 96 become zeros; Hercules does so'),
}, {
  ...at, instructions: ['TPROT'], difference: /privileged-operation/,
  does: 'executes it in the problem state: its entry in insn-data.h.inc lacks IF_PRIV',
  manual: `${manual('Control Instructions, TEST PROTECTION')}, ${asIn370('10-53')}: a privileged-operation exception in the problem state`,
}, {
  ...at, instructions: ['TPROT'], difference: /CC becomes 0x1/,
  does: 'leaves storage keys out, as it has no key-controlled protection',
  manual: `${manual('Control Instructions, TEST PROTECTION')}, ${asIn370('10-53')}: condition code 1 where the key lets fetch and not store`,
}, {
  ...at, instructions: ['SPKA', 'MVCP', 'MVCS'], difference: /program interruption 2\)/,
  does: 'refuses it in the problem state, whatever the PSW-key mask and before other exceptions: its entry has IF_PRIV',
  manual: `${manual('Control Instructions')}, ${asIn370('6-23 (SPKA) and 10-23 (MVCP, MVCS)')}: the problem state may use the keys that the PSW-key mask in control register 3 allows, and special-operation exceptions come first`,
}, {
  ...at, instructions: ['AGR', 'SGR', 'AG'], difference: /fixed-point-overflow/,
  does: 'has no fixed-point-overflow exception, whatever the program mask',
  manual: manual('General Instructions, ADD and SUBTRACT: a program interruption where the fixed-point-overflow mask is one'),
}, {
  ...at, instructions: ['LARL'], difference: /GR\[/,
  does: 'loses bit 32 of twice the immediate operand: it doubles it in 32 bits',
  manual: manual('General Instructions, LOAD ADDRESS RELATIVE LONG: the operand counts halfwords and is signed, up to 4G bytes in either direction'),
}, {
  ...at, instructions: ['EX'], difference: /traps \(specification\)/,
  does: 'takes the subject of an odd address',
  manual: `${manual('General Instructions, EXECUTE')}, as in GA22-7000-4, page 77: a specification exception where the address of an instruction, here the second operand, is odd`,
}, {
  ...at, instructions: ['LURA', 'LURAG', 'STURA', 'STURG'], difference: /traps \(specification\); the emulator completes/,
  does: 'takes operands that are not on their boundary',
  manual: manual('Control Instructions, LOAD USING REAL ADDRESS and STORE USING REAL ADDRESS: a specification exception'),
}, {
  ...at, instructions: ['LRA', 'LRAG'], difference: /(CC|GR)/,
  does: 'does not translate where DAT is off: it gives the address itself; and it clears bits 0 to 31 of the register where there is no translation',
  manual: `${manual('Control Instructions, LOAD REAL ADDRESS')}: translation takes place whether DAT is on or off (${asIn370('10-21')}); with condition code 3 bits 0 to 31 remain unchanged`,
}, {
  ...at, instructions: ['SSM'], difference: /special-operation/,
  does: 'does not ask for the SSM-suppression control',
  manual: manual('10-143 of the 14th edition, SET SYSTEM MASK: a special-operation exception in the supervisor state where bit 33 of control register 0 is one'),
}, {
  ...at, instructions: ['SACF'], difference: /special-operation/,
  does: 'asks neither for DAT nor for the secondary-space control',
  manual: manual('Control Instructions, SET ADDRESS SPACE CONTROL FAST: a special-operation exception where DAT is off or the control is zero'),
}, {
  ...at, instructions: ['SPT'], difference: /CPU-TIMER/,
  does: 'shows a CPU timer that has run below zero as 189374BC6A78xxxx: it converts the negative time as one without a sign',
  manual: `${manual('Timing, CPU Timer')}, ${asIn370('4-29')}: it is decremented on below zero, and STORE CPU TIMER stores a negative value`,
}, {
  ...at, instructions: ['ECTG'], difference: /GR\[0x[01]\]/,
  does: 'takes the addresses of the first and second operand for their contents',
  manual: `${manual('General Instructions, EXTRACT CPU TIME')}, and US patents 8,117,614 and 8,516,485, claim 1: the operands are in storage, at the addresses that base and displacement form, and are fetched`,
}, {
  emulator: 'Hercules', isas: ['z'], instructions: ['DIAG'], difference: /traps \(privileged-operation\); the emulator completes/,
  does: 'executes the code F08 in the problem state: its extension PROBSTATE_DIAGF08, a call of the emulator\'s own',
  manual: `${manual('Control Instructions, DIAGNOSE')}: a privileged instruction, whatever its code`,
}]
