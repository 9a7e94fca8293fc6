// The watch on a monitor's hardware: what holds whenever guest code is given the machine, and what the machine then does.
import { USER, type Machine, type Stop } from '../../model/vocab/index.ts'
import type { ReferenceMachine } from '../../traces/adapters.ts'
import { describeDifference, pairsOf, processorComparison, samePairs, wordsOf, type Pairs } from './compare.ts'
import type { PropertyName } from './property.ts'

const blockCells = 16
const sameAsTwin = processorComparison()

/** Cells of the hardware that the running guest may reach. */
export interface Allocation {
  readonly start: number
  readonly length: number
}

export type Fail = (property: PropertyName, what: string) => void

export interface WatchOptions {
  readonly hardware: Machine
  readonly quantum: number
  readonly allocations: readonly Allocation[]
  /** The specification on the state of the real hardware, step by step; not for the levels above it. */
  readonly twin?: ReferenceMachine
  readonly fail: Fail
}

/** Puts itself in the place of the hardware's `run`. */
export class Watch {
  /** Traps of the hardware since `reset`, and those with the timer as cause. */
  traps = 0
  timerTraps = 0
  /** Cause of the latest of them. */
  cause = 0
  /** Cause of the latest that was not the timer's. */
  otherCause = 0
  /** Which allocation the latest guest code could reach; -1 when it could reach nothing. */
  reached = -1
  /** Entries to guest code that are left to the monitor before it must have come to its end. */
  private entriesLeft = 0
  readonly options: WatchOptions
  private mayTrap = true
  /** The twin has the hardware's state before this run. */
  private copied = false
  private diskPosition = 0
  private taken = 0
  private readonly trapCell: number
  private readonly storage: Int32Array
  private readonly registers: Int32Array
  private readonly pairs: Pairs
  private readonly registerPairs: Pairs
  private readonly twinPairs: Pairs | undefined
  private readonly twinRegisterPairs: Pairs | undefined

  constructor(options: WatchOptions) {
    this.options = options
    const { hardware } = options
    this.trapCell = hardware.options.trapCells === 'high' ? hardware.options.size - 2 : 0
    this.storage = wordsOf(hardware.storage)
    this.registers = wordsOf(hardware.registers)
    this.pairs = pairsOf(this.storage)
    this.registerPairs = pairsOf(this.registers)
    this.twinPairs = options.twin && pairsOf(options.twin.storage)
    this.twinRegisterPairs = options.twin && pairsOf(options.twin.registers)
    Reflect.deleteProperty(hardware, 'run')
    const run = hardware.run.bind(hardware)
    hardware.run = (limit: number, until?: 'trap'): Stop => {
      this.enter()
      const stop = run(limit, until)
      this.leave(limit, until, stop)
      return stop
    }
  }

  /** Before a run of at most `limit` guest steps; `mayTrap` is false where no trap of the hardware but the timer's is due. */
  reset(limit: number, mayTrap = true): void {
    this.mayTrap = mayTrap
    this.traps = 0
    this.timerTraps = 0
    this.entriesLeft = 64 + 16 * limit
  }

  private enter(): void {
    const { hardware, quantum, twin, fail } = this.options
    this.entriesLeft -= 1
    if (this.entriesLeft < 0) fail('efficiency', 'the monitor enters the guest again and again, and it does not get on')
    if (hardware.mode !== USER) fail('resource-control', 'guest code is run in supervisor mode')
    this.checkWindow(hardware)
    const { timer } = hardware
    // A timer that ran out with the last step traps before the next.
    if (timer > quantum || timer <= 0 && !hardware.pending) fail('resource-control', `guest code is run with the timer at ${timer}, and the quantum is ${quantum}`)
    this.diskPosition = hardware.diskPosition
    this.taken = hardware.taken
    this.copied = twin !== undefined && (this.mayTrap || timer <= 1 || hardware.pending)
    if (twin && this.copied) this.copy(hardware, twin)
  }

  private checkWindow(hardware: Machine): void {
    const { base, bound } = hardware
    this.reached = -1
    if (bound === 0) return
    const start = base * blockCells
    const { size } = hardware.options
    const end = start + bound * blockCells < size ? start + bound * blockCells : size
    if (start >= end) return
    const { allocations } = this.options
    for (let index = 0; index < allocations.length; index += 1) {
      const { start: first, length } = allocations[index]!
      if (start < first || end > first + length) continue
      this.reached = index
      return
    }
    this.options.fail('resource-control', `guest code can reach the hardware's cells ${start} to ${end - 1}, which are not all its own`)
  }

  private copy(from: Machine, to: ReferenceMachine): void {
    to.storage.set(this.storage)
    to.registers.set(this.registers)
    to.mode = from.mode
    to.counter = from.counter
    to.base = from.base
    to.bound = from.bound
    to.timer = from.timer
    to.pending = from.pending
    to.halted = from.halted
  }

  private leave(limit: number, until: 'trap' | undefined, stop: Stop): void {
    const { hardware, twin, fail } = this.options
    if (stop === 'trap') {
      this.traps += 1
      this.cause = this.storage[this.trapCell]! >>> 28 & 7
      if (this.cause === 5) this.timerTraps += 1
      else this.otherCause = this.cause
    }
    if (hardware.diskPosition !== this.diskPosition || hardware.taken !== this.taken) fail('resource-control', 'guest code reached a device of the hardware')
    // Where the hardware did not trap, its whole state is compared with the guest's specification after the step;
    // a trap that was not due fails efficiency.
    if (!twin || stop !== 'trap' || !this.copied) return
    const expected = twin.run(limit, until)
    if (expected !== stop) fail('processor', `the hardware stopped with ${stop}, the specification with ${expected}`)
    if (!sameAsTwin(twin, hardware) || !samePairs(this.twinRegisterPairs!, this.registerPairs)
      || !samePairs(this.twinPairs!, this.pairs)) {
      fail('processor', `under the monitor ${describeDifference(twin, hardware)}`)
    }
  }
}
