// State of an x86 processor in 32-bit protected mode: registers, EFLAGS, segments with their hidden parts, and system
// registers. What 64-bit mode has differently is in long-state.ts.
import { bank, get, register, type Component, type Register } from '../../ir/state.ts'
import { add, concat, constant, eq, extract, not, or, sub, ult, type Bool, type Term } from '../../ir/term.ts'
import type { Conjunct, Relocation } from '../../machine/isa.ts'

/** Storage as doublewords: a linear address without its two low bits. */
export const E = bank('E', 30, 32, 'storage')
/** EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI: the order of the reg field. */
export const R = bank('R', 3, 32, 'general')
export const EIP = register('EIP', 32, 'counter')
export const CPL = register('CPL', 2, 'mode')

/** Flags that any program may change, and that a VMM leaves to the guest: what TF, NT and AC cause is a trap. */
export const CF = register('CF', 1, 'general')
export const PF = register('PF', 1, 'general')
export const AF = register('AF', 1, 'general')
export const ZF = register('ZF', 1, 'general')
export const SF = register('SF', 1, 'general')
export const TF = register('TF', 1, 'general')
export const DF = register('DF', 1, 'general')
export const OF = register('OF', 1, 'general')
export const NT = register('NT', 1, 'general')
export const AC = register('AC', 1, 'general')
export const ID = register('ID', 1, 'general')
/** Flags that belong to the system. */
export const IF = register('IF', 1, 'control')
export const IOPL = register('IOPL', 2, 'control')
export const VIF = register('VIF', 1, 'control')
export const VIP = register('VIP', 1, 'control')

export type SegmentName = 'ES' | 'CS' | 'SS' | 'DS' | 'FS' | 'GS'
/** A segment register: the selector that a program sees, and the hidden descriptor. Limits count bytes. */
export interface Segment {
  readonly name: SegmentName
  /** CS and SS without the two low bits, which are CPL. */
  readonly selector: Register
  /** 64-bit mode has a base in FS and GS only, and no limit. */
  readonly base?: Register
  readonly limit?: Register
  /** G, D/B, L and AVL, then P, DPL, S and type, as in a descriptor's second doubleword. */
  readonly rights: Register<12>
}
const segment = (name: SegmentName) => ({
  name,
  selector: name === 'CS' || name === 'SS' ? register(`${name}<15:2>`, 14, 'general') : register(name, 16, 'general'),
  base: register(`${name}.base`, 32, 'mapping'),
  limit: register(`${name}.limit`, 32, 'mapping'),
  rights: register(`${name}.rights`, 12, 'mapping'),
}) satisfies Segment
export const ES = segment('ES')
export const CS = segment('CS')
export const SS = segment('SS')
export const DS = segment('DS')
export const FS = segment('FS')
export const GS = segment('GS')
/** In the order of the sreg field. */
export const segments = [ES, CS, SS, DS, FS, GS]

/**
 * The descriptor table that GDTR and LDTR name, by selector without RPL; a cell is a segment's or a gate's
 * descriptor, and each bank is a view of it: `gate` holds a gate's selector, parameter count and offset.
 */
export const table = {
  base: bank('DT.base', 14, 32, 'control'),
  limit: bank('DT.limit', 14, 32, 'control'),
  rights: bank('DT.rights', 14, 12, 'control'),
  gate: bank('DT.gate', 14, 53, 'control'),
}
/** The interrupt descriptor table by vector: selector and offset, and P, DPL, S and type. */
export const interrupts = {
  target: bank('IDT.target', 8, 48, 'control'),
  rights: bank('IDT.rights', 8, 8, 'control'),
  /** 0 where the DPL of every gate is 0: H can then say so without a quantifier; the DPLs in `rights` then do not count. */
  outward: register('IDT.outward', 1, 'control'),
}
export const GDTR = { base: register('GDTR.base', 32, 'control'), limit: register('GDTR.limit', 16, 'control') }
export const IDTR = { base: register('IDTR.base', 32, 'control'), limit: register('IDTR.limit', 16, 'control') }
export const LDTR = { selector: register('LDTR', 16, 'control'), limit: register('LDTR.limit', 32, 'control') }
export const TR = { selector: register('TR', 16, 'control') }
/** The task state segment in TR: SS and ESP by level. */
export const TSS = {
  stack: bank('TSS.stack', 2, 48, 'control'),
  /** The I/O permission bit map, and whether it lies within the segment's limit; a set bit refuses the port. */
  map: bank('TSS.map', 16, 1, 'control'),
  mapped: register('TSS.mapped', 1, 'control'),
}
export const CR0 = register('CR0', 32, 'control')
export const CR2 = register('CR2', 32, 'control')
export const CR3 = register('CR3', 32, 'control')
export const CR4 = register('CR4', 32, 'control')
/** DR0 to DR3, the breakpoints' addresses. */
export const DR = bank('DR', 2, 32, 'control')
export const DR6 = register('DR6', 32, 'control')
export const DR7 = register('DR7', 32, 'control')
/** Model-specific registers by number, but for the three of SYSENTER. */
export const MSR = bank('MSR', 32, 64, 'control')
export const SYSENTER = {
  CS: register('SYSENTER_CS', 64, 'control'), ESP: register('SYSENTER_ESP', 64, 'control'), EIP: register('SYSENTER_EIP', 64, 'control'),
}
export const PMC = bank('PMC', 32, 64, 'control')
export const TSC = register('TSC', 64, 'control')
/** What CPUID tells, by EAX: the processor's identity and features. */
export const CPUID = bank('CPUID', 32, 128, 'control')
/** Ports of one byte, which keep what is sent to them. */
export const PORT = bank('PORT', 16, 8, 'control')
export const HALTED = register('HALTED', 1, 'control')

/** The hidden parts of the segment registers: where a program's segments lie, how long they are and what they allow. */
export const mapping: readonly Register[] = segments.flatMap((s) => [s.base, s.limit, s.rights])

/** What a VMM keeps for itself. CPUID is not here: the guest runs on the processor that it sees (W14). */
export const controlState: readonly Component[] = [
  IF, IOPL, VIF, VIP, ...Object.values(table), ...Object.values(interrupts), ...Object.values(GDTR), ...Object.values(IDTR),
  ...Object.values(LDTR), TR.selector, ...Object.values(TSS), CR0, CR2, CR3, CR4, DR, DR6, DR7, MSR, ...Object.values(SYSENTER), PMC, TSC, PORT, HALTED,
]

export const components: readonly Component[] = [
  E, R, EIP, CPL, CF, PF, AF, ZF, SF, TF, DF, OF, NT, AC, ID, ...segments.map((s) => s.selector), ...mapping, ...controlState, CPUID,
]

/** References go through DS: within its limit, to its base; null in DS (not present) refuses them. */
const origin = extract(get(DS.base), 31, 2)
const present = extract<1>(get(DS.rights), 7, 7)
const beyond = (address: Term): Bool => or(not(present), ult(get(DS.limit), concat<32>(address, constant(2, 3))))
export const relocation: Relocation = {
  storage: E,
  addressWidth: 30,
  develop: (address) => ({ fault: beyond(address), real: add<number>(address, origin) }),
  reaches: (real) => {
    const address = sub<number>(real, origin)
    return { mapped: not(beyond(address)), address }
  },
}

export const assumptions: readonly Conjunct[] = [
  { name: 'CR0.PE = 1', holds: extract<1>(get(CR0), 0, 0), why: 'protected mode: in real-address mode there is one level only' },
  {
    name: 'DS.base is a multiple of 4', holds: eq(extract<2>(get(DS.base), 1, 0), constant(2, 0)),
    why: 'storage is modelled in doublewords',
  },
]
