// What a trial in 64-bit mode has in memory: storage, descriptor tables and the task state segment, by linear addresses.
import { descriptorOf, viewsOf, type Views } from '../x86/descriptors.ts'
import { putPortMap, type Reader } from '../x86/guest.ts'
import { Memory } from '../x86/memory.ts'

/** Linear addresses that the bench chooses where the model leaves them open. */
export const linear = { LDT: 0xffff_d000_0000_0000n, TSS: 0xffff_d000_0010_0000n } as const

export const tableBanks = ['DT.base', 'DT.limit', 'DT.rights', 'DT.gate'] as const
type TableBank = (typeof tableBanks)[number]
/** Bit 0 of the index tells the local table. */
const descriptorAddress = (index: bigint, { register }: Reader): bigint => ((index & 1n) === 1n ? linear.LDT : register('GDTR.base')) + 8n * (index >> 1n)
/** A system descriptor or gate has 16 bytes. */
const isLong = (rights: bigint): boolean => (rights & 0x10n) === 0n

/** A gate of 64 bits as the first eight bytes have it. */
const shortGate = (gate: bigint): bigint => ((gate >> 64n) << 37n) | (gate & 0xffffffffn)

const rowOf = (memory: Memory, index: bigint, state: Reader): Readonly<Record<TableBank, bigint>> => {
  const at = descriptorAddress(index, state), views = viewsOf(memory.get(at, 8)), gate = views['DT.gate']
  return { ...views, 'DT.gate': isLong(views['DT.rights']) ? ((gate >> 37n) << 64n) | (memory.get(at + 8n, 4) << 32n) | (gate & 0xffffffffn) : 0n }
}

/** Storage is known by real addresses: how far they are from the program's. */
const origin = ({ register }: Reader): bigint => register('CR3') & 0xffff_ffff_f000n
export const storageAddress = (index: bigint, state: Reader): bigint => BigInt.asUintN(64, BigInt.asIntN(48, 8n * index - origin(state)))

export const memoryOf = (state: Reader): Memory => {
  const { register, cell, indices } = state, memory = new Memory(48)
  for (const index of indices('E')) memory.put(storageAddress(index, state), cell('E', index), 8)
  for (const index of indices(...tableBanks)) {
    const at = descriptorAddress(index, state), gate = cell('DT.gate', index)
    const views: Views = { base: cell('DT.base', index), limit: cell('DT.limit', index), rights: cell('DT.rights', index), gate: shortGate(gate) }
    memory.put(at, descriptorOf(views), 8)
    if (isLong(views.rights)) memory.put(at + 8n, (gate >> 32n) & 0xffffffffn, 8)
  }
  for (const vector of indices('IDT.target', 'IDT.rights')) {
    const target = cell('IDT.target', vector), isOutward = register('IDT.outward') === 1n
    const rights = isOutward ? cell('IDT.rights', vector) : cell('IDT.rights', vector) & 0x9fn, at = register('IDTR.base') + 16n * vector
    memory.put(at, (((target >> 16n) & 0xffffn) << 48n) | (rights << 40n) | ((target >> 64n) << 16n) | (target & 0xffffn), 8)
    memory.put(at + 8n, (target >> 32n) & 0xffffffffn, 8)
  }
  for (const level of indices('TSS.RSP')) memory.put(linear.TSS + 4n + 8n * level, cell('TSS.RSP', level), 8)
  putPortMap(memory, state, linear.TSS)
  return memory
}

/** The banks that a trial has in memory, as it is after the instruction. */
export const cellsFrom = (memory: Memory, laid: Memory, state: Reader): ReadonlyMap<string, ReadonlyMap<bigint, bigint>> => new Map([
  ['E', new Map(state.indices('E').map((index) => [index, memory.get(storageAddress(index, state), 8)] as const))],
  ...tableBanks.map((bank) => [bank, new Map(state.indices(bank).flatMap((index) =>
    // A gate has no base and no limit, a segment no gate.
    (rowOf(laid, index, state)[bank] === state.cell(bank, index) ? [[index, rowOf(memory, index, state)[bank]] as const] : [])))] as const),
])

/** The pages where that is, and the low bits of their entries: those of storage are present and open to users as the state says. */
export const pagesOf = (memory: Memory, state: Reader): ReadonlyMap<number, number> => {
  const [user, all] = [Number(state.register('PAGES.user')), Number(state.register('PAGES.all'))]
  const pages = new Map<number, number>()
  for (const index of state.indices('E')) {
    const page = Number(BigInt.asUintN(48, storageAddress(index, state)) >> 12n)
    pages.set(page, page < user ? userPage : page < all ? supervisorPage : 0)
  }
  for (const address of memory.words.keys()) {
    const page = Math.floor(address / 4096)
    if (!pages.has(page)) pages.set(page, supervisorPage)
  }
  return pages
}
/** Present, writable, accessed, dirty. */
const supervisorPage = 0x63
export const userPage = 0x67
