// The records of the x86 test kernel: a trial's state as the save area of a guest, memory and page tables, and back.
import { segments as names, type SegmentName } from '../../../model/isa/x86/state.ts'
import type { Answer, Contents, Trial } from '../bench.ts'
import { descriptorOf, viewsOf } from './descriptors.ts'
import { undefinedFlags } from './undefined-flags.ts'

/** Real addresses that the kernel and the host agree on; page directories are at 500000 to 5fffff. */
export const place = { records: 0x100000, code: 0x200000, pages: 0x300000, tables: 0x400000 } as const
/** Linear addresses that the bench chooses where the model leaves them open. */
export const linear = { LDT: 0xb0000000, TSS: 0xb0100000 } as const
/** Offset of the I/O permission bit map in the task state segment, and the segment's limit with it. */
const ioMap = 0x68
const taskLimit = ioMap + 0x2000

export const recordWords = 380
/** In doublewords. */
const at = { ECX: 146, EDX: 147, EBX: 148, EBP: 149, ESI: 150, EDI: 151, DR: 152, TSC: 156, exit: 158, information: 159, port: 161, code: 164, memory: 169, tables: 298 } as const
const mostMemory = 64, mostTables = 40
/** Offsets in the save area, in bytes; a segment has its selector, its attributes, its limit and its base. */
const save = {
  ES: 0, CS: 0x10, SS: 0x20, DS: 0x30, FS: 0x40, GS: 0x50, GDTR: 0x60, LDTR: 0x70, IDTR: 0x80, TR: 0x90, CPL: 0xcb, EFER: 0xd0,
  CR4: 0x148, CR3: 0x150, CR0: 0x158, DR7: 0x160, DR6: 0x168, EFLAGS: 0x170, EIP: 0x178, ESP: 0x1d8, EAX: 0x1f8, STAR: 0x200,
  SYSENTER_CS: 0x228, SYSENTER_ESP: 0x230, SYSENTER_EIP: 0x238, CR2: 0x240,
} as const
const whole = ['CR0', 'CR2', 'CR3', 'CR4', 'DR6', 'DR7'] as const
const wide = ['SYSENTER_CS', 'SYSENTER_ESP', 'SYSENTER_EIP'] as const
const general = [[1, at.ECX], [2, at.EDX], [3, at.EBX], [5, at.EBP], [6, at.ESI], [7, at.EDI]] as const
/** The flags with their lowest bits and widths. */
const flags: readonly (readonly [string, number, number])[] = [
  ['CF', 0, 1], ['PF', 2, 1], ['AF', 4, 1], ['ZF', 6, 1], ['SF', 7, 1], ['TF', 8, 1], ['IF', 9, 1], ['DF', 10, 1], ['OF', 11, 1], ['IOPL', 12, 2],
  ['NT', 14, 1], ['AC', 18, 1], ['VIF', 19, 1], ['VIP', 20, 1], ['ID', 21, 1],
]
export const STAR = 0xc0000081n
const present = 0x80n, virtual8086 = 0x20000n, hlt = 0xf4f4f4f4

const reader = (before: Contents) => ({
  register: (name: string): bigint => before.registers.get(name) ?? 0n,
  cell: (bank: string, index: bigint | number): bigint => before.cells.get(bank)?.get(BigInt(index)) ?? 0n,
  indices: (...banks: readonly string[]): bigint[] => [...new Set(banks.flatMap((b) => [...before.cells.get(b)?.keys() ?? []]))],
})
const u32 = (value: bigint): number => Number(BigInt.asUintN(32, value))

/** Memory by linear addresses, in doublewords. */
class Memory {
  readonly words = new Map<number, number>()

  put(address: bigint | number, value: bigint, bytes: number): void {
    for (let i = 0; i < bytes; i++) {
      const to = u32(BigInt(address) + BigInt(i)), word = to - (to & 3), shift = 8 * (to & 3)
      this.words.set(word, ((this.words.get(word) ?? 0) & ~(255 << shift) | (Number((value >> BigInt(8 * i)) & 255n) << shift)) >>> 0)
    }
  }

  get(address: bigint | number, bytes: number): bigint {
    return Array.from({ length: bytes }, (_, i) => u32(BigInt(address) + BigInt(i)))
      .reduceRight((n, from) => (n << 8n) | BigInt(((this.words.get(from - (from & 3)) ?? 0) >>> (8 * (from & 3))) & 255), 0n)
  }
}

const tableBanks = ['DT.base', 'DT.limit', 'DT.rights', 'DT.gate'] as const
/** Bit 0 of the index tells the local table. */
const descriptorAddress = (index: bigint, GDTR: bigint): bigint => ((index & 1n) === 1n ? BigInt(linear.LDT) : GDTR) + 8n * (index >> 1n)
const portOf = (indices: readonly bigint[]): { readonly first: number; readonly width: number } =>
  (indices.length === 0 ? { first: 0, width: 0 } : { first: Number(indices.reduce((a, b) => (a < b ? a : b))), width: indices.length })

const memoryOf = (before: Contents): Memory => {
  const { register, cell, indices } = reader(before), memory = new Memory()
  for (const index of indices('E')) memory.put(4n * index, cell('E', index), 4)
  for (const index of indices(...tableBanks))
    memory.put(descriptorAddress(index, register('GDTR.base')), descriptorOf({ base: cell('DT.base', index), limit: cell('DT.limit', index), rights: cell('DT.rights', index), gate: cell('DT.gate', index) }), 8)
  for (const vector of indices('IDT.target', 'IDT.rights')) {
    const target = cell('IDT.target', vector), outward = register('IDT.outward') === 1n
    const rights = outward ? cell('IDT.rights', vector) : cell('IDT.rights', vector) & 0x9fn
    memory.put(register('IDTR.base') + 8n * vector, (((target >> 16n) & 0xffffn) << 48n) | (rights << 40n) | ((target >> 32n) << 16n) | (target & 0xffffn), 8)
  }
  for (const level of indices('TSS.stack')) {
    const stack = cell('TSS.stack', level)
    memory.put(linear.TSS + 4 + 8 * Number(level), stack & 0xffffffffn, 4)
    memory.put(linear.TSS + 8 + 8 * Number(level), stack >> 32n, 4)
  }
  const ports = indices('TSS.map')
  if (ports.length > 0) memory.put(linear.TSS + 0x66, register('TSS.mapped') === 1n ? BigInt(ioMap) : 0xffffn, 2)
  for (const port of ports) {
    const from = BigInt(linear.TSS + ioMap) + (port >> 3n)
    memory.put(from, memory.get(from, 2) | (cell('TSS.map', port) << (port & 7n)), 2)
  }
  return memory
}

/** Where the linear pages lie: frames and page tables as they are first met. */
const layOut = (pages: Iterable<number>, code: number, directory: number) => {
  const frames = new Map<number, number>(), entries = new Map<number, number>(), tables = new Map<number, number>()
  const map = (page: number, frame: number): void => {
    if (frames.has(page)) return
    frames.set(page, frame)
    const table = tables.get(page >>> 10) ?? place.tables + 4096 * tables.size
    tables.set(page >>> 10, table)
    entries.set(directory + 4 * (page >>> 10), table | 0x67)
    entries.set(table + 4 * (page & 1023), frame | 0x67)
  }
  map(code >>> 12, place.code)
  map(((code + 16) >>> 0) >>> 12, place.code + 4096)
  for (const page of pages) map(page, place.pages + 4096 * frames.size)
  return { real: (address: number): number => frames.get(address >>> 12)! + (address & 4095), entries }
}

const codeAddress = ({ register }: ReturnType<typeof reader>): number => u32(register('CS.base') + register('EIP'))

export const recordOf = ({ instruction, word, before }: Trial): Uint8Array => {
  const state = reader(before), { register, cell } = state
  const view = new DataView(new ArrayBuffer(4 * recordWords))
  const put = (index: number, value: bigint | number): void => view.setUint32(4 * index, Number(BigInt.asUintN(32, BigInt(value))), true)
  const segment = (name: keyof typeof save, selector: bigint, attributes: bigint, limit: bigint, base: bigint): void => {
    view.setUint16(save[name], Number(selector), true)
    view.setUint16(save[name] + 2, Number(attributes), true)
    view.setUint32(save[name] + 4, Number(limit), true)
    view.setUint32(save[name] + 8, Number(base), true)
  }
  for (const { name } of names) segment(name, selectorOf(state, name), rightsOf(state, name), register(`${name}.limit`), register(`${name}.base`))
  segment('GDTR', 0n, 0n, register('GDTR.limit'), register('GDTR.base'))
  segment('IDTR', 0n, 0n, register('IDTR.limit'), register('IDTR.base'))
  const local = register('LDTR') >> 2n !== 0n
  segment('LDTR', register('LDTR'), local ? 0x82n : 0n, local ? register('LDTR.limit') : 0n, BigInt(local ? linear.LDT : 0))
  // The emulator keeps TR's type as it was before it was busy.
  segment('TR', register('TR'), 0x89n, BigInt(taskLimit), BigInt(linear.TSS))
  view.setUint8(save.CPL, Number(register('CPL')))
  view.setUint32(save.EFER, 0x1000, true)
  for (const name of whole) view.setUint32(save[name], Number(register(name)), true)
  for (const name of wide) view.setBigUint64(save[name], register(name), true)
  view.setBigUint64(save.STAR, cell('MSR', STAR), true)
  view.setUint32(save.EFLAGS, Number(flags.reduce((w, [name, low]) => w | (register(name) << BigInt(low)), 2n)), true)
  view.setUint32(save.EIP, Number(register('EIP')), true)
  view.setUint32(save.EAX, Number(cell('R', 0)), true)
  view.setUint32(save.ESP, Number(cell('R', 4)), true)
  for (const [n, index] of general) put(index, cell('R', n))
  for (let n = 0; n < 4; n++) put(at.DR + n, cell('DR', n))
  put(at.TSC, register('TSC'))
  put(at.TSC + 1, register('TSC') >> 32n)
  const port = portOf(state.indices('PORT'))
  put(at.port, port.first)
  put(at.port + 1, port.width)
  put(at.port + 2, Array.from({ length: port.width }, (_, i) => cell('PORT', port.first + i) << BigInt(8 * i)).reduce((a, b) => a | b, 0n))
  const code = codeAddress(state)
  put(at.code, place.code + ((code & 4095) - (code & 3)))
  for (let n = 0; n < 4; n++) put(at.code + 1 + n, hlt)
  const length = instruction.encoding.width / 8
  for (let n = 0; n < length; n++) view.setUint8(4 * (at.code + 1) + (code & 3) + n, Number((word >> BigInt(8 * (length - 1 - n))) & 255n))
  const { words } = memoryOf(before), { real, entries } = layOut([...words.keys()].map((a) => a >>> 12), code, u32(register('CR3')) - (u32(register('CR3')) & 4095))
  if (words.size > mostMemory || entries.size > mostTables) throw new RangeError(`${words.size} doublewords of memory and ${entries.size} of page tables do not fit a record`)
  const list = (index: number, content: Iterable<readonly [number, number]>, size: number): void => {
    put(index, size)
    let n = index + 1
    for (const [address, value] of content) {
      put(n++, address)
      put(n++, value)
    }
  }
  list(at.memory, [...words].map(([address, value]) => [real(address), value] as const), words.size)
  list(at.tables, entries, entries.size)
  return new Uint8Array(view.buffer)
}

const selectorOf = ({ register }: ReturnType<typeof reader>, name: SegmentName): bigint =>
  (name === 'CS' || name === 'SS' ? (register(`${name}<15:2>`) << 2n) | register('CPL') : register(name))

/** The emulator has CPL in the DPL of SS: what the state has there cannot be laid down where it is another. */
const rightsOf = ({ register }: ReturnType<typeof reader>, name: SegmentName): bigint =>
  (name === 'SS' ? (register('SS.rights') & ~0x60n) | (register('CPL') << 5n) : register(`${name}.rights`))

/** Exit codes: an exception by its vector, and HLT. */
const exception = 0x40, halted = 0x78
/** Causes by vector; #GP with an error code is no reference beyond a limit. */
const causes: Readonly<Record<number, readonly string[]>> = {
  0: ['#DE'], 1: ['#DB'], 5: ['#BR'], 6: ['#UD'], 10: ['#TS'], 11: ['#NP'], 12: ['#SS(selector)', 'limit'],
}
const protection = (code: number): readonly string[] => (code === 0 ? ['#GP', '#GP(selector)', 'limit'] : ['#GP', '#GP(selector)'])

export const answerOf = (record: Uint8Array | string, { instruction, word: bytes, before }: Trial): Answer => {
  if (typeof record === 'string') return { kind: 'lost', why: record }
  const state = reader(before), view = new DataView(record.buffer, record.byteOffset)
  const word = (index: number): bigint => BigInt(view.getUint32(4 * index, true))
  const saved = (name: keyof typeof save): bigint => BigInt(view.getUint32(save[name], true))
  const exit = Number(word(at.exit)), from = u32(BigInt(view.getUint32(save.CS + 8, true)) + saved('EIP'))
  const vector = exit - exception, isException = vector >= 0 && vector < 32
  if (!isException && exit !== halted) return { kind: 'lost', why: `it comes back with exit code ${exit.toString(16)}` }
  const here = from === codeAddress(state)
  if (here && isException) {
    const error = Number(word(at.information)), said = `vector ${vector}${error === 0 ? '' : `, error code ${error.toString(16)}`}${vector === 14 ? `, at ${word(at.information + 1).toString(16)}` : ''}`
    return { kind: 'trapped', causes: vector === 13 ? protection(error) : causes[vector] ?? [], said }
  }
  if ((saved('EFLAGS') & virtual8086) !== 0n) return { kind: 'trapped', causes: [], said: `to virtual-8086 mode, EFLAGS ${saved('EFLAGS').toString(16)}` }
  const registers = new Map<string, bigint>([
    ['EIP', here ? saved('EIP') + BigInt(instruction.encoding.width / 8) : saved('EIP')], ['HALTED', here ? 1n : 0n],
    ['GDTR.base', BigInt(view.getUint32(save.GDTR + 8, true))], ['GDTR.limit', BigInt(view.getUint32(save.GDTR + 4, true))],
    ['IDTR.base', BigInt(view.getUint32(save.IDTR + 8, true))], ['IDTR.limit', BigInt(view.getUint32(save.IDTR + 4, true))],
    ['LDTR', BigInt(view.getUint16(save.LDTR, true))], ['TR', BigInt(view.getUint16(save.TR, true))],
  ])
  // Without a local table its limit is not kept.
  if (registers.get('LDTR')! >> 2n !== 0n) registers.set('LDTR.limit', BigInt(view.getUint32(save.LDTR + 4, true)))
  for (const { name } of names) {
    const selector = BigInt(view.getUint16(save[name], true)), rights = BigInt(view.getUint16(save[name] + 2, true))
    registers.set(name === 'CS' || name === 'SS' ? `${name}<15:2>` : name, name === 'CS' || name === 'SS' ? selector >> 2n : selector)
    // The hidden part of a null segment register says nothing but that.
    registers.set(`${name}.rights`, (rights & present) === 0n ? 0n : rights)
    if ((rights & present) === 0n) continue
    registers.set(`${name}.limit`, BigInt(view.getUint32(save[name] + 4, true)))
    registers.set(`${name}.base`, BigInt(view.getUint32(save[name] + 8, true)))
  }
  registers.set('CPL', (registers.get('SS.rights')! >> 5n) & 3n)
  if (registers.get('SS.rights') === rightsOf(state, 'SS')) registers.set('SS.rights', state.register('SS.rights'))
  for (const [name, low, width] of flags) registers.set(name, (saved('EFLAGS') >> BigInt(low)) & ((1n << BigInt(width)) - 1n))
  for (const name of undefinedFlags(instruction, bytes)) registers.delete(name)
  // A single step, which TF asks for, writes DR6.
  for (const name of whole) if (name !== 'DR6' || vector !== 1) registers.set(name, saved(name))
  for (const name of wide) registers.set(name, view.getBigUint64(save[name], true))
  const R = new Map<bigint, bigint>([[0n, saved('EAX')], [4n, saved('ESP')], ...general.map(([n, index]) => [BigInt(n), word(index)] as const)])
  // The low half of the time stamp runs.
  if (instruction.name === 'RDTSC') R.delete(0n)
  const cells = new Map([['R', R], ['DR', new Map([0, 1, 2, 3].map((n) => [BigInt(n), word(at.DR + n)] as const))], ['MSR', new Map([[STAR, view.getBigUint64(save.STAR, true)]])]])
  const memory = new Memory()
  let n = at.memory + 2
  const laid = memoryOf(before)
  for (const address of laid.words.keys()) {
    memory.words.set(address, Number(word(n)))
    n += 2
  }
  cells.set('E', new Map(state.indices('E').map((index) => [index, memory.get(4n * index, 4)] as const)))
  for (const bank of tableBanks) {
    cells.set(bank, new Map(state.indices(bank).flatMap((index) => {
      const at = descriptorAddress(index, state.register('GDTR.base')), was = viewsOf(laid.get(at, 8))
      // A call gate has no base and no limit, a segment no gate; and a limit may have no form.
      return was[bank] === state.cell(bank, index) ? [[index, viewsOf(memory.get(at, 8))[bank]] as const] : []
    })))
  }
  const { first, width } = portOf(state.indices('PORT'))
  cells.set('PORT', new Map(Array.from({ length: width }, (_, i) => [BigInt(first + i), (word(at.port + 2) >> BigInt(8 * i)) & 255n] as const)))
  return { kind: 'completed', after: { registers, cells } }
}
