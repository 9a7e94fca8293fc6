// The records of the AArch64 test kernel with EL2: a trial's state as doublewords, and what they say afterwards.
import { declareNested, fieldsOfControl, reservedOnesOfEL2, type Controls } from '../../../model/isa/aarch64/el2.ts'
import { reservedOnes, type SystemField, type SystemName } from '../../../model/isa/aarch64/state.ts'
import type { Answer, Trial } from '../bench.ts'
import { pages, place, realPages } from './place.ts'

export const recordSize = 128
/** In doublewords. */
const at = {
  SCTLR_EL2: 31, SP_EL0: 32, SP_EL2: 33, NZCV: 34, DAIF: 35, SPSel: 36, isEL2: 37, vector: 39, instruction: 40,
  /** Where the exclusive monitor is set by a load; 0 for nowhere. */
  exclusive: 41,
  SPSR_EL2: 42, ELR_EL2: 43, ESR_EL2: 44, VBAR_EL2: 45, SP_EL1: 46, TPIDR_EL2: 47, TTBR0_EL2: 48, VTTBR_EL2: 49, HCR_EL2: 50, CPTR_EL2: 51, system: 52, descriptors: 72,
  /** How many doublewords of storage, and pairs of address and content. */
  storage: 90,
} as const
const mostStored = (recordSize - at.storage - 1) >> 1

/** In the kernel's order. */
const order: readonly SystemName[] = [
  'CPACR_EL1', 'SCTLR_EL1', 'TTBR0_EL1', 'TTBR1_EL1', 'TCR_EL1', 'VBAR_EL1', 'SPSR_EL1', 'ELR_EL1', 'ESR_EL1', 'FAR_EL1', 'PAR_EL1', 'MAIR_EL1',
  'CONTEXTIDR_EL1', 'TPIDR_EL1', 'TPIDR_EL0', 'TPIDRRO_EL0', 'CNTKCTL_EL1', 'FPCR', 'FPSR',
]
/** A register's place in the record, and its fields with what shifting and masking them takes. */
const layoutOf = (index: number, fields: readonly SystemField[], ones: bigint) =>
  ({ index, ones, fields: fields.map((f) => ({ name: f.register.name, low: BigInt(f.low), mask: (1n << BigInt(f.register.width)) - 1n })) })
type Layout = ReturnType<typeof layoutOf>
const { system, el2 } = declareNested(false)
const ofEL1 = new Map(order.map((name, i): [SystemName, Layout] => [name, layoutOf(at.system + i, system[name], reservedOnes(name))]))
const ofEL2: readonly Layout[] = [
  ...(['SCTLR_EL2', 'HCR_EL2', 'CPTR_EL2', 'VBAR_EL2'] as const satisfies readonly Controls[]).map((name) => layoutOf(at[name], fieldsOfControl(el2, name), reservedOnesOfEL2(name))),
  layoutOf(at.TPIDR_EL2, [{ register: el2.TPIDR_EL2, low: 0 }], 0n),
  layoutOf(at.TTBR0_EL2, [{ register: el2.TTBR0_EL2, low: 12 }], 0n), layoutOf(at.VTTBR_EL2, [{ register: el2.VTTBR_EL2, low: 12 }], 0n),
]
/** Written by whatever comes back to EL2 by an exception. */
const ofReturn: readonly Layout[] = [el2.SPSR_EL2, el2.ELR_EL2, el2.ESR_EL2].map((r, i) => layoutOf(at.SPSR_EL2 + i, [{ register: r, low: 0 }], 0n))
const status = [['N', 31], ['Z', 30], ['C', 29], ['V', 28], ['D', 9], ['A', 8], ['I', 7], ['F', 6]] as const
const inStorage = (doubleword: bigint): boolean => doubleword >= BigInt(place.storage >> 3) && doubleword < BigInt((place.storage + realPages * 4096) >> 3)

/** What follows the instruction and gives control back: at EL1 a breakpoint, which goes to EL2, and at EL2 a branch to `back`. */
const breakpoint = 0xd4200000n
const branch = (back: number): bigint => BigInt((0x14000000 | (((back - (place.code + 4)) >> 2) & 0x3ffffff)) >>> 0)

export const recordOf = ({ instruction, word, before }: Trial, back: number): Uint8Array => {
  const view = new DataView(new ArrayBuffer(8 * recordSize))
  const put = (index: number, value: bigint | number, littleEndian = true): void => view.setBigUint64(8 * index, BigInt(value), littleEndian)
  const register = (name: string): bigint => before.registers.get(name) ?? 0n
  const cell = (bank: string, index: bigint): bigint => before.cells.get(bank)?.get(index) ?? 0n
  const lay = ({ index, fields, ones }: Layout): void => put(index, fields.reduce((w, f) => w | (register(f.name) << f.low), ones))
  // The kernel loads these when data are already in the state's order of bytes.
  for (let n = 0; n < 31; n++) put(n, cell('X', BigInt(n)), register('SCTLR_EL2.EE') === 0n)
  for (const layout of [...ofEL1.values(), ...ofEL2]) lay(layout)
  const isEL2 = register('at EL2') === 1n, selects = register('SPSel') === 1n
  const own = register(selects ? 'SP' : 'SP_ELx')
  put(at.SP_EL0, register(selects ? 'SP_EL0' : 'SP'))
  put(at.SP_EL1, isEL2 ? register('SP_EL1') : own)
  put(at.SP_EL2, isEL2 ? own : 0n)
  const saved = status.map(([name, low]) => register(name) << BigInt(low))
  const [flags, masks] = [saved.slice(0, 4), saved.slice(4)].map((bits) => bits.reduce((a, b) => a | b, 0n)) as [bigint, bigint]
  put(at.isEL2, register('at EL2'))
  if (isEL2) {
    put(at.NZCV, flags)
    put(at.DAIF, masks)
    put(at.SPSel, register('SPSel'))
    for (const layout of ofReturn) lay(layout)
  } else {
    put(at.SPSel, 1n)
    put(at.SPSR_EL2, flags | masks | 4n | register('SPSel'))
    put(at.ELR_EL2, place.code)
  }
  put(at.instruction, word | ((isEL2 ? branch(back) : breakpoint) << 32n))
  if (instruction.name === 'STXR' && register('exclusive monitor') === 1n) {
    const base = (word >> 5n) & 31n
    put(at.exclusive, (base === 31n ? register('SP') : cell('X', base)) & ~7n)
  }
  for (let n = 0; n < pages; n++) {
    const page = BigInt((place.storage >> 12) + n)
    if (cell('valid', page) === 1n) put(at.descriptors + n, (3n << 53n) | (page << 12n) | 0x703n | (cell('AP', page) << 6n))
  }
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
  0x00: 'undefined', 0x01: 'trap to EL2', 0x07: 'floating point', 0x15: 'supervisor call', 0x16: 'hypervisor call', 0x18: 'trap to EL2', 0x24: 'data abort', 0x25: 'data abort',
  0x26: 'SP alignment', 0x3c: 'breakpoint',
}
const calls: ReadonlySet<number> = new Set([0x15, 0x16])
/** Those by which control comes back from a branch: instruction aborts, a misaligned PC, Illegal Execution state. */
const ofFetches: ReadonlySet<number> = new Set([0x0e, 0x20, 0x21, 0x22])
/** Synchronous exceptions from EL2 with SP_EL0, with SP_EL2, and from the lower levels. */
const lower = 9, synchronous: ReadonlySet<number> = new Set([1, 5, lower])
/** EL1's vectors for synchronous exceptions. */
const vectorsOfEL1: ReadonlySet<bigint> = new Set([0n, 0x200n, 0x400n])

/** `back` is where the kernel goes on after an instruction that has completed at EL2. */
export const answerOf = (record: Uint8Array | string, back: number): Answer => {
  if (typeof record === 'string') return { kind: 'lost', why: record }
  const view = new DataView(record.buffer, record.byteOffset)
  const word = (index: number): bigint => view.getBigUint64(8 * index, true)
  const of = (name: SystemName): bigint => word(ofEL1.get(name)!.index)
  const classOf = (syndrome: bigint): number => Number((syndrome >> 26n) & 63n)
  const vector = Number(word(at.vector)), arrived = word(at.ELR_EL2)
  // EL1's vectors are where stage 2 maps nothing: an exception that EL1 takes comes to EL2 by the abort there.
  const byEL1 = vector === lower && classOf(word(at.ESR_EL2)) === 0x20 && vectorsOfEL1.has(arrived - of('VBAR_EL1'))
  const code = classOf(byEL1 ? of('ESR_EL1') : word(at.ESR_EL2)), link = byEL1 ? of('ELR_EL1') : arrived
  const said = `exception class 0x${code.toString(16)} at EL${byEL1 ? 1 : 2}`, cause = causes[code]
  const here = BigInt(place.code + 4), stopped = vector === lower && !byEL1 && code === 0x3c && link === here
  if (vector !== 0 && !stopped) {
    if (!synchronous.has(vector)) return { kind: 'lost', why: `it comes back through vector ${vector}` }
    if (cause !== undefined && link === BigInt(calls.has(code) ? place.code + 4 : place.code)) return { kind: 'trapped', causes: [cause], said }
    if (!ofFetches.has(code)) return { kind: 'lost', why: `after the instruction comes ${said} at ${link.toString(16)}` }
  }
  const next = vector === 0 || link === BigInt(back) ? here : link
  const saved = vector === 0 ? word(at.NZCV) | word(at.DAIF) | 8n | word(at.SPSel) : byEL1 ? of('SPSR_EL1') : word(at.SPSR_EL2)
  const level = (saved >> 2n) & 3n, isEL2 = level === 2n, selects = (saved & 1n) === 1n
  const registers = new Map<string, bigint>([
    ['PC', next >> 2n], ['IL', (saved >> 20n) & 1n], ['at EL2', isEL2 ? 1n : 0n], ['EL', level === 0n ? 0n : 1n], ['SPSel', saved & 1n],
    ...status.map(([name, low]) => [name, (saved >> BigInt(low)) & 1n] as const),
  ])
  const split = ({ index, fields }: Layout): void => {
    for (const f of fields) registers.set(f.name, (word(index) >> f.low) & f.mask)
  }
  for (const [name, layout] of ofEL1) if (!byEL1 || !['ESR_EL1', 'FAR_EL1', 'ELR_EL1', 'SPSR_EL1'].includes(name)) split(layout)
  for (const layout of vector === 0 ? [...ofEL2, ...ofReturn] : ofEL2) split(layout)
  const own = word(isEL2 ? at.SP_EL2 : at.SP_EL1)
  registers.set('SP', selects ? own : word(at.SP_EL0)).set(selects ? 'SP_EL0' : 'SP_ELx', selects ? word(at.SP_EL0) : own)
  if (isEL2) registers.set('SP_EL1', word(at.SP_EL1))
  const X = new Map(Array.from({ length: 31 }, (_, n) => [BigInt(n), word(n)] as const))
  const Memory = new Map(Array.from({ length: Number(word(at.storage)) }, (_, i) => [word(at.storage + 1 + 2 * i) >> 3n, word(at.storage + 2 + 2 * i)] as const))
  return { kind: 'completed', after: { registers, cells: new Map([['X', X], ['Memory', Memory]]) } }
}
