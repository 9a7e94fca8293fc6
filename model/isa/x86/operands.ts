// Encodings byte by byte, the operands r/m, immediate and storage, and pushes and pops, in 32-bit and in 64-bit mode.
import {
  encode, instruction, set, store, trapIf, type Encoding, type Format, type Instruction, type Statement,
} from '../../ir/instruction.ts'
import { cell, get, type Bank, type Register } from '../../ir/state.ts'
import {
  add, concat, constant, eq, extract, ite, load, ne, not, or, signExtend, True, zeroExtend, type Bool, type Term,
} from '../../ir/term.ts'
import { CPL } from './state.ts'

/** A field of an encoding, most significant bits first: with a value it is fixed, without one an operand. */
export type Part = readonly [name: string, bits: number, value?: number]
export type Operands = Readonly<Record<string, Term>>
/** A value and the guards that go before it. */
export interface Guarded {
  readonly guard: Statement[]
  readonly value: Term
}

/** Fixed bytes: operation codes. */
export const bytes = (...values: readonly number[]): Part[] => values.map((v, i) => [`byte${i}`, 8, v])
/** An operand of 8, 16, 32 or 64 bits, its lowest byte first. */
export const little = (name: string, bits: number): Part[] =>
  Array.from({ length: bits / 8 }, (_, i): Part => [`${name}${i}`, 8])
export const littleValue = (o: Operands, name: string, bits: number): Term =>
  Array.from({ length: bits / 8 }, (_, i) => o[`${name}${i}`]!).reduce((low, high) => concat(high, low))

const encoding = (parts: readonly Part[]): Encoding<string> => {
  const format: Format = Object.fromEntries(parts.map(([name, bits]) => [name, bits]))
  const fixed = Object.fromEntries(parts.flatMap(([name, , value]) => (value === undefined ? [] : [[name, value]])))
  return encode<Format, string>(format, fixed) as Encoding as Encoding<string>
}

/** #GP(0) unless the program runs at level 0. */
export const level0: Statement = trapIf(ne(get(CPL), constant(2, 0)), '#GP')
export const bitOf = (t: Term, n: number): Bool => extract<1>(t, n, n)
export const isZero = (t: Term): Bool => eq(t, constant(t.width, 0))
/** An address of 64 bits whose bits 63 to 47 are not all equal. */
export const notCanonical = (address: Term): Bool => not(or(isZero(extract(address, 63, 47)), isZero(not(extract(address, 63, 47)))))

/** What tells 64-bit mode from 32-bit mode in every instruction. */
export interface Mode {
  readonly bits: 32 | 64
  /** Storage in cells of `bits`. */
  readonly E: Bank
  readonly R: Bank
  readonly IP: Register
  readonly manual: string
}

/** How an instruction with ModR/M is coded, its bytes in order. */
export interface Coding {
  readonly prefix?: readonly number[]
  readonly opcode: readonly number[]
  readonly form: 'register' | 'storage'
  /** The digit in the reg field; without one it is the operand `reg`. */
  readonly reg?: number
  /** REX.W; only in 64-bit mode. */
  readonly wide?: boolean
}

/** An operand r/m of a width in one of its two forms. */
export interface OperandForm {
  /** As in an instruction's name: `r16`, `m32`. */
  readonly name: string
  readonly coding: Pick<Coding, 'prefix' | 'form' | 'wide'>
  readonly read: (o: Operands) => Guarded
  readonly write: (o: Operands, value: Term, when?: Bool) => Statement[]
}

export type Width = 16 | 32 | 64
export type Notation = ReturnType<typeof notation>

/** The words of the manual in one mode. Registers are numbered by terms: of 3 bits, with REX of 4. */
export const notation = ({ bits, E, R, IP, manual }: Mode) => {
  const long = bits === 64, cellBytes = bits / 8, low = long ? 3 : 2
  const number = (n: number): Term => constant(R.addressWidth, n)

  /** Defines an instruction; `next` is the address of the following one, which IP gets where `does` does not set it. */
  const define = (name: string, parts: readonly Part[], does: (o: Operands, next: Term) => readonly Statement[], note?: string): Instruction => {
    const e = encoding(parts)
    const next = add<number>(get(IP), constant(bits, e.width / 8))
    return instruction<string>({
      name, source: `${manual}, Volume 2: Instruction Set Reference, ${name.split(' ')[0]}`, encoding: e,
      does: (o) => {
        const body = does(o, next), jump = body.find((s) => s.kind === 'set' && s.place === IP)
        const to = jump?.kind === 'set' ? ite(jump.when, jump.value, next) : next
        return [...body.filter((s) => s !== jump), set<number>(IP, to)]
      },
      ...(note === undefined ? {} : { note }),
    })
  }

  /** REX, without index; R and B are operands where there is a register for them. */
  const rex = (wide: boolean, reg: boolean, base: boolean): Part[] =>
    long ? [['rex', 4, 4], ['w', 1, wide ? 1 : 0], reg ? ['r', 1] : ['r', 1, 0], ['x', 1, 0], base ? ['b', 1] : ['b', 1, 0]] : []
  const coded = ({ prefix = [], opcode, form, reg, wide = false }: Coding): Part[] => {
    const regField: Part = reg === undefined ? ['reg', 3] : ['reg', 3, reg]
    return [
      ...prefix.map((v, i): Part => [`prefix${i}`, 8, v]), ...rex(wide, reg === undefined, form === 'register'), ...bytes(...opcode),
      // Storage is at a displacement; in 64-bit mode that is from RBX.
      ...(form === 'register'
        ? [['mod', 2, 3], regField, ['rm', 3]] as Part[]
        : [['mod', 2, long ? 2 : 0], regField, ['rm', 3, long ? 3 : 5], ...little('disp', 32)] as Part[]),
    ]
  }
  /** An operation code that holds a register's number: the operand `reg`. */
  const codedInOpcode = (opcode: number, wide = false): Part[] => [...rex(wide, false, true), ['op', 5, opcode >> 3], ['reg', 3]]
  /** Bytes alone, with REX.W in 64-bit mode. */
  const wideBytes = (...opcode: readonly number[]): Part[] => [...(long ? [['rex', 8, 0x48] as Part] : []), ...bytes(...opcode)]
  const regOf = (o: Operands): Term => (long ? concat(o.r!, o.reg!) : o.reg!)
  const rmOf = (o: Operands): Term => (long ? concat(o.b!, o.rm!) : o.rm!)
  const opcodeRegOf = (o: Operands): Term => (long ? concat(o.b!, o.reg!) : o.reg!)

  const reg = (n: Term): Term => get(cell(R, n))
  const regLow = (n: Term, width: number): Term => extract(reg(n), width - 1, 0)
  const reg32 = (n: Term): Term => regLow(n, 32)
  const reg16 = (n: Term): Term => regLow(n, 16)
  const setReg = (n: Term, value: Term, when: Bool = True): Statement => set<number>(cell(R, n), value, when)
  /** 32 bits go to the lower half and clear the upper one; fewer keep the rest. */
  const setRegLow = (n: Term, value: Term, when: Bool = True): Statement =>
    setReg(n, value.width >= 32 ? zeroExtend(value, bits) : concat(extract(reg(n), bits - 1, value.width), value), when)

  const displacement = (o: Operands): Term => {
    const disp = littleValue(o, 'disp', 32)
    return long ? add<number>(reg(number(3)), signExtend(disp, 64)) : disp
  }
  const plus = (address: Term, n: number): Term => add<number>(address, constant(bits, n))

  /** Storage is modelled in cells: a reference that is not aligned leaves the model. An address of 64 bits must be canonical. */
  const guards = (address: Term, width: number): Statement[] => {
    const zeros = Math.log2(width / 8)
    return [
      trapIf(zeros === 1 ? bitOf(address, 0) : ne(extract(address, zeros - 1, 0), constant(zeros, 0)), 'unmodelled'),
      ...(long ? [trapIf(notCanonical(address), 'non-canonical')] : []),
    ]
  }
  const cellAddress = (address: Term): Term => extract(address, E.addressWidth + low - 1, low)
  const pick = (word: Term, address: Term, width: number): Term => {
    if (word.width === width) return word
    const half = word.width / 2
    return ite<number>(
      bitOf(address, Math.log2(half / 8)), pick(extract(word, word.width - 1, half), address, width), pick(extract(word, half - 1, 0), address, width),
    )
  }
  const merge = (word: Term, address: Term, value: Term): Term => {
    if (word.width === value.width) return value
    const half = word.width / 2, upper = extract(word, word.width - 1, half), lower = extract(word, half - 1, 0)
    return ite<number>(bitOf(address, Math.log2(half / 8)), concat(merge(upper, address, value), lower), concat(upper, merge(lower, address, value)))
  }
  const loaded = (address: Term, when: Bool): Term => load<number>(E, cellAddress(address), when)
  const read = (address: Term, width: Width, when: Bool = True): Guarded =>
    ({ guard: guards(address, width), value: pick(loaded(address, when), address, width) })
  const write = (address: Term, value: Term, when: Bool = True): Statement[] => [
    ...guards(address, value.width),
    store<number>(E, cellAddress(address), value.width === bits ? value : merge(loaded(address, when), address, value), when),
  ]

  const stack = number(4)
  /** Pushes cells, the first one first, on the stack at `from`. */
  const push = (values: readonly Term[], from: Term = reg(stack)): Statement[] => [
    ...values.flatMap((value, i) => write(plus(from, -cellBytes * (i + 1)), value)), setReg(stack, plus(from, -cellBytes * values.length)),
  ]
  /** The nth cell from the top of the stack. */
  const onStack = (n: number, when: Bool = True): Guarded => read(plus(reg(stack), cellBytes * n), bits, when)
  const pop = (): Statement => setReg(stack, plus(reg(stack), cellBytes))

  const wide = (width: Width): { readonly wide: boolean } => ({ wide: width === 64 })
  const inRegister = (width: Width): OperandForm => ({
    name: `r${width}`, coding: { form: 'register', ...(width === 16 ? { prefix: [0x66] } : {}), ...wide(width) },
    read: (o) => ({ guard: [], value: regLow(rmOf(o), width) }),
    write: (o, value, when) => [setRegLow(rmOf(o), value, when)],
  })
  const inStorage = (width: Width): OperandForm => ({
    name: `m${width}`, coding: { form: 'storage', ...wide(width) },
    read: (o) => read(displacement(o), width),
    write: (o, value, when) => write(displacement(o), value, when),
  })
  /** An operand r/m16 that is only read: the operand size does not matter, so there is no prefix. */
  const readOnly = { ...inRegister(16), coding: { form: 'register' } } as const
  return {
    bits, long, number, define, coded, codedInOpcode, wideBytes, regOf, rmOf, opcodeRegOf, reg, reg32, reg16, setReg, setRegLow, displacement, plus,
    read, write, push, onStack, pop,
    rm16: [inRegister(16), inStorage(16)] as readonly OperandForm[],
    /** An operand as wide as the registers. */
    rm: [inRegister(bits), inStorage(bits)] as readonly OperandForm[],
    source16: [readOnly, inStorage(16)] as readonly OperandForm[],
  }
}
