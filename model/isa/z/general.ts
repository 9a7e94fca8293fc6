// Unprivileged instructions: arithmetic, logic, shifts, loads, stores, branches, the supervisor call, clocks, and the PSW.
import { set, store, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get, type Register } from '../../ir/state.ts'
import {
  add, and, any, concat, constant, eq, extract, ite, lshr, mul, ne, not, or, shl, signExtend, slt, sub, True, ult, xor, zeroExtend, type Bool, type Term,
} from '../../ir/term.ts'
import {
  after, aligned, bits, bitOf, cc, doublewordOf, e, ea1, ea2, G, gr, iFormat, indexed, isZero, long2, longIndexed, low, plus, pswFirst, read, ri, ril, rr, rre, rs, rsy, rx, rxy,
  setLow, sFormat, si, ss, ssf, write, type Operands,
} from './notation.ts'
import { CC, CPU_TIMER, CR, E, FACILITIES, IA, P, PROGRAM_MASK, TOD, TOD_OFFSET, TOD_PROGRAMMABLE } from './state.ts'

const two = (n: number): Term => constant(2, n)
const sign = (t: Term): Bool => bitOf(t, 0)
const bySign = (t: Term): Term => ite<number>(isZero(t), two(0), ite<number>(sign(t), two(1), two(2)))
const arithmetic = (o: Operands, total: Term, overflow: Bool): Statement[] => [
  trapIf(and(overflow, bitOf(get(PROGRAM_MASK), 0)), 'fixed-point-overflow'), set(gr(o.r1), total), cc(ite<number>(overflow, two(3), bySign(total))),
]
const added = (o: Operands, a: Term, b: Term): Statement[] => {
  const total = add<number>(a, b)
  return arithmetic(o, total, and(eq(sign(a), sign(b)), ne(sign(a), sign(total))))
}
const subtracted = (o: Operands, a: Term, b: Term): Statement[] => {
  const total = sub<number>(a, b)
  return arithmetic(o, total, and(ne(sign(a), sign(b)), ne(sign(a), sign(total))))
}
const logical = (o: Operands, value: Term): Statement[] => [set(gr(o.r1), value), cc(ite<number>(isZero(value), two(0), two(1)))]
const compared = (a: Term, b: Term, less: (a: Term, b: Term) => Bool): Statement =>
  cc(ite<number>(eq(a, b), two(0), ite<number>(less(a, b), two(1), two(2))))
const on = (address: Term, does: (operand: Term) => Statement[]): Statement[] => [aligned(address, 8), ...does(read(address, 64))]

const computing = (): Instruction[] => [
  rre(0xb904, 'LGR', (o) => [set(gr(o.r1), G(o.r2))]),
  rre(0xb902, 'LTGR', (o) => [set(gr(o.r1), G(o.r2)), cc(bySign(G(o.r2)))]),
  rre(0xb908, 'AGR', (o) => added(o, G(o.r1), G(o.r2))),
  rre(0xb909, 'SGR', (o) => subtracted(o, G(o.r1), G(o.r2))),
  rre(0xb90c, 'MSGR', (o) => [set(gr(o.r1), mul<number>(G(o.r1), G(o.r2)))]),
  rre(0xb982, 'XGR', (o) => logical(o, xor<number>(G(o.r1), G(o.r2)))),
  rre(0xb920, 'CGR', (o) => [compared(G(o.r1), G(o.r2), slt)]),
  rxy(0xe304, 'LG', (o) => on(longIndexed(o), (m) => [set(gr(o.r1), m)])),
  rxy(0xe308, 'AG', (o) => on(longIndexed(o), (m) => added(o, G(o.r1), m))),
  rxy(0xe380, 'NG', (o) => on(longIndexed(o), (m) => logical(o, and<number>(G(o.r1), m)))),
  rxy(0xe381, 'OG', (o) => on(longIndexed(o), (m) => logical(o, or<number>(G(o.r1), m)))),
  rxy(0xe321, 'CLG', (o) => on(longIndexed(o), (m) => [compared(G(o.r1), m, ult)])),
  rxy(0xe324, 'STG', (o) => [aligned(longIndexed(o), 8), ...write(longIndexed(o), G(o.r1))]),
  rx(0x58, 'L', (o) => [aligned(indexed(o), 4), setLow(o.r1, read(indexed(o), 32))]),
  rx(0x50, 'ST', (o) => [aligned(indexed(o), 4), ...write(indexed(o), low(G(o.r1), 32))]),
  rx(0x40, 'STH', (o) => [aligned(indexed(o), 2), ...write(indexed(o), low(G(o.r1), 16))]),
  rx(0x42, 'STC', (o) => write(indexed(o), low(G(o.r1), 8))),
  rx(0x43, 'IC', (o) => [setLow(o.r1, read(indexed(o), 8))]),
  rx(0x41, 'LA', (o) => [set(gr(o.r1), indexed(o))]),
  ril(0xc00, 'LARL', (o) => [set(gr(o.r1), relativeTo(o.i2))]),
  rsy(0xeb0d, 'SLLG', (o) => [set(gr(o.r1), shl<number>(G(o.r3), zeroExtend(low(long2(o), 6), 64)))]),
  rsy(0xeb0c, 'SRLG', (o) => [set(gr(o.r1), lshr<number>(G(o.r3), zeroExtend(low(long2(o), 6), 64)))]),
  rsy(0xeb30, 'CSG', (o) => {
    const old = read(long2(o), 64), equal = eq<number>(G(o.r1), old)
    return [
      aligned(long2(o), 8, 'specification'), cc(zeroExtend(not(equal), 2)), set(gr(o.r1), old, not(equal)),
      ...write(long2(o), ite<number>(equal, G(o.r3), old)),
    ]
  }),
  si(0x91, 'TM', (o) => {
    const selected = and<number>(read(ea1(o), 8), o.i)
    return [cc(ite<number>(isZero(selected), two(0), ite<number>(eq<number>(selected, o.i), two(3), two(1))))]
  }),
  si(0x92, 'MVI', (o) => write(ea1(o), o.i)),
  si(0x95, 'CLI', (o) => [compared(read(ea1(o), 8), o.i, ult)]),
  ss(0xd2, 'MVC', (o) => [trapIf(not(isZero(o.l)), 'unmodelled'), ...write(ea1(o), read(ea2(o), 8))]),
]

/** Halfwords from the instruction itself. */
const relativeTo = (halfwords: Term): Term => add<number>(get(IA), concat(low(signExtend(halfwords, 64), 63), constant(1, 0)))
const to = (bytes: number, taken: Bool, target: Term): Statement => set<number>(IA, ite<number>(taken, target, after(bytes)))
const chosen = (mask: Term): Bool => any([0, 1, 2, 3].map((c) => and(eq(get(CC), constant(2, c)), bitOf(mask, c))))

const branching = (): Instruction[] => [
  rr(0x07, 'BCR', (o) => [to(2, and(not(isZero(o.r2)), chosen(o.r1)), G(o.r2))]),
  rr(0x0d, 'BASR', (o) => [set(gr(o.r1), after(2)), to(2, not(isZero(o.r2)), G(o.r2))]),
  rx(0x47, 'BC', (o) => [to(4, chosen(o.r1), indexed(o))]),
  rx(0x4d, 'BAS', (o) => [set(gr(o.r1), after(4)), to(4, True, indexed(o))]),
  ri(0xa74, 'BRC', (o) => [to(4, chosen(o.r1), relativeTo(o.i2))]),
  ri(0xa77, 'BRCTG', (o) => {
    const count = sub<number>(G(o.r1), constant(64, 1))
    return [set(gr(o.r1), count), to(4, not(isZero(count)), relativeTo(o.i2))]
  }),
  ril(0xc05, 'BRASL', (o) => [set(gr(o.r1), after(6)), set<number>(IA, relativeTo(o.i2))]),
  iFormat(0x0a, 'SVC', () => [trapIf(True, 'supervisor-call')]),
  rr(0x04, 'SPM', (o) => [set<number>(CC, bits(G(o.r1), 34, 35)), set<number>(PROGRAM_MASK, bits(G(o.r1), 36, 39))]),
  rre(0xb222, 'IPM', (o) => [set(gr(o.r1), concat(bits(G(o.r1), 0, 31), two(0), get(CC), get(PROGRAM_MASK), bits(G(o.r1), 40, 63)))]),
  // The whole first word of the PSW, to any program.
  rre(0xb98d, 'EPSW', (o) => [
    trapIf(eq<number>(o.r1, o.r2), 'unmodelled'),
    setLow(o.r1, bits(pswFirst(), 0, 31)), set(gr(o.r2), concat(bits(G(o.r2), 0, 31), bits(pswFirst(), 32, 63)), not(isZero(o.r2))),
  ]),
  // An interruption where CR8 has the class's mask bit on, nothing otherwise.
  si(0xaf, 'MC', (o) => [
    trapIf(not(isZero(bits(o.i, 0, 3))), 'specification'),
    trapIf(bitOf(shl<number>(low(get(CR[8]!), 16), zeroExtend(bits(o.i, 4, 7), 16)), 0), 'monitor-event'),
  ]),
]

const time = (): Instruction[] => [
  sFormat(0xb205, 'STCK', (o) => [aligned(ea2(o), 8), cc(0), ...write(ea2(o), get(TOD))]),
  sFormat(0xb27c, 'STCKF', (o) => [aligned(ea2(o), 8), cc(0), ...write(ea2(o), get(TOD))]),
  // A byte of 0, the clock of 104 bits, of which 64 are modelled, and the programmable field.
  sFormat(0xb278, 'STCKE', (o) => [
    aligned(ea2(o), 8), cc(0), ...write(ea2(o), concat(constant(8, 0), bits(get(TOD), 0, 55))),
    ...write(plus(ea2(o), 8), concat(bits(get(TOD), 56, 63), constant(40, 0), get(TOD_PROGRAMMABLE))),
  ]),
  ssf(0xc81, 'ECTG', (o) => {
    const earlier = ea1(o), other = ea2(o), rest = G(o.r3)
    return [
      aligned(earlier, 8), aligned(other, 8), aligned(rest, 8), trapIf(ult(o.r3, constant(4, 2)), 'unmodelled'),
      set(gr(0), sub<number>(read(earlier, 64), get(CPU_TIMER))), set(gr(1), read(other, 64)), set(gr(o.r3), read(rest, 64)),
    ]
  }),
  // Function codes from 64 are of the supervisor; one of each kind is modelled.
  e(0x0104, 'PTFF', () => {
    const code = bits(G(0), 57, 63), queries = eq<number>(code, constant(7, 1)), adjusts = eq<number>(code, constant(7, 0x40)), block = G(1)
    const first = read(block, 64), offset = get(TOD_OFFSET)
    // Physical clock, offset, offset of the logical clock, epoch difference: of a machine without levels of clocks.
    const shown = [sub<number>(get(TOD), offset), offset, offset, constant(64, 0)]
    const adjusted = (r: Register<64>): Statement => set(r, add<number>(get(r), first) as Term<64>, adjusts)
    return [
      trapIf(bitOf(G(0), 56), 'specification'), trapIf(not(or(queries, adjusts)), 'unmodelled'),
      trapIf(and(get(P), adjusts), 'privileged-operation'), aligned(block, 8), cc(0),
      ...shown.map((value, n) => store<number>(E, doublewordOf(plus(block, 8 * n)), value, queries)),
      adjusted(TOD_OFFSET), adjusted(TOD),
    ]
  }),
  sFormat(0xb2b0, 'STFLE', (o) => [aligned(ea2(o), 8, 'specification'), setLow(0, constant(8, 0)), cc(0), ...write(ea2(o), get(FACILITIES))]),
]

/** The subject instruction is in storage; subjects of one halfword are modelled, in its last byte modified by the register. */
const execute = (): Instruction => rx(0x44, 'EX', (o) => {
  const subject = read(indexed(o), 16), modified = or<number>(low(subject, 8), ite<number>(isZero(o.r1), constant(8, 0), low(G(o.r1), 8)))
  const is = (code: number): Bool => eq<number>(bits(subject, 0, 7), constant(8, code)), r1 = extract(modified, 7, 4), r2 = extract(modified, 3, 0)
  return [
    aligned(indexed(o), 2, 'specification'), trapIf(is(0x44), 'execute'), trapIf(is(0x0a), 'supervisor-call'),
    // LR and SPM.
    trapIf(not(or(is(0x18), is(0x04))), 'unmodelled'),
    set(gr(r1), concat(bits(G(r1), 0, 31), low(G(r2), 32)), is(0x18)), set<number>(CC, bits(G(r1), 34, 35), is(0x04)),
    set<number>(PROGRAM_MASK, bits(G(r1), 36, 39), is(0x04)),
  ]
})

export const general = (): Instruction[] => [
  ...computing(), ...branching(), ...time(), execute(),
  rs(0x98, 'LM', (o) => [trapIf(ne(o.r1, o.r3), 'unmodelled'), aligned(ea2(o), 4), setLow(o.r1, read(ea2(o), 32))]),
  rsy(0xeb24, 'STMG', (o) => [trapIf(ne(o.r1, o.r3), 'unmodelled'), aligned(long2(o), 8), ...write(long2(o), G(o.r1))]),
]
