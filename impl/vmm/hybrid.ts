// The hybrid monitor of Theorem 3: all virtual supervisor code is interpreted, virtual user code runs on the hardware.
import { Cause, SUPERVISOR, USER } from '../../model/vocab/index.ts'
import type { CauseCode, Machine } from '../../model/vocab/index.ts'
import { interpret } from './interpreter.ts'
import { Monitor } from './monitor.ts'
import type { MonitorOptions } from './monitor.ts'
import { interpretPath } from './paths.ts'
import { develop } from './privileged.ts'
import type { Outcome } from './privileged.ts'
import type { VirtualMachine } from './virtual-machine.ts'
import { opcodeOf } from './words.ts'

export class HybridMonitor extends Monitor {
  override readonly technique = 'hybrid'

  protected override runsDirectly(machine: VirtualMachine): boolean {
    return machine.mode === USER
  }

  protected override runInSoftware(machine: VirtualMachine, limit: number): boolean {
    if (machine.resident) this.evict()
    machine.stale = true
    for (let left = limit; left > 0 && this.staysInSoftware(machine); left -= 1) {
      if (this.interpretStep(machine)) return true
    }
    return false
  }

  private staysInSoftware(machine: VirtualMachine): boolean {
    return machine.mode === SUPERVISOR && !machine.halted && machine.quantumLeft > 0
  }

  /** One step of virtual supervisor code. True when the guest took a trap. */
  private interpretStep(machine: VirtualMachine): boolean {
    const cell = develop(machine, machine.counter)
    const word = cell < 0 ? 0 : machine.cell(cell)
    const outcome = cell < 0 ? Cause.memory : this.interpretWord(machine, word)
    if (outcome > 0) {
      this.reflect(machine, outcome as CauseCode)
      return true
    }
    this.complete(machine, outcome)
    this.note(machine, 'interpret', interpretPath[opcodeOf(word)]!)
    machine.accounting.interpreted += 1
    this.countStep(machine)
    return false
  }

  protected interpretWord(machine: VirtualMachine, word: number): Outcome {
    return this.interpretPrivileged(machine, word) ?? interpret(machine, word, this.variant)
  }
}

/** A hybrid monitor on `hardware`. Throws RangeError when the guests do not fit. */
export const createHybridMonitor = (hardware: Machine, options: MonitorOptions): HybridMonitor =>
  new HybridMonitor(hardware, options)
