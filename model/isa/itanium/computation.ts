// Integer operations, comparison, loads and stores, moves between files, barriers, and the instructions that always trap.
import { set, store, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, and, concat, constant, eq, extract, ite, load, lshr, ne, not, or, shl, signExtend, slt, sub, True, ult, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { define, registers, write, type Operands } from './notation.ts'
import { AR, BR, CFM, E, FR, gr, IP, PFS, PR, PSR } from './state.ts'

const A1 = { op: 4, b36: 1, x2a: 2, ve: 1, x4: 4, x2b: 2, r3: 7, r2: 7, r1: 7, qp: 6 }
const A6 = { op: 4, tb: 1, x2: 2, ta: 1, p2: 6, r3: 7, r2: 7, c: 1, p1: 6, qp: 6 }
const I11 = { op: 4, b36: 1, x2: 2, x: 1, len: 6, r3: 7, pos: 6, y: 1, r1: 7, qp: 6 }

export const computation = (): Instruction[] => {
  const three = (name: string, x4: number, x2b: number, result: (a: Term, b: Term) => Term): Instruction =>
    define(name, 'M', A1, { op: 8, b36: 0, x2a: 0, ve: 0, x4, x2b }, (o) => write(o['r1']!, result(gr(o['r2']!), gr(o['r3']!))))
  const compare = (name: string, op: number, holds: (a: Term, b: Term) => Bool): Instruction =>
    define(name, 'M', A6, { op, tb: 0, x2: 0, ta: 0, c: 0 }, (o) => {
      const result = holds(gr(o['r2']!), gr(o['r3']!))
      return [trapIf(eq(o['p1']!, o['p2']!), 'illegal operation'), predicate(o['p1']!, result), predicate(o['p2']!, not(result))]
    })
  const predicate = (n: Term, value: Bool): Statement => set(cell(PR, n as Term<6>), value, ne(n, constant(6, 0)))
  const extracted = (o: Operands): Term => lshr<number>(gr(o['r3']!), zeroExtend(o['pos']!, 64))
  return [
    three('add', 0, 0, (a, b) => add<number>(a, b)), three('sub', 1, 1, (a, b) => sub<number>(a, b)), three('and', 3, 0, (a, b) => and<number>(a, b)),
    three('or', 3, 2, (a, b) => or<number>(a, b)),
    define('adds', 'M', { op: 4, s: 1, x2a: 2, ve: 1, imm6d: 6, r3: 7, imm7b: 7, r1: 7, qp: 6 }, { op: 8, x2a: 2, ve: 0 }, (o) =>
      write(o['r1']!, add<number>(gr(o['r3']!), signExtend(concat(o['s']!, o['imm6d']!, o['imm7b']!), 64)))),
    compare('cmp.lt', 0xc, (a, b) => slt<number>(a, b)), compare('cmp.ltu', 0xd, (a, b) => ult<number>(a, b)), compare('cmp.eq', 0xe, (a, b) => eq<number>(a, b)),
    define('extr.u', 'I', I11, { op: 5, b36: 0, x2: 1, x: 0, y: 0 }, (o) => {
      const length = add(zeroExtend(o['len']!, 64), constant(64, 1))
      return write(o['r1']!, and<number>(extracted(o), sub(shl(constant(64, 1), length), constant(64, 1))))
    }),
    define('nop.m', 'M', { op: 4, b36: 1, x3: 3, x2: 2, x4: 4, imm21: 21, qp: 6 }, { op: 0, x3: 0, x2: 0, x4: 1 }, () => []),
    define('mov =ip', 'I', registers, { op: 0, b36: 0, x3: 0, x6: 0x30, r3: 0, r2: 0 }, (o) => write(o['r1']!, concat(get(IP), constant(4, 0)))),
    define('mov =b', 'I', registers, { op: 0, b36: 0, x3: 0, x6: 0x31, r3: 0 }, (o) => write(o['r1']!, get(cell(BR, extract<3>(o['r2']!, 2, 0))))),
    define('alloc', 'M', { op: 4, b36: 1, x3: 3, x2: 2, sor: 4, sol: 7, sof: 7, r1: 7, qp: 6 }, { op: 1, b36: 0, x3: 6, x2: 0 }, (o) => [
      trapIf(or(ult<number>(constant(7, 96), o['sof']!), ult<number>(o['sof']!, o['sol']!)), 'illegal operation'),
      ...write(o['r1']!, concat(get(PFS.ppl), constant(4, 0), get(PFS.pec), constant(14, 0), get(PFS.pfm))),
      set(CFM, concat<38>(extract(get(CFM), 37, 18), o['sor']!, o['sol']!, o['sof']!)),
    ]),
  ]
}

const M1 = { op: 4, m: 1, x6: 6, hint: 2, x: 1, r3: 7, r2: 7, r1: 7, qp: 6 }
const shiftOf = (address: Term): Term => zeroExtend(concat(extract(address, 2, 0), constant(3, 0)), 64)
const cellOf = (address: Term): Term => extract(address, 63, 3)
const aligned = (address: Term): Statement => trapIf(ne<number>(extract(address, 2, 0), constant(3, 0)), 'unaligned')

export const storage = (): Instruction[] => {
  const reads = (name: string, x6: number, value: (address: Term) => Term, also: (address: Term) => readonly Statement[] = () => []): Instruction =>
    define(name, 'M', M1, { op: 4, m: 0, x: 0, x6, r2: 0 }, (o) => [...also(gr(o['r3']!)), ...write(o['r1']!, value(gr(o['r3']!)))])
  const writes = (name: string, x6: number, does: (address: Term, value: Term<64>) => readonly Statement[]): Instruction =>
    define(name, 'M', M1, { op: 4, m: 0, x: 0, x6, r1: 0 }, (o) => does(gr(o['r3']!), gr(o['r2']!)))
  return [
    reads('ld1', 0x00, (a) => zeroExtend(extract(lshr<number>(load(E, cellOf(a)), shiftOf(a)), 7, 0), 64)),
    reads('ld8', 0x03, (a) => load(E, cellOf(a)), (a) => [aligned(a)]),
    writes('st1', 0x30, (a, v) => {
      const by = shiftOf(a), kept = and<number>(load(E, cellOf(a)), not(shl<number>(constant(64, 0xff), by)))
      return [store(E, cellOf(a), or<number>(kept, shl<number>(zeroExtend(extract(v, 7, 0), 64), by)) as Term<64>)]
    }),
    writes('st8', 0x33, (a, v) => [aligned(a), store(E, cellOf(a), v)]),
    define('cmpxchg8', 'M', M1, { op: 4, m: 0, x: 1, x6: 0x03 }, (o) => {
      const address = gr(o['r3']!), old = load(E, cellOf(address))
      return [aligned(address), store(E, cellOf(address), gr(o['r2']!), eq(old, get(AR.CCV))), ...write(o['r1']!, old)]
    }),
  ]
}

/** PSR.dfl and dfh refuse the lower and the higher registers; what is written sets mfl or mfh. */
export const floatingPoint = (): Instruction[] => {
  const disabled = (n: Term): Statement => trapIf(ite(ult<number>(n, constant(7, 32)), get(PSR.dfl), get(PSR.dfh)), 'disabled floating-point register')
  const high = (n: Term): Bool => not(ult<number>(n, constant(7, 32)))
  return [
    define('setf.sig', 'M', M1, { op: 6, m: 0, x: 1, x6: 0x1c, r3: 0 }, (o) => [
      disabled(o['r1']!), trapIf(ult<number>(o['r1']!, constant(7, 2)), 'illegal operation'),
      set(cell(FR, o['r1'] as Term<7>), concat<82>(constant(18, 0x1003e), gr(o['r2']!))), set(PSR.mfl, 1, not(high(o['r1']!))), set(PSR.mfh, 1, high(o['r1']!)),
    ]),
    define('getf.sig', 'M', M1, { op: 4, m: 0, x: 1, x6: 0x1c, r3: 0 }, (o) => {
      const n = o['r2']!, zero = eq(n, constant(7, 0)), one = eq(n, constant(7, 1))
      const significand = ite<64>(zero, constant(64, 0), ite<64>(one, constant(64, 0x8000000000000000n), extract<64>(get(cell(FR, n as Term<7>)), 63, 0)))
      return [disabled(n), ...write(o['r1']!, significand)]
    }),
  ]
}

export const barriersAndBreaks = (): Instruction[] => {
  const M24 = { op: 4, b36: 1, x3: 3, x2: 2, x4: 4, rest: 21, qp: 6 }, immediate = { op: 4, i: 1, x3: 3, x6: 6, zero: 1, imm20: 20, qp: 6 }
  const barrier = (name: string, x4: number, x2: number): Instruction => define(name, 'M', M24, { op: 0, b36: 0, x3: 0, x2, x4, rest: 0 }, () => [])
  return [
    barrier('mf', 2, 2), barrier('srlz.d', 0, 3), barrier('srlz.i', 1, 3), barrier('sync.i', 3, 3), barrier('invala', 0, 1),
    define('break.m', 'M', { op: 4, i: 1, x3: 3, x2: 2, x4: 4, zero: 1, imm20: 20, qp: 6 }, { op: 0, x3: 0, x2: 0, x4: 0, zero: 0 }, () => [trapIf(True, 'break')]),
    define('break.i', 'I', immediate, { op: 0, x3: 0, x6: 0, zero: 0 }, () => [trapIf(True, 'break')]),
    define('break.b', 'B', immediate, { op: 0, x3: 0, x6: 0, zero: 0 }, () => [trapIf(True, 'break')]),
  ]
}
