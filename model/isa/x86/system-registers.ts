// System registers: SGDT SIDT SLDT STR SMSW and their loads, CLTS, and MOV to and from control and debug registers.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get, type Bank, type Place, type Register } from '../../ir/state.ts'
import { add, and, any, concat, constant, extract, False, ite, ne, not, or, ult, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { CPL, CR0, CR4, GDTR, LDTR, TR, table } from './state.ts'
import { descriptor, markBusy, type Descriptor } from './descriptors.ts'
import { bitOf, bytes, isZero, level0, type Notation, type Operands, type Part } from './operands.ts'

/** The system registers that differ between the modes. */
export interface SystemRegisters {
  readonly GDTR: TableRegister
  readonly IDTR: TableRegister
  readonly DR: Bank
  readonly DR6: Register
  readonly DR7: Register
  /** Control registers by number, and the values that level 0 too is refused: states that lead there are left out. */
  readonly control: readonly (readonly [number: number, register: Register, refused: (value: Term) => Bool])[]
  readonly umip: boolean
}

/** With user-mode instruction prevention, #GP(0) where CR4.UMIP is set and the program is not at level 0. */
const prevented = (umip: boolean): Statement[] =>
  umip ? [trapIf(and(bitOf(get(CR4), 11), ne(get(CPL), constant(2, 0))), '#GP')] : []

interface TableRegister {
  readonly base: Register
  readonly limit: Register<16>
}

/** System descriptors of 64-bit mode have 16 bytes. */
export const beyondTable = (d: Descriptor, long: boolean): Bool => {
  const limit = ite<number>(d.local, get(LDTR.limit), zeroExtend(get(GDTR.limit), 32))
  return long ? ult(limit, add(zeroExtend(concat(extract(d.index, 13, 1), constant(3, 0)), 32), constant(32, 15))) : False
}

const loadLdt = (selector: Term, long: boolean): Statement[] => {
  const d = descriptor(selector), used = not(d.isNull)
  return [
    trapIf(and(used, any([d.local, not(d.within), beyondTable(d, long), not(d.isSystem(2))])), '#GP(selector)'), trapIf(and(used, not(d.present)), '#NP'),
    set(LDTR.selector, selector as Term<16>), set(LDTR.limit, get(cell(table.limit, d.index)), used),
  ]
}
const loadTask = (selector: Term, long: boolean): Statement[] => {
  const d = descriptor(selector)
  return [
    trapIf(any([d.isNull, d.local, not(d.within), beyondTable(d, long), not(any(long ? [d.isSystem(9)] : [d.isSystem(1), d.isSystem(9)]))]), '#GP(selector)'), trapIf(not(d.present), '#NP'),
    set(TR.selector, selector as Term<16>), markBusy(d),
  ]
}

/** DR7.GD makes every MOV of a debug register a debug exception. */
export const debugProtected = (DR7: Register): Bool => bitOf(get(DR7), 13)

export const systemRegisters = (n: Notation, { GDTR, IDTR, DR, DR6, DR7, control, umip }: SystemRegisters): Instruction[] => {
  const { bits, long, define, coded, rm16, source16, rmOf, reg, setReg, displacement, plus, read, write } = n
  /** The limit, then the base: 6 bytes, in 64-bit mode 10. */
  const storeTable = (name: string, digit: number, r: TableRegister): Instruction =>
    define(`${name} m`, coded({ opcode: [0x0f, 0x01], form: 'storage', reg: digit }), (o) => {
      const at = displacement(o), base = get(r.base), low = bits - 16
      return [...prevented(umip), ...write(at, concat(extract(base, low - 1, 0), get(r.limit))), ...write(plus(at, bits / 8), extract(base, bits - 1, low))]
    })
  const loadTable = (name: string, digit: number, r: TableRegister): Instruction =>
    define(`${name} m`, coded({ opcode: [0x0f, 0x01], form: 'storage', reg: digit }), (o) => {
      const first = read(displacement(o), bits), second = read(plus(displacement(o), bits / 8), 16)
      return [
        level0, ...first.guard, ...second.guard,
        set(r.limit, extract<16>(first.value, 15, 0)), set<number>(r.base, concat(second.value, extract(first.value, bits - 1, 16))),
      ]
    })
  const storing = (name: string, opcode: readonly number[], digit: number, value: () => Term): Instruction[] =>
    rm16.map((form) => define(`${name} ${form.name}`, coded({ opcode, reg: digit, ...form.coding }), (o) => [...prevented(umip), ...form.write(o, value())]))
  /** LLDT and LTR: a descriptor of the global table, of the right system type. */
  const loading = (name: string, digit: number, does: (selector: Term, long: boolean) => Statement[]): Instruction[] =>
    source16.map((form) => define(`${name} ${form.name}`, coded({ opcode: [0x0f, 0x00], reg: digit, ...form.coding }), (o) => {
      const selector = form.read(o)
      return [level0, ...selector.guard, ...does(selector.value, long)]
    }))
  /** The number in the reg field; REX.R, or a fixed field, in 64-bit mode. */
  const moved = (opcode: number, number: readonly Part[], upper = false): Part[] =>
    [...(long ? [['rex', 7, upper ? 0x22 : 0x20], ['b', 1]] as Part[] : []), ...bytes(0x0f, opcode), ['mod', 2, 3], ...number, ['rm', 3]]
  const debugRegister = (name: string, number: readonly Part[], place: (o: Operands) => Place): Instruction[] => {
    const guards = [level0, trapIf(debugProtected(DR7), '#DB')]
    return [
      define(`MOV r${bits}, ${name}`, moved(0x21, number), (o) => [...guards, setReg(rmOf(o), zeroExtend(get(place(o)), bits))]),
      define(`MOV ${name}, r${bits}`, moved(0x23, number), (o) => {
        const to = place(o), value = reg(rmOf(o))
        return [...guards, ...narrowed(value, to.width), set<number>(to, extract(value, to.width - 1, 0))]
      }),
    ]
  }
  /** A register narrower than the mode's refuses the bits above it. */
  const narrowed = (value: Term, width: number): Statement[] =>
    width < value.width ? [trapIf(not(isZero(extract(value, value.width - 1, width))), 'unmodelled')] : []
  return [
    storeTable('SGDT', 0, GDTR),
    storeTable('SIDT', 1, IDTR),
    loadTable('LGDT', 2, GDTR),
    loadTable('LIDT', 3, IDTR),
    ...storing('SLDT', [0x0f, 0x00], 0, () => get(LDTR.selector)),
    ...storing('STR', [0x0f, 0x00], 1, () => get(TR.selector)),
    ...storing('SMSW', [0x0f, 0x01], 4, () => extract(get(CR0), 15, 0)),
    ...loading('LLDT', 2, loadLdt),
    ...loading('LTR', 3, loadTask),
    ...source16.map((form) => define(`LMSW ${form.name}`, coded({ opcode: [0x0f, 0x01], reg: 6, ...form.coding }), (o) => {
      const value = form.read(o)
      return [level0, ...value.guard, set(CR0, concat<32>(extract(get(CR0), 31, 4), extract(value.value, 3, 1), or(bitOf(get(CR0), 0), bitOf(value.value, 0))))]
    })),
    define('CLTS', bytes(0x0f, 0x06), () => [level0, set(CR0, concat<32>(extract(get(CR0), 31, 4), constant(1, 0), extract(get(CR0), 2, 0)))]),
    ...control.flatMap(([number, register, refused]) => {
      const field: Part[] = [['reg', 3, number % 8]], { width } = register, upper = number > 7
      return [
        define(`MOV r${bits}, CR${number}`, moved(0x20, field, upper), (o) => [level0, setReg(rmOf(o), zeroExtend(get(register), bits))]),
        define(`MOV CR${number}, r${bits}`, moved(0x22, field, upper), (o) => {
          const value = reg(rmOf(o)), low = extract(value, width - 1, 0)
          return [level0, ...narrowed(value, width), trapIf(refused(low), 'unmodelled'), set<number>(register, low)]
        }),
      ]
    }),
    ...debugRegister('DR0-DR3', [['bank', 1, 0], ['dr', 2]], (o) => cell(DR, o.dr!)),
    ...debugRegister('DR6', [['reg', 3, 6]], () => DR6),
    ...debugRegister('DR7', [['reg', 3, 7]], () => DR7),
  ]
}

/** PG without PE, and NW without CD. */
export const refused0 = (cr0: Term): Bool => any([and(bitOf(cr0, 31), not(bitOf(cr0, 0))), and(bitOf(cr0, 29), not(bitOf(cr0, 30)))])
/** Bits of CR4 other than these. */
export const reserved4 = (defined: readonly number[]) => (value: Term): Bool => {
  const mask = defined.reduce((rest, n) => rest & ~(1n << BigInt(n)), 0xffffffffn)
  return ne(and<number>(value, constant(32, mask)), constant(32, 0))
}
