// The records of the z/Architecture test kernel: a trial's state as doublewords, and what they say afterwards.
import { entryOf, linkageTableDesignation, programElement } from './spaces.ts'
import { linkage, place } from './place.ts'
import type { Answer, Trial } from '../bench.ts'
import { setTo } from '../clock.ts'

export const recordSize = 1024
/** In bytes; keys, doublewords of storage: how many, then address and content of each. */
const at = {
  CR: 128, PSW: 256, PREFIX: 272, program: 280, instruction: 288, entry: 296, oldPSW: 304, code: 320, CPU_TIMER: 328, CLOCK_COMPARATOR: 336, TOD_PROGRAMMABLE: 344, keys: 352, storage: 552, TOD: 896, steers: 904, offset: 912,
} as const
const mostKeys = 12, mostDoublewords = 20

/** The fields of the PSW's first doubleword, with their lowest bits and widths. */
const status: readonly (readonly [string, number, number])[] = [
  ['PER-MASK', 62, 1], ['T', 58, 1], ['IO-MASK', 57, 1], ['EXTERNAL-MASK', 56, 1], ['KEY', 52, 4], ['M', 50, 1], ['W', 49, 1], ['P', 48, 1], ['AS', 46, 2], ['CC', 44, 2], ['PROGRAM-MASK', 40, 4],
]
const sixtyFour = 0x180000000n
const wrap = (address: bigint): bigint => BigInt.asUintN(64, address)

type Registers = ReadonlyMap<string, bigint>
/** The real address of an instruction; pages lie in a row from the element's origin. */
const realOf = (registers: Registers, address: bigint): bigint => {
  const element = registers.get(programElement(Number(registers.get('AS') ?? 0n))) ?? 0n
  return registers.get('T') && !(element & 0x20n) ? wrap(address + (element & ~0xfffn)) : address
}
const inFree = (address: bigint): boolean => address >= BigInt(place.free) && address < BigInt(place.end)

export const recordOf = ({ instruction, word, before }: Trial): Uint8Array => {
  const view = new DataView(new ArrayBuffer(recordSize))
  const put = (offset: number, value: bigint): void => view.setBigUint64(offset, value)
  const register = (name: string): bigint => before.registers.get(name) ?? 0n
  for (let n = 0; n < 16; n++) {
    put(8 * n, before.cells.get('GR')?.get(BigInt(n)) ?? 0n)
    put(at.CR + 8 * n, register(`CR${n}`))
  }
  put(at.PSW, sixtyFour | status.reduce((w, [name, low]) => w | (register(name) << BigInt(low)), 0n))
  put(at.PSW + 8, register('IA'))
  view.setUint32(at.PREFIX, Number(register('PREFIX')))
  put(at.program, realOf(before.registers, register('IA')))
  put(at.instruction, word << BigInt(64 - instruction.encoding.width))
  put(at.CPU_TIMER, register('CPU-TIMER'))
  const steers = instruction.name === 'PTFF', offset = steers ? register('TOD-OFFSET') : 0n
  put(at.TOD, wrap(register('TOD-CLOCK') - offset))
  view.setUint8(at.steers, steers ? 1 : 0)
  put(at.offset, offset)
  put(at.CLOCK_COMPARATOR, register('CLOCK-COMPARATOR'))
  view.setUint16(at.TOD_PROGRAMMABLE, Number(register('TOD-PROGRAMMABLE')))
  const pairs = (offset: number, list: readonly (readonly [bigint, bigint])[]): void => {
    put(offset, BigInt(list.length))
    list.forEach(([address, content], i) => {
      put(offset + 8 + 16 * i, address)
      put(offset + 16 + 16 * i, content)
    })
  }
  const cells = (bank: string, shift: bigint): (readonly [bigint, bigint])[] =>
    [...before.cells.get(bank) ?? []].flatMap(([index, value]) => (inFree(index << shift) ? [[index << shift, value] as const] : []))
  pairs(at.keys, cells('STORAGE-KEYS', 12n).slice(0, mostKeys).map(([address, key]) => [address, key << 1n]))
  const entry = (name: string): readonly (readonly [bigint, bigint])[] => [...before.cells.get(`ENTRY.${name}`) ?? []]
  const entries = entry('address').flatMap(([number, address]) => entryOf(number, {
    address, keys: before.cells.get('ENTRY.keys')?.get(number) ?? 0n, parameter: before.cells.get('ENTRY.parameter')?.get(number) ?? 0n,
  }))
  pairs(at.storage, [[BigInt(linkage.aste) + 24n, linkageTableDesignation(register('LTD.V')) << 32n] as const, ...entries, ...cells('E', 3n)].slice(0, mostDoublewords))
  return new Uint8Array(view.buffer)
}

/** Program interruptions by their codes: the causes, and whether the old PSW's address is the instruction's. */
interface Interruption {
  readonly causes: readonly string[]
  readonly nullified?: true
}
const access: Interruption = { causes: ['access'] }, translation: Interruption = { ...access, nullified: true }
const interruptions: Readonly<Record<number, Interruption>> = {
  0x02: { causes: ['privileged-operation'] }, 0x03: { causes: ['execute'] }, 0x04: access, 0x05: access, 0x06: { causes: ['specification'] }, 0x08: { causes: ['fixed-point-overflow'] },
  0x10: translation, 0x11: translation, 0x13: { causes: ['special-operation'] }, 0x38: translation, 0x39: translation, 0x3a: translation, 0x3b: translation, 0x40: { causes: ['monitor-event'] },
}
const entries = ['', 'program', 'supervisor call', 'external', 'input/output', 'machine check']
const operation = 1, specification = 6

/** A day of the clock. */
const day = 1n << 50n
/** What a query of the clock's offset shows, with the physical clock as it was when the bench was set up. */
const queried = (E: Map<bigint, bigint>, block: bigint, physical: bigint): void => {
  const shift = (index: bigint, from: bigint, to: bigint, runs: bigint): void => {
    const shown = E.get(index)
    if (shown !== undefined && wrap(runs * (shown - from)) < day) E.set(index, to)
  }
  shift(block, physical, physical, 1n)
  // The clock has run ahead of the physical one, and has been set back to when that was read.
  shift(block + 1n, 0n, 0n, 1n)
  shift(block + 3n, 0n, 0n, -1n)
}

export const answerOf = (record: Uint8Array | string, { instruction, before }: Trial, physical: bigint): Answer => {
  if (typeof record === 'string') return { kind: 'lost', why: record }
  const view = new DataView(record.buffer, record.byteOffset)
  const word = (offset: number): bigint => view.getBigUint64(offset)
  const here = before.registers.get('IA') ?? 0n, old = word(at.oldPSW + 8)
  const entry = view.getUint8(at.entry), length = BigInt(view.getUint8(at.code + 1) & 6), code = view.getUint16(at.code + 2)
  if (entry === 2) return { kind: 'trapped', causes: ['supervisor-call'], said: 'supervisor-call interruption' }
  if (entry !== 1) return { kind: 'lost', why: `it comes back by the interruption ${entries[entry] ?? entry}, code ${code.toString(16)}` }
  const interruption = interruptions[code]
  const from = interruption?.nullified ? old : wrap(old - length)
  // Storage is zeros where a program goes on: an operation exception. Elsewhere the next fetch has its own exceptions.
  const next = code === operation && from !== here ? from : code === specification && (old & 1n) === 1n ? from : interruption?.nullified && old !== here ? old : undefined
  if (next === undefined) return { kind: 'trapped', causes: interruption?.causes ?? [], said: `program interruption ${code.toString(16)}` }
  const TOD = before.registers.get('TOD-CLOCK') ?? 0n, timer = before.registers.get('CPU-TIMER') ?? 0n
  const operands = [...before.cells.get('E')?.values() ?? []]
  const first = word(at.oldPSW)
  const registers = new Map<string, bigint>([
    ['IA', next], ['PREFIX', BigInt(view.getUint32(at.PREFIX))], ['CLOCK-COMPARATOR', word(at.CLOCK_COMPARATOR)],
    ['CPU-TIMER', setTo(word(at.CPU_TIMER), [timer, ...operands], 'down')], ['TOD-CLOCK', setTo(word(at.TOD), [TOD, ...operands], 'up')], ['TOD-PROGRAMMABLE', BigInt(view.getUint16(at.TOD_PROGRAMMABLE))],
    ...status.map(([name, low, width]) => [name, (first >> BigInt(low)) & ((1n << BigInt(width)) - 1n)] as const),
  ])
  const GR = new Map<bigint, bigint>()
  for (let n = 0; n < 16; n++) {
    GR.set(BigInt(n), n === 0 && instruction.name === 'ECTG' ? setTo(word(0), operands.map((v) => wrap(v - timer)), 'up') : word(8 * n))
    registers.set(`CR${n}`, word(at.CR + 8 * n))
  }
  const pairs = (offset: number): (readonly [bigint, bigint])[] =>
    Array.from({ length: Number(word(offset)) }, (_, i) => [word(offset + 8 + 16 * i), word(offset + 16 + 16 * i)] as const)
  const E = new Map(pairs(at.storage).flatMap(([address, value]) => (inFree(address) ? [[address >> 3n, value] as const] : [])))
  if (['STCK', 'STCKF', 'STPT'].includes(instruction.name))
    for (const [index, value] of E) E.set(index, instruction.name === 'STPT' ? setTo(value, [timer], 'down') : setTo(value, [TOD], 'up'))
  // Of the extended clock the 64 bits that are modelled, then the programmable field.
  if (instruction.name === 'STCKE') for (const [index, value] of E) {
    if (!E.has(index + 1n)) continue
    const following = E.get(index + 1n)!, shown = wrap(value << 8n) | (following >> 56n), clock = setTo(shown, [TOD], 'up')
    E.set(index, (value >> 56n << 56n) | (clock >> 8n))
    E.set(index + 1n, ((clock & 0xffn) << 56n) | (following & 0xffffn))
    break
  }
  if (instruction.name === 'PTFF') {
    registers.set('TOD-OFFSET', word(at.offset))
    registers.set('TOD-CLOCK', setTo(word(at.TOD), [TOD, ...operands.map((v) => wrap(TOD + v))], 'up'))
    if (((before.cells.get('GR')?.get(0n) ?? 0n) & 0x7fn) === 1n) for (const index of E.keys()) if ([1n, 2n, 3n].every((n) => E.has(index + n))) {
      queried(E, index, physical)
      break
    }
  }
  // Fetches and stores are recorded in the keys of their blocks, as is a test.
  const program = realOf(before.registers, here)
  const used = new Set([...[...E.keys()].map((index) => index >> 9n), ...[program, program + 8n, realOf(registers, next)].map((address) => address >> 12n)])
  const keys = new Map(pairs(at.keys).map(([address, value]) => [address >> 12n, value >> 1n] as const).filter(([block]) => !used.has(block) && instruction.name !== 'TPROT'))
  return { kind: 'completed', after: { registers, cells: new Map([['GR', GR], ['E', E], ['STORAGE-KEYS', keys]]) } }
}
