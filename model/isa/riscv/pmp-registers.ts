// pmpcfg and pmpaddr. Volume II, Physical Memory Protection CSRs.
import { cell, get } from '../../ir/state.ts'
import { and, any, concat, constant, eq, extract, ite, not, or, True, type Bool, type Term } from '../../ir/term.ts'
import { asWord, type Csr } from './csr.ts'
import { pmpGrain, pmpRegisters } from './parameters.ts'
import { lowOnes, pmpEntry } from './pmp.ts'
import type { State } from './state.ts'

/** pmpcfg0 to pmpcfg3 or pmpcfg15, of which RV64 has the even ones, and as many of pmpaddr as there are bytes in them; locked entries ignore writes. */
export const protection = (s: State): Csr[] => {
  const perRegister = s.xlen / 8, step = s.xlen === 64 ? 2 : 1, registers = pmpRegisters(s), grain = pmpGrain(s)
  const there = (n: number): boolean => n < s.pmpEntries
  const entry = (n: number) => cell(s.pmpcfg, pmpEntry(s, n))
  const configOf = (n: number): Term<8> => (there(n) ? get(entry(n)) : constant(8, 0))
  const withoutR = (v: Term): Bool => and(extract<1>(v, 1, 1), not(extract<1>(v, 0, 0)))
  /** Bits 6 and 5 are 0; W without R is reserved; NA4 is NAPOT where it is too small. */
  const legal = (v: Term<8>): Term<8> => {
    const kept = and(v, constant(8, 0x9f)), large = grain === 0 ? kept : ite<8>(extract<1>(v, 4, 4), or(kept, constant(8, 0x18)), kept)
    return s.reservedPmp === 'no W' ? ite<8>(extract<1>(v, 0, 0), large, and(large, constant(8, 0xfd))) : large
  }
  const locked = (n: number): Bool => extract<1>(configOf(n), 7, 7)
  const config = (k: number): Csr => {
    const entries = Array.from({ length: perRegister }, (_, j) => k * perRegister + j)
    return {
      name: `pmpcfg${k * step}`, first: 0x3a0 + k * step, last: 0x3a0 + k * step,
      read: () => entries.map((n): Term => configOf(n)).reduce((low, high) => concat(high, low)),
      write: (v) => entries.filter(there).map((n, j) => {
        const written = extract<8>(v, 8 * j + 7, 8 * j)
        return { place: entry(n), value: legal(written), when: and(not(locked(n)), s.reservedPmp === 'write ignored' ? not(withoutR(written)) : True) }
      }),
    }
  }
  /** What is read is what counts for matching: where there are granules, low ones of a power of two's range and low zeros otherwise. */
  const shown = (n: number, stored: Term): Term => {
    if (grain === 0) return stored
    return ite<number>(extract<1>(configOf(n), 4, 4), or<number>(stored, lowOnes(s, grain - 1)), and<number>(stored, not(lowOnes(s, grain))))
  }
  /** An entry is locked also by the next one, where that is locked and its range starts here (TOR). */
  const address = (n: number): Csr => {
    const name = `pmpaddr${n}`, number = 0x3b0 + n
    if (!there(n)) return { name, first: number, last: number, read: () => constant<number>(s.xlen, 0) }
    const next = configOf(n + 1), place = cell(s.pmpaddr, pmpEntry(s, n))
    const byNext = and(extract<1>(next, 7, 7), eq(extract<2>(next, 4, 3), constant(2, 1)))
    return {
      name, first: number, last: number,
      read: () => asWord(s, shown(n, get<number>(place))),
      write: (v) => [{ place, value: extract(v, place.width - 1, 0), when: not(any([locked(n), byNext])) }],
    }
  }
  return [...Array.from({ length: registers / perRegister }, (_, k) => config(k)), ...Array.from({ length: registers }, (_, n) => address(n))]
}
