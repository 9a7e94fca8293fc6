// Control transfers between segments and levels: far JMP, CALL and RET, INT n, INT 3, INTO, BOUND and IRETD.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import {
  add, all, and, any, concat, constant, eq, extract, ite, ne, not, or, slt, True, ult, zeroExtend, type Bool, type Term,
} from '../../ir/term.ts'
import { CPL, CS, DS, EIP, ES, FS, GS, IDTR, IF, interrupts, NT, OF, SS, table, TF, TSS, VIF, VIP } from './state.ts'
import { descriptor, hidden, noStack, otherLevel, outside, permitted, type Descriptor } from './descriptors.ts'
import { atLevel0, flagsImage, loadFlags } from './flags.ts'
import { protectedMode } from './modes.ts'
import { bitOf, bytes, isZero, little, littleValue, notation } from './operands.ts'
import { farPointer, selectorOf } from './segments.ts'

const n = notation(protectedMode)
const { define, coded, number, reg, setReg, displacement, onStack, plus, push, read, write } = n
const stackPointer = number(4)
const image = (selector: Term): Term => zeroExtend(selector, 32)
const loadCode = (d: Descriptor, offset: Term, when: Bool = True): Statement[] =>
  [set(CS.selector, d.index, when), ...hidden(CS, d, when), set(EIP, offset as Term<32>, when)]
const missing = (d: Descriptor): Bool => or(d.isNull, not(d.within))

/** Goes to a code segment, to an inner level where `inner`: its stack comes from the task state segment, and SS and ESP are pushed on it. */
const enter = (e: Descriptor, offset: Term, frame: readonly Term[], inner: Bool, when: Bool = True): Statement[] => {
  const stack = get(cell(TSS.stack, e.dpl)), sd = descriptor(extract(stack, 47, 32)), switched = and(when, inner)
  const top = extract(stack, 31, 0)
  const pushed = push(frame, ite<number>(inner, plus(top, -8), reg(stackPointer)))
  return [
    trapIf(and(switched, or(noStack(sd), otherLevel(sd, e.dpl))), '#TS'), trapIf(and(switched, not(sd.present)), '#SS(selector)'),
    trapIf(and(when, outside(offset, e)), 'limit'),
    ...[...write(plus(top, -4), image(selectorOf(SS))), ...write(plus(top, -8), reg(stackPointer))].map((s) => onlyWhere(s, switched)),
    ...pushed.map((s) => onlyWhere(s, when)),
    set(SS.selector, sd.index, switched), ...hidden(SS, sd, switched), set(CPL, e.dpl, switched),
    ...loadCode(e, offset, when),
  ]
}
const onlyWhere = (s: Statement, when: Bool): Statement => ({ ...s, when: and(s.when, when) })

/** Far JMP and CALL: straight to a code segment, or through a call gate. */
const transfer = (selector: Term, offset: Term, call: { readonly next: Term } | undefined): Statement[] => {
  const d = descriptor(selector), gate = d.isSystem(12), g = get(cell(table.gate, d.index))
  const e = descriptor(ite<number>(gate, extract(g, 52, 37), selector)), to = ite<number>(gate, extract(g, 31, 0), offset)
  const wrongLevel = ite<1>(
    or(e.conforming, call === undefined ? e.conforming : gate), ult(get(CPL), e.dpl), or(ne(e.dpl, get(CPL)), and(not(gate), ult(get(CPL), e.rpl))),
  )
  return [
    trapIf(missing(d), '#GP(selector)'),
    trapIf(any([1, 3, 4, 5, 9, 11].map(d.isSystem)), 'unmodelled'),
    trapIf(and(gate, not(permitted(d))), '#GP'), trapIf(and(gate, not(d.present)), '#NP'),
    trapIf(or(missing(e), not(e.isCode)), '#GP(selector)'), trapIf(wrongLevel, '#GP'), trapIf(not(e.present), '#NP'),
    ...(call === undefined ? [trapIf(outside(to, e), 'limit'), ...loadCode(e, to)] : callThrough(e, to, gate, extract(g, 36, 32), call.next)),
  ]
}
const callThrough = (e: Descriptor, to: Term, gate: Bool, parameters: Term, next: Term): Statement[] => {
  const inner = all([gate, not(e.conforming), ult(e.dpl, get(CPL))])
  return [trapIf(and(inner, not(isZero(parameters))), 'unmodelled'), ...enter(e, to, [image(selectorOf(CS)), next], inner)]
}

/** Far RET and IRETD: the code selector's RPL is the level to return to, never an inner one. `popped` counts doublewords. */
const returnFar = (popped: number, released: Term): Statement[] => {
  const offset = onStack(0), selector = onStack(1), sel = extract(selector.value, 15, 0)
  const d = descriptor(sel), outer = ult(get(CPL), d.rpl)
  const rest = plus(add<number>(reg(stackPointer), released), 4 * popped)
  const stack = read(rest, 32, outer), stackSelector = read(plus(rest, 4), 32, outer)
  const sd = descriptor(extract(stackSelector.value, 15, 0))
  return [
    ...offset.guard,
    trapIf(or(missing(d), not(d.isCode)), '#GP(selector)'),
    trapIf(or(ult(d.rpl, get(CPL)), ite<1>(d.conforming, ult(d.rpl, d.dpl), ne(d.rpl, d.dpl))), '#GP'),
    trapIf(not(d.present), '#NP'),
    ...stack.guard.map((s) => onlyWhere(s, outer)),
    trapIf(and(outer, noStack(sd)), '#GP(selector)'), trapIf(and(outer, otherLevel(sd, d.rpl)), '#GP'), trapIf(and(outer, not(sd.present)), '#SS(selector)'),
    trapIf(outside(offset.value, d), 'limit'),
    ...loadCode(d, offset.value),
    setReg(stackPointer, ite<number>(outer, add<number>(stack.value, released), rest)),
    set(CPL, d.rpl, outer), set(SS.selector, sd.index, outer), ...hidden(SS, sd, outer),
    // Data segments that the outer level may not use become null.
    ...[DS, ES, FS, GS].flatMap((s) => {
      const rights = get(s.rights), conforming = all([bitOf(rights, 4), bitOf(rights, 3), bitOf(rights, 2)])
      const lost = all([outer, not(conforming), ult(extract(rights, 6, 5), d.rpl)])
      return [set(s.selector, 0, lost), set(s.rights, 0, lost)]
    }),
  ]
}

/** A software interrupt through the gate of its vector; where `when` is 0 it does nothing. */
const interrupt = (vector: Term, next: Term, when: Bool = True): Statement[] => {
  const rights = get(cell(interrupts.rights, vector as Term<8>)), target = get(cell(interrupts.target, vector as Term<8>))
  const last = zeroExtend(concat(vector, constant(3, 7)), 16), type = extract(rights, 4, 0)
  const isType = (...types: readonly number[]): Bool => any(types.map((n) => eq(type, constant(5, n))))
  // Where IDT.outward is 0 every gate has DPL 0.
  const dpl = ite<number>(get(interrupts.outward), extract(rights, 6, 5), constant(2, 0))
  const e = descriptor(extract(target, 47, 32)), to = extract(target, 31, 0)
  const inner = and(not(e.conforming), ult(e.dpl, get(CPL)))
  const guard = (condition: Bool, cause: string): Statement => trapIf(and(when, condition), cause)
  return [
    guard(or(ult(get(IDTR.limit), last), not(isType(5, 6, 7, 14, 15))), '#GP(selector)'),
    guard(ult(dpl, get(CPL)), '#GP'),
    guard(not(bitOf(rights, 7)), '#NP'),
    guard(isType(5, 6, 7), 'unmodelled'),
    guard(any([missing(e), not(e.isCode), ult(get(CPL), e.dpl)]), '#GP(selector)'), guard(not(e.present), '#NP'),
    ...enter(e, to, [flagsImage(), image(selectorOf(CS)), next], inner, when),
    set(IF, 0, and(when, isType(14))), set(TF, 0, when), set(NT, 0, when),
  ]
}

export const farTransfers = (): Instruction[] => [
  define('JMP ptr16:32', [...bytes(0xea), ...little('offset', 32), ...little('selector', 16)], (o) =>
    transfer(littleValue(o, 'selector', 16), littleValue(o, 'offset', 32), undefined)),
  define('JMP m16:32', coded({ opcode: [0xff], form: 'storage', reg: 5 }), (o) => {
    const pointer = farPointer(n, displacement(o))
    return [...pointer.guard, ...transfer(pointer.selector, pointer.offset, undefined)]
  }),
  define('CALL ptr16:32', [...bytes(0x9a), ...little('offset', 32), ...little('selector', 16)], (o, next) =>
    transfer(littleValue(o, 'selector', 16), littleValue(o, 'offset', 32), { next })),
  define('CALL m16:32', coded({ opcode: [0xff], form: 'storage', reg: 3 }), (o, next) => {
    const pointer = farPointer(n, displacement(o))
    return [...pointer.guard, ...transfer(pointer.selector, pointer.offset, { next })]
  }),
  define('RET far', bytes(0xcb), () => returnFar(2, constant(32, 0))),
  define('RET far imm16', [...bytes(0xca), ...little('imm', 16)], (o) => returnFar(2, zeroExtend(littleValue(o, 'imm', 16), 32))),
  define('IRETD', bytes(0xcf), () => {
    const flags = onStack(2)
    return [
      // Back to another task, and to virtual-8086 mode.
      trapIf(get(NT), 'unmodelled'), ...flags.guard, trapIf(and(atLevel0(), bitOf(flags.value, 17)), 'unmodelled'),
      ...returnFar(3, constant(32, 0)), ...loadFlags(flags.value),
      set(VIF, bitOf(flags.value, 19), atLevel0()), set(VIP, bitOf(flags.value, 20), atLevel0()),
    ]
  }),
  define('INT n', [...bytes(0xcd), ['vector', 8]], (o, next) => interrupt(o.vector!, next)),
  define('INT 3', bytes(0xcc), (_, next) => interrupt(constant(8, 3), next)),
  define('INTO', bytes(0xce), (_, next) => interrupt(constant(8, 4), next, get(OF))),
  define('BOUND r32, m32&32', coded({ opcode: [0x62], form: 'storage' }), (o) => {
    const lower = read(displacement(o), 32), upper = read(plus(displacement(o), 4), 32), index = reg(o.reg!)
    return [...lower.guard, trapIf(or(slt<number>(index, lower.value), slt<number>(upper.value, index)), '#BR')]
  }),
]
