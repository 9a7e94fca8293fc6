// One step of a hart with what it did: for commit logs, formal interfaces and lock-step comparison.
import { atomicResult } from './atomic.ts'
import { expand } from './compressed.ts'
import { storeImmediate } from './decode.ts'
import type { Hart, Stepped } from './hart.ts'
import { peekNumber } from './peek.ts'
import type { Mode } from './state.ts'
import type { Trap } from './traps.ts'

export interface MemoryEffect {
  readonly kind: 'load' | 'store' | 'atomic'
  /** Virtual. */
  readonly address: bigint
  readonly bytes: 1 | 2 | 4 | 8
  /** Of the first byte, as an offset into RAM; -1 outside RAM. */
  readonly offset: number
  /** What was read, zero-extended; undefined for a store, and when it came from a device into x0. */
  readonly read: bigint | undefined
  /** What was written; undefined for a load, and for an SC that failed. */
  readonly written: bigint | undefined
}

export interface Observation {
  readonly outcome: Stepped
  /** Before the step. */
  readonly pc: bigint
  readonly mode: Mode
  /** As fetched: 16 bits or 32; undefined when it could not be fetched, and when no instruction was executed. */
  readonly bits: number | undefined
  /** The same as a word of 32 bits, signed: expanded when it is compressed; 0 without an instruction. */
  readonly word: number
  readonly nextPc: bigint
  readonly nextMode: Mode
  /** Of a step that trapped or was interrupted. */
  readonly trap: Trap | undefined
  /** The register that a retired instruction names as its destination, and its value after; not x0. */
  readonly destination: { readonly file: 'x' | 'f', readonly number: number, readonly value: bigint } | undefined
  /** The access of a retired load, store or atomic instruction. */
  readonly memory: MemoryEffect | undefined
  /** The floating-point flags that a retired instruction raised, also those that were set before. */
  readonly raised: number
  /** The instruction made FS dirty, which it was not before. */
  readonly dirtied: boolean
}

/** From opcode 43 to 53: what may raise flags, and only adds to them. */
const computesFloating = (word: number): boolean => (word & 0x73) === 0x43 || (word & 0x7f) === 0x53
/** What may make FS dirty: these, loads, and accesses to fflags, frm and fcsr. */
const dirties = (word: number): boolean => computesFloating(word) || (word & 0x7f) === 0x07 || (word & 0x7f) === 0x73 && word >>> 20 < 4
const destinationOf = (word: number): { readonly file: 'x' | 'f', readonly number: number } | undefined => {
  const number = word >> 7 & 31
  switch (word & 0x7f) {
    case 0x07:
    case 0x43:
    case 0x47:
    case 0x4b:
    case 0x4f: return { file: 'f', number }
    case 0x53: {
      // Comparisons, conversions to integers, moves to x and classes.
      const integer = [0x14, 0x18, 0x1c].includes(word >>> 27)
      return integer ? number === 0 ? undefined : { file: 'x', number } : { file: 'f', number }
    }
    case 0x0f:
    case 0x23:
    case 0x27:
    case 0x63: return undefined
    case 0x73: return (word >> 12 & 3) === 0 || number === 0 ? undefined : { file: 'x', number }
    default: return number === 0 ? undefined : { file: 'x', number }
  }
}

const loadReserved = 2
const storeConditional = 3

/** The access that a word is about to make; what a device gives it is still missing in `read` and `written`. */
const memoryOf = (word: number, hart: Hart): MemoryEffect | undefined => {
  const { x, f } = hart
  const bytes = 1 << (word >> 12 & 3) as MemoryEffect['bytes']
  const rs2 = word >> 20 & 31
  const effect = (kind: MemoryEffect['kind'], immediate: number): MemoryEffect => {
    const address = BigInt.asUintN(64, x[word >> 15 & 31]! + BigInt(immediate))
    return { kind, address, bytes, offset: hart.locate(address), read: kind === 'store' ? undefined : peekNumber(hart, address, bytes), written: undefined }
  }
  const storing = (immediate: number, value: bigint): MemoryEffect => ({ ...effect('store', immediate), written: BigInt.asUintN(8 * bytes, value) })
  switch (word & 0x7f) {
    case 0x03:
    case 0x07: return effect('load', word >> 20)
    case 0x23: return storing(storeImmediate(word), x[rs2]!)
    case 0x27: return storing(storeImmediate(word), f[rs2]!)
    case 0x2f: {
      if (word >>> 27 === loadReserved) return effect('load', 0)
      if (word >>> 27 !== storeConditional) return effect('atomic', 0)
      const store = storing(0, x[rs2]!), reserved = hart.reservation()
      return reserved?.offset === store.offset && reserved.bytes === bytes ? store : { ...store, written: undefined }
    }
    default: return undefined
  }
}

/** The access after it was made: what a device gave is in the register. */
const completed = (effect: MemoryEffect, word: number, operand: bigint, register: bigint | undefined): MemoryEffect => {
  const width = 8 * effect.bytes
  const read = effect.kind === 'store' ? undefined : effect.read ?? (register === undefined ? undefined : BigInt.asUintN(width, register))
  if (effect.kind !== 'atomic' || read === undefined) return { ...effect, read }
  return { ...effect, read, written: atomicResult(word >>> 27, read, BigInt.asUintN(width, operand), width as 32 | 64) }
}

const mstatus = 0x300
const isDirty = (hart: Hart): boolean => (hart.csr(mstatus)! >> 63n) !== 0n

const wordOf = (bits: number | undefined): number => (bits === undefined ? 0 : (bits & 3) === 3 ? bits | 0 : expand(bits & 0xffff))

/** The access that the next instruction makes unless it traps; of an atomic operation what it writes is not known yet. */
export const nextAccess = (hart: Hart): MemoryEffect | undefined => memoryOf(wordOf(hart.instruction()), hart)

/** Steps the hart once; with an instruction that is given instead of fetched when there are `injected` bits. */
export const observe = (hart: Hart, injected?: number): Observation => {
  const { pc, mode } = hart
  const bits = injected ?? hart.instruction()
  const word = wordOf(bits)
  const memory = memoryOf(word, hart)
  const operand = hart.x[word >> 20 & 31]!
  const dirty = !dirties(word) || isDirty(hart)
  const flags = computesFloating(word) ? hart.flags : 0
  if (flags !== 0) hart.flags = 0
  const outcome = injected === undefined ? hart.step() : hart.inject(injected)
  const raised = computesFloating(word) ? hart.flags : 0
  if (flags !== 0) hart.flags = flags | raised
  const executed = outcome === 'retired'
  const named = executed ? destinationOf(word) : undefined
  const destination = named && { ...named, value: hart[named.file][named.number]! }
  return {
    outcome, pc, mode, word, raised, dirtied: !dirty && isDirty(hart),
    bits: executed || outcome === 'trapped' ? bits : undefined,
    nextPc: hart.pc, nextMode: hart.mode,
    trap: outcome === 'trapped' || outcome === 'interrupted' ? hart.trap() : undefined,
    destination,
    memory: executed && memory ? completed(memory, word, operand, destination?.value) : undefined,
  }
}
