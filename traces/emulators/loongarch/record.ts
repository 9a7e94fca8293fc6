// The records of the LoongArch test kernel: a trial's state as doublewords, and what they say afterwards.
import type { Csr } from '../../../model/isa/loongarch/csr.ts'
import { declareState, entries } from '../../../model/isa/loongarch/state.ts'
import type { Answer, Contents, Trial } from '../bench.ts'
import { symbols } from './kernel.ts'

/** Real addresses that the kernel and the host agree on; from `absent` on there is no storage. */
export const place = { vectors: 0x10000, refill: 0x13000, resumed: 0x14000, programEnd: 0x18000, records: 0x100000, storage: 0x01000000, storageEnd: 0x02000000, absent: 0x04000000 } as const
export const programAt = symbols.instruction
const program = BigInt(programAt), back = BigInt(symbols.back)

export const recordSize = 208
/** In doublewords. */
const at = { FR: 32, CFR: 64, FCSR0: 65, stub: 66, how: 69, CRMD: 70, link: 71, linked: 72, CSR: 73, stored: 119, storage: 120, entryCount: 127, TLB: 128 } as const
const mostStored = 3
/** What BADI and ESTAT say after the SYSCALL that the kernel executes first. */
export const saved = { BADI: 0x002b0000n, Ecode: 11n } as const

const { csrs } = declareState('la64')
const named = (name: string): Csr => csrs.find((c) => c.name === name)!
/** In the kernel's order. */
const order = [
  'EUEN', 'ECFG', 'ESTAT', 'EENTRY', 'PRMD', 'ERA', 'BADV', 'TLBIDX', 'TLBEHI', 'TLBELO0', 'TLBELO1', 'ASID', 'PGDL', 'PGDH', 'PWCL', 'PWCH', 'SAVE0', 'SAVE1', 'SAVE2', 'SAVE3',
  'TID', 'TCFG', 'CNTC', 'TLBRENTRY', 'TLBRBADV', 'TLBRERA', 'TLBRSAVE', 'TLBRELO0', 'TLBRELO1', 'TLBREHI', 'TLBRPRMD', 'MERRCTL', 'MERRENTRY', 'MERRERA', 'MERRSAVE', 'CTAG',
  'DMW0', 'DMW1', 'DMW2', 'DMW3', 'DBG', 'DERA', 'DSAVE', 'LLBCTL',
].map(named)
const CRMD = named('CRMD')
/** Registers of less than 64 bits, which are extended by their sign. */
export const extended: ReadonlyMap<string, number> = new Map([['TLBIDX', 32], ['PWCL', 32], ['TID', 32], ['TLBEHI', 48], ['TLBREHI', 48]])
type Registers = ReadonlyMap<string, bigint>
const imageOf = ({ name, fields }: Csr, registers: Registers): bigint => {
  const image = fields.reduce((w, f) => w | ((registers.get(f.register.name) ?? 0n) << BigInt(f.low)), 0n)
  return BigInt.asUintN(64, BigInt.asIntN(extended.get(name) ?? 64, image))
}

/** The entries of the emulated MTLB that stand for the model's follow the STLB's; the program has the last one. */
const firstEntry = 2048n, programEntry = firstEntry + 63n, dataEntry = firstEntry + 32n
const flags = { V: 1n, G: 1n << 6n } as const
const ofTlb = /^(TLB|INVTLB)/
/** Address in cells to address in bytes, where the page table does not map it: only the lower 48 bits are looked at. */
const realOf = (index: bigint): bigint => (index >> 61n ? 8n * BigInt.asUintN(61, index) : 8n * BigInt.asUintN(45, index))
const inStorage = (index: bigint): boolean => realOf(index) >= BigInt(place.storage) && realOf(index) < BigInt(place.storageEnd)
const mappedAddress = (index: bigint, registers: Registers): bigint => BigInt.asUintN(64, 8n * index - ((registers.get('page.PPN - VPN') ?? 0n) << 12n))
const addressOf = (index: bigint, registers: Registers): bigint => (index >> 61n ? mappedAddress(index, registers) : BigInt.asUintN(64, 8n * index))

/** TLBIDX, TLBEHI, TLBELO0, TLBELO1, ASID. */
type Entry = readonly [bigint, bigint, bigint, bigint, bigint]

/** A TLBELO as the model packs it, without the bits between its fields: PPN, RPLV to NR, and V to G. */
const unpacked = (name: string, packed: bigint): bigint => {
  let high = named(name).fields.reduce((n, f) => n + f.register.width, 0)
  return named(name).fields.reduce((image, f) => {
    high -= f.register.width
    return image | (BigInt.asUintN(f.register.width, packed >> BigInt(high)) << BigInt(f.low))
  }, 0n)
}
const packedOf = (name: string, image: bigint): bigint =>
  named(name).fields.reduce((packed, f) => (packed << BigInt(f.register.width)) | BigInt.asUintN(f.register.width, image >> BigInt(f.low)), 0n)

const entriesOf = ({ instruction, before: { registers, cells } }: Trial): readonly Entry[] => {
  const register = (name: string): bigint => registers.get(name) ?? 0n
  const cell = (bank: string, index: number): bigint => cells.get(bank)?.get(BigInt(index)) ?? 0n
  if (ofTlb.test(instruction.name) && register('CRMD.DA') === 1n) return Array.from({ length: entries }, (_, n): Entry => {
    const exists = (register('TLB.E') >> BigInt(n)) & 1n, G = cell('TLB.G', n) === 1n ? flags.G : 0n
    const low = (name: 'LO0' | 'LO1'): bigint => (unpacked(`TLBE${name}`, cell(`TLB.${name}`, n)) & ~flags.G) | G
    return [(firstEntry + BigInt(n)) | (cell('TLB.PS', n) << 24n) | ((exists ^ 1n) << 31n), cell('TLB.VPPN', n) << 13n, low('LO0'), low('LO1'), cell('TLB.ASID', n)]
  })
  const pages = [...new Set([...cells.get('E') ?? []].filter(([i]) => i >> 61n).map(([i]) => mappedAddress(i, registers) & ~0x7fffn))].slice(0, mostStored)
  const rights = register('page.V') | (register('page.D') << 1n) | (register('page.PLV') << 2n) | flags.G | (register('page.NR') << 61n) | (register('page.RPLV') << 63n)
  const low = (address: bigint): bigint => rights | (BigInt.asUintN(36, (address >> 12n) + register('page.PPN - VPN')) << 12n)
  const of = (page: number): bigint => BigInt(page) | flags.G | (3n << 2n) | flags.V
  return [
    ...pages.map((page, n): Entry => [(dataEntry + BigInt(n)) | (14n << 24n), BigInt.asUintN(48, page), low(page), low(page + 0x4000n), 0n]),
    // The kernel's code, and the program.
    [programEntry | (14n << 24n), BigInt(place.vectors), of(place.vectors), of(place.vectors + 0x4000), 0n],
  ]
}

export const recordOf = (trial: Trial): Uint8Array => {
  const { instruction, word, before: { registers, cells } } = trial
  const view = new DataView(new ArrayBuffer(8 * recordSize))
  const put = (index: number, value: bigint | number): void => view.setBigUint64(8 * index, BigInt(value), true)
  const cell = (bank: string, index: number): bigint => cells.get(bank)?.get(BigInt(index)) ?? 0n
  for (let n = 1; n < 31; n++) put(n, cell('GR', n))
  for (let n = 0; n < 32; n++) put(at.FR + n, cell('FR', n))
  for (let n = 0; n < 8; n++) view.setUint8(8 * at.CFR + n, Number(cell('CFR', n)))
  put(at.FCSR0, registers.get('FCSR0') ?? 0n)
  const last = cell('GR', 31)
  const part = (width: number, low: number): number => Number(BigInt.asUintN(width, last >> BigInt(low)))
  const stub = [
    0x14000000 | (part(20, 12) << 5) | 31, 0x03800000 | (part(12, 0) << 10) | (31 << 5) | 31, 0x16000000 | (part(20, 32) << 5) | 31,
    0x03000000 | (part(12, 52) << 10) | (31 << 5) | 31, Number(word),
  ]
  stub.forEach((w, i) => { view.setUint32(8 * at.stub + 4 * i, w >>> 0, true) })
  put(at.CRMD, imageOf(CRMD, registers))
  order.forEach((c, i) => put(at.CSR + i, imageOf(c, registers) | (c.name === 'TLBIDX' && ofTlb.test(instruction.name) ? firstEntry : 0n)))
  const all = [...cells.get('E') ?? []], stored = all.filter(([i]) => inStorage(i)).slice(0, mostStored)
  put(at.stored, stored.length)
  stored.forEach(([i, value], n) => {
    put(at.storage + 2 * n, realOf(i))
    put(at.storage + 2 * n + 1, value)
  })
  const isLinked = instruction.name === 'SC.W' && registers.get('LLbit') === 1n, address = linkedAddress(trial)
  put(at.link, isLinked ? address & ~7n : BigInt(place.storageEnd))
  put(at.linked, all.find(([i]) => addressOf(i, registers) === (address & ~7n))?.[1] ?? 0n)
  put(at.how, isLinked ? address & 4n : 0n)
  const entered = entriesOf(trial)
  put(at.entryCount, entered.length)
  entered.forEach((entry, n) => entry.forEach((value, k) => put(at.TLB + 5 * n + k, value)))
  return new Uint8Array(view.buffer)
}

/** Where SC.W refers to. */
const linkedAddress = ({ word, before }: Trial): bigint => {
  const n = (word >> 5n) & 31n, base = n === 0n ? 0n : before.cells.get('GR')?.get(n) ?? 0n
  return BigInt.asUintN(64, base + 4n * BigInt.asIntN(14, word >> 10n))
}

const causes: Readonly<Record<number, string>> = {
  1: 'address translation', 2: 'address translation', 4: 'address translation', 5: 'address translation', 7: 'address translation', 8: 'address translation',
  9: 'ALE', 10: 'BCE', 11: 'SYS', 12: 'BRK', 13: 'INE', 14: 'IPE', 15: 'FPD',
}
const everyCause = [...new Set([...Object.values(causes), 'ADEM', 'DBP'])]
/** Page invalid, not executable or of another level, and address errors, at the fetch. */
const ofFetches: ReadonlySet<number> = new Set([3, 6, 7, 8])
/** QEMU 7.2 leaves ERA at an earlier instruction of the same block where a bound check fails. */
const boundCheck = 10, isBefore = (link: bigint): boolean => link < program && link >= program - 20n
/** What exceptions and refills write. */
const byException = /^(PRMD|ERA|ESTAT|BADV|TLBEHI)\./, byRefill = /^(TLBRPRMD|TLBRERA|TLBRBADV|TLBREHI|BADV|TLBEHI)\./

export const answerOf = ({ instruction, word: executed, before }: Trial, record: Uint8Array | string): Answer => {
  if (typeof record === 'string') return { kind: 'lost', why: record }
  const view = new DataView(record.buffer, record.byteOffset)
  const word = (index: number): bigint => view.getBigUint64(8 * index, true)
  const raw = (name: string): bigint => word(at.CSR + order.findIndex((c) => c.name === name))
  const how = Number(word(at.how)), code = Number((raw('ESTAT') >> 16n) & 63n)
  let next = program + 4n
  if (how !== 0 && raw('DBG') & 1n)
    return raw('DERA') === program ? { kind: 'trapped', causes: ['DBP'], said: 'debug exception' } : { kind: 'lost', why: 'a debug exception after the instruction' }
  if (how === 1) {
    const link = raw('ERA'), said = `exception ${code}`, cause = causes[code]
    if (link === program || (code === boundCheck && isBefore(link))) return cause === undefined ? { kind: 'lost', why: said } : { kind: 'trapped', causes: [cause], said }
    if (link !== back || code !== 14) {
      if (!ofFetches.has(code)) return { kind: 'lost', why: `after the instruction comes ${said} at ${link.toString(16)}` }
      next = link
    }
  } else if (how === 2) {
    const link = raw('TLBRERA') & ~3n
    if (link === program || isBefore(link)) return before.registers.get('TLBRERA.IsTLBR') === 1n
      ? { kind: 'trapped', causes: everyCause, said: 'an exception among refills' } : { kind: 'trapped', causes: ['address translation'], said: 'TLB refill' }
    if (link !== back) next = link
  }
  const registers = new Map<string, bigint>([['PC', next >> 2n], ['FCSR0', BigInt.asUintN(32, word(at.FCSR0))]])
  const show = (c: Csr, value: bigint): void => {
    for (const f of c.fields) {
      if ((how === 1 && byException.test(f.register.name)) || (how === 2 && byRefill.test(f.register.name))) continue
      registers.set(f.register.name, BigInt.asUintN(f.register.width, value >> BigInt(f.low)))
    }
  }
  order.forEach((c, i) => show(c, word(at.CSR + i)))
  show(CRMD, word(at.CRMD))
  const mode = how === 1 ? raw('PRMD') : raw('TLBRPRMD')
  if (how !== 0) registers.set('CRMD.PLV', mode & 3n).set('CRMD.IE', (mode >> 2n) & 1n)
  // A refill, which is met in mapped translation, goes to direct translation; so do other exceptions while a refill is handled.
  const isRefill = how === 2 && (before.registers.get('TLBRERA.IsTLBR') !== 1n || instruction.name === 'ERTN')
  if (isRefill) registers.set('CRMD.DA', 0n).set('CRMD.PG', 1n)
  else if (how === 2) for (const name of ['CRMD.DA', 'CRMD.PG']) registers.delete(name)
  const GR = new Map(Array.from({ length: 31 }, (_, n) => [BigInt(n + 1), word(n + 1)] as const))
  // The time, where it is not the counter's number.
  if (instruction.name.startsWith('RDTIME') && (executed & 31n) !== ((executed >> 5n) & 31n)) GR.delete(executed & 31n)
  const FR = new Map(Array.from({ length: 32 }, (_, n) => [BigInt(n), word(at.FR + n)] as const))
  const CFR = new Map(Array.from({ length: 8 }, (_, n) => [BigInt(n), BigInt(view.getUint8(8 * at.CFR + n))] as const))
  const stored = [...before.cells.get('E') ?? []].filter(([i]) => inStorage(i)).slice(0, mostStored)
  const E = new Map(stored.map(([i], n) => [i, word(at.storage + 2 * n + 1)] as const))
  const cells = new Map<string, ReadonlyMap<bigint, bigint>>([['GR', GR], ['FR', FR], ['CFR', CFR], ['E', E]])
  if (word(at.entryCount) === BigInt(entries) && instruction.name !== 'TLBFILL') showEntries(instruction.name, before, word, registers, cells)
  return { kind: 'completed', after: { registers, cells } }
}

/** The model's entries of the TLB; the content of one that does not exist is not seen, nor its ASID. */
const showEntries = (
  name: string, before: Contents, word: (index: number) => bigint, registers: Map<string, bigint>, cells: Map<string, ReadonlyMap<bigint, bigint>>,
): void => {
  let exists = 0n
  const shown = { VPPN: new Map<bigint, bigint>(), PS: new Map<bigint, bigint>(), G: new Map<bigint, bigint>(), LO0: new Map<bigint, bigint>(), LO1: new Map<bigint, bigint>() }
  const written = name === 'TLBWR' ? before.registers.get('TLBIDX.Index') ?? 0n : undefined
  for (let n = 0; n < entries; n++) {
    const [index, high, low0, low1] = [0, 1, 2, 3].map((k) => word(at.TLB + 5 * n + k)) as [bigint, bigint, bigint, bigint]
    if ((index >> 31n) & 1n) continue
    exists |= 1n << BigInt(n)
    shown.VPPN.set(BigInt(n), BigInt.asUintN(35, high >> 13n))
    shown.PS.set(BigInt(n), (index >> 24n) & 63n)
    shown.G.set(BigInt(n), (low0 & low1 & flags.G) >> 6n)
    if (BigInt(n) !== written) continue
    shown.LO0.set(BigInt(n), packedOf('TLBELO0', low0))
    shown.LO1.set(BigInt(n), packedOf('TLBELO1', low1))
  }
  registers.set('TLB.E', exists)
  for (const [bank, content] of Object.entries(shown)) cells.set(`TLB.${bank}`, content)
}
