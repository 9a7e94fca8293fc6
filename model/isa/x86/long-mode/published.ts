// What has been published about the virtualizability of x86-64, and Robin and Irvine's list carried over to it.
import type { PublishedClaim } from '../../../machine/isa.ts'

// Where a paper could not be opened, its source says through what the claim is known.
const adamsAgesen =
  'Adams and Agesen, A comparison of software and hardware techniques for x86 virtualization, ASPLOS 2006 (as lecture notes on it quote it)'
const robinIrvine =
  "Robin and Irvine, Analysis of the Intel Pentium's Ability to Support a Secure Virtual Machine Monitor, USENIX Security 2000 (its list, as far as 64-bit mode has the instructions)"
const prevention = 'Linux, arch/x86/kernel/umip.c, on user-mode instruction prevention'

const both = (name: string): string[] => [`${name}r16`, `${name}m16`]
const loadable = ['ES', 'SS', 'DS', 'FS', 'GS'] as const, shown = ['CS', ...loadable] as const
/** The eighteen names in the forms that are left: far transfers through storage, PUSH and POP of FS and GS. */
export const printedList: readonly string[] = [
  'SGDT m', 'SIDT m', ...both('SLDT '), ...both('SMSW '), ...both('STR '), 'PUSHF', 'PUSHFQ', 'POPF', 'POPFQ', ...both('LAR r32, '), ...both('LSL r32, '), ...both('VERR '),
  ...both('VERW '), 'POP FS', 'POP GS', 'PUSH FS', 'PUSH GS', 'CALL m16:64', 'JMP m16:64', 'INT n', 'RET far', 'RET far imm16',
  ...shown.flatMap((s) => [`MOV r16, ${s}`, `MOV m16, ${s}`]), ...loadable.flatMap((s) => [`MOV ${s}, r16`, `MOV ${s}, m16`]),
]

const aboutLongMode: readonly PublishedClaim[] = [
  { claim: 'the 64-bit protected mode is not classically virtualizable, no more than the 32-bit one', source: adamsAgesen, about: { theorem: 'vmm', applies: false } },
  ...['POPF', 'POPFQ'].map((instruction): PublishedClaim => ({
    claim: `${instruction} keeps IF silently where it is deprivileged, and does not trap`, source: adamsAgesen, about: { instruction, property: 'privileged', holds: false },
  })),
  { claim: 'the privileged state is visible: a deprivileged guest reads its level in CS', source: adamsAgesen, about: { instruction: 'MOV r16, CS', property: 'modeSensitive', holds: true } },
  { claim: 'the names of the Pentium\'s list that 64-bit mode still has', source: robinIrvine, about: { critical: printedList, exactly: true } },
]

const aboutPrevention: readonly PublishedClaim[] = ['SGDT m', 'SIDT m', ...both('SLDT '), ...both('STR '), ...both('SMSW ')].map((instruction) => ({
  claim: `${instruction} is refused with #GP outside level 0`, source: prevention, about: { instruction, property: 'privileged', holds: true },
}))

export const published = (recent: boolean): readonly PublishedClaim[] => (recent ? aboutPrevention : aboutLongMode)
