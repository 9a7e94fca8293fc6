// Data movement: representatives of moves between registers and storage, addresses, and stack frames.
import { set, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell } from '../../ir/state.ts'
import { add, concat, constant, eq, extract, ite, or, signExtend, type Term } from '../../ir/term.ts'
import {
  addressRegister, chapter, control, data, dataAlterable, dataRegister, letter, memoryAlterable, readAt, setD, stackGuard, unscaled,
  withModes, writeAt, type Size,
} from './address.ts'
import { a7, minus, plus, setA7, type State } from './state.ts'

export const isZero = (t: Term) => eq<number>(t, constant(t.width, 0))
export const sign = (t: Term) => extract<1>(t, t.width - 1, t.width - 1)
/** N and Z of a result, V and C clear. */
export const logicFlags = (s: State, result: Term): Statement[] =>
  [set(s.flags.N, sign(result)), set(s.flags.Z, isZero(result)), set(s.flags.V, 0), set(s.flags.C, 0)]

const sizes: readonly (readonly [Size, number])[] = [[8, 1], [16, 3], [32, 2]]
/** Immediate data of a word are modelled, so byte and long moves from #<data> are left out. */
const sources = (size: Size) => data.filter((m) => size === 16 || m.syntax !== '#<data>')

export const dataMovement = (s: State): Instruction[] => {
  const define = chapter(s, 'Integer Instructions')
  const A = (n: Term) => cell(s.A, n)
  return [
    ...sizes.flatMap(([size, code]) => [
      ...withModes(s, define, sources(size), (ea) => `MOVE.${letter[size]} ${ea},Dn`, { zero: 2, size: 2, Dn: 3, to: 3 }, { zero: 0, size: code, to: 0 }, size, (ea, o) => [
        ...ea.guards, setD(s, o['Dn']!, ea.read()), ...ea.side, ...logicFlags(s, ea.read()),
      ]),
      ...memoryAlterable.map((m) => define(
        `MOVE.${letter[size]} Dn,${m.syntax}`, { zero: 2, size: 2, reg: 3, mode: 3, from: 3, Dn: 3, ...m.extension },
        { zero: 0, size: code, from: 0, ...m.fixed, ...unscaled(s, m) },
        (o) => {
          const ea = m.operand(s, o, size, 1), value = dataRegister(s, o['Dn']!, size)
          return [...ea.guards, ...ea.write(value), ...ea.side, ...logicFlags(s, value)]
        },
      )),
    ]),
    ...withModes(s, define, sources(32), (ea) => `MOVEA.L ${ea},An`, { zero: 2, size: 2, An: 3, to: 3 }, { zero: 0, size: 2, to: 1 }, 32, (ea, o) => [
      ...ea.guards, ...ea.side, set(A(o['An']!), ea.read()),
    ]),
    define('MOVEQ #<data>,Dn', { op: 4, Dn: 3, zero: 1, data: 8 }, { op: 7, zero: 0 }, (o) => {
      const value = signExtend(o['data']!, 32)
      return [setD(s, o['Dn']!, value), ...logicFlags(s, value)]
    }),
    ...withModes(s, define, control, (ea) => `LEA ${ea},An`, { op: 4, An: 3, opmode: 3 }, { op: 4, opmode: 7 }, 8, (ea, o) => [set(A(o['An']!), ea.address!)]),
    ...withModes(s, define, control, (ea) => `PEA ${ea}`, { op: 10 }, { op: 0b0100100001 }, 8, (ea) => {
      const stack = minus(a7(s), 4)
      return [...stackGuard(s, stack), ...writeAt(s, stack, ea.address!), setA7(s, stack)]
    }),
    ...withModes(s, define, dataAlterable, (ea) => `CLR.W ${ea}`, { op: 8, size: 2 }, { op: 0x42, size: 1 }, 16, (ea) => {
      const zero = constant<number>(16, 0)
      return [...ea.guards, ...ea.write(zero), ...ea.side, ...logicFlags(s, zero)]
    }),
    ...withModes(s, define, memoryAlterable, (ea) => `TAS ${ea}`, { op: 10 }, { op: 0b0100101011 }, 8, (ea) => {
      const old = ea.read()
      return [...ea.guards, ...ea.write(or<number>(old, constant<number>(8, 0x80))), ...ea.side, ...logicFlags(s, old)]
    }),
    define('EXG Dx,Ay', { op: 4, Dx: 3, opmode: 6, Ay: 3 }, { op: 0xc, opmode: 0b110001 }, (o) => [
      set(cell(s.D, o['Dx']!), addressRegister(s, o['Ay']!)), set(A(o['Ay']!), dataRegister(s, o['Dx']!, 32)),
    ]),
    define('SWAP Dn', { op: 13, Dn: 3 }, { op: 0b0100100001000 }, (o) => {
      const old = dataRegister(s, o['Dn']!, 32), value = concat(extract(old, 15, 0), extract(old, 31, 16))
      return [setD(s, o['Dn']!, value), ...logicFlags(s, value)]
    }),
    define('LINK An,#<displacement>', { op: 13, An: 3, displacement: 16 }, { op: 0b0100111001010 }, (o) => {
      const stack = minus(a7(s), 4), pushed = ite<number>(eq<number>(o['An']!, constant(3, 7)), stack, addressRegister(s, o['An']!))
      return [...stackGuard(s, stack), ...writeAt(s, stack, pushed), set(A(o['An']!), stack), setA7(s, add<number>(stack, signExtend(o['displacement']!, 32)))]
    }),
    define('UNLK An', { op: 13, An: 3 }, { op: 0b0100111001011 }, (o) => {
      const frame = addressRegister(s, o['An']!)
      return [...stackGuard(s, frame), setA7(s, plus(frame, 4)), set(A(o['An']!), readAt(s, frame, 32))]
    }),
  ]
}
