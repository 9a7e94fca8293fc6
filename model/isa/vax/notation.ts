// Operand forms, storage, the stack and the PSL, in the words of the architecture's manual.
import {
  encode, instruction, set, store, trapIf, type Encoding, type Format, type Instruction, type Statement,
} from '../../ir/instruction.ts'
import { cell, get, type Cell } from '../../ir/state.ts'
import { add, all, and, any, concat, constant, eq, extract, False, ite, load, not, sub, True, type Bool, type Term } from '../../ir/term.ts'
import { page, relocation, sp, type State } from './state.ts'

export const manual = 'VAX Architecture Reference Manual (Leonard, Digital Press, 1987)'

/** How one operand is given: a register, a register that holds its address, a short literal, or a byte displacement. */
export type Form = 'Rn' | '(Rn)' | 'S^#' | 'byte'
export interface Operand {
  /** Register number, literal or displacement. */
  readonly field: Term
  readonly form: Form
}
export type Operands = readonly Operand[]

export const causes = {
  'access-control-violation': 1, 'reserved-instruction': 2, 'reserved-operand': 3, 'change-mode': 4, breakpoint: 5, 'modify-fault': 6,
  'VM-emulation': 7, 'customer-reserved-instruction': 8, unmodelled: 9,
} as const
export const causeWidth = 4
/** Offsets in the system control block; those that Hall and Robinson chose for their traps are not known here. */
const vectors: Readonly<Record<keyof typeof causes, number>> = {
  'access-control-violation': 0x20, 'reserved-instruction': 0x10, 'reserved-operand': 0x18, 'change-mode': 0x40, breakpoint: 0x2c,
  'modify-fault': 0, 'VM-emulation': 0, 'customer-reserved-instruction': 0x14, unmodelled: 0,
}

export const isZero = (t: Term): Bool => eq(t, constant(t.width, 0))
const long = (n: number): Term => constant(32, n)
export const plus = (t: Term, n: number): Term => (n < 0 ? sub<number>(t, long(-n)) : add<number>(t, long(n)))

export type Notation = ReturnType<typeof notation>
export const notation = (s: State, chapter: string) => {
  const gr = (n: Term): Cell => cell(s.R, n)
  const SP = get(gr(sp))
  const longword = (address: Term): Term => extract(address, 31, 2)
  const aligned = (address: Term): Statement => trapIf(not(isZero(extract(address, 1, 0))), 'unmodelled')
  const read = (address: Term): Term => load(s.E, longword(address))
  /** A store, and what becomes of the modify bit of its page. */
  const write = (address: Term, value: Term, when: Bool = True): Statement[] => {
    const at = longword(address)
    const { fault } = relocation(s).develop(at, 'write')
    const modified = cell(s.MODIFIED, page(at))
    const faults = { fault: True, silent: False, 'fault in virtual machines': get(s.VM) }[s.options.modify]
    const clear = not<1>(get(modified) as Bool)
    return [
      ...(faults === False ? [] : [
        trapIf(and(when, fault), 'access-control-violation'), trapIf(all([when, faults, clear]), 'modify-fault'),
      ]),
      ...(faults === True ? [] : [set(modified, 1, when)]),
      store(s.E, at, value, when),
    ]
  }
  const operandValue = (o: Operand): Term => {
    if (o.form === 'Rn') return get(gr(o.field))
    return o.form === '(Rn)' ? read(addressOf(o)) : concat(constant(26, 0), o.field)
  }
  const addressOf = (o: Operand): Term => get(gr(o.field))
  const put = (o: Operand, value: Term): Statement[] => (o.form === 'Rn' ? [set(gr(o.field), value)] : write(addressOf(o), value))
  const length = (forms: readonly Form[]): number => 1 + forms.length
  const next = (forms: readonly Form[]): Term => plus(get(s.PC), length(forms))

  type Does = (o: Operands, next: Term) => readonly Statement[]
  /** PC as an operand is left out; addresses in registers must be of whole longwords. */
  const define = (op: number, name: string, forms: readonly Form[], does: Does, note?: string): Instruction => {
    const format: Record<string, number> = { op: 8 }, fixed: Record<string, number> = { op }
    forms.forEach((form, n) => {
      if (form === 'byte') format[`d${n}`] = 8
      else if (form === 'S^#') { format[`m${n}`] = 2; fixed[`m${n}`] = 0; format[`f${n}`] = 6 }
      else { format[`m${n}`] = 4; fixed[`m${n}`] = form === 'Rn' ? 5 : 6; format[`f${n}`] = 4 }
    })
    return instruction<string>({
      name, source: `${manual}, ${chapter}, ${name.split(' ')[0]}`, encoding: encode<Format, string>(format, fixed) as Encoding,
      does: (fields) => {
        const operands = forms.map((form, n): Operand => ({ form, field: fields[form === 'byte' ? `d${n}` : `f${n}`]! }))
        const registers = operands.filter((o) => o.form === 'Rn' || o.form === '(Rn)')
        const guards = [
          trapIf(any(registers.map((o) => eq<number>(o.field, constant(4, 15)))), 'unmodelled'),
          ...registers.filter((o) => o.form === '(Rn)').map((o) => aligned(addressOf(o))),
        ]
        const body = does(operands, next(forms))
        const jumps = body.some((x) => x.kind === 'set' && x.place.kind === 'register' && x.place.name === s.PC.name)
        return [...guards, ...body, ...(jumps ? [] : [set<number>(s.PC, next(forms))])]
      },
      ...(note === undefined ? {} : { note }),
    })
  }
  /** The condition codes, the other bits of the PSW kept. */
  const codes = (n: Bool, z: Bool, v: Bool, c: Bool): Statement => set<number>(s.PSW, concat(extract(get(s.PSW), 7, 4), n, z, v, c))
  const carry = extract<1>(get(s.PSW), 0, 0)
  const tested = (value: Term, c: Bool = carry): Statement => codes(extract<1>(value, 31, 31), isZero(value), False, c)
  return { gr, SP, read, write, operandValue, addressOf, put, define, codes, tested, aligned, carry }
}

/** The processor status longword that an exception saves; TP, FPD and compatibility mode are 0. */
export const psl = (s: State): Term => concat(
  constant(2, 0), s.options.virtual ? get(s.VM) : constant(1, 0), constant(2, 0), get(s.IS), get(s.CUR), get(s.PRV), constant(1, 0),
  get(s.IPL), constant(8, 0), get(s.PSW),
)
/** What MOVPSL shows: a modified VAX puts in the fields of VMPSL while a virtual machine runs, and never shows PSL<VM>. */
export const shownPsl = (s: State): Term => {
  const shown = (mine: Term, guests: Term): Term => (s.options.virtual ? ite<number>(get(s.VM), guests, mine) : mine)
  return concat(
    constant(5, 0), shown(get(s.IS), get(s.VMPSL.IS)), shown(get(s.CUR), get(s.VMPSL.CUR)), shown(get(s.PRV), get(s.VMPSL.PRV)),
    constant(1, 0), shown(get(s.IPL), get(s.VMPSL.IPL)), constant(8, 0), get(s.PSW),
  )
}

/** An exception: PC and PSL to the kernel stack, and the handler that the system control block names. */
export const exception = (s: State, cause: Term): Statement[] => {
  const top = get(cell(s.STACKS, constant(2, 0)))
  const stack = ite<number>(eq<number>(get(s.CUR), constant(2, 0)), get(cell(s.R, sp)), top)
  const real = (address: Term): Cell => cell(s.E, relocation(s).develop(extract(address, 31, 2), 'read').real)
  const vector = (Object.keys(causes) as (keyof typeof causes)[]).reduce<Term>(
    (rest, c) => ite<number>(eq<number>(cause, constant(causeWidth, causes[c])), constant(28, vectors[c] / 4), rest), constant(28, 0),
  )
  const handler = get(cell(s.E, add<number>(extract(get(s.SCBB), 29, 2), vector)))
  return [
    set(real(plus(stack, -4)), psl(s)), set(real(plus(stack, -8)), get(s.PC)),
    set(cell(s.R, sp), plus(stack, -8)), set(cell(s.STACKS, get(s.CUR)), get(cell(s.R, sp))),
    set<number>(s.PC, concat(extract(handler, 31, 2), constant(2, 0))), set<number>(s.PRV, get(s.CUR)), set(s.CUR, 0),
    ...(s.options.virtual ? [set(s.VM, 0)] : []),
  ]
}
