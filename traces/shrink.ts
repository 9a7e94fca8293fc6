// From a failing trial to the shortest and plainest one that fails alike.
import type { Trial } from './generate-trial.ts'
import type { Program } from './generate.ts'

/** A trial longer than this is tried as a straight line of the words that it executes. */
const shortEnough = 2
/** A longer one has too many words to try. */
const longest = 150

/** The run that decides whether a trial still fails. */
export interface Subject {
  /** The step at which the trial fails as the first one did, undefined when it does not. */
  readonly fails: (trial: Trial) => number | undefined
  /** The trial that starts where this one is after `steps` steps; undefined when there is none. */
  readonly after: (trial: Trial, steps: number) => Trial | undefined
}

export interface Shrunk {
  readonly trial: Trial
  /** Steps up to and including the parting one. */
  readonly length: number
  /** Runs that it took. */
  readonly runs: number
}

/** `failing` must fail; the result fails too. At most `budget` runs. */
export const shrink = (failing: Trial, subject: Subject, budget = 3000): Shrunk => {
  const shrinker = new Shrinker(failing, subject, budget)
  shrinker.cut()
  shrinker.startLater()
  shrinker.straighten()
  shrinker.settings()
  shrinker.cut()
  for (let round = 0; round < 4; round += 1) {
    if (!shrinker.programs()) break
    shrinker.startLater()
  }
  return shrinker.result()
}

class Shrinker {
  private trial: Trial
  private length: number
  private runs = 0
  private readonly subject: Subject
  private budget: number

  constructor(trial: Trial, subject: Subject, budget: number) {
    this.trial = trial
    this.subject = subject
    this.budget = budget
    this.length = trial.steps
  }

  result(): Shrunk {
    return { trial: this.trial, length: this.length, runs: this.runs }
  }

  /** Keeps a candidate that fails in no more steps. */
  private keeps(candidate: Trial): boolean {
    if (this.runs >= this.budget) return false
    this.runs += 1
    const step = this.subject.fails(candidate)
    if (step === undefined || step > this.length) return false
    this.trial = { ...candidate, steps: Math.max(1, step) }
    this.length = step
    return true
  }

  /** Ends the run at the first failing step, and makes it of the shortest strides that still fail. */
  cut(): void {
    this.keeps(this.trial)
    if (this.trial.strides.length === 1 && this.trial.strides[0] === 1) return
    for (let stride = 1; stride <= 20; stride += 1) {
      if (this.keeps({ ...this.trial, strides: [stride] }) || this.keeps({ ...this.trial, strides: [-stride] })) return
    }
  }

  /** Begins as late as it can: at the failing step if possible, else some steps before it. */
  startLater(): void {
    for (let steps = 1; steps < this.length; steps *= 2) {
      const later = this.subject.after(this.trial, this.length - steps)
      if (later && this.keeps(later)) return
    }
  }

  /** Lays the executed words in a row, and leaves out those that are not needed: jumps over nothing take no steps. */
  straighten(): void {
    if (this.length <= shortEnough || this.length > longest || this.trial.programs.length > 1) return
    // The words are many and a run of two steps is short: it does not count against the rest.
    this.budget += 2000
    const executed: number[] = []
    for (let steps = 0; steps < this.length; steps += 1) {
      const at = (steps === 0 ? this.trial : this.subject.after(this.trial, steps))?.programs[0]
      if (!at) return
      executed.push(at.cells[at.counter + 16 * at.base] ?? 0)
    }
    const [program] = this.trial.programs
    if (!program) return
    const distinct = [...new Set(executed)]
    const start = 16
    const laidOut = (words: readonly number[], mode: Program['mode'] = program.mode): Trial => {
      const cells = program.cells.slice()
      words.forEach((word, offset) => { cells[start + offset] = word })
      return { ...this.trial, steps: words.length, programs: [{ ...program, cells, mode, counter: start, base: 0, bound: program.size / 16 }] }
    }
    for (const second of distinct) {
      for (const first of distinct) if (this.keeps(laidOut([first, second])) || this.keeps(laidOut([first, second], 0))) return
    }
    if (start + executed.length > program.size) return
    let words: readonly number[] = executed
    for (let index = executed.length - 1; index >= 0; index -= 1) {
      const fewer = words.filter((_, place) => place !== index)
      const before = this.length
      if (fewer.length > 0 && this.keeps(laidOut(fewer)) && this.length <= before) words = fewer
    }
  }

  /** What belongs to the run and not to a program. */
  settings(): void {
    const { trial } = this
    if (trial.predecessor) this.keeps({ ...this.trial, predecessor: false })
    if (trial.console === 'hardware') this.keeps({ ...this.trial, console: 'own' })
    if (trial.hardwareTrapCells === 'high') this.keeps({ ...this.trial, hardwareTrapCells: 'low' })
    trial.quanta.forEach((_, level) => {
      for (const quantum of [1000, 1, 2]) {
        if (this.keeps({ ...this.trial, quanta: this.trial.quanta.with(level, quantum) })) return
      }
    })
  }

  /** One pass over every program; whether anything changed. */
  programs(): boolean {
    const before = this.trial
    this.trial.programs.forEach((_, index) => this.program(index))
    return this.trial !== before
  }

  private program(index: number): void {
    /** Tries one after the other until one is kept. */
    const change = (...plainer: readonly Partial<Program>[]): boolean => plainer.some((of) =>
      this.keeps({ ...this.trial, programs: this.trial.programs.with(index, { ...this.trial.programs[index]!, ...of }) }))
    const current = (): Program => this.trial.programs[index]!
    const { size } = current()
    if (current().keyboard.length > 0) change({ keyboard: [] })
    if (current().timer !== 0) change({ timer: 0 }, { timer: 1 })
    if (current().pending) change({ pending: false })
    if (current().diskPosition !== 0) change({ diskPosition: 0 })
    if (current().trapCells === 'high') this.lowTrapCells(current(), change)
    if (current().base !== 0) change({ base: 0, counter: (current().counter + 16 * current().base) & 0xfff }, { base: 0 })
    if (current().bound !== size / 16) change({ bound: size / 16 })
    if (current().mode === 1) change({ mode: 0 })
    this.words(() => current().disk, (disk) => change({ disk }))
    this.words(() => current().registers, (registers) => change({ registers }))
    this.words(() => current().cells, (cells) => change({ cells }))
    for (const smaller of [32, 48, 64]) {
      if (smaller < size && current().cells.subarray(smaller).every((word) => word === 0)) {
        if (change({ size: smaller, cells: current().cells.slice(0, smaller), bound: Math.min(current().bound, smaller / 16) })) break
      }
    }
  }

  private lowTrapCells({ cells, size }: Program, change: (of: Partial<Program>) => boolean): void {
    const moved = cells.slice()
    moved[0] = cells[size - 2]!
    moved[1] = cells[size - 1]!
    change({ trapCells: 'low', cells: moved })
  }

  /** Sets words to zero, many at a time first; then makes those that are left plainer. */
  private words(read: () => Int32Array, change: (words: Int32Array) => boolean): void {
    for (let length = read().length; length >= 1; length = length >> 1) {
      for (let start = 0; start < read().length; start += length) {
        const words = read()
        if (words.subarray(start, start + length).every((word) => word === 0)) continue
        change(words.slice().fill(0, start, start + length))
      }
    }
    for (let index = 0; index < read().length; index += 1) {
      for (const mask of plainer) {
        const word = read()[index]!
        if ((word & mask) !== word) change(read().with(index, word & mask))
      }
      const word = read()[index]!
      for (const small of [1, 2, word >> 1, word - 1]) {
        if (word > small && small > 0 && change(read().with(index, small))) break
      }
    }
  }
}

/** Fields of an instruction word, or of a PSW, that are tried as zero: x, r, a, then every byte. */
const plainer = [0xfff0ffff, 0xff0fffff, 0xffff0000, 0xffffff00, 0xffff00ff, 0xff00ffff, 0x00ffffff, 0x0000ffff, 0x7fffffff].map((mask) => mask | 0)
