// Loads and stores of integer, floating-point and coprocessor registers, atomic ones, and those to alternate spaces.
import { set, store, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, field, get } from '../../ir/state.ts'
import { and, concat, constant, eq, extract, ite, load, not, or, True, type Bool, type Term } from '../../ir/term.ts'
import {
  address, aligned, defineOrdinary, format3, format3d, loadWord, partOf, privileged, secondWord, signed, storeWord, unsigned, withPart, wordOf,
  type Operands, type Size,
} from './notation.ts'
import { EC, psr, r, refused, write, type State } from './state.ts'

const lowHalf = (n: Term): Term => concat<5>(n, constant(1, 1)), highHalf = (n: Term): Term => concat<5>(n, constant(1, 0))

export const loadsAndStores = (s: State): Instruction[] => {
  const instruction = defineOrdinary(s, 'B.1 to B.7')
  const loads: readonly (readonly [string, number, Size, (w: Term<32>, a: Term<32>) => Term<32>])[] = [
    ['LDSB', 0x09, 1, (w, a) => signed(partOf(w, a, 1))], ['LDSH', 0x0a, 2, (w, a) => signed(partOf(w, a, 2))],
    ['LDUB', 0x01, 1, (w, a) => unsigned(partOf(w, a, 1))],
    ['LDUH', 0x02, 2, (w, a) => unsigned(partOf(w, a, 2))], ['LD', 0x00, 4, (w) => w],
  ]
  const stores: readonly (readonly [string, number, Size, (w: () => Term<32>, a: Term<32>, value: Term<32>) => Term<32>])[] = [
    ['STB', 0x05, 1, (w, a, value) => withPart(w(), a, 1, value)], ['STH', 0x06, 2, (w, a, value) => withPart(w(), a, 2, value)],
    ['ST', 0x04, 4, (_, _a, value) => value],
  ]
  return [
    ...loads.map(([name, op3, size, value]) => instruction(name, format3, { op: 3, op3 }, (o) => {
      const a = address(s, o)
      return [...aligned(a, size), ...write(s, o['rd']!, value(loadWord(s, a), a))]
    })),
    ...stores.map(([name, op3, size, value]) => instruction(name, format3, { op: 3, op3 }, (o) => {
      const a = address(s, o)
      return [...aligned(a, size), storeWord(s, a, value(() => loadWord(s, a), a, r(s, o['rd']!)))]
    })),
    instruction('LDD', format3d, { op: 3, even: 0, op3: 0x03 }, (o) => {
      const a = address(s, o)
      return [...aligned(a, 8), ...pair(s, o['rd']!, loadWord(s, a), load(s.E, secondWord(a)))]
    }),
    instruction('STD', format3d, { op: 3, even: 0, op3: 0x07 }, (o) => {
      const a = address(s, o)
      return [...aligned(a, 8), storeWord(s, a, r(s, highHalf(o['rd']!))), store(s.E, secondWord(a), r(s, lowHalf(o['rd']!)))]
    }),
    instruction('LDSTUB', format3, { op: 3, op3: 0x0d }, (o) => {
      const a = address(s, o), w = loadWord(s, a)
      return [...write(s, o['rd']!, unsigned(partOf(w, a, 1))), storeWord(s, a, withPart(w, a, 1, constant(32, 0xff)))]
    }),
    instruction('SWAP', format3, { op: 3, op3: 0x0f }, (o) => {
      const a = address(s, o)
      return [...aligned(a, 4), ...write(s, o['rd']!, loadWord(s, a)), storeWord(s, a, r(s, o['rd']!))]
    }),
  ]
}

/** An even register and the next; r[0] stays 0. */
const pair = (s: State, n: Term, high: Term<32>, low: Term<32>): Statement[] => [...write(s, highHalf(n), high), ...write(s, lowHalf(n), low)]

/** RD, TEM, NS, fcc, aexc and cexc; the other fields of FSR no load changes. */
const writtenFSR = constant(32, 0xcfc00fff)

/** Floating-point and coprocessor registers: enabled or not by EF and EC, in both modes alike. */
export const otherUnits = (s: State): Instruction[] => {
  const instruction = defineOrdinary(s, 'B.2, B.5, B.30 to B.33')
  const fp = trapIf(not(psr(s, 'EF') as Bool), 'fp_disabled'), cp = trapIf(not(EC(s)), 'cp_disabled')
  const operate = { op: 2, rd: 5, op3: 6, rs1: 5, opf: 9, rs2: 5 }
  const f = (n: Term) => cell(s.f, n as Term<5>)
  return [
    instruction('LDF', format3, { op: 3, op3: 0x20 }, (o) => [fp, ...aligned(address(s, o), 4), set(f(o['rd']!), loadWord(s, address(s, o)))]),
    instruction('STF', format3, { op: 3, op3: 0x24 }, (o) => [fp, ...aligned(address(s, o), 4), storeWord(s, address(s, o), get(f(o['rd']!)))]),
    instruction('LDFSR', format3, { op: 3, rd: 0, op3: 0x21 }, (o) => [
      fp, ...aligned(address(s, o), 4), set(s.FSR, or(and(loadWord(s, address(s, o)), writtenFSR), and(get(s.FSR), not(writtenFSR)))),
    ]),
    instruction('STFSR', format3, { op: 3, rd: 0, op3: 0x25 }, (o) => [fp, ...aligned(address(s, o), 4), storeWord(s, address(s, o), get(s.FSR))]),
    instruction('STDFQ', format3, { op: 3, op3: 0x26 }, () => [privileged(s), fp, trapIf(True, 'fp_exception')],
      'the queue is empty: a sequence error'),
    instruction('FMOVs', operate, { op: 2, op3: 0x34, rs1: 0, opf: 0x01 }, (o) => [
      // It raises no exception: ftt and cexc say so.
      fp, set(f(o['rd']!), get(f(o['rs2']!))), set(field(s.FSR, 16, 14), 0), set(field(s.FSR, 4, 0), 0),
    ]),
    instruction('CPop1', operate, { op: 2, op3: 0x36 }, () => [cp], 'what the coprocessor computes is its own'),
    instruction('CPop2', operate, { op: 2, op3: 0x37 }, () => [cp], 'what the coprocessor computes is its own'),
  ]
}

/** Alternate spaces 8 to B are those of instructions and data, of users and supervisors in turn; the others are not storage. */
export const alternateSpaces = (s: State): Instruction[] => {
  const instruction = defineOrdinary(s, 'B.1, B.4, B.7, B.8')
  const isStorage = (o: Operands): Bool => eq(extract<6>(o['asi']!, 7, 2), constant(6, 2))
  const asUser = (o: Operands): Bool => and(isStorage(o), not(extract<1>(o['asi']!, 0, 0)))
  const alternate = (o: Operands, word: Term<30>) => cell(s.alternate, concat<38>(o['asi']!, word))
  /** ASI 4, address 0: the control register of the Reference MMU, with E as its bit 0. */
  const isMmuControl = (o: Operands, a: Term<32>): Bool => and(eq(o['asi'] as Term<8>, constant(8, 4)), eq(extract<24>(a, 31, 8), constant(24, 0)))
  const read = (o: Operands, word: Term<30>): Term<32> => ite<32>(isStorage(o), load(s.E, word, isStorage(o)), get(alternate(o, word)))
  const written = (o: Operands, word: Term<30>, value: Term<32>): Statement[] => [
    store(s.E, word, value, isStorage(o)), set(alternate(o, word), value, not(isStorage(o))),
  ]
  const guards = (o: Operands, a: Term<32>, size: Size, access: 'read' | 'write'): Statement[] =>
    [privileged(s), ...aligned(a, size), trapIf(and(asUser(o), refused(s, access, constant(1, 0))), 'data_access_exception')]
  const define = (
    name: string, op3: number, size: Size, access: 'read' | 'write', does: (o: Operands, a: Term<32>) => readonly Statement[],
  ): Instruction =>
    instruction(name, size === 8 ? format3d : format3, { op: 3, op3, i: 0, ...(size === 8 ? { even: 0 } : {}) }, (o) => {
      const a = address(s, o)
      return [...guards(o, a, size, access), ...does(o, a)]
    })
  return [
    define('LDA', 0x10, 4, 'read', (o, a) => write(s, o['rd']!, read(o, wordOf(a)))),
    define('LDUBA', 0x11, 1, 'read', (o, a) => write(s, o['rd']!, unsigned(partOf(read(o, wordOf(a)), a, 1)))),
    define('LDDA', 0x13, 8, 'read', (o, a) => pair(s, o['rd']!, read(o, wordOf(a)), read(o, secondWord(a)))),
    define('STA', 0x14, 4, 'write', (o, a) => [
      ...written(o, wordOf(a), r(s, o['rd']!)), set(s.enabled, extract<1>(r(s, o['rd']!), 0, 0), isMmuControl(o, a)),
    ]),
    define('STBA', 0x15, 1, 'write', (o, a) => written(o, wordOf(a), withPart(read(o, wordOf(a)), a, 1, r(s, o['rd']!)))),
    define('STDA', 0x17, 8, 'write', (o, a) => [
      ...written(o, wordOf(a), r(s, highHalf(o['rd']!))), ...written(o, secondWord(a), r(s, lowHalf(o['rd']!))),
    ]),
    define('LDSTUBA', 0x1d, 1, 'write', (o, a) => {
      const w = read(o, wordOf(a))
      return [...write(s, o['rd']!, unsigned(partOf(w, a, 1))), ...written(o, wordOf(a), withPart(w, a, 1, constant(32, 0xff)))]
    }),
    define('SWAPA', 0x1f, 4, 'write', (o, a) => [...write(s, o['rd']!, read(o, wordOf(a))), ...written(o, wordOf(a), r(s, o['rd']!))]),
    ...(s.processor === 'leon3' ? [
      // Of the alternate spaces, CASA alone opens one to users: that of user data, whose permissions it takes in every mode.
      instruction('CASA (ASI 0xA)', format3, { op: 3, op3: 0x3c, i: 0, asi: 0x0a }, (o) => {
        const a = r(s, o['rs1']!), w = loadWord(s, a)
        return [
          ...aligned(a, 4), trapIf(or(refused(s, 'read', constant(1, 0)), refused(s, 'write', constant(1, 0))), 'data_access_exception'),
          ...write(s, o['rd']!, w), storeWord(s, a, r(s, o['rd']!), eq(w, r(s, o['rs2']!))),
        ]
      }),
    ] : []),
  ]
}
