// The records of the System/370 test kernel: a trial's state as words, and what the words say afterwards.
import type { Answer, Trial } from '../bench.ts'
import { setTo } from '../clock.ts'

/** The real addresses that the kernel and the host agree on; from `free` on storage is the trials'. */
export const place = { otherPrefix: 0x1000, pageTables: 0x10000, records: 0x20000, free: 0x40000, end: 0x1000000 } as const
export const recordWords = 128
/** A segment table of 256 words covers all segments of 64K bytes. */
export const tableWords = 256
/** In words; keys, words of storage: how many, then address and content of each. */
const at = {
  CR: 16, PSW: 32, PREFIX: 34, program: 35, entry: 42, oldPSW: 43, code: 45, keys: 46, storage: 71, CPU_TIMER: 108, CLOCK_COMPARATOR: 110, tables: 112, TOD: 118,
} as const
const mostKeys = 6, mostWords = 16
/** Copies of the page table, so that a segment's part starts at a multiple of 8 bytes whatever the origin. */
const copies = 4, copySize = 0x4000, frames = 0x1000

/** Entries of two bytes for pages of 4K bytes, twice around storage in each copy: copy c starts with frame c. */
export const pageTables = (): Uint8Array => {
  const view = new DataView(new ArrayBuffer(copies * copySize))
  for (let c = 0; c < copies; c++) for (let n = 0; n < 2 * frames; n++) view.setUint16(c * copySize + 2 * n, ((n + c) % frames) << 4)
  return new Uint8Array(view.buffer)
}

/** Where the designation has its segment table, the entries that are valid, and the first of them. */
const tableOf = (designation: number): readonly [origin: number, valid: number, entry: number] => {
  const origin = designation & 0xffffc0, frame = (designation >>> 12) & 0xfff
  if (origin < place.free || origin + 4 * tableWords > place.end) return [0, 0, 0]
  const copy = frame & 3
  return [origin, (designation >>> 24) + 1, 0xf0000000 + place.pageTables + copy * copySize + 2 * (frame - copy)]
}

/** The PSW's fields in its first word, with their lowest bits and widths; S is bit 15 where there is one. */
const status: readonly (readonly [string, number, number])[] = [['T', 26, 1], ['KEY', 20, 4], ['M', 18, 1], ['W', 17, 1], ['P', 16, 1], ['S', 15, 1], ['CC', 12, 2], ['PROGRAM-MASK', 8, 4]]
const extendedControl = 1n << 19n

/** The real address of the program, for where it is translated by a table. */
export const programOf = ({ before: { registers } }: Trial): number => {
  const register = (name: string): number => Number(registers.get(name) ?? 0n)
  const table = register('T') ? register(register('S') ? 'CR7' : 'CR1') & 0xfff000 : 0
  return (register('IA') + table) & 0xffffff
}

export const recordOf = (trial: Trial, das: boolean): Uint8Array => {
  const { instruction, word, before } = trial
  const view = new DataView(new ArrayBuffer(4 * recordWords))
  const put = (index: number, value: bigint | number): void => view.setUint32(4 * index, Number(BigInt.asUintN(32, BigInt(value))))
  const put64 = (index: number, value: bigint): void => view.setBigUint64(4 * index, value)
  const register = (name: string): bigint => before.registers.get(name) ?? 0n
  for (let n = 0; n < 16; n++) {
    put(n, before.cells.get('GR')?.get(BigInt(n)) ?? 0n)
    put(at.CR + n, register(`CR${n}`))
  }
  const mask = register('SYSTEM-MASK')
  put(at.PSW, extendedControl | ((mask >> 2n) << 27n) | ((mask & 3n) << 24n) | status.reduce((w, [name, low]) => w | (register(name) << BigInt(low)), 0n))
  put(at.PSW + 1, register('IA'))
  put(at.PREFIX, register('PREFIX'))
  put(at.program, programOf(trial))
  put64(at.program + 1, word << BigInt(64 - instruction.encoding.width))
  const pairs = (index: number, list: readonly (readonly [bigint | number, bigint])[]): void => {
    put(index, list.length)
    list.forEach(([address, content], i) => {
      put(index + 1 + 2 * i, address)
      put(index + 2 + 2 * i, content)
    })
  }
  const named = [...before.cells.get('STORAGE-KEYS') ?? []].filter(([block]) => block >= BigInt(place.free >> 11)).slice(0, mostKeys), keys = new Map(named)
  // The other half of each block of 4K bytes, which earlier trials may have used.
  for (const [block] of named) if (!keys.has(block ^ 1n)) keys.set(block ^ 1n, 0n)
  pairs(at.keys, [...keys].map(([block, key]) => [block << 11n, key << 1n]))
  pairs(at.storage, [...before.cells.get('E') ?? []].filter(([index]) => index >= BigInt(place.free >> 2)).slice(0, mostWords).map(([index, value]) => [index << 2n, value]))
  put64(at.CPU_TIMER, register('CPU-TIMER'))
  put64(at.TOD, register('TOD-CLOCK'))
  put64(at.CLOCK_COMPARATOR, register('CLOCK-COMPARATOR'))
  const designations = das ? ['CR1', 'CR7'] : ['CR1']
  designations.forEach((name, i) => tableOf(Number(register(name))).forEach((value, k) => put(at.tables + 3 * i + k, value)))
  return new Uint8Array(view.buffer)
}

/** By the number of the first word. */
const doublewords = (words: ReadonlyMap<bigint, bigint> | undefined): (readonly [bigint, bigint])[] =>
  [...words ?? []].flatMap(([index, high]) => {
    const low = words?.get(index + 1n)
    return low === undefined || index % 2n === 1n ? [] : [[index, (high << 32n) | low] as const]
  })

/** Program interruptions by their codes: the causes, and whether the old PSW's address is the instruction's. */
const interruptions: Readonly<Record<number, { readonly cause: string; readonly nullified?: true }>> = {
  0x02: { cause: 'privileged-operation' }, 0x03: { cause: 'execute' }, 0x04: { cause: 'access' }, 0x05: { cause: 'access' }, 0x06: { cause: 'specification' },
  0x08: { cause: 'fixed-point-overflow' }, 0x10: { cause: 'access', nullified: true }, 0x11: { cause: 'access', nullified: true }, 0x13: { cause: 'special-operation' },
  0x1f: { cause: 'PC-translation-specification' }, 0x22: { cause: 'LX-translation', nullified: true }, 0x23: { cause: 'EX-translation', nullified: true }, 0x40: { cause: 'monitor-event' },
}
const entries = ['', 'program', 'supervisor call', 'external', 'input/output', 'machine check']
const operation = 1, specification = 6

export const answerOf = (record: Uint8Array | string, trial: Trial, das: boolean, recorded: boolean): Answer => {
  if (typeof record === 'string') return { kind: 'lost', why: record }
  const view = new DataView(record.buffer, record.byteOffset)
  const word = (index: number): bigint => BigInt(view.getUint32(4 * index)), word64 = (index: number): bigint => view.getBigUint64(4 * index)
  const { instruction, before } = trial, here = Number(before.registers.get('IA') ?? 0n)
  const entry = Number(word(at.entry) >> 24n), length = Number(word(at.code) >> 16n) & 6, code = Number(word(at.code)) & 0xff, old = Number(word(at.oldPSW + 1)) & 0xffffff
  if (entry === 2) return { kind: 'trapped', causes: ['supervisor-call'], said: 'supervisor-call interruption' }
  if (entry !== 1) return { kind: 'lost', why: `it comes back by the interruption ${entries[entry] ?? entry}, code ${code.toString(16)}` }
  const interruption = interruptions[code]
  const from = interruption?.nullified ? old : (old - length) & 0xffffff
  const said = `program interruption ${code.toString(16)}`
  // Storage is zeros where a program goes on: an operation exception. Elsewhere the next fetch has its own exceptions.
  const next = code === operation && from !== here ? from : code === specification && (old & 1) === 1 ? from : interruption?.nullified && old !== here ? old : undefined
  if (next === undefined) return { kind: 'trapped', causes: interruption ? [interruption.cause] : [], said }
  const TOD = before.registers.get('TOD-CLOCK') ?? 0n, timer = before.registers.get('CPU-TIMER') ?? 0n
  const operands = [...doublewords(before.cells.get('E'))].map(([, value]) => value)
  const first = word(at.oldPSW)
  const registers = new Map<string, bigint>([
    ['IA', BigInt(next)], ['PREFIX', word(at.PREFIX)], ['CLOCK-COMPARATOR', word64(at.CLOCK_COMPARATOR)],
    ['CPU-TIMER', setTo(word64(at.CPU_TIMER), [timer, ...operands], 'down')], ['TOD-CLOCK', setTo(word64(at.TOD), [TOD, ...operands], 'up')],
    ['SYSTEM-MASK', ((first >> 27n) << 2n) | ((first >> 24n) & 3n)],
    ...status.filter(([name]) => name !== 'S' || das).map(([name, low, width]) => [name, (first >> BigInt(low)) & ((1n << BigInt(width)) - 1n)] as const),
  ])
  const GR = new Map<bigint, bigint>()
  for (let n = 0; n < 16; n++) {
    GR.set(BigInt(n), word(n))
    registers.set(`CR${n}`, word(at.CR + n))
  }
  const pairs = (index: number): (readonly [bigint, bigint])[] => Array.from({ length: Number(word(index)) }, (_, i) => [word(index + 1 + 2 * i), word(index + 2 + 2 * i)] as const)
  const E = new Map(pairs(at.storage).map(([address, value]) => [address >> 2n, value] as const))
  if (['STCK', 'STPT'].includes(instruction.name)) for (const [index, value] of doublewords(E)) {
    const clock = instruction.name === 'STCK' ? setTo(value, [TOD], 'up') : setTo(value, [timer], 'down')
    E.set(index, clock >> 32n)
    E.set(index + 1n, clock & 0xffffffffn)
  }
  const table = registers.get('T') ? registers.get(registers.get('S') ? 'CR7' : 'CR1')! & 0xfff000n : 0n
  const fetched = [BigInt(programOf(trial)), BigInt(programOf(trial)) + 8n, (BigInt(next) + table) & 0xffffffn]
  // Fetches, those from segment tables too, and stores are recorded in the keys of their blocks, as is a test; where that is modelled, stores are compared.
  const origins = ['CR1', 'CR7'].map((name) => (before.registers.get(name) ?? 0n) & 0xffffc0n), lastEntry = BigInt(4 * (tableWords - 1))
  const used = new Set([...(recorded ? [] : [...E.keys()].map((index) => index >> 9n)), ...[...fetched, ...origins, ...origins.map((origin) => origin + lastEntry)].map((address) => address >> 11n)])
  const keys = new Map(pairs(at.keys).map(([address, value]) => [address >> 11n, value >> 1n] as const).filter(([block]) => before.cells.get('STORAGE-KEYS')?.has(block) && !used.has(block) && instruction.name !== 'TPROT'))
  return { kind: 'completed', after: { registers, cells: new Map([['GR', GR], ['E', E], ['STORAGE-KEYS', keys]]) } }
}
