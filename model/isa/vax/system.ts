// Instructions of the operating system: change of mode, return from exceptions, probes, contexts, processor registers.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get, type Cell } from '../../ir/state.ts'
import {
  add, all, and, any, concat, constant, eq, extract, False, ite, not, or, shl, True, ule, ult, zeroExtend, type Bool, type Term,
} from '../../ir/term.ts'
import { isZero, notation, plus, psl, shownPsl, type Operands } from './notation.ts'
import { inKernel, kernel, sp, type State } from './state.ts'

/** Under PSL<VM> whatever would enter the VMM's business goes to the VMM. */
const emulated = (s: State): Statement[] => (s.options.virtual ? [trapIf(get(s.VM), 'VM-emulation')] : [])
const kernelOnly = (s: State): Statement[] => [...emulated(s), trapIf(not(inKernel(s)), 'reserved-instruction')]
const stackOf = (s: State, mode: Term): Cell => cell(s.STACKS, mode)
const max = (a: Term, b: Term): Term => ite<number>(ult(a, b), b, a)

export const system = (s: State): Instruction[] => {
  const { define, put } = notation(s, 'Process and Memory Management')
  return [
    define(0x00, 'HALT', [], () => [...kernelOnly(s), set(s.HALTED, 1)]),
    define(0x03, 'BPT', [], () => [trapIf(True, 'breakpoint')]),
    define(0xfc, 'XFC', [], () => [trapIf(True, 'customer-reserved-instruction')]),
    define(0x02, 'REI', [], () => returnFromException(s)),
    define(0xdc, 'MOVPSL', ['Rn'], (o) => put(o[0]!, shownPsl(s))),
    ...['CHMK', 'CHME', 'CHMS', 'CHMU'].map((name, mode) => define(0xbc + mode, name, ['S^#'], (o, next) => changeMode(s, mode, o, next))),
    define(0x0c, 'PROBER', ['S^#', 'S^#', '(Rn)'], (o) => probe(s, o, readable)),
    define(0x0d, 'PROBEW', ['S^#', 'S^#', '(Rn)'], (o) => probe(s, o, writable)),
    define(0x06, 'LDPCTX', [], () => loadContext(s)),
    define(0x07, 'SVPCTX', [], () => saveContext(s)),
    define(0xda, 'MTPR', ['Rn', 'S^#'], (o) => moveToProcessor(s, o)),
    define(0xdb, 'MFPR', ['S^#', 'Rn'], (o) => moveFromProcessor(s, o)),
  ]
}

/**
 * To the outer one of no modes: the target, or the current mode where that is further in. Where the new mode is the
 * kernel, the exception is the trap of the paper: control goes to the supervisor's handler. Into another mode the
 * processor goes on by itself: it takes the handler's address from the system control block and the handler's stack.
 */
const changeMode = (s: State, target: number, o: Operands, next: Term): Statement[] => {
  const { gr, SP, write, aligned } = notation(s, '')
  const cur = get(s.CUR)
  const mode = ite<number>(ult<number>(cur, constant(2, target)), cur, constant(2, target))
  const halts = get(s.IS)
  const enters = not(halts)
  const stack = ite<number>(eq<number>(mode, cur), SP, get(stackOf(s, mode)))
  const handler = get(cell(s.E, add<number>(extract(get(s.SCBB), 29, 2), constant(28, (0x40 + 4 * target) / 4))))
  return [
    ...emulated(s),
    trapIf(and(enters, eq<number>(mode, kernel)), 'change-mode'),
    // Illegal on the interrupt stack: the processor halts.
    set(s.HALTED, 1, halts),
    ...(target === 0 ? [set<number>(s.PC, next)] : [
      aligned(stack),
      ...write(plus(stack, -4), psl(s), enters), ...write(plus(stack, -8), next, enters),
      ...write(plus(stack, -12), concat(constant(26, 0), o[0]!.field), enters),
      set(stackOf(s, cur), SP, enters), set(gr(sp), plus(stack, -12), enters),
      set<number>(s.PRV, cur, enters), set<number>(s.CUR, mode, enters),
      set<number>(s.PSW, ite<number>(enters, constant(8, 0), get(s.PSW))),
      set<number>(s.PC, ite<number>(enters, concat(extract(handler, 31, 2), constant(2, 0)), next)),
    ]),
  ]
}

/** Pops PC and PSL, checks the new PSL against the old one, and takes it. */
const returnFromException = (s: State): Statement[] => {
  const { gr, SP, read, aligned } = notation(s, '')
  const popped = read(plus(SP, 4)), cur = get(s.CUR)
  const to = { is: extract<1>(popped, 26, 26), cur: extract(popped, 25, 24), prv: extract(popped, 23, 22), ipl: extract(popped, 20, 16) }
  const inward = ult<number>(to.cur, cur)
  const outer = not(isZero(to.cur)), urgent = not(isZero(to.ipl))
  const vm = s.options.virtual ? extract<1>(popped, 29, 29) : False
  const mustBeZero = concat(extract(popped, s.options.virtual ? 28 : 29, 28), extract(popped, 21, 21), extract(popped, 15, 8))
  /** Compatibility mode, trace pending and first part done. */
  const other = not(isZero(concat(extract(popped, 31, 30), extract(popped, 27, 27))))
  const illegal = any([
    inward, and(to.is, not(get(s.IS))), and(to.is, outer), and(to.is, not(urgent)), and(urgent, outer),
    not(ule<number>(to.cur, to.prv)), ult<number>(get(s.IPL), to.ipl), not(isZero(mustBeZero)), and(vm, not(inKernel(s))),
  ])
  const after = plus(SP, 8)
  const own = and(not(to.is), and(not(get(s.IS)), eq<number>(to.cur, cur)))
  return [
    ...emulated(s), aligned(SP), trapIf(other, 'unmodelled'), trapIf(illegal, 'reserved-operand'),
    set<number>(s.ISP, after, get(s.IS)), set(stackOf(s, cur), after, not(get(s.IS))),
    set(gr(sp), ite<number>(or(to.is, own), after, get(stackOf(s, to.cur)))),
    set<number>(s.CUR, to.cur), set<number>(s.PRV, to.prv), set(s.IS, to.is), set<number>(s.IPL, to.ipl),
    set<number>(s.PSW, extract(popped, 7, 0)),
    ...(s.options.virtual ? [set(s.VM, vm)] : []),
    // An asynchronous system trap that was waiting for this mode becomes a software interrupt of level 2.
    set<number>(s.SISR, or<number>(get(s.SISR), constant(16, 4)), and(not(to.is), ule<number>(get(s.ASTLVL), zeroExtend(to.cur, 3)))),
    set<number>(s.PC, read(SP)),
  ]
}

/** PTE<PROT>: the outermost mode that may read and write, 4 for none. */
type Access = (prot: Term, mode: Term) => Bool
const byCode = (outermost: readonly (number | undefined)[]): Access => (prot, mode) =>
  any(outermost.map((m, code) => (m === undefined ? False : and(eq<number>(prot, constant(4, code)), ule<number>(mode, constant(2, m))))))
const none = undefined
/** NA, reserved, KW, KR, UW, EW, ERKW, ER, SW, SREW, SRKW, SR, URSW, UREW, URKW, UR. */
export const readable = byCode([none, none, 0, 0, 3, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3])
export const writable = byCode([none, none, 0, none, 3, 1, 0, none, 2, 1, 0, none, 2, 1, 0, none])

/** Z where the previous mode, or the given one where that is further out, has no access to the first and the last byte. */
const probe = (s: State, o: Operands, access: Access): Statement[] => {
  const { addressOf, codes, carry } = notation(s, '')
  const mode = max(extract(o[0]!.field, 1, 0), get(s.PRV))
  const base = addressOf(o[2]!)
  const last = plus(add<number>(base, zeroExtend(o[1]!.field, 32)), -1)
  const within = (address: Term): Bool => and(isZero(extract(address, 31, 30)), ult<number>(extract(address, 29, 9), get(s.P0LR)))
  const accessible = all([within(base), within(last), access(get(s.PROT), mode)])
  return [...emulated(s), codes(False, not(accessible), False, carry)]
}

/** The process control block: stack pointers, R0 to R13, PC and PSL, then the mapping. */
const block = (s: State, n: number): Cell => cell(s.E, add<number>(extract(get(s.PCBB), 29, 2), constant(28, n)))
const loadContext = (s: State): Statement[] => {
  const { gr, SP, aligned } = notation(s, '')
  const at = (n: number): Term => get(block(s, n))
  const first = extract(at(20), 29, 9), count = extract(at(21), 20, 0)
  /** A push on the loaded kernel stack, through the loaded mapping. */
  const push = (below: number, value: Term): Statement[] => {
    const address = plus(at(0), -below), onPage = extract(address, 29, 9)
    const fault = not(and(isZero(extract(address, 31, 30)), ult<number>(onPage, count)))
    return [
      trapIf(fault, 'access-control-violation'),
      ...(s.options.modify === 'fault' ? [trapIf(not<1>(get(cell(s.MODIFIED, onPage)) as Bool), 'modify-fault')] : [set(cell(s.MODIFIED, onPage), 1)]),
      set(cell(s.E, concat(add<number>(onPage, first), extract(address, 8, 2))), value),
    ]
  }
  return [
    ...kernelOnly(s), aligned(at(0)),
    ...[1, 2, 3].map((m) => set(stackOf(s, constant(2, m)), at(m))),
    ...Array.from({ length: 14 }, (_, r) => set(gr(constant(4, r)), at(4 + r))),
    set<number>(s.P0BR, first), set<number>(s.P0LR, count),
    set<number>(s.ASTLVL, extract(at(21), 26, 24)),
    set<number>(s.ISP, SP, get(s.IS)), set(s.IS, 0),
    set(gr(sp), plus(at(0), -8)), ...push(8, at(18)), ...push(4, at(19)),
  ]
}

const saveContext = (s: State): Statement[] => {
  const { gr, SP, read, aligned } = notation(s, '')
  const onInterruptStack = get(s.IS), kernelStack = stackOf(s, kernel)
  const saved = ite<number>(onInterruptStack, get(kernelStack), plus(SP, 8))
  return [
    ...kernelOnly(s), aligned(SP),
    set(kernelStack, saved), set(gr(sp), ite<number>(onInterruptStack, plus(SP, 8), get(s.ISP))), set(s.IS, 1),
    set(s.IPL, 1, and(not(onInterruptStack), isZero(get(s.IPL)))),
    set(block(s, 0), saved), ...[1, 2, 3].map((m) => set(block(s, m), get(stackOf(s, constant(2, m))))),
    ...Array.from({ length: 14 }, (_, r) => set(block(s, 4 + r), get(gr(constant(4, r))))),
    set(block(s, 18), read(SP)), set(block(s, 19), read(plus(SP, 4))),
  ]
}

/** Processor registers that have a name here; the others are in the bank PR. */
const processorRegisters = (s: State) => ({
  8: {
    get: concat(constant(2, 0), get(s.P0BR), constant(9, 0)),
    set: (v: Term, when: Bool) => set<number>(s.P0BR, extract(v, 29, 9), when),
  },
  9: { get: zeroExtend(get(s.P0LR), 32), set: (v: Term, when: Bool) => set<number>(s.P0LR, extract(v, 20, 0), when) },
  16: { get: get(s.PCBB), set: (v: Term, when: Bool) => set<number>(s.PCBB, v, when) },
  17: { get: get(s.SCBB), set: (v: Term, when: Bool) => set<number>(s.SCBB, v, when) },
  18: { get: zeroExtend(get(s.IPL), 32), set: (v: Term, when: Bool) => set<number>(s.IPL, extract(v, 4, 0), when) },
  19: { get: zeroExtend(get(s.ASTLVL), 32), set: (v: Term, when: Bool) => set<number>(s.ASTLVL, extract(v, 2, 0), when) },
  21: { get: zeroExtend(get(s.SISR), 32), set: (v: Term, when: Bool) => set<number>(s.SISR, extract(v, 15, 0), when) },
})
/** Bits of a processor register that must be zero, by its number. */
const mustBeZero: Readonly<Record<number, number>> = { 9: 0xffe00000, 16: 0xc0000003, 17: 0xc0000003, 18: 0xffffffe0, 19: 0xfffffff8, 20: 0xfffffff0, 21: 0xffff0001 }
const named = (s: State) => Object.entries(processorRegisters(s)).map(([n, r]) => ({ ...r, number: constant(6, Number(n)) }))

const moveToProcessor = (s: State, o: Operands): Statement[] => {
  const { operandValue, tested } = notation(s, '')
  const value = operandValue(o[0]!), number = o[1]!.field
  const is = (n: Term): Bool => eq<number>(number, n)
  /** 0 to 3 are the stack pointers of the modes, 4 the interrupt stack's, 20 asks for a software interrupt. */
  const stack = ult<number>(number, constant(6, 4)), request = is(constant(6, 20)), interruptStack = is(constant(6, 4))
  const other = not(any([stack, request, interruptStack, ...named(s).map((r) => is(r.number))]))
  return [
    ...kernelOnly(s), tested(value),
    trapIf(or(interruptStack, is(constant(6, 0))), 'unmodelled'),
    trapIf(any(Object.entries(mustBeZero).map(([n, bits]) => and(is(constant(6, Number(n))), not(isZero(and<number>(value, constant(32, bits))))))), 'unmodelled'),
    // There is no mode 5, 6 or 7 to which an asynchronous system trap could be due.
    trapIf(and(is(constant(6, 19)), ult<number>(constant(3, 4), extract(value, 2, 0))), 'unmodelled'),
    trapIf(and(request, isZero(value)), 'unmodelled'),
    set(stackOf(s, extract(number, 1, 0)), value, stack),
    ...named(s).filter((r) => r.number !== constant(6, 21)).map((r) => r.set(value, is(r.number))),
    set<number>(
      s.SISR, ite<number>(request, or<number>(get(s.SISR), softwareInterrupt(value)), extract(value, 15, 0)),
      or(request, is(constant(6, 21))),
    ),
    set(cell(s.PR, number), value, other),
  ]
}
const softwareInterrupt = (value: Term): Term =>
  and<number>(shl<number>(constant(16, 1), zeroExtend(extract(value, 3, 0), 16)), constant(16, 0xfffe))

const moveFromProcessor = (s: State, o: Operands): Statement[] => {
  const { put, tested } = notation(s, '')
  const number = o[0]!.field
  const stack = ult<number>(number, constant(6, 4))
  const rest = ite<number>(stack, get(stackOf(s, extract(number, 1, 0))), get(cell(s.PR, number)))
  const value = named(s).reduce<Term>((others, r) => ite<number>(eq<number>(number, r.number), r.get, others), rest)
  return [
    ...kernelOnly(s), trapIf(or(isZero(number), eq<number>(number, constant(6, 4))), 'unmodelled'),
    ...put(o[1]!, value), tested(value),
  ]
}
