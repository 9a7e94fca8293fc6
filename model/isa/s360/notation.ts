// Instruction formats, operand addresses, aligned storage operands and the PSW, in the manuals' words.
import {
  encode, instruction, set, store, trapIf, type Encoding, type Format, type Instruction, type Statement,
} from '../../ir/instruction.ts'
import { cell, get, type Cell } from '../../ir/state.ts'
import { add, and, concat, constant, eq, extract, ite, load, lshr, not, or, shl, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { keyOf, relocation, type State } from './state.ts'

type Field = 'r1' | 'r2' | 'r3' | 'x2' | 'b1' | 'b2' | 'd1' | 'd2' | 'i' | 'l'
export type Operands = Readonly<Record<Field, Term>>
type Does = (o: Operands) => readonly Statement[]

export const isZero = (t: Term): Bool => eq(t, constant(t.width, 0))
export const word = (t: Term): Term => zeroExtend(t, 32)
export const low = (t: Term, bits: number): Term => extract(t, bits - 1, 0)

export type Notation = ReturnType<typeof notation>

/** `manual` and `chapter` are the source of every instruction defined with it. */
export const notation = (s: State, manual: string, chapter: string) => {
  const { E, GR, IA } = s
  const gr = (n: Term): Cell => cell(GR, n)
  const G = (n: Term): Term => get(gr(n))
  /** Address after an instruction of so many bytes. */
  const after = (bytes: number): Term => add<number>(get(IA), constant(24, bytes))
  const base = (b: Term, d: Term): Term =>
    add<number>(ite<number>(isZero(b), constant(24, 0), low(G(b), 24)), zeroExtend(d, 24))
  const ea1 = (o: Operands): Term => base(o.b1, o.d1)
  const ea2 = (o: Operands): Term => base(o.b2, o.d2)
  const indexed = (o: Operands): Term => add<number>(ea2(o), ite<number>(isZero(o.x2), constant(24, 0), low(G(o.x2), 24)))

  const wordOf = (address: Term): Term => extract(address, 23, 2)
  /** System/370 takes operands of unprivileged instructions at any byte; only the aligned ones are modelled. */
  const misaligned = s.is370 ? 'unmodelled' : 'specification'
  const aligned = (address: Term, bytes: 2 | 4 | 8, cause: string = misaligned): Statement =>
    trapIf(not(isZero(low(address, bytes === 8 ? 3 : bytes === 4 ? 2 : 1))), cause)
  const fullword = (address: Term): Term => load(E, wordOf(address))
  const secondWord = (address: Term): Term => load(E, add<number>(wordOf(address), constant(22, 1)))
  const shiftOf = (address: Term): Term => concat(constant(27, 0), not(low(address, 2)), constant(3, 0))
  const byte = (address: Term): Term => low(lshr<number>(fullword(address), shiftOf(address)), 8)
  const halfword = (address: Term): Term => {
    const w = fullword(address)
    return ite(extract<1>(address, 1, 1), extract(w, 15, 0), extract(w, 31, 16))
  }
  const changed = (at: Term): Statement[] => {
    if (!s.options.recording) return []
    const { real } = relocation(s).develop(at, 'write')
    return [set(keyOf(s, real), or<number>(get(keyOf(s, real)), constant(7, 3)))]
  }
  const putWord = (address: Term, value: Term): Statement[] => [store(E, wordOf(address), value), ...changed(wordOf(address))]
  const putSecond = (address: Term, value: Term): Statement[] =>
    [store(E, add<number>(wordOf(address), constant(22, 1)), value)]
  const putByte = (address: Term, value: Term): Statement[] => {
    const shift = shiftOf(address), mask = shl<number>(constant(32, 0xff), shift)
    const old = fullword(address)
    return putWord(address, or<number>(and<number>(old, not(mask)), shl<number>(word(value), shift)))
  }
  const putHalfword = (address: Term, value: Term): Statement[] => {
    const old = fullword(address)
    return putWord(address, ite<number>(extract<1>(address, 1, 1), concat(extract(old, 31, 16), value), concat(value, extract(old, 15, 0))))
  }

  type Fixed = Readonly<Record<string, number>>
  const define = (name: string, format: Format, fixed: Fixed, bytes: number, does: Does, note?: string): Instruction =>
    instruction<Field>({
      name, source: `${manual}, ${chapter}, ${name}`,
      encoding: encode<Format, string>(format, fixed) as Encoding as Encoding<Field>,
      does: (o) => {
        const body = does(o)
        const branches = body.some((x) => x.kind === 'set' && x.place.kind === 'register' && x.place.name === IA.name)
        return branches ? body : [...body, set(IA, after(bytes) as Term<24>)]
      },
      ...(note === undefined ? {} : { note }),
    })
  type Defines = (op: number, name: string, does: Does, note?: string) => Instruction
  const rr: Defines = (op, name, does, note) => define(name, { op: 8, r1: 4, r2: 4 }, { op }, 2, does, note)
  /** RR with an operand of eight bits: SVC. */
  const rri: Defines = (op, name, does, note) => define(name, { op: 8, i: 8 }, { op }, 2, does, note)
  const rx: Defines = (op, name, does, note) => define(name, { op: 8, r1: 4, x2: 4, b2: 4, d2: 12 }, { op }, 4, does, note)
  const rs: Defines = (op, name, does, note) => define(name, { op: 8, r1: 4, r3: 4, b2: 4, d2: 12 }, { op }, 4, does, note)
  const si: Defines = (op, name, does, note) => define(name, { op: 8, i: 8, b1: 4, d1: 12 }, { op }, 4, does, note)
  /** Operation codes of sixteen bits and one address. */
  const sFormat: Defines = (op, name, does, note) => define(name, { op: 16, b2: 4, d2: 12 }, { op }, 4, does, note)
  const rre: Defines = (op, name, does, note) => define(name, { op: 16, unused: 8, r1: 4, r2: 4 }, { op }, 4, does, note)
  const ss: Defines = (op, name, does, note) => define(name, { op: 8, l: 8, b1: 4, d1: 12, b2: 4, d2: 12 }, { op }, 6, does, note)
  const ssKey: Defines = (op, name, does, note) =>
    define(name, { op: 8, r1: 4, r3: 4, b1: 4, d1: 12, b2: 4, d2: 12 }, { op }, 6, does, note)
  const sse: Defines = (op, name, does, note) => define(name, { op: 16, b1: 4, d1: 12, b2: 4, d2: 12 }, { op }, 6, does, note)

  const privileged: Statement = trapIf(get(s.P), 'privileged-operation')
  const cc = (value: Term | number): Statement => set<number>(s.CC, typeof value === 'number' ? constant(2, value) : value)
  return {
    gr, G, after, ea1, ea2, indexed, aligned, fullword, secondWord, byte, halfword, putWord, putSecond, putByte, putHalfword,
    rr, rri, rx, rs, si, sFormat, rre, ss, ssKey, sse, privileged, cc, wordOf,
  }
}

/** Bits 0 to 7 of the PSW; bit 5 is T where there is translation. */
export const systemMask = (s: State): Term =>
  s.translates ? concat(extract(get(s.SYSTEM_MASK), 6, 2), get(s.T), extract(get(s.SYSTEM_MASK), 1, 0)) : get(s.SYSTEM_MASK)
export const setSystemMask = (s: State, mask: Term): Statement[] =>
  s.translates
    ? [set<number>(s.SYSTEM_MASK, concat(extract(mask, 7, 3), extract(mask, 1, 0))), set(s.T, extract<1>(mask, 2, 2))]
    : [set<number>(s.SYSTEM_MASK, mask)]

/** The PSW as two words; interruption and length codes are 0. */
export const psw = (s: State): readonly [Term, Term] => {
  const first = [systemMask(s), get(s.KEY)] as const
  if (!s.translates)
    return [
      concat(...first, get(s.A), get(s.M), get(s.W), get(s.P), constant(16, 0)),
      concat(constant(2, 0), get(s.CC), get(s.PROGRAM_MASK), get(s.IA)),
    ]
  return [
    concat(
      ...first, constant(1, s.is370 ? 1 : 0), get(s.M), get(s.W), get(s.P), s.das ? get(s.S) : constant(1, 0), constant(1, 0),
      get(s.CC), get(s.PROGRAM_MASK), constant(8, 0),
    ),
    concat(constant(8, 0), get(s.IA)),
  ]
}

/** Loads every field of the PSW. */
export const loadPsw = (s: State, first: Term, second: Term): Statement[] => {
  const bit = (n: number): Bool => extract<1>(first, n, n)
  const common = [
    ...setSystemMask(s, extract(first, 31, 24)), set<number>(s.KEY, extract(first, 23, 20)),
    set(s.M, bit(18)), set(s.W, bit(17)), set(s.P, bit(16)), set<number>(s.IA, extract(second, 23, 0)),
  ]
  return s.translates
    ? [
        ...common, ...(s.das ? [set(s.S, bit(15))] : []),
        set<number>(s.CC, extract(first, 13, 12)), set<number>(s.PROGRAM_MASK, extract(first, 11, 8)),
      ]
    : [
        ...common, set(s.A, bit(19)),
        set<number>(s.CC, extract(second, 29, 28)), set<number>(s.PROGRAM_MASK, extract(second, 27, 24)),
      ]
}

/** Causes in the order of their codes: those of the manuals, and what is left out. */
export const causes = {
  'privileged-operation': 1, execute: 2, access: 3, specification: 4, 'fixed-point-overflow': 5, 'supervisor-call': 6,
  'special-operation': 7, 'monitor-event': 8, unmodelled: 9, 'LX-translation': 10, 'EX-translation': 11, 'PC-translation-specification': 12,
} as const
export const causeWidth = 4

/** An interruption: the old PSW to its real location, the new one from its own. */
export const interruption = (s: State, cause: Term): Statement[] => {
  const call = eq<number>(cause, constant(causeWidth, causes['supervisor-call']))
  const at = (svc: number, program: number): Term => ite<number>(call, constant(22, svc / 4), constant(22, program / 4))
  const [first, second] = psw(s)
  const content = (index: Term): Term => get(cell(s.E, index))
  return [
    set(cell(s.E, at(32, 40)), first), set(cell(s.E, at(36, 44)), second),
    ...loadPsw(s, content(at(96, 104)), content(at(100, 108))),
  ]
}
