// Which states of x86 in 64-bit mode the bench lays down and comes back from.
import type { Instruction } from '../../../model/ir/instruction.ts'
import { cell, get, type Register } from '../../../model/ir/state.ts'
import {
  add, all, and, any, concat, constant, eq, extract, False, implies, ite, ne, not, or, postorder, select, sub, True, ule, ult, type Bool, type Term,
} from '../../../model/ir/term.ts'
import { termsOf, type Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct } from '../../../model/machine/isa.ts'
import * as long from '../../../model/isa/x86/long-mode/state.ts'
import { notCanonical } from '../../../model/isa/x86/operands.ts'
import * as x86 from '../../../model/isa/x86/state.ts'
import { accesses } from '../bench.ts'
import { bits0, bytePorts, fixed6, fixed7, widePort } from '../x86/limits.ts'
import { numbered } from './record.ts'

/** Bits 63 to 44 of addresses: where the program is, where nothing is, and the tables. */
export const regions = { program: 0x5, nothing: [0x6, 0x7], GDT: 0xfffff, IDT: 0xffffe, others: 0xffffd } as const
/** Bits 47 to 44 of storage. */
export const storageRegions = [0, 1, 2, 3, 4, 8, 9, 10, 11, 12] as const
/** Bits of CR4 that are there, besides PAE, which is set. */
export const bits4 = (recent: boolean): number => 0x7dc | (recent ? 0x50800 : 0)
/** Registers with places of their own in the model: EFER, STAR, LSTAR, FMASK, the bases, and TSC_AUX. */
export const named = [0xc0000080, 0xc0000081, 0xc0000082, 0xc0000084, 0xc0000100, 0xc0000101, 0xc0000102, 0xc0000103] as const
const [sysenterCode] = [...numbered.keys()]

const farTransfer = /^(JMP|CALL) m16|^INT|^RET far|^IRETQ/
/** Far transfers that show what the emulator does not do; in the others it would be in the way. */
const shows = { marking: 'JMP m16:64', contradictions: 'JMP m16:64', targets: ['JMP m16:64', 'IRETQ'], stack: 'RET far', types: 'LSL r32, m16' } as const

const bit = (t: Term, n: number): Bool => extract<1>(t, n, n)
const isOneOf = (t: Term, values: readonly (number | bigint)[]): Bool => any(values.map((v) => eq(t, constant<number>(t.width, v))))
const masked = (t: Term, mask: number, value: number): Bool => eq(and<number>(t, constant(32, mask)), constant(32, value))
const isSegment = (rights: Term): Bool => bit(rights, 4)
const isGate = (rights: Term): Bool => eq(extract(rights, 4, 0), constant(5, 12))

export const limitsOf = (recent: boolean, cpuid: ReadonlyMap<number, bigint>) => (instruction: Instruction, o: Outcome): readonly Conjunct[] => {
  const { name, encoding } = instruction
  const of = <W extends number>(r: Register<W>): Term<W> => get(r)
  const after = <W extends number>(r: Register<W>): Term<W> => (o.registers.get(r.name) ?? get(r)) as Term<W>
  const completed = not(o.trapped), bytes = constant(64, encoding.width / 8)
  const both = (f: (t: <W extends number>(r: Register<W>) => Term<W>) => Bool): Bool => and(f(of), implies(completed, f(after)))
  const region = (t: Term): Term => extract(t, 63, 44)
  const at = of(long.RIP), to = after(long.RIP), distance = sub<number>(to, at)
  const addressed = (index: Term, when: Bool | undefined) => ({ page: sub<number>(index, concat(extract(of(long.CR3), 47, 12), constant(9, 0))), when: when ?? True })
  const storage = accesses(o, 'E').map(({ index, when }) => addressed(index, when))
  /** Without what an inner level pushes. */
  const own = [...accesses(o, 'E').filter((a) => !a.when), ...(o.banks.get('E') ?? []).filter((w) => w.program)].map(({ index, when }: { readonly index: Term; readonly when?: Bool | undefined }) => addressed(index, when))
  const selects = (bank: string) => postorder(termsOf(o)).flatMap((t) => (t.kind === 'select' && t.memory.name === bank ? [t] : []))
  const rightsAt = (index: Term): Term => select(long.table.rights, index as Term<14>)
  const { limit, gate } = { limit: selects('DT.limit'), gate: selects('DT.gate') }
  const rows = [...new Set(['DT.base', 'DT.limit', 'DT.rights', 'DT.gate'].flatMap((bank) => accesses(o, bank).map((a) => a.index)))]
  const reads = (bank: string): readonly Term[] => accesses(o, bank).map((a) => a.index)
  const code = of(long.CS.rights), stack = of(long.SS.rights), noStack = eq(of(long.SS.selector), constant(14, 0))
  const canonical = (t: Term): Bool => not(notCanonical(t))
  /** ECX names the first part of a leaf. */
  const part0 = eq(extract(get(cell(long.R, constant(4, 1))), 31, 0), constant(32, 0))
  const known = [...numbered.keys(), ...named]
  const table = (base: Term, where: number): Bool => and(eq(region(base), constant(20, where)), ult(extract(base, 43, 0), constant(44, 0xfffffff0000n)))
  return [
    { name: 'the program is at 500000000000', why: 'program, storage and tables do not overlap', holds: and(eq(region(at), constant(20, regions.program)), ult(extract(at, 43, 0), constant(44, 0xfffffffff00n))) },
    {
      name: 'branches go to where nothing is', why: 'a branch is seen by the fault at its target',
      holds: implies(completed, or(eq<number>(distance, bytes), and(ult<number>(bytes, distance), storage.length > 0
        ? or(notCanonical(to), isOneOf(region(to), [regions.program, ...regions.nothing]))
        : not(isOneOf(region(to), [regions.GDT, regions.IDT, regions.others]))))),
    },
    { name: 'storage is not at 500000000000 to 7FFFFFFFFFFF, nor at FFFFD00000000000 and above', holds: all(storage.map(({ page, when }) => implies(when, isOneOf(extract(page, 44, 41), storageRegions)))), why: 'program, storage and tables do not overlap' },
    { name: 'GDT at FFFFF00000000000, IDT at FFFFE00000000000', holds: and(table(of(long.GDTR.base), regions.GDT), table(of(long.IDTR.base), regions.IDT)), why: 'program, storage and tables do not overlap' },
    {
      name: 'CS and SS are a code segment and a stack, the others present, or null', why: 'the processor keeps them so',
      holds: all([
        bit(code, 7), bit(code, 4), bit(code, 3), ne(of(long.CS.selector), constant(14, 0)),
        ite<1>(noStack, and(eq(stack, constant(12, 0)), ne(of(x86.CPL), constant(2, 3))), all([bit(stack, 7), bit(stack, 4), not(bit(stack, 3)), bit(stack, 1)])),
        ...[long.ES, long.DS, long.FS, long.GS].map((s) => ite<1>(eq(extract(of(s.selector), 15, 2), constant(14, 0)), eq(of(s.rights), constant(12, 0)), and(bit(of(s.rights), 7), bit(of(s.rights), 4)))),
      ]),
    },
    { name: 'bases and entries are canonical', holds: all([long.FS.base, long.GS.base, long.KERNEL_GS_BASE, long.LSTAR].map((r) => canonical(of(r)))), why: 'the processor keeps them so' },
    ...(farTransfer.test(name) && name !== shows.marking ? [{
      name: 'descriptors are marked accessed', why: 'the emulator does not mark them in a far transfer',
      holds: all((o.banks.get('DT.rights') ?? []).map((w) => implies(and(completed, w.when), eq(w.value, rightsAt(w.index))))),
    }] : []),
    ...(farTransfer.test(name) && name !== shows.contradictions ? [{
      name: 'no code segment has both L and D', why: 'the emulator does not refuse it in a far transfer',
      holds: all(rows.map((index) => rightsAt(index)).map((r) => not(all([isSegment(r), bit(r, 3), bit(r, 9), bit(r, 10)])))),
    }] : []),
    ...(farTransfer.test(name) && !shows.targets.some((n) => n === name) ? [{
      name: 'targets are canonical', why: 'the emulator goes there first', holds: canonical(to),
    }] : []),
    ...(farTransfer.test(name) && name !== shows.stack ? [{
      name: 'level 3 has its stack on user pages', why: 'the emulator refers to it by a supervisor\'s rights',
      holds: implies(eq(of(x86.CPL), constant(2, 3)), all(own.map(({ page, when }) => implies(when, ult(extract(page, 44, 9), of(long.PAGES.user)))))),
    }] : []),
    ...(/^L(AR|SL) /.test(name) && name !== shows.types ? [{
      name: 'system descriptors are those of 64-bit mode', why: 'the emulator knows those of 32-bit mode too',
      holds: all(rows.map((index) => rightsAt(index)).map((r) => or(isSegment(r), not(isOneOf(extract(r, 3, 0), [1, 3, 4, 5]))))),
    }] : []),
    ...(name === 'RET far imm16' ? [{
      name: 'an outward return releases less than 32768 bytes', why: 'the emulator takes the number as a signed one, and finds another stack',
      holds: or(not(bit(instruction.operands.imm1!, 7)), and(completed, eq(after(x86.CPL), of(x86.CPL)))),
    }] : []),
    {
      name: 'descriptors have a form, and do not overlap', why: 'a descriptor has 20 bits of limit, in bytes or pages, and a gate in their place; system descriptors take the place of two',
      holds: all([
        ...limit.map((t) => or(isGate(rightsAt(t.address)), ite<1>(bit(rightsAt(t.address), 11), eq(extract(t, 11, 0), constant(12, 0xfff)), eq(extract(t, 31, 20), constant(12, 0))))),
        // The offset of a call gate has bits in the place of a segment's flags.
        ...gate.map((t) => or(not(isGate(rightsAt(t.address))), eq(extract(rightsAt(t.address), 11, 8), extract(t, 23, 20)))),
        ...rows.flatMap((a) => rows.filter((b) => b !== a).map((b) => or(isSegment(rightsAt(a)), ne<number>(b, add<number>(a, constant(14, 2)))))),
      ]),
    },
    {
      name: 'page directories are at 500000', why: 'the bench keeps the program apart from the rest by pages',
      holds: and(eq(extract(of(long.CR3), 63, 20), constant(44, 5)), implies(completed, any([
        eq(extract(after(long.CR3), 63, 20), constant(44, 5)),
        // Where this machine has no memory.
        and(ule(constant(64, 0x1000000), after(long.CR3)), ult(after(long.CR3), constant(64, 0xc0000000))),
        and(ule(constant(64, 0x100000000n), after(long.CR3)), ult(after(long.CR3), constant(64, 1n << 40n))),
      ]))),
    },
    {
      name: 'control registers have the bits that this processor has', why: 'reserved bits are fixed, or refused',
      holds: all([
        both((t) => masked(t(x86.CR0), ~(bits0 | 0x80000001) >>> 0, 0x10)), not(and(bit(of(x86.CR0), 29), not(bit(of(x86.CR0), 30)))),
        both((t) => masked(t(x86.CR4), ~bits4(recent) >>> 0, 0x20)),
        both((t) => masked(t(long.DR6), fixed6, fixed6)), both((t) => masked(t(long.DR7), fixed7, fixed7)),
        ...(recent ? [ne(of(long.XCR0), constant(2, 2))] : []),
      ]),
    },
    { name: 'no virtual interrupts', holds: both((t) => and(eq(t(x86.VIF), False), eq(t(x86.VIP), False))), why: 'the emulated processor does not have them: CR4.VME and CR4.PVI are reserved, VIF and VIP too' },
    { name: 'no breakpoint is armed', holds: and(eq(extract(of(long.DR7), 7, 0), constant(8, 0)), eq(extract(after(long.DR7), 7, 0), constant(8, 0))), why: 'it would come before the instruction, or to the kernel' },
    { name: 'the processor runs', holds: not(of(x86.HALTED)), why: 'it would not begin' },
    {
      name: 'model-specific registers are those that keep what is written to them', why: 'others are devices',
      holds: all([
        ...reads('MSR').map((t) => isOneOf(t, known)),
        ...[...numbered.keys()].map((n) => valued(n, get(cell(x86.MSR, constant(32, n))))),
        ...(o.banks.get('MSR') ?? []).flatMap((w) => [...numbered.keys()].map((n) => implies(all([completed, w.when, eq(w.index, constant<number>(32, n))]), valued(n, w.value)))),
      ]),
    },
    {
      name: 'ports are those that keep what is written', why: 'other ports are devices',
      holds: all(reads('PORT').map((t, _, list) => (list.length < 4 ? isOneOf(t, bytePorts) : isOneOf(t, [0, 1, 2, 3].map((n) => widePort + n))))),
    },
    { name: 'CPUID tells of this processor', holds: all(selects('CPUID').map((t) => any([...cpuid].map(([leaf, v]) => all([eq(t.address, constant(32, leaf)), eq(t, constant(128, v)), ...(leaf > 1 ? [part0] : [])]))))), why: 'it cannot be changed' },
    ...(name.startsWith('RDTSC') ? [{ name: 'the low half of the time stamp is 0', holds: eq(extract(of(x86.TSC), 31, 0), constant(32, 0)), why: 'it runs; its high half is what is compared' }] : []),
  ]
}

/** What a model-specific register can hold: a selector, or an address. */
const valued = (number: bigint, value: Term): Bool => (number === sysenterCode ? eq(extract(value, 63, 16), constant(48, 0)) : not(notCanonical(value)))
