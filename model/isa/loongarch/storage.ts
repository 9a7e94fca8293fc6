// Loads and stores, atomics, barriers, and the moves of the floating-point unit that EUEN enables.
import { set, store, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, and, constant, eq, extract, load, lshr, ne, not, or, shl, signExtend, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { addressed, cellOf, define, effective, format2R, format2RI12, format3R, formatI15, shiftOf, write, type Operands } from './notation.ts'
import { csr, GR, type State } from './state.ts'

type Size = 1 | 2 | 4 | 8

/** The processor has no unaligned references: the bits ALCL of MISC are constantly 1. */
const aligned = (address: Term, size: Size): Statement[] => {
  const bits = Math.log2(size)
  return bits === 0 ? [] : [trapIf(ne<number>(extract(address, bits - 1, 0), constant(bits, 0)), 'ALE')]
}
const loaded = (s: State, address: Term, size: Size): Term => {
  const whole = load(s.E, cellOf(s, address))
  return 8 * size === s.GRLEN ? whole : extract(lshr<number>(whole, shiftOf(s, address)), 8 * size - 1, 0)
}
/** The cell with `size` bytes of it replaced. */
const stored = (s: State, address: Term, size: Size, value: Term, when?: Bool): Statement => {
  if (8 * size === s.GRLEN) return store(s.E, cellOf(s, address), value, when)
  const by = shiftOf(s, address), part = zeroExtend(extract(value, 8 * size - 1, 0), s.GRLEN)
  const mask = shl<number>(constant(s.GRLEN, (1n << BigInt(8 * size)) - 1n), by)
  const merged = or<number>(and<number>(load(s.E, cellOf(s, address), when), not(mask)), shl<number>(part, by))
  return store(s.E, cellOf(s, address), merged, when)
}

export const loadsAndStores = (s: State): Instruction[] => {
  const instruction = define(s, '2.2.6 and 2.2.7'), wide = s.architecture === 'la64'
  const reads = (name: string, op: number, size: Size, extend: (t: Term, w: number) => Term): Instruction =>
    instruction(name, format2RI12, { op }, (o) => {
      const address = effective(s, o)
      return [...aligned(address, size), write(s, o['rd']!, extend(loaded(s, address, size), s.GRLEN))]
    })
  const writes = (name: string, op: number, size: Size): Instruction => instruction(name, format2RI12, { op }, (o) => {
    const address = effective(s, o)
    return [...aligned(address, size), stored(s, address, size, GR(s, o['rd']!))]
  })
  const linkedFormat = { op: 8, si14: 14, rj: 5, rd: 5 }
  const linked = (o: Operands): Term => addressed(s, add<number>(GR(s, o['rj']!), shl<number>(signExtend(o['si14']!, s.GRLEN), constant(s.GRLEN, 2))))
  return [
    reads('LD.B', 0xa0, 1, signExtend), reads('LD.W', 0xa2, 4, signExtend), reads('LD.BU', 0xa8, 1, zeroExtend),
    writes('ST.B', 0xa4, 1), writes('ST.W', 0xa6, 4),
    ...(wide ? [reads('LD.D', 0xa3, 8, signExtend), reads('LD.WU', 0xaa, 4, zeroExtend), writes('ST.D', 0xa7, 8)] : []),
    instruction('LL.W', linkedFormat, { op: 0x20 }, (o) => {
      const address = linked(o)
      return [...aligned(address, 4), write(s, o['rd']!, signExtend(loaded(s, address, 4), s.GRLEN)), set(s.LLbit, 1)]
    }),
    instruction('SC.W', linkedFormat, { op: 0x21 }, (o) => {
      const address = linked(o)
      return [
        ...aligned(address, 4), stored(s, address, 4, GR(s, o['rd']!), get(s.LLbit)), write(s, o['rd']!, zeroExtend(get(s.LLbit), s.GRLEN)), set(s.LLbit, 0),
      ]
    }),
    ...(wide ? [instruction('AMSWAP.D', format3R, { op: 0x70c1 }, (o) => {
      const address = addressed(s, GR(s, o['rj']!))
      const same = eq(o['rd']!, o['rj']!)
      return [
        trapIf(and(same, ne(o['rd']!, constant(5, 0))), 'INE'), ...aligned(address, 8),
        write(s, o['rd']!, loaded(s, address, 8)), stored(s, address, 8, GR(s, o['rk']!)),
      ]
    })] : []),
    instruction('PRELD', { op: 10, si12: 12, rj: 5, hint: 5 }, { op: 0xab }, () => []),
    instruction('DBAR', formatI15, { op: 0x70e4 }, () => []), instruction('IBAR', formatI15, { op: 0x70e5 }, () => []),
  ]
}

export const floatingPoint = (s: State): Instruction[] => {
  const instruction = define(s, 'chapter 3'), wide = s.architecture === 'la64'
  const enabled = trapIf(not(csr(s, 'EUEN.FPE') as Bool), 'FPD')
  const FR = (n: Term) => cell(s.FR, n as Term<5>)
  return [
    instruction('MOVGR2FCSR', { op: 22, rj: 5, fcsr: 5 }, { op: 0x4530, fcsr: 0 }, (o) => [enabled, set(s.FCSR0, extract<32>(GR(s, o['rj']!), 31, 0))]),
    instruction('MOVFCSR2GR', { op: 22, fcsr: 5, rd: 5 }, { op: 0x4532, fcsr: 0 }, (o) => [enabled, write(s, o['rd']!, signExtend(get(s.FCSR0), s.GRLEN))]),
    ...(wide ? [
      instruction('MOVGR2FR.D', format2R, { op: 0x452a }, (o) => [enabled, set<number>(FR(o['rd']!), GR(s, o['rj']!))]),
      instruction('MOVFR2GR.D', format2R, { op: 0x452e }, (o) => [enabled, write(s, o['rd']!, get(FR(o['rj']!)))]),
      instruction('FLD.D', format2RI12, { op: 0xae }, (o) => {
        const address = effective(s, o)
        return [enabled, ...aligned(address, 8), set<number>(FR(o['rd']!), loaded(s, address, 8))]
      }),
      instruction('FST.D', format2RI12, { op: 0xaf }, (o) => {
        const address = effective(s, o)
        return [enabled, ...aligned(address, 8), stored(s, address, 8, get(FR(o['rd']!)))]
      }),
    ] : []),
  ]
}
