// System control: the coprocessor registers with the modes that may reach them, waiting for interrupts and events, barriers.
import { open, set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get, type Register } from '../../ir/state.ts'
import { and, concat, constant, extract, False, ite, not, True, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { always, define, is15, not15 } from './notation.ts'
import { inUser, R, type State } from './state.ts'
import { trappedToHyp, type HypTrap } from './virtualization.ts'

/** A register of coprocessor 15 or 14 under MRC and MCR. */
interface SystemRegister {
  readonly name: string
  readonly coprocessor?: 14
  /** opc1, CRn, CRm, opc2. */
  readonly at: readonly [number, number, number, number]
  /** What is read and written; neither for an operation, such as a barrier. */
  readonly register?: Register
  readonly access: 'RW' | 'RO' | 'WO'
  /** Whether User mode may read and write it. */
  readonly userReads?: Bool
  readonly userWrites?: Bool
  readonly does?: () => ReturnType<typeof set>[]
  /** What a Non-secure read gives instead. */
  readonly virtual?: Register
  /** The bit of Hyp mode that traps a Non-secure access. */
  readonly trappedBy?: Register
}

const registers = (s: State): readonly SystemRegister[] => {
  const { system: r, hyp } = s
  const by = (bit: HypTrap): Pick<SystemRegister, 'trappedBy'> => (hyp ? { trappedBy: hyp[bit] } : {})
  const wait = (): ReturnType<typeof set>[] => [set(s.waiting, 1)]
  const counters = get(r['PMUSERENR.EN']) as Bool
  const where = (present: boolean, list: readonly SystemRegister[]): readonly SystemRegister[] => (present ? list : [])
  return [
    { name: 'MIDR', at: [0, 0, 0, 0], register: r.MIDR, access: 'RO', ...(hyp ? { virtual: hyp.VPIDR } : {}) },
    ...where(s.version >= 7, [
      { name: 'CTR', at: [0, 0, 0, 1], register: r.CTR, access: 'RO', ...by('HCR.TID2') },
      { name: 'TLBTR', at: [0, 0, 0, 3], register: r.TLBTR, access: 'RO', ...by('HCR.TID1') },
      { name: 'ID_PFR0', at: [0, 0, 1, 0], register: r.ID_PFR0, access: 'RO', ...by('HCR.TID3') },
      { name: 'ACTLR', at: [0, 1, 0, 1], register: r.ACTLR, access: 'RW', ...by('HCR.TAC') },
    ]),
    { name: 'SCTLR', at: [0, 1, 0, 0], register: r.SCTLR, access: 'RW' },
    { name: 'TTBR0', at: [0, 2, 0, 0], register: s.TTBR0, access: 'RW' },
    { name: 'DACR', at: [0, 3, 0, 0], register: r.DACR, access: 'RW' },
    { name: 'DFSR', at: [0, 5, 0, 0], register: r.DFSR, access: 'RW' },
    { name: 'DFAR', at: [0, 6, 0, 0], register: r.DFAR, access: 'RW' },
    { name: 'TLBIALL', at: [0, 8, 7, 0], access: 'WO' },
    { name: 'DCCMVAC', at: [0, 7, 10, 1], access: 'WO' },
    { name: 'CONTEXTIDR', at: [0, 13, 0, 1], register: r.CONTEXTIDR, access: 'RW' },
    ...where(s.version < 7, [{ name: 'wait for interrupt', at: [0, 7, 0, 4], access: 'WO', does: wait }]),
    ...where(s.version >= 6, [
      {
        name: 'DBGDSCRint', coprocessor: 14, at: [0, 0, 1, 0], register: r.DBGDSCR, access: 'RO',
        userReads: not(extract<1>(get(r.DBGDSCR), 12, 12)), ...by('HDCR.TDA'),
      },
      { name: 'CP15ISB', at: [0, 7, 5, 4], access: 'WO', userWrites: True },
      { name: 'CP15DSB', at: [0, 7, 10, 4], access: 'WO', userWrites: True },
      { name: 'CP15DMB', at: [0, 7, 10, 5], access: 'WO', userWrites: True },
    ]),
    ...where(s.version >= 7, [
      { name: 'VBAR', at: [0, 12, 0, 0], register: r.VBAR, access: 'RW' },
      { name: 'TPIDRURW', at: [0, 13, 0, 2], register: r.TPIDRURW, access: 'RW', userReads: True, userWrites: True },
      { name: 'TPIDRURO', at: [0, 13, 0, 3], register: r.TPIDRURO, access: 'RW', userReads: True },
      { name: 'TPIDRPRW', at: [0, 13, 0, 4], register: r.TPIDRPRW, access: 'RW' },
      { name: 'PMCCNTR', at: [0, 9, 13, 0], register: r.PMCCNTR, access: 'RW', userReads: counters, userWrites: counters, ...by('HDCR.TPM') },
      { name: 'PMUSERENR', at: [0, 9, 14, 0], register: r['PMUSERENR.EN'], access: 'RW', userReads: True, ...by('HDCR.TPM') },
    ]),
  ]
}

export const systemRegisters = (s: State): Instruction[] => {
  const instruction = define('coprocessor instructions, system control registers')
  const fields = { a: 4, opc1: 3, L: 1, CRn: 4, Rt: 4, coprocessor: 4, opc2: 3, b: 1, CRm: 4 }
  const user = inUser(s)
  return registers(s).flatMap((r) => {
    const [opc1, CRn, CRm, opc2] = r.at, coprocessor = r.coprocessor ?? 15
    const fixed = { ...always, a: 14, opc1, CRn, coprocessor, opc2, b: 1, CRm }
    const refused = (allowed: Bool | undefined): Statement[] => [
      trapIf(and(user, not(allowed ?? False)), 'undefined'), ...(s.hyp && r.trappedBy ? [trappedToHyp(s.hyp, get(r.trappedBy) as Bool)] : []),
    ]
    const value = r.register && (s.hyp && r.virtual ? ite<32>(get(s.hyp.NS), get(r.virtual) as Term<32>, inWord(s, r.register)) : inWord(s, r.register))
    const read = (): Instruction => instruction(`MRC p${coprocessor} ${r.name}`, fields, { ...fixed, L: 1 }, (o) => [
      ...refused(r.userReads), set(cell(s.R, o['Rt'] as Term<4>), value!, not(is15(o['Rt']!))),
      ...(['N', 'Z', 'C', 'V'] as const).map((f, k) => set(s.flags[f], extract<1>(value!, 31 - k, 31 - k), is15(o['Rt']!))),
    ])
    const write = (): Instruction => instruction(`MCR p${coprocessor} ${r.name}`, fields, { ...fixed, L: 0 }, (o) => {
      const value = R(s, o['Rt']!), to = r.register
      const part = to === undefined ? [] : [set(to, to === s.TTBR0 ? extract(value, 31, 12) : extract(value, to.width - 1, 0))]
      return [not15(o, 'Rt'), ...refused(r.userWrites), ...part, ...(r.does?.() ?? [])]
    })
    return [...(r.access === 'WO' ? [] : [read()]), ...(r.access === 'RO' ? [] : [write()])]
  })
}

/** TTBR0 holds the address of a page, the others stand in the low bits. */
const inWord = (s: State, r: Register): Term<32> => (r === s.TTBR0 ? concat<32>(get(r), constant(12, 0)) : zeroExtend<32>(get(r), 32))

/** Hints and barriers; a processor may treat WFI and WFE as NOP. */
export const hints = (s: State): Instruction[] => {
  if (s.version < 7) return []
  const hint = define('hints'), barrier = define('barriers')
  const name = (n: string, number: number, does: () => Statement[]): Instruction => hint(n, { a: 20, hint: 8 }, { ...always, a: 0x320f0, hint: number }, does)
  const suspends = open('whether it waits', 1)
  const toHyp = (bit: HypTrap, when: Bool): Statement[] => (s.hyp ? [trappedToHyp(s.hyp, and(get(s.hyp[bit]), when))] : [])
  return [
    name('NOP', 0, () => []), name('YIELD', 1, () => []),
    name('WFE', 2, () => {
      const waits = and(not(get(s.event)), suspends)
      return [...toHyp('HCR.TWE', waits), set(s.event, 0, get(s.event)), set(s.waiting, 1, waits)]
    }),
    name('WFI', 3, () => [...toHyp('HCR.TWI', suspends), set(s.waiting, 1, suspends)]),
    name('SEV', 4, () => [set(s.event, 1)]),
    ...([['DSB', 4], ['DMB', 5], ['ISB', 6]] as const).map(([n, op]) =>
      barrier(n, { a: 20, op: 4, option: 4 }, { cond: 15, a: 0x57ff0, op }, () => [])),
  ]
}
