// The registers that hold addresses, xtvec, xepc and xtval: they need not hold those that cannot be valid. Volume II, mtvec, mepc, mtval.
import { concat, constant, eq, extract, ite, not, or, signExtend, type Bool, type Term } from '../../ir/term.ts'
import { heldBits } from './parameters.ts'
import { flag, value, word, type State } from './state.ts'

/** The lowest bit of an address that a register has; those below are 0. */
export const lowest = { 'mtvec.BASE': 2, 'stvec.BASE': 2, 'mepc[xlen-1:1]': 1, 'sepc[xlen-1:1]': 1, mtval: 0, stval: 0 } as const
export type AddressField = keyof typeof lowest

/**
 * The address that is held where this one is written: itself where its upper bits are all the same, as in all valid ones and some
 * others; and otherwise another one that is not valid, as its two highest bits differ.
 */
export const heldAddress = (s: State, address: Term): Term => {
  const n = heldBits(s)
  if (n === s.xlen) return address
  const upper = extract(address, s.xlen - 1, n - 1), same = or(eq<number>(upper, constant<number>(upper.width, 0)), eq<number>(not(upper), constant<number>(upper.width, 0)))
  return signExtend<number>(concat(ite<1>(same, extract<1>(address, n - 1, n - 1), not(extract<1>(address, n - 2, n - 2))), extract(address, n - 2, 0)), s.xlen)
}
/** What of an address goes into the register. */
export const inField = (s: State, name: AddressField, address: Term): Term => extract(heldAddress(s, address), heldBits(s) - 1, lowest[name])

/** The address in a register, without the bits that are always 0. */
export const addressOf = (s: State, name: AddressField): Term => {
  const content = value(s, name), width = s.xlen - lowest[name]
  return content.width === width ? content : signExtend<number>(content, width)
}

/** BASE and whether MODE is vectored. */
export const trapVectorOf = (s: State, name: 'mtvec' | 'stvec'): { readonly BASE: Term; readonly MODE: Bool } => {
  if (name === 'stvec' || s.mtvec === 'writable') return { BASE: addressOf(s, `${name}.BASE`), MODE: flag(s, `${name}.MODE`) }
  const fixed = word(s, s.mtvec)
  return { BASE: extract(fixed, s.xlen - 1, 2), MODE: extract<1>(fixed, 0, 0) }
}
