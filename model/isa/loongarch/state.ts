// State of LoongArch, 64-bit and 32-bit reduced: general and floating-point registers, translation, the TLB, counters.
import { bank, cell, get, register, type Bank, type Component, type Register } from '../../ir/state.ts'
import { constant, eq, ite, type Bool, type Term } from '../../ir/term.ts'
import { declareCsrs, type Csr, type Fields } from './csr.ts'

/** LA64, or the reduced 32-bit architecture. */
export type Architecture = 'la64' | 'la32r'

/** Entries of the TLB, all in the fully associative MTLB. */
export const entries = 16
/** Width of a legal virtual address in LA64; the bits above repeat the highest one. */
export const VALEN = 48

export interface State {
  readonly architecture: Architecture
  readonly GRLEN: 64 | 32
  /** Storage in cells of GRLEN bits: a bit for what the page table maps, and an address. */
  readonly E: Bank
  /** General registers; cell 0 is not used. */
  readonly GR: Bank
  readonly FR: Bank<5, 64>
  readonly CFR: Bank<3, 1>
  readonly FCSR0: Register<32>
  /** In words. */
  readonly PC: Register
  readonly LLbit: Register<1>
  readonly csrs: readonly Csr[]
  /** Every field of a control and status register, by `CSR.FIELD`. */
  readonly field: Fields
  /** What the page table does with all addresses that no window maps: the entry written last. */
  readonly page: {
    /** Physical minus virtual address, in pages of 4 KiB. */
    readonly relocation: Register
    readonly V: Register<1>
    readonly D: Register<1>
    readonly PLV: Register<2>
    readonly NR: Register<1>
    readonly RPLV: Register<1>
  }
  /** Entries as TLBEHI's VPPN, PS, ASID, G and the two TLBELO; `exists` has a bit for each. */
  readonly TLB: {
    readonly VPPN: Bank; readonly PS: Bank; readonly ASID: Bank; readonly G: Bank; readonly LO0: Bank; readonly LO1: Bank
    readonly exists: Register
  }
  readonly PMCFG: Bank<5, number>
  readonly PMCNT: Bank<5, number>
  /** The stable counter, which every RDTIME instruction reads. */
  readonly StableCounter: Register<64>
  /** IOCSR space by bytes. */
  readonly IOCSR: Bank<32, 8>
  /** What CPUCFG tells of the processor. */
  readonly CPUCFG: Bank<32, 32>
  /** Cache tags: the cache and a line of it. */
  readonly tags: Bank<13, number>
  readonly IDLE: Register<1>
}

export const declareState = (architecture: Architecture): State => {
  const wide = architecture === 'la64', GRLEN = wide ? 64 : 32
  const { csrs, field } = declareCsrs(architecture)
  const tlb = (name: string, width: number): Bank => bank<number, number>(`TLB.${name}`, 4, width, 'mapping', entries)
  const mapping = <W extends number>(name: string, width: W): Register<W> => register(`page.${name}`, width, 'mapping')
  const entryLow = csrs.find((c) => c.name === 'TLBELO0')!.fields.reduce((n, f) => n + f.register.width, 0)
  return {
    architecture, GRLEN, csrs, field,
    E: bank<number, number>('E', wide ? 62 : 31, GRLEN, 'storage'),
    GR: bank<number, number>('GR', 5, GRLEN, 'general'),
    FR: bank('FR', 5, 64, 'general'),
    CFR: bank('CFR', 3, 1, 'general'),
    FCSR0: register('FCSR0', 32, 'general'),
    PC: register<number>('PC', GRLEN - 2, 'counter'),
    LLbit: register('LLbit', 1, 'general'),
    page: {
      relocation: mapping<number>('PPN - VPN', GRLEN - 12), V: mapping('V', 1), D: mapping('D', 1), PLV: mapping('PLV', 2),
      NR: mapping('NR', 1), RPLV: mapping('RPLV', 1),
    },
    TLB: {
      VPPN: tlb('VPPN', field['TLBEHI.VPPN']!.width), PS: tlb('PS', 6), ASID: tlb('ASID', 10), G: tlb('G', 1),
      LO0: tlb('LO0', entryLow), LO1: tlb('LO1', entryLow), exists: register<number>('TLB.E', entries, 'mapping'),
    },
    PMCFG: bank<5, number>('PMCFG', 5, GRLEN, 'control'),
    PMCNT: bank<5, number>('PMCNT', 5, GRLEN, 'control'),
    StableCounter: register('StableCounter', 64, 'control'),
    IOCSR: bank('IOCSR', 32, 8, 'control'),
    CPUCFG: bank('CPUCFG', 32, 32, 'control'),
    tags: bank<13, number>('cache tags', 13, GRLEN, 'control'),
    IDLE: register('IDLE', 1, 'control'),
  }
}

const pageRegisters = (s: State): readonly Register[] =>
  s.architecture === 'la64' ? Object.values(s.page) : [s.page.relocation, s.page.V, s.page.D, s.page.PLV]
const tlbState = (s: State): readonly Component[] => Object.values(s.TLB)
const la64Only = (s: State): readonly Component[] => (s.architecture === 'la64' ? [s.PMCFG, s.PMCNT, s.IOCSR, s.CPUCFG] : [])

export const components = (s: State): readonly Component[] => [
  s.E, s.GR, s.FR, s.CFR, s.FCSR0, s.PC, s.LLbit, ...s.csrs.flatMap((c) => c.fields.map((f) => f.register)),
  ...pageRegisters(s), ...tlbState(s), s.StableCounter, s.tags, s.IDLE, ...la64Only(s),
]
/** What decides where an address leads: the direct-mapping windows, the translation mode and the page table's mapping. */
export const mappingState = (s: State): readonly Register[] =>
  [...s.csrs.flatMap((c) => c.fields.map((f) => f.register)).filter((r) => r.role === 'mapping'), ...pageRegisters(s)]
/** What a VMM keeps for itself. CPUCFG is not here: the guest runs on the processor that it sees (W14). */
export const controlState = (s: State): readonly Component[] =>
  [...components(s).filter((c) => c.role === 'control' && c !== s.CPUCFG), ...tlbState(s)]

/** The privilege level of CRMD. */
export const PLV = (s: State): Term<2> => get(s.field['CRMD.PLV']!) as Term<2>
export const inPLV = (s: State, level: number): Bool => eq(PLV(s), constant(2, level))

/** General register n; register 0 is 0. */
export const GR = (s: State, n: Term): Term =>
  ite<number>(eq(n, constant(5, 0)), constant(s.GRLEN, 0), get(cell<number, number>(s.GR, n)))
/** A field of a control and status register by `CSR.FIELD`. */
export const csr = (s: State, name: string): Term => get(s.field[name]!)
