// Loads and stores in the sizes of data, those with the permissions of EL0 (LDTR, STTR and kin), and the exclusive ones.
import { open, set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, and, any, concat, constant, eq, ne, not, or, shl, signExtend, zeroExtend, type Term } from '../../ir/term.ts'
import { beyond, checked, define, doublewordOf, floatingPointAllowed, in64, loadData, spChecked, storeData, writeX, X, XSP, type Operands, type Size } from './notation.ts'
import { atEL0, faults, misaligned, type State } from './state.ts'

/** What is moved: `opc` is the field of that name, `to` the width to which a signed load extends. */
interface Transfer {
  readonly mnemonic: string
  readonly size: Size
  readonly opc: number
  readonly to?: 32 | 64
}
const transfers: readonly Transfer[] = [
  { mnemonic: 'STRB', size: 8, opc: 0 }, { mnemonic: 'LDRB', size: 8, opc: 1 }, { mnemonic: 'LDRSB X', size: 8, opc: 2, to: 64 }, { mnemonic: 'LDRSB W', size: 8, opc: 3, to: 32 },
  { mnemonic: 'STRH', size: 16, opc: 0 }, { mnemonic: 'LDRH', size: 16, opc: 1 }, { mnemonic: 'LDRSH X', size: 16, opc: 2, to: 64 }, { mnemonic: 'LDRSH W', size: 16, opc: 3, to: 32 },
  { mnemonic: 'STR W', size: 32, opc: 0 }, { mnemonic: 'LDR W', size: 32, opc: 1 }, { mnemonic: 'LDRSW', size: 32, opc: 2, to: 64 },
  { mnemonic: 'STR X', size: 64, opc: 0 }, { mnemonic: 'LDR X', size: 64, opc: 1 },
]
/** LDRSB X becomes LDTRSB X, and STR W STTR W. */
const unprivilegedName = (mnemonic: string): string => mnemonic.replace(/^(LD|ST)R/, '$1TR')

const extended = (t: Transfer, datum: Term): Term<64> =>
  t.to === undefined ? in64(datum) : in64(signExtend(datum, t.to))

const access = (s: State, t: Transfer, o: Operands, address: Term<64>, unprivileged: boolean): Statement[] => [
  ...checked(s, o['Rn']!, address, t.size),
  // At EL2 they have its own privilege.
  ...(unprivileged ? [trapIf(and(s.el2 ? not(get(s.el2.at)) : constant(1, 1), faults(s, doublewordOf(address), t.opc === 0 ? 'write' : 'read', constant(1, 1))), 'data abort')] : []),
  t.opc === 0 ? storeData(s, address, t.size, X(s, o['Rt']!)) : writeX(s, o['Rt']!, extended(t, loadData(s, address, t.size))),
]

export const loadsAndStores = (s: State): Instruction[] => {
  const instruction = define('loads and stores')
  const unscaled = { size: 2, a: 6, opc: 2, b: 1, imm9: 9, c: 2, Rn: 5, Rt: 5 }
  const code = (size: Size): number => Math.log2(size / 8)
  const base = (o: Operands): Term<64> => XSP(s, o['Rn']!)
  const offset = (o: Operands): Term<64> => add(base(o), signExtend(o['imm9']!, 64))
  const x: Transfer = { mnemonic: 'LDR X', size: 64, opc: 1 }
  return [
    ...transfers.flatMap((t) => [
      instruction(t.mnemonic, { size: 2, a: 6, opc: 2, imm12: 12, Rn: 5, Rt: 5 }, { size: code(t.size), a: 0x39, opc: t.opc }, (o) =>
        access(s, t, o, add(base(o), shl(in64(o['imm12']!), constant(64, code(t.size)))), false), 'unsigned offset'),
      instruction(unprivilegedName(t.mnemonic), unscaled, { size: code(t.size), a: 0x38, opc: t.opc, b: 0, c: 2 }, (o) => access(s, t, o, offset(o), true)),
    ]),
    instruction('LDUR X', unscaled, { size: 3, a: 0x38, opc: 1, b: 0, c: 0 }, (o) => access(s, x, o, offset(o), false)),
    instruction('LDR X (register)', { size: 2, a: 6, opc: 2, b: 1, Rm: 5, option: 3, S: 1, c: 2, Rn: 5, Rt: 5 }, { size: 3, a: 0x38, opc: 1, b: 1, option: 3, S: 0, c: 2 }, (o) =>
      access(s, x, o, add(base(o), X(s, o['Rm']!)), false)),
    instruction('LDR X (literal)', { opc: 2, a: 6, imm19: 19, Rt: 5 }, { opc: 1, a: 0x18 }, (o) => {
      const address = concat<64>(add(get(s.PC), signExtend(o['imm19']!, 62)), constant(2, 0))
      return [...checked(s, constant(5, 0), address, 64), writeX(s, o['Rt']!, in64(loadData(s, address, 64)))]
    }),
    instruction('STP X', { opc: 2, a: 8, imm7: 7, Rt2: 5, Rn: 5, Rt: 5 }, { opc: 2, a: 0xa4 }, (o) => {
      const first = add(base(o), shl(signExtend(o['imm7']!, 64), constant(64, 3))), second = add(first, constant(64, 8))
      return [
        ...checked(s, o['Rn']!, first, 64), ...checked(s, constant(5, 0), second, 64),
        storeData(s, first, 64, X(s, o['Rt']!)), storeData(s, second, 64, X(s, o['Rt2']!)),
      ]
    }),
    instruction('LDR D', { a: 10, imm12: 12, Rn: 5, Rt: 5 }, { a: 0x3f5 }, (o) => {
      const address = add(base(o), shl(in64(o['imm12']!), constant(64, 3)))
      return [floatingPointAllowed(s), ...checked(s, o['Rn']!, address, 64), set(cell(s.Q, o['Rt'] as Term<5>), zeroExtend(loadData(s, address, 64), 128))]
    }, 'SIMD&FP'),
    instruction('PRFM', { a: 10, imm12: 12, Rn: 5, Rt: 5 }, { a: 0x3e6 }, () => [], 'a hint'),
  ]
}

export const synchronization = (s: State): Instruction[] => {
  const instruction = define('loads and stores, exclusive, acquire and release')
  const fields = { size: 2, a: 6, o2: 1, L: 1, o1: 1, Rs: 5, o0: 1, Rt2: 5, Rn: 5, Rt: 5 }, fixed = { size: 3, a: 8, o1: 0, Rt2: 31 }
  const base = (o: Operands): Term<64> => XSP(s, o['Rn']!)
  const loads = (name: string, o2: number, o0: number): Instruction => instruction(name, fields, { ...fixed, o2, L: 1, Rs: 31, o0 }, (o) => [
    ...checked(s, o['Rn']!, base(o), 64), writeX(s, o['Rt']!, in64(loadData(s, base(o), 64))), ...(o2 === 0 ? [set(s.exclusive, 1)] : []),
  ])
  const exclusive = (name: string, o0: number): Instruction => instruction(name, fields, { ...fixed, o2: 0, L: 0, o0 }, (o) => {
    const may = get(s.exclusive), Rs = o['Rs']!
    const overlaps = or(eq(Rs, o['Rt']!), and(eq(Rs, o['Rn']!), ne(Rs, constant(5, 31))))
    return [
      trapIf(overlaps, 'constrained unpredictable'), spChecked(s, o['Rn']!),
      trapIf(and(any([misaligned(base(o), 3), beyond(base(o)), faults(s, doublewordOf(base(o)), 'write', atEL0(s))]), or(may, open('whether a store that fails aborts', 1))), 'data abort'),
      storeData(s, base(o), 64, X(s, o['Rt']!), may), writeX(s, Rs, in64(not(may))), set(s.exclusive, 0),
    ]
  })
  return [
    loads('LDXR', 0, 0), loads('LDAXR', 0, 1), loads('LDAR', 1, 1), exclusive('STXR', 0), exclusive('STLXR', 1),
    instruction('STLR', fields, { ...fixed, o2: 1, L: 0, Rs: 31, o0: 1 }, (o) => [...checked(s, o['Rn']!, base(o), 64), storeData(s, base(o), 64, X(s, o['Rt']!))]),
  ]
}
