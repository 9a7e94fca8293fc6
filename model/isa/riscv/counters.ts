// Zicntr and Zihpm: the counters at user addresses with their enables, and at machine addresses, where they can be written.
import { cell, field, get, type Place } from '../../ir/state.ts'
import { and, concat, constant, extract, False, ite, lshr, not, or, True, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { havingBits, indexOf, readOnly, wide, type Csr, type Part } from './csr.ts'
import { defaults } from './parameters.ts'
import { belowM, fieldOf, inMode, value, word, type State } from './state.ts'

/** The bit of a counter in mcounteren or scounteren. */
const enabled = (s: State, name: 'mcounteren' | 'scounteren', number: Term<12>): Bool =>
  extract<1>(lshr<number>(value(s, name), zeroExtend<number>(indexOf(number), 32)), 0, 0)

/** Below M-mode a counter needs its bit in mcounteren, in U-mode that in scounteren too. */
const refused = (s: State) => ({ number }: { readonly number: Term<12> }): Bool =>
  or(and(belowM(s), not(enabled(s, 'mcounteren', number))), and(inMode(s, 'U'), not(enabled(s, 'scounteren', number))))

const half = (t: Term, which: 'all' | 'low' | 'high'): Term => (which === 'all' ? t : which === 'low' ? extract(t, 31, 0) : extract(t, 63, 32))
const halfOf = (s: State, name: 'mcycle' | 'minstret', which: 'all' | 'low' | 'high'): Place => {
  const register = fieldOf(s, name)
  return which === 'all' ? register : which === 'low' ? field(register, 31, 0) : field(register, 63, 32)
}

/** Zicntr at user addresses: cycle, time and instret, read-only copies. */
export const unprivilegedCounters = (s: State): Csr[] => [
  ...([['cycle', 'mcycle', 0], ['time', 'mtime', 1], ['instret', 'minstret', 2]] as const).flatMap(([name, register, n]) =>
    wide(s, name, 0xc00 + n, 0xc80 + n, (which): Part[] => [readOnly(0, half(value(s, register), which))],
      { illegal: name === 'time' && s.timeRegister === 'traps' ? () => True : refused(s) })),
  ...hardwareCounters(s, 'hpmcounter', 0xc00, false),
]

export const machineCounters = (s: State): Csr[] => [
  ...([['mcycle', 0], ['minstret', 2]] as const).flatMap(([name, n]) =>
    wide(s, name, 0xb00 + n, 0xb80 + n, (which): Part[] => [{ low: 0, place: halfOf(s, name, which) }])),
  ...hardwareCounters(s, 'mhpmcounter', 0xb00, true),
  {
    name: 'mhpmevent', first: 0x323, last: 0x33f,
    ...(s.performanceCounters === 0n ? { read: () => word(s, 0) } : {
      read: (n: Term<12>) => ite<number>(isThere(s, n), get<number>(cell(s.mhpmevent, indexOf(n))), word(s, 0)),
      write: (v: Term, n: Term<12>) => [{ place: cell(s.mhpmevent, indexOf(n)), value: lowered(v, s.eventBits), when: isThere(s, n) }],
    }),
  },
]

/** Whether there is a counter of this number, from 3 up. */
const isThere = (s: State, number: Term<12>): Bool =>
  (s.performanceCounters === defaults.performanceCounters ? True : extract<1>(lshr<number>(constant<number>(32, s.performanceCounters), zeroExtend<number>(indexOf(number), 32)), 0, 0))
const lowered = (v: Term, bits: bigint): Term => havingBits(v.width, bits).becomes?.(v) ?? v

/** Counters 3 to 31; the high halves of RV32 are 128 numbers further. */
const hardwareCounters = (s: State, name: 'hpmcounter' | 'mhpmcounter', base: number, writable: boolean): Csr[] => {
  const counter = (n: Term<12>) => cell(s.mhpmcounter, indexOf(n)), some = s.performanceCounters !== 0n
  const bits = (1n << BigInt(s.performanceCounterBits)) - 1n
  const illegal: Csr['illegal'] = (access) => or(s.absentCounters === 'traps' ? not(isThere(s, access.number)) : False, refused(s)(access))
  const merged = (which: 'all' | 'low' | 'high', v: Term, old: Term<64>): Term<64> =>
    (which === 'all' ? v : which === 'low' ? concat(extract(old, 63, 32), v) : concat(v, extract(old, 31, 0))) as Term<64>
  const range = (which: 'all' | 'low' | 'high', first: number): Csr => ({
    name: which === 'high' ? `${name}h` : name, first, last: first + 28,
    read: (n) => half(some ? ite<64>(isThere(s, n), get(counter(n)), constant(64, 0)) : constant(64, 0), which),
    ...(writable ? !some ? {} : { write: (v: Term, n: Term<12>) => [{ place: counter(n), value: lowered(merged(which, v, get(counter(n))), bits) as Term<64>, when: isThere(s, n) }] } : { illegal }),
  })
  return s.xlen === 64 ? [range('all', base + 3)] : [range('low', base + 3), range('high', base + 0x83)]
}
