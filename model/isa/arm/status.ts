// The program status registers as words: reading, writing by an instruction, restoring on exception return, changing mode.
import { open, set, trapIf, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { and, concat, constant, extract, ite, ne, not, type Bool, type Term } from '../../ir/term.ts'
import { bankOf, inUser, type State, type StatusField } from './state.ts'

/** The fields in their places in a word; every other bit is 0. */
const word = (fields: readonly StatusField[], value: (f: StatusField) => Term): Term<32> => {
  const parts: Term[] = []
  let next = 32
  for (const f of fields) {
    const high = f.low + f.register.width
    if (high < next) parts.push(constant(next - high, 0))
    parts.push(value(f))
    next = f.low
  }
  return concat<32>(parts[0]!, parts[1]!, ...parts.slice(2))
}

export const CPSR = (s: State): Term<32> => word(s.status, (f) => get(f.register))

/** What MRS reads: in version 7 without the execution state bits, and in User mode without what is not the user's. */
export const readCPSR = (s: State): Term<32> => word(s.status, (f) => {
  const value = get(f.register), none = constant<number>(f.register.width, 0)
  if (s.version < 7) return value
  if (f.kind === 'execution') return none
  const hidden = f.kind !== 'user' || f.register === s.E
  if (!hidden) return value
  return ite<number>(inUser(s), s.unpredictable === 'open' ? open(`CPSR.${f.register.name}`, f.register.width) : none, value)
})

const part = (f: StatusField, value: Term): Term => extract(value, f.low + f.register.width - 1, f.low)

/** Which bytes of a status register an instruction writes: MSR's field mask, bit 0 the control byte. */
export type Bytes = Term<4>
const chosen = (f: StatusField, bytes: Bytes): Bool => extract<1>(bytes, Math.floor(f.low / 8), Math.floor(f.low / 8))

/** MSR to CPSR: in User mode the masks and the mode silently keep their value. */
export const writeCPSR = (s: State, value: Term<32>, bytes: Bytes, when: Bool): Statement[] => {
  const privileged = not(inUser(s))
  return s.status.flatMap((f): Statement[] => {
    const here = and(when, chosen(f, bytes))
    switch (f.kind) {
      case 'user': return [set(f.register, part(f, value), here)]
      case 'execution': return []
      case 'privileged': return [set(f.register, part(f, value), and(here, privileged))]
      case 'mode': return changeMode(s, part(f, value) as Term<5>, and(here, privileged))
    }
  })
}

/** A status register with the chosen bytes replaced. */
export const withBytes = (old: Term<32>, value: Term<32>, bytes: Bytes): Term<32> => {
  const byte = (n: number): Term => ite<number>(extract<1>(bytes, n, n), extract(value, 8 * n + 7, 8 * n), extract(old, 8 * n + 7, 8 * n))
  return concat<32>(byte(3), byte(2), byte(1), byte(0))
}

/** CPSR := value, with the registers of the mode that it names. */
export const restoreCPSR = (s: State, value: Term<32>, when: Bool): Statement[] =>
  s.status.flatMap((f) => (f.kind === 'mode' ? changeMode(s, part(f, value) as Term<5>, when) : [set(f.register, part(f, value), when)]))

const bankedRegisters = [[13, 0], [14, 1]] as const
export const bankedIndex = (bank: Term<4>, which: 0 | 1): Term<5> => concat<5>(bank, constant(1, which))

/** M := mode; R13 and R14 go to the old mode's bank and come from the new one's. */
export const changeMode = (s: State, mode: Term<5>, when: Bool): Statement[] => {
  const from = bankOf(get(s.M)), to = bankOf(mode), other = and(when, ne(from, to))
  return [
    set(s.M, mode, when),
    ...bankedRegisters.flatMap(([n, which]) => {
      const current = cell(s.R, constant(4, n))
      return [
        set(cell(s.banked, bankedIndex(from, which)), get(current), other),
        set(current, get(cell(s.banked, bankedIndex(to, which))), other),
      ]
    }),
  ]
}

/** SPSR of the current mode. */
export const currentSPSR = (s: State): Term<32> => get(cell(s.SPSR, bankOf(get(s.M))))

/** An UNPREDICTABLE instruction may take the Undefined exception, or complete with any values that User mode could produce. */
export const unpredictable = (s: State, when: Bool): Statement =>
  trapIf(s.unpredictable === 'open' ? and(when, open('whether it is undefined', 1)) : when, 'undefined')

/** The value, or anything where the instruction is UNPREDICTABLE. */
export const orAnything = <W extends number>(s: State, when: Bool, name: string, value: Term<W>): Term<W> =>
  s.unpredictable === 'open' ? ite(when, open(name, value.width), value) : value
