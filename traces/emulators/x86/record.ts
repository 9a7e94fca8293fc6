// The records of the x86 test kernel: a trial's state as the save area of a guest, memory and page tables, and back.
import { segments as names } from '../../../model/isa/x86/state.ts'
import type { Answer, Contents, Trial } from '../bench.ts'
import { descriptorOf, viewsOf } from './descriptors.ts'
import {
  flagsFrom, flagsOf, portsFrom, portsOf, putCode, putPortMap, putSegment, putTables, reader, rightsOf, save, segmentFrom, selectorOf, tablesFrom, trappedBy,
  vectorOf, type Reader,
} from './guest.ts'
import { Memory } from './memory.ts'
import { undefinedFlags } from './undefined-flags.ts'

/** Real addresses that the kernel and the host agree on; page directories are at 500000 to 5fffff. */
export const place = { records: 0x100000, code: 0x200000, pages: 0x300000, tables: 0x400000 } as const
/** Linear addresses that the bench chooses where the model leaves them open. */
const linear = { LDT: 0xb0000000n, TSS: 0xb0100000n } as const

export const recordWords = 380
/** In doublewords. */
const at = { ECX: 146, EDX: 147, EBX: 148, EBP: 149, ESI: 150, EDI: 151, DR: 152, TSC: 156, exit: 158, information: 159, port: 161, code: 164, memory: 169, tables: 298 } as const
const mostMemory = 64, mostTables = 40
const whole = ['CR0', 'CR2', 'CR3', 'CR4', 'DR6', 'DR7'] as const
const wide = ['SYSENTER_CS', 'SYSENTER_ESP', 'SYSENTER_EIP'] as const
const general = [[1, at.ECX], [2, at.EDX], [3, at.EBX], [5, at.EBP], [6, at.ESI], [7, at.EDI]] as const
export const STAR = 0xc0000081n
const present = 0x80n, virtual8086 = 0x20000n

const u32 = (value: bigint): number => Number(BigInt.asUintN(32, value))

const tableBanks = ['DT.base', 'DT.limit', 'DT.rights', 'DT.gate'] as const
/** Bit 0 of the index tells the local table. */
const descriptorAddress = (index: bigint, GDTR: bigint): bigint => ((index & 1n) === 1n ? linear.LDT : GDTR) + 8n * (index >> 1n)

const memoryOf = (before: Contents): Memory => {
  const state = reader(before), { register, cell, indices } = state, memory = new Memory(32)
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
    memory.put(linear.TSS + 4n + 8n * level, stack & 0xffffffffn, 4)
    memory.put(linear.TSS + 8n + 8n * level, stack >> 32n, 4)
  }
  putPortMap(memory, state, linear.TSS)
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

const codeAddress = ({ register }: Reader): number => u32(register('CS.base') + register('EIP'))

export const recordOf = ({ instruction, word, before }: Trial): Uint8Array => {
  const state = reader(before), { register, cell } = state
  const view = new DataView(new ArrayBuffer(4 * recordWords))
  const put = (index: number, value: bigint | number): void => view.setUint32(4 * index, Number(BigInt.asUintN(32, BigInt(value))), true)
  for (const { name } of names) putSegment(view, name, { selector: selectorOf(state, name), rights: rightsOf(state, name), limit: register(`${name}.limit`), base: register(`${name}.base`) })
  putTables(view, state, linear)
  view.setUint8(save.CPL, Number(register('CPL')))
  view.setUint32(save.EFER, 0x1000, true)
  for (const name of whole) view.setUint32(save[name], Number(register(name)), true)
  for (const name of wide) view.setBigUint64(save[name], register(name), true)
  view.setBigUint64(save.STAR, cell('MSR', STAR), true)
  view.setUint32(save.FLAGS, flagsOf(state), true)
  view.setUint32(save.IP, Number(register('EIP')), true)
  view.setUint32(save.A, Number(cell('R', 0)), true)
  view.setUint32(save.SP, Number(cell('R', 4)), true)
  for (const [n, index] of general) put(index, cell('R', n))
  for (let n = 0; n < 4; n++) put(at.DR + n, cell('DR', n))
  put(at.TSC, register('TSC'))
  put(at.TSC + 1, register('TSC') >> 32n)
  const port = portsOf(state)
  put(at.port, port.first)
  put(at.port + 1, port.width)
  put(at.port + 2, port.content)
  const code = codeAddress(state)
  put(at.code, place.code + ((code & 4095) - (code & 3)))
  putCode(view, 4 * (at.code + 1), code, word, instruction.encoding.width)
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
  const exit = Number(word(at.exit)), from = u32(segmentFrom(view, 'CS').base + saved('IP'))
  const vector = vectorOf(exit), here = from === codeAddress(state)
  if (typeof vector === 'string') return { kind: 'lost', why: vector }
  if (here && vector !== undefined) {
    const error = Number(word(at.information))
    return trappedBy(vector, error, word(at.information + 1), vector === 13 ? protection(error) : causes[vector] ?? [])
  }
  if ((saved('FLAGS') & virtual8086) !== 0n) return { kind: 'trapped', causes: [], said: `to virtual-8086 mode, EFLAGS ${saved('FLAGS').toString(16)}` }
  const registers = new Map<string, bigint>([
    ['EIP', here ? saved('IP') + BigInt(instruction.encoding.width / 8) : saved('IP')], ['HALTED', here ? 1n : 0n],
    ...tablesFrom(view),
  ])
  for (const { name } of names) {
    const { selector, rights, limit, base } = segmentFrom(view, name)
    registers.set(name === 'CS' || name === 'SS' ? `${name}<15:2>` : name, name === 'CS' || name === 'SS' ? selector >> 2n : selector)
    // The hidden part of a null segment register says nothing but that.
    registers.set(`${name}.rights`, (rights & present) === 0n ? 0n : rights)
    if ((rights & present) === 0n) continue
    registers.set(`${name}.limit`, limit)
    registers.set(`${name}.base`, base)
  }
  registers.set('CPL', (registers.get('SS.rights')! >> 5n) & 3n)
  if (registers.get('SS.rights') === rightsOf(state, 'SS')) registers.set('SS.rights', state.register('SS.rights'))
  for (const [name, is] of flagsFrom(saved('FLAGS'))) registers.set(name, is)
  for (const name of undefinedFlags(instruction, bytes)) registers.delete(name)
  // A single step, which TF asks for, writes DR6.
  for (const name of whole) if (name !== 'DR6' || vector !== 1) registers.set(name, saved(name))
  for (const name of wide) registers.set(name, view.getBigUint64(save[name], true))
  const R = new Map<bigint, bigint>([[0n, saved('A')], [4n, saved('SP')], ...general.map(([n, index]) => [BigInt(n), word(index)] as const)])
  // The low half of the time stamp runs.
  if (instruction.name === 'RDTSC') R.delete(0n)
  const cells = new Map<string, ReadonlyMap<bigint, bigint>>([['R', R], ['DR', new Map([0, 1, 2, 3].map((n) => [BigInt(n), word(at.DR + n)] as const))], ['MSR', new Map([[STAR, view.getBigUint64(save.STAR, true)]])]])
  const memory = new Memory(32)
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
  cells.set('PORT', portsFrom(portsOf(state), word(at.port + 2)))
  return { kind: 'completed', after: { registers, cells } }
}
