// The registers of traps that both M-mode and S-mode have: mtvec and stvec, mcause and scause, mtval and stval.
import { get } from '../../ir/state.ts'
import { and, concat, constant, eq, extract, ite, ne, not, or, signExtend, type Bool, type Term } from '../../ir/term.ts'
import { addressOf, heldAddress, lowest, type AddressField } from './addresses.ts'
import { masked } from './misa.ts'
import { csr, havingBits, part, readOnly, type Csr, type Part } from './csr.ts'
import { givesValues } from './parameters.ts'
import { value, word, type State } from './state.ts'

type Name = 'mtvec' | 'stvec'

/** What is left open for each of the two; stvec holds every valid address, in direct mode if it is a multiple of 4. */
const choicesOf = (s: State, name: Name) => (name === 'mtvec'
  ? { modes: s.vectorModes, reserved: s.reservedVectorMode, bits: Math.min(s.vectorBits, s.xlen), direct: s.directAlignment, vectored: s.vectoredAlignment }
  : { modes: s.supervisorVectorModes, reserved: s.supervisorReservedVectorMode, bits: s.xlen, direct: 4, vectored: s.supervisorVectoredAlignment })

/** BASE and MODE: 0 is direct, 1 vectored where the hart has them, and others are reserved. */
export const trapVector = (s: State, name: Name, number: number): Csr => {
  const { modes, reserved } = choicesOf(s, name), low = (v: Term): Bool => extract<1>(v, 0, 0), high = (v: Term): Bool => extract<1>(v, 1, 1)
  const unsupported = (v: Term): Bool => (modes === 'direct and vectored' ? high(v) : or(high(v), modes === 'direct' ? low(v) : not(low(v))))
  if (name === 'mtvec' && s.mtvec !== 'writable') return csr(s, name, number, [readOnly(0, word(s, s.mtvec))])
  const whole = csr(s, name, number, [addressPart(s, `${name}.BASE`), part(s, `${name}.MODE`, 0)], reserved === 'write ignored' ? { supported: (v) => not(unsupported(v)) } : {})
  return heldAddresses(s, { ...whole, write: (v, n) => whole.write!(aligned(s, name, reserved === 'write ignored' ? v : legalMode(s, name, v, unsupported(v))), n) })
}

/** A value with a mode that the hart has, for one that it has not. */
const legalMode = (s: State, name: Name, v: Term, unsupported: Bool): Term => {
  const { modes, reserved } = choicesOf(s, name)
  const base = extract(v, s.xlen - 1, 2), MODE = value(s, `${name}.MODE`) as Bool
  const otherwise = reserved === 'MODE kept' ? MODE : modes === 'direct and vectored' ? extract<1>(v, 0, 0) : constant(1, modes === 'direct' ? 0 : 1)
  return concat<number>(base, constant(1, 0), ite(unsupported, otherwise, extract<1>(v, 0, 0)))
}

/** BASE may have fewer bits, also in one mode than in the other. */
const aligned = (s: State, name: Name, v: Term): Term => {
  const { bits, direct, vectored } = choicesOf(s, name), low = bits === s.xlen ? v : and<number>(v, word(s, (1n << BigInt(bits)) - 1n))
  const without = (alignment: number): Term => (alignment === 4 ? low : and<number>(low, not(constant<number>(s.xlen, alignment - 4))))
  return direct === vectored ? without(direct) : ite<number>(eq(extract<2>(v, 1, 0), constant(2, 1)), without(vectored), without(direct))
}

/** The bits of a cause register: that of interrupts, and those of the code. */
export const heldCauses = (s: State, name: 'mcause' | 'scause'): bigint =>
  (1n << BigInt(s.xlen - 1)) | ((1n << BigInt(Math.min(name === 'mcause' ? s.causeBits : s.supervisorCauseBits, s.xlen - 1))) - 1n)

/** The bit of interrupts, and the code. */
export const causeRegister = (s: State, name: 'mcause' | 'scause', number: number): Csr => {
  const held = heldCauses(s, name)
  const unsupported = (v: Term): Bool => ne<number>(and<number>(v, not(word(s, held))), word(s, 0))
  return csr(s, name, number, [part(s, name, 0, havingBits(s.xlen, held))], s.unsupportedCause === 'bits dropped' ? {} : { illegal: ({ writes, value: v }) => and(writes, unsupported(v)) })
}

/** mtval is read-only 0 where no exception has a value; stval holds every valid virtual address in any case. */
export const valueRegister = (s: State, name: 'mtval' | 'stval', number: number): Csr => heldAddresses(s, csr(s, name, number, name === 'stval' || givesValues(s) ? [addressPart(s, name)] : []))

export const exceptionCounter = (s: State, name: 'mepc' | 'sepc', number: number): Csr => heldAddresses(s, csr(s, name, number, [maskedPart(s, `${name}[xlen-1:1]`)]))

/** Where MRET and SRET go to. */
export const returnAddress = (s: State, name: 'mepc' | 'sepc'): Term => signExtend<number>(concat(masked(s, addressOf(s, `${name}[xlen-1:1]`)), constant(1, 0)), s.pc.width)

/** What is masked can be written all the same, and is not changed by setting and clearing other bits. */
const maskedPart = (s: State, name: AddressField): Part => {
  const whole = addressPart(s, name), held = whole.value ?? get(whole.place!), value = masked(s, held)
  return value === held ? whole : { ...whole, value, held }
}

const addressPart = (s: State, name: AddressField): Part => {
  const whole = part(s, name, lowest[name]), content = addressOf(s, name)
  return content.width === whole.place!.width ? whole : { ...whole, value: content }
}
/** An address that is written becomes one that is held. */
const heldAddresses = (s: State, c: Csr): Csr => ({ ...c, write: (v, n) => c.write!(heldAddress(s, v), n) })
