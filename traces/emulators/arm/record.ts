// The records of the ARM test kernel: a trial's state as words, and what the words say afterwards.
import { Mode, type Version } from '../../../model/isa/arm/state.ts'
import type { Answer, Trial } from '../bench.ts'

/** The real addresses that the kernel and the host agree on. */
export const place = { levelOne: 0x4000, levelTwo: 0xc000, records: 0x100000, code: 0x200000, storage: 0x300000, alias: 0xfff00000, stageTwo: 0x10000 } as const
/** Pages of 4 KB that storage has here; a record holds the words of storage that its trial names. */
export const pages = 16
/** TTBR0, in pages: a table at such an address moves storage as far, as the specification has it. */
export const tables = [place.levelOne >> 12, place.levelOne >> 11] as const
/** VTTBR, by the number of its tables: the pages by which stage 2 moves storage. */
export const moved = [0, pages] as const

export const recordWords = 128
/** In words; the banks of a mode are R13, R14 and, but for User mode, SPSR. */
const at = {
  banks: { usr: 13, svc: 15, abt: 18, irq: 24 }, CPSR: 30, PC: 31, vector: 64, link: 65, savedStatus: 66, instruction: 70,
  /** Where the exclusive monitor is set by a load; 0 for nowhere. */
  exclusive: 71, descriptors: 72,
  /** Of the Virtualization Extensions. */
  SCR: 40, HCR: 41, HDCR: 42, VPIDR: 43, VTTBR: 44, syndrome: 67,
  TTBR0: 46,
  /** How many words of storage, and pairs of address and content. */
  storage: 90,
} as const
const bankNames = ['usr', 'svc', 'abt', 'irq'] as const
const system: Readonly<Record<string, number>> = { DACR: 32, DFSR: 33, DFAR: 34, CONTEXTIDR: 35, TPIDRURW: 36, TPIDRURO: 37, TPIDRPRW: 38, 'PMUSERENR.EN': 39, PMCCNTR: 45, VBAR: 47, DBGDSCR: 48 }
const since7 = new Set(['TPIDRURW', 'TPIDRURO', 'TPIDRPRW', 'PMUSERENR.EN', 'PMCCNTR', 'VBAR', 'DBGDSCR'])
const hypBits = {
  HCR: { 'HCR.VM': 0, 'HCR.FMO': 3, 'HCR.IMO': 4, 'HCR.AMO': 5, 'HCR.TWI': 13, 'HCR.TWE': 14, 'HCR.TID1': 16, 'HCR.TID2': 17, 'HCR.TID3': 18, 'HCR.TAC': 21 },
  HDCR: { 'HDCR.TPM': 6, 'HDCR.TDA': 9 },
  /** Besides NS: FW and AW, so that CPSR.F and A are written as in Secure state, and HCE. */
  SCR: { 'SCR.NS': 0 },
} as const
const scr = 0x130n
const mostStored = (recordWords - at.storage - 1) >> 1

/** The fields of CPSR with their lowest bits and widths. */
const status = (version: Version): readonly (readonly [string, number, number])[] => [
  ['N', 31, 1], ['Z', 30, 1], ['C', 29, 1], ['V', 28, 1], ['Q', 27, 1], ['I', 7, 1], ['F', 6, 1], ['T', 5, 1], ['M', 0, 5],
  ...(version < 6 ? [] : [['J', 24, 1], ['GE', 16, 4], ['E', 9, 1], ['A', 8, 1]] as const),
]
const bankOf = (mode: number): number => (mode === Mode.sys ? Mode.usr & 15 : mode & 15)

export const recordOf = ({ word, before }: Trial, version: Version): Uint8Array => {
  const view = new DataView(new ArrayBuffer(4 * recordWords))
  const put = (index: number, value: bigint | number): void => view.setUint32(4 * index, Number(BigInt.asUintN(32, BigInt(value))), true)
  const register = (name: string): bigint => before.registers.get(name) ?? 0n
  const cell = (bank: string, index: number): bigint => before.cells.get(bank)?.get(BigInt(index)) ?? 0n
  for (let n = 0; n < 13; n++) put(n, cell('R', n))
  const current = bankOf(Number(register('M')))
  for (const name of bankNames) {
    const bank = Mode[name] & 15
    for (const which of [0, 1]) put(at.banks[name] + which, bank === current ? cell('R', 13 + which) : cell('R13, R14', 2 * bank + which))
    if (name !== 'usr') put(at.banks[name] + 2, cell('SPSR', bank))
  }
  put(at.CPSR, status(version).reduce((w, [name, low]) => w | (register(name) << BigInt(low)), 0n))
  put(at.PC, place.code)
  for (const [name, index] of Object.entries(system)) put(index, register(name))
  put(at.TTBR0, register('TTBR0') << 12n)
  put(at.instruction, word)
  put(at.exclusive, register('exclusive monitor') ? cell('R', Number((word >> 16n) & 15n)) & ~3n : 0n)
  for (let n = 0; n < pages; n++) {
    const ap = Number(cell('AP', (place.storage >> 12) + n)), frame = place.storage + 4096 * n
    put(at.descriptors + n, version === 7 ? frame | (ap << 4) | 3 : frame | (ap * 0x550) | 2)
  }
  const bits = (of: keyof typeof hypBits): bigint => Object.entries(hypBits[of]).reduce((w, [name, low]) => w | (register(name) << BigInt(low)), 0n)
  put(at.SCR, scr | bits('SCR'))
  put(at.HCR, bits('HCR'))
  put(at.HDCR, bits('HDCR'))
  put(at.VPIDR, register('VPIDR'))
  put(at.VTTBR, stageTwo(moved.findIndex((m) => BigInt(m) === register('VTTBR'))))
  const stored = [...before.cells.get('Memory') ?? []].filter(([a]) => inStorage(a)).slice(0, mostStored)
  put(at.storage, stored.length)
  stored.forEach(([a, value], i) => {
    put(at.storage + 1 + 2 * i, 4n * a)
    put(at.storage + 2 + 2 * i, value)
  })
  return new Uint8Array(view.buffer)
}

/** The real addresses that storage has by any tables. */
const inStorage = (wordAddress: bigint): boolean => wordAddress >= BigInt(place.storage >> 2) && wordAddress < BigInt((place.storage + (2 * pages + tables[1]) * 4096) >> 2)
/** Where the tables of stage 2 are, one page for each of three levels. */
export const stageTwo = (number: number): number => place.stageTwo + number * 0x3000

/** The vector by which the kernel got control back: the link's distance from the instruction, and the cause if it is the instruction's own. */
const vectors: Readonly<Record<number, { readonly cause: string; readonly distance: number }>> = {
  1: { cause: 'undefined', distance: 4 }, 2: { cause: 'supervisor call', distance: 4 }, 3: { cause: 'prefetch abort', distance: 4 }, 4: { cause: 'data abort', distance: 8 },
  8: { cause: 'Hyp trap', distance: 0 },
}
/** HSR.EC of HVC, whose return address is the next instruction's, and of aborts of stage 2. */
const hypervisorCall = 0x12, aborts: ReadonlySet<number> = new Set([0x20, 0x24])

export const answerOf = (record: Uint8Array | string, version: Version): Answer => {
  if (typeof record === 'string') return { kind: 'lost', why: record }
  const view = new DataView(record.buffer, record.byteOffset)
  const word = (index: number): bigint => BigInt(view.getUint32(4 * index, true))
  const number = Number(word(at.vector)), vector = vectors[number]
  if (!vector) return { kind: 'lost', why: `it comes back through vector ${number}` }
  const link = Number(word(at.link))
  if (number === 8) {
    const code = Number(word(at.syndrome)) >>> 26, said = `Hyp trap, exception class 0x${code.toString(16)}`, isCall = code === hypervisorCall
    return link === (isCall ? place.code + 4 : place.code) && !aborts.has(code) ? { kind: 'trapped', causes: [isCall ? 'hypervisor call' : 'Hyp trap'], said } : { kind: 'lost', why: `after the instruction comes ${said} at ${link.toString(16)}` }
  }
  const from = link - vector.distance
  if (from === place.code) return { kind: 'trapped', causes: [vector.cause], said: `vector ${4 * number}` }
  if (number === 2 || number === 4) return { kind: 'lost', why: `after the instruction comes vector ${4 * number} at ${from.toString(16)}` }
  const registers = new Map<string, bigint>([['PC', BigInt(from >>> 2)]])
  for (const [name, low, width] of status(version)) registers.set(name, (word(at.savedStatus) >> BigInt(low)) & ((1n << BigInt(width)) - 1n))
  for (const [name, index] of Object.entries(system)) if (version === 7 || !since7.has(name)) registers.set(name, word(index))
  registers.set('TTBR0', word(at.TTBR0) >> 12n)
  const R = new Map<bigint, bigint>(), others = new Map<bigint, bigint>(), SPSR = new Map<bigint, bigint>()
  for (let n = 0; n < 13; n++) R.set(BigInt(n), word(n))
  const current = bankOf(Number(registers.get('M')))
  for (const name of bankNames) {
    // What came back by an abort has written the banks of Abort mode.
    if (name === 'abt' && number === 3) continue
    const bank = Mode[name] & 15
    for (const which of [0, 1]) {
      if (bank === current) R.set(BigInt(13 + which), word(at.banks[name] + which))
      else others.set(BigInt(2 * bank + which), word(at.banks[name] + which))
    }
    if (name !== 'usr') SPSR.set(BigInt(bank), word(at.banks[name] + 2))
  }
  const stored = Number(word(at.storage))
  const Memory = new Map(Array.from({ length: stored }, (_, i) => [word(at.storage + 1 + 2 * i) >> 2n, word(at.storage + 2 + 2 * i)] as const))
  return { kind: 'completed', after: { registers, cells: new Map([['R', R], ['R13, R14', others], ['SPSR', SPSR], ['Memory', Memory]]) } }
}
