// Segment registers: MOV, PUSH, POP and the loads of far pointers.
import { type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { concat, extract, zeroExtend, type Term } from '../../ir/term.ts'
import { CPL, type Segment, type SegmentName } from './state.ts'
import { loadData, loadStack } from './descriptors.ts'
import { bytes, type Notation } from './operands.ts'

/** What a program sees of a segment register; in CS and SS the two low bits are the level. */
export const selectorOf = (s: Segment): Term => (s.selector.width === 14 ? concat(get(s.selector), get(CPL)) : get(s.selector))

type Codes = Readonly<Partial<Record<SegmentName, readonly number[]>>>
const pushCodes: Codes = { ES: [0x06], CS: [0x0e], SS: [0x16], DS: [0x1e], FS: [0x0f, 0xa0], GS: [0x0f, 0xa8] }
const popCodes: Codes = { ES: [0x07], SS: [0x17], DS: [0x1f], FS: [0x0f, 0xa1], GS: [0x0f, 0xa9] }
const pointerCodes: Codes = { ES: [0xc4], DS: [0xc5], SS: [0x0f, 0xb2], FS: [0x0f, 0xb4], GS: [0x0f, 0xb5] }

/** A far pointer in storage: the offset, then the selector. */
export const farPointer = ({ bits, read, plus }: Notation, at: Term): { readonly guard: Statement[]; readonly offset: Term; readonly selector: Term } => {
  const offset = read(at, bits), selector = read(plus(at, bits / 8), 16)
  return { guard: [...offset.guard, ...selector.guard], offset: offset.value, selector: selector.value }
}

export const segmentInstructions = (n: Notation, segments: readonly Segment[]): Instruction[] => {
  const { bits, long, define, coded, rm16, source16, regOf, setReg, displacement, push, pop, onStack } = n
  const load = (s: Segment, selector: Term): Statement[] => (s.name === 'SS' ? loadStack(s, selector, long) : loadData(s, selector))
  /** In 64-bit mode the codes of one byte are undefined, or prefixes. */
  const coding = (codes: Codes) => segments.flatMap((s) => {
    const code = codes[s.name]
    return code && !(long && code.length === 1) ? [[s, code] as const] : []
  })
  return [
    ...segments.flatMap((s, reg) => rm16.map((form) =>
      define(`MOV ${form.name}, ${s.name}`, coded({ opcode: [0x8c], reg, ...form.coding }), (o) => form.write(o, selectorOf(s))))),
    ...segments.flatMap((s, reg) => (s.name === 'CS' ? [] : source16.map((form) =>
      define(`MOV ${s.name}, ${form.name}`, coded({ opcode: [0x8e], reg, ...form.coding }), (o) => {
        const selector = form.read(o)
        return [...selector.guard, ...load(s, selector.value)]
      })))),
    ...coding(pushCodes).map(([s, opcode]) => define(`PUSH ${s.name}`, bytes(...opcode), () => push([zeroExtend(selectorOf(s), bits)]))),
    ...coding(popCodes).map(([s, opcode]) => define(`POP ${s.name}`, bytes(...opcode), () => {
      const top = onStack(0)
      return [...top.guard, ...load(s, extract(top.value, 15, 0)), pop()]
    })),
    ...coding(pointerCodes).map(([s, opcode]) => define(`L${s.name} r${bits}, m16:${bits}`, coded({ opcode, form: 'storage', wide: long }), (o) => {
      const pointer = farPointer(n, displacement(o))
      return [...pointer.guard, ...load(s, pointer.selector), setReg(regOf(o), pointer.offset)]
    })),
  ]
}
