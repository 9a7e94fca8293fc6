// The A extension: LR and SC with one reservation, and the AMOs.
import { set, type Instruction } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { add, and, eq, extract, ite, not, or, signExtend, slt, ult, xor, zeroExtend, type Term } from '../../ir/term.ts'
import { bytesAt, define, guards, inEitherOrder, loadBytes, putBytes, storeBytes, writeX, type Operands } from './notation.ts'
import { OP } from './rv-i.ts'
import { X, type State } from './state.ts'

const format = { funct5: 5, aq: 1, rl: 1, rs2: 5, rs1: 5, funct3: 3, rd: 5, opcode: 7 }

const operations: readonly (readonly [name: string, funct5: number, (memory: Term, register: Term) => Term])[] = [
  ['AMOSWAP', 0x01, (_, b) => b], ['AMOADD', 0x00, add], ['AMOXOR', 0x04, xor], ['AMOAND', 0x0c, and], ['AMOOR', 0x08, or],
  ['AMOMIN', 0x10, (a, b) => ite<number>(slt(a, b), a, b)], ['AMOMAX', 0x14, (a, b) => ite<number>(slt(a, b), b, a)],
  ['AMOMINU', 0x18, (a, b) => ite<number>(ult(a, b), a, b)], ['AMOMAXU', 0x1c, (a, b) => ite<number>(ult(a, b), b, a)],
]

/** An AMO on memory; SSAMOSWAP of Zicfiss is one too. */
export const amo = (s: State, bytes: 4 | 8, o: Operands, result: (memory: Term, register: Term) => Term) => {
  const address = X(s, o['rs1']!), old = bytesAt(s, address, bytes), register = extract(X(s, o['rs2']!), 8 * bytes - 1, 0)
  return [
    ...guards(s, address, bytes, 'write', true),
    ...putBytes(s, address, bytes, inEitherOrder(s, bytes, (order) => order(result(order(old), register)))),
    writeX(s, o['rd']!, inEitherOrder(s, bytes, (order) => signExtend<number>(order(old), s.xlen))),
  ]
}
export { format as amoFormat }

export const atomics = (s: State): Instruction[] => {
  const instruction = define(s, 'unprivileged', 'A Extension for Atomic Instructions')
  const sizes = s.xlen === 32 ? [['W', 4]] as const : [['W', 4], ['D', 8]] as const
  return sizes.flatMap(([letter, bytes]) => {
    const funct3 = bytes === 4 ? 2 : 3
    return [
      instruction(`LR.${letter}`, format, { funct5: 2, rs2: 0, funct3, opcode: OP.amo }, (o) => {
        const address = X(s, o['rs1']!)
        return [
          ...guards(s, address, bytes, 'read', true), writeX(s, o['rd']!, signExtend<number>(loadBytes(s, address, bytes), s.xlen)),
          set(s.reserved, 1), set(s.reservation, address),
        ]
      }),
      instruction(`SC.${letter}`, format, { funct5: 3, funct3, opcode: OP.amo }, (o) => {
        const address = X(s, o['rs1']!), succeeds = and(get(s.reserved), eq<number>(get(s.reservation), address))
        return [
          ...guards(s, address, bytes, 'write', true, succeeds), ...storeBytes(s, address, bytes, X(s, o['rs2']!), succeeds),
          writeX(s, o['rd']!, zeroExtend<number>(not(succeeds), s.xlen)), set(s.reserved, 0),
        ]
      }, 'fails only without a reservation of its address; the manual also allows it to fail spuriously'),
      ...operations.map(([name, funct5, result]) =>
        instruction(`${name}.${letter}`, format, { funct5, funct3, opcode: OP.amo }, (o) => amo(s, bytes, o, result))),
    ]
  })
}
