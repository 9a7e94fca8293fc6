// A hart for the board's tests: its program is a list of acts, one for each step, and then it waits.
import type { HartPort, InterruptLine } from '../../cpu/riscv/platform.ts'

export class ScriptedHart implements HartPort {
  readonly ram = new Uint8Array(0x1_0000)
  readonly lines = new Map<InterruptLine, boolean>()
  readonly writes: (readonly [offset: number, bytes: number])[] = []
  /** Called at each step with its number; 'wait' makes the hart wait until a line is up. */
  act: (step: number) => 'wait' | void = () => 'wait'
  private count = 0
  private until = 0
  private stopped = false

  readonly steps = (): number => this.count

  readonly run = (until: number): 'reached' | 'waiting' | 'stopped' => {
    this.until = until
    this.stopped = false
    while (this.count < this.until) {
      const waits = this.act(this.count) === 'wait'
      if (waits && ![...this.lines.values()].some(Boolean)) return 'waiting'
      this.count++
      if (this.stopped) return 'stopped'
    }
    return 'reached'
  }

  readonly shorten = (until: number): void => { this.until = Math.min(this.until, until) }
  readonly stop = (): void => { this.stopped = true }
  readonly drive = (line: InterruptLine, level: boolean): void => void this.lines.set(line, level)
  readonly wrote = (offset: number, bytes: number): void => void this.writes.push([offset, bytes])
}
