// Asking about descriptors: LAR, LSL, VERR and VERW, and ARPL.
import { set, type Instruction } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { all, and, any, concat, constant, extract, ite, not, or, ult, type Bool, type Term } from '../../ir/term.ts'
import { table, ZF } from './state.ts'
import { descriptor, permitted, visible, type Descriptor } from './descriptors.ts'
import { type Notation } from './operands.ts'

const found = (d: Descriptor): Bool => and(not(d.isNull), d.within)
const known = (d: Descriptor, systemTypes: readonly number[]): Bool =>
  all([found(d), or(d.isSegment, any(systemTypes.map(d.isSystem))), visible(d)])

/** The second doubleword of the descriptor, masked by 00F0FF00: the four bits that the manual leaves undefined are 0. */
const accessRights = (d: Descriptor): Term =>
  concat(constant(8, 0), extract(d.rights, 11, 8), constant(4, 0), extract(d.rights, 7, 0), constant(8, 0))

/** System descriptors that LAR and LSL know; 64-bit mode has fewer. */
const systemTypes = { 32: { LAR: [1, 2, 3, 4, 5, 9, 11, 12], LSL: [1, 2, 3, 9, 11] }, 64: { LAR: [2, 9, 11, 12], LSL: [2, 9, 11] } } as const

export const protection = (n: Notation): Instruction[] => {
  const { bits, define, coded, source16, regOf, setRegLow } = n
  const asking = (name: 'LAR' | 'LSL', opcode: number, value: (d: Descriptor) => Term): Instruction[] =>
    source16.map((form) => define(`${name} r32, ${form.name}`, coded({ opcode: [0x0f, opcode], ...form.coding }), (o) => {
      const selector = form.read(o), d = descriptor(selector.value), answers = known(d, systemTypes[bits][name])
      return [...selector.guard, set(ZF, answers), setRegLow(regOf(o), value(d), answers)]
    }))
  const verifying = (name: string, reg: number, allowed: (d: Descriptor) => Bool): Instruction[] =>
    source16.map((form) => define(`${name} ${form.name}`, coded({ opcode: [0x0f, 0x00], reg, ...form.coding }), (o) => {
      const selector = form.read(o), d = descriptor(selector.value)
      return [...selector.guard, set(ZF, and(found(d), allowed(d)))]
    }))
  return [
    ...asking('LAR', 0x02, accessRights),
    ...asking('LSL', 0x03, (d) => get(cell(table.limit, d.index))),
    ...verifying('VERR', 4, (d) => and(d.readable, visible(d))),
    ...verifying('VERW', 5, (d) => and(d.writable, permitted(d))),
    ...(bits === 32 ? adjusting(n) : []),
  ]
}

/** ARPL, whose operation code is MOVSXD in 64-bit mode. */
const adjusting = ({ define, coded, source16, regOf, reg16 }: Notation): Instruction[] =>
  source16.map((form) => define(`ARPL ${form.name}, r16`, coded({ opcode: [0x63], ...form.coding }), (o) => {
    const to = form.read(o), from = reg16(regOf(o))
    const lower = ult(extract(to.value, 1, 0), extract(from, 1, 0))
    return [
      ...to.guard, set(ZF, lower), ...form.write(o, concat(extract(to.value, 15, 2), ite<number>(lower, extract(from, 1, 0), extract(to.value, 1, 0)))),
    ]
  }))
