// System instructions (address translation, caches, TLB), hints and barriers.
import { open, set, store, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { add, and, concat, constant, extract, ite, ne, not, or, True, type Bool, type Term } from '../../ir/term.ts'
import { beyond, define, doublewordOf, trappedAtEL0Unless, undefinedAtEL0, X } from './notation.ts'
import { atEL0, doublewordBits, faults, isSet, systemField, translated, type State } from './state.ts'

const format = { a: 10, L: 1, op0: 2, op1: 3, CRn: 4, CRm: 4, op2: 3, Rt: 5 }
type At = readonly [op1: number, CRn: number, CRm: number, op2: number]

export const systemInstructions = (s: State): Instruction[] => {
  const instruction = define('System instructions')
  const sys = (name: string, [op1, CRn, CRm, op2]: At, does: (address: Term<64>) => readonly Statement[], more: Readonly<Record<string, number>> = {}): Instruction =>
    instruction(name, format, { a: 0x354, L: 0, op0: 1, op1, CRn, CRm, op2, ...more }, (o) => does(X(s, o['Rt'] ?? constant(5, 31))))
  const ofEL1 = (name: string, at: At, more?: Readonly<Record<string, number>>): Instruction => sys(name, at, () => [undefinedAtEL0(s)], more)
  /** By virtual address to a point of coherency or unification: for EL0 where SCTLR_EL1.UCI allows it, on what it may read. */
  const byAddress = (name: string, at: At, aborts: Bool = True): Instruction => sys(name, at, (address) => [
    trappedAtEL0Unless(s, isSet(s, 'SCTLR_EL1.UCI')),
    trapIf(and(aborts, or(beyond(address), faults(s, doublewordOf(address), 'read', atEL0(s)))), 'data abort'),
  ])
  const translate = (name: string, op2: number, access: 'read' | 'write', el0: boolean): Instruction => sys(name, [0, 7, 8, op2], (address) => {
    const doubleword = doublewordOf(address)
    const fails = or(beyond(address), faults(s, doubleword, access, el0 ? constant(1, 1) : constant(1, 0)))
    const page = extract<36>(translated(s, doubleword), doublewordBits - 1, 9)
    const found = concat<64>(open('PAR_EL1 attributes', 16), page, open('PAR_EL1 shareability', 11), constant(1, 0))
    return [undefinedAtEL0(s), set<number>(systemField(s, 'PAR_EL1'), ite<64>(fails, concat<64>(open('PAR_EL1 fault', 63), constant(1, 1)), found))]
  })
  return [
    translate('AT S1E1R', 0, 'read', false), translate('AT S1E1W', 1, 'write', false), translate('AT S1E0R', 2, 'read', true), translate('AT S1E0W', 3, 'write', true),
    ofEL1('IC IALLUIS', [0, 7, 1, 0], { Rt: 31 }), ofEL1('IC IALLU', [0, 7, 5, 0], { Rt: 31 }), byAddress('IC IVAU', [3, 7, 5, 1], open('whether it aborts', 1)),
    ofEL1('DC IVAC', [0, 7, 6, 1]), ofEL1('DC ISW', [0, 7, 6, 2]), ofEL1('DC CSW', [0, 7, 10, 2]), ofEL1('DC CISW', [0, 7, 14, 2]),
    byAddress('DC CVAC', [3, 7, 10, 1]), byAddress('DC CVAU', [3, 7, 11, 1]), byAddress('DC CIVAC', [3, 7, 14, 1]),
    sys('DC ZVA', [3, 7, 4, 1], (address) => {
      const block = concat<45>(extract(address, 47, 6), constant(3, 0))
      return [
        trappedAtEL0Unless(s, isSet(s, 'SCTLR_EL1.DZE')), trapIf(beyond(address), 'data abort'),
        ...Array.from({ length: 8 }, (_, k) => store(s.Memory, add(block, constant(45, k)), constant(64, 0))),
      ]
    }),
    ...([[7, ''], [3, 'IS']] as const).flatMap(([CRm, suffix]) =>
      ([['VMALLE1', 0], ['VAE1', 1], ['ASIDE1', 2], ['VAAE1', 3], ['VALE1', 5], ['VAALE1', 7]] as const).map(([name, op2]) =>
        ofEL1(`TLBI ${name}${suffix}`, [0, 8, CRm, op2], name === 'VMALLE1' ? { Rt: 31 } : {}))),
  ]
}

/** A processor need not wait; where it would, EL0 traps unless SCTLR_EL1.nTWI or nTWE is 1. */
export const hints = (s: State): Instruction[] => {
  const instruction = define('hints')
  const fields = { a: 20, CRm: 4, op2: 3, Rt: 5 }, fixed = { a: 0xd5032, Rt: 31 }
  const hint = (name: string, op2: number, does: () => readonly Statement[]): Instruction => instruction(name, fields, { ...fixed, CRm: 0, op2 }, does)
  const waits = (unless: Bool, enable: string): Statement[] => {
    const suspends = and(not(unless), open('whether it waits', 1))
    const toEL2 = s.el2 ? [trapIf(and(and(not(get(s.el2.at)), get(s.el2.traps[enable === 'SCTLR_EL1.nTWI' ? 'HCR_EL2.TWI' : 'HCR_EL2.TWE'])), suspends), 'trap to EL2')] : []
    return [trapIf(and(and(atEL0(s), not(isSet(s, enable))), suspends), 'WFI or WFE'), ...toEL2, set(s.waiting, 1, suspends)]
  }
  const pending = ne(get(s.system.ISR_EL1[0]!.register), constant<number>(3, 0))
  return [
    hint('NOP', 0, () => []), hint('YIELD', 1, () => []),
    hint('WFE', 2, () => [...waits(get(s.event), 'SCTLR_EL1.nTWE'), set(s.event, 0, get(s.event))]),
    hint('WFI', 3, () => waits(pending, 'SCTLR_EL1.nTWI')),
    hint('SEV', 4, () => [set(s.event, 1)]), hint('SEVL', 5, () => [set(s.event, 1)]),
    ...([[1, '0001'], [2, '0010'], [3, '0011']] as const).map(([CRm, bits]) =>
      instruction(`HINT with CRm = ${bits}`, fields, { ...fixed, CRm }, () => [], 'NOP in ARMv8.0; later pointer authentication and others')),
    instruction('HINT with CRm = 01xx', { a: 22, b: 2, op2: 3, Rt: 5 }, { a: 0x3540c9, Rt: 31 }, () => [], 'NOP'),
    instruction('HINT with CRm = 1xxx', { a: 21, b: 3, op2: 3, Rt: 5 }, { a: 0x1aa065, Rt: 31 }, () => [], 'NOP'),
    instruction('HINT with CRm = 0000, op2 = 11x', { a: 20, CRm: 4, op: 2, b: 1, Rt: 5 }, { ...fixed, CRm: 0, op: 3 }, () => [], 'NOP'),
  ]
}

export const barriers = (s: State): Instruction[] => {
  const instruction = define('barriers')
  const fields = { a: 20, CRm: 4, op2: 3, Rt: 5 }, fixed = { a: 0xd5033, Rt: 31 }
  return [
    ...([['DSB', 4], ['DMB', 5], ['ISB', 6]] as const).map(([name, op2]) => instruction(name, fields, { ...fixed, op2 }, () => [])),
    instruction('CLREX', fields, { ...fixed, op2: 2 }, () => [set(s.exclusive, 0)]),
  ]
}
