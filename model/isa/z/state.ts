// State of z/Architecture in 64-bit addressing mode: PSW fields, registers, storage keys, translation, subchannels, clocks.
import { bank, cell, get, register, type Cell, type Component, type Register } from '../../ir/state.ts'
import { add, all, and, concat, constant, eq, extract, ite, ne, not, or, sub, ule, type Bool, type Term } from '../../ir/term.ts'
import type { Access, Conjunct, Relocation } from '../../machine/isa.ts'

/** Storage in doublewords. */
export const E = bank('E', 61, 64, 'storage')
export const GR = bank('GR', 4, 64, 'general')
/** PSW bits 64 to 127: a byte address. */
export const IA = register('IA', 64, 'counter')
/** Problem state. */
export const P = register('P', 1, 'mode')
export const PER = register('PER-MASK', 1, 'control')
export const IO = register('IO-MASK', 1, 'control')
export const EXTERNAL = register('EXTERNAL-MASK', 1, 'control')
/** Dynamic address translation. */
export const T = register('T', 1, 'mapping')
export const KEY = register('KEY', 4, 'mapping')
export const M = register('M', 1, 'control')
export const W = register('W', 1, 'control')
/** Address-space control: 0 primary, 1 access-register mode, 2 secondary, 3 home. */
export const AS = register('AS', 2, 'mapping')
export const CC = register('CC', 2, 'general')
export const PROGRAM_MASK = register('PROGRAM-MASK', 4, 'general')
/** Access-control bits, fetch protection, reference and change of each block of 4,096 bytes. */
export const STORAGE_KEYS = bank('STORAGE-KEYS', 52, 7, 'mapping')
/** Control registers; 1, 7 and 13 designate the primary, secondary and home address spaces. */
export const CR: readonly Register<64>[] = Array.from({ length: 16 }, (_, n) => register(`CR${n}`, 64, n === 1 || n === 7 || n === 13 ? 'mapping' : 'control'))

export const PREFIX = register('PREFIX', 32, 'mapping')
/** Entries of translation tables held in buffers, told apart as far as the purging instructions need it. */
export const TLB = register('TLB', 8, 'mapping')
/** Validity of the linkage-table designation, in storage where CR5 says: the subsystem-linkage control. */
export const LTD_V = register('LTD.V', 1, 'control')
/** Entries of the linkage and entry tables by PC number: key masks, address and P, parameter. */
export const ENTRY = { keys: bank('ENTRY.keys', 20, 32, 'control'), address: bank('ENTRY.address', 20, 64, 'control'), parameter: bank('ENTRY.parameter', 20, 64, 'control') }

export const TOD = register('TOD-CLOCK', 64, 'control')
export const TOD_OFFSET = register('TOD-OFFSET', 64, 'control')
/** What STORE CLOCK EXTENDED appends to the clock. */
export const TOD_PROGRAMMABLE = register('TOD-PROGRAMMABLE', 16, 'control')
export const CLOCK_COMPARATOR = register('CLOCK-COMPARATOR', 64, 'control')
export const CPU_TIMER = register('CPU-TIMER', 64, 'control')
export const CPU_ID = register('CPU-ID', 64, 'control')
export const CPU_ADDRESS = register('CPU-ADDRESS', 16, 'control')
/** The facility list, of one doubleword. */
export const FACILITIES = register('FACILITIES', 64, 'control')
/** System information as STSI tells it. */
export const CONFIGURATION = register('CONFIGURATION', 64, 'control')
/** What START SUBCHANNEL and its like find out about a subchannel: the condition code. */
export const SUBCHANNELS = bank('SUBCHANNELS', 16, 2, 'control')
/** The other CPU: what SIGP has made of it. */
export const OTHER_CPU = register('OTHER-CPU', 8, 'control')
/** Whatever else DIAGNOSE and SIE reach. */
export const ELSEWHERE = register('ELSEWHERE', 8, 'control')

export const mapping: readonly Register[] = [T, KEY, AS, PREFIX, TLB, CR[1]!, CR[7]!, CR[13]!]
/** Control state of which a guest has its own; the facility list is not here: the guest runs on the CPU that it sees (W14). */
export const controlState: readonly Component[] = [
  PER, IO, EXTERNAL, M, W, STORAGE_KEYS, ...CR.filter((r) => r.role === 'control'), LTD_V, ...Object.values(ENTRY), TOD_PROGRAMMABLE, CLOCK_COMPARATOR, CPU_TIMER,
  CPU_ID, CPU_ADDRESS, CONFIGURATION, SUBCHANNELS, OTHER_CPU, ELSEWHERE,
]
export const components: readonly Component[] = [E, GR, IA, P, CC, PROGRAM_MASK, ...mapping, ...controlState, TOD, TOD_OFFSET, FACILITIES]

const asBits = (n: number): Term<2> => constant(2, n)
/** The address-space-control element in force. */
export const elementOf = (as: Term<2>): Term =>
  ite<number>(eq(as, asBits(2)), get(CR[7]!), ite<number>(eq(as, asBits(3)), get(CR[13]!), get(CR[1]!)))
/**
 * One-level stand-in for region, segment and page tables: pages lie in a row from the table's origin; the table length
 * bounds the two highest bits of the address, as it does in a region first table. A real space has no tables.
 */
export const translate = (element: Term, doubleword: Term): { invalid: Bool; real: Term } => {
  const realSpace = extract<1>(element, 5, 5)
  return {
    invalid: and(not(realSpace), not(ule(extract(doubleword, 60, 59), extract(element, 1, 0)))),
    real: add(doubleword, ite<number>(realSpace, constant(61, 0), concat(extract(element, 63, 12), constant(9, 0)))),
  }
}
/** The storage key of the block that holds a real doubleword. */
export const keyOf = (real: Term): Cell => cell(STORAGE_KEYS, extract<52>(real, 60, 9))
/** Where the PSW key does not let a store into the block. */
export const storeProtected = (real: Term): Bool => not(or(eq(get(KEY), constant(4, 0)), eq(extract<4>(get(keyOf(real)), 6, 3), get(KEY))))

export const relocation: Relocation = {
  storage: E,
  addressWidth: 61,
  develop: (doubleword: Term, access: Access) => {
    const { invalid, real } = translate(elementOf(get(AS)), doubleword), on = get(T)
    const to = ite<number>(on, real, doubleword), fault = and(on, invalid)
    return { fault: access === 'write' ? or(fault, storeProtected(to)) : fault, real: to }
  },
  reaches: (real) => {
    const element = elementOf(get(AS)), off = or(not(get(T)), extract<1>(element, 5, 5))
    const address = sub<number>(real, ite<number>(off, constant(61, 0), concat(extract(element, 63, 12), constant(9, 0))))
    return { mapped: not(and(get(T), translate(element, address).invalid)), address }
  },
}

const firstRegion = (n: number): Bool => eq(extract<2>(get(CR[n]!), 3, 2), constant(2, 3))
export const assumptions: readonly Conjunct[] = [
  { name: 'not in access-register mode', holds: ne(get(AS), asBits(1)), why: 'there the base register chooses the address space' },
  { name: 'region first tables', holds: all([1, 7, 13].map(firstRegion)), why: 'the stand-in for translation tables covers the whole 64-bit space' },
]
