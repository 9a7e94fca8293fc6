// The records of the x86-64 test kernel: a trial's state as the save area of a guest, memory and pages, and back.
import { segments as names } from '../../../model/isa/x86/long-mode/state.ts'
import type { Answer, Trial } from '../bench.ts'
import {
  flagsFrom, flagsOf, portsFrom, portsOf, putCode, putSegment, putTables, reader, rightsOf, save, segmentFrom, selectorOf, tablesFrom, trappedBy, vectorOf,
} from '../x86/guest.ts'
import { Memory } from '../x86/memory.ts'
import { undefinedFlags } from '../x86/undefined-flags.ts'
import { cellsFrom, linear, memoryOf, pagesOf, userPage } from './memory.ts'

/** Real addresses that the kernel and the host agree on; page directories are at 500000 to 5fffff. */
export const place = { records: 0x100000, frames: 0x200000 } as const
export const recordSize = 1264
/** In bytes. */
const at = {
  general: 584, DR: 696, TSC: 728, CR8: 736, TSC_AUX: 740, XCR0: 744, exit: 752, information: 760, address: 768, port: 776, code: 788, memory: 808, pages: 1132,
} as const
const mostMemory = 40, mostPages = 16
/** Registers that the save area does not have, in the record's order. */
const general = [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] as const
const wide = ['CR2', 'CR3', 'STAR', 'LSTAR', 'KERNEL_GS_BASE'] as const
const narrow = ['CR0', 'CR4', 'DR6', 'DR7', 'FMASK'] as const
/** Model-specific registers that are cells of the model's bank, by their numbers. */
export const numbered = new Map([[0x174n, 'SYSENTER_CS'], [0x175n, 'SYSENTER_ESP'], [0x176n, 'SYSENTER_EIP'], [0xc0000083n, 'CSTAR']] as const)
const present = 0x80n, flat = 0xffffffffn
/** LME and LMA, and SVME, without which there is no guest. */
const features = 0x1500n, ownFeature = 0x1000n
const extendedFeatures = 0xc0000080n

const low48 = (address: bigint): number => Number(BigInt.asUintN(48, address))

export const recordOf = ({ instruction, word, before }: Trial): Uint8Array => {
  const state = reader(before), { register, cell } = state
  const view = new DataView(new ArrayBuffer(recordSize))
  const put32 = (to: number, value: bigint | number): void => view.setUint32(to, Number(value), true)
  const put64 = (to: number, value: bigint): void => view.setBigUint64(to, value, true)
  for (const { name } of names) putSegment(view, name, { selector: selectorOf(state, name), rights: rightsOf(state, name), limit: flat, base: register(`${name}.base`) })
  putTables(view, state, linear)
  view.setUint8(save.CPL, Number(register('CPL')))
  put64(save.EFER, features | register('EFER.SCE') | (register('EFER.NXE') << 11n))
  for (const name of wide) put64(save[name], register(name))
  for (const name of narrow) put32(save[name], register(name))
  for (const [n, name] of numbered) put64(save[name], cell('MSR', n))
  put32(save.FLAGS, flagsOf(state))
  put64(save.IP, register('RIP'))
  put64(save.A, cell('R', 0))
  put64(save.SP, cell('R', 4))
  general.forEach((n, i) => put64(at.general + 8 * i, cell('R', n)))
  for (let n = 0; n < 4; n++) put64(at.DR + 8 * n, cell('DR', n))
  put64(at.TSC, register('TSC'))
  put32(at.CR8, register('CR8'))
  put32(at.TSC_AUX, register('TSC_AUX'))
  put32(at.XCR0, (register('XCR0<2:1>') << 1n) | 1n)
  const port = portsOf(state)
  put32(at.port, port.first)
  put32(at.port + 4, port.width)
  put32(at.port + 8, port.content)
  const code = low48(register('RIP')), memory = memoryOf(state)
  put32(at.code, place.frames + ((code % 4096) - (code & 3)))
  putCode(view, at.code + 4, code, word, instruction.encoding.width)
  // The program's pages, of which the kernel has filled two frames with HLTs; then the others, in the frames that follow.
  const first = Math.floor(code / 4096), pages = new Map([[first, userPage], [first + 1, userPage], ...pagesOf(memory, state)])
  if (memory.words.size > mostMemory || pages.size > mostPages) throw new RangeError(`${memory.words.size} doublewords of memory and ${pages.size} pages do not fit a record`)
  put32(at.pages, pages.size)
  const frames = new Map([...pages].map(([page, low], i) => {
    put64(at.pages + 4 + 8 * i, BigInt(4096 * page + low))
    return [page, place.frames + 4096 * i]
  }))
  put32(at.memory, memory.words.size)
  let to = at.memory + 4
  for (const [address, content] of memory.words) {
    put32(to, frames.get(Math.floor(address / 4096))! + (address % 4096))
    put32(to + 4, content)
    to += 8
  }
  return new Uint8Array(view.buffer)
}

/** Causes by vector; without an error code #GP and #SS are also about addresses. */
const causesOf = (vector: number, error: number): readonly string[] => {
  switch (vector) {
    case 0: return ['#DE']
    case 1: return ['#DB']
    case 6: return ['#UD']
    case 11: return ['#NP']
    case 12: return [error === 0 ? 'non-canonical' : '#SS(selector)']
    case 13: return ['#GP', '#GP(selector)', ...(error === 0 ? ['non-canonical'] : [])]
    case 14: return ['#PF']
    default: return []
  }
}

export const answerOf = (record: Uint8Array | string, { instruction, word, before }: Trial): Answer => {
  if (typeof record === 'string') return { kind: 'lost', why: record }
  const state = reader(before), view = new DataView(record.buffer, record.byteOffset)
  const get32 = (from: number): bigint => BigInt(view.getUint32(from, true))
  const get64 = (from: number): bigint => view.getBigUint64(from, true)
  const vector = vectorOf(Number(get64(at.exit))), from = get64(save.IP), isHere = from === state.register('RIP')
  if (typeof vector === 'string') return { kind: 'lost', why: vector }
  if (isHere && vector !== undefined) {
    const error = Number(get64(at.information))
    return trappedBy(vector, error, get64(at.address), causesOf(vector, error))
  }
  const efer = get64(save.EFER)
  const registers = new Map<string, bigint>([
    ['RIP', isHere ? from + BigInt(instruction.encoding.width / 8) : from], ['HALTED', isHere ? 1n : 0n],
    ['EFER.SCE', efer & 1n], ['EFER.NXE', (efer >> 11n) & 1n],
    ['CR8', get32(at.CR8)], ['TSC_AUX', get32(at.TSC_AUX)], ['XCR0<2:1>', get32(at.XCR0) >> 1n],
    ...tablesFrom(view), ...flagsFrom(get64(save.FLAGS)),
    ...wide.map((name) => [name, get64(save[name])] as const),
    // A single step, which TF asks for, writes DR6.
    ...narrow.flatMap((name) => (name === 'DR6' && vector === 1 ? [] : [[name, get64(save[name])] as const])),
  ])
  for (const { name, base } of names) {
    const { selector, rights, base: is } = segmentFrom(view, name), isNull = selector >> 2n === 0n && !instruction.name.startsWith('SYS')
    registers.set(name === 'CS' || name === 'SS' ? `${name}<15:2>` : name, name === 'CS' || name === 'SS' ? selector >> 2n : selector)
    // The hidden part of a null segment register says nothing but that.
    registers.set(`${name}.rights`, isNull || (rights & present) === 0n ? 0n : rights)
    if (base) registers.set(base.name, is)
  }
  registers.set('CPL', BigInt(view.getUint8(save.CPL)))
  if (registers.get('SS<15:2>') !== 0n && segmentFrom(view, 'SS').rights === rightsOf(state, 'SS')) registers.set('SS.rights', state.register('SS.rights'))
  for (const name of undefinedFlags(instruction, word, 0x3fn)) registers.delete(name)
  const R = new Map([[0n, get64(save.A)], [4n, get64(save.SP)], ...general.map((n, i) => [BigInt(n), get64(at.general + 8 * i)] as const)])
  // The low half of the time stamp runs.
  if (instruction.name.startsWith('RDTSC')) R.delete(0n)
  if (instruction.name === 'RDMSR' && BigInt.asUintN(32, state.cell('R', 1)) === extendedFeatures) R.set(0n, R.get(0n)! & ~ownFeature)
  const laid = memoryOf(state), memory = new Memory(48)
  let n = at.memory + 8
  for (const address of laid.words.keys()) {
    memory.words.set(address, Number(get32(n)))
    n += 8
  }
  const cells = new Map<string, ReadonlyMap<bigint, bigint>>([
    ['R', R], ['DR', new Map([0, 1, 2, 3].map((i) => [BigInt(i), get64(at.DR + 8 * i)]))], ['MSR', new Map([...numbered].map(([i, name]) => [i, get64(save[name])]))],
    ['PORT', portsFrom(portsOf(state), get32(at.port + 8))], ...cellsFrom(memory, laid, state),
  ])
  return { kind: 'completed', after: { registers, cells } }
}
