// Loads and stores of words, halfwords and bytes, those with user permission (LDRT and its kin), and the exclusive ones.
import { open, set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, and, concat, constant, extract, ite, not, or, signExtend, sub, zeroExtend, type Term } from '../../ir/term.ts'
import { aligned, always, define, different, loadPart, loadWord, not15, storePart, storeWord, unaligned, unconditional, wordOf, write, type Fixed, type Operands } from './notation.ts'
import { deniedNow, deniedToUser, R, type State } from './state.ts'

/** What is moved between a register and storage: a load's value, or a store. */
interface Transfer {
  readonly name: string
  readonly load?: (s: State, address: Term<32>) => Term<32>
  readonly store?: (s: State, address: Term<32>, value: Term<32>) => Statement
  readonly size: 1 | 2 | 4
}
const word = (name: 'LDR' | 'STR'): Transfer => (name === 'LDR' ? { name, size: 4, load: (s, a) => loadWord(s, a) } : { name, size: 4, store: (s, a, v) => storeWord(s, a, v) })
const byte = (name: 'LDRB' | 'STRB'): Transfer =>
  (name === 'LDRB' ? { name, size: 1, load: (s, a) => zeroExtend(loadPart(s, a, 8), 32) } : { name, size: 1, store: (s, a, v) => storePart(s, a, 8, v) })
const extra: readonly (readonly [Transfer, L: number, op: number])[] = [
  [{ name: 'STRH', size: 2, store: (s, a, v) => storePart(s, a, 16, v) }, 0, 0b1011],
  [{ name: 'LDRH', size: 2, load: (s, a) => zeroExtend(loadPart(s, a, 16), 32) }, 1, 0b1011],
  [{ name: 'LDRSB', size: 1, load: (s, a) => signExtend(loadPart(s, a, 8), 32) }, 1, 0b1101],
  [{ name: 'LDRSH', size: 2, load: (s, a) => signExtend(loadPart(s, a, 16), 32) }, 1, 0b1111],
]

const access = (s: State, t: Transfer, register: Term, address: Term<32>, unprivileged: boolean): Statement[] => [
  ...(t.size === 4 ? [aligned(address)] : t.size === 2 ? [trapIf(extract<1>(address, 0, 0), 'data abort')] : []),
  ...(unprivileged ? [trapIf(deniedToUser(s, wordOf(address), t.store ? 'write' : 'read'), 'data abort')] : []),
  ...(t.load ? write(s, register, t.load(s, address), 'loaded') : []),
  ...(t.store ? [t.store(s, address, R(s, register))] : []),
]

const offsetBy = (o: Operands, base: Term<32>, offset: Term): Term<32> =>
  ite<32>(o['U'] as Term<1>, add(base, zeroExtend(offset, 32)), sub(base, zeroExtend(offset, 32)))

export const loadsAndStores = (s: State): Instruction[] => {
  const instruction = define('load and store instructions')
  const single = { a: 3, P: 1, U: 1, B: 1, W: 1, L: 1, Rn: 4, Rt: 4, offset: 12 }
  const half = { a: 3, P: 1, U: 1, I: 1, W: 1, L: 1, Rn: 4, Rt: 4, high: 4, op: 4, low: 4 }
  const halfOffset = (o: Operands): Term => concat(o['high']!, o['low']!)
  /** The address Rn ± offset, or Rn with Rn ± offset written back and the user's permission asked for. */
  const forms = (t: Transfer, name: string, fields: typeof single | typeof half, fixed: Fixed, offset: (o: Operands) => Term, translated: boolean): Instruction => {
    const base = (o: Operands): Term<32> => R(s, o['Rn']!)
    return translated
      ? instruction(name, fields, { ...always, ...fixed, P: 0, W: 1 }, (o) => [
        not15(o, 'Rn', ...(t.name === 'STR' ? [] : ['Rt'])), different(o, 'Rn', 'Rt'), set(cell(s.R, o['Rn'] as Term<4>), offsetBy(o, base(o), offset(o))), ...access(s, t, o['Rt']!, base(o), true),
      ])
      : instruction(name, fields, { ...always, ...fixed, P: 1, W: 0 }, (o) => [
        ...(t.size === 4 ? [] : [not15(o, 'Rt')]), ...access(s, t, o['Rt']!, offsetBy(o, base(o), offset(o)), false),
      ])
  }
  const singles = [[word('LDR'), 1, 0], [word('STR'), 0, 0], [byte('LDRB'), 1, 1], [byte('STRB'), 0, 1]] as const
  const translatedExtra = s.version >= 7
  return [
    ...singles.flatMap(([t, L, B]) => [false, true].map((translated) =>
      forms(t, translated ? `${t.name}T` : t.name, single, { a: 2, B, L }, (o) => o['offset']!, translated))),
    ...extra.flatMap(([t, L, op]) => (translatedExtra ? [false, true] : [false]).map((translated) =>
      forms(t, translated ? `${t.name}T` : t.name, half, { a: 0, I: 1, L, op }, halfOffset, translated))),
  ]
}

/** R0 alone: the other lists repeat it. */
export const multiple = (s: State): Instruction[] => {
  const instruction = define('load and store multiple')
  const fields = { a: 3, PU: 2, S: 1, W: 1, L: 1, Rn: 4, list: 16 }, fixed = { ...always, a: 4, PU: 1, S: 0, W: 0, list: 1 }
  const base = (o: Operands): Term<32> => R(s, o['Rn']!), r0 = cell(s.R, constant(4, 0))
  return [
    instruction('LDM (1)', fields, { ...fixed, L: 1 }, (o) => [not15(o, 'Rn'), aligned(base(o)), set(r0, loadWord(s, base(o)))], 'the list {R0}'),
    instruction('STM (1)', fields, { ...fixed, L: 0 }, (o) => [not15(o, 'Rn'), aligned(base(o)), storeWord(s, base(o), get(r0))], 'the list {R0}'),
  ]
}

export const synchronization = (s: State): Instruction[] => {
  const instruction = define('synchronization primitives')
  const base = (o: Operands): Term<32> => R(s, o['Rn']!), register = (n: Term) => cell(s.R, n as Term<4>)
  const swap = (name: string, B: 0 | 1, t: Transfer, value: (o: Operands) => Term<32>): Instruction =>
    instruction(name, { a: 5, B: 1, b: 2, Rn: 4, Rt: 4, c: 8, Rt2: 4 }, { ...always, a: 2, B, b: 0, c: 9 }, (o) => [
      not15(o, 'Rn', 'Rt', 'Rt2'), different(o, 'Rn', 'Rt'), different(o, 'Rn', 'Rt2'), ...(B === 0 ? [aligned(base(o))] : []),
      set(register(o['Rt']!), value(o)), t.store!(s, base(o), R(s, o['Rt2']!)),
    ])
  return [
    ...(s.version >= 7 ? [] : [
      swap('SWP', 0, word('STR'), (o) => loadWord(s, base(o))),
      swap('SWPB', 1, byte('STRB'), (o) => zeroExtend(loadPart(s, base(o), 8), 32)),
    ]),
    ...(s.version < 6 ? [] : [
      instruction('LDREX', { a: 8, Rn: 4, Rt: 4, b: 12 }, { ...always, a: 0x19, b: 0xf9f }, (o) =>
        [not15(o, 'Rn', 'Rt'), aligned(base(o)), set(register(o['Rt']!), loadWord(s, base(o))), set(s.exclusive, 1)]),
      instruction('STREX', { a: 8, Rn: 4, Rd: 4, b: 8, Rt: 4 }, { ...always, a: 0x18, b: 0xf9 }, (o) => {
        const may = get(s.exclusive)
        return [
          not15(o, 'Rn', 'Rd', 'Rt'), different(o, 'Rd', 'Rn'), different(o, 'Rd', 'Rt'),
          trapIf(and(or(unaligned(base(o)), deniedNow(s, wordOf(base(o)), 'write')), or(may, open('whether a store that fails aborts', 1))), 'data abort'),
          storeWord(s, base(o), R(s, o['Rt']!), may),
          set(register(o['Rd']!), zeroExtend(not(may), 32)), set(s.exclusive, 0),
        ]
      }),
    ]),
    ...(s.version < 7 ? [] : [instruction('CLREX', { a: 28 }, { ...unconditional, a: 0x57ff01f }, () => [set(s.exclusive, 0)])]),
  ]
}

/** Hints about the use of memory, which the processor may ignore. */
export const preloads = (_: State): Instruction[] => {
  const instruction = define('memory hints')
  return [instruction('PLD', { a: 4, U: 1, b: 3, Rn: 4, c: 4, offset: 12 }, { ...unconditional, a: 5, b: 5, c: 15 }, () => [])]
}
