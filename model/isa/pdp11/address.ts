// Addressing modes: registers as an instruction changes them in order, operands, and the words that follow in the program.
import { encode, instruction, set, store, trapIf, type Format, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, concat, constant, eq, extract, ite, load, ne, True, type Bool, type Term } from '../../ir/term.ts'
import { inSpace, type State } from './state.ts'

export type Fields = Readonly<Record<string, Term>>
export const number = (n: number): Term => constant<number>(3, n)
export const word = (n: number): Term => constant<number>(16, n)
export const plus = (t: Term, n: number): Term => add<number>(t, word(n & 0xffff))

/** The registers in the course of an instruction: R7 is PC, which each word taken from the program advances. */
export class Registers {
  readonly #s: State
  readonly #writes: { readonly n: Term; readonly value: Term }[] = []
  #pc: Term

  constructor(s: State) {
    this.#s = s
    this.#pc = plus(get(s.PC), 2)
  }

  get pc(): Term { return this.#pc }

  read(n: Term): Term {
    const held = this.#writes.reduce<Term>((value, w) => ite<number>(eq<number>(w.n, n), w.value, value), get(cell(this.#s.R, n)))
    return ite<number>(eq<number>(n, number(7)), this.#pc, held)
  }

  write(n: Term, value: Term): void {
    const same = this.#writes.findIndex((w) => w.n === n)
    if (same >= 0) this.#writes.splice(same, 1)
    this.#writes.push({ n, value })
    this.#pc = ite<number>(eq<number>(n, number(7)), value, this.#pc)
  }

  jump(to: Term): void { this.#pc = to }

  /** The next word of the program: an index or an address. */
  next(): Term {
    const value = readWord(this.#s, this.#pc)
    this.#pc = plus(this.#pc, 2)
    return value
  }

  /** The writes, later ones winning, and PC. */
  statements(): Statement[] {
    return [...this.#writes.map(({ n, value }) => set(cell(this.#s.R, n), value, ne<number>(n, number(7)))), set(this.#s.PC, this.#pc)]
  }
}

const cellAt = (address: Term): Term => extract(address, 15, 1)
export const isOdd = (address: Term): Bool => extract<1>(address, 0, 0)
export const readWord = (s: State, address: Term, when: Bool = True): Term => load<number>(s.E, cellAt(address), when)
export const even = (address: Term): Statement => trapIf(isOdd(address), 'odd address')
/** The trap of a reference that is beyond the window, in its place among the others. */
export const mapped = (s: State, address: Term): Statement => trapIf(inSpace(s, get(s.CM), cellAt(address)).fault, 'memory management')
/** The traps of a reference to a word. */
export const reference = (s: State, address: Term): Statement[] => [even(address), mapped(s, address)]
export const storeWord = (s: State, address: Term, value: Term, when: Bool = True): Statement =>
  store(s.E, cellAt(address), value, when)

/** An operand of 8 or 16 bits; reading and writing use the registers as they are when it is worked out. */
export interface Operand {
  readonly value: Term
  readonly write: (value: Term) => readonly Statement[]
  /** Where it is, of an operand in storage. */
  readonly address?: Term
  readonly guards: readonly Statement[]
}

export const modeSyntax = ['R', '(R)', '(R)+', '@(R)+', '-(R)', '@-(R)', 'X(R)', '@X(R)'] as const
export const everyMode = [0, 1, 2, 3, 4, 5, 6, 7]

/** Works out an operand by its mode, in the order of the manual; a byte moves SP and PC by 2. */
export const operand = (s: State, registers: Registers, mode: number, n: Term, size: 8 | 16 = 16): Operand => {
  if (mode === 0) {
    const whole = registers.read(n)
    return {
      value: extract(whole, size - 1, 0), guards: [],
      write: (value) => { registers.write(n, size === 16 ? value : concat(extract(whole, 15, 8), value)); return [] },
    }
  }
  const { address, guards } = effective(s, registers, mode, n, size)
  const content = readWord(s, address)
  const odd = isOdd(address)
  const value = size === 16 ? content : ite<number>(odd, extract(content, 15, 8), extract(content, 7, 0))
  const merged = (b: Term): Term => ite<number>(odd, concat(b, extract(content, 7, 0)), concat(extract(content, 15, 8), b))
  return {
    value, address, guards: [...guards, ...(size === 16 ? reference(s, address) : [mapped(s, address)])],
    write: (v) => [storeWord(s, address, size === 16 ? v : merged(v))],
  }
}

/** The address of an operand in storage; what deferred modes read must be at an even address. */
export const effective = (s: State, registers: Registers, mode: number, n: Term, size: 8 | 16 = 16): { address: Term; guards: Statement[] } => {
  const byte = size === 8 && (mode === 2 || mode === 4)
  const step = byte ? ite<number>(eq<number>(extract(n, 2, 1), constant(2, 3)), word(2), word(1)) : word(2)
  const minus = byte ? ite<number>(eq<number>(extract(n, 2, 1), constant(2, 3)), word(0xfffe), word(0xffff)) : word(0xfffe)
  const guards: Statement[] = []
  const through = (at: Term): Term => {
    guards.push(...reference(s, at))
    return readWord(s, at)
  }
  switch (mode) {
    case 1: return { address: registers.read(n), guards }
    case 2: case 3: {
      const at = registers.read(n)
      registers.write(n, add<number>(at, step))
      return { address: mode === 2 ? at : through(at), guards }
    }
    case 4: case 5: {
      const at = add<number>(registers.read(n), minus)
      registers.write(n, at)
      return { address: mode === 4 ? at : through(at), guards }
    }
    default: {
      guards.push(mapped(s, registers.pc))
      const index = registers.next()
      const at = add<number>(registers.read(n), index)
      return { address: mode === 6 ? at : through(at), guards }
    }
  }
}

/** Pushes a word on the stack in force. */
export const push = (s: State, registers: Registers, value: Term): Statement[] => {
  const at = plus(registers.read(number(6)), -2)
  registers.write(number(6), at)
  return [...reference(s, at), storeWord(s, at, value)]
}
export const pop = (s: State, registers: Registers): { value: Term; guards: Statement[] } => {
  const at = registers.read(number(6))
  registers.write(number(6), plus(at, 2))
  return { value: readWord(s, at), guards: reference(s, at) }
}

const manual = 'PDP-11/45 Processor Handbook'
export type Define = (name: string, format: Format, fixed: Readonly<Record<string, number>>, does: (o: Fields, registers: Registers) => readonly Statement[], note?: string) => Instruction

/** Defines instructions of one chapter; what the body does to the registers is written after it. */
export const chapter = (s: State, title: string): Define => (name, format, fixed, does, note) => instruction<string>({
  name, source: `${manual}, ${title}, ${name.split(' ')[0]!}`, encoding: encode<Format, string>(format, fixed),
  does: (o) => {
    const registers = new Registers(s)
    const body = does(o, registers)
    return [...body, ...registers.statements()]
  },
  ...(note === undefined ? {} : { note }),
})

export const flagsOf = (s: State, value: Term, v: Bool | number = 0): Statement[] => [
  set(s.N, extract<1>(value, value.width - 1, value.width - 1)), set(s.Z, eq<number>(value, constant(value.width, 0))), set(s.V, v),
]
