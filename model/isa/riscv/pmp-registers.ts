// pmpcfg and pmpaddr. Volume II, Physical Memory Protection CSRs.
import { cell } from '../../ir/state.ts'
import { and, any, concat, constant, eq, extract, ite, not, or, True, type Bool, type Term } from '../../ir/term.ts'
import { asWord, havingBits, type Csr } from './csr.ts'
import { addressBits, pmpGrain, pmpRegisters } from './parameters.ts'
import { addressOf, configOf, lowOnes, Matching, pmpEntry } from './pmp.ts'
import type { State } from './state.ts'

/** R, W and X together, but for none and the reserved ones. */
const permissions = { R: 1, X: 4, RX: 5, RW: 3, RWX: 7 } as const

/** pmpcfg0 to pmpcfg3 or pmpcfg15, of which RV64 has the even ones, and as many of pmpaddr as there are bytes in them; locked entries ignore writes. */
export const protection = (s: State): Csr[] => {
  const perRegister = s.xlen / 8, step = s.xlen === 64 ? 2 : 1, registers = pmpRegisters(s), grain = pmpGrain(s)
  const there = (n: number): boolean => n < s.pmpEntries, written = (n: number): boolean => there(n) && s.pmpConstants[n] === undefined
  const entry = (n: number) => cell(s.pmpcfg, pmpEntry(s, n))
  const held = (n: number): Term<8> => (there(n) ? configOf(s, n) : constant(8, 0))
  const withoutR = (v: Term): Bool => and(extract<1>(v, 1, 1), not(extract<1>(v, 0, 0)))
  const modes = s.pmpModes.filter((mode) => mode !== 'NA4' || grain === 0)
  const unavailable = (['TOR', 'NA4', 'NAPOT'] as const).filter((mode) => !modes.includes(mode))
  const missing = Object.entries(permissions).filter(([name]) => !s.pmpPermissions.some((there) => there === name)).map(([, bits]) => bits)
  /** Bits 6 and 5 are 0, and L where it is not there; W without R is reserved, and modes that the entry cannot have. */
  const legal = (v: Term<8>, old: Term<8>): Term<8> => {
    const kept = and(v, constant(8, s.pmpLock === 'writable' ? 0x9f : 0x1f)), A = extract<2>(v, 4, 3)
    const other = s.otherPmpMode === 'A kept' ? extract<2>(old, 4, 3) : constant(2, Matching[s.otherPmpMode])
    const moded = unavailable.length === 0 ? kept
      : ite<8>(any(unavailable.map((mode) => eq(A, constant(2, Matching[mode])))), concat<8>(extract<3>(kept, 7, 5), other, extract<3>(kept, 2, 0)), kept)
    const withW = s.reservedPmp === 'no W' ? ite<8>(extract<1>(v, 0, 0), moded, and(moded, constant(8, 0xfd))) : moded
    return missing.length === 0 ? withW : ite<8>(any(missing.map((bits) => eq(extract<3>(withW, 2, 0), constant(3, bits)))), concat<8>(extract<5>(withW, 7, 3), extract<3>(old, 2, 0)), withW)
  }
  const locked = (n: number): Bool => extract<1>(held(n), 7, 7)
  const config = (k: number): Csr => {
    const entries = Array.from({ length: perRegister }, (_, j) => k * perRegister + j)
    return {
      name: `pmpcfg${k * step}`, first: 0x3a0 + k * step, last: 0x3a0 + k * step,
      read: () => entries.map((n): Term => held(n)).reduce((low, high) => concat(high, low)),
      write: (v) => entries.filter(written).map((n) => {
        const j = n % perRegister, next = extract<8>(v, 8 * j + 7, 8 * j)
        return { place: entry(n), value: legal(next, held(n)), when: and(not(locked(n)), s.reservedPmp === 'write ignored' ? not(withoutR(next)) : True) }
      }),
    }
  }
  /** What is read is what counts for matching: where there are granules, low ones of a power of two's range and low zeros otherwise. */
  const shown = (n: number, stored: Term): Term => {
    if (grain === 0) return stored
    return ite<number>(extract<1>(held(n), 4, 4), or<number>(stored, lowOnes(s, grain - 1)), and<number>(stored, not(lowOnes(s, grain))))
  }
  const high = havingBits(s.pmpaddr.width, (1n << BigInt(addressBits(s) - 2)) - 1n).becomes, bits = (v: Term): Term => high?.(v) ?? v
  /** An entry is locked also by the next one, where that is locked and its range starts here (TOR). */
  const address = (n: number): Csr => {
    const name = `pmpaddr${n}`, number = 0x3b0 + n
    if (!there(n)) return { name, first: number, last: number, read: () => constant<number>(s.xlen, 0) }
    const next = held(n + 1), place = cell(s.pmpaddr, pmpEntry(s, n))
    const byNext = and(extract<1>(next, 7, 7), eq(extract<2>(next, 4, 3), constant(2, 1)))
    return {
      name, first: number, last: number,
      read: () => asWord(s, shown(n, addressOf(s, n))),
      write: (v) => (!written(n) ? [] : [{ place, value: bits(extract(v, place.width - 1, 0)), when: not(any([locked(n), byNext])) }]),
    }
  }
  return [...Array.from({ length: registers / perRegister }, (_, k) => config(k)), ...Array.from({ length: registers }, (_, n) => address(n))]
}
