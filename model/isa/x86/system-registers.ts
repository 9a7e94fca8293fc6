// System registers: SGDT SIDT SLDT STR SMSW and their loads, CLTS, and MOV to and from control and debug registers.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get, type Place } from '../../ir/state.ts'
import { and, any, concat, constant, extract, ne, not, or, type Bool, type Term } from '../../ir/term.ts'
import { CPL, CR0, CR2, CR3, CR4, DR, DR6, DR7, GDTR, IDTR, LDTR, TR, table } from './state.ts'
import { descriptor, markBusy } from './descriptors.ts'
import {
  bitOf, bytes, define, displacement, level0, plus, read, reg32, registerForm, rm16, setReg32, source16, storageForm, write,
  type Operands, type Part,
} from './operands.ts'

/** With user-mode instruction prevention, #GP(0) where CR4.UMIP is set and the program is not at level 0. */
const prevented = (umip: boolean): Statement[] =>
  umip ? [trapIf(and(bitOf(get(CR4), 11), ne(get(CPL), constant(2, 0))), '#GP')] : []

type TableRegister = typeof GDTR
const storeTable = (name: string, reg: number, r: TableRegister, umip: boolean): Instruction =>
  define(`${name} m`, [...bytes(0x0f, 0x01), ...storageForm(reg)], (o) => {
    const at = displacement(o)
    return [
      ...prevented(umip), ...write(at, concat<32>(extract(get(r.base), 15, 0), get(r.limit))), ...write(plus(at, 4), extract(get(r.base), 31, 16)),
    ]
  })
const loadTable = (name: string, reg: number, r: TableRegister): Instruction =>
  define(`${name} m`, [...bytes(0x0f, 0x01), ...storageForm(reg)], (o) => {
    const first = read(displacement(o), 32), second = read(plus(displacement(o), 4), 16)
    return [
      level0, ...first.guard, ...second.guard,
      set(r.limit, extract<16>(first.value, 15, 0)), set(r.base, concat<32>(second.value, extract(first.value, 31, 16))),
    ]
  })

const storing = (name: string, opcode: readonly number[], reg: number, value: () => Term, umip: boolean): Instruction[] =>
  rm16.map((form) => define(`${name} ${form.name}`, [...bytes(...form.prefix, ...opcode), ...form.modrm(reg)], (o) => [...prevented(umip), ...form.write(o, value())]))

/** LLDT and LTR: a descriptor of the global table, of the right system type. */
const loading = (name: string, reg: number, does: (selector: Term) => Statement[]): Instruction[] =>
  source16.map((form) => define(`${name} ${form.name}`, [...bytes(0x0f, 0x00), ...form.modrm(reg)], (o) => {
    const selector = form.read(o)
    return [level0, ...selector.guard, ...does(selector.value)]
  }))
const loadLdt = (selector: Term): Statement[] => {
  const d = descriptor(selector), used = not(d.isNull)
  return [
    trapIf(and(used, any([d.local, not(d.within), not(d.isSystem(2))])), '#GP(selector)'), trapIf(and(used, not(d.present)), '#NP'),
    set(LDTR.selector, selector as Term<16>), set(LDTR.limit, get(cell(table.limit, d.index)), used),
  ]
}
const loadTask = (selector: Term): Statement[] => {
  const d = descriptor(selector)
  return [
    trapIf(any([d.isNull, d.local, not(d.within), not(any([d.isSystem(1), d.isSystem(9)]))]), '#GP(selector)'), trapIf(not(d.present), '#NP'),
    set(TR.selector, selector as Term<16>), markBusy(d),
  ]
}

const machineStatus = (): Term => extract(get(CR0), 15, 0)

/** PG without PE, and NW without CD, are refused with #GP(0): states that lead there are left out. */
const refused = (cr0: Term): Bool => any([and(bitOf(cr0, 31), not(bitOf(cr0, 0))), and(bitOf(cr0, 29), not(bitOf(cr0, 30)))])
/** CR4 of the Pentium has VME PVI TSD DE PSE and MCE; PCE came with the Pentium with MMX, UMIP much later. */
const reserved4 = (umip: boolean) => (value: Term): Bool => {
  const defined = [0, 1, 2, 3, 4, 6, 8, ...(umip ? [11] : [])]
  const mask = defined.reduce((bits, n) => bits & ~(1n << BigInt(n)), 0xffffffffn)
  return ne(and<number>(value, constant(32, mask)), constant(32, 0))
}

const control = (umip: boolean) => [
  [0, CR0, refused], [2, CR2, () => constant(1, 0)], [3, CR3, () => constant(1, 0)], [4, CR4, reserved4(umip)],
] as const

/** DR7.GD makes every MOV of a debug register a debug exception. */
export const debugProtected = (): Bool => bitOf(get(DR7), 13)
const debugRegister = (name: string, number: readonly Part[], place: (o: Operands) => Place<32>): Instruction[] => {
  const modrm: Part[] = [['mod', 2, 3], ...number, ['rm', 3]], guards = [level0, trapIf(debugProtected(), '#DB')]
  return [
    define(`MOV r32, ${name}`, [...bytes(0x0f, 0x21), ...modrm], (o) => [...guards, setReg32(o.rm!, get(place(o)))]),
    define(`MOV ${name}, r32`, [...bytes(0x0f, 0x23), ...modrm], (o) => [...guards, set(place(o), reg32(o.rm!) as Term<32>)]),
  ]
}

export const systemRegisters = (umip: boolean): Instruction[] => [
  storeTable('SGDT', 0, GDTR, umip),
  storeTable('SIDT', 1, IDTR, umip),
  loadTable('LGDT', 2, GDTR),
  loadTable('LIDT', 3, IDTR),
  ...storing('SLDT', [0x0f, 0x00], 0, () => get(LDTR.selector), umip),
  ...storing('STR', [0x0f, 0x00], 1, () => get(TR.selector), umip),
  ...storing('SMSW', [0x0f, 0x01], 4, machineStatus, umip),
  ...loading('LLDT', 2, loadLdt),
  ...loading('LTR', 3, loadTask),
  ...source16.map((form) => define(`LMSW ${form.name}`, [...bytes(0x0f, 0x01), ...form.modrm(6)], (o) => {
    const value = form.read(o)
    return [level0, ...value.guard, set(CR0, concat<32>(extract(get(CR0), 31, 4), extract(value.value, 3, 1), or(bitOf(get(CR0), 0), bitOf(value.value, 0))))]
  })),
  define('CLTS', bytes(0x0f, 0x06), () => [level0, set(CR0, concat<32>(extract(get(CR0), 31, 4), constant(1, 0), extract(get(CR0), 2, 0)))]),
  ...control(umip).flatMap(([n, register, excluded]) => [
    define(`MOV r32, CR${n}`, [...bytes(0x0f, 0x20), ...registerForm(n)], (o) => [level0, setReg32(o.rm!, get(register))]),
    define(`MOV CR${n}, r32`, [...bytes(0x0f, 0x22), ...registerForm(n)], (o) => {
      const value = reg32(o.rm!)
      return [level0, trapIf(excluded(value), 'unmodelled'), set(register, value as Term<32>)]
    }),
  ]),
  ...debugRegister('DR0-DR3', [['bank', 1, 0], ['dr', 2]], (o) => cell(DR, o.dr! as Term<2>)),
  ...debugRegister('DR6', [['reg', 3, 6]], () => DR6),
  ...debugRegister('DR7', [['reg', 3, 7]], () => DR7),
]
