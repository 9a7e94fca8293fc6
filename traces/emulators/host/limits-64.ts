// Which states of x86 in 64-bit mode a program can be in under Linux.
import type { Instruction } from '../../../model/ir/instruction.ts'
import { cell, get, type Register } from '../../../model/ir/state.ts'
import { add, all, and, any, constant, eq, extract, implies, not, or, postorder, signExtend, sub, True, ult, type Bool, type Term } from '../../../model/ir/term.ts'
import { termsOf, type Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct } from '../../../model/machine/isa.ts'
import * as long from '../../../model/isa/x86/long-mode/state.ts'
import { littleValue, notCanonical } from '../../../model/isa/x86/operands.ts'
import * as x86 from '../../../model/isa/x86/state.ts'
import { accesses } from '../bench.ts'
import type { Processor } from './bench.ts'
import { prevented } from './record.ts'

/** Linux's segments for programs, by index in the table: 23, the code segment of 32-bit programs, the data segment 2b, and 33. */
export const segments = { code32: { index: 8, rights: 0xcfb }, data: { index: 10, rights: 0xcf3 }, code: { index: 12, rights: 0xafb } } as const
/** Bits 47 to 44 of addresses. */
export const regions = { program: [1, 2], storage: [3, 4, 8, 9, 10, 11, 12, 13, 14, 15] } as const
/** The pages of programs: half of all. */
export const userPages = 1n << 35n
/** CR4.PVI, TSD, PCE, UMIP, FSGSBASE and OSXSAVE, and how Linux has them. */
const control = 0x50906
export const controlOf = ({ umip, bases }: Processor): number => 0x40000 | (umip ? 0x800 : 0) | (bases ? 0x10000 : 0)

const isOneOf = (t: Term, values: readonly (number | bigint)[]): Bool => any(values.map((v) => eq(t, constant<number>(t.width, v))))

/** RBX and the displacement. */
const reference = (operands: Instruction['operands']): Term =>
  add<number>(get(cell(long.R, constant(4, 3))), signExtend(littleValue(operands as Readonly<Record<string, Term>>, 'disp', 32), 64))

export const limitsOf = (processor: Processor) => ({ name, encoding, operands }: Instruction, o: Outcome): readonly Conjunct[] => {
  const is = (r: Register, value: number | bigint): Bool => eq(get(r), constant<number>(r.width, value))
  const after = (r: Register): Term => o.registers.get(r.name) ?? get(r)
  const completed = not(o.trapped), bytes = constant(64, encoding.width / 8)
  const selects = (bank: string): readonly (Term & { readonly address: Term })[] =>
    postorder(termsOf(o)).flatMap((t) => (t.kind === 'select' && t.memory.name === bank ? [t] : []))
  const at = get(long.RIP), to = after(long.RIP), distance = sub<number>(to, at), storage = accesses(o, 'E')
  const inProgram = (t: Term): Bool => isOneOf(extract(t, 63, 44), regions.program)
  const data = (s: x86.Segment): Bool => and(is(s.selector, s.selector.width === 14 ? segments.data.index : segments.data.index * 4 + 3), is(s.rights, segments.data.rights))
  const isNull = (s: x86.Segment): Bool => and(eq(extract<14>(get(s.selector), 15, 2), constant(14, 0)), is(s.rights, 0))
  const said = (bank: string, rights: number): number => (bank === 'DT.rights' ? rights : bank === 'DT.limit' ? 0xffffffff : 0)
  const tables = ['DT.base', 'DT.limit', 'DT.rights', 'DT.gate'].flatMap((bank) => selects(bank).map((t) =>
    any([eq(t.address, constant(14, 0)), ...Object.values(segments).map((s) => and(eq(t.address, constant(14, s.index)), eq(t, constant<number>(t.width, said(bank, s.rights)))))])))
  return [
    { name: 'CPL = 3', holds: is(x86.CPL, 3), why: 'Linux gives a program no other' },
    { name: 'the flags are a program\'s', holds: all([is(x86.IF, 1), is(x86.IOPL, 0), is(x86.VIF, 0), is(x86.VIP, 0), is(x86.TF, 0), is(x86.AC, 0), implies(completed, eq(after(x86.AC), constant(1, 0)))]), why: 'Linux keeps IF and IOPL; TF and AC would be in the way of coming back' },
    {
      name: 'the segments are those of Linux, or null', why: 'a program has no others',
      holds: all([
        is(long.CS.selector, segments.code.index), is(long.CS.rights, segments.code.rights), data(long.SS),
        ...[long.DS, long.ES, long.FS, long.GS].map((s) => or(data(s), isNull(s))),
        ...[long.FS.base, long.GS.base].map((b) => (processor.bases ? not(notCanonical(get(b))) : is(b, 0))),
      ]),
    },
    { name: 'descriptors are those of Linux', holds: all([...tables, is(x86.GDTR.limit, 0x7f), is(x86.LDTR.selector, 0)]), why: 'a program has no others' },
    { name: 'the program is at 100000000000 to 2FFFFFFFFFFF', holds: and(inProgram(at), ult(extract(at, 43, 0), constant(44, 0xfffffffff00n))), why: 'program and storage do not overlap' },
    { name: 'branches go to where nothing is', holds: implies(completed, or(eq<number>(distance, bytes), and(ult<number>(bytes, distance), inProgram(to)))), why: 'a branch is seen by the page fault at its target' },
    {
      name: 'storage is at 300000000000 to 4FFFFFFFFFFF, or Linux\'s', why: 'program and storage do not overlap',
      holds: all([is(long.PAGES.user, userPages), is(long.PAGES.all, userPages), eq(extract(get(long.CR3), 47, 12), constant(36, 0)), ...storage.map(({ index, when }) => implies(when ?? True, isOneOf(extract(index, 44, 41), regions.storage)))]),
    },
    ...(prevented.test(name) && operands.disp0 ? [{
      name: 'what Linux stores is aligned, and in the program\'s storage', why: 'it is looked for there',
      holds: all([eq(extract<3>(reference(operands), 2, 0), constant(3, 0)), isOneOf(extract(reference(operands), 63, 44), regions.storage.slice(0, 2))]),
    }] : []),
    { name: 'the gates are those of Linux', holds: all([is(x86.interrupts.outward, 0), is(x86.IDTR.limit, 0xfff), ...selects('IDT.rights').map((t) => eq(t, constant<number>(8, 0x8e))), ...(operands.vector ? [not(isOneOf(operands.vector, [3, 4, 0x80]))] : [])]), why: 'a program has no others' },
    { name: 'no port, no counter, no time stamp is forbidden or allowed otherwise', holds: all([is(x86.TSS.mapped, 0), is(long.EFER.SCE, 1), eq<number>(and<number>(get(x86.CR4), constant<number>(32, control)), constant<number>(32, controlOf(processor)))]), why: 'Linux sets them so' },
  ]
}
