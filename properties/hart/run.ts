// Runs a program on both sides: how far they agree, and what was exercised.
import { Cells } from './cells.ts'
import type { CsrGroup, Difference, Pair, Pairs } from './pair.ts'
import { ram, ways, type Program, type Start } from '../../traces/hart-program.ts'
import { Staleness } from './staleness.ts'

export interface Failure {
  /** The number of the start, and steps of it up to and including those that differ, without those that prepare. */
  readonly start: number
  readonly step: number
  readonly differences: readonly Difference[]
}

/** What a run counts. */
export interface Tally {
  programs: number
  /** Instructions after which hart and specification were compared, or in a stride of which. */
  steps: number
  interrupts: number
  /** Programs ended where page tables had been changed without SFENCE.VMA and the hart used the old entries. */
  stale: number
  readonly cells: Uint32Array
}
export const emptyTally = (cells: Cells): Tally => ({ programs: 0, steps: 0, interrupts: 0, stale: 0, cells: new Uint32Array(cells.count) })

/** Steps are reported here where somebody listens. */
export interface Listener {
  /** After a step of the specification; `cause` as in `Cells.number`, `counts` where it is none that prepares. */
  readonly stepped: (pair: Pair, about: { readonly start: number; readonly pc: number; readonly mode: number; readonly cause: number; readonly counts: boolean }) => void
}

export interface RunOptions {
  readonly preciseFrom?: number
  readonly fences?: boolean
  readonly listener?: Listener
}

/** What has come of a part of a start: it goes on, it is over, or the whole program is. */
type Going = 'on' | 'over' | 'never' | 'differs'

const everyLine = 15
/** No program goes round that has come to a place no more often; what prepares comes to each of its own once. */
const fewVisits = 16
/** All CSRs are compared after one in so many CSR instructions, the one that it names after each. */
const oftenEnough = 16

/** Hart and specification of a program, run once. */
export class Run {
  private readonly pair: Pair
  private readonly program: Program
  private readonly cells: Cells
  private readonly tally: Tally
  private readonly way: number
  private readonly preciseFrom: number
  private readonly fences: boolean
  private staleness: Staleness | undefined
  private readonly listener: Listener | undefined
  private start = 0
  private done = 0
  private stuck = false
  private csrInstructions = 0
  /** How often each place was come to, a trap there counted as several: a program that only goes round is ended. */
  private readonly visits = new Uint16Array(ram.size / 2)
  private mostVisits = 0
  private ofTrap = 0

  /**
   * From the start of the number `preciseFrom` on everything is compared after every step or stride, and whether old
   * page-table entries are why they differ is found out; with `fences` there are none.
   */
  constructor(pair: Pair, program: Program, cells: Cells, tally: Tally, { preciseFrom = Infinity, fences = false, listener }: RunOptions = {}) {
    this.pair = pair
    this.program = program
    this.cells = cells
    this.tally = tally
    this.way = ways.indexOf(program.way)
    this.preciseFrom = preciseFrom
    this.fences = fences
    this.listener = listener
  }

  /** The first difference, if there is one. */
  run(): Failure | undefined {
    this.pair.begin(this.program)
    for (const [number, start] of this.program.starts.entries()) {
      this.start = number
      this.done = 0
      this.staleness = number < this.preciseFrom ? undefined : this.staleness ?? new Staleness(this.pair, this.fences)
      const going = this.runStart(start)
      if (going === 'differs') return { start: number, step: this.done, differences: this.pair.differences() }
      if (going === 'never') break
    }
    this.tally.programs++
    return undefined
  }

  private runStart(start: Start): Going {
    const { pair } = this
    pair.setLines(0, 0n)
    pair.jump(start.pc)
    this.stuck = false
    this.visits.fill(0)
    this.mostVisits = Math.max(fewVisits, start.steps / (this.program.way === 'translated' ? 4 : 10))
    this.ofTrap = Math.ceil(this.mostVisits / 8)
    const prepared = this.stride(start.preparing, false)
    if (prepared !== 'on') return prepared
    let next = 0, turn = 0
    while (this.done < start.steps && !this.stuck) {
      const happening = start.happenings[next]
      if (happening && happening.before <= this.done) {
        pair.setLines(happening.lines, BigInt(happening.time))
        next++
        continue
      }
      const until = Math.min(start.steps, happening?.before ?? start.steps) - this.done
      let going: Going
      if (this.program.way === 'steps') going = this.steps(until)
      else {
        going = this.stride(Math.min(until, start.strides[turn % start.strides.length]!), true)
        turn++
      }
      if (going === 'over') {
        // The hart waits: one more line, then nothing can wake it.
        if (pair.boards[0].lines === everyLine) return 'never'
        pair.setLines(everyLine, pair.boards[0].time)
      } else if (going !== 'on') return going
    }
    return pair.sameCsrs('all') && pair.sameMemory() ? 'on' : 'differs'
  }

  /** One step of the specification: the cause of its trap, 0 without one, -1 where it waits. */
  private specified(counts: boolean): number {
    const { pair, tally } = this, { machine } = pair.specification
    const { mode, scheme, pc } = pair
    const stop = machine.run(1, true)
    if (stop === 2) return -1
    const { cause } = machine.last
    if (cause >= 32) tally.interrupts++
    else if (counts) tally.steps++
    if (counts) tally.cells[this.cells.number(machine.word, cause, mode, this.way, scheme)]!++
    const weight = cause === 0 ? 1 : this.ofTrap
    if ((this.visits[(pc & ram.size - 1) >> 1]! += weight) > this.mostVisits) this.stuck = true
    this.staleness?.stepped(cause)
    this.listener?.stepped(pair, { start: this.start, pc, mode, cause, counts })
    return cause
  }

  /** Single steps on both sides. */
  private steps(count: number): Going {
    const { pair } = this, { hart } = pair
    for (const end = this.done + count; this.done < end && !this.stuck;) {
      const cause = this.specified(true), stepped = hart.step()
      if (cause < 0) return stepped === 'waiting' ? 'over' : 'differs'
      if (cause < 32) this.done++
      if (stepped !== (cause === 0 ? 'retired' : cause < 32 ? 'trapped' : 'interrupted')) return this.differs()
      if (!this.same(cause === 0 ? this.writes(pair.specification.machine.word) : 'traps')) return this.differs()
    }
    return 'on'
  }

  /** The CSRs that an instruction may have written; of a CSR instruction its own mostly, which costs less. */
  private writes(word: number): CsrGroup | number | undefined {
    switch (word & 0x7f) {
      case 0x73: return (word & 0x7000) === 0 ? 'traps' : ++this.csrInstructions % oftenEnough === 0 ? 'most' : word >>> 20
      case 0x07: case 0x43: case 0x47: case 0x4b: case 0x4f: case 0x53: return 'floating'
      default: return (word & 0xe003) === 0x2000 || (word & 0xe003) === 0x2002 ? 'floating' : undefined
    }
  }

  private same(group: CsrGroup | number | undefined): boolean {
    const { pair } = this
    if (this.staleness) {
      const same = pair.sameRegisters() && pair.sameCsrs('all') && pair.sameMemory()
      if (same) this.staleness.agreed()
      return same
    }
    return pair.sameRegisters() && (group === undefined || pair.sameCsrs(group))
  }

  /** Several steps at once on the hart. */
  private stride(count: number, counts: boolean): Going {
    const { pair } = this, { hart } = pair, began = hart.steps()
    let made = 0, waits = false
    while (made < count) {
      const cause = this.specified(counts)
      waits = cause < 0
      if (waits) break
      if (cause < 32) made++
    }
    const how = hart.run(began + count)
    if (counts) this.done += made
    if (waits !== (how === 'waiting') || hart.steps() !== began + made || !this.same(counts ? 'flow' : 'most')) return this.differs()
    return waits ? 'over' : 'on'
  }

  /** Excuses are only looked for where it is known that the two were the same until now. */
  private differs(): Going {
    if (!this.staleness?.wasStale) return 'differs'
    this.tally.stale++
    return 'never'
  }
}

/** Runs a program; where something differs, once more to say exactly where, and where old entries may be why, without them. */
export const runProgram = (pairs: Pairs, program: Program, cells: Cells, tally: Tally): Failure | undefined => {
  const pair = pairs.of(program), kept = { ...tally }
  const quick = new Run(pair, program, cells, tally).run()
  if (!quick) return undefined
  Object.assign(tally, kept)
  const preciseFrom = quick.start, exactly = new Run(pair, program, cells, tally, { preciseFrom }).run()
  if (exactly) return exactly
  if (tally.stale > kept.stale) {
    const single: Program = { ...program, way: 'steps' }
    return new Run(pairs.of(single), single, cells, emptyTally(cells), { preciseFrom, fences: true }).run()
  }
  return quick
}
