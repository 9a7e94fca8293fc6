// What has been published about the virtualizability of x86.
import type { PublishedClaim } from '../../machine/isa.ts'

const robinIrvine = "Robin and Irvine, Analysis of the Intel Pentium's Ability to Support a Secure Virtual Machine Monitor, USENIX Security 2000"
const bugnion = 'Bugnion, Nieh and Tsafrir, Hardware and Software Support for Virtualization, 2017'
const umip = 'user-mode instruction prevention, CR4.UMIP'

/** The list as it is printed under the words "17 instructions", which has 18 names; here by the forms that are modelled. */
const sensitiveRegisters = [
  'SGDT m', 'SIDT m', 'SLDT r16', 'SLDT m16', 'SMSW r16', 'SMSW m16', 'PUSHF', 'PUSHFD', 'POPF', 'POPFD',
]
const segmentNames = ['ES', 'CS', 'SS', 'DS', 'FS', 'GS'] as const
const loadable = segmentNames.filter((s) => s !== 'CS')
const protectionSystem = [
  'LAR r32, r16', 'LAR r32, m16', 'LSL r32, r16', 'LSL r32, m16', 'VERR r16', 'VERR m16', 'VERW r16', 'VERW m16',
  ...loadable.map((s) => `POP ${s}`), ...segmentNames.map((s) => `PUSH ${s}`),
  'CALL ptr16:32', 'CALL m16:32', 'JMP ptr16:32', 'JMP m16:32', 'INT n', 'RET far', 'RET far imm16', 'STR r16', 'STR m16',
  ...segmentNames.flatMap((s) => [`MOV r16, ${s}`, `MOV m16, ${s}`]), ...loadable.flatMap((s) => [`MOV ${s}, r16`, `MOV ${s}, m16`]),
]
/** Robin and Irvine's list in the forms of the model. */
export const printedList: readonly string[] = [...sensitiveRegisters, ...protectionSystem]

export const published = (withUmip: boolean): readonly PublishedClaim[] => [
  { claim: 'the Pentium is not virtualizable: Theorem 1 does not apply', source: robinIrvine, about: { theorem: 'vmm', applies: false } },
  { claim: 'the IA-32 is not hybrid virtualizable either', source: bugnion, about: { theorem: 'hybrid', applies: false } },
  withUmip
    ? {
      claim: 'SGDT, SIDT, SLDT, SMSW and STR trap outside level 0', source: umip,
      about: { instruction: 'SGDT m', property: 'critical', holds: false },
    }
    : {
      claim: 'seventeen instructions (eighteen names are printed) are sensitive and unprivileged: SGDT SIDT SLDT SMSW PUSHF POPF LAR LSL VERR VERW POP PUSH CALL JMP INT n RET STR MOV',
      source: robinIrvine, about: { critical: printedList, exactly: true },
    },
]
