// What the interpreter, translated code and the handlers of the hart ask of each other.
import { i32, i64, type Signature } from './encode.ts'

/** What `run` and translated code return. */
export const outcome = {
  /** The slice is used up; from translated code, the address at `cell.pc` is to be looked up. */
  continue: 0,
  /** Of `run` only: a handler asked to come back. */
  leave: 1,
  /** Too little of the slice is left for the block at `cell.pc`. */
  short: 2,
  /** The interpreter is to execute the instruction at `cell.pc`. */
  missed: 3,
} as const

/** What handlers return, as bits: 0 goes on with the next instruction. */
export const status = {
  /** The address of the next instruction is in `cell.pc`. */
  moved: 1,
  /** `run` is to return after this instruction. */
  leave: 2,
  /** The next instruction may have to be fetched in another way. */
  refetch: 4,
} as const

/** The signature of a translation: what is left of the slice and the virtual address of its page; an outcome. */
export const translation: Signature = { parameters: [i32, i64], results: [i32] }

/** The same of a function that calls the translation of a number in place of itself. */
export const entrance: Signature = { parameters: [...translation.parameters, i32], results: translation.results }

/** The functions that the interpreter calls. Before each call `cell.pc` and `cell.left` are right. */
export interface Handlers {
  /** Fills in the record at this address. */
  readonly decode: (place: number) => void
  /** The page of records with the instruction at `cell.pc`; 0: trapped. */
  readonly fetch: () => number
  /** The same for an instruction that crosses into the next page and is not decoded for what stands there. */
  readonly cross: () => number
  /** The page of records where the instruction at `cell.pc` stands alone; 0: the run is to end before it. */
  readonly breakpoint: () => number
  /** By number in `loadNames`; the address in two halves; a status. */
  readonly load: (kind: number, low: number, high: number) => number
  readonly store: (kind: number, low: number, high: number) => number
  /** Executes the word of a `handled` operation; a status. */
  readonly handled: (word: number) => number
  /** Executes the instruction of the record at this address; a status. */
  readonly guarded: (place: number) => number
  /** The record at this address was arrived at often: sets its heat. */
  readonly hot: (place: number) => void
}
