// Branching, linkage, and the supervisor call.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { and, concat, constant, eq, extract, not, ite, slt, sub, add, True, type Bool, type Term } from '../../ir/term.ts'
import { linkage } from './general.ts'
import { isZero, low, notation, word } from './notation.ts'
import { model67Manual, s360Manual, s370Manual } from './manuals.ts'
import type { State } from './state.ts'

export const branching = (s: State): Instruction[] => {
  const n = notation(s, s360Manual, 'Branching')
  const { rr, rri, rx, rs, gr, G, indexed, ea2, after } = n
  const to = (bytes: number, taken: Bool, target: Term): Statement => set<number>(s.IA, ite<number>(taken, low(target, 24), after(bytes)))
  const chosen = (mask: Term): Bool =>
    [0, 1, 2, 3].map((c) => and(eq(get(s.CC), constant(2, c)), extract<1>(mask, 3 - c, 3 - c))).reduce((a, b) => not(and(not(a), not(b))))
  const register = (r: Term): Bool => not(isZero(r))
  return [
    rr(0x04, 'SPM', (o) => [set<number>(s.CC, extract(G(o.r1), 29, 28)), set<number>(s.PROGRAM_MASK, extract(G(o.r1), 27, 24))]),
    rr(0x05, 'BALR', (o) => [set(gr(o.r1), linkage(s, 1, after(2))), to(2, register(o.r2), G(o.r2))]),
    rr(0x06, 'BCTR', (o) => {
      const count = sub<number>(G(o.r1), constant(32, 1))
      return [set(gr(o.r1), count), to(2, and(register(o.r2), not(isZero(count))), G(o.r2))]
    }),
    rr(0x07, 'BCR', (o) => [to(2, and(register(o.r2), chosen(o.r1)), G(o.r2))]),
    rx(0x45, 'BAL', (o) => [set(gr(o.r1), linkage(s, 2, after(4))), to(4, True, indexed(o))]),
    rx(0x46, 'BCT', (o) => {
      const count = sub<number>(G(o.r1), constant(32, 1))
      return [set(gr(o.r1), count), to(4, not(isZero(count)), indexed(o))]
    }),
    rx(0x47, 'BC', (o) => [to(4, chosen(o.r1), indexed(o))]),
    rs(0x86, 'BXH', (o) => {
      const total = add(G(o.r1), G(o.r3))
      return [set(gr(o.r1), total), to(4, slt(G(concat(extract(o.r3, 3, 1), constant(1, 1))), total), ea2(o))]
    }),
    rri(0x0a, 'SVC', () => [trapIf(True, 'supervisor-call')]),
    ...(s.translates ? branchAndSave(s) : []),
  ]
}

/** Store the address alone; in 24-bit mode its first byte is 0. */
const branchAndSave = (s: State): Instruction[] => {
  const { rr, rx, gr, G, indexed, after } =
    s.is370 ? notation(s, s370Manual, 'General Instructions') : notation(s, model67Manual, 'Instructions')
  return [
    rr(0x0d, 'BASR', (o) => [set(gr(o.r1), word(after(2))), set<number>(s.IA, ite<number>(isZero(o.r2), after(2), low(G(o.r2), 24)))]),
    rx(0x4d, 'BAS', (o) => [set(gr(o.r1), word(after(4))), set<number>(s.IA, indexed(o))]),
  ]
}
