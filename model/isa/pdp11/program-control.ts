// Program control: branches, jumps, subroutines, MARK.
import { trapIf, type Instruction } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { add, and, constant, eq, ite, not, or, shl, signExtend, sub, True, xor, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { chapter, effective, modeSyntax, number, plus, pop, push, readWord, reference, word } from './address.ts'
import type { State } from './state.ts'

export const programControl = (s: State): Instruction[] => {
  const branches = chapter(s, 'Branches'), jumps = chapter(s, 'Jump and subroutine instructions')
  const twice = (t: Term): Term => shl<number>(t, constant<number>(16, 1))
  return [
    ...conditions(s).map(([name, code, holds]) => branches(name, { op: 8, offset: 8 }, { op: code }, (o, registers) => {
      const to = add<number>(registers.pc, twice(signExtend(o['offset']!, 16)))
      registers.jump(ite<number>(holds, to, registers.pc))
      return []
    })),
    ...[1, 2, 3, 4, 5, 6, 7].map((mode) => jumps(`JMP ${modeSyntax[mode]!}`, { op: 10, mode: 3, R: 3 }, { op: 1, mode }, (o, registers) => {
      const e = effective(s, registers, mode, o['R']!)
      registers.jump(e.address)
      return e.guards
    })),
    ...[1, 3, 6, 7].map((mode) => jumps(`JSR R,${modeSyntax[mode]!}`, { op: 7, link: 3, mode: 3, R: 3 }, { op: 4, mode }, (o, registers) => {
      const e = effective(s, registers, mode, o['R']!)
      const pushed = push(s, registers, registers.read(o['link']!))
      registers.write(o['link']!, registers.pc)
      registers.jump(e.address)
      return [trapIf(eq<number>(o['link']!, number(6)), 'unmodelled'), ...e.guards, ...pushed]
    })),
    jumps('JSR R,R', { op: 7, link: 3, mode: 3, R: 3 }, { op: 4, mode: 0 }, () => [trapIf(True, 'reserved instruction')]),
    // Other models trap through 4 where a register is jumped to.
    jumps('JMP R', { op: 10, mode: 3, R: 3 }, { op: 1, mode: 0 }, () => [trapIf(True, 'reserved instruction')]),
    jumps('RTS', { op: 13, link: 3 }, { op: 0o20 }, (o, registers) => {
      const to = registers.read(o['link']!), { value, guards } = pop(s, registers)
      registers.write(o['link']!, value)
      registers.jump(ite<number>(eq<number>(o['link']!, number(7)), value, to))
      return guards
    }),
    jumps('MARK', { op: 10, n: 6 }, { op: 0o64 }, (o, registers) => {
      const at = add<number>(registers.pc, twice(zeroExtend(o['n']!, 16)))
      const link = registers.read(number(5))
      registers.write(number(5), readWord(s, at))
      registers.write(number(6), plus(at, 2))
      registers.jump(link)
      return reference(s, at)
    }),
    jumps('SOB', { op: 7, R: 3, offset: 6 }, { op: 0o77 }, (o, registers) => {
      const count = add<number>(registers.read(o['R']!), word(0xffff))
      registers.write(o['R']!, count)
      const on = registers.pc, back = sub<number>(on, twice(zeroExtend(o['offset']!, 16)))
      registers.jump(ite<number>(eq<number>(count, word(0)), on, back))
      return []
    }),
  ]
}

const conditions = (s: State): readonly (readonly [string, number, Bool])[] => {
  const [n, z, v, c] = [get(s.N), get(s.Z), get(s.V), get(s.C)], less = xor(n, v)
  return [
    ['BR', 1, True], ['BNE', 2, not(z)], ['BEQ', 3, z], ['BGE', 4, not(less)], ['BLT', 5, less], ['BGT', 6, not(or(z, less))], ['BLE', 7, or(z, less)],
    ['BPL', 0o200, not(n)], ['BMI', 0o201, n], ['BHI', 0o202, and(not(c), not(z))], ['BLOS', 0o203, or(c, z)], ['BVC', 0o204, not(v)], ['BVS', 0o205, v],
    ['BCC', 0o206, not(c)], ['BCS', 0o207, c],
  ]
}
