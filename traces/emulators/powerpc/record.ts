// The records of the PowerPC test kernel: a trial's state as words, and what the words say afterwards.
import { type Part, type State } from '../../../model/isa/powerpc/state.ts'
import type { Answer, Trial } from '../bench.ts'

/** The real addresses that the kernel and the host agree on; every end is the first address past. */
export const place = { low: 0x40000, code: 0x80000, records: 0x100000, storage: 0x200000, storageEnd: 0x210000, empty: 0x400000, memory: 0x1000000, devices: 0x80000000 } as const

export const recordWords = 224
/** In words. */
const at = {
  CR: 32, FPSCR: 177, MSR: 37, SPRG: 50, IBAT: 54, DBAT: 62, SR: 70, vector: 100, SRR0: 101, SRR1: 102, writesTlb: 103,
  /** The way in by a supervisor's MTMSR, the instruction, and what follows it. */
  code: 180,
  RESERVE: 108, FPR: 112,
  /** How many words of storage, and pairs of address and content. */
  storage: 192,
} as const
const mostStored = (recordWords - at.storage - 1) >> 1

const common = {
  XER: 33, LR: 34, CTR: 35, DSISR: 38, DAR: 39, DEC: 40, SRR0: 41, SRR1: 42, SDR1: 43, EAR: 44, TBL: 45, TBU: 46, HID0: 47, HID1: 48, IABR: 49,
  DBAT0U: 62, DBAT0L: 63,
}
const special = {
  '603e': ['DMISS', 'DCMP', 'HASH1', 'HASH2', 'IMISS', 'ICMP', 'RPA'],
  750: ['MMCR0', 'PMC1', 'PMC2', 'SIA', 'MMCR1', 'PMC3', 'PMC4', 'DABR', 'L2CR', 'ICTC', 'THRM1', 'THRM2', 'THRM3'],
} as const
/** Registers that only a TLB miss writes. */
export const missed: readonly string[] = ['DMISS', 'DCMP', 'HASH1', 'HASH2', 'IMISS', 'ICMP']
/** Special-purpose registers by their places in a record. */
const sprsOf = (processor: State['processor']): readonly (readonly [string, number])[] =>
  [...Object.entries(common), ...special[processor].flatMap((name, i): [string, number][] => (missed.includes(name) || name === 'SIA' ? [] : [[name, 86 + i]]))]
const sprs = { '603e': sprsOf('603e'), 750: sprsOf('750') } as const

/** A block of 256 MB from 0 for both modes, by which the kernel and the program are fetched. */
export const identity = { upper: 0x1fff, lower: 2 } as const

const swapped = (word: number): number => ((word & 0xff) << 24 | (word & 0xff00) << 8 | (word >>> 8) & 0xff00 | word >>> 24) >>> 0
const mfspr = (r: number, spr: number): number => (0x7c0002a6 | r << 21 | (spr & 31) << 16 | spr >> 5 << 11) >>> 0
/** What an interrupt overwrites is read before it, into registers that the instruction does not name. */
const reading = (name: string): boolean => name === 'mtspr SRR0' || name === 'mtspr SRR1'
const scratch = (word: bigint): readonly [number, number] => (Number(word >> 21n) & 30) === 2 ? [4, 5] : [2, 3]
/** SRR0, SRR1, r1, r2, MSR, and r0 from SPRG3. */
const wayIn = [0x7c5a03a6, 0x7c3b03a6, 0x80207fd0, 0x80407fd4, 0x7c000124, mfspr(0, 275)]
const codeOf = ({ instruction, word, before }: Trial): number[] => {
  const [a, b] = scratch(word)
  const code = [...wayIn, Number(word), ...(reading(instruction.name) ? [mfspr(a, 26), mfspr(b, 27)] : [0, 0])]
  return before.registers.get('MSR[LE]') === 1n ? code.map(swapped) : code
}

const partsAt = (parts: readonly Part[], before: ReadonlyMap<string, bigint>): bigint =>
  parts.reduce((w, { register, low }) => w | ((before.get(register.name) ?? 0n) << BigInt(low)), 0n)
const cut = (parts: readonly Part[], word: bigint): [string, bigint][] =>
  parts.map(({ register: { name, width }, low }) => [name, (word >> BigInt(low)) & ((1n << BigInt(width)) - 1n)])

export const recordOf = (trial: Trial, s: State): Uint8Array => {
  const { instruction, before } = trial
  const view = new DataView(new ArrayBuffer(4 * recordWords))
  const put = (index: number, value: bigint | number): void => view.setUint32(4 * index, Number(BigInt.asUintN(32, BigInt(value))))
  const cells = (bank: string): ReadonlyMap<bigint, bigint> => before.cells.get(bank) ?? new Map()
  const lay = (bank: string, index: number): void => { for (const [n, value] of cells(bank)) put(index + Number(n), value) }
  lay('GPR', 0)
  for (const [n, value] of cells('FPR')) view.setBigUint64(4 * (at.FPR + 2 * Number(n)), value)
  put(at.CR, before.registers.get('CR') ?? 0n)
  put(at.FPSCR, before.registers.get('FPSCR') ?? 0n)
  put(at.MSR, partsAt(s.msr, before.registers))
  for (const [name, index] of sprs[s.processor]) put(index, partsAt(s.spr[name]!, before.registers))
  lay('SPRG', at.SPRG)
  if (before.registers.get('MSR[PR]') === 0n) {
    // The way in ends with r0 from SPRG3.
    const shared = cells('GPR').get(0n) ?? cells('SPRG').get(3n) ?? 0n
    put(0, shared)
    put(at.SPRG + 3, shared)
  }
  lay('IBAT', at.IBAT)
  if (before.registers.get('MSR[IR]') === 1n) {
    put(at.IBAT, identity.upper)
    put(at.IBAT + 1, identity.lower)
  }
  lay('DBAT', at.DBAT)
  for (const [n, value] of cells('SR')) put(at.SR + Number(n), ((value >> 24n) << 28n) | (value & 0xffffffn))
  put(at.writesTlb, instruction.name.startsWith('tlbl') ? 1 : 0)
  codeOf(trial).forEach((w, i) => put(at.code + i, w))
  put(at.RESERVE, before.registers.get('RESERVE') ?? 0n)
  put(at.RESERVE + 1, 4n * (before.registers.get('reserved word') ?? 0n))
  const stored = [...cells('E')].filter(([a]) => inStorage(a)).slice(0, mostStored)
  put(at.storage, stored.length)
  stored.forEach(([a, value], i) => {
    put(at.storage + 1 + 2 * i, 4n * a)
    put(at.storage + 2 + 2 * i, value)
  })
  return new Uint8Array(view.buffer)
}

const inStorage = (wordAddress: bigint): boolean => 4n * wordAddress >= BigInt(place.storage) && 4n * wordAddress < BigInt(place.storageEnd)

const vectors: Readonly<Record<number, string>> = {
  0x300: 'DSI', 0x600: 'alignment', 0x800: 'floating-point unavailable', 0xc00: 'system call',
  // The table search finds nothing.
  0x1100: 'DSI', 0x1200: 'DSI',
}
const kinds: readonly (readonly [bigint, string])[] = [[0x80000n, 'illegal instruction'], [0x40000n, 'privileged instruction'], [0x20000n, 'trap']]
const program = 0x700, fetches = [0x400, 0x1000], decrementer = 0x900, trace = 0xd00

export const answerOf = ({ instruction, word, before }: Trial, record: Uint8Array | string, s: State): Answer => {
  if (typeof record === 'string') return { kind: 'lost', why: record }
  const view = new DataView(record.buffer, record.byteOffset)
  const read = (index: number): bigint => BigInt(view.getUint32(4 * index))
  const vector = Number(read(at.vector)), SRR0 = read(at.SRR0), SRR1 = read(at.SRR1)
  const own = Number(SRR0) === place.code || vector === 0xc00
  if (own || !(vector === program || fetches.includes(vector) || vector === decrementer || vector === trace)) {
    const cause = vector === program ? kinds.find(([bit]) => (SRR1 & bit) !== 0n)?.[1] : vectors[vector]
    return cause !== undefined && own ? { kind: 'trapped', causes: [cause], said: `vector ${vector.toString(16)}` } : { kind: 'lost', why: `it comes back by vector ${vector.toString(16)} at ${SRR0.toString(16)}` }
  }
  if (vector === program && (SRR1 & 0x80000n) === 0n) return { kind: 'lost', why: `the way back is interrupted with SRR1 ${SRR1.toString(16)}` }
  const more = reading(instruction.name)
  const registers = new Map<string, bigint>([
    ['CIA', (SRR0 - (more ? 8n : 0n)) >> 2n], ['CR', read(at.CR)], ['FPSCR', read(at.FPSCR)], ...cut(s.msr, SRR1 & 0xffffn),
  ])
  // No interrupt saves these two, and the emulator's clear the second.
  for (const name of ['MSR[POW]', 'MSR[ILE]']) registers.delete(name)
  for (const [name, index] of sprs[s.processor]) for (const [part, value] of cut(s.spr[name]!, read(index))) registers.set(part, value)
  // The way back from a little-endian interrupt takes longer than a tick.
  if (before.registers.get('MSR[ILE]') === 1n || registers.get('MSR[ILE]') === 1n) for (const name of ['TBL', 'TBU', 'DEC']) registers.delete(name)
  const [a, b] = scratch(word)
  for (const [name, r] of [['SRR0', a], ['SRR1', b]] as const) {
    if (more) registers.set(name, read(r))
    else registers.delete(name)
  }
  /** A bank's cells; one that the trial does not name is 0, and not told where it still is. */
  const row = (bank: string, first: number, count: number, from = 0): Map<bigint, bigint> => {
    const named = before.cells.get(bank), cells = new Map<bigint, bigint>()
    for (let n = from; n < count; n++) {
      const value = view.getUint32(4 * (first + n)), index = BigInt(n)
      if (value !== 0 || named?.has(index)) cells.set(index, BigInt(value))
    }
    return cells
  }
  const GPR = row('GPR', 0, 32), SPRG = row('SPRG', at.SPRG, 4), IBAT = row('IBAT', at.IBAT, 8)
  if (more) for (const r of [a, b]) GPR.delete(BigInt(r))
  /** What the bench has laid down for itself where the trial names nothing. */
  const forget = (bank: string, cells: Map<bigint, bigint>, ...own: bigint[]): void => {
    for (const n of own) if (!before.cells.get(bank)?.has(n)) cells.delete(n)
  }
  forget('GPR', GPR, 0n)
  forget('SPRG', SPRG, 3n)
  forget('IBAT', IBAT, 0n, 1n)
  const FPR = new Map<bigint, bigint>()
  for (let n = 0n; n < 32n; n++) {
    const value = view.getBigUint64(4 * (at.FPR + 2 * Number(n)))
    if (value !== 0n || before.cells.get('FPR')?.has(n)) FPR.set(n, value)
  }
  if (instruction.name === 'mffs') {
    // The high word is undefined.
    const D = (word >> 21n) & 31n
    FPR.set(D, 0xfff80000_00000000n | BigInt.asUintN(32, FPR.get(D) ?? 0n))
  }
  const SR = new Map([...row('SR', at.SR, 16)].map(([n, w]) => [n, ((w >> 28n) << 24n) | (w & 0xffffffn)]))
  const E = new Map(Array.from({ length: Number(read(at.storage)) }, (_, i) => [read(at.storage + 1 + 2 * i) >> 2n, read(at.storage + 2 + 2 * i)] as const))
  return { kind: 'completed', after: { registers, cells: new Map([['GPR', GPR], ['FPR', FPR], ['SPRG', SPRG], ['IBAT', IBAT], ['DBAT', row('DBAT', at.DBAT, 8, 2)], ['SR', SR], ['E', E]]) } }
}
