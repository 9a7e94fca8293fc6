// Which states of 32-bit x86 a program can be in under Linux.
import type { Instruction } from '../../../model/ir/instruction.ts'
import { get, type Register } from '../../../model/ir/state.ts'
import {
  all, and, any, concat, constant, eq, extract, implies, not, or, postorder, sub, True, ult, type Bool, type Term,
} from '../../../model/ir/term.ts'
import { termsOf, type Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct } from '../../../model/machine/isa.ts'
import * as x86 from '../../../model/isa/x86/state.ts'
import { accesses } from '../bench.ts'
import { prevented } from './record.ts'

/** Linux's segments for 32-bit programs, by index in the table: the code segment 23 and the data segment 2b, both of 4 GB. */
export const segments = { code: { index: 8, rights: 0xcfb }, data: { index: 10, rights: 0xcf3 } } as const
/** CR4.PVI, TSD and PCE, which Linux has clear, and UMIP. */
const control = 0x906, prevention = 0x800
const stack = /^(PUSH|POP|CALL|RET|LEAVE|IRETD|INT)/

interface Segment {
  readonly selector: Register
  readonly base: Register<32>
  readonly limit: Register<32>
  readonly rights: Register<12>
}

const nibble = (t: Term, low: number, high: number): Bool => and(not(ult(extract(t, 31, 28), constant(4, low))), not(ult(constant(4, high), extract(t, 31, 28))))

export const limitsOf = (umip: boolean) => ({ name, encoding, operands }: Instruction, o: Outcome): readonly Conjunct[] => {
  const is = (r: Register, value: number): Bool => eq(get(r), constant<number>(r.width, value))
  const after = (r: Register): Term => o.registers.get(r.name) ?? get(r)
  const completed = not(o.trapped), bytes = constant(32, encoding.width / 8)
  const selects = (bank: string): readonly (Term & { readonly address: Term })[] =>
    postorder(termsOf(o)).flatMap((t) => (t.kind === 'select' && t.memory.name === bank ? [t] : []))
  const at = get(x86.EIP), to = after(x86.EIP), distance = sub<number>(to, at), storage = accesses(o, 'E')
  const flat = (s: Segment): Bool => and(eq(get(s.limit), constant(32, 0xffffffff)), eq(get(s.base), constant(32, 0)))
  const data = (s: Segment, selector: Bool): Bool => all([selector, flat(s), is(s.rights, segments.data.rights)])
  const selected = (s: Segment): Bool => is(s.selector, segments.data.index * 4 + 3)
  const isNull = (s: Segment): Bool => all([eq(extract<14>(get(s.selector), 15, 2), constant(14, 0)), flat(s), is(s.rights, 0)])
  const known = ([index, rights]: readonly [number, number], t: Term & { readonly address: Term }, bank: string): Bool =>
    and(eq(t.address, constant(14, index)), eq(t, constant<number>(t.width, bank === 'DT.rights' ? rights : bank === 'DT.limit' ? 0xffffffff : 0)))
  const tables = ['DT.base', 'DT.limit', 'DT.rights', 'DT.gate'].flatMap((bank) => selects(bank).map((t) =>
    any([eq(t.address, constant(14, 0)), ...Object.values(segments).map((s) => known([s.index, s.rights], t, bank))])))
  return [
    { name: 'CPL = 3', holds: is(x86.CPL, 3), why: 'Linux gives a program no other' },
    { name: 'the flags are a program\'s', holds: all([is(x86.IF, 1), is(x86.IOPL, 0), is(x86.VIF, 0), is(x86.VIP, 0), is(x86.TF, 0), is(x86.AC, 0), implies(completed, eq(after(x86.AC), constant(1, 0)))]), why: 'Linux keeps IF and IOPL; TF and AC would be in the way of coming back' },
    {
      name: 'the segments are those of Linux, or null', why: 'a program has no others',
      holds: all([
        eq(get(x86.CS.selector), constant(14, segments.code.index)), flat(x86.CS), is(x86.CS.rights, segments.code.rights),
        data(x86.SS, eq(get(x86.SS.selector), constant(14, segments.data.index))),
        ...[x86.DS, x86.ES, x86.FS, x86.GS].map((s) => or(data(s, selected(s)), isNull(s))),
        stack.test(name) ? selected(x86.DS) : True,
      ]),
    },
    { name: 'descriptors are those of Linux', holds: all([...tables, is(x86.GDTR.limit, 0x7f), is(x86.LDTR.selector, 0)]), why: 'a program has no others' },
    { name: 'the program is at A0000000 to EFFFFFFF', holds: and(nibble(at, 10, 14), ult(extract(at, 27, 0), constant(28, 0xfffff00))), why: 'program and storage do not overlap' },
    { name: 'branches go to where nothing is', holds: implies(completed, or(eq<number>(distance, bytes), and(ult<number>(bytes, distance), nibble(to, 10, 14)))), why: 'a branch is seen by the page fault at its target' },
    { name: 'storage is at 10000000 to 9FFFFFFF', holds: all(storage.map(({ index, when }) => implies(when ?? True, nibble(concat(index, constant(2, 0)), 1, 9)))), why: 'program and storage do not overlap' },
    ...(prevented.test(name) && operands.disp0 ? [{ name: 'references are aligned', holds: eq(extract<2>(operands.disp0, 1, 0), constant(2, 0)), why: 'what Linux stores is looked for there' }] : []),
    ...(name === 'RET far imm16' ? [{ name: 'what is released is aligned', holds: eq(extract<2>(operands.imm0!, 1, 0), constant(2, 0)), why: 'the processor looks at the stack beyond it before it looks at the selector' }] : []),
    { name: 'the gates are those of Linux', holds: all([is(x86.interrupts.outward, 0), is(x86.IDTR.limit, 0xfff), ...selects('IDT.rights').map((t) => eq(t, constant<number>(8, 0x8e))), ...(operands.vector ? [not(any([3, 4, 0x80].map((n) => eq(operands.vector!, constant<number>(8, n)))))] : []), name === 'INTO' ? is(x86.OF, 0) : True]), why: 'a program has no others' },
    { name: 'no port, no counter, no time stamp is forbidden or allowed otherwise', holds: all([is(x86.TSS.mapped, 0), eq<number>(and<number>(get(x86.CR4), constant<number>(32, control)), constant<number>(32, umip ? prevention : 0))]), why: 'Linux sets them so' },
  ]
}
