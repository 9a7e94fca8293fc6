// What has been published about the virtualizability of x86.
import type { PublishedClaim } from '../../machine/isa.ts'

const robinIrvine = "Robin and Irvine, Analysis of the Intel Pentium's Ability to Support a Secure Virtual Machine Monitor, USENIX Security 2000"
const bugnion = 'Bugnion, Nieh and Tsafrir, Hardware and Software Support for Virtualization, 2017'
const lawton = 'Lawton, Running multiple operating systems concurrently on an IA32 PC using virtualization techniques, 1999 (its table of dangerous instructions)'
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
/** Lawton's instructions that do not trap at level 3, in the forms of the model, and those that trap by other circumstances. */
const lawtonSilent = [
  'SGDT m', 'SIDT m', 'SLDT r16', 'SLDT m16', 'SMSW r16', 'SMSW m16', 'STR r16', 'STR m16', 'VERR r16', 'VERR m16', 'VERW r16', 'VERW m16',
  'LAR r32, r16', 'LAR r32, m16', 'LSL r32, r16', 'LSL r32, m16',
]
const lawtonDepends = ['PUSHF', 'PUSHFD', 'POPF', 'POPFD', ...loadable.map((s) => `L${s} r32, m16:32`), 'IRETD', 'INTO']
const lawtonTraps = [
  'CLTS', 'HLT', 'LGDT m', 'LIDT m', 'LLDT r16', 'LMSW r16', 'LTR r16', 'MOV r32, CR0', 'MOV CR0, r32', 'MOV r32, DR7', 'MOV DR7, r32', 'CLI', 'STI',
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
  { claim: 'SGDT SIDT SLDT SMSW STR VERR VERW LAR LSL are dangerous and never trap', source: lawton, about: { critical: withUmip ? lawtonSilent.slice(8) : lawtonSilent, exactly: false } },
  { claim: 'PUSHF POPF LDS LES LFS LGS LSS IRET INTO are dangerous and do not always trap', source: lawton, about: { critical: lawtonDepends, exactly: false } },
  ...lawtonTraps.map((instruction): PublishedClaim => ({
    claim: `${instruction} traps at level 3`, source: lawton, about: { instruction, property: 'privileged', holds: true },
  })),
]
