// The records of the SPARC test kernel: a trial's state as words, and what the words say afterwards.
import { causes } from '../../../model/isa/sparc/system.ts'
import type { Answer, Trial } from '../bench.ts'

/** The addresses that the kernel and the host agree on; every end is the first address past. */
export const place = {
  records: 0x40100000, storage: 0x40200000, storageEnd: 0x40210000, tables: 0x40400000, tablesEnd: 0x40410000,
  contexts: 0x40300000, levels: [0x40300400, 0x40300800, 0x40300900], empty: 0x40800000, code: 0x41000000, devices: 0x80000000,
} as const

export const recordWords = 256
/** In words. */
const at = {
  below: 0, windows: 8, f: 136, FSR: 168, Y: 169, WIM: 171, TBR: 172, PC: 173, nPC: 174, instruction: 175,
  /** By RETT from the window below, or by WRPSR. */
  PSR: 170, wrpsr: 176,
  trap: { asr17: 170, PSR: 177, TBR: 178, PC: 179, nPC: 180, WIM: 181, Y: 182 },
  MMU: 183, context: 184,
  /** How many words of storage, and pairs of address and content; those of the page tables have odd addresses, and are cleared. */
  storage: 185,
} as const
const mostStored = 16
const fields: readonly (readonly [name: string, low: number, width: number])[] =
  [['n', 23, 1], ['z', 22, 1], ['v', 21, 1], ['c', 20, 1], ['EC', 13, 1], ['EF', 12, 1], ['PIL', 8, 4]]

/** The cell of the context table pointer: word 40 (hex) of the alternate space 4. */
export const contextTable = (4n << 30n) | 0x40n
export const contextPointer = BigInt(place.contexts >>> 4)
const pages = (place.storageEnd - place.storage) >> 12
const pointer = (table: number): bigint => BigInt(table >>> 4 | 1)
const entry = (frame: number, ACC: number | bigint): bigint => BigInt(frame << 8 | 2) | (BigInt(ACC) << 2n)
/** What is always there: 16 MB of the kernel for supervisors, and 16 MB of the program, to be executed only. */
export const fixedTables: readonly (readonly [number, bigint])[] =
  [[place.contexts, pointer(place.levels[0])], [place.levels[0] + 4 * 0x40, entry(0x40000, 7)], [place.levels[0] + 4 * 0x41, entry(0x41000, 4)]]
/** Storage with the difference of its frames to its pages: words that are there for one trial. */
const pageTables = (difference: bigint, ACC: bigint): (readonly [bigint, bigint])[] => {
  const page = Number(BigInt.asUintN(20, BigInt(place.storage >>> 12) - difference)), [one, two, three] = place.levels
  const at = (table: number, index: number): bigint => BigInt(table + 4 * index + 1)
  return [
    [at(one, page >> 12), pointer(two)], [at(two, (page >> 6) & 63), pointer(three)],
    ...Array.from({ length: pages }, (_, n) => [at(three, (page & 63) + n), entry((place.storage >>> 12) + n, ACC)] as const),
  ]
}

export const recordOf = ({ word, before }: Trial): Uint8Array => {
  const view = new DataView(new ArrayBuffer(4 * recordWords))
  const put = (index: number, value: bigint | number): void => view.setUint32(4 * index, Number(BigInt.asUintN(32, BigInt(value))))
  const register = (name: string): bigint => before.registers.get(name) ?? 0n
  const lay = (bank: string, index: number): void => { for (const [n, value] of before.cells.get(bank) ?? []) put(index + Number(n), value) }
  lay('globals', 0)
  lay('windows', at.windows)
  lay('f', at.f)
  put(at.FSR, register('FSR'))
  put(at.Y, register('Y'))
  const next = register('nPC') === BigInt(place.code / 4 + 1), wrpsr = next && register('PSR.S') === 1n
  const CWP = register('PSR.CWP'), below = (CWP + 7n) & 7n
  const PSR = fields.reduce((w, [name, low]) => w | (register(`PSR.${name}`) << BigInt(low)), 0x80n)
  put(at.below, below)
  put(at.PSR, PSR | (wrpsr ? (register('PSR.PS') << 6n) | (register('PSR.ET') << 5n) | CWP : (register('PSR.S') << 6n) | below))
  put(at.wrpsr, wrpsr ? 1 : 0)
  put(at.WIM, register('WIM'))
  put(at.TBR, (register('TBR.TBA') << 12n) | (register('TBR.tt') << 4n))
  put(at.PC, place.code)
  put(at.nPC, 4n * register('nPC'))
  put(at.instruction, word)
  const stored = [...before.cells.get('E') ?? []].filter(([a]) => inStorage(a)).slice(0, mostStored)
  const words = [...stored.map(([a, value]) => [4n * a, value] as const), ...(register('MMU.E') === 1n ? pageTables(register('PPN - VPN'), register('ACC')) : [])]
  put(at.MMU, register('MMU.E'))
  put(at.context, register('MMU.E') === 1n ? contextPointer : before.cells.get('alternate spaces')?.get(contextTable) ?? contextPointer)
  put(at.storage, words.length)
  words.forEach(([a, value], i) => {
    put(at.storage + 1 + 2 * i, a)
    put(at.storage + 2 + 2 * i, value)
  })
  return new Uint8Array(view.buffer)
}

const inStorage = (wordAddress: bigint): boolean => 4n * wordAddress >= BigInt(place.storage) && 4n * wordAddress < BigInt(place.storageEnd)

/** Traps of what stands at a branch's target: a word of 0, or nothing. */
const returns = [0x01, 0x02]

export const answerOf = ({ instruction, word, before }: Trial, record: Uint8Array | string): Answer => {
  if (typeof record === 'string') return { kind: 'lost', why: record }
  const view = new DataView(record.buffer, record.byteOffset)
  const read = (index: number): bigint => BigInt(view.getUint32(4 * index))
  const TBR = read(at.trap.TBR), tt = Number((TBR >> 4n) & 0xffn), PC = read(at.trap.PC), PSR = read(at.trap.PSR)
  if (Number(PC) === place.code || !returns.includes(tt)) {
    const named = tt >= causes.trap_instruction ? ['trap_instruction'] : Object.entries(causes).flatMap(([cause, code]) => ((code & 0xff) === tt ? [cause] : []))
    return named.length > 0 && Number(PC) === place.code ? { kind: 'trapped', causes: named, said: `trap type ${tt.toString(16)}` }
      : { kind: 'lost', why: `it comes back by trap type ${tt.toString(16)} at ${PC.toString(16)}` }
  }
  const CWP = ((PSR & 7n) + 1n) & 7n
  const registers = new Map<string, bigint>([
    ['PC', PC >> 2n], ['nPC', read(at.trap.nPC) >> 2n], ['FSR', read(at.FSR)], ['Y', read(at.trap.Y)], ['WIM', read(at.trap.WIM)], ['MMU.E', read(at.MMU) & 1n], ['TBR.TBA', TBR >> 12n],
    ['PSR.S', (PSR >> 6n) & 1n], ['PSR.CWP', CWP],
    ...fields.flatMap(([name, low, width]): [string, bigint][] => (name === 'EC' ? [] : [[`PSR.${name}`, (PSR >> BigInt(low)) & ((1n << BigInt(width)) - 1n)]])),
  ])
  /** A bank's cells; one that the trial does not name is 0, and not told where it still is. */
  const row = (bank: string, first: number, count: number): Map<bigint, bigint> => {
    const named = before.cells.get(bank), cells = new Map<bigint, bigint>()
    for (let n = 0; n < count; n++) {
      const value = view.getUint32(4 * (first + n)), index = BigInt(n)
      if (value !== 0 || named?.has(index)) cells.set(index, BigInt(value))
    }
    return cells
  }
  if (before.registers.has('%asr17')) registers.set('%asr17', read(at.trap.asr17))
  const globals = row('globals', 0, 8), windows = row('windows', at.windows, 128)
  globals.delete(0n)
  // The way in goes through the locals of the window below, and the way back through those of what is then the window below.
  const below = (window: bigint): bigint => ((window + 7n) & 7n) * 16n + 8n
  const rd = (word >> 25n) & 31n
  for (let n = 0n; n < 8n; n++) {
    if (!(instruction.name === 'SAVE' && rd === 16n + n)) windows.delete(below(before.registers.get('PSR.CWP')!) + n)
    windows.delete(below(CWP) + n)
  }
  const E = new Map(Array.from({ length: Number(read(at.storage)) }, (_, i) => [read(at.storage + 1 + 2 * i) >> 2n, read(at.storage + 2 + 2 * i)] as const).filter(([a]) => inStorage(a)))
  const alternate = new Map(before.registers.get('MMU.E') === 0n && before.cells.get('alternate spaces')?.has(contextTable) ? [[contextTable, read(at.context)]] : [])
  return { kind: 'completed', after: { registers, cells: new Map([['globals', globals], ['windows', windows], ['f', row('f', at.f, 32)], ['E', E], ['alternate spaces', alternate]]) } }
}
