// Coprocessor 0: its registers, the TLB, the return from exceptions and the cache; refused outside kernel mode unless CU0 is 1.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { all, and, concat, constant, eq, extract, ite, ne, not, or, sub, xor, type Bool, type Term } from '../../ir/term.ts'
import { define, effectiveAddress, registerFormat, write, type Operands } from './notation.ts'
import { cp0, GPR, inKernel, Number0, Status, statusBit, type State, type StatusField } from './state.ts'

const at = (s: State, number: number) => cell(s.CP0, constant(5, number))
/** Besides Status, which is in its fields. The R4000 lets software write EPC. */
const readOnly = (s: State): readonly number[] => [Number0.Random, Number0.BadVAddr, Number0.PRId, ...(s.processor === 'r3000' ? [Number0.EPC] : [])]

export const coprocessor0 = (s: State): Instruction[] => {
  const instruction = define(s, 'coprocessor 0 instructions'), old = s.processor === 'r3000'
  const usable = trapIf(and(not(inKernel(s)), not(statusBit(s, 'CU0'))), 'coprocessor unusable')
  const move = (name: string, rs: number, does: (o: Operands) => readonly Statement[]): Instruction =>
    instruction(name, registerFormat, { op: 16, rs, sa: 0, function: 0 }, (o) => [usable, ...does(o)])
  const operation = (name: string, code: number, does: () => readonly Statement[]): Instruction =>
    instruction(name, { op: 6, CO: 1, zero: 19, function: 6 }, { op: 16, CO: 1, zero: 0, function: code }, () => [usable, ...does()])
  const isStatus = (o: Operands): Bool => eq(o['rd']!, constant(5, Number0.Status))
  const index = (number: number): Term<6> => (old ? extract<6>(cp0(s, number), 13, 8) : extract<6>(cp0(s, number), 5, 0))
  return [
    move('MFC0', 0, (o) => [write(s, o['rt']!, ite<32>(isStatus(o), Status(s), get(cell(s.CP0, o['rd'] as Term<5>))))]),
    move('MTC0', 4, (o) => {
      const value = GPR(s, o['rt']!)
      return [
        ...s.status.map((f) => set(f.register, writtenTo(s, f, extract(value, f.low + f.register.width - 1, f.low)), isStatus(o))),
        set(cell(s.CP0, o['rd'] as Term<5>), value, all([Number0.Status, ...readOnly(s)].map((n) => ne(o['rd']!, constant(5, n))))),
      ]
    }),
    operation('TLBR', 1, () => readEntry(s, get(cell(s.TLB, index(Number0.Index))))),
    operation('TLBWI', 2, () => writeEntry(s, index(Number0.Index))),
    operation('TLBWR', 6, () => writeEntry(s, index(Number0.Random))),
    operation('TLBP', 8, () => [set(at(s, Number0.Index), probe(s))]),
    old ? operation('RFE', 16, () => popStatus(s)) : operation('ERET', 24, () => exceptionReturn(s)),
    ...(old ? [] : [instruction('CACHE', { op: 6, rs: 5, operation: 3, cache: 2, immediate: 16 }, { op: 0x2f }, (o) => [usable, ...cache(s, o)])]),
  ]
}

const registers = (s: State): readonly number[] =>
  s.processor === 'r3000' ? [Number0.EntryHi, Number0.EntryLo0] : [Number0.PageMask, Number0.EntryHi, Number0.EntryLo1, Number0.EntryLo0]

/** TS, bit 5 of the R4000's DS, says that the TLB has shut down, and is not written. */
const writtenTo = (s: State, { register }: StatusField, value: Term): Term =>
  (s.processor === 'r4000' && register.name === 'DS' ? concat(extract(value, 8, 6), extract(get(register), 5, 5), extract(value, 4, 0)) : value)

/** An entry of the TLB as the registers that it is read into and written from, the last in the low bits. */
const readEntry = (s: State, entry: Term): Statement[] =>
  registers(s).map((n, i, list) => {
    const low = 32 * (list.length - 1 - i)
    return set(at(s, n), extract<32>(entry, low + 31, low))
  })

const writeEntry = (s: State, index: Term<6>): Statement[] => {
  const [first, second, ...more] = registers(s).map((n) => cp0(s, n)) as [Term, Term, ...Term[]]
  const hi = cp0(s, Number0.EntryHi), lo = cp0(s, Number0.EntryLo0)
  const [frame, D, V] = s.processor === 'r3000' ? [extract<20>(lo, 31, 12), 10, 9] : [extract<20>(lo, 25, 6), 2, 1]
  return [
    set(cell(s.TLB, index), concat(first, second, ...more)),
    set(s.relocation, sub(frame, extract<20>(hi, 31, 12))),
    set(s.dirty, extract<1>(lo, D, D)), set(s.valid, extract<1>(lo, V, V)),
  ]
}

/**
 * Whether TLB entry n meets EntryHi: the same page, above what PageMask leaves out, and the same ASID unless the entry is global.
 * The R3000 has pages of 4 KB only.
 */
export const meets = (s: State, n: number): Bool => {
  const hi = cp0(s, Number0.EntryHi), entry = get(cell(s.TLB, constant(6, n)))
  if (s.processor === 'r3000')
    return and(eq(extract(entry, 63, 44), extract(hi, 31, 12)), or(extract<1>(entry, 8, 8), eq(extract(entry, 43, 38), extract(hi, 11, 6))))
  const leftOut = concat<19>(constant(7, 0), extract(entry, 120, 109))
  const global = and(extract<1>(entry, 32, 32), extract<1>(entry, 0, 0))
  return and(eq(and<19>(xor(extract<19>(entry, 95, 77), extract<19>(hi, 31, 13)), not(leftOut)), constant(19, 0)), or(global, eq(extract(entry, 71, 64), extract(hi, 7, 0))))
}

/** The number of the entry that EntryHi meets; bit 31 of Index where there is none. */
const probe = (s: State): Term<32> => {
  const old = s.processor === 'r3000'
  return Array.from({ length: old ? 64 : 48 }, (_, n) => n).reduce<Term<32>>(
    (found, n) => ite<32>(meets(s, n), constant(32, old ? n << 8 : n), found), constant(32, 0x80000000n))
}

/** RFE: the previous and old modes and interrupt enables move down. */
const popStatus = (s: State): Statement[] => {
  const field = (name: string) => s.status.find((f) => f.register.name === name)!.register
  return [['KUc', 'KUp'], ['IEc', 'IEp'], ['KUp', 'KUo'], ['IEp', 'IEo']].map(([to, from]) => set(field(to!), get(field(from!))))
}

/** ERET: from an error to ErrorEPC, else to EPC; both end the atomic sequence of LL. */
const exceptionReturn = (s: State): Statement[] => {
  const field = (name: string) => s.status.find((f) => f.register.name === name)!.register
  const error = statusBit(s, 'ERL'), word = (n: number): Term<30> => extract<30>(cp0(s, n), 31, 2)
  return [
    set(s.PC, ite<30>(error, word(Number0.ErrorEPC), word(Number0.EPC))),
    set(field('ERL'), 0, error), set(field('EXL'), 0, not(error)), set(s.LLbit, 0),
  ]
}

/** Index Load Tag and Index Store Tag, between TagLo and the tag of the line that the address selects. */
const cache = (s: State, o: Operands): Statement[] => {
  const is = (operation: number): Bool => eq(o['operation']!, constant(3, operation))
  const tag = cell(s.tags, concat<10>(o['cache']!, extract(effectiveAddress(s, o), 12, 5)))
  return [set(at(s, Number0.TagLo), get(tag), is(1)), set(tag, cp0(s, Number0.TagLo), is(2))]
}
