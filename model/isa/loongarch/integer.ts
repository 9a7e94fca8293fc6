// Arithmetic, logic, shifts, branches, bound checks and the instructions that always trap.
import { set, trapIf, type Instruction } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, and, ashr, concat, constant, eq, extract, ite, lshr, mul, ne, not, or, shl, signExtend, sle, slt, sub, True, ult, xor, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { addressed, computed, define, format2R, format2RI12, format3R, formatI15, pcAddress, word, write, type Operands } from './notation.ts'
import { csr, GR, type State } from './state.ts'

const format1RI20 = { op: 7, si20: 20, rd: 5 }
const formatUI5 = { op: 17, ui5: 5, rj: 5, rd: 5 }
const formatUI6 = { op: 16, ui6: 6, rj: 5, rd: 5 }

export const arithmetic = (s: State): Instruction[] => {
  const instruction = define(s, '2.2.1 to 2.2.3'), w = s.GRLEN, wide = w === 64
  const three = (name: string, op: number, result: (a: Term, b: Term) => Term): Instruction =>
    instruction(name, format3R, { op }, (o) => [write(s, o['rd']!, result(GR(s, o['rj']!), GR(s, o['rk']!)))])
  const immediate = (name: string, op: number, result: (a: Term, i: Term) => Term): Instruction =>
    instruction(name, format2RI12, { op }, (o) => [write(s, o['rd']!, result(GR(s, o['rj']!), o['si12']!))])
  const shift = (name: string, op: number, by: (a: Term, n: Term) => Term): Instruction =>
    instruction(name, formatUI5, { op }, (o) => [write(s, o['rd']!, signExtend(by(extract(GR(s, o['rj']!), 31, 0), zeroExtend(o['ui5']!, 32)), w))])
  const upper = (name: string, op: number, result: (o: Operands) => Term): Instruction =>
    instruction(name, format1RI20, { op }, (o) => [write(s, o['rd']!, result(o))])
  const bit = (b: Bool): Term => zeroExtend(b, w)
  const signed = (i: Term): Term => signExtend(i, w), unsigned = (i: Term): Term => zeroExtend(i, w)
  const amount = (b: Term): Term => zeroExtend(extract(b, 4, 0), 32)
  const pc = pcAddress(get(s.PC))
  return [
    three('ADD.W', 0x20, (a, b) => word(s, add<number>(a, b))), three('SUB.W', 0x22, (a, b) => word(s, sub<number>(a, b))),
    three('SLT', 0x24, (a, b) => bit(slt<number>(a, b))), three('SLTU', 0x25, (a, b) => bit(ult<number>(a, b))),
    three('NOR', 0x28, (a, b) => not(or<number>(a, b))), three('AND', 0x29, (a, b) => and<number>(a, b)),
    three('OR', 0x2a, (a, b) => or<number>(a, b)), three('XOR', 0x2b, (a, b) => xor<number>(a, b)),
    three('SLL.W', 0x2e, (a, b) => signExtend(shl<number>(extract(a, 31, 0), amount(b)), w)),
    three('MUL.W', 0x38, (a, b) => word(s, mul<number>(a, b))),
    immediate('ADDI.W', 0xa, (a, i) => word(s, add<number>(a, signed(i)))), immediate('SLTI', 8, (a, i) => bit(slt<number>(a, signed(i)))),
    immediate('ANDI', 0xd, (a, i) => and<number>(a, unsigned(i))), immediate('ORI', 0xe, (a, i) => or<number>(a, unsigned(i))),
    shift('SLLI.W', 0x81, (a, n) => shl<number>(a, n)), shift('SRLI.W', 0x89, (a, n) => lshr<number>(a, n)), shift('SRAI.W', 0x91, (a, n) => ashr<number>(a, n)),
    upper('LU12I.W', 0xa, (o) => signed(concat(o['si20']!, constant(12, 0)))),
    upper('PCADDU12I', 0xe, (o) => computed(s, add<number>(pc, signed(concat(o['si20']!, constant(12, 0)))))),
    ...(wide ? [
      three('ADD.D', 0x21, (a, b) => add<number>(a, b)), three('SUB.D', 0x23, (a, b) => sub<number>(a, b)),
      three('MASKEQZ', 0x26, (a, b) => ite<number>(eq<number>(b, constant(64, 0)), constant(64, 0), a)),
      immediate('ADDI.D', 0xb, (a, i) => add<number>(a, signed(i))),
      immediate('LU52I.D', 0xc, (a, i) => concat(i, extract(a, 51, 0))),
      instruction('SLLI.D', formatUI6, { op: 0x41 }, (o) => [write(s, o['rd']!, shl<number>(GR(s, o['rj']!), unsigned(o['ui6']!)))]),
      instruction('EXT.W.B', format2R, { op: 0x17 }, (o) => [write(s, o['rd']!, signExtend(extract(GR(s, o['rj']!), 7, 0), 64))]),
      upper('PCADDI', 0xc, (o) => computed(s, add<number>(pc, signed(concat(o['si20']!, constant(2, 0)))))),
      upper('PCALAU12I', 0xd, (o) => {
        const sum = add<number>(pc, signed(concat(o['si20']!, constant(12, 0))))
        return computed(s, concat(extract(sum, 63, 12), constant(12, 0)))
      }),
      instruction('LU32I.D', format1RI20, { op: 0xb }, (o) => [write(s, o['rd']!, concat(signExtend(o['si20']!, 32), extract(GR(s, o['rd']!), 31, 0)))]),
    ] : []),
  ]
}

const format2RI16 = { op: 6, offs: 16, rj: 5, rd: 5 }

export const branches = (s: State): Instruction[] => {
  const instruction = define(s, '2.2.5'), pc = get(s.PC), n = s.GRLEN - 2
  const to = (target: Term): Term => addressed(s, target, 2)
  const relative = (offset: Term): Term => to(add<number>(pc, signExtend(offset, n)))
  const link = computed(s, pcAddress(add<number>(pc, constant(n, 1))))
  const compare = (name: string, op: number, taken: (a: Term, b: Term) => Bool): Instruction =>
    instruction(name, format2RI16, { op }, (o) => [set<number>(s.PC, relative(o['offs']!), taken(GR(s, o['rj']!), GR(s, o['rd']!)))])
  const zero = constant<number>(s.GRLEN, 0)
  const FPE = csr(s, 'EUEN.FPE') as Bool
  return [
    compare('BEQ', 0x16, (a, b) => eq<number>(a, b)), compare('BNE', 0x17, (a, b) => ne<number>(a, b)),
    compare('BLT', 0x18, (a, b) => slt<number>(a, b)), compare('BLTU', 0x1a, (a, b) => ult<number>(a, b)),
    instruction('JIRL', format2RI16, { op: 0x13 }, (o) => [
      write(s, o['rd']!, link), set<number>(s.PC, to(extract(add<number>(GR(s, o['rj']!), signExtend(concat(o['offs']!, constant(2, 0)), s.GRLEN)), s.GRLEN - 1, 2))),
    ]),
    instruction('B', { op: 6, low: 16, high: 10 }, { op: 0x14 }, (o) => [set<number>(s.PC, relative(concat(o['high']!, o['low']!)))]),
    instruction('BL', { op: 6, low: 16, high: 10 }, { op: 0x15 }, (o) => [
      write(s, constant(5, 1), link), set<number>(s.PC, relative(concat(o['high']!, o['low']!))),
    ]),
    ...(s.architecture === 'la64' ? [
      instruction('BEQZ', { op: 6, low: 16, rj: 5, high: 5 }, { op: 0x10 }, (o) => [
        set<number>(s.PC, relative(concat(o['high']!, o['low']!)), eq<number>(GR(s, o['rj']!), zero)),
      ]),
    ] : []),
    instruction('BCEQZ', { op: 6, low: 16, zero: 2, cj: 3, high: 5 }, { op: 0x12, zero: 0 }, (o) => [
      trapIf(not(FPE), 'FPD'), set<number>(s.PC, relative(concat(o['high']!, o['low']!)), not(get(cell(s.CFR, o['cj'] as Term<3>)))),
    ]),
  ]
}

export const traps = (s: State): Instruction[] => {
  const instruction = define(s, '2.2.10')
  return [
    instruction('SYSCALL', formatI15, { op: 0x56 }, () => [trapIf(True, 'SYS')]),
    instruction('BREAK', formatI15, { op: 0x54 }, () => [trapIf(True, 'BRK')]),
    ...(s.architecture === 'la64' ? [
      instruction('ASRTLE.D', { op: 17, rk: 5, rj: 5, zero: 5 }, { op: 2, zero: 0 }, (o) => [trapIf(not(sle<number>(GR(s, o['rj']!), GR(s, o['rk']!))), 'BCE')]),
    ] : []),
  ]
}
