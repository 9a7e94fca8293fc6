// Unprivileged instructions: arithmetic, logic, shifts, loads, stores, decimal, and EXECUTE.
import { open, set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import {
  add, and, any, concat, constant, eq, extract, False, ite, lshr, mul, ne, not, or, shl, signExtend, slt, sub, ult, xor, zeroExtend,
  type Bool, type Term,
} from '../../ir/term.ts'
import { isZero, low, notation, word, type Operands } from './notation.ts'
import { s360Manual, s370Manual } from './manuals.ts'
import type { State } from './state.ts'

const zero = constant<number>(32, 0)
const two = (n: number): Term => constant(2, n)

export const general = (s: State): Instruction[] => {
  const n = notation(s, s360Manual, 'Fixed-Point Arithmetic and Logical Operations')
  const { rr, rx, rs, si, ss, gr, G, indexed, ea1, ea2, aligned, fullword, halfword, byte, putWord, putByte, putHalfword, cc } = n
  const bySign = (t: Term): Term => ite<number>(isZero(t), two(0), ite<number>(slt(t, zero), two(1), two(2)))
  /** The result of an addition, with its condition code and its interruption. */
  const sum = (o: Operands, total: Term, overflow: Bool): Statement[] => [
    trapIf(and(overflow, extract<1>(get(s.PROGRAM_MASK), 3, 3)), 'fixed-point-overflow'),
    set(gr(o.r1), total), cc(ite<number>(overflow, two(3), bySign(total))),
  ]
  const sign = (t: Term): Bool => extract<1>(t, 31, 31)
  const added = (o: Operands, a: Term, b: Term): Statement[] => {
    const total = add(a, b)
    return sum(o, total, and(eq(sign(a), sign(b)), ne(sign(a), sign(total))))
  }
  const subtracted = (o: Operands, a: Term, b: Term): Statement[] => {
    const total = sub(a, b)
    return sum(o, total, and(ne(sign(a), sign(b)), ne(sign(a), sign(total))))
  }
  const logical = (o: Operands, value: Term): Statement[] => [set(gr(o.r1), value), cc(ite<number>(isZero(value), two(0), two(1)))]
  const comparison = (a: Term, b: Term, less: (a: Term, b: Term) => Bool): Statement =>
    cc(ite<number>(eq(a, b), two(0), ite<number>(less(a, b), two(1), two(2))))
  const onFullword = (o: Operands, does: (operand: Term) => Statement[]): Statement[] =>
    [aligned(indexed(o), 4), ...does(fullword(indexed(o)))]
  return [
    rr(0x12, 'LTR', (o) => [set(gr(o.r1), G(o.r2)), cc(bySign(G(o.r2)))]),
    rr(0x18, 'LR', (o) => [set(gr(o.r1), G(o.r2))]),
    rr(0x1a, 'AR', (o) => added(o, G(o.r1), G(o.r2))),
    rr(0x17, 'XR', (o) => logical(o, xor(G(o.r1), G(o.r2)))),
    rx(0x41, 'LA', (o) => [set(gr(o.r1), word(indexed(o)))]),
    rx(0x42, 'STC', (o) => putByte(indexed(o), low(G(o.r1), 8))),
    rx(0x43, 'IC', (o) => [set(gr(o.r1), concat(extract(G(o.r1), 31, 8), byte(indexed(o))))]),
    rx(0x40, 'STH', (o) => [aligned(indexed(o), 2), ...putHalfword(indexed(o), low(G(o.r1), 16))]),
    rx(0x48, 'LH', (o) => [aligned(indexed(o), 2), set(gr(o.r1), signExtend(halfword(indexed(o)), 32))]),
    rx(0x4c, 'MH', (o) => [aligned(indexed(o), 2), set(gr(o.r1), mul(G(o.r1), signExtend(halfword(indexed(o)), 32)))]),
    rx(0x50, 'ST', (o) => [aligned(indexed(o), 4), ...putWord(indexed(o), G(o.r1))]),
    rx(0x54, 'N', (o) => onFullword(o, (m) => logical(o, and(G(o.r1), m)))),
    rx(0x56, 'O', (o) => onFullword(o, (m) => logical(o, or(G(o.r1), m)))),
    rx(0x57, 'X', (o) => onFullword(o, (m) => logical(o, xor(G(o.r1), m)))),
    rx(0x55, 'CL', (o) => onFullword(o, (m) => [comparison(G(o.r1), m, ult)])),
    rx(0x58, 'L', (o) => onFullword(o, (m) => [set(gr(o.r1), m)])),
    rx(0x59, 'C', (o) => onFullword(o, (m) => [comparison(G(o.r1), m, slt)])),
    rx(0x5a, 'A', (o) => onFullword(o, (m) => added(o, G(o.r1), m))),
    rx(0x5b, 'S', (o) => onFullword(o, (m) => subtracted(o, G(o.r1), m))),
    rx(0x5e, 'AL', (o) => onFullword(o, (m) => {
      const total = add(G(o.r1), m)
      return [set(gr(o.r1), total), cc(concat(ult(total, m), not(isZero(total))))]
    })),
    rs(0x88, 'SRL', (o) => [set(gr(o.r1), lshr(G(o.r1), zeroExtend(low(ea2(o), 6), 32)))]),
    rs(0x89, 'SLL', (o) => [set(gr(o.r1), shl(G(o.r1), zeroExtend(low(ea2(o), 6), 32)))]),
    rs(0x90, 'STM', (o) => [trapIf(ne(o.r1, o.r3), 'unmodelled'), aligned(ea2(o), 4), ...putWord(ea2(o), G(o.r1))]),
    rs(0x98, 'LM', (o) => [trapIf(ne(o.r1, o.r3), 'unmodelled'), aligned(ea2(o), 4), set(gr(o.r1), fullword(ea2(o)))]),
    si(0x91, 'TM', (o) => {
      const selected = and(byte(ea1(o)), o.i)
      return [cc(ite<number>(isZero(selected), two(0), ite<number>(eq(selected, o.i), two(3), two(1))))]
    }),
    si(0x92, 'MVI', (o) => putByte(ea1(o), o.i)),
    si(0x93, 'TS', (o) => [cc(zeroExtend(extract(byte(ea1(o)), 7, 7), 2)), ...putByte(ea1(o), constant(8, 0xff))]),
    si(0x95, 'CLI', (o) => [comparison(byte(ea1(o)), o.i, ult)]),
    ss(0xd2, 'MVC', (o) => [trapIf(not(isZero(o.l)), 'unmodelled'), ...putByte(ea1(o), byte(ea2(o)))]),
    ss(0xdc, 'TR', (o) => [
      trapIf(not(isZero(o.l)), 'unmodelled'),
      ...putByte(ea1(o), byte(add<number>(ea2(o), zeroExtend(byte(ea1(o)), 24)))),
    ]),
    ss(0xf3, 'UNPK', (o) => {
      const one = byte(ea2(o)), zone = zoneOf(s)
      return [
        trapIf(ne<number>(o.l, constant(8, 0x10)), 'unmodelled'), aligned(ea1(o), 2, 'unmodelled'),
        ...putHalfword(ea1(o), concat(zone, constant(4, 0), low(one, 4), extract(one, 7, 4))),
      ]
    }),
    execute(s),
    ...(s.is370 ? [compareAndSwap(s), storeClock(s), monitorCall(s)] : []),
  ]
}

/** 1111 in the extended BCD interchange code, 0101 in USASCII-8. */
const zoneOf = (s: State): Term =>
  s.options.model === 's360' ? ite<number>(get(s.A), constant(4, 0b0101), constant(4, 0b1111)) : constant(4, 0b1111)

const compareAndSwap = (s: State): Instruction => {
  const { rs, gr, G, ea2, aligned, fullword, putWord, cc } = notation(s, s370Manual, 'General Instructions')
  return rs(0xba, 'CS', (o) => {
    const old = fullword(ea2(o)), equal = eq(G(o.r1), old)
    return [
      aligned(ea2(o), 4, 'specification'), cc(zeroExtend(not(equal), 2)), set(gr(o.r1), old, not(equal)),
      ...putWord(ea2(o), ite<number>(equal, G(o.r3), old)),
    ]
  })
}

/** Not privileged: any program reads the time-of-day clock. */
const storeClock = (s: State): Instruction => {
  const { sFormat, ea2, aligned, putWord, putSecond, cc } = notation(s, s370Manual, 'General Instructions')
  return sFormat(0xb205, 'STCK', (o) => [
    aligned(ea2(o), 8), cc(get(s.CLOCK_STATE)),
    ...putWord(ea2(o), extract(get(s.CLOCK), 63, 32)), ...putSecond(ea2(o), extract(get(s.CLOCK), 31, 0)),
  ])
}

/** An interruption where the mask in control register 8 has the class's bit on, nothing otherwise. */
const monitorCall = (s: State): Instruction => {
  const { si } = notation(s, s370Manual, 'General Instructions')
  return si(0xaf, 'MC', (o) => [
    trapIf(not(isZero(extract(o.i, 7, 4))), 'specification'),
    trapIf(extract<1>(shl<number>(low(get(s.CR[8]!), 16), zeroExtend(low(o.i, 4), 16)), 15, 15), 'monitor-event'),
  ])
}

/** The subject instruction is in storage; its second byte is modified by the register. Subjects of one halfword are modelled. */
const execute = (s: State): Instruction => {
  const { rx, G, gr, indexed, halfword, after, aligned, cc } = notation(s, s360Manual, 'Branching')
  return rx(0x44, 'EX', (o) => {
    const subject = halfword(indexed(o))
    const op = extract(subject, 15, 8)
    const modified = or<number>(low(subject, 8), ite<number>(isZero(o.r1), constant(8, 0), low(G(o.r1), 8)))
    const is = (code: number): Bool => eq<number>(op, constant(8, code))
    const r1 = extract(modified, 7, 4), r2 = extract(modified, 3, 0)
    const lr = is(0x18), spm = is(0x04), ssk = is(0x08)
    const link = is(0x05)
    const also = s.options.privilegedSubjects
    return [
      aligned(indexed(o), 2, 'specification'),
      trapIf(is(0x44), 'execute'), trapIf(is(0x0a), 'supervisor-call'),
      trapIf(not(any([lr, spm, link, also ? ssk : False])), 'unmodelled'),
      ...(also ? [trapIf(and(ssk, get(s.P)), 'privileged-operation'), set<number>(s.CHECKOUT, open('the subject\'s effect', 8), ssk)] : []),
      set(gr(r1), ite<number>(lr, G(r2), linkage(s, 2, after(4))), or(lr, link)),
      cc(ite<number>(spm, extract(G(r1), 29, 28), get(s.CC))), set<number>(s.PROGRAM_MASK, extract(G(r1), 27, 24), spm),
      set<number>(s.IA, ite<number>(and(link, not(isZero(r2))), low(G(r2), 24), after(4))),
    ]
  })
}

/** Instruction-length code, condition code, program mask and address: what BAL and BALR put in a register. */
export const linkage = (s: State, halfwords: number, next: Term): Term =>
  concat(constant(2, halfwords), get(s.CC), get(s.PROGRAM_MASK), next)
