// Segment registers: MOV, PUSH, POP and the loads of far pointers.
import { type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { concat, extract, zeroExtend, type Term } from '../../ir/term.ts'
import { CPL, CS, DS, ES, FS, GS, segments, SS, type Segment } from './state.ts'
import { loadData, loadStack } from './descriptors.ts'
import { bytes, define, displacement, ESP, onStack, plus, push, read, reg32, rm16, setReg32, source16, storageForm } from './operands.ts'

/** What a program sees of a segment register; in CS and SS the two low bits are the level. */
export const selectorOf = (s: Segment): Term => (s === CS || s === SS ? concat(get(s.selector), get(CPL)) : get(s.selector))
const load = (s: Segment, selector: Term): Statement[] => (s === SS ? loadStack(selector) : loadData(s, selector))

const pushCodes: readonly (readonly [Segment, readonly number[]])[] = [
  [ES, [0x06]], [CS, [0x0e]], [SS, [0x16]], [DS, [0x1e]], [FS, [0x0f, 0xa0]], [GS, [0x0f, 0xa8]],
]
const popCodes: typeof pushCodes = [[ES, [0x07]], [SS, [0x17]], [DS, [0x1f]], [FS, [0x0f, 0xa1]], [GS, [0x0f, 0xa9]]]
const pointerCodes: typeof pushCodes = [[ES, [0xc4]], [DS, [0xc5]], [SS, [0x0f, 0xb2]], [FS, [0x0f, 0xb4]], [GS, [0x0f, 0xb5]]]

/** A far pointer in storage: the offset, then the selector. */
export const farPointer = (at: Term): { readonly guard: Statement[]; readonly offset: Term; readonly selector: Term } => {
  const offset = read(at, 32), selector = read(plus(at, 4), 16)
  return { guard: [...offset.guard, ...selector.guard], offset: offset.value, selector: selector.value }
}

export const segmentInstructions = (): Instruction[] => [
  ...segments.flatMap((s, n) => rm16.map((form) =>
    define(`MOV ${form.name}, ${s.name}`, [...bytes(...form.prefix, 0x8c), ...form.modrm(n)], (o) => form.write(o, selectorOf(s))))),
  ...segments.flatMap((s, n) => (s === CS ? [] : source16.map((form) =>
    define(`MOV ${s.name}, ${form.name}`, [...bytes(0x8e), ...form.modrm(n)], (o) => {
      const selector = form.read(o)
      return [...selector.guard, ...load(s, selector.value)]
    })))),
  ...pushCodes.map(([s, opcode]) => define(`PUSH ${s.name}`, bytes(...opcode), () => push([zeroExtend(selectorOf(s), 32)]))),
  ...popCodes.map(([s, opcode]) => define(`POP ${s.name}`, bytes(...opcode), () => {
    const top = onStack(0)
    return [...top.guard, ...load(s, extract(top.value, 15, 0)), setReg32(ESP, plus(reg32(ESP), 4))]
  })),
  ...pointerCodes.map(([s, opcode]) => define(`L${s.name} r32, m16:32`, [...bytes(...opcode), ...storageForm()], (o) => {
    const pointer = farPointer(displacement(o))
    return [...pointer.guard, ...load(s, pointer.selector), setReg32(o.reg!, pointer.offset)]
  })),
]
