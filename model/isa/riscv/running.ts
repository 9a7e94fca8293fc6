// What the hart that runs has and claims do without: sequencing, relocation by the walk, and its state after reset.
import { set, type Instruction } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { and, constant, extract, ne, not } from '../../ir/term.ts'
import type { Counter, Relocation, Sequencing } from '../../machine/isa.ts'
import { refer } from './access.ts'
import { bitsOf, fetchOf } from './fetch.ts'
import { countDelay, endsWaiting, interruptsOf } from './interrupts.ts'
import { components, fieldOf, flag, Privilege, value, word, type State } from './state.ts'
import { reservedEncodings } from './reserved.ts'
import { otherCompressed } from './rv-c-other.ts'
import { floatingPointArithmetic } from './rv-f-arithmetic.ts'
import { compareTime } from './timer-comparison.ts'
import { Fault, schemesOf } from './walk.ts'
import { widthsAtReset } from './widths.ts'

/** Volume II, mcountinhibit: mcycle counts cycles, of instructions that trap too, minstret the instructions that complete. */
const counters = (s: State): readonly Counter[] => [
  { register: fieldOf(s, 'mcycle'), when: not(flag(s, 'mcountinhibit.CY')), by: s.cycles, at: 'step' },
  { register: fieldOf(s, 'minstret'), when: not(extract<1>(value(s, 'mcountinhibit[31:2]'), 0, 0)), at: 'completion' },
]

/** A hart that waits is halted. */
export const sequencing = (s: State): Sequencing => ({
  halted: and(get(s.waiting), not(endsWaiting(s))),
  begin: [set(s.waiting, 0, get(s.waiting)), ...countDelay(s), ...compareTime(s)],
  interrupts: interruptsOf(s),
  undefinedCause: 'illegal instruction',
  undefinedValue: (instruction) => (s.illegalValue === 'instruction' ? bitsOf(s, instruction) : word(s, 0)),
  clock: [], tick: [],
  fetch: fetchOf(s),
  counters: counters(s),
})

/** For questions about single bytes; the inverse of a mapping by tables is no function of terms: nothing is said to be mapped. */
export const walkedRelocation = (s: State): Relocation => ({
  storage: s.memory,
  addressWidth: s.xlen,
  develop: (address, access) => {
    const reference = refer(s, access, address, 1, true)
    return { fault: ne(reference.pieces[0]!.fault, constant(2, Fault.none)), real: reference.within(0) }
  },
  reaches: () => ({ mapped: constant(1, 0), address: word(s, 0) }),
})

/** Instructions that claims leave out because others of the same kind stand for them, and encodings that are none. */
export const runningOnly = (s: State): Instruction[] => [...otherCompressed(s), ...floatingPointArithmetic(s), ...reservedEncodings(s)]

/** What is not 0 after reset. */
export interface ResetState {
  readonly registers: Readonly<Record<string, bigint>>
  readonly cells: readonly { readonly bank: string; readonly index: number; readonly value: bigint }[]
}

/** Volume II, Reset: M-mode, interrupts and MPRV off, at the reset address, and what the parameters say. A RangeError where the hart does not have what they name. */
export const resetOf = (s: State): ResetState => {
  const numbers = { mvendorid: s.mvendorid, marchid: s.marchid, mimpid: s.mimpid, mhartid: s.mhartid, mconfigptr: s.mconfigptr }
  const registers: Record<string, bigint> = { [s.priv.name]: BigInt(Privilege.M), [s.pc.name]: s.resetPc, ...widthsAtReset(s), ...Object.fromEntries(Object.entries(numbers).filter(([, n]) => n !== 0n)) }
  if (s.vectorModes === 'vectored' && s.mtvec === 'writable') registers['mtvec.MODE'] = 1n
  if (s.supervisorVectorModes === 'vectored') registers['stvec.MODE'] = 1n
  for (const extension of s.writableExtensions) registers[`misa.${extension}`] = 1n
  if (s.bare === 'absent') registers['satp.MODE'] = BigInt(schemesOf(s)[0]!.mode)
  const cells: ResetState['cells'][number][] = []
  for (const [name, content] of Object.entries(s.resetState)) {
    const [, bank = name, index] = /^(.*)\[(\d+)\]$/.exec(name) ?? []
    const of = components(s).find((c) => c.name === bank && (c.kind === 'bank') === (index !== undefined))
    if (of === undefined || content < 0n || content >> BigInt(of.width) !== 0n || (of.kind === 'bank' && Number(index) >= of.cells)) throw new RangeError(`resetState: this hart has no ${name} that could be ${content}`)
    if (of.kind === 'bank') cells.push(...[bank, ...(s.inForce && (bank === 'pmpcfg' || bank === 'pmpaddr') ? [s.inForce[bank].name] : [])].map((of) => ({ bank: of, index: Number(index), value: content })))
    else registers[name] = content
  }
  return { registers, cells }
}
