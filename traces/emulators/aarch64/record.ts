// The records of the AArch64 test kernel: a trial's state as doublewords, and what they say afterwards.
import { declareState, reservedOnes, type SystemName } from '../../../model/isa/aarch64/state.ts'
import type { Answer, Trial } from '../bench.ts'

/** The real addresses that the kernel and the host agree on, which are virtual ones too; from `absent` on nothing is mapped. */
export const place = { roots: [0x10000, 0x18000], records: 0x400000, code: 0x280000, storage: 0x300000, alias: 0x600000, absent: 0xa00000 } as const
/** Pages of 4 KB that storage has here; a record holds the doublewords of storage that its trial names. */
export const pages = 16
/** TTBR0_EL1.BADDR: tables at such a page move storage by as many pages, as the specification has it. */
export const moved = place.roots.map((root) => root >> 12)
/** Q registers that a record holds. */
export const vectors = 8

export const recordSize = 160
/** In doublewords. */
const at = {
  SP_EL0: 32, SP_EL1: 33, NZCV: 34, DAIF: 35, SPSel: 36, EL: 37, vector: 39, instruction: 40,
  /** Where the exclusive monitor is set by a load; 0 for nowhere. */
  exclusive: 41,
  status: 42, link: 43, Q: 44, descriptors: 60, VBAR: 77, system: 78,
  /** How many doublewords of storage, and pairs of address and content. */
  storage: 120,
} as const
const mostStored = (recordSize - at.storage - 1) >> 1

/** In the kernel's order. */
const order: readonly SystemName[] = [
  'CPACR_EL1',
  'SCTLR_EL1', 'TTBR1_EL1', 'TCR_EL1', 'ESR_EL1', 'FAR_EL1', 'PAR_EL1', 'MAIR_EL1', 'CONTEXTIDR_EL1', 'TPIDR_EL1', 'TPIDR_EL0', 'TPIDRRO_EL0',
  'CNTKCTL_EL1', 'CNTP_CTL_EL0', 'CNTP_CVAL_EL0', 'CNTV_CTL_EL0', 'CNTV_CVAL_EL0', 'CNTFRQ_EL0', 'PMUSERENR_EL0', 'PMSELR_EL0', 'PMCCFILTR_EL0',
  'PMXEVTYPER_EL0', 'PMXEVCNTR_EL0', 'PMCCNTR_EL0', 'PMCR_EL0', 'MDSCR_EL1', 'CSSELR_EL1', 'FPCR', 'FPSR', 'DBGBVR0_EL1', 'DBGBCR0_EL1', 'OS Lock',
  'PMCNTENSET_EL0', 'PMINTENSET_EL1', 'PMOVSSET_EL0', 'TTBR0_EL1',
]
/** The fields of a system register with what shifting and masking them takes. */
const layoutOf = (name: SystemName) => ({
  name, ones: reservedOnes(name),
  fields: declareState().system[name].map((f) => ({ name: f.register.name, low: BigInt(f.low), mask: (1n << BigInt(f.register.width)) - 1n })),
})
type Layout = ReturnType<typeof layoutOf>
const laidDown: readonly Layout[] = order.map(layoutOf), SPSR = layoutOf('SPSR_EL1'), ELR = layoutOf('ELR_EL1'), VBAR = layoutOf('VBAR_EL1')
const status = [['N', 31], ['Z', 30], ['C', 29], ['V', 28], ['D', 9], ['A', 8], ['I', 7], ['F', 6]] as const
const usesSP1 = (registers: ReadonlyMap<string, bigint>): boolean => registers.get('EL') === 1n && registers.get('SPSel') === 1n
const inStorage = (doubleword: bigint): boolean => doubleword >= BigInt(place.storage >> 3) && doubleword < BigInt((place.storage + (pages + Math.max(...moved)) * 4096) >> 3)

export const recordOf = ({ instruction, word, before }: Trial): Uint8Array => {
  const view = new DataView(new ArrayBuffer(8 * recordSize))
  const put = (index: number, value: bigint | number): void => view.setBigUint64(8 * index, BigInt(value), true)
  const register = (name: string): bigint => before.registers.get(name) ?? 0n
  const cell = (bank: string, index: bigint): bigint => before.cells.get(bank)?.get(index) ?? 0n
  const wordOf = ({ fields, ones }: Layout): bigint => fields.reduce((w, f) => w | (register(f.name) << f.low), ones)
  for (let n = 0; n < 31; n++) put(n, cell('X', BigInt(n)))
  const SP1 = usesSP1(before.registers), EL = register('EL')
  put(at.SP_EL0, register(SP1 ? 'SP_EL0' : 'SP'))
  put(at.SP_EL1, register(SP1 ? 'SP' : 'SP_EL1'))
  const saved = status.map(([name, low]) => register(name) << BigInt(low))
  const [flags, masks] = [saved.slice(0, 4), saved.slice(4)].map((bits) => bits.reduce((a, b) => a | b, 0n)) as [bigint, bigint]
  put(at.NZCV, flags)
  put(at.DAIF, masks)
  put(at.SPSel, register('SPSel'))
  put(at.EL, EL)
  // EL0 is entered by ERET.
  put(at.status, EL === 0n ? flags | masks : wordOf(SPSR))
  put(at.link, EL === 0n ? place.code : wordOf(ELR))
  put(at.VBAR, wordOf(VBAR))
  put(at.instruction, word)
  if (/^STL?XR$/.test(instruction.name) && register('exclusive monitor') === 1n) {
    const base = (word >> 5n) & 31n
    put(at.exclusive, (base === 31n ? register('SP') : cell('X', base)) & ~7n)
  }
  for (let n = 0; n < vectors; n++) {
    const value = cell('Q', BigInt(n))
    put(at.Q + 2 * n, value)
    put(at.Q + 2 * n + 1, value >> 64n)
  }
  for (let n = 0; n < pages; n++) {
    const page = BigInt((place.storage >> 12) + n)
    if (cell('valid', page) === 1n) put(at.descriptors + n, (3n << 53n) | (page << 12n) | 0x703n | (cell('AP', page) << 6n))
  }
  laidDown.forEach((layout, i) => put(at.system + i, wordOf(layout)))
  const stored = [...before.cells.get('Memory') ?? []].filter(([a]) => inStorage(a)).slice(0, mostStored)
  put(at.storage, stored.length)
  stored.forEach(([a, value], i) => {
    put(at.storage + 1 + 2 * i, 8n * a)
    put(at.storage + 2 + 2 * i, value)
  })
  return new Uint8Array(view.buffer)
}

/** Exception classes that the instruction itself may raise. */
const causes: Readonly<Record<number, string>> = {
  0x00: 'undefined', 0x01: 'WFI or WFE', 0x07: 'floating point', 0x15: 'supervisor call', 0x18: 'system instruction', 0x24: 'data abort', 0x25: 'data abort',
  0x26: 'SP alignment', 0x3c: 'breakpoint',
}
/** Those by which control comes back from a branch: instruction aborts, a misaligned PC, Illegal Execution state. */
const ofFetches: ReadonlySet<number> = new Set([0x0e, 0x20, 0x21, 0x22])
/** Synchronous exceptions from EL1 with SP_EL0, with SP_EL1, and from EL0. */
const synchronous: ReadonlySet<number> = new Set([1, 5, 9])

/** `back` is where the kernel goes on after an instruction that has completed at EL1. */
export const answerOf = (record: Uint8Array | string, back: number): Answer => {
  if (typeof record === 'string') return { kind: 'lost', why: record }
  const view = new DataView(record.buffer, record.byteOffset)
  const word = (index: number): bigint => view.getBigUint64(8 * index, true)
  const of = (name: SystemName): bigint => word(at.system + order.indexOf(name))
  const vector = Number(word(at.vector)), link = word(at.link), code = Number((of('ESR_EL1') >> 26n) & 63n), said = `exception class 0x${code.toString(16)}`
  const cause = causes[code]
  if (vector !== 0) {
    if (!synchronous.has(vector)) return { kind: 'lost', why: `it comes back through vector ${vector}` }
    if (cause !== undefined && link === BigInt(code === 0x15 ? place.code + 4 : place.code)) return { kind: 'trapped', causes: [cause], said }
    if (!ofFetches.has(code)) return { kind: 'lost', why: `after the instruction comes ${said} at ${link.toString(16)}` }
  }
  const next = vector === 0 || link === BigInt(back) ? BigInt(place.code + 4) : link
  const saved = vector === 0 ? word(at.NZCV) | word(at.DAIF) : word(at.status)
  const registers = new Map<string, bigint>([
    ['PC', next >> 2n], ['IL', vector === 0 ? 0n : (saved >> 20n) & 1n], ['EL', vector === 0 ? 1n : (saved >> 2n) & 1n], ['SPSel', vector === 0 ? word(at.SPSel) : saved & 1n],
    ...status.map(([name, low]) => [name, (saved >> BigInt(low)) & 1n] as const),
  ])
  const split = ({ fields }: Layout, value: bigint): void => {
    for (const f of fields) registers.set(f.name, (value >> f.low) & f.mask)
  }
  // What came back by an exception has written where exceptions are described.
  laidDown.forEach((layout, i) => {
    if (vector === 0 || (layout.name !== 'ESR_EL1' && layout.name !== 'FAR_EL1')) split(layout, word(at.system + i) >> (layout.name === 'OS Lock' ? 1n : 0n))
  })
  split(VBAR, word(at.VBAR))
  if (vector === 0) {
    split(SPSR, word(at.status))
    split(ELR, link)
  }
  if (usesSP1(registers)) registers.set('SP', word(at.SP_EL1)).set('SP_EL0', word(at.SP_EL0))
  else registers.set('SP', word(at.SP_EL0)).set('SP_EL1', word(at.SP_EL1))
  const X = new Map(Array.from({ length: 31 }, (_, n) => [BigInt(n), word(n)] as const))
  const Q = new Map(Array.from({ length: vectors }, (_, n) => [BigInt(n), word(at.Q + 2 * n) | (word(at.Q + 2 * n + 1) << 64n)] as const))
  const Memory = new Map(Array.from({ length: Number(word(at.storage)) }, (_, i) => [word(at.storage + 1 + 2 * i) >> 3n, word(at.storage + 2 + 2 * i)] as const))
  return { kind: 'completed', after: { registers, cells: new Map([['X', X], ['Q', Q], ['Memory', Memory]]) } }
}
