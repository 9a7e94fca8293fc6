// From a failing program to the smallest one that fails: few starts, few steps, few instructions, simple values.
import type { Cells } from './cells.ts'
import type { Pairs } from './pair.ts'
import { ram, type Program, type Start } from '../../traces/hart-program.ts'
import { laterBy } from './later.ts'
import { emptyTally, runProgram, type Failure } from './run.ts'

export interface ShrunkProgram {
  readonly program: Program
  readonly failure: Failure
}

/** `failing` must fail; the result fails too, not necessarily with the same difference. At most `budget` runs. */
export const shrinkProgram = (pairs: Pairs, cells: Cells, failing: Program, budget = 1500): ShrunkProgram => {
  const shrinker = new Shrinker(pairs, cells, failing, budget)
  shrinker.starts()
  shrinker.steps()
  shrinker.plainly()
  shrinker.steps()
  shrinker.later()
  shrinker.happenings()
  shrinker.memory()
  shrinker.steps()
  shrinker.later()
  return shrinker.result()
}

class Shrinker {
  private readonly pairs: Pairs
  private readonly cells: Cells
  private program: Program
  private failure: Failure
  private budget: number

  constructor(pairs: Pairs, cells: Cells, program: Program, budget: number) {
    this.pairs = pairs
    this.cells = cells
    this.program = program
    this.budget = budget
    const failure = this.fails(program)
    if (!failure) throw new Error('a program that is to be shrunk does not fail')
    this.failure = failure
  }

  result(): ShrunkProgram {
    return { program: this.program, failure: this.failure }
  }

  private fails(program: Program): Failure | undefined {
    return runProgram(this.pairs, program, this.cells, emptyTally(this.cells))
  }

  /** Keeps a candidate that fails. */
  private keeps(candidate: Program): boolean {
    if (this.budget <= 0) return false
    this.budget--
    const failure = this.fails(candidate)
    if (!failure) return false
    this.program = candidate
    this.failure = failure
    return true
  }

  private with(start: Partial<Start>): Program {
    const { starts } = this.program
    return { ...this.program, starts: starts.map((s, n) => (n === starts.length - 1 ? { ...s, ...start } : s)) }
  }

  /** The failing start alone, or as few before it as possible. */
  starts(): void {
    const { starts } = this.program, last = this.failure.start
    if (this.keeps({ ...this.program, starts: [starts[last]!] })) return
    this.keeps({ ...this.program, starts: starts.slice(0, last + 1) })
    for (let n = this.program.starts.length - 2; n >= 0; n--) this.keeps({ ...this.program, starts: this.program.starts.filter((_, k) => k !== n) })
  }

  /** No step after the failing one. */
  steps(): void {
    this.keeps(this.with({ steps: Math.max(1, this.failure.step) }))
  }

  /** By single steps, if it still fails; otherwise in strides that are short, or all alike. */
  plainly(): void {
    if (this.program.way === 'steps') return
    if (this.keeps({ ...this.program, way: 'steps', starts: this.program.starts.map((s) => ({ ...s, strides: [1] })) })) return
    if (this.program.way === 'translated') this.keeps({ ...this.program, way: 'runs' })
    for (const stride of [1, 2, 3, 5, 8, 13, 30, 100, 300, 1000]) if (this.keeps(this.with({ strides: [stride] }))) return
  }

  /** Begins in the state that the program has a few steps before the failing one. */
  later(): void {
    const length = this.failure.step
    for (let steps = 1; steps < length; steps *= 2) if (this.keeps(laterBy(this.pairs, this.cells, this.program, length - steps))) return
  }

  happenings(): void {
    this.keeps(this.with({ happenings: [] }))
    const count = (): number => this.program.starts.at(-1)!.happenings.length
    for (let n = count() - 1; n >= 0; n--) this.keeps(this.with({ happenings: this.program.starts.at(-1)!.happenings.filter((_, k) => k !== n) }))
  }

  /** Large parts of memory are made 0 or instructions that do nothing, then smaller ones. */
  memory(): void {
    for (let bytes = 0x1000; bytes >= 4; bytes /= bytes > 64 ? 4 : 2) {
      for (let at = 0; at < ram.size; at += bytes) {
        const { image } = this.program
        if (this.budget <= 0) return
        if (blank(image, at, bytes)) continue
        for (const word of [0, nothing]) {
          const next = image.slice(), view = new DataView(next.buffer)
          for (let k = 0; k < bytes; k += 4) view.setUint32(at + k, word, true)
          if (this.keeps({ ...this.program, image: next })) break
        }
      }
    }
  }
}

/** ADDI x0, x0, 0. */
const nothing = 0x13
const blank = (image: Uint8Array, at: number, bytes: number): boolean => {
  const view = new DataView(image.buffer, image.byteOffset)
  for (let k = 0; k < bytes; k += 4) if (![0, nothing].includes(view.getUint32(at + k, true))) return false
  return true
}
