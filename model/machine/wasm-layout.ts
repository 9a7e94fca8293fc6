// Where the state of a machine compiled to WebAssembly lies in its memory: registers, banks, what is remembered, and RAM.
import type { Bank, Register } from '../ir/state.ts'
import { valueType } from '../ir/wasm-terms.ts'
import type { AccessInstruction } from '../ir/wasm-encode.ts'
import type { Isa } from './isa.ts'

/** The part of storage that is memory, where the storage is too large to have all its cells; the rest are devices. */
export interface Ram {
  readonly base: bigint
  /** In bytes, a multiple of 4096. */
  readonly size: number
}

export interface BankPlace {
  readonly bank: Bank
  readonly at: number
  readonly cells: number
  /** 1, 2, 4 or 8. */
  readonly cellBytes: number
}

export interface Layout {
  readonly registers: ReadonlyMap<string, { readonly register: Register, readonly at: number }>
  /** All banks but a storage of which only `ram` is memory. */
  readonly banks: ReadonlyMap<string, BankPlace>
  readonly storage: Bank
  readonly ram: (Ram & { readonly at: number, readonly marks: number }) | undefined
  /** Slots of 8 bytes: cause and value of a trap, the word fetched last, steps of the last run, its last cause. */
  readonly cause: number
  readonly value: number
  readonly word: number
  readonly steps: number
  readonly lastCause: number
  /** The values of observed terms, 8 bytes each. */
  readonly observed: number
  /** The decode cache: pairs of a word and of the number of its instruction plus 1. */
  readonly decoded: number
  /** A list of the pages of RAM whose contents are remembered: how many, then their numbers. */
  readonly marked: number
  /** Contexts and tables of what is remembered, from here up. */
  readonly remembered: number
  readonly end: number
}

export const decodeEntries = 4096
export const markedPages = 1024
export const pageBytes = 4096
/** Room for contexts and tables. */
const rememberedBytes = 1 << 20

export const cellBytesOf = (width: number): number => {
  const bytes = [1, 2, 4, 8].find((n) => 8 * n >= width)
  if (bytes === undefined) throw new Error(`cells of ${width} bits cannot lie in WebAssembly memory as one value`)
  return bytes
}

/** The access instructions of a cell. */
export const loadOf = (cellBytes: number, width: number): AccessInstruction => {
  const type = valueType(width)
  if (cellBytes === 8) return 'i64.load'
  if (cellBytes === 4) return type === 'i32' ? 'i32.load' : 'i64.load32_u'
  return `${type}.load${cellBytes === 1 ? '8_u' : '16_u'}`
}
export const storeOf = (cellBytes: number, width: number): AccessInstruction => {
  const type = valueType(width)
  if (cellBytes === 8) return 'i64.store'
  if (cellBytes === 4) return type === 'i32' ? 'i32.store' : 'i64.store32'
  return `${type}.store${cellBytes === 1 ? '8' : '16'}`
}

export const layOut = (isa: Isa, ram: Ram | undefined, observedTerms = 0): Layout => {
  let next = 64
  const take = (bytes: number): number => {
    const at = next
    next += Math.ceil(bytes / 8) * 8
    return at
  }
  const registers = new Map<string, { register: Register, at: number }>(), banks = new Map<string, BankPlace>()
  const { storage } = isa.relocation
  for (const c of isa.components) {
    if (c.kind === 'register') {
      if (c.width > 64) throw new Error(`${isa.name}: ${c.name} has ${c.width} bits, the compiled machine has registers of at most 64`)
      registers.set(c.name, { register: c, at: take(8) })
    } else if (c.name !== storage.name || ram === undefined) {
      const cellBytes = cellBytesOf(c.width)
      if (c.cells * cellBytes > 2 ** 28 || c.addressWidth > 32) throw new Error(`${isa.name}: ${c.name} is too large to have all its cells: say which part of it is memory`)
      banks.set(c.name, { bank: c, at: take(c.cells * cellBytes), cells: c.cells, cellBytes })
    }
  }
  if (ram !== undefined && (storage.width !== 8 || storage.addressWidth <= 32 || ram.size % pageBytes !== 0 || ram.base % BigInt(pageBytes) !== 0n))
    throw new Error(`${isa.name}: part of a storage can be memory where cells are bytes with addresses of more than 32 bits, by pages of ${pageBytes} bytes`)
  const [cause, value, word, steps, lastCause] = Array.from({ length: 5 }, () => take(8)) as [number, number, number, number, number]
  const observed = take(8 * observedTerms), decoded = take(16 * decodeEntries), marked = take(8 + 4 * markedPages), remembered = take(ram ? rememberedBytes : 0)
  const marks = take(ram ? ram.size / pageBytes : 0)
  next = Math.ceil(next / pageBytes) * pageBytes
  const at = take(ram?.size ?? 0)
  return { registers, banks, storage, ram: ram && { ...ram, at, marks }, cause, value, word, steps, lastCause, observed, decoded, marked, remembered, end: next }
}
