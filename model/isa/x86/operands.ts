// Encodings byte by byte, the operands r/m, immediate and displacement, and pushes and pops.
import {
  encode, instruction, set, store, trapIf, type Encoding, type Format, type Instruction, type Statement,
} from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import {
  add, concat, constant, eq, extract, ite, load, ne, True, ult, type Bool, type Term,
} from '../../ir/term.ts'
import { CPL, E, EIP, R } from './state.ts'

/** A field of an encoding, most significant bits first: with a value it is fixed, without one an operand. */
export type Part = readonly [name: string, bits: number, value?: number]
export type Operands = Readonly<Record<string, Term>>

/** Fixed bytes: prefixes and operation codes. */
export const bytes = (...values: readonly number[]): Part[] => values.map((v, i) => [`byte${i}`, 8, v])
/** An operand of 8, 16 or 32 bits, its lowest byte first. */
export const little = (name: string, bits: number): Part[] =>
  Array.from({ length: bits / 8 }, (_, i): Part => [`${name}${i}`, 8])
export const littleValue = (o: Operands, name: string, bits: number): Term =>
  Array.from({ length: bits / 8 }, (_, i) => o[`${name}${i}`]!).reduce((low, high) => concat(high, low))
const regField = (reg: number | undefined): Part => (reg === undefined ? ['reg', 3] : ['reg', 3, reg])
/** ModR/M of a register operand, `rm`; a `reg` that is not given is the operand `reg`. */
export const registerForm = (reg?: number): Part[] => [['mod', 2, 3], regField(reg), ['rm', 3]]
/** ModR/M of storage at a 32-bit displacement. */
export const storageForm = (reg?: number): Part[] => [
  ['mod', 2, 0], regField(reg), ['rm', 3, 5], ...little('disp', 32),
]

const encoding = (parts: readonly Part[]): Encoding<string> => {
  const format: Format = Object.fromEntries(parts.map(([name, bits]) => [name, bits]))
  const fixed = Object.fromEntries(parts.flatMap(([name, , value]) => (value === undefined ? [] : [[name, value]])))
  return encode<Format, string>(format, fixed) as Encoding as Encoding<string>
}

export const manual = "Intel Architecture Software Developer's Manual"
/** Defines an instruction; `next` is the address of the following one, which EIP gets where `does` does not set it. */
export const define = (name: string, parts: readonly Part[], does: (o: Operands, next: Term) => readonly Statement[], note?: string): Instruction => {
  const e = encoding(parts)
  const next = add<number>(get(EIP), constant(32, e.width / 8))
  return instruction<string>({
    name, source: `${manual}, Volume 2: Instruction Set Reference, ${name.split(' ')[0]}`, encoding: e,
    does: (o) => {
      const body = does(o, next), jump = body.find((s) => s.kind === 'set' && s.place === EIP)
      const to = jump?.kind === 'set' ? ite(jump.when, jump.value, next) : next
      return [...body.filter((s) => s !== jump), set(EIP, to as Term<32>)]
    },
    ...(note === undefined ? {} : { note }),
  })
}

/** #GP(0) unless the program runs at level 0. */
export const level0: Statement = trapIf(ne(get(CPL), constant(2, 0)), '#GP')

export const reg32 = (n: Term): Term => get(cell(R, n as Term<3>))
export const reg16 = (n: Term): Term => extract(reg32(n), 15, 0)
const number = (n: number): Term<3> => constant(3, n)
type Number = Term<3>
export const [EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI] =
  [0, 1, 2, 3, 4, 5, 6, 7].map(number) as [Number, Number, Number, Number, Number, Number, Number, Number]
export const setReg32 = (n: Term, value: Term, when: Bool = True): Statement => set(cell(R, n as Term<3>), value as Term<32>, when)
export const setReg16 = (n: Term, value: Term, when: Bool = True): Statement =>
  setReg32(n, concat(extract(reg32(n), 31, 16), value), when)

/** Storage is modelled in doublewords: a reference that is not aligned leaves the model. */
const misaligned = (address: Term, bits: 16 | 32): Statement =>
  trapIf(bits === 32 ? ne(extract(address, 1, 0), constant(2, 0)) : extract<1>(address, 0, 0), 'unmodelled')
const doubleword = (address: Term): Term => extract(address, 31, 2)
const upper = (address: Term): Bool => extract<1>(address, 1, 1)

const loaded = (address: Term, when: Bool = True): Term<32> => load(E, doubleword(address), when)
/** A read of 16 or 32 bits, and the guard that goes before it. */
export const read = (address: Term, bits: 16 | 32, when: Bool = True): { readonly guard: Statement[]; readonly value: Term } => {
  const whole = loaded(address, when)
  const value = bits === 32 ? whole : ite<number>(upper(address), extract(whole, 31, 16), extract(whole, 15, 0))
  return { guard: [misaligned(address, bits)], value }
}
/** A write of 16 or 32 bits. */
export const write = (address: Term, value: Term, when: Bool = True): Statement[] => {
  if (value.width === 32) return [misaligned(address, 32), store(E, doubleword(address), value as Term<32>, when)]
  const whole = loaded(address, when)
  const merged = ite<number>(upper(address), concat(value, extract(whole, 15, 0)), concat(extract(whole, 31, 16), value))
  return [misaligned(address, 16), store(E, doubleword(address), merged as Term<32>, when)]
}

export const plus = (address: Term, n: number): Term => add<number>(address, constant(32, n))
/** Pushes doublewords, the first one first, on the stack at `from`. */
export const push = (values: readonly Term[], from: Term = reg32(ESP)): Statement[] => [
  ...values.flatMap((value, i) => write(plus(from, -4 * (i + 1)), value)), setReg32(ESP, plus(from, -4 * values.length)),
]
/** The nth doubleword from the top of the stack. */
export const onStack = (n: number, when: Bool = True): { readonly guard: Statement[]; readonly value: Term } =>
  read(plus(reg32(ESP), 4 * n), 32, when)

/** An operand r/m of 16 or 32 bits in one of its two forms. */
export interface OperandForm {
  /** As in an instruction's name: `r16`, `m32`. */
  readonly name: string
  readonly prefix: readonly number[]
  readonly modrm: (reg?: number) => Part[]
  readonly read: (o: Operands) => { readonly guard: Statement[]; readonly value: Term }
  readonly write: (o: Operands, value: Term, when?: Bool) => Statement[]
}
const inRegister = (bits: 16 | 32): OperandForm => ({
  name: `r${bits}`, prefix: bits === 16 ? [0x66] : [], modrm: registerForm,
  read: (o) => ({ guard: [], value: (bits === 16 ? reg16 : reg32)(o.rm!) }),
  write: (o, value, when) => [(bits === 16 ? setReg16 : setReg32)(o.rm!, value, when)],
})
export const displacement = (o: Operands): Term => littleValue(o, 'disp', 32)
const inStorage = (bits: 16 | 32): OperandForm => ({
  name: `m${bits}`, prefix: [], modrm: storageForm,
  read: (o) => read(displacement(o), bits),
  write: (o, value, when) => write(displacement(o), value, when),
})
export const rm16: readonly OperandForm[] = [inRegister(16), inStorage(16)]
export const rm32: readonly OperandForm[] = [inRegister(32), inStorage(32)]
/** An operand r/m16 that is only read: the operand size does not matter, so there is no prefix. */
export const source16: readonly OperandForm[] = [{ ...inRegister(16), prefix: [] }, inStorage(16)]

export const bitOf = (t: Term, n: number): Bool => extract<1>(t, n, n)
export const isZero = (t: Term): Bool => eq(t, constant(t.width, 0))
export const above = (a: Term, b: Term): Bool => ult(b, a)
