// Cells of coverage: instruction × mode × outcome × way of the hart × translation scheme, and which of them can be reached.
import type { Isa } from '../../model/machine/isa.ts'
import { ways, type Way } from '../../traces/hart-program.ts'

export const modes = ['U', 'S', 'M'] as const
export type ModeName = (typeof modes)[number]
/** By satp.MODE, whether it is in force in the mode or not. */
export const schemes = ['Bare', 'Sv39', 'Sv48'] as const
export type SchemeName = (typeof schemes)[number]
export const retired = 'retired'

export interface Cell {
  readonly instruction: string
  readonly mode: ModeName
  readonly outcome: string
  readonly way: Way
  readonly scheme: SchemeName
}

/** Rows that are no instruction. */
export const noInstruction = 'no instruction', fetching = 'fetch', interrupting = 'interrupt'

/** The numbers of cells, and which cell a step belongs to. */
export class Cells {
  readonly rows: readonly string[]
  readonly outcomes: readonly string[]
  readonly count: number
  private readonly outcomeOf = new Int8Array(64)
  private readonly encodings: readonly { readonly mask: number; readonly match: number }[]
  private readonly known = new Int32Array(2 * 4096).fill(-1)

  constructor(isa: Isa) {
    this.rows = [...isa.instructions.map((i) => i.name), noInstruction, fetching, interrupting]
    const causes = Object.entries(isa.causes).filter(([name]) => name !== 'software check')
    this.outcomes = [retired, ...causes.map(([name]) => name)]
    causes.forEach(([, code], n) => { this.outcomeOf[code] = n + 1 })
    this.encodings = isa.instructions.map(({ encoding: { mask, match } }) => ({ mask: Number(mask) | 0, match: Number(match) | 0 }))
    this.count = this.rows.length * modes.length * this.outcomes.length * ways.length * schemes.length
  }

  /** The number of the first instruction that a word is; that of `noInstruction` where it is none. */
  row(word: number): number {
    const place = 2 * ((Math.imul(word, 0x9e3779b1) >>> 20))
    if (this.known[place + 1] !== -1 && this.known[place] === word) return this.known[place + 1]!
    const found = this.encodings.findIndex(({ mask, match }) => (word & mask) === match), row = found < 0 ? this.encodings.length : found
    this.known[place] = word
    this.known[place + 1] = row
    return row
  }

  /** `cause` is the code of the trap; 0 where the instruction was completed. */
  number(word: number, cause: number, mode: number, way: number, satpMode: number): number {
    const instructions = this.encodings.length
    const row = cause >= 32 ? instructions + 2 : cause === 1 || cause === 12 ? instructions + 1 : this.row(word | 0)
    const outcome = cause === 0 ? 0 : this.outcomeOf[cause]!, scheme = satpMode === 0 ? 0 : satpMode - 7
    return (((row * 3 + (mode === 3 ? 2 : mode)) * this.outcomes.length + outcome) * 3 + way) * 3 + scheme
  }

  cell(number: number): Cell {
    const scheme = number % 3, way = Math.floor(number / 3) % 3, rest = Math.floor(number / 9)
    const outcome = rest % this.outcomes.length, above = Math.floor(rest / this.outcomes.length)
    return { instruction: this.rows[Math.floor(above / 3)]!, mode: modes[above % 3]!, outcome: this.outcomes[outcome]!, way: ways[way]!, scheme: schemes[scheme]! }
  }
}
