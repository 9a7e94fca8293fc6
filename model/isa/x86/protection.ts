// Asking about descriptors: LAR, LSL, VERR and VERW, and ARPL.
import { set, type Instruction } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { all, and, any, concat, constant, extract, ite, not, or, ult, type Bool, type Term } from '../../ir/term.ts'
import { table, ZF } from './state.ts'
import { descriptor, permitted, visible, type Descriptor } from './descriptors.ts'
import { bytes, define, reg16, rm16, setReg32, source16 } from './operands.ts'

const found = (d: Descriptor): Bool => and(not(d.isNull), d.within)
const known = (d: Descriptor, systemTypes: readonly number[]): Bool =>
  all([found(d), or(d.isSegment, any(systemTypes.map(d.isSystem))), visible(d)])

/** The second doubleword of the descriptor, masked by 00F0FF00: the four bits that the manual leaves undefined are 0. */
const accessRights = (d: Descriptor): Term =>
  concat(constant(8, 0), extract(d.rights, 11, 8), constant(4, 0), extract(d.rights, 7, 0), constant(8, 0))

const asking = (name: string, opcode: number, answer: (d: Descriptor) => { readonly known: Bool; readonly value: Term }): Instruction[] =>
  source16.map((form) => define(`${name} r32, ${form.name}`, [...bytes(0x0f, opcode), ...form.modrm()], (o) => {
    const selector = form.read(o), { known, value } = answer(descriptor(selector.value))
    return [...selector.guard, set(ZF, known), setReg32(o.reg!, value, known)]
  }))
const verifying = (name: string, reg: number, allowed: (d: Descriptor) => Bool): Instruction[] =>
  source16.map((form) => define(`${name} ${form.name}`, [...bytes(0x0f, 0x00), ...form.modrm(reg)], (o) => {
    const selector = form.read(o), d = descriptor(selector.value)
    return [...selector.guard, set(ZF, and(found(d), allowed(d)))]
  }))

export const protection = (): Instruction[] => [
  ...asking('LAR', 0x02, (d) => ({ known: known(d, [1, 2, 3, 4, 5, 9, 11, 12]), value: accessRights(d) })),
  ...asking('LSL', 0x03, (d) => ({ known: known(d, [1, 2, 3, 9, 11]), value: get(cell(table.limit, d.index)) })),
  ...verifying('VERR', 4, (d) => and(d.readable, visible(d))),
  ...verifying('VERW', 5, (d) => and(d.writable, permitted(d))),
  ...rm16.map((form) => define(`ARPL ${form.name}, r16`, [...bytes(0x63), ...form.modrm()], (o) => {
    const to = form.read(o), from = reg16(o.reg!)
    const lower = ult(extract(to.value, 1, 0), extract(from, 1, 0))
    return [
      ...to.guard, set(ZF, lower), ...form.write(o, concat(extract(to.value, 15, 2), ite<number>(lower, extract(from, 1, 0), extract(to.value, 1, 0)))),
    ]
  })),
]
