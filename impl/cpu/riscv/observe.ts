// One step of a hart with what it did: for commit logs, formal interfaces and lock-step comparison.
import { expand } from './compressed.ts'
import { storeImmediate } from './decode.ts'
import type { Hart, Stepped } from './hart.ts'
import type { Mode } from './state.ts'
import type { Trap } from './traps.ts'

export interface MemoryEffect {
  readonly kind: 'load' | 'store' | 'atomic'
  /** Virtual. */
  readonly address: bigint
  readonly bytes: 1 | 2 | 4 | 8
}

export interface Observation {
  readonly outcome: Stepped
  /** Before the step. */
  readonly pc: bigint
  readonly mode: Mode
  /** As fetched: 16 bits or 32; undefined when it could not be fetched, and when no instruction was executed. */
  readonly bits: number | undefined
  readonly nextPc: bigint
  readonly nextMode: Mode
  /** Of a step that trapped or was interrupted. */
  readonly trap: Trap | undefined
  /** The register that a retired instruction names as its destination, and its value after; not x0. */
  readonly destination: { readonly file: 'x' | 'f', readonly number: number, readonly value: bigint } | undefined
  /** The access of a retired load, store or atomic instruction. */
  readonly memory: MemoryEffect | undefined
}

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

const memoryOf = (word: number, x: BigUint64Array): MemoryEffect | undefined => {
  const effect = (kind: MemoryEffect['kind'], immediate: number): MemoryEffect => ({
    kind, address: BigInt.asUintN(64, x[word >> 15 & 31]! + BigInt(immediate)), bytes: 1 << (word >> 12 & 3) as MemoryEffect['bytes'],
  })
  switch (word & 0x7f) {
    case 0x03:
    case 0x07: return effect('load', word >> 20)
    case 0x23:
    case 0x27: return effect('store', storeImmediate(word))
    case 0x2f: return effect(word >>> 27 === 2 ? 'load' : word >>> 27 === 3 ? 'store' : 'atomic', 0)
    default: return undefined
  }
}

/** Steps the hart once. */
export const observe = (hart: Hart): Observation => {
  const { pc, mode } = hart
  const bits = hart.instruction()
  const word = bits === undefined ? 0 : (bits & 3) === 3 ? bits : expand(bits)
  const memory = memoryOf(word, hart.x)
  const outcome = hart.step()
  const executed = outcome === 'retired'
  const destination = executed ? destinationOf(word) : undefined
  return {
    outcome, pc, mode,
    bits: executed || outcome === 'trapped' ? bits : undefined,
    nextPc: hart.pc, nextMode: hart.mode,
    trap: outcome === 'trapped' || outcome === 'interrupted' ? hart.trap() : undefined,
    destination: destination && { ...destination, value: hart[destination.file][destination.number]! },
    memory: executed ? memory : undefined,
  }
}
