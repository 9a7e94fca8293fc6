// What a monitor records about each guest: totals, and the latest exit.
import type { CauseCode } from '../../model/vocab/index.ts'

/** Totals of one guest since it was admitted; unit: guest steps, unless said otherwise. */
export class Accounting {
  /** Completed by the hardware without the monitor. */
  direct = 0
  /** Privileged instructions completed by an interpreter routine v_i. */
  emulated = 0
  /** Traps that belong to the guest and were delivered to it. */
  reflected = 0
  /** Instructions of virtual supervisor code completed in software by the hybrid monitor. */
  interpreted = 0
  /** Exits by hardware cause, indexed by cause code. */
  readonly exits = new Float64Array(8)
  /** Exits because the quantum ended. */
  preempted = 0
  /** Exits because the virtual timer ran out while the virtual mode was supervisor. */
  timerNoted = 0
  /** Times the hardware was handed to this guest after another one. */
  worldSwitches = 0
  /** Hardware steps that `Monitor.run` spent on others while this guest was ready. */
  stolen = 0
}

export type ExitAction = 'none' | 'emulate' | 'reflect' | 'preempt' | 'virtual timer' | 'interpret'

/** The latest exit of a guest's run; one mutable record per guest, reset at the start of every `run`. */
export class Exit {
  action: ExitAction = 'none'
  /** Why the hardware trapped, 0 when it did not. */
  cause: CauseCode | 0 = 0
  /** The trap that the guest saw, 0 when it saw none. */
  reflected: CauseCode | 0 = 0
  /** Hardware traps during this run. */
  traps = 0
}
