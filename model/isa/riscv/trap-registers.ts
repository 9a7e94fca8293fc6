// The registers of traps that both M-mode and S-mode have: mtvec and stvec, mcause and scause, mtval and stval.
import { and, any, concat, constant, eq, extract, ite, not, type Bool, type Term } from '../../ir/term.ts'
import { csr, havingBits, part, type Csr } from './csr.ts'
import { value, type State } from './state.ts'

/** BASE and MODE: 0 is direct, 1 vectored where the hart has that, and others are reserved. */
export const trapVector = (s: State, name: 'mtvec' | 'stvec', number: number): Csr => {
  const vectors = s.vectorModes === 'direct and vectored'
  const unsupported = (v: Term): Bool => (vectors ? extract<1>(v, 1, 1) : any([extract<1>(v, 1, 1), extract<1>(v, 0, 0)]))
  const whole = csr(s, name, number, [part(s, `${name}.BASE`, 2), part(s, `${name}.MODE`, 0)], s.reservedVectorMode === 'write ignored' ? { supported: (v) => not(unsupported(v)) } : {})
  return { ...whole, write: (v, n) => whole.write!(s.reservedVectorMode === 'write ignored' ? aligned(s, v) : aligned(s, legalMode(s, name, v, unsupported(v))), n) }
}

/** A value with a mode that the hart has, for one that it has not. */
const legalMode = (s: State, name: 'mtvec' | 'stvec', v: Term, unsupported: Bool): Term => {
  const base = extract(v, s.xlen - 1, 2), MODE = value(s, `${name}.MODE`) as Bool
  const otherwise = s.reservedVectorMode === 'MODE kept' ? MODE : s.vectorModes === 'direct' ? constant(1, 0) : extract<1>(v, 0, 0)
  return concat<number>(base, constant(1, 0), ite(unsupported, otherwise, extract<1>(v, 0, 0)))
}

/** In vectored mode BASE may have fewer bits. */
const aligned = (s: State, v: Term): Term => {
  if (s.vectoredAlignment === 4) return v
  const low = constant<number>(s.xlen, s.vectoredAlignment - 4)
  return ite<number>(eq(extract<2>(v, 1, 0), constant(2, 1)), and<number>(v, not(low)), v)
}

/** The bit of interrupts, and the code. */
export const causeRegister = (s: State, name: 'mcause' | 'scause', number: number): Csr => {
  const codes = Math.min(s.causeBits, s.xlen - 1)
  return csr(s, name, number, [part(s, name, 0, havingBits(s.xlen, (1n << BigInt(s.xlen - 1)) | ((1n << BigInt(codes)) - 1n)))])
}

export const valueRegister = (s: State, name: 'mtval' | 'stval', number: number): Csr =>
  csr(s, name, number, s.trapValues === 'writable' ? [part(s, name, 0)] : [])
