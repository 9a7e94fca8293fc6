// State of System/360, of its Model 67 and of System/370: PSW fields, registers, storage keys, translation, channels, clocks.
import { bank, cell, get, register, type Bank, type Cell, type Component, type Register } from '../../ir/state.ts'
import { add, and, concat, constant, eq, extract, False, ite, not, or, sub, ule, type Bool, type Term } from '../../ir/term.ts'
import type { Access, Relocation } from '../../machine/isa.ts'

export type Model = 's360' | 's360/67' | 's370' | 's370/das'

export interface Options {
  readonly model: Model
  /** Stores set the change bit and fetches the reference bit of the block's storage key. */
  readonly recording: boolean
  /** EXECUTE also takes a privileged subject instruction, which it finds in storage. */
  readonly privilegedSubjects: boolean
}

export interface State {
  readonly options: Options
  /** System/370 with EC mode, or the Model 67's extended PSW: dynamic address translation is there. */
  readonly translates: boolean
  readonly is370: boolean
  readonly das: boolean
  /** Storage in words of four bytes, which is how it is aligned. */
  readonly E: Bank
  readonly GR: Bank
  /** Bits 40 to 63 of the PSW: a byte address. */
  readonly IA: Register<24>
  /** Problem state. */
  readonly P: Register<1>
  /** Without its bit 5 where that is T. */
  readonly SYSTEM_MASK: Register
  readonly T: Register<1>
  /** Secondary-space mode, PSW bit 16 of the dual-address-space facility. */
  readonly S: Register<1>
  readonly KEY: Register<4>
  /** USASCII-8 codes for decimal results, System/360 only. */
  readonly A: Register<1>
  readonly M: Register<1>
  readonly W: Register<1>
  readonly CC: Register<2>
  readonly PROGRAM_MASK: Register<4>
  /** Access-control bits, fetch protection, reference and change of each block of 2,048 bytes. */
  readonly STORAGE_KEYS: Bank
  /** Control registers; one of them (two with the dual-address-space facility) is the translation. */
  readonly CR: readonly Register<32>[]
  /** What SIO, TIO and HIO find out about a device: the condition code. */
  readonly CHANNELS: Bank
  readonly DIRECT_OUT: Register<8>
  readonly DIRECT_IN: Register<8>
  /** Whatever else DIAGNOSE reaches. */
  readonly CHECKOUT: Register<8>
  readonly CLOCK: Register<64>
  readonly CLOCK_STATE: Register<2>
  readonly CLOCK_COMPARATOR: Register<64>
  readonly CPU_TIMER: Register<64>
  readonly CPU_ID: Register<64>
  readonly CPU_ADDRESS: Register<16>
  readonly CHANNEL_ID: Register<32>
  readonly PREFIX: Register<32>
  /** Entries of translation tables held in buffers, told apart as far as PTLB and IPTE need it. */
  readonly TLB: Register<8>
  /** The other processor: what SIGP has made of it. */
  readonly OTHER_CPU: Register<8>
}

export const declareState = (options: Options): State => {
  const is370 = options.model.startsWith('s370'), das = options.model === 's370/das'
  const table = options.model === 's360/67' ? [0] : das ? [1, 7] : [1]
  const control = <W extends number>(name: string, width: W): Register<W> => register(name, width, 'control')
  return {
    options, is370, das, translates: options.model !== 's360',
    E: bank('E', 22, 32, 'storage'),
    GR: bank('GR', 4, 32, 'general'),
    IA: register('IA', 24, 'counter'),
    P: register('P', 1, 'mode'),
    SYSTEM_MASK: control('SYSTEM-MASK', options.model === 's360' ? 8 : 7),
    T: register('T', 1, 'mapping'),
    S: register('S', 1, 'mapping'),
    KEY: register('KEY', 4, 'mapping'),
    A: control('A', 1), M: control('M', 1), W: control('W', 1),
    CC: register('CC', 2, 'general'),
    PROGRAM_MASK: register('PROGRAM-MASK', 4, 'general'),
    STORAGE_KEYS: bank('STORAGE-KEYS', 13, 7, 'mapping'),
    CR: Array.from({ length: 16 }, (_, n) => register(`CR${n}`, 32, table.includes(n) ? 'mapping' : 'control')),
    CHANNELS: bank('CHANNELS', 16, 2, 'control'),
    DIRECT_OUT: control('DIRECT-OUT', 8), DIRECT_IN: control('DIRECT-IN', 8), CHECKOUT: control('CHECKOUT', 8),
    CLOCK: control('TOD-CLOCK', 64), CLOCK_STATE: control('TOD-CLOCK-STATE', 2),
    CLOCK_COMPARATOR: control('CLOCK-COMPARATOR', 64), CPU_TIMER: control('CPU-TIMER', 64),
    CPU_ID: control('CPU-ID', 64), CPU_ADDRESS: control('CPU-ADDRESS', 16), CHANNEL_ID: control('CHANNEL-ID', 32),
    PREFIX: register('PREFIX', 32, 'mapping'), TLB: register('TLB', 8, 'mapping'),
    OTHER_CPU: control('OTHER-CPU', 8),
  }
}

/** Control state of which a guest has its own, which the real machine's need not equal. */
export const controlState = (s: State): Component[] => [
  s.SYSTEM_MASK, s.M, s.W, s.STORAGE_KEYS, s.CHANNELS, s.DIRECT_OUT, s.DIRECT_IN, s.CHECKOUT,
  ...(s.translates ? s.CR.filter((r) => r.role === 'control') : []),
  ...(s.is370 ? [s.CLOCK_COMPARATOR, s.CPU_TIMER, s.CPU_ID, s.CPU_ADDRESS, s.CHANNEL_ID, s.OTHER_CPU] : []),
]
export const mappingState = (s: State): Register[] => [
  s.KEY, ...(s.translates ? [s.T, ...s.CR.filter((r) => r.role === 'mapping')] : []), ...(s.das ? [s.S] : []),
  ...(s.is370 ? [s.PREFIX, s.TLB] : []),
]
export const components = (s: State): Component[] => [
  s.E, s.GR, s.IA, s.P, s.CC, s.PROGRAM_MASK, ...mappingState(s), ...controlState(s),
  ...(s.options.model === 's360' ? [s.A] : []), ...(s.is370 ? [s.CLOCK, s.CLOCK_STATE] : []),
]

/** The segment-table designation in force for an address space. */
const tableOf = (s: State): Term =>
  s.das ? ite<number>(get(s.S), get(s.CR[7]!), get(s.CR[1]!)) : get(s.CR[s.is370 ? 1 : 0]!)

/** One-level stand-in for segment and page tables: pages lie in a row from the origin, as many segments as the length says. */
export const translate = (table: Term, word: Term): { invalid: Bool; real: Term } => ({
  invalid: not(ule(extract(word, 21, 14), extract(table, 31, 24))),
  real: add(word, origin(table)),
})
const origin = (table: Term): Term<22> => concat(extract(table, 23, 12), constant(10, 0))

/** The storage key of the block that holds a real word. */
export const keyOf = (s: State, real: Term): Cell => cell(s.STORAGE_KEYS, extract(real, 21, 9))

/** Where the PSW key does not let a store into the block. */
const storeProtected = (s: State, real: Term): Bool =>
  not(or(eq(get(s.KEY), constant(4, 0)), eq(extract(get(keyOf(s, real)), 6, 3), get(s.KEY))))

export const relocation = (s: State): Relocation => {
  const T = s.translates ? get(s.T) : False
  const table = tableOf(s)
  const offset = s.translates ? ite<number>(T, origin(table), constant(22, 0)) : constant(22, 0)
  return {
    storage: s.E,
    addressWidth: 22,
    develop: (word: Term, access: Access) => {
      const real = add<number>(word, offset)
      const invalid = and(T, translate(table, word).invalid)
      return { fault: access === 'write' ? or(invalid, storeProtected(s, real)) : invalid, real }
    },
    reaches: (real) => {
      const address = sub<number>(real, offset)
      return { mapped: not(and(T, translate(table, address).invalid)), address }
    },
  }
}
