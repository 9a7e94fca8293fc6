// The A extension: LR and SC with one reservation, and the AMOs.
import { set, type Instruction } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { add, all, and, eq, extract, ite, not, or, signExtend, slt, True, ult, xor, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { effectiveAddress } from './access.ts'
import { neverSucceeds } from './attributes.ts'
import { bytesAt, define, guards, inEitherOrder, loadBytes, placeOf, putBytes, storeBytes, writeX, type Operands } from './notation.ts'
import { OP } from './rv-i.ts'
import { fieldOf, is, walks, X, type State } from './state.ts'

const format = { funct5: 5, aq: 1, rl: 1, rs2: 5, rs1: 5, funct3: 3, rd: 5, opcode: 7 }

const operations: readonly (readonly [name: string, funct5: number, (memory: Term, register: Term) => Term])[] = [
  ['AMOSWAP', 0x01, (_, b) => b], ['AMOADD', 0x00, add], ['AMOXOR', 0x04, xor], ['AMOAND', 0x0c, and], ['AMOOR', 0x08, or],
  ['AMOMIN', 0x10, (a, b) => ite<number>(slt(a, b), a, b)], ['AMOMAX', 0x14, (a, b) => ite<number>(slt(a, b), b, a)],
  ['AMOMINU', 0x18, (a, b) => ite<number>(ult(a, b), a, b)], ['AMOMAXU', 0x1c, (a, b) => ite<number>(ult(a, b), b, a)],
]

/** The classes of AMOs that memory may support. */
type Class = 'swap' | 'logical' | 'arithmetic'
const classes: Readonly<Record<string, Class>> = { AMOSWAP: 'swap', AMOXOR: 'logical', AMOAND: 'logical', AMOOR: 'logical' }

const reserving = { access: 'read', strict: 'reserving' } as const, conditional = { access: 'write', strict: 'reserving' } as const

/** An AMO on memory; SSAMOSWAP of Zicfiss is one too. */
export const amo = (s: State, bytes: 4 | 8, o: Operands, strict: Class, result: (memory: Term, register: Term) => Term) => {
  const atomic = { access: 'modify', strict } as const
  const address = X(s, o['rs1']!), old = bytesAt(s, address, bytes, True, atomic), register = extract(X(s, o['rs2']!), 8 * bytes - 1, 0)
  return [
    ...guards(s, address, bytes, 'modify', strict),
    ...putBytes(s, address, bytes, inEitherOrder(s, bytes, (order) => order(result(order(old), register))), True, atomic),
    writeX(s, o['rd']!, inEitherOrder(s, bytes, (order) => signExtend<number>(order(old), s.xlen))),
  ]
}
export { format as amoFormat }

/** The reservation is of that place, given by the program's address too, or of its block. */
const ofPlace = (s: State, place: Term, address: Term): Bool => {
  const low = typeof s.reservationSet === 'number' ? Math.log2(s.reservationSet) : 0
  const same = (reserved: Term, here: Term): Bool => eq<number>(extract(reserved, here.width - 1, low), extract(here, here.width - 1, low))
  return and(same(get(s.reservation), place), s.virtualReservation ? same(get(s.virtualReservation), address) : True)
}
/** The reservation is of as many bytes, where that matters. */
const ofWidth = (s: State, bytes: number): Bool => (walks(s) && s.reservationWidth === 'that of LR' ? is(s, 'reservation width', bytes) : True)

export const atomics = (s: State): Instruction[] => {
  const instruction = define(s, 'unprivileged', 'A Extension for Atomic Instructions')
  const sizes = s.xlen === 32 ? [['W', 4]] as const : [['W', 4], ['D', 8]] as const
  return sizes.flatMap(([letter, bytes]) => {
    const funct3 = bytes === 4 ? 2 : 3
    return [
      instruction(`LR.${letter}`, format, { funct5: 2, rs2: 0, funct3, opcode: OP.amo }, (o) => {
        const address = X(s, o['rs1']!)
        return [
          ...guards(s, address, bytes, 'read', 'reserving'), writeX(s, o['rd']!, signExtend<number>(loadBytes(s, address, bytes, True, reserving), s.xlen)),
          set(s.reserved, 1), set(s.reservation, placeOf(s, address, bytes, 'read')), ...(walks(s) ? [set(fieldOf(s, 'reservation width'), bytes)] : []),
          ...(s.reservationAge ? [set(s.reservationAge, 0)] : []), ...(s.virtualReservation ? [set(s.virtualReservation, effectiveAddress(s, 'read', address))] : []),
        ]
      }),
      instruction(`SC.${letter}`, format, { funct5: 3, funct3, opcode: OP.amo }, (o) => {
        const address = X(s, o['rs1']!), place = placeOf(s, address, bytes, 'write')
        const could = all([get(s.reserved), ofPlace(s, place, effectiveAddress(s, 'write', address)), ofWidth(s, bytes), walks(s) ? not(neverSucceeds(s, place)) : True])
        const succeeds = s.nextSucceeds ? and(could, get(s.nextSucceeds)) : could
        return [
          ...guards(s, address, bytes, 'write', 'reserving', walks(s) && s.failingSc === 'checked as a store' ? True : succeeds), ...storeBytes(s, address, bytes, X(s, o['rs2']!), succeeds, conditional),
          writeX(s, o['rd']!, zeroExtend<number>(not(succeeds), s.xlen)), set(s.reserved, 0), ...(s.nextSucceeds ? [set(s.nextSucceeds, not(get(s.nextSucceeds)), could)] : []),
        ]
      }, 'fails only without a reservation of its address; the manual also allows it to fail spuriously'),
      ...operations.map(([name, funct5, result]) =>
        instruction(`${name}.${letter}`, format, { funct5, funct3, opcode: OP.amo }, (o) => amo(s, bytes, o, classes[name] ?? 'arithmetic', result))),
    ]
  })
}
