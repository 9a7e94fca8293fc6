// Which states of 32-bit x86 the bench lays down and comes back from.
import type { Instruction } from '../../../model/ir/instruction.ts'
import { get, type Register } from '../../../model/ir/state.ts'
import {
  add, all, and, any, concat, constant, eq, extract, False, implies, ite, not, or, postorder, select, sub, True, ule, ult, type Bool, type Term,
} from '../../../model/ir/term.ts'
import { termsOf, type Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct } from '../../../model/machine/isa.ts'
import * as x86 from '../../../model/isa/x86/state.ts'
import { accesses } from '../bench.ts'
import { STAR } from './record.ts'

/** Ports of this machine that keep a byte: the page registers of the DMA controller; and one that keeps a doubleword. */
export const bytePorts = [0x81, 0x82, 0x83, 0x87, 0x89, 0x8a, 0x8b, 0x8f] as const
export const widePort = 0xcf8
/** Reserved bits of DR6 and DR7 that are always set. */
export const fixed6 = 0xffff0ff0, fixed7 = 0x400
/** Bits of CR0 that are there, without PE, ET and PG, which are set. */
export const bits0 = 0x6005002e
export const bits4 = (umip: boolean): number => 0x14c | (umip ? 0x800 : 0)

const references = /^(PUSH|POP|CALL|RET|LEAVE|INT|IRETD)/
const enters = /^(CALL (ptr|m)|INT|RET far|IRETD)/
const farTransfer = /^(JMP|CALL) (ptr|m)|^INT|^RET far|^IRETD/
/** Where the emulator's lack of limits is shown, and that far transfers do not mark descriptors; elsewhere it would be in the way. */
const unmarked = 'JMP m16:32'
const showing = new Set(['MOV r32, m32', 'MOV m32, r32', 'JMP m16:32', 'CALL m16:32', 'RET far imm16', 'INTO'])

const bit = (t: Term, n: number): Bool => extract<1>(t, n, n)
const top = (t: Term): Term => extract(t, 31, 28)
const nibble = (t: Term, values: readonly number[]): Bool => any(values.map((v) => eq(top(t), constant(4, v))))
const isGate = (rights: Term): Bool => eq(extract(rights, 4, 0), constant(5, 12))
const masked = (t: Term, mask: number, value: number): Bool => eq(and<number>(t, constant(32, mask)), constant(32, value))

export const limitsOf = (umip: boolean, cpuid: ReadonlyMap<number, bigint>) => (instruction: Instruction, o: Outcome): readonly Conjunct[] => {
  const { name, encoding } = instruction
  const of = <W extends number>(r: Register<W>): Term<W> => get(r)
  const after = <W extends number>(r: Register<W>): Term<W> => (o.registers.get(r.name) ?? get(r)) as Term<W>
  const completed = not(o.trapped), bytes = constant(32, encoding.width / 8)
  const both = (f: (t: <W extends number>(r: Register<W>) => Term<W>) => Bool): Bool => and(f(of), implies(completed, f(after)))
  const at = add(of(x86.CS.base), of(x86.EIP)), to = add(after(x86.CS.base), after(x86.EIP)), distance = sub(to, at)
  const storage = accesses(o, 'E')
  const { base, limit, rights } = x86.DS
  const within = storage.map(({ index, when }) => {
    const last = add<number>(sub<number>(concat(index, constant(2, 0)), of(base)), constant(32, 3))
    return implies(when ?? True, and(bit(of(rights), 7), ule(last, of(limit))))
  })
  const code = of(x86.CS.rights), stack = of(x86.SS.rights)
  const segments = all([
    bit(code, 7), bit(code, 4), bit(code, 3), bit(code, 10), bit(stack, 7), bit(stack, 4), not(bit(stack, 3)), not(bit(stack, 2)), bit(stack, 1), bit(stack, 10),
    ...[x86.ES, x86.DS, x86.FS, x86.GS].map((s) => or(and(bit(of(s.rights), 7), bit(of(s.rights), 4)), eq(of(s.rights), constant(12, 0)))),
  ])
  const sameStack = (t: <W extends number>(r: Register<W>) => Term<W>): Bool => and(eq(t(x86.SS.base), of(base)), bit(t(x86.SS.rights), 10))
  const selects = (bank: string) => postorder(termsOf(o)).flatMap((t) => (t.kind === 'select' && t.memory.name === bank ? [t] : []))
  const limits = selects('DT.limit').map((t) => {
    const r = select(x86.table.rights, t.address as Term<14>)
    return or(isGate(r), ite<1>(bit(r, 11), eq(extract(t, 11, 0), constant(12, 0xfff)), eq(extract(t, 31, 20), constant(12, 0))))
  })
  // The offset of a call gate has bits in the place of a segment's flags.
  const gates = selects('DT.gate').map((t) => {
    const r = select(x86.table.rights, t.address as Term<14>)
    return or(not(isGate(r)), eq(extract(r, 11, 8), extract(t, 23, 20)))
  })
  const reads = (bank: string): readonly Term[] => accesses(o, bank).map((a) => a.index)
  const isOneOf = (t: Term, values: readonly (number | bigint)[]): Bool => any(values.map((v) => eq(t, constant<number>(t.width, v))))
  return [
    {
      name: 'the program is at A0000000', why: 'program, storage and tables do not overlap',
      holds: all([nibble(at, [10]), ult(extract(at, 27, 0), constant(28, 0xfffff00)), ule(add(of(x86.EIP), bytes), of(x86.CS.limit)), ule(of(x86.EIP), add(of(x86.EIP), bytes))]),
    },
    {
      name: 'branches go to where nothing is', why: 'a branch is seen by the page fault at its target',
      holds: implies(completed, or(eq(distance, bytes), and(ult(bytes, distance), storage.length > 0 ? nibble(to, [10, 15]) : not(nibble(to, [11, 12, 13, 14]))))),
    },
    { name: 'storage is below A0000000', holds: all(storage.map(({ index, when }) => implies(when ?? True, ult(extract(index, 29, 26), constant(4, 10))))), why: 'program, storage and tables do not overlap' },
    { name: 'GDT at D0000000, IDT at C0000000', holds: and(nibble(of(x86.GDTR.base), [13]), nibble(of(x86.IDTR.base), [12])), why: 'program, storage and tables do not overlap' },
    ...(showing.has(name) && !farTransfer.test(name) ? [] : [{ name: 'references are within DS', holds: all(within), why: 'the emulator does not compare references with limits, as its documentation says' }]),
    { name: 'CS and SS are a code and a stack of 32 bits, the others present or null', holds: segments, why: 'the processor keeps them so' },
    ...(references.test(name) ? [{
      name: 'the stack is in DS', why: 'the model takes every reference through DS',
      holds: and(sameStack(of), enters.test(name) ? implies(completed, name.startsWith('RET') || name === 'IRETD' ? bit(after(x86.SS.rights), 10) : sameStack(after)) : True),
    }] : []),
    ...(farTransfer.test(name) && name !== unmarked ? [{
      name: 'descriptors are marked accessed', why: 'the emulator does not mark them in a far transfer',
      holds: all((o.banks.get('DT.rights') ?? []).map((w) => implies(and(completed, w.when), eq(w.value, select(x86.table.rights, w.index as Term<14>))))),
    }] : []),
    ...(farTransfer.test(name) && !showing.has(name) ? [{
      name: 'code is within its limit', holds: all(o.traps.filter((t) => t.cause === 'limit').map((t) => not(t.when))), why: 'the emulator does not compare the limit in most far transfers',
    }] : []),
    ...(name === 'RET far imm16' ? [{
      name: 'an outward return releases less than 32768 bytes', why: 'the emulator takes the number as a signed one, and finds another stack',
      holds: or(not(bit(instruction.operands.imm1!, 7)), and(completed, eq(after(x86.CPL), of(x86.CPL)))),
    }] : []),
    ...(name === 'INSD' ? [{ name: 'ES is as DS', holds: eq(of(x86.ES.base), of(base)), why: 'the model takes every reference through DS' }] : []),
    { name: 'descriptors have a form', holds: all([...limits, ...gates]), why: 'a descriptor has 20 bits of limit, in bytes or pages, and a gate in their place' },
    {
      name: 'paging stays on, with a page directory at 500000', why: 'the bench keeps the program apart from the rest by pages',
      holds: all([
        both((t) => bit(t(x86.CR0), 31)), eq(extract(of(x86.CR3), 31, 20), constant(12, 5)),
        implies(completed, or(eq(extract(after(x86.CR3), 31, 20), constant(12, 5)), and(ule(constant(32, 0x1000000), after(x86.CR3)), ult(after(x86.CR3), constant(32, 0xc0000000))))),
      ]),
    },
    {
      name: 'control registers have the bits that this processor has', why: 'reserved bits are fixed, or refused',
      holds: all([
        both((t) => masked(t(x86.CR0), ~(bits0 | 0x80000001) >>> 0, 0x10)), not(and(bit(of(x86.CR0), 29), not(bit(of(x86.CR0), 30)))),
        both((t) => masked(t(x86.CR4), ~bits4(umip) >>> 0, 0)),
        both((t) => masked(t(x86.DR6), fixed6, fixed6)), both((t) => masked(t(x86.DR7), fixed7, fixed7)),
      ]),
    },
    { name: 'no virtual-8086 extensions', holds: both((t) => and(eq(t(x86.VIF), False), eq(t(x86.VIP), False))), why: 'the emulated processor does not have them: CR4.VME and CR4.PVI are reserved, VIF and VIP too' },
    { name: 'no breakpoint is armed', holds: and(eq(extract(of(x86.DR7), 7, 0), constant(8, 0)), eq(extract(after(x86.DR7), 7, 0), constant(8, 0))), why: 'it would come before the instruction, or to the kernel' },
    { name: 'the processor runs', holds: not(of(x86.HALTED)), why: 'it would not begin' },
    {
      name: 'model-specific registers are those of SYSENTER and STAR', why: 'these keep what is written to them',
      holds: all([
        all(reads('MSR').map((t) => isOneOf(t, [0x174, 0x175, 0x176, STAR]))), both((t) => eq(extract(t(x86.SYSENTER.CS), 63, 16), constant(48, 0))),
        ...[x86.SYSENTER.ESP, x86.SYSENTER.EIP].map((r) => both((t) => eq(extract(t(r), 63, 32), constant(32, 0)))),
      ]),
    },
    {
      name: 'ports are those that keep what is written', why: 'other ports are devices',
      holds: all(reads('PORT').map((t, _, list) => (list.length < 4 ? isOneOf(t, bytePorts) : isOneOf(t, [0, 1, 2, 3].map((n) => widePort + n))))),
    },
    { name: 'CPUID tells of this processor', holds: all(selects('CPUID').map((t) => any([...cpuid].map(([leaf, v]) => and(eq(t.address, constant(32, leaf)), eq(t, constant(128, v))))))), why: 'it cannot be changed' },
    ...(name === 'RDTSC' ? [{ name: 'the low half of the time stamp is 0', holds: eq(extract(of(x86.TSC), 31, 0), constant(32, 0)), why: 'it runs; its high half is what is compared' }] : []),
  ]
}
