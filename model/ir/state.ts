// The components of a machine's state, each with its role, and the places that an instruction can read and write.
import { extract, select, variable, WidthError, type Memory, type Term } from './term.ts'

/** What a component is in ⟨E, M, P, R⟩; mode, mapping and control together are the resources. */
export type Role = 'storage' | 'general' | 'mode' | 'counter' | 'mapping' | 'control'
export const resources: ReadonlySet<Role> = new Set<Role>(['mode', 'mapping', 'control'])

/** One word of state. */
export interface Register<W extends number = number> {
  readonly kind: 'register'
  readonly name: string
  readonly width: W
  readonly role: Role
}

/** Many words of state: storage, a register file, a device's memory. */
export interface Bank<A extends number = number, W extends number = number> extends Memory<A, W> {
  readonly kind: 'bank'
  readonly role: Role
}
export type Component = Register | Bank

export interface Field<W extends number = number> {
  readonly kind: 'field'
  readonly register: Register
  readonly high: number
  readonly low: number
  readonly width: W
}
export interface Cell<W extends number = number> {
  readonly kind: 'cell'
  readonly bank: Bank
  readonly index: Term
  readonly width: W
}
export type Place<W extends number = number> = Register<W> | Field<W> | Cell<W>

/** Names go into SMT-LIB and generated code between bars. */
const checkName = (name: string): void => {
  if (!/^[^|\\"\n]+$/.test(name)) throw new WidthError(`a component's name is one line without | \\ or ": ${JSON.stringify(name)}`)
}

export const register = <W extends number>(name: string, width: W, role: Role): Register<W> => {
  checkName(name)
  variable(name, width)
  return { kind: 'register', name, width, role }
}

/** `cells` defaults to 2^addressWidth. */
export const bank = <A extends number, W extends number>(
  name: string, addressWidth: A, width: W, role: Role, cells: number = 2 ** addressWidth,
): Bank<A, W> => {
  checkName(name)
  if (cells < 1 || cells > 2 ** addressWidth) throw new WidthError(`${name}: ${cells} cells with addresses of ${addressWidth} bits`)
  return { kind: 'bank', name, addressWidth, width, role, cells }
}

/** Bits high..low of a register; bit 0 is the least significant. */
export const field = <W extends number = number>(of: Register, high: number, low: number): Field<W> => {
  if (!(0 <= low && low <= high && high < of.width)) throw new WidthError(`${of.name}: bits ${high}..${low} of ${of.width}`)
  return { kind: 'field', register: of, high, low, width: (high - low + 1) as W }
}
export const bit = (of: Register, n: number): Field<1> => field<1>(of, n, n)

/** A cell by its real address or register number: not relocated, never traps. */
export const cell = <A extends number, W extends number>(of: Bank<A, W>, index: Term<NoInfer<A>>): Cell<W> => {
  if (index.width !== of.addressWidth) throw new WidthError(`${of.name}: an index has ${of.addressWidth} bits, this one ${index.width}`)
  return { kind: 'cell', bank: of, index, width: of.width }
}

/** The content of a place before the instruction. */
export const get = <W extends number>(place: Place<W>): Term<W> => {
  switch (place.kind) {
    case 'register': return variable(place.name, place.width)
    case 'field': return extract<W>(variable(place.register.name, place.register.width), place.high, place.low)
    case 'cell': return select(place.bank as Bank<number, W>, place.index)
  }
}

export const placeName = (place: Place): string => {
  switch (place.kind) {
    case 'register': return place.name
    case 'field': return `${place.register.name}<${place.high === place.low ? place.high : `${place.high}:${place.low}`}>`
    case 'cell': return place.bank.name
  }
}
