// Program control: branches, calls and returns.
import { set, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { add, and, constant, eq, ite, not, or, signExtend, True, xor, type Bool, type Term } from '../../ir/term.ts'
import { chapter, control, dataRegister, readAt, setD, stackGuard, withModes, writeAt } from './address.ts'
import { a7, has010, minus, plus, setA7, setCcr, type State } from './state.ts'

export const programControl = (s: State): Instruction[] => {
  const define = chapter(s, 'Integer Instructions')
  const { PC } = s, pc = get(PC)
  const branch = (displacement: Term): Term => add<number>(plus(pc, 2), signExtend(displacement, 32))
  const push = (value: Term): Statement[] => {
    const stack = minus(a7(s), 4)
    return [...stackGuard(s, stack), ...writeAt(s, stack, value), setA7(s, stack)]
  }
  return [
    define('NOP', { op: 16 }, { op: 0x4e71 }, () => []),
    ...conditions(s).flatMap(([name, code, holds]) => [
      define(code === 0 ? 'BRA.W' : `B${name}.W`, { op: 4, condition: 4, byte: 8, displacement: 16 }, { op: 6, condition: code, byte: 0 }, (o) => [
        set(PC, ite<number>(holds, branch(o['displacement']!), plus(pc, 4))),
      ]),
    ]),
    define('BSR.W', { op: 4, condition: 4, byte: 8, displacement: 16 }, { op: 6, condition: 1, byte: 0 }, (o, words) => [
      ...push(plus(pc, 2 * words)), set(PC, branch(o['displacement']!)),
    ]),
    define('DBF Dn,<label>', { op: 4, condition: 4, code: 5, Dn: 3, displacement: 16 }, { op: 5, condition: 1, code: 0b11001 }, (o) => {
      const count = minus(dataRegister(s, o['Dn']!, 16), 1), done = eq<number>(count, constant(16, 0xffff))
      return [setD(s, o['Dn']!, count), set(PC, ite<number>(done, plus(pc, 4), branch(o['displacement']!)))]
    }),
    ...withModes(s, define, control, (ea) => `JMP ${ea}`, { op: 10 }, { op: 0b0100111011 }, 8, (ea) => [set(PC, ea.address!)]),
    ...control.flatMap((m) => withModes(s, define, [m], (ea) => `JSR ${ea}`, { op: 10 }, { op: 0b0100111010 }, 8, (ea) => {
      const words = 1 + Object.values(m.extension).reduce((sum, bits) => sum + bits, 0) / 16
      return [...push(plus(pc, 2 * words)), set(PC, ea.address!)]
    })),
    define('RTS', { op: 16 }, { op: 0x4e75 }, () => [...stackGuard(s, a7(s)), set(PC, readAt(s, a7(s), 32)), setA7(s, plus(a7(s), 4))]),
    define('RTR', { op: 16 }, { op: 0x4e77 }, () => [
      ...stackGuard(s, a7(s)), ...setCcr(s, readAt(s, a7(s), 16)), set(PC, readAt(s, plus(a7(s), 2), 32)), setA7(s, plus(a7(s), 6)),
    ]),
    ...(has010(s.model) ? [define('RTD #<displacement>', { op: 16, displacement: 16 }, { op: 0x4e74 }, (o) => [
      ...stackGuard(s, a7(s)), set(PC, readAt(s, a7(s), 32)), setA7(s, add<number>(plus(a7(s), 4), signExtend(o['displacement']!, 32))),
    ])] : []),
  ]
}

/** The conditions of Bcc with their codes; true is BRA, and the code of false is BSR's. */
const conditions = (s: State): readonly (readonly [string, number, Bool])[] => {
  const { N, Z, V, C } = s.flags
  const n = get(N), z = get(Z), v = get(V), c = get(C), less = xor(n, v)
  return [
    ['T', 0, True], ['HI', 2, and(not(c), not(z))], ['LS', 3, or(c, z)], ['CC', 4, not(c)], ['CS', 5, c], ['NE', 6, not(z)], ['EQ', 7, z],
    ['VC', 8, not(v)], ['VS', 9, v], ['PL', 10, not(n)], ['MI', 11, n], ['GE', 12, not(less)], ['LT', 13, less],
    ['GT', 14, not(or(z, less))], ['LE', 15, or(z, less)],
  ]
}
