// F and D as far as mstatus.FS reaches: loads, stores, moves, sign injection and a comparison that raises a flag; fflags, frm and fcsr.
import { set, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { and, any, concat, constant, eq, extract, False, ne, not, or, signExtend, True, xor, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { csr, part, type Csr, type Write } from './csr.ts'
import { isOn } from './misa.ts'
import { addressI, addressS, define, formats, guards, illegal, loadBytes, storing, writeX, type Bytes, type Operands } from './notation.ts'
import { F, fieldOf, is, Status, value, X, type State } from './state.ts'

const opcodes = { load: 0x07, store: 0x27, op: 0x53 } as const

export const off = (s: State): Bool => is(s, 'mstatus.FS', Status.Off)
/** Floating-point state is off, or so is the extension. */
export const offOrWithout = (s: State, extension: 'F' | 'D'): Bool => or(off(s), not(isOn(s, extension)))
/** What an instruction of F or D makes of FS, by where it writes floating-point state, and where the contents become others. */
export const dirtied = (s: State, written: Bool = False, changed: Bool = False): Statement[] => {
  const when = { 'where written': written, 'where changed': changed, 'with each floating-point instruction': True }[s.becomesDirty]
  return when === False ? [] : [set(fieldOf(s, 'mstatus.FS'), Status.Dirty, when)]
}
/** Where flags are raised that fflags does not have. */
export const raises = (s: State, flags: Term): Bool => ne<number>(or(value(s, 'fflags'), flags), value(s, 'fflags'))
/** A result for f register n, and the flags that go with it. */
export const writeF = (s: State, n: Term, result: Term<64>, flags: Term = constant<number>(5, 0)): Statement[] =>
  [set(cell(s.f, n as Term<5>), result), ...dirtied(s, True, or(ne(result, F(s, n)), raises(s, flags)))]
/** A single in a register of 64 bits has ones above it. */
export const boxed = (single: Term): Term<64> => concat<64>(constant(32, 0xffffffffn), single)

export const floatingPointCsrs = (s: State): Csr[] => {
  const more = { illegal: () => offOrWithout(s, 'F') }
  const fcsr = [
    csr(s, 'fflags', 1, [part(s, 'fflags', 0)], more), csr(s, 'frm', 2, [part(s, 'frm', 0)], more), csr(s, 'fcsr', 3, [part(s, 'fflags', 0), part(s, 'frm', 5)], more),
  ]
  const changes = (writes: readonly Write[]): Bool => (s.becomesDirty === 'where changed' ? any(writes.map((w) => ne<number>(get<number>(w.place), w.value))) : True)
  return fcsr.map((c) => ({
    ...c, write: (v: Term, n: Term<12>) => {
      const writes = c.write!(v, n)
      return [...writes, { place: fieldOf(s, 'mstatus.FS'), value: constant<number>(2, Status.Dirty), when: changes(writes) }]
    },
  }))
}

const sign = (v: Term<64>): Term<1> => extract<1>(v, 63, 63)
const isNaN = (v: Term<64>): Bool => and(eq(extract<11>(v, 62, 52), constant(11, 0x7ff)), ne(extract<52>(v, 51, 0), constant(52, 0)))
const isSignalling = (v: Term<64>): Bool => and(isNaN(v), not(extract<1>(v, 51, 51)))
const isZero = (v: Term<64>): Bool => eq(extract<63>(v, 62, 0), constant(63, 0))

export const floatingPoint = (s: State): Instruction[] => {
  const single = define(s, 'unprivileged', 'F Extension for Single-Precision Floating-Point'), double = define(s, 'unprivileged', 'D Extension for Double-Precision Floating-Point')
  const enabled = illegal(off(s))
  const load = (instruction: typeof single, name: string, funct3: number, bytes: Bytes): Instruction =>
    instruction(name, formats.I, { funct3, opcode: opcodes.load }, (o) => {
      const address = addressI(s, o), content = loadBytes(s, address, bytes)
      return [enabled, ...guards(s, address, bytes, 'read'), ...writeF(s, o['rd']!, bytes === 4 ? boxed(content) : (content as Term<64>))]
    })
  const store = (instruction: typeof single, name: string, funct3: number, bytes: Bytes): Instruction =>
    instruction(name, formats.S, { funct3, opcode: opcodes.store }, (o) => {
      const address = addressS(s, o)
      return [enabled, ...storing(s, address, bytes, F(s, o['rs2']!)), ...dirtied(s)]
    })
  const a = (o: Operands): Term<64> => F(s, o['rs1']!), b = (o: Operands): Term<64> => F(s, o['rs2']!)
  const inject = (name: string, funct3: number, result: (x: Term<1>, y: Term<1>) => Term<1>): Instruction =>
    double(name, formats.R, { funct7: 0x11, funct3, opcode: opcodes.op }, (o) =>
      [enabled, ...writeF(s, o['rd']!, concat<64>(result(sign(a(o)), sign(b(o))), extract(a(o), 62, 0)))])
  const move = (instruction: typeof single, name: string, funct7: number, does: (o: Operands) => readonly Statement[]): Instruction =>
    instruction(name, formats.R, { funct7, rs2: 0, funct3: 0, opcode: opcodes.op }, (o) => [enabled, ...does(o)])
  const low = (t: Term): Term => extract(t, 31, 0)
  return [
    load(single, 'FLW', 2, 4), load(double, 'FLD', 3, 8), store(single, 'FSW', 2, 4), store(double, 'FSD', 3, 8),
    inject('FSGNJ.D', 0, (_, y) => y), inject('FSGNJN.D', 1, (_, y) => not(y)), inject('FSGNJX.D', 2, xor),
    double('FEQ.D', formats.R, { funct7: 0x51, funct3: 2, opcode: opcodes.op }, (o) => {
      const equal = and(not(or(isNaN(a(o)), isNaN(b(o)))), or(eq(a(o), b(o)), and(isZero(a(o)), isZero(b(o)))))
      const invalid = any([isSignalling(a(o)), isSignalling(b(o))])
      const NV = or(get(fieldOf(s, 'fflags')), constant<number>(5, 0x10))
      return [enabled, writeX(s, o['rd']!, zeroExtend<number>(equal, s.xlen)), set(fieldOf(s, 'fflags'), NV, invalid), ...dirtied(s, invalid, and(invalid, ne<number>(NV, get(fieldOf(s, 'fflags')))))]
    }),
    move(single, 'FMV.X.W', 0x70, (o) => [writeX(s, o['rd']!, signExtend<number>(low(a(o)), s.xlen)), ...dirtied(s)]),
    move(single, 'FMV.W.X', 0x78, (o) => writeF(s, o['rd']!, boxed(low(X(s, o['rs1']!))))),
    ...(s.xlen === 32 ? [] : [
      move(double, 'FMV.X.D', 0x71, (o) => [writeX(s, o['rd']!, a(o)), ...dirtied(s)]),
      move(double, 'FMV.D.X', 0x79, (o) => writeF(s, o['rd']!, X(s, o['rs1']!) as Term<64>)),
    ]),
  ]
}
