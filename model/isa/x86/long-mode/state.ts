// State of an x86-64 processor in 64-bit mode, as far as it is not that of 32-bit protected mode.
import { bank, get, register, type Component, type Register } from '../../../ir/state.ts'
import { add, and, concat, constant, eq, extract, not, or, sub, ule, ult, type Bool, type Term } from '../../../ir/term.ts'
import type { Access, Conjunct, Relocation } from '../../../machine/isa.ts'
import {
  AC, AF, CF, CPL, CPUID, CR0, CR4, DF, GDTR as GDTR32, HALTED, ID, IDTR as IDTR32, IF, interrupts as interrupts32, IOPL, LDTR, MSR, NT, OF, PF, PMC, PORT,
  SF, table as table32, TF, TR, TSC, TSS as TSS32, VIF, VIP, ZF, type Segment, type SegmentName,
} from '../state.ts'

/** Storage as quadwords: a physical address of 48 bits without its three low bits. */
export const E = bank('E', 45, 64, 'storage')
/** RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 to R15: the reg field below REX.R, the rm field below REX.B. */
export const R = bank('R', 4, 64, 'general')
export const RIP = register('RIP', 64, 'counter')

const segment = (name: SegmentName): Segment => ({
  name,
  selector: name === 'CS' || name === 'SS' ? register(`${name}<15:2>`, 14, 'general') : register(name, 16, 'general'),
  rights: register(`${name}.rights`, 12, 'mapping'),
  ...(name === 'FS' || name === 'GS' ? { base: register(`${name}.base`, 64, 'mapping') } : {}),
})
export const ES = segment('ES')
export const CS = segment('CS')
export const SS = segment('SS')
export const DS = segment('DS')
export const FS = { ...segment('FS'), base: register('FS.base', 64, 'mapping') }
export const GS = { ...segment('GS'), base: register('GS.base', 64, 'mapping') }
/** In the order of the sreg field. */
export const segments: readonly Segment[] = [ES, CS, SS, DS, FS, GS]

/** `gate` holds a call gate's selector and offset. */
export const table = { ...table32, gate: bank('DT.gate', 14, 80, 'control') }
export const interrupts = { ...interrupts32, target: bank('IDT.target', 8, 80, 'control') }
export const GDTR = { base: register('GDTR.base', 64, 'control'), limit: GDTR32.limit }
export const IDTR = { base: register('IDTR.base', 64, 'control'), limit: IDTR32.limit }
/** The task state segment in TR: RSP by level. */
export const TSS = { RSP: bank('TSS.RSP', 2, 64, 'control'), map: TSS32.map, mapped: TSS32.mapped }
export const CR2 = register('CR2', 64, 'control')
/** Where the page tables are; its frame number is also where the pages that they map begin. */
export const CR3 = register('CR3', 64, 'mapping')
/** The task priority. */
export const CR8 = register('CR8', 4, 'control')
export const DR = bank('DR', 2, 64, 'control')
export const DR6 = register('DR6', 32, 'control')
export const DR7 = register('DR7', 32, 'control')
/** The two bits of EFER that may change in 64-bit mode: system calls, and no-execute. */
export const EFER = { SCE: register('EFER.SCE', 1, 'control'), NXE: register('EFER.NXE', 1, 'control') }
export const STAR = register('STAR', 64, 'control')
export const LSTAR = register('LSTAR', 64, 'control')
export const FMASK = register('FMASK', 32, 'control')
export const KERNEL_GS_BASE = register('KERNEL_GS_BASE', 64, 'control')
export const TSC_AUX = register('TSC_AUX', 32, 'control')
/** SSE and AVX of XCR0; x87 is always 1, further features are left out. */
export const XCR0 = register('XCR0<2:1>', 2, 'control')

/**
 * One-level stand-in for the page tables: pages lie in a row from CR3's frame; the first `user` of them are user pages,
 * the others up to `all` supervisor pages, and the rest is not present.
 */
export const PAGES = { user: register('PAGES.user', 36, 'mapping'), all: register('PAGES.all', 36, 'mapping') }

export const mapping: readonly Register[] = [CR3, PAGES.user, PAGES.all, FS.base, GS.base, ...segments.map((s) => s.rights)]

/** What a VMM keeps for itself. */
export const controlState = (recent: boolean): readonly Component[] => [
  IF, IOPL, VIF, VIP, ...Object.values(table), ...Object.values(interrupts), ...Object.values(GDTR), ...Object.values(IDTR), ...Object.values(LDTR),
  TR.selector, ...Object.values(TSS), CR0, CR2, CR4, CR8, DR, DR6, DR7, EFER.SCE, EFER.NXE, STAR, LSTAR, FMASK, KERNEL_GS_BASE, TSC_AUX, MSR, PMC, TSC,
  PORT, HALTED, ...(recent ? [XCR0] : []),
]

export const components = (recent: boolean): readonly Component[] => [
  E, R, RIP, CPL, CF, PF, AF, ZF, SF, TF, DF, OF, NT, AC, ID, ...segments.map((s) => s.selector), ...mapping, ...controlState(recent), CPUID,
]

/** A quadword's address without the bits that canonical addresses repeat. Only level 3 is kept out of supervisor pages. */
const origin = concat<45>(extract(get(CR3), 47, 12), constant(9, 0))
const page = (address: Term): Term<36> => extract(address, 44, 9)
const absent = (address: Term): Bool =>
  or(not(ult(page(address), get(PAGES.all))), and(eq(get(CPL), constant(2, 3)), not(ult(page(address), get(PAGES.user)))))
/** As a push on the stack of an inner level refers to it: by a supervisor's rights, whatever the level was before. */
export const asSupervisor = (address: Term): { readonly fault: Bool; readonly real: Term<45> } =>
  ({ fault: not(ult(page(address), get(PAGES.all))), real: add(address as Term<45>, origin) })
export const relocation: Relocation = {
  storage: E,
  addressWidth: 45,
  develop: (address: Term, _access: Access) => ({ fault: absent(address), real: add<number>(address, origin) }),
  reaches: (real) => {
    const address = sub<number>(real, origin)
    return { mapped: not(absent(address)), address }
  },
}

const bit = (r: Register, n: number): Bool => extract<1>(get(r), n, n)
export const assumptions: readonly Conjunct[] = [
  { name: 'CR0.PE = CR0.PG = CR4.PAE = 1', holds: and(and(bit(CR0, 0), bit(CR0, 31)), bit(CR4, 5)), why: 'without one of them there is no long mode' },
  { name: 'CS.L = 1', holds: and(bit(CS.rights, 9), not(bit(CS.rights, 10))), why: '64-bit mode: compatibility mode has the instructions of 32-bit mode' },
  { name: 'user pages first', holds: ule(get(PAGES.user), get(PAGES.all)), why: 'the stand-in for the page tables has supervisor pages after user pages' },
]
