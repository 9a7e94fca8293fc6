// Zicsr: the six CSR instructions, one form for each kind of number, over every number whether a CSR has it or not.
import { open, set, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get, placeName, type Place } from '../../ir/state.ts'
import { and, any, concat, constant, eq, False, ite, ne, not, or, True, ult, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { inRange, type Csr } from './csr.ts'
import { define, illegal, writeX, type Operands } from './notation.ts'
import { OP } from './rv-i.ts'
import { word, X, type State } from './state.ts'

/** Bits 11 and 10 of the number say that a CSR is read-only, bits 9 and 8 the lowest privilege that may access it. */
const format = { access: 2, level: 2, number: 8, rs1: 5, funct3: 3, rd: 5, opcode: 7 }

/** The kinds of numbers. */
const kinds: readonly { readonly name: string; readonly level: number; readonly access?: number }[] = [
  { name: 'unprivileged', level: 0, access: 0 }, { name: 'unprivileged 400', level: 0, access: 1 }, { name: 'unprivileged custom', level: 0, access: 2 },
  { name: 'counter', level: 0, access: 3 }, { name: 'supervisor', level: 1 }, { name: 'hypervisor', level: 2 }, { name: 'machine', level: 3 },
]

const operations: readonly { readonly name: string; readonly funct3: number; readonly next: (old: Term, operand: Term) => Term }[] = [
  { name: 'CSRRW', funct3: 1, next: (_, a) => a }, { name: 'CSRRS', funct3: 2, next: (old, a) => or(old, a) }, { name: 'CSRRC', funct3: 3, next: (old, a) => and(old, not(a)) },
  { name: 'CSRRWI', funct3: 5, next: (_, a) => a }, { name: 'CSRRSI', funct3: 6, next: (old, a) => or(old, a) }, { name: 'CSRRCI', funct3: 7, next: (old, a) => and(old, not(a)) },
]

/** The implementation's choice to complete an access to a number that no CSR has: such accesses are reserved. */
const reservedCompletes = open('reserved CSR access completes', 1)

export const csrInstructions = (s: State, csrs: readonly Csr[]): Instruction[] => {
  const instruction = define(s, 'unprivileged', 'Zicsr Extension for Control and Status Register (CSR) Instructions')
  return kinds.flatMap(({ name: kind, level, access }) => operations.map(({ name, funct3, next }) => {
    const these = csrs.filter((c) => ((c.first >> 8) & 3) === level && (access === undefined || c.first >> 10 === access))
    return instruction(`${name} ${kind}`, format, { level, funct3, opcode: OP.system, ...(access === undefined ? {} : { access }) }, (o) =>
      perform(s, these, o, { level, access }, funct3, next))
  }))
}

const perform = (s: State, csrs: readonly Csr[], o: Operands, kind: { level: number; access: number | undefined }, funct3: number, next: (old: Term, operand: Term) => Term): Statement[] => {
  const top = kind.access === undefined ? o['access']! : constant(2, kind.access)
  const number = concat<12>(top, constant(2, kind.level), o['number']!)
  const immediate = funct3 >= 4, swaps = (funct3 & 3) === 1
  const operand = immediate ? zeroExtend<number>(o['rs1']!, s.xlen) : X(s, o['rs1']!)
  const writes = swaps ? True : ne<number>(o['rs1']!, constant<number>(5, 0))
  const exists = any(csrs.map((c) => inRange(number, c)))
  // Whether the number's bits protect a number that no CSR has, the manual does not say.
  const checked = s.reservedCsr === 'traps' ? True : exists
  const old = csrs.reduce<Term>((content, c) => ite<number>(inRange(number, c), c.read(number), content),
    s.reservedCsr === 'traps' ? word(s, 0) : open<number>('content of a reserved CSR', s.xlen))
  const held = csrs.reduce<Term>((content, c) => (c.held ? ite<number>(inRange(number, c), c.held(number), content) : content), old)
  const value = next(held, operand)
  return [
    illegal(and(checked, ult(get(s.priv), constant(2, kind.level)))),
    illegal(and(checked, and(writes, eq(top, constant<number>(2, 3))))),
    illegal(and(not(exists), s.reservedCsr === 'traps' ? True : not(reservedCompletes))),
    illegal(any(csrs.map((c) => (c.illegal ? and(inRange(number, c), c.illegal({ number, writes, value })) : False)))),
    writeX(s, o['rd']!, old),
    ...merged(csrs.flatMap((c) => (c.write?.(value, number) ?? []).map((w) => ({ ...w, when: and(w.when, and(writes, inRange(number, c))) })))),
  ]
}

/** The writes to one place by the CSRs that show it, as one. */
const merged = (writes: readonly { readonly place: Place; readonly value: Term; readonly when: Bool }[]): Statement[] => {
  const places = new Map<string, { place: Place; value: Term; when: Bool }>()
  for (const w of writes) {
    const key = w.place.kind === 'cell' ? `${w.place.bank.name} ${w.place.index.id}` : placeName(w.place)
    const before = places.get(key)
    places.set(key, before ? { place: w.place, value: ite<number>(w.when, w.value, before.value), when: or(before.when, w.when) } : w)
  }
  return [...places.values()].map(({ place, value, when }) => set<number>(place, value, when))
}
