// Control transfers between segments and levels in 64-bit mode: far JMP, CALL and RET, INT n, INT 3 and IRETQ.
import { open, set, trapIf, type Instruction, type Statement } from '../../../ir/instruction.ts'
import { cell, get } from '../../../ir/state.ts'
import { add, all, and, any, concat, constant, eq, extract, False, ite, ne, not, or, True, ult, zeroExtend, type Bool, type Term } from '../../../ir/term.ts'
import { descriptor, hidden, loaded, noStack, nullStack, otherLevel, permitted, type Descriptor } from '../descriptors.ts'
import { atLevel0, flagsImage, loadFlags } from '../flags.ts'
import { longMode } from '../modes.ts'
import { bitOf, bytes, isZero, little, littleValue, notation, notCanonical } from '../operands.ts'
import { farPointer, selectorOf } from '../segments.ts'
import { CPL, IF, NT, TF, VIF, VIP } from '../state.ts'
import { beyondTable } from '../system-registers.ts'
import { asSupervisor, CS, DS, E, ES, FS, GS, IDTR, interrupts, relocation, RIP, SS, table, TSS } from './state.ts'

const n = notation(longMode)
const { define, coded, wideBytes, number, reg, setReg, displacement, onStack, plus, push, read, write } = n
const RSP = number(4)
const image = (selector: Term): Term => zeroExtend(selector, 64)
const onlyWhere = (s: Statement, when: Bool): Statement => ({ ...s, when: and(s.when, when) })
const loadCode = (d: Descriptor, offset: Term, when: Bool = True): Statement[] => [set(CS.selector, d.index, when), ...hidden(CS, d, when), set<number>(RIP, offset, when)]
const missing = (d: Descriptor): Bool => or(d.isNull, not(d.within))
/** L and D/B of a code segment. */
const is64 = (d: Descriptor): Bool => and(bitOf(d.rights, 9), not(bitOf(d.rights, 10)))
/** L with D is refused; a code segment without L is of compatibility mode. */
const contradictory = (d: Descriptor): Bool => and(bitOf(d.rights, 9), bitOf(d.rights, 10))
const only64 = (d: Descriptor): Statement => trapIf(not(bitOf(d.rights, 9)), 'unmodelled')

/** Goes to a code segment, to an inner level where `inner`: RSP comes from the task state segment, and SS becomes null. */
const enter = (e: Descriptor, offset: Term, pushed: readonly Statement[], inner: Bool, when: Bool = True): Statement[] => {
  const switched = and(when, inner)
  return [
    ...pushed.flatMap((s) => (s.kind === 'store' ? [onlyWhere(s, and(when, not(inner))), ...bySupervisor(onlyWhere(s, switched))] : [onlyWhere(s, when)])),
    set(SS.selector, 0, switched), set(SS.rights, 0, switched), set(CPL, e.dpl, switched), ...loadCode(e, offset, when),
  ]
}
const bySupervisor = (s: Statement): Statement[] => {
  if (s.kind !== 'store') return [s]
  const { fault, real } = asSupervisor(s.address)
  return [trapIf(and(s.when, fault), '#PF'), set<number>(cell(E, real), s.value, s.when)]
}
const innerStack = (e: Descriptor, inner: Bool): Term => ite<number>(inner, get(cell(TSS.RSP, e.dpl)), reg(RSP))

/** Far JMP and CALL: straight to a code segment, or through a call gate. */
const transfer = (selector: Term, offset: Term, call: { readonly next: Term } | undefined): Statement[] => {
  const d = descriptor(selector), gate = d.isSystem(12), g = get(cell(table.gate, d.index))
  const e = descriptor(ite<number>(gate, extract(g, 79, 64), selector)), to = ite<number>(gate, extract(g, 63, 0), offset)
  const wrongLevel = ite<1>(
    or(e.conforming, call === undefined ? e.conforming : gate), ult(get(CPL), e.dpl), or(ne(e.dpl, get(CPL)), and(not(gate), ult(get(CPL), e.rpl))),
  )
  return [
    trapIf(or(missing(d), and(not(d.isSegment), or(not(gate), beyondTable(d, true)))), '#GP(selector)'),
    trapIf(and(gate, not(permitted(d))), '#GP'), trapIf(and(gate, not(d.present)), '#NP'),
    trapIf(any([missing(e), not(e.isCode), contradictory(e), and(gate, not(is64(e)))]), '#GP(selector)'), trapIf(wrongLevel, '#GP'), trapIf(not(e.present), '#NP'),
    only64(e), trapIf(notCanonical(to), 'non-canonical'),
    ...(call === undefined ? loadCode(e, to) : callThrough(e, to, gate, call.next)),
  ]
}
const callThrough = (e: Descriptor, to: Term, gate: Bool, next: Term): Statement[] => {
  const inner = all([gate, not(e.conforming), ult(e.dpl, get(CPL))]), top = innerStack(e, inner)
  const stack = [...write(plus(top, -8), image(selectorOf(SS))), ...write(plus(top, -16), reg(RSP))].map((s) => onlyWhere(s, inner))
  return enter(e, to, [...stack, ...push([image(selectorOf(CS)), next], ite<number>(inner, plus(top, -16), top))], inner)
}

/** Far RET and IRETQ: the code selector's RPL is the level to return to, never an inner one. IRETQ always pops SS and RSP. */
const returnFar = (popped: number, released: Term, always: boolean): Statement[] => {
  const offset = onStack(0), selector = onStack(1), sel = extract(selector.value, 15, 0)
  const d = descriptor(sel), outer = ult(get(CPL), d.rpl), pops = always ? True : outer
  const rest = plus(add<number>(reg(RSP), released), 8 * popped)
  const stack = read(rest, 64, pops), stackSelector = read(plus(rest, 8), 64, pops)
  const sd = descriptor(extract(stackSelector.value, 15, 0)), nothing = nullStack(sd, d.rpl), checked = and(pops, not(nothing))
  return [
    // All is popped before any of it is looked at.
    ...Array.from({ length: popped }, (_, k) => [...onStack(k).guard, trapIf(relocation.develop(extract(plus(reg(RSP), 8 * k), 47, 3), 'read').fault, '#PF')]).flat(),
    trapIf(any([missing(d), not(d.isCode), contradictory(d)]), '#GP(selector)'),
    trapIf(or(ult(d.rpl, get(CPL)), ite<1>(d.conforming, ult(d.rpl, d.dpl), ne(d.rpl, d.dpl))), '#GP'),
    trapIf(not(d.present), '#NP'), only64(d),
    ...stack.guard.map((s) => onlyWhere(s, pops)),
    trapIf(and(checked, noStack(sd)), '#GP(selector)'), trapIf(and(checked, otherLevel(sd, d.rpl)), '#GP'), trapIf(and(checked, not(sd.present)), '#SS(selector)'),
    trapIf(notCanonical(offset.value), 'non-canonical'),
    ...loadCode(d, offset.value),
    setReg(RSP, ite<number>(pops, add<number>(stack.value, released), rest)),
    set(CPL, d.rpl, outer), set(SS.selector, sd.index, pops), ...loaded(SS, sd, nothing, pops),
    // Data segments that the outer level may not use become null; the manual has two opinions about the RPL of a null selector after a far RET.
    ...[DS, ES, FS, GS].flatMap((s) => {
      const rights = get(s.rights), conforming = all([bitOf(rights, 4), bitOf(rights, 3), bitOf(rights, 2)])
      const isNull = isZero(extract(get(s.selector), 15, 2)), lost = all([outer, not(isNull), not(conforming), ult(extract(rights, 6, 5), d.rpl)])
      const cleared = and(outer, isNull), isKept = always ? False : open(`RPL of a null ${s.name} after a far RET`, 1)
      return [set(s.selector, 0, or(lost, and(cleared, not(isKept)))), set(s.rights, 0, lost)]
    }),
  ]
}

/** A software interrupt through the gate of its vector; the frame always holds SS and RSP, and is aligned to 16 bytes. */
const interrupt = (vector: Term, next: Term): Statement[] => {
  const rights = get(cell(interrupts.rights, vector as Term<8>)), target = get(cell(interrupts.target, vector as Term<8>))
  const last = zeroExtend(concat(vector, constant(4, 15)), 16), type = extract(rights, 4, 0)
  const isType = (...types: readonly number[]): Bool => any(types.map((k) => eq(type, constant(5, k))))
  // Where IDT.outward is 0 every gate has DPL 0.
  const dpl = ite<number>(get(interrupts.outward), extract(rights, 6, 5), constant(2, 0))
  const e = descriptor(extract(target, 79, 64)), to = extract(target, 63, 0)
  const inner = and(not(e.conforming), ult(e.dpl, get(CPL)))
  const top = concat(extract(innerStack(e, inner), 63, 4), constant(4, 0))
  return [
    trapIf(or(ult(get(IDTR.limit), last), not(isType(14, 15))), '#GP(selector)'),
    trapIf(ult(dpl, get(CPL)), '#GP'),
    trapIf(not(bitOf(rights, 7)), '#NP'),
    trapIf(any([missing(e), not(e.isCode), not(is64(e)), ult(get(CPL), e.dpl)]), '#GP(selector)'), trapIf(not(e.present), '#NP'),
    trapIf(notCanonical(to), 'non-canonical'),
    ...enter(e, to, push([image(selectorOf(SS)), reg(RSP), zeroExtend(flagsImage(), 64), image(selectorOf(CS)), next], top), inner),
    set(IF, 0, isType(14)), set(TF, 0), set(NT, 0),
  ]
}

export const farTransfers = (): Instruction[] => [
  define('JMP m16:64', coded({ opcode: [0xff], form: 'storage', reg: 5, wide: true }), (o) => {
    const pointer = farPointer(n, displacement(o))
    return [...pointer.guard, ...transfer(pointer.selector, pointer.offset, undefined)]
  }),
  define('CALL m16:64', coded({ opcode: [0xff], form: 'storage', reg: 3, wide: true }), (o, next) => {
    const pointer = farPointer(n, displacement(o))
    return [...pointer.guard, ...transfer(pointer.selector, pointer.offset, { next })]
  }),
  define('RET far', wideBytes(0xcb), () => returnFar(2, constant(64, 0), false)),
  define('RET far imm16', [...wideBytes(0xca), ...little('imm', 16)], (o) => returnFar(2, zeroExtend(littleValue(o, 'imm', 16), 64), false)),
  define('IRETQ', wideBytes(0xcf), () => {
    const flags = onStack(2)
    return [
      // There are no tasks to return to in 64-bit mode.
      trapIf(get(NT), '#GP'), ...returnFar(3, constant(64, 0), true), ...loadFlags(flags.value),
      set(VIF, bitOf(flags.value, 19), atLevel0()), set(VIP, bitOf(flags.value, 20), atLevel0()),
    ]
  }),
  define('INT n', [...bytes(0xcd), ['vector', 8]], (o, next) => interrupt(o.vector!, next)),
  define('INT 3', bytes(0xcc), (_, next) => interrupt(constant(8, 3), next)),
]
