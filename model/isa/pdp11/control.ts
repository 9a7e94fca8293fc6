// Processor control: HALT, WAIT, RESET, SPL, the returns from traps, moves between spaces, and the instructions that trap.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { and, eq, extract, ite, ne, not, or, True, type Bool, type Term } from '../../ir/term.ts'
import { chapter, effective, even, everyMode, flagsOf, mapped, modeSyntax, number, plus, pop, push, readWord, reference, storeWord, type Fields, type Registers } from './address.ts'
import { inSpace, isMode, kernel, ofMode, setMode, setRegisterSet, sp, user, supervisor, type State } from './state.ts'

export const control = (s: State): Instruction[] => [...processor(s), ...returns(s), ...spaces(s), ...traps(s)]

const inKernel = (s: State): Bool => isMode(get(s.CM), kernel)

const processor = (s: State): Instruction[] => {
  const define = chapter(s, 'Miscellaneous')
  return [
    define('HALT', { op: 16 }, { op: 0 }, () => [trapIf(not(inKernel(s)), 'illegal instruction'), set(s.HALTED, 1)]),
    define('WAIT', { op: 16 }, { op: 1 }, () => [set(s.WAITING, 1)]),
    // The devices' state after a reset is the same each time; 0 stands for it. Outside kernel mode nothing happens.
    define('RESET', { op: 16 }, { op: 5 }, () =>
      [set(s.DEVICES, 0, inKernel(s)), set(s.PIRQ, 0, inKernel(s)), set(s.SSR0, 0, inKernel(s))]),
    define('SPL', { op: 13, n: 3 }, { op: 0o23 }, (o) => [set(s.IPL, o['n']!, inKernel(s))], 'no operation outside kernel mode'),
  ]
}

/** Outside kernel mode the modes and the register set are ORed in, and the priority is kept. */
const returns = (s: State): Instruction[] => {
  const define = chapter(s, 'Trap instructions')
  const loadStatus = (): Statement[] => {
    const at = sp(s), word = readWord(s, plus(at, 2)), k = inKernel(s)
    const into = (old: Term, high: number, low: number): Term => ite<number>(k, extract(word, high, low), or<number>(old, extract(word, high, low)))
    const bit = (n: number): Bool => extract<1>(word, n, n)
    return [
      ...reference(s, at), mapped(s, plus(at, 2)), ...setMode(s, into(get(s.CM), 15, 14), plus(at, 4)), set(s.PM, into(get(s.PM), 13, 12)),
      ...setRegisterSet(s, into(get(s.RS), 11, 11) as Bool), set(s.IPL, extract(word, 7, 5), k),
      set(s.T, bit(4)), set(s.N, bit(3)), set(s.Z, bit(2)), set(s.V, bit(1)), set(s.C, bit(0)),
    ]
  }
  const load = (_: Fields, registers: Registers): Statement[] => {
    registers.jump(readWord(s, sp(s)))
    return loadStatus()
  }
  return [
    define('RTI', { op: 16 }, { op: 2 }, load),
    define('RTT', { op: 16 }, { op: 6 }, load, 'a trace trap waits for the next instruction'),
  ]
}

/** The previous mode's space is the operand's; the address itself is worked out in the current mode's. */
const spaces = (s: State): Instruction[] => {
  const define = chapter(s, 'Memory Management')
  const other = ne<number>(get(s.CM), get(s.PM))
  const isSp = (n: Term): Bool => eq<number>(n, number(6))
  const same = not(other)
  /** A word of the previous mode's space, which may be the current one's. */
  const at = (address: Term) => {
    const { fault, real } = inSpace(s, get(s.PM), extract(address, 15, 1)), place = cell(s.E, real)
    return {
      guards: [even(address), trapIf(fault, 'memory management')],
      value: ite<number>(same, readWord(s, address, same), get(place)),
      write: (value: Term): Statement[] => [storeWord(s, address, value, same), set(place, value, other)],
    }
  }
  const from = (mode: number) => (o: Fields, registers: Registers): Statement[] => {
    const n = o['R']!
    if (mode === 0) {
      const value = ite<number>(and(isSp(n), other), ofMode(get(s.PM), s.stacks), registers.read(n))
      return [...push(s, registers, value), ...flagsOf(s, value)]
    }
    const e = effective(s, registers, mode, n), { guards, value } = at(e.address)
    return [...e.guards, ...guards, ...push(s, registers, value), ...flagsOf(s, value)]
  }
  const to = (mode: number) => (o: Fields, registers: Registers): Statement[] => {
    const n = o['R']!, { value, guards: popped } = pop(s, registers)
    if (mode === 0) {
      const away = and(isSp(n), other)
      const kept = registers.read(n)
      registers.write(n, ite<number>(away, kept, value))
      const stacks = [kernel, supervisor, user] as const
      return [...popped, ...stacks.map((m) => set(s.stacks[m], value, and(away, isMode(get(s.PM), m)))), ...flagsOf(s, value)]
    }
    const e = effective(s, registers, mode, n), { guards, write } = at(e.address)
    return [...popped, ...e.guards, ...guards, ...write(value), ...flagsOf(s, value)]
  }
  return everyMode.flatMap((mode) => ([['MFPI', 0o65, from], ['MTPI', 0o66, to], ['MFPD', 0o1065, from], ['MTPD', 0o1066, to]] as const)
    .map(([name, op, does]) => define(`${name} ${modeSyntax[mode]!}`, { op: 10, mode: 3, R: 3 }, { op, mode }, does(mode))))
}

const traps = (s: State): Instruction[] => {
  const define = chapter(s, 'Trap instructions')
  const reserved = (name: string, width: number, op: number): Instruction =>
    define(`reserved ${name}`, { op: width, rest: 16 - width }, { op }, () => [trapIf(True, 'reserved instruction')])
  return [
    define('EMT', { op: 8, code: 8 }, { op: 0o210 }, () => [trapIf(True, 'EMT')]),
    define('TRAP', { op: 8, code: 8 }, { op: 0o211 }, () => [trapIf(True, 'TRAP')]),
    define('BPT', { op: 16 }, { op: 3 }, () => [trapIf(True, 'BPT')]),
    define('IOT', { op: 16 }, { op: 4 }, () => [trapIf(True, 'IOT')]),
    define('reserved 000007', { op: 16 }, { op: 7 }, () => [trapIf(True, 'reserved instruction')]),
    reserved('000010-000017', 13, 1), reserved('000020-000037', 12, 1), reserved('000040-000077', 11, 1),
    reserved('000210-000217', 13, 0o21), reserved('000220-000227', 13, 0o22), reserved('007000-007777', 7, 0o7),
  ]
}
