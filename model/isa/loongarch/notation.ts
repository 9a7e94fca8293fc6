// How LoongArch instructions are written down here: formats, register writes, addresses and results under 32-bit address mode.
import { encode, instruction, set, trapIf, type Format, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell } from '../../ir/state.ts'
import { add, and, concat, constant, extract, False, ite, ne, signExtend, True, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { csr, GR, inPLV, type State } from './state.ts'

export type Operands = Readonly<Record<string, Term>>
export type Fixed = Readonly<Record<string, number>>

export const format2R = { op: 22, rj: 5, rd: 5 }
export const format3R = { op: 17, rk: 5, rj: 5, rd: 5 }
export const format2RI12 = { op: 10, si12: 12, rj: 5, rd: 5 }
export const formatI15 = { op: 17, code: 15 }

export const causes = {
  'address translation': 1, ADEM: 8, ALE: 9, BCE: 10, SYS: 11, BRK: 12, INE: 13, IPE: 14, FPD: 15, DBP: 63, unmodelled: 62,
} as const

export const define = (s: State, chapter: string) => (
  name: string, format: Format, fixed: Fixed, does: (o: Operands) => readonly Statement[], note?: string,
): Instruction => instruction<string>({
  name,
  source: `${s.architecture === 'la64' ? 'LoongArch Reference Manual, volume 1' : 'LoongArch 32-bit reduced edition'}, ${chapter}, ${name}`,
  encoding: encode<Format, string>(format, fixed), does, ...(note === undefined ? {} : { note }),
})

/** A write to general register n; one to register 0 is lost. */
export const write = (s: State, n: Term, value: Term, when: Bool = True): Statement =>
  set(cell<number, number>(s.GR, n), value, and(when, ne(n, constant(5, 0))))

/** A 32-bit result, extended by its sign to the length of a general register. */
export const word = (s: State, value: Term): Term => signExtend(extract(value, 31, 0), s.GRLEN)

/** Privileged: IPE below PLV0. */
export const privileged = (s: State): Statement => trapIf(outside(s), 'IPE')
export const outside = (s: State): Bool => ne(csr(s, 'CRMD.PLV'), constant(2, 0))

/** 32-bit address mode of PLV3; PLV0 has none. */
const shortAddresses = (s: State): Bool => (s.architecture === 'la64' ? and(inPLV(s, 3), csr(s, 'MISC.VA32L3') as Bool) : False)
/** An address, cut to 32 bits and extended by zeros in 32-bit address mode; the lowest bit of `t` is bit `low` of the address. */
export const addressed = (s: State, t: Term, low = 0): Term =>
  ite<number>(shortAddresses(s), zeroExtend(extract(t, Math.min(t.width, 32 - low) - 1, 0), t.width), t)
/** What BL, JIRL and PCADD put into a register: 32 bits extended by their sign in 32-bit address mode. */
export const computed = (s: State, t: Term): Term => ite<number>(shortAddresses(s), word(s, t), t)

/** GR[rj] + SignExtend(si12). */
export const effective = (s: State, o: Operands): Term => addressed(s, add<number>(GR(s, o['rj']!), signExtend(o['si12']!, s.GRLEN)))
/** The cell of GRLEN bits that an address is in. */
export const cellOf = (s: State, address: Term): Term => extract(address, s.GRLEN - 1, s.GRLEN === 64 ? 3 : 2)
/** How far above the cell's lowest bit the addressed byte is. */
export const shiftOf = (s: State, address: Term): Term => {
  const within = extract(address, s.GRLEN === 64 ? 2 : 1, 0)
  return zeroExtend(concat(within, constant(3, 0)), s.GRLEN)
}
/** PC as an address. */
export const pcAddress = (pc: Term): Term => concat(pc, constant(2, 0))
