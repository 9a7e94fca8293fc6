// What has been published about the virtualizability of x86.
import type { PublishedClaim } from '../../machine/isa.ts'

// Where a paper or book could not be opened, its source says through what the claim is known.
const robinIrvine =
  "Robin and Irvine, Analysis of the Intel Pentium's Ability to Support a Secure Virtual Machine Monitor, USENIX Security 2000, pp. 129-144 (its abstract, and the list as Wikipedia reprints it)"
const hennessyPatterson =
  'Hennessy and Patterson, Computer Architecture: A Quantitative Approach, 6th edition, 2019, chapter 2, Fallacies and Pitfalls, Figure 2.31 (after Robin and Irvine)'
const bugnion = 'Bugnion, Nieh and Tsafrir, Hardware and Software Support for Virtualization, 2017 (not checked against the book)'
const lawton =
  'Lawton, Running multiple operating systems concurrently on an IA32 PC using virtualization techniques, 1999 (its table, as a course page of the University of Warsaw gives it)'
const adamsAgesen =
  'Adams and Agesen, A comparison of software and hardware techniques for x86 virtualization, ASPLOS 2006 (as lecture notes on it quote it)'
const prevention = 'Linux, arch/x86/kernel/umip.c, on user-mode instruction prevention'

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
/** Lawton's instructions that never trap at level 3, in the forms of the model. */
const neverTrap = [
  'SGDT m', 'SIDT m', 'SLDT r16', 'SLDT m16', 'SMSW r16', 'SMSW m16', 'STR r16', 'STR m16', 'VERR r16', 'VERR m16', 'VERW r16', 'VERW m16',
  'LAR r32, r16', 'LAR r32, m16', 'LSL r32, r16', 'LSL r32, m16',
]
/** Those that trap or not by other circumstances; IN and OUT, which he has among them, trap always under H. */
const trapSometimes = [
  'PUSHF', 'PUSHFD', 'POPF', 'POPFD', ...loadable.map((s) => `L${s} r32, m16:32`), ...loadable.map((s) => `POP ${s}`), ...segmentNames.map((s) => `PUSH ${s}`),
  ...segmentNames.map((s) => `MOV r16, ${s}`), ...loadable.map((s) => `MOV ${s}, r16`),
]
const trapAtLevel3 = [
  'CLTS', 'HLT', 'LGDT m', 'LIDT m', 'LLDT r16', 'LMSW r16', 'LTR r16', 'MOV r32, CR0', 'MOV CR0, r32', 'MOV r32, DR7', 'MOV DR7, r32', 'CLI', 'STI',
]
/** Robin and Irvine's list in the forms of the model. */
export const printedList: readonly string[] = [...sensitiveRegisters, ...protectionSystem]

const aboutPentium: readonly PublishedClaim[] = [
  { claim: 'the Pentium is not virtualizable: Theorem 1 does not apply', source: robinIrvine, about: { theorem: 'vmm', applies: false } },
  {
    claim: 'the 32-bit protected mode is not classically virtualizable: privileged state is visible, and privileged instructions do not all trap at user level', source: adamsAgesen,
    about: { theorem: 'vmm', applies: false },
  },
  { claim: 'the Pentium is not hybrid virtualizable: Theorem 3 does not apply', source: bugnion, about: { theorem: 'hybrid', applies: false } },
  {
    claim: 'seventeen instructions are sensitive and unprivileged; eighteen names are printed: SGDT SIDT SLDT SMSW PUSHF POPF LAR LSL VERR VERW POP PUSH CALL JMP INT n RET STR MOV',
    source: robinIrvine, about: { critical: printedList, exactly: true },
  },
  { claim: 'eighteen instructions cause problems: the names of that list, counted', source: hennessyPatterson, about: { critical: printedList, exactly: true } },
  { claim: 'SGDT SIDT SLDT SMSW STR VERR VERW LAR LSL are dangerous and never trap at level 3', source: lawton, about: { critical: neverTrap, exactly: false } },
  ...trapSometimes.map((instruction): PublishedClaim => ({
    claim: `${instruction} is dangerous and traps under some circumstances only`, source: lawton, about: { instruction, property: 'privileged', holds: false },
  })),
  ...trapAtLevel3.map((instruction): PublishedClaim => ({
    claim: `${instruction} traps at level 3`, source: lawton, about: { instruction, property: 'privileged', holds: true },
  })),
]

/** User-mode instruction prevention came long after those papers. */
const aboutPrevention: readonly PublishedClaim[] = neverTrap.filter((name) => /^(SGDT|SIDT|SLDT|SMSW|STR) /.test(name)).map((instruction) => ({
  claim: `${instruction} is refused with #GP outside level 0`, source: prevention, about: { instruction, property: 'privileged', holds: true },
}))

export const published = (umip: boolean): readonly PublishedClaim[] => (umip ? aboutPrevention : aboutPentium)
